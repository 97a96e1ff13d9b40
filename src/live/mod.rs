//! The debugger's side without its Python: which session is active, when one
//! begins by itself, and what becomes of it.

mod ending;
mod raw_way;
mod threads;

pub use ending::end_sessions_on;
pub use raw_way::{Ask, Described, Lesson};

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value as Json;

use crate::command::{Live, LiveStatus, NewSession, SaveTo, Saved, Started, save_session};
use crate::config::Config;
use crate::query::overview::Unsaid;
use crate::raw::{Claim, Doubt, Process, Registers, module_base, prove};
use crate::record::{
    Finished, Frame, Hit, Recorder, Rest, Standing, StartOptions, Stop, start_session,
    store_breakpoints,
};
use crate::render::count;
use crate::session_db::{SessionDb, SessionKind, TargetClass, utc_now};
use crate::value::Value;
use raw_way::RawWay;
use threads::ThreadNames;

/// How long a real stop waits for its hit to be safe; only then it is worth a sentence.
const STOP_PATIENCE: Duration = Duration::from_secs(2);
/// The same while nothing can be written.
const FAILING_PATIENCE: Duration = Duration::from_millis(10);
/// How long ending a session, or asking it, waits for hits still to be written.
const END_PATIENCE: Duration = Duration::from_secs(10);

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
pub struct RawPassing {
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
    name: String,
    host: OnceLock<Box<dyn Host>>,
    raw: Mutex<RawWay>,
    threads: Mutex<ThreadNames>,
    unsaid: Mutex<VecDeque<Unsaid>>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    active: Option<Active>,
    surroundings: Surroundings,
    config: Config,
    /// Hits cannot be written at present, and the user knows.
    failing: bool,
    /// The user's breakpoints and watches, for whichever session is active.
    standing: Standing,
    /// The active session does not know `standing` yet.
    standing_is_new: bool,
}

