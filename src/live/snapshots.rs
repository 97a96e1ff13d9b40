//! Hits taken as snapshots: what the debugger showed once of a program counter is
//! kept, and the hits that follow there are taken without asking it.
//!
//! Nothing is taken on trust. A plan is compared with what the debugger itself
//! reads at the first hit, the second, the fourth, the eighth and so on; where
//! they differ, the plan is given up for good.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::record::{Decode, Frame};
use crate::snapshots::{
    Image, Member, Process, RBP, RSP, Registers, Snapshot, StackBlock, Unwinder, Variable,
    VariableLocation, of_process, scope, take, values,
};
use crate::value::locals::value_json;
use crate::value::{Body, Status, Value, mask};

/// Stacks that the unwinder gets wrong, after which a plan is given up.
const MOST_DISTRUSTED: usize = 16;
/// Different stacks that are remembered.
const MOST_STACKS: usize = 65_536;

/// A tracepoint at one program counter.
type Key = (i64, u64);

/// What is known of one process.
#[derive(Debug, Default)]
pub struct Snapshots {
    process: Option<Process>,
    images: Vec<Image>,
    unwinder: Option<Unwinder>,
    plans: FxHashMap<Key, Plan>,
    /// What the debugger shows for an address of a stack: the functions inlined
    /// there, and the one that they are inlined into. The innermost address
    /// (true) is that of an instruction, the others are returned to.
    frames: FxHashMap<(bool, u64), Vec<Frame>>,
    /// Addresses at which the debugger ends a stack.
    ends: FxHashSet<u64>,
    /// Addresses at which it went on.
    passed: FxHashSet<u64>,
    /// By how many frames were wanted, and the addresses.
    stacks: FxHashMap<(usize, Vec<u64>), Arc<[Frame]>>,
    distrusted: FxHashSet<Vec<u64>>,
    /// Hits of each tracepoint with a value that was cut short, as far as they are decoded.
    cut: FxHashMap<i64, Arc<AtomicU64>>,
}

/// What to take at a program counter, and how far that is to be trusted.
#[derive(Debug)]
struct Plan {
    variables: Arc<[Variable]>,
    /// Frames that are wanted.
    most: usize,
    hits: u64,
    distrusted: usize,
    /// Some variable is in a vector register.
    vectors: bool,
    /// Why the debugger is asked each time.
    refused: Option<String>,
}

/// A variable as the debugger describes it; where it is, the debug information says.
#[derive(Clone, Debug)]
pub struct Described {
    /// Its name, type and shape.
    pub what: Member,
    /// A parameter of the function.
    pub arg: bool,
    /// What its place in the source says of it.
    pub status: Option<Status>,
    /// The variable of the program that it is (part of).
    pub variable: String,
}

/// What the debugger itself read at a hit.
#[derive(Debug)]
pub struct Lesson {
    /// The tracepoint.
    pub trace: i64,
    /// The process, by its number.
    pub pid: i32,
    /// The thread that was hit.
    pub tid: i32,
    /// Its registers.
    pub registers: Registers,
    /// Its stack.
    pub frames: Arc<[Frame]>,
    /// Frames that were wanted.
    pub most: usize,
    /// The values, in the order of the description.
    pub values: Vec<Value>,
    /// Their shapes.
    pub described: Vec<Described>,
}

/// Why a hit was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// What the debugger reads will be of use.
    AndLearn,
    /// It will have to be asked each time.
    Always,
}

/// A hit that was taken.
pub struct Taken {
    /// Its stack.
    pub frames: Arc<[Frame]>,
    /// Makes its values.
    pub decode: Decode,
}

impl Snapshots {
    /// Forgets all: addresses may mean something else from now on.
    pub fn forget(&mut self) {
        *self = Self {
            process: self.process,
            cut: std::mem::take(&mut self.cut),
            ..Self::default()
        };
    }

