//! One debugger's recording: what it tells of hits, and what it is told.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::Result;

use super::active::State;
use super::ending;
use super::snapshots::{Ask, Lesson, Snapshots};
use super::threads::ThreadNames;
use crate::config::Config;
use crate::query::status::Unsaid;
use crate::record::{Frame, Hit, Standing, Stop};
use crate::session_db::utc_now;
use crate::snapshots::{Claim, Doubt, Process, Registers, module_base, prove};
use crate::value::Value;

/// How long a real stop waits for its hit to be safe; only then it is worth a sentence.
pub(super) const STOP_PATIENCE: Duration = Duration::from_secs(2);
/// The same while nothing can be written.
const FAILING_PATIENCE: Duration = Duration::from_millis(10);
/// How many sentences that were not said are kept for `status`.
const UNSAID: usize = 20;

/// What is said of a hit whose values nobody could read.
const PASSED_BY: &str = "passed by: the program went on before anything could be read";

/// What the debugger is working on.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The program's path, where there is one.
    pub target: Option<String>,
    /// The programs of all inferiors or targets.
    pub loaded: Vec<String>,
    /// The debugger's working folder.
    pub cwd: PathBuf,
}

/// What only the debugger can do, asked by name: the way from a command to the host.
pub trait Host: std::fmt::Debug + Send + Sync {
    /// Answers a request; both sides are JSON text, the arguments an object.
    ///
    /// # Errors
    /// One sentence.
    fn ask(&self, request: &str, arguments: &str) -> Result<String>;
}

/// A recorded hit, and what the user should read about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Where it was.
    pub location: String,
    /// Its number there.
    pub seq: u64,
    /// Sentences, mostly none.
    pub messages: Vec<String>,
}

/// A tracepoint's hit that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    /// Values of it that were cut short.
    pub cut: usize,
    /// Whether room was found for it.
    pub kept: bool,
    /// Sentences, mostly none.
    pub messages: Vec<String>,
}

/// A thread that passes a tracepoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passing {
    /// The debugger's number of the tracepoint.
    pub trace: i64,
    /// The debugger's number of the thread.
    pub thread: i64,
    /// The system's number of the thread.
    pub tid: i32,
    /// The system's number of the process.
    pub pid: i32,
}

/// One debugger's recording.
#[derive(Debug)]
pub struct Debugger {
    pub(super) name: String,
    pub(super) host: OnceLock<Box<dyn Host>>,
    pub(super) snapshots: Mutex<Snapshots>,
    pub(super) threads: Mutex<ThreadNames>,
    pub(super) unsaid: Mutex<VecDeque<Unsaid>>,
    pub(super) state: Arc<Mutex<State>>,
}

impl Debugger {
    /// A debugger that records nothing yet, by its name with its version.
    #[must_use]
    pub fn new(name: &str, config: Config) -> Self {
        let state = Arc::new(Mutex::new(State {
            config,
            ..State::default()
        }));
        ending::remember(&state);
        Self {
            name: name.to_owned(),
            host: OnceLock::new(),
            snapshots: Mutex::default(),
            threads: Mutex::default(),
            unsaid: Mutex::default(),
            state,
        }
    }

    /// Tells who answers [`Live::ask_host`](crate::command::Live::ask_host); the first one stays.
    pub fn set_host(&self, host: Box<dyn Host>) {
        let _ = self.host.set(host);
    }

    /// The user's settings as they are now.
    #[must_use]
    pub fn config(&self) -> Config {
        self.state().config.clone()
    }

    /// Whether hits would be recorded now.
    #[must_use]
    pub fn records(&self) -> bool {
        let state = self.state();
        state.active.is_some() || state.config.auto
    }

    /// Tells what the debugger works on, for the sessions that start from now on.
    pub fn set_surroundings(&self, surroundings: Surroundings) {
        self.state().surroundings = surroundings;
    }

