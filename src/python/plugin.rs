use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Result, anyhow};
use pyo3::prelude::*;
use pyo3::types::PyList;

use super::text::Name;
use super::{breakpoints, shapes, values};
use crate::command::{self, Context, Live, Output};
use crate::config::{self, Config};
use crate::live::{self, Ask, Debugger, Host, Lesson, Passing, Surroundings};
use crate::snapshots::{self, Claim, Registers, VariableLocation};

/// What a debugger's plugin holds: the active session, and the way into it.
#[pyclass(frozen, module = "dbg_session._native")]
pub(super) struct Plugin(Debugger);

#[pymethods]
impl Plugin {
    #[new]
    fn new(host: &str) -> Self {
        Self(Debugger::new(host, config::load().config))
    }

    /// Has `answer(request: str, arguments: str) -> str` do what only the debugger can; both
    /// texts are JSON.
    fn serve(&self, answer: Py<PyAny>) {
        self.0.set_host(Box::new(Requests(answer)));
    }

    /// What the user set of a capture: `(depth, children, characters, milliseconds, frames)`.
    fn limits(&self) -> (usize, usize, usize, f64, usize) {
        let Config { capture, .. } = self.0.config();
        let milliseconds = capture.budget.as_secs_f64() * 1000.0;
        (
            capture.depth,
            capture.children,
            capture.string,
            milliseconds,
            capture.frames,
        )
    }

    /// Whether a hit would be recorded now.
    fn records(&self) -> bool {
        self.0.records()
    }

    /// Tells what the debugger works on.
    fn set_surroundings(&self, target: Option<Name>, loaded: Vec<Name>, cwd: Name) {
        self.0.set_surroundings(Surroundings {
            target: target.map(Name::text),
            loaded: loaded.into_iter().map(Name::text).collect(),
            cwd: cwd.path(),
        });
    }

    /// Records the hit of a real stop: `(location, sequence, messages)`, or
    /// `None` when nothing is recorded.
    fn hit(
        &self,
        py: Python<'_>,
        stop: &Bound<'_, PyAny>,
        frames: &Bound<'_, PyAny>,
        values: &Bound<'_, PyAny>,
        watches: &Bound<'_, PyAny>,
    ) -> Option<(String, u64, Vec<String>)> {
        let hit = values::hit(stop, frames, values, watches);
        let recorded = py.detach(|| self.0.hit(hit))?;
        Some((recorded.location, recorded.seq, recorded.messages))
    }

    /// Records `count` hits of a place that was passed without a chance to read anything;
    /// answers what to tell the user. `frame` is the place, `stop` as in `hit`.
    fn passed(
        &self,
        py: Python<'_>,
        stop: &Bound<'_, PyAny>,
        frame: &Bound<'_, PyAny>,
        count: u32,
    ) -> PyResult<Vec<String>> {
        let none = PyList::empty(py);
        let frames = PyList::new(py, [frame])?;
        let hit = values::hit(stop, &frames, &none, &none);
        let place = hit.frames.first().cloned().unwrap_or_default();
        Ok(py.detach(|| self.0.passed(hit.stop, place, count)))
    }

    /// Takes in a tracepoint's hit, without waiting until it is written:
    /// `(values that were cut, whether it is kept, messages)`, or `None` when
    /// nothing is recorded.
    fn trace_hit(
        &self,
        py: Python<'_>,
        stop: &Bound<'_, PyAny>,
        frames: &Bound<'_, PyAny>,
        values: &Bound<'_, PyAny>,
        watches: &Bound<'_, PyAny>,
    ) -> Option<(usize, bool, Vec<String>)> {
        let hit = values::hit(stop, frames, values, watches);
        // The queue may be full, and a command may hold the session.
        let traced = py.detach(|| self.0.trace_hit(hit))?;
        Some((traced.cut, traced.kept, traced.messages))
    }

    /// Finds out whether the process that the debugger works on may be read without asking it:
    /// why not, or `None`. `elsewhere` is what the debugger itself has against it, `program` and
    /// `build_id` are of the file that it has, `read(address, size)` gives bytes of the process,
    /// or raises.
    fn prove(
        &self,
        elsewhere: Option<String>,
        pid: i32,
        program: Option<Name>,
        build_id: Option<&str>,
        read: &Bound<'_, PyAny>,
    ) -> Option<String> {
        let program = program.map(Name::path);
        let read = |address: u64, size: usize| {
            let bytes = read.call1((address, size)).ok()?;
            bytes.extract::<Vec<u8>>().ok()
        };
        let proven = self.0.prove(&Claim {
            elsewhere,
            pid,
            program: program.as_deref(),
            build_id,
            read: &read,
        });
        proven.err().map(|doubt| doubt.to_string())
    }