    /// Why the debugger is asked for the hits of a tracepoint, where it is.
    #[must_use]
    pub fn refusals(&self, trace: i64) -> Vec<String> {
        let plans = self.plans.iter().filter(|((its, _), _)| *its == trace);
        let mut why: Vec<String> = plans.filter_map(|(_, p)| p.refused.clone()).collect();
        why.sort();
        why.dedup();
        why
    }

    /// Hits of a tracepoint, taken here, with a value that was cut short.
    #[must_use]
    pub fn cut(&self, trace: i64) -> u64 {
        self.cut.get(&trace).map_or(0, |cut| cut.load(Relaxed))
    }

    /// Has the debugger asked for all hits of a tracepoint at an address.
    pub fn refuse(&mut self, trace: i64, pc: u64, why: String) {
        let plan = self.plans.entry((trace, pc)).or_default();
        plan.refused = Some(why);
    }

    /// Tells which process is proven to be the debugger's; what was learnt of another is void.
    pub fn set_process(&mut self, process: Option<Process>) {
        if process != self.process {
            self.forget();
            self.process = process;
        }
    }

    /// The process that is proven to be the one of this number.
    #[must_use]
    pub fn process(&self, pid: i32) -> Option<Process> {
        self.process.filter(|process| process.pid() == pid)
    }

    /// Takes a hit.
    ///
    /// # Errors
    /// The debugger must be asked for it.
    pub fn take(
        &mut self,
        trace: i64,
        (pid, tid): (i32, i32),
        mut registers: Registers,
        hide: bool,
    ) -> Result<Taken, Ask> {
        let process = self.process(pid).ok_or(Ask::Always)?;
        let Some(plan) = self.plans.get_mut(&(trace, registers.pc)) else {
            return Err(Ask::AndLearn);
        };
        plan.hits += 1;
        if plan.refused.is_some() {
            return Err(Ask::Always);
        }
        if plan.hits.is_power_of_two() {
            return Err(Ask::AndLearn);
        }
        if plan.vectors {
            registers.add_vectors(process, tid);
        }
        self.take_by_plan(process, (trace, registers.pc), &registers, hide)
            .ok_or(Ask::AndLearn)
    }

    fn take_by_plan(
        &mut self,
        process: Process,
        key: Key,
        registers: &Registers,
        hide: bool,
    ) -> Option<Taken> {
        let plan = self.plans.get(&key)?;
        let stack = StackBlock::new(&process, registers.sp());
        let unwinder = self.unwinder.as_mut()?;
        let found = unwinder.walk(registers, &stack, plan.most, |pc| self.ends.contains(&pc));
        if !found.whole {
            return None;
        }
        let stack_key = (plan.most, found.pcs);
        let frames = match self.stacks.get(&stack_key) {
            Some(known) => Arc::clone(known),
            None => {
                if self.distrusted.contains(&stack_key.1) {
                    return None;
                }
                let frames: Arc<[Frame]> = self.named(&stack_key.1, plan.most)?.into();
                if self.stacks.len() == MOST_STACKS {
                    self.stacks.clear();
                }
                self.stacks.insert(stack_key, Arc::clone(&frames));
                frames
            }
        };
        let snapshot = take(&plan.variables, registers, found.cfa, &stack)?;
        let variables = Arc::clone(&plan.variables);
        let cut = Arc::clone(self.cut.entry(key.0).or_default());
        Some(Taken {
            frames,
            decode: Box::new(move || decode(&variables, &snapshot, hide, &cut)),
        })
    }

    /// Up to `most` frames at these addresses, as the debugger calls them; none where it did not
    /// show all of them yet.
    fn named(&self, pcs: &[u64], most: usize) -> Option<Vec<Frame>> {
        let mut frames = Vec::new();
        for (level, pc) in pcs.iter().enumerate() {
            if frames.len() >= most.max(1) {
                break;
            }
            let known = self.frames.get(&(level == 0, *pc))?;
            frames.extend_from_slice(known);
            // What a short stack cut off was never seen.
            let cut = known.last().is_none_or(|frame| frame.inlined);
            if cut && frames.len() < most {
                return None;
            }
        }
        frames.truncate(most.max(1));
        Some(frames)
    }

