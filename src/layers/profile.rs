//! A profile in memory: what every format is parsed into.

use std::hash::Hash;

use rustc_hash::FxHashMap;

/// Declares a handle: an index into one of the tables of a [`Profile`].
macro_rules! handle {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(u32);

        impl $name {
            fn new(index: usize) -> Self {
                // Four thousand million entries would have exhausted the memory long before.
                $name(u32::try_from(index).unwrap_or(u32::MAX))
            }

            /// The position in its table.
            #[must_use]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

handle!(
    /// An interned text.
    StringHandle
);
handle!(
    /// An interned [`Frame`].
    FrameHandle
);
handle!(
    /// A stack, named by its innermost [`StackNode`].
    StackHandle
);
handle!(
    /// An interned thread.
    ThreadHandle
);
handle!(
    /// One of the profile's events.
    EventHandle
);

/// Things that are stored once and named by a handle.
#[derive(Debug)]
struct Table<T> {
    items: Vec<T>,
    index: FxHashMap<T, u32>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table {
            items: Vec::new(),
            index: FxHashMap::default(),
        }
    }
}

impl<T: Clone + Eq + Hash> Table<T> {
    fn intern(&mut self, item: T) -> usize {
        if let Some(at) = self.index.get(&item) {
            return *at as usize;
        }
        let at = self.items.len();
        self.items.push(item.clone());
        self.index
            .insert(item, u32::try_from(at).unwrap_or(u32::MAX));
        at
    }
}

/// A function as it stands on a stack, without the address: all samples in one function share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// The name as the profiler gave it; none where it knew none.
    pub function: Option<StringHandle>,
    /// The source file, where the profile names it.
    pub file: Option<StringHandle>,
    /// The function's first line, or the line it was passed at; 0 where unknown.
    pub line: u32,
    /// The path of the object file.
    pub module: Option<StringHandle>,
    /// Inlined into the next outer frame.
    pub inlined: bool,
}

/// One node of the tree of stacks: a frame called from its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StackNode {
    /// The caller's stack; none at the root, the outermost frame.
    pub parent: Option<StackHandle>,
    /// The function.
    pub frame: FrameHandle,
}

/// A thread, as far as the profile names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Thread {
    /// The thread's name, for perf its `comm`.
    pub name: Option<String>,
    /// The operating system's thread id.
    pub tid: Option<i64>,
}

/// So many events, or so much of an event, on one stack of one thread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Which of the profile's events.
    pub event: EventHandle,
    /// Where; none when the profiler did not know any function.
    pub stack: Option<StackHandle>,
    /// In which thread, if the profile tells.
    pub thread: Option<ThreadHandle>,
    /// Microseconds since the profile's first sample; none where the format has no time, or samples were merged.
    pub time_us: Option<f64>,
    /// In the event's unit; whole numbers are exact up to 2⁵³.
    pub weight: f64,
    /// How many samples of the profiler these are.
    pub count: u64,
}

/// What one function cost, where a format tells it without telling stacks (callgrind).
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionCost {
    /// The function.
    pub frame: FrameHandle,
    /// The function's own cost, by event.
    pub own: Vec<f64>,
    /// With all that it called, recursion counted once; by event.
    pub total: Vec<f64>,
    /// How often it was called.
    pub calls: u64,
}

/// Calls from one function to another, of a format without stacks.
#[derive(Clone, Debug, PartialEq)]
pub struct CallCost {
    /// The calling function.
    pub caller: FrameHandle,
    /// The called one.
    pub callee: FrameHandle,
    /// How often.
    pub calls: u64,
    /// Inclusive cost of these calls, by event.
    pub cost: Vec<f64>,
}

/// A call graph: functions and the calls between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallGraph {
    /// One entry per function, each frame once.
    pub functions: Vec<FunctionCost>,
    /// One entry per caller and callee.
    pub calls: Vec<CallCost>,
}