    /// Where the process has loaded a file; `None` where it is not proven, or has not.
    fn module_base(&self, pid: i32, file: Name) -> Option<u64> {
        self.0.module_base(pid, &file.path())
    }

    /// Takes in a tracepoint's hit as a snapshot, as `trace_hit` does. Else says
    /// whether to learn from what the debugger will have to read. `ids` are those of thread (the debugger's,
    /// the system's) and process; no registers: the kernel is asked for them.
    fn snapshot_hit(
        &self,
        py: Python<'_>,
        trace: i64,
        ids: (i64, i32, i32),
        registers: Vec<u64>,
    ) -> Answer {
        let (thread, tid, pid) = ids;
        let passing = Passing {
            trace,
            thread,
            tid,
            pid,
        };
        let registers = self::registers(&registers);
        match py.detach(|| self.0.snapshot_hit(&passing, registers)) {
            Ok(traced) => Answer::Taken(traced.cut, traced.kept, traced.messages),
            Err(ask) => Answer::Learn(ask == Ask::AndLearn),
        }
    }

    /// Learns from what the debugger read at the same stop how to take such hits
    /// as snapshots; answers which registers that takes besides pc, rbp and rsp,
    /// or why it cannot be.
    #[expect(clippy::too_many_arguments, reason = "all that is known of one hit")]
    fn snapshot_learn(
        &self,
        trace: i64,
        ids: (i64, i32, i32),
        registers: Vec<u64>,
        frames: &Bound<'_, PyAny>,
        values: &Bound<'_, PyAny>,
        described: DescribedOrWhy<'_>,
        most: usize,
    ) -> PyResult<Learnt> {
        let Some(registers) =
            self::registers(&registers).or_else(|| self.0.traced_registers(ids.2, ids.1))
        else {
            return Ok(Learnt::Not("its registers cannot be read".into()));
        };
        let described = match described {
            DescribedOrWhy::Described(described) => described,
            DescribedOrWhy::Why(why) => {
                self.0.snapshot_refuse(trace, registers.pc, why.clone());
                return Ok(Learnt::Not(why));
            }
        };
        let described: PyResult<_> = described.iter().map(shapes::described).collect();
        let (frames, values) = values::read(frames, values);
        let lesson = Lesson {
            trace,
            pid: ids.2,
            tid: ids.1,
            registers,
            frames: frames.into(),
            most,
            values,
            described: described?,
        };
        let learnt = self.0.snapshot_learn(lesson);
        Ok(learnt.map_or_else(Learnt::Not, Learnt::Wanted))
    }

    /// Why the debugger is asked for hits of a tracepoint, where it is.
    fn snapshot_refusals(&self, trace: i64) -> Vec<String> {
        self.0.snapshot_refusals(trace)
    }

    /// Hits of a tracepoint, taken as snapshots, with a value that was cut short.
    fn snapshot_cut(&self, trace: i64) -> u64 {
        self.0.snapshot_cut(trace)
    }

    /// Forgets what was learnt of snapshots.
    fn snapshot_forget(&self) {
        self.0.snapshot_forget();
    }

    /// Tells how the user's breakpoints and watches stand.
    fn remember(
        &self,
        py: Python<'_>,
        breakpoints: &Bound<'_, PyAny>,
        watches: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let standing = breakpoints::standing(breakpoints, watches)?;
        py.detach(|| self.0.remember(standing));
        Ok(())
    }

    /// Which of these sentences are to be printed now; the others wait for `status`.
    fn to_say(&self, py: Python<'_>, sentences: Vec<String>) -> Vec<String> {
        py.detach(|| self.0.to_say(sentences))
    }

    /// Ends the active session; answers what to tell the user.
    fn finish(&self, py: Python<'_>) -> Vec<String> {
        py.detach(|| self.0.finish())
    }

    /// Runs a command line as it was typed: `(exit code, standard output, standard error)`.
    fn run_line(
        &self,
        py: Python<'_>,
        line: Name,
        cwd: Name,
        width: Option<usize>,
    ) -> (u8, String, String) {
        let (line, cwd) = (line.text(), cwd.path());
        py.detach(|| {
            let live = Some(&self.0 as &dyn Live);
            answer(command::run_line(&line, &Context { cwd, live, width }))
        })
    }

    /// Completions of the last word of a line.
    fn complete(&self, py: Python<'_>, line: Name, cwd: Name) -> Vec<String> {
        let (line, cwd) = (line.text(), cwd.path());
        py.detach(|| complete_in(&line, cwd, Some(&self.0)))
    }
}