    /// Records a hit of a real stop; when this returns it is in the file, or a
    /// message says why not yet.
    ///
    /// `None` when nothing is to be recorded.
    pub fn hit(&self, mut hit: Hit) -> Option<Recorded> {
        let mut state = self.state();
        let mut messages = Vec::new();
        if !state.make_ready(&mut messages) {
            return None;
        }
        if state.config.mask {
            hit.mask();
        }
        let active = state.active.as_ref()?;
        let (location, seq) = active.recorder.record(hit);
        // Who was kept waiting once is not kept waiting at every stop.
        let patience = if state.failing {
            FAILING_PATIENCE
        } else {
            STOP_PATIENCE
        };
        let failure = active.recorder.flush(patience).err();
        messages.extend(active.recorder.take_notice());
        // Said at the first stop of a bad time, not at each.
        if !state.failing {
            messages.extend(failure.as_ref().map(ToString::to_string));
        }
        state.failing = failure.is_some();
        if state.standing_is_new {
            state.write_standing(self.kind());
        }
        Some(Recorded {
            location: location.to_string(),
            seq,
            messages,
        })
    }

    /// Records `count` hits of a place that the program passed without the debugger showing
    /// anything of it: all that is known is `stop` and the place itself.
    ///
    /// Answers sentences for the user.
    pub fn passed(&self, mut stop: Stop, place: Frame, count: u32) -> Vec<String> {
        let mut state = self.state();
        let mut messages = Vec::new();
        if !state.make_ready(&mut messages) {
            return messages;
        }
        stop.passed_by = true;
        stop.error = Some(PASSED_BY.into());
        let hit = Hit {
            stop,
            frames: Arc::new([place]),
            ..Hit::default()
        };
        if let Some(active) = &state.active {
            for _ in 0..count {
                active.recorder.record(hit.clone());
            }
            messages.extend(active.recorder.take_notice());
        }
        messages
    }

    /// Takes in a tracepoint's hit, which is committed in the background, within 50 ms.
    ///
    /// `None` when nothing is to be recorded.
    pub fn trace_hit(&self, mut hit: Hit) -> Option<Traced> {
        let cut = hit.values.iter().map(Value::truncated).sum();
        let mut state = self.state();
        let mut messages = Vec::new();
        if !state.make_ready(&mut messages) {
            return None;
        }
        if state.config.mask {
            hit.mask();
        }
        let recorder = &state.active.as_ref()?.recorder;
        let lost = recorder.status().lost;
        recorder.record(hit);
        let status = recorder.status();
        messages.extend(recorder.take_notice());
        match status.error {
            Some(error) if !state.failing => {
                messages.push(format!(
                    "hits could not be written ({error}); they are kept in memory and tried again"
                ));
                state.failing = true;
            }
            Some(_) => {}
            None => state.failing = false,
        }
        Some(Traced {
            cut,
            kept: status.lost == lost,
            messages,
        })
    }

    /// Finds out whether the process that the debugger works on may be read without asking it,
    /// which holds until the next call.
    ///
    /// # Errors
    /// Why not: nothing is read of it but through the debugger.
    pub fn prove(&self, claim: &Claim<'_>) -> Result<Process, Doubt> {
        let proven = prove(claim);
        lock(&self.snapshots).set_process(proven.as_ref().ok().copied());
        proven
    }

    /// The process of this number, if it is proven and still there.
    fn process(&self, pid: i32) -> Option<Process> {
        let process = lock(&self.snapshots).process(pid)?;
        process.holds().then_some(process)
    }

    /// Where a proven process has loaded a file.
    #[must_use]
    pub fn module_base(&self, pid: i32, file: &Path) -> Option<u64> {
        module_base(self.process(pid)?, file)
    }

    /// The registers of a thread that this very thread traces, of a proven process.
    #[must_use]
    pub fn traced_registers(&self, pid: i32, tid: i32) -> Option<Registers> {
        Registers::of_traced_thread(self.process(pid)?, tid)
    }