/// A parsed profile. Texts, frames and stacks are stored once and named by typed handles.
///
/// ```text
/// samples ──> stacks ──> frames ──> strings
///             │    ▲
///             └────┘ parent: the caller
/// ```
#[derive(Debug, Default)]
pub struct Profile {
    /// The units of the weights: `cycles`, `Ir`, `samples`. Never empty once parsed.
    pub events: Vec<String>,
    /// The samples in the file's order, those that could be merged at their first place.
    pub samples: Vec<Sample>,
    /// Instead of stacks, for callgrind.
    pub graph: Option<CallGraph>,
    /// The profiler's or program's command line, where the file tells it.
    pub command: Option<String>,
    /// A sample's own weight belongs to the innermost real function, not to one inlined into it, as perf reports it.
    pub own_is_real_function: bool,
    /// What the reader had to say about the file, in sentences.
    pub warnings: Vec<String>,
    strings: Table<Box<str>>,
    frames: Table<Frame>,
    stacks: Table<StackNode>,
    threads: Table<Thread>,
    merged: FxHashMap<(EventHandle, Option<StackHandle>, Option<ThreadHandle>), u32>,
}

impl Profile {
    /// Interns a text.
    pub fn string(&mut self, text: &str) -> StringHandle {
        if let Some(at) = self.strings.index.get(text) {
            return StringHandle(*at);
        }
        StringHandle::new(self.strings.intern(text.into()))
    }

    /// Interns a frame.
    pub fn frame(&mut self, frame: Frame) -> FrameHandle {
        FrameHandle::new(self.frames.intern(frame))
    }

    /// Interns the stack of `frame` called from `parent`.
    pub fn stack(&mut self, parent: Option<StackHandle>, frame: FrameHandle) -> StackHandle {
        StackHandle::new(self.stacks.intern(StackNode { parent, frame }))
    }

    /// Interns a thread.
    pub fn thread(&mut self, thread: Thread) -> ThreadHandle {
        ThreadHandle::new(self.threads.intern(thread))
    }

    /// The handle of an event, made at its first use.
    pub fn event(&mut self, name: &str) -> EventHandle {
        let at = self.events.iter().position(|event| event == name);
        EventHandle::new(at.unwrap_or_else(|| {
            self.events.push(name.to_owned());
            self.events.len() - 1
        }))
    }

    /// The handles of all events.
    #[must_use]
    pub fn event_handles(&self) -> Vec<EventHandle> {
        (0..self.events.len()).map(EventHandle::new).collect()
    }

    /// Adds a sample. Samples without time are merged by event, stack and thread.
    pub fn add(&mut self, sample: Sample) {
        if sample.time_us.is_some() {
            self.samples.push(sample);
            return;
        }
        let next = u32::try_from(self.samples.len()).unwrap_or(u32::MAX);
        let key = (sample.event, sample.stack, sample.thread);
        let at = *self.merged.entry(key).or_insert(next);
        if at == next {
            self.samples.push(sample);
        } else {
            let sum = &mut self.samples[at as usize];
            sum.weight += sample.weight;
            sum.count += sample.count;
        }
    }

    /// Gives up the times of all samples, so that memory stays bounded by the number of different stacks.
    pub fn forget_times(&mut self) {
        self.merged.clear();
        for sample in std::mem::take(&mut self.samples) {
            self.add(Sample {
                time_us: None,
                ..sample
            });
        }
    }

    /// The text of a handle.
    #[must_use]
    pub fn text(&self, handle: StringHandle) -> &str {
        &self.strings.items[handle.index()]
    }

    /// All frames, by handle.
    #[must_use]
    pub fn frames(&self) -> &[Frame] {
        &self.frames.items
    }

    /// All stacks, by handle; parents stand before their children.
    #[must_use]
    pub fn stacks(&self) -> &[StackNode] {
        &self.stacks.items
    }

    /// All threads, by handle.
    #[must_use]
    pub fn threads(&self) -> &[Thread] {
        &self.threads.items
    }

    /// The frames of a stack, the innermost first.
    pub fn walk(&self, stack: StackHandle) -> impl Iterator<Item = FrameHandle> + '_ {
        let mut next = Some(stack);
        std::iter::from_fn(move || {
            let node = self.stacks.items[next?.index()];
            next = node.parent;
            Some(node.frame)
        })
    }

    /// The frame that a sample's own weight is counted for: the innermost one, or, where
    /// [`own_is_real_function`](Self::own_is_real_function), the innermost that is not inlined; functions inlined
    /// into it have their share in the totals only.
    #[must_use]
    pub fn own_frame(&self, stack: StackHandle) -> Option<FrameHandle> {
        self.walk(stack)
            .find(|frame| !(self.own_is_real_function && self.frames.items[frame.index()].inlined))
    }
}