#[derive(Debug)]
struct Active {
    recorder: Recorder,
    label: String,
    target: String,
    /// Nobody asked for it: it goes with its target.
    auto: bool,
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
            raw: Mutex::default(),
            threads: Mutex::default(),
            unsaid: Mutex::default(),
            state,
        }
    }

    /// Tells who answers [`Live::ask_host`]; the first one stays.
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
        lock(&self.raw).set_process(proven.as_ref().ok().copied());
        proven
    }

    /// The process of this number, if it is proven and still there.
    fn process(&self, pid: i32) -> Option<Process> {
        let process = lock(&self.raw).process(pid)?;
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

    /// Takes in a tracepoint's hit the raw way: registers and memory are read
    /// here, and decoded by the thread that writes.
    ///
    /// # Errors
    /// The debugger must be asked for this hit.
    pub fn raw_hit(
        &self,
        passing: &RawPassing,
        registers: Option<Registers>,
    ) -> Result<Traced, Ask> {
        let process = lock(&self.raw).process(passing.pid).ok_or(Ask::Always)?;
        let registers = registers
            .or_else(|| Registers::of_traced_thread(process, passing.tid))
            .ok_or(Ask::Always)?;
        let state = self.state();
        let recorder = &state.active.as_ref().ok_or(Ask::AndLearn)?.recorder;
        let hide = state.config.mask;
        let taken =
            lock(&self.raw).take(passing.trace, (passing.pid, passing.tid), registers, hide)?;
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

    /// Learns from what the debugger read how to take such hits the raw way;
    /// answers which registers that takes besides pc, rbp and rsp.
    ///
    /// # Errors
    /// Why that cannot be.
    pub fn raw_learn(&self, lesson: Lesson) -> Result<Vec<usize>, String> {
        lock(&self.raw).learn(lesson)
    }

    /// Has the debugger asked for all hits of a tracepoint at an address.
    pub fn raw_refuse(&self, trace: i64, pc: u64, why: String) {
        lock(&self.raw).refuse(trace, pc, why);
    }

    /// Why the debugger is asked for hits of a tracepoint, where it is.
    #[must_use]
    pub fn raw_refusals(&self, trace: i64) -> Vec<String> {
        lock(&self.raw).refusals(trace)
    }

    /// Hits of a tracepoint, read the raw way, with a value that was cut short;
    /// those that wait to be written are not among them yet.
    #[must_use]
    pub fn raw_cut(&self, trace: i64) -> u64 {
        lock(&self.raw).cut(trace)
    }

    /// Forgets what was learnt: addresses may mean something else from now on.
    pub fn raw_forget(&self) {
        lock(&self.raw).forget();
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
    fn kind(&self) -> String {
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

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// Sees to it that the right session is active; false when nothing is to be recorded.
    fn make_ready(&mut self, messages: &mut Vec<String>) -> bool {
        self.leave_other_target(messages);
        if self.active.is_none() && self.config.auto {
            self.start_auto(messages);
        }
        self.active.is_some()
    }

    /// An auto session is of one target: when that is gone from the debugger
    /// and another has come, the session is over.
    fn leave_other_target(&mut self, messages: &mut Vec<String>) {
        let now = &self.surroundings;
        let Some(active) = &self.active else {
            return;
        };
        let moved = now.target.as_ref().is_some_and(|t| *t != active.target);
        if active.auto && moved && !now.loaded.contains(&active.target) {
            self.finish(messages);
        }
    }

    fn start_auto(&mut self, messages: &mut Vec<String>) {
        let options = self.options(None);
        match self.start(&options, true) {
            Ok(notice) => {
                let active = self.active.as_ref().map(|a| a.recorder.with_session(place));
                messages.extend(active.map(|place| format!("recording to {place}")));
                messages.extend(notice);
            }
            Err(e) => {
                // Said once: the next hit would fail in the same way.
                self.config.auto = false;
                messages.push(format!(
                    "nothing is recorded: {e:#}; `dbg-session new` tries again"
                ));
            }
        }
    }

    /// What a session is started with, by itself or as asked for.
    fn options(&self, new: Option<&NewSession>) -> StartOptions {
        let now = &self.surroundings;
        let target = new.and_then(|new| new.target.clone());
        StartOptions {
            kind: new.and_then(|new| new.kind).unwrap_or(SessionKind::Debug),
            class: new.map_or(TargetClass::NativeCpu, |new| new.class),
            target: target
                .or_else(|| now.target.clone())
                .unwrap_or_else(|| "unknown".into()),
            cwd: now.cwd.clone(),
            label: new.and_then(|new| new.label.as_ref().map(ToString::to_string)),
            in_memory: new.is_some_and(|new| new.in_memory),
        }
    }

    /// Makes a session active; answers what the user should know of its place.
    fn start(&mut self, options: &StartOptions, auto: bool) -> Result<Option<String>> {
        let started = start_session(options)?;
        self.standing_is_new = true;
        let label = started.session.label().to_owned();
        self.active = Some(Active {
            recorder: Recorder::new(started.session)?,
            label,
            target: options.target.clone(),
            auto,
        });
        Ok(started.notice)
    }

    /// What cannot be written now is tried again at the next hit.
    fn write_standing(&mut self, host: String) {
        if self.failing {
            return;
        }
        let Some(active) = &self.active else {
            return;
        };
        let stored = active
            .recorder
            .with_session(|session| store_breakpoints(session, &host, &self.standing));
        self.standing_is_new = stored.is_err();
    }

    fn finish(&mut self, messages: &mut Vec<String>) {
        let Some(active) = self.active.take() else {
            return;
        };
        match active.recorder.finish(END_PATIENCE) {
            Ok(finished) => messages.extend(farewell(&finished)),
            Err(e) => messages.push(format!("session {}: {e:#}", active.label)),
        }
    }
}

fn farewell(finished: &Finished) -> Option<String> {
    let Finished {
        label, path, hits, ..
    } = finished;
    match &finished.rest {
        Some(Rest::Rescued { hits, path, why }) => {
            return Some(format!(
                "session {label}: {} could not be written ({why}); they wait in {}, and `dbg-session \
                 recover` merges them when the cause is mended",
                count(*hits, "hit"),
                path.display()
            ));
        }
        Some(Rest::Lost { hits, why }) => {
            return Some(format!(
                "session {label}: {} are lost, because they could not be written ({why}); what was \
                 written before is kept",
                count(*hits, "hit")
            ));
        }
        None => {}
    }
    if !finished.kept {
        return None;
    }
    if let Some(path) = path
        && let Err(e) = SessionDb::open_read_only(path)
    {
        return Some(format!(
            "session {label}: its file was damaged by another program while it was recorded, and \
             cannot be opened: {e:#}"
        ));
    }
    let hits = count(*hits, "hit");
    let lost = match finished.lost {
        0 => String::new(),
        lost => format!("; {lost} more are lost, because nothing could be written for long"),
    };
    Some(if path.is_some() {
        format!("kept session {label} ({hits}); ask it with `dbg-session hits`{lost}")
    } else {
        format!("session {label} lived in memory and is gone, with its {hits}{lost}")
    })
}

/// Where a session is, for people.
fn place(session: &mut SessionDb) -> String {
    let Some(path) = session.db_path() else {
        return "memory".into();
    };
    let cwd = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&cwd)
        .unwrap_or(path)
        .display()
        .to_string()
}

impl Live for Debugger {
    fn with_session(&self, ask: &mut dyn FnMut(&SessionDb) -> Result<()>) -> Result<bool> {
        let state = self.state();
        let Some(active) = &state.active else {
            return Ok(false);
        };
        // What could not be written yet was told at its stop; `status` tells it too.
        let _ = active.recorder.flush(STOP_PATIENCE);
        active.recorder.with_session(|session| ask(session))?;
        Ok(true)
    }

    fn start(&self, new: &NewSession) -> Result<Started> {
        let mut state = self.state();
        let options = state.options(Some(new));
        let before = state.active.take();
        let mut notice = match state.start(&options, false) {
            Ok(notice) => notice,
            Err(e) => {
                // The session before goes on as if nothing had been asked.
                state.active = before;
                return Err(e);
            }
        };
        let before = match before {
            Some(active) => {
                // The new one is active whatever became of the last hits of this one.
                match active.recorder.finish(END_PATIENCE) {
                    Ok(finished) => {
                        if finished.rest.is_some() || finished.lost > 0 {
                            notice = notice.or(farewell(&finished));
                        }
                        finished.kept.then_some(finished.label)
                    }
                    Err(e) => {
                        notice.get_or_insert_with(|| format!("session {}: {e:#}", active.label));
                        Some(active.label)
                    }
                }
            }
            None => None,
        };
        state.write_standing(self.kind());
        let (label, path) = state
            .active
            .as_ref()
            .map(|active| {
                active.recorder.with_session(|session| {
                    (
                        session.label().to_owned(),
                        session.db_path().map(Path::to_owned),
                    )
                })
            })
            .unwrap_or_default();
        Ok(Started {
            label,
            path,
            before,
            notice,
        })
    }

    fn save(&self, to: &SaveTo) -> Result<Saved> {
        let mut state = self.state();
        let cwd = state.surroundings.cwd.clone();
        let Some(active) = &mut state.active else {
            anyhow::bail!(
                "no session is active; the first hit starts one, or `dbg-session new` does"
            );
        };
        active.recorder.flush(END_PATIENCE)?;
        let saved = active.recorder.with_session(|session| -> Result<Saved> {
            let saved = save_session(session, to, &cwd)?;
            if session.db_path().is_none() {
                session.move_into(&saved.path, &saved.label)?;
                session.trust_references()?;
            }
            Ok(saved)
        })?;
        active.label.clone_from(&saved.label);
        active.auto = false;
        Ok(saved)
    }

    fn status(&self) -> LiveStatus {
        let state = self.state();
        let recorded = state.active.as_ref().map(|a| a.recorder.status());
        let recorded = recorded.unwrap_or_default();
        LiveStatus {
            host: self.name.clone(),
            target: state.surroundings.target.clone(),
            auto: state.config.auto,
            hits: recorded.recorded,
            lost: recorded.lost,
            last_error: recorded.error,
            unsaid: lock(&self.unsaid).iter().cloned().collect(),
        }
    }

    fn ask_host(&self, request: &str, arguments: &Json) -> Result<Json> {
        let host = self
            .host
            .get()
            .context("this debugger answers no requests")?;
        let answer = host.ask(request, &arguments.to_string())?;
        Ok(serde_json::from_str(&answer)?)
    }

    fn configure(&self, config: &Config) {
        self.state().config = config.clone();
    }
}