/// What became of a hit: taken, or whether to learn from it.
#[derive(IntoPyObject)]
enum Answer {
    Taken(usize, bool, Vec<String>),
    #[pyo3(transparent)]
    Learn(bool),
}

/// What came of learning: the registers that are wanted, or why nothing did.
#[derive(IntoPyObject)]
enum Learnt {
    #[pyo3(transparent)]
    Wanted(Vec<usize>),
    #[pyo3(transparent)]
    Not(String),
}

/// The variables at a hit, or why they have no shapes.
#[derive(FromPyObject)]
enum DescribedOrWhy<'py> {
    Why(String),
    Described(Vec<Bound<'py, PyAny>>),
}

/// The program counter, then DWARF's registers in their order; empty: not known.
fn registers(numbers: &[u64]) -> Option<Registers> {
    let (pc, rest) = numbers.split_first()?;
    let mut registers = Registers {
        pc: *pc,
        ..Registers::default()
    };
    for (register, number) in registers.general.iter_mut().zip(rest) {
        *register = *number;
    }
    Some(registers)
}

/// The Python function that answers a command's requests.
#[derive(Debug)]
struct Requests(Py<PyAny>);

impl Host for Requests {
    fn ask(&self, request: &str, arguments: &str) -> Result<String> {
        Python::attach(|py| {
            let answered = self.0.call1(py, (request, arguments));
            match answered.and_then(|answer| answer.extract(py)) {
                Ok(answer) => Ok(answer),
                // The exception's own words; its type and traceback say nothing to a user.
                Err(e) => Err(anyhow!("{}", e.value(py))),
            }
        })
    }
}

fn answer(output: Output) -> (u8, String, String) {
    (output.code, output.out, output.err)
}

fn complete_in(line: &str, cwd: PathBuf, live: Option<&dyn Live>) -> Vec<String> {
    let width = None;
    command::complete(line, &Context { cwd, live, width })
}

/// Has all sessions of the process ended before one of these signals (SIGTERM, SIGHUP) ends it.
#[pyfunction]
pub(super) fn end_sessions_on(signals: Vec<i32>) -> PyResult<()> {
    Ok(live::end_sessions_on(&signals)?)
}

/// Where the variables lie that can be seen from an address of a file: `(name, from where, bytes)`.
///
/// Only what is in memory at so many bytes from the canonical frame address (`cfa`), from the
/// register `rsp` or `rbp`, or always at one address of the file (`static`).
#[pyfunction]
pub(super) fn places(py: Python<'_>, file: PathBuf, pc: u64) -> Vec<(String, &'static str, i64)> {
    py.detach(|| {
        let image = snapshots::Image::of_file(&file);
        let scope = image.and_then(|image| snapshots::scope(&image, pc));
        let Some(scope) = scope.filter(|scope| scope.inlined == 0) else {
            return Vec::new();
        };
        let placed = |name: &str| {
            let (from, bytes) = match scope.place(name)? {
                VariableLocation::Frame(bytes) => ("cfa", bytes),
                VariableLocation::Near(snapshots::RSP, bytes) => ("rsp", bytes),
                VariableLocation::Near(snapshots::RBP, bytes) => ("rbp", bytes),
                VariableLocation::Static(address) => ("static", address.cast_signed()),
                _ => return None,
            };
            Some((name.to_owned(), from, bytes))
        };
        scope.names().filter_map(placed).collect()
    })
}

/// Runs a command line outside a debugger: `(exit code, standard output, standard error)`.
#[pyfunction]
pub(super) fn run(
    py: Python<'_>,
    args: Vec<OsString>,
    cwd: PathBuf,
    width: Option<usize>,
) -> (u8, String, String) {
    py.detach(|| {
        let live = None;
        answer(command::run(&args, &Context { cwd, live, width }))
    })
}

/// Completions of the last word of a line, outside a debugger.
#[pyfunction]
pub(super) fn complete(py: Python<'_>, line: &str, cwd: PathBuf) -> Vec<String> {
    py.detach(|| complete_in(line, cwd, None))
}

/// Every verb of a debugger as `(name, one line, help text)`.
#[pyfunction]
pub(super) fn verbs() -> Vec<(String, String, String)> {
    command::verbs()
        .into_iter()
        .filter(|verb| verb.in_debuggers)
        .map(|verb| (verb.name, verb.about, verb.help))
        .collect()
}

/// What commands may ask of the debugger: the words that [`Plugin::serve`]'s function gets.
#[pyfunction]
pub(super) fn requests() -> Vec<&'static str> {
    command::REQUESTS.to_vec()
}
