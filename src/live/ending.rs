//! Signals that end a debugger which does not ask anybody first.
//!
//! GDB handles SIGTERM and SIGHUP by leaving in order, and tells its plugins. LLDB dies of them on the
//! spot, and nothing of Python or of its own runs. So the handler here does what a handler may do, it
//! writes one byte to a pipe; a thread reads it, ends every session of the process, gives the signal
//! back to whoever had it before, and sends it again: the debugger then dies as it would have.

use std::ffi::c_int;
use std::fs::File;
use std::io::Read;
use std::os::fd::FromRawFd;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak, mpsc};
use std::time::Duration;
use std::{io, mem, ptr, thread};

use super::active::State;
use super::debugger::lock;
use crate::signals::with_signals_blocked;

/// The longest that a debugger which is to die waits for its sessions.
const PATIENCE: Duration = Duration::from_secs(5);

/// The recordings of all debuggers of this process.
static RECORDINGS: Mutex<Vec<Weak<Mutex<State>>>> = Mutex::new(Vec::new());
/// The end of the pipe that handlers write to.
static PIPE: AtomicI32 = AtomicI32::new(-1);
/// Who handlers work for: a child between `fork` and `exec` has them as well.
static PROCESS: AtomicI32 = AtomicI32::new(0);
/// What was to be done about each signal before, in the order of `SIGNALS`.
static BEFORE: Mutex<[Option<libc::sigaction>; SIGNALS.len()]> = Mutex::new([None; SIGNALS.len()]);
const SIGNALS: [c_int; 2] = [libc::SIGTERM, libc::SIGHUP];

/// Remembers a recording, to end its session when a signal ends the process.
pub(super) fn remember(state: &Arc<Mutex<State>>) {
    let mut recordings = lock(&RECORDINGS);
    recordings.retain(|one| one.strong_count() > 0);
    recordings.push(Arc::downgrade(state));
}

/// Has sessions ended before one of `signals` (SIGTERM, SIGHUP) ends the process.
///
/// # Errors
/// When there is no pipe or no thread for it; then the debugger dies as ever.
pub fn end_sessions_on(signals: &[c_int]) -> io::Result<()> {
    static STARTED: OnceLock<()> = OnceLock::new();
    if STARTED.get().is_none() {
        start()?;
        let _ = STARTED.set(());
    }
    let mut before = lock(&BEFORE);
    for (signal, before) in SIGNALS.iter().zip(before.iter_mut()) {
        if before.is_none() && signals.contains(signal) {
            *before = Some(take(*signal)?);
        }
    }
    Ok(())
}

/// Makes the pipe, and the thread that waits at it.
fn start() -> io::Result<()> {
    let mut ends = [0; 2];
    // SAFETY: pipe2 writes two descriptors into the array, which are ours alone.
    let reader = unsafe {
        if libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) != 0 {
            return Err(io::Error::last_os_error());
        }
        File::from_raw_fd(ends[0])
    };
    with_signals_blocked(|| {
        thread::Builder::new()
            .name("dbg-session-end".into())
            .spawn(move || wait(reader))
    })?;
    PROCESS.store(std::process::id().cast_signed(), Ordering::Relaxed);
    PIPE.store(ends[1], Ordering::Release);
    Ok(())
}

/// Sets our handler; answers what was there.
fn take(signal: c_int) -> io::Result<libc::sigaction> {
    // SAFETY: both are plain data that outlives the call; `noted` does what a handler may do.
    unsafe {
        let mut ours: libc::sigaction = mem::zeroed();
        let mut before: libc::sigaction = mem::zeroed();
        ours.sa_sigaction = noted as *const () as libc::sighandler_t;
        ours.sa_flags = libc::SA_RESTART | libc::SA_ONSTACK;
        libc::sigemptyset(&raw mut ours.sa_mask);
        if libc::sigaction(signal, &raw const ours, &raw mut before) != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(before)
    }
}

extern "C" fn noted(signal: c_int) {
    // SAFETY: getpid, write, signal and raise may be called in a handler; errno is put back.
    unsafe {
        let errno = *libc::__errno_location();
        if libc::getpid() == PROCESS.load(Ordering::Relaxed) {
            let byte = u8::try_from(signal).unwrap_or(0);
            libc::write(PIPE.load(Ordering::Acquire), (&raw const byte).cast(), 1);
        } else {
            libc::signal(signal, libc::SIG_DFL);
            libc::raise(signal);
        }
        *libc::__errno_location() = errno;
    }
}

/// The thread: ends the sessions at a signal, and hands the signal on.
fn wait(mut pipe: File) {
    let mut byte = [0];
    while pipe.read_exact(&mut byte).is_ok() {
        let (done, ended) = mpsc::channel();
        // In a thread of its own: a disk that hangs must not keep the debugger alive.
        let _ = thread::Builder::new().spawn(move || {
            end_all();
            done.send(())
        });
        let _ = ended.recv_timeout(PATIENCE);
        hand_on(c_int::from(byte[0]));
    }
}

fn end_all() {
    let recordings = mem::take(&mut *lock(&RECORDINGS));
    for state in recordings.iter().filter_map(Weak::upgrade) {
        // Nobody reads what there is to say.
        lock(&state).finish(&mut Vec::new());
    }
    // Somebody may catch the signal, and live on.
    lock(&RECORDINGS).extend(recordings);
}

fn hand_on(signal: c_int) {
    let Some(place) = SIGNALS.iter().position(|one| *one == signal) else {
        return;
    };
    if let Some(before) = lock(&BEFORE)[place].take() {
        // SAFETY: `before` is what sigaction gave, and nothing is given back.
        unsafe { libc::sigaction(signal, &raw const before, ptr::null_mut()) };
    }
    // SAFETY: a plain system call.
    unsafe { libc::kill(libc::getpid(), signal) };
}