    /// Takes in a tracepoint's hit as a snapshot: registers and memory are read
    /// here, and decoded by the thread that writes.
    ///
    /// # Errors
    /// The debugger must be asked for this hit.
    pub fn snapshot_hit(
        &self,
        passing: &Passing,
        registers: Option<Registers>,
    ) -> Result<Traced, Ask> {
        let process = lock(&self.snapshots)
            .process(passing.pid)
            .ok_or(Ask::Always)?;
        let registers = registers
            .or_else(|| Registers::of_traced_thread(process, passing.tid))
            .ok_or(Ask::Always)?;
        let state = self.state();
        let recorder = &state.active.as_ref().ok_or(Ask::AndLearn)?.recorder;
        let hide = state.config.mask;
        let taken = lock(&self.snapshots).take(
            passing.trace,
            (passing.pid, passing.tid),
            registers,
            hide,
        )?;
        let stop = Stop {
            reason: "tracepoint".into(),
            breakpoints: vec![passing.trace],
            thread: passing.thread,
            tid: i64::from(passing.tid),
            thread_name: lock(&self.threads).name(process, passing.tid),
            pid: i64::from(passing.pid),
            ..Stop::default()
        };
        let hit = Hit {
            stop,
            frames: taken.frames,
            ..Hit::default()
        };
        let lost = recorder.status().lost;
        recorder.record_later(hit, taken.decode);
        Ok(Traced {
            cut: 0,
            kept: recorder.status().lost == lost,
            messages: recorder.take_notice().into_iter().collect(),
        })
    }

    /// Learns from what the debugger read how to take such hits as snapshots;
    /// answers which registers that takes besides pc, rbp and rsp.
    ///
    /// # Errors
    /// Why that cannot be.
    pub fn snapshot_learn(&self, lesson: Lesson) -> Result<Vec<usize>, String> {
        lock(&self.snapshots).learn(lesson)
    }

    /// Has the debugger asked for all hits of a tracepoint at an address.
    pub fn snapshot_refuse(&self, trace: i64, pc: u64, why: String) {
        lock(&self.snapshots).refuse(trace, pc, why);
    }

    /// Why the debugger is asked for hits of a tracepoint, where it is.
    #[must_use]
    pub fn snapshot_refusals(&self, trace: i64) -> Vec<String> {
        lock(&self.snapshots).refusals(trace)
    }

    /// Hits of a tracepoint, taken as snapshots, with a value that was cut short;
    /// those that wait to be written are not among them yet.
    #[must_use]
    pub fn snapshot_cut(&self, trace: i64) -> u64 {
        lock(&self.snapshots).cut(trace)
    }

    /// Forgets what was learnt: addresses may mean something else from now on.
    pub fn snapshot_forget(&self) {
        lock(&self.snapshots).forget();
    }

    /// Tells how the user's breakpoints and watches stand. The active session
    /// has it when this returns, or else after the next hit; so has the next one.
    pub fn remember(&self, standing: Standing) {
        let mut state = self.state();
        state.standing = standing;
        state.standing_is_new = true;
        state.write_standing(self.kind());
    }

    /// `gdb` or `lldb`.
    pub(super) fn kind(&self) -> String {
        let first = self.name.split(' ').next();
        first.unwrap_or_default().to_lowercase()
    }

    /// Which of these sentences the user is to read now: all, or with `config quiet on` none; then
    /// `status` tells the last of them.
    #[must_use]
    pub fn to_say(&self, sentences: Vec<String>) -> Vec<String> {
        if sentences.is_empty() || !self.state().config.quiet {
            return sentences;
        }
        let ts = utc_now();
        let mut unsaid = lock(&self.unsaid);
        unsaid.extend(sentences.into_iter().map(|text| {
            let ts = ts.clone();
            Unsaid { ts, text }
        }));
        let too_many = unsaid.len().saturating_sub(UNSAID);
        unsaid.drain(..too_many);
        Vec::new()
    }

    /// Ends the active session, if any: when the debugger exits. Answers what to tell the user.
    pub fn finish(&self) -> Vec<String> {
        let mut state = self.state();
        let mut messages = Vec::new();
        state.finish(&mut messages);
        messages
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
