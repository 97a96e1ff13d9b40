//! Ends Python code of the user's that does not return: a pretty-printer that loops would hold the
//! debugger up at a stop, where not even Ctrl-C reaches it.

use std::ffi::c_long;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::signals::with_signals_blocked;

/// Between two tries: whoever catches everything is told again.
const AGAIN: Duration = Duration::from_millis(50);

/// What is being waited for; there is one interpreter, and one thread that asks printers.
struct Deadline {
    due: Instant,
    thread: c_long,
    raised: Py<PyType>,
    fired: bool,
}

struct Watchdog {
    watch: Option<Deadline>,
    runs: bool,
}

/// Locked with the interpreter's lock held, or without wanting it: never the other way round.
static WATCHDOG: Mutex<Watchdog> = Mutex::new(Watchdog {
    watch: None,
    runs: false,
});
static CHANGED: Condvar = Condvar::new();

/// Calls `work` and answers what it does, or raises `raised`, which is raised in it as well, when
/// it takes longer than so many seconds. What waits outside of Python is not ended, only noticed.
#[pyfunction]
pub(super) fn within(
    py: Python<'_>,
    seconds: f64,
    raised: &Bound<'_, PyType>,
    work: &Bound<'_, PyAny>,
) -> PyResult<Py<PyAny>> {
    if !raised.is_subclass_of::<PyBaseException>()? || lock().watch.is_some() {
        return Ok(work.call0()?.unbind()); // One within another ends with the outer.
    }
    let thread: c_long = py.import("_thread")?.call_method0("get_ident")?.extract()?;
    arm(Deadline {
        due: Instant::now() + Duration::from_secs_f64(seconds.max(0.0)),
        thread,
        raised: raised.clone().unbind(),
        fired: false,
    });
    let done = work.call0();
    let watch = lock().watch.take();
    if watch.is_some_and(|watch| watch.fired || Instant::now() > watch.due) {
        // SAFETY: the interpreter's lock is held; with null what was not raised yet is taken back.
        unsafe { pyo3::ffi::PyThreadState_SetAsyncExc(thread, std::ptr::null_mut()) };
        return Err(PyErr::from_type(raised.clone(), ()));
    }
    Ok(done?.unbind())
}

fn lock() -> MutexGuard<'static, Watchdog> {
    WATCHDOG.lock().unwrap_or_else(PoisonError::into_inner)
}

fn arm(watch: Deadline) {
    let mut dog = lock();
    dog.watch = Some(watch);
    if !dog.runs {
        dog.runs = true;
        with_signals_blocked(|| thread::spawn(run));
    }
    drop(dog);
    CHANGED.notify_one();
}

fn run() {
    loop {
        let dog = lock();
        let Some(watch) = &dog.watch else {
            drop(CHANGED.wait(dog));
            continue;
        };
        let left = watch.due.saturating_duration_since(Instant::now());
        if !left.is_zero() {
            drop(CHANGED.wait_timeout(dog, left));
            continue;
        }
        // The lock goes first: who holds the interpreter may be waiting for it.
        drop(dog);
        let is_there = Python::try_attach(|_py| {
            let mut dog = lock();
            if let Some(watch) = dog.watch.as_mut().filter(|w| w.due <= Instant::now()) {
                watch.fired = true;
                // SAFETY: the interpreter's lock is held, and the type lives as long as the watch.
                unsafe {
                    pyo3::ffi::PyThreadState_SetAsyncExc(watch.thread, watch.raised.as_ptr());
                }
            }
        });
        if is_there.is_none() {
            return; // the interpreter goes
        }
        thread::sleep(AGAIN);
    }
}