    /// Learns from what the debugger read, while the thread still stands there;
    /// answers which registers its hits take besides pc, rbp and rsp.
    ///
    /// # Errors
    /// Why hits like this one cannot be taken as snapshots.
    pub fn learn(&mut self, mut lesson: Lesson) -> Result<Vec<usize>, String> {
        let process = self.process(lesson.pid);
        let process = process
            .filter(|process| process.holds())
            .ok_or("its process is not proven to be here")?;
        let key = (lesson.trace, lesson.registers.pc);
        if let Some(why) = self.plans.get(&key).and_then(|plan| plan.refused.clone()) {
            return Err(why);
        }
        if lesson.values.iter().any(not_read) {
            return Err("there was no time to read all".into());
        }
        lesson.registers.add_vectors(process, lesson.tid);
        let checked = self.check(process, &lesson, key);
        if let Err(why) = &checked {
            self.plans.entry(key).or_default().refused = Some(why.clone());
        }
        checked.map(|()| self.plans.get(&key).map_or_else(Vec::new, Plan::registers))
    }

    fn check(&mut self, process: Process, lesson: &Lesson, key: Key) -> Result<(), String> {
        self.load_images(process, &lesson.frames);
        if !self.plans.contains_key(&key) {
            let variables = self.locate(lesson)?;
            let mut plan = Plan {
                variables: variables.into(),
                most: lesson.most,
                ..Plan::default()
            };
            plan.vectors = plan.registers().into_iter().any(Registers::is_vector);
            self.plans.insert(key, plan);
        }
        let stack = StackBlock::new(&process, lesson.registers.sp());
        let cfa = self.check_stack(lesson, &stack, key)?;
        let Some(plan) = self.plans.get(&key) else {
            return Ok(());
        };
        let snapshot = take(&plan.variables, &lesson.registers, cfa, &stack)
            .ok_or("it cannot be told where a variable is, or it refers to too much")?;
        compare(&values(&plan.variables, &snapshot), &lesson.values)
    }

    /// The files of the process; again when a stack shows that there are more by now.
    fn load_images(&mut self, process: Process, frames: &[Frame]) {
        let inside = |image: &Image, pc| image.range.contains(&pc);
        let known = |frame: &Frame| self.images.iter().any(|i| inside(i, frame.pc));
        if self.unwinder.is_none() || !frames.iter().all(known) {
            self.images = of_process(process);
            self.unwinder = Some(Unwinder::new(&self.images));
        }
    }

    fn locate(&self, lesson: &Lesson) -> Result<Vec<Variable>, String> {
        let pc = lesson.registers.pc;
        let image = self.images.iter().find(|image| image.range.contains(&pc));
        let scope = image
            .and_then(|image| scope(image, pc))
            .ok_or("its file has no debug information that can be read here")?;
        // The debugger may show less than the address tells: at a call that was inlined it shows
        // the caller, whose variables are others.
        let inlined = lesson.frames.iter().take_while(|f| f.inlined).count();
        if inlined != scope.inlined {
            return Err("it stands where a function was inlined".into());
        }
        let located = lesson.described.iter().map(|described| {
            let name = &described.variable;
            let place = scope.place(name);
            let place = place.ok_or_else(|| format!("`{name}` is in no simple place"))?;
            Ok(described.at(place))
        });
        located.collect()
    }

    /// Compares the unwinder's stack with the debugger's, and remembers what the
    /// debugger calls its addresses.
    fn check_stack(
        &mut self,
        lesson: &Lesson,
        stack: &StackBlock<'_>,
        key: Key,
    ) -> Result<Option<u64>, String> {
        let physical: Vec<&[Frame]> = lesson
            .frames
            .split_inclusive(|frame| !frame.inlined)
            .collect();
        let shown: Vec<u64> = physical
            .iter()
            .filter_map(|f| Some(f.first()?.pc))
            .collect();
        if shown.first() != Some(&lesson.registers.pc) {
            return Err("the debugger shows another address than the thread has".into());
        }
        self.learn_end(&shown, lesson.frames.len() < lesson.most);
        let unwinder = self.unwinder.as_mut().ok_or("its files cannot be read")?;
        let ends = &self.ends;
        let found = unwinder.walk(&lesson.registers, stack, lesson.most, |pc| {
            ends.contains(&pc)
        });
        if found.pcs.starts_with(&shown) {
            for (level, (pc, frames)) in shown.iter().zip(&physical).enumerate() {
                let known = self.frames.entry((level == 0, *pc)).or_default();
                // The last ones may have been cut off before.
                if known.len() < frames.len() {
                    *known = frames.to_vec();
                }
            }
            // Not `shown`: the hits that follow will have only what was found to go by.
            let named = self.named(&found.pcs, lesson.most);
            if named.is_some_and(|named| *named == *lesson.frames) {
                return Ok(found.cfa);
            }
        }
        self.stacks.remove(&(lesson.most, found.pcs.clone()));
        self.distrusted.insert(found.pcs);
        let plan = self.plans.get_mut(&key).ok_or("it has no plan")?;
        plan.distrusted += 1;
        if plan.distrusted > MOST_DISTRUSTED {
            return Err("its stacks cannot be unwound by what its files say".into());
        }
        Ok(found.cfa)
    }

    /// Learns where the debugger ends a stack, and where it does not.
    fn learn_end(&mut self, shown: &[u64], ended: bool) {
        let Some((last, inner)) = shown.split_last() else {
            return;
        };
        for pc in inner {
            if self.ends.remove(pc) {
                // Stacks that ended there may have gone on.
                self.stacks.clear();
            }
            self.passed.insert(*pc);
        }
        // An address that stacks pass and end at says nothing: the unwinder is right there, or
        // the debugger is asked.
        if ended && !self.passed.contains(last) {
            self.ends.insert(*last);
        }
    }
}

impl Plan {
    fn registers(&self) -> Vec<usize> {
        let wanted = self.variables.iter().flat_map(|v| v.place.registers());
        wanted.filter(|r| ![RBP, RSP].contains(r)).collect()
    }
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            variables: [].into(),
            most: 0,
            hits: 1,
            distrusted: 0,
            vectors: false,
            refused: None,
        }
    }
}

impl Described {
    fn at(&self, place: VariableLocation) -> Variable {
        Variable {
            what: self.what.clone(),
            arg: self.arg,
            status: self.status,
            variable: self.variable.clone(),
            place,
        }
    }
}

/// Off the hot path, in the thread that writes: it must not end it.
fn decode(variables: &[Variable], snapshot: &Snapshot, hide: bool, cut: &AtomicU64) -> Vec<Value> {
    let decoded = catch_unwind(AssertUnwindSafe(|| {
        let mut values = values(variables, snapshot);
        if values.iter().any(|value| value.truncated() > 0) {
            cut.fetch_add(1, Relaxed);
        }
        if hide {
            values.iter_mut().for_each(|value| mask(value, None));
        }
        values
    }));
    decoded.unwrap_or_else(|_| {
        let why = Body::None(Some("the values could not be decoded".into()));
        vec![Value {
            status: Some(Status::Error),
            ..Value::plain("?", "", why)
        }]
    })
}

/// Whether time ran out before something was read.
fn not_read(value: &Value) -> bool {
    let inside = value.children.iter().flatten().any(not_read);
    inside || (value.status == Some(Status::Truncated) && matches!(value.body, Body::None(_)))
}

/// Whether both ways read the same.
fn compare(ours: &[Value], rich: &[Value]) -> Result<(), String> {
    if ours.len() != rich.len() {
        return Err("the debugger shows other variables".into());
    }
    for (ours, rich) in ours.iter().zip(rich) {
        if ours.name != rich.name || value_json(ours) != value_json(rich) {
            return Err(format!("`{}` is read in another way", rich.name));
        }
    }
    Ok(())
}
