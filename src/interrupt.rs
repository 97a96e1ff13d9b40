//! Ctrl-C ends a question.
//!
//! While a question is asked, SIGINT is ours: the handler sets a flag, which SQLite asks for at
//! every few thousand steps ([`watch`]) and our own loops at every hit and file ([`check`]). The
//! debugger around us gets its handler back when the question has ended; it is told of the
//! interruption by the command's failure, and by nothing else.
//!
//! Only threads that work on the question look at the flag: what is being recorded meanwhile, by
//! the same process and through the same connection, goes on.

use std::cell::Cell;
use std::ffi::c_int;
use std::io;
use std::mem::{self, MaybeUninit};
use std::ops::{Deref, DerefMut};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicPtr};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, ffi};

use crate::signals::with_signals_blocked;

/// The user pressed Ctrl-C.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub(crate) struct Interrupted;

/// For who reads rows: it is as if SQLite had looked.
impl From<Interrupted> for rusqlite::Error {
    fn from(_: Interrupted) -> Self {
        Self::SqliteFailure(ffi::Error::new(ffi::SQLITE_INTERRUPT), None)
    }
}

/// How much of a thread's work Ctrl-C ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Nothing: it must be whole, or the debugger has its own say.
    Nothing,
    /// It may end where it looks, with [`check_between`].
    Between,
    /// It may end anywhere.
    Anywhere,
}

/// Steps of SQLite's machine between two looks at the flag: some microseconds.
const STEPS: c_int = 10_000;

static PRESSED: AtomicBool = AtomicBool::new(false);
/// Nobody was to be told of SIGINT but the system, which would have ended us.
static WAS_DEFAULT: AtomicBool = AtomicBool::new(false);
static HANDLER: Mutex<Handler> = Mutex::new(Handler {
    users: 0,
    before: None,
});

thread_local! {
    static REACH: Cell<Reach> = const { Cell::new(Reach::Nothing) };
}

struct Handler {
    /// Questions that are being asked in this process.
    users: usize,
    before: Option<libc::sigaction>,
}

/// Works with SIGINT being ours.
pub(crate) fn listening<T>(reach: Reach, work: impl FnOnce() -> T) -> T {
    let _ours = (reach > Reach::Nothing).then(Ours::take);
    within(reach, work)
}

/// Works as a part of a question, whose [`reach`] it gets in another thread.
pub(crate) fn within<T>(reach: Reach, work: impl FnOnce() -> T) -> T {
    struct Back(Reach);
    impl Drop for Back {
        fn drop(&mut self) {
            REACH.set(self.0);
        }
    }
    let _back = Back(REACH.replace(reach));
    work()
}

/// What Ctrl-C ends in this thread.
pub(crate) fn reach() -> Reach {
    REACH.get()
}

/// Whether this thread is to stop what it does.
pub(crate) fn pressed() -> bool {
    PRESSED.load(Relaxed) && reach() == Reach::Anywhere
}

/// For loops of ours.
///
/// # Errors
/// When this thread is to stop.
pub(crate) fn check() -> Result<(), Interrupted> {
    if pressed() { Err(Interrupted) } else { Ok(()) }
}

/// For the places where work may end that must not end elsewhere.
///
/// # Errors
/// When this thread is to stop.
pub(crate) fn check_between() -> Result<(), Interrupted> {
    if PRESSED.load(Relaxed) && reach() >= Reach::Between {
        return Err(Interrupted);
    }
    Ok(())
}

/// Set once Ctrl-C is pressed, for who is given a flag to look at.
pub(crate) fn flag() -> &'static AtomicBool {
    &PRESSED
}

/// Has SQLite look at the flag while it works.
pub(crate) fn watch(conn: &mut Connection) -> rusqlite::Result<()> {
    conn.progress_handler(STEPS, Some(pressed))
}

/// SQLite's wait for another process's write, which Ctrl-C ends: two seconds.
pub(crate) fn wait_for_others(times: c_int) -> bool {
    const FIRST: [u64; 6] = [1, 2, 5, 10, 15, 20];
    const REST: u64 = 25;
    const MOST: c_int = 6 + 78;
    if pressed() || times >= MOST {
        return false;
    }
    let first = usize::try_from(times).ok().and_then(|n| FIRST.get(n));
    thread::sleep(Duration::from_millis(*first.unwrap_or(&REST)));
    true
}

/// Whether an error says that Ctrl-C was pressed.
pub(crate) fn is_interruption(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let sqlite = cause.downcast_ref::<rusqlite::Error>();
        let io = cause.downcast_ref::<io::Error>();
        cause.is::<Interrupted>()
            || io
                .and_then(io::Error::get_ref)
                .is_some_and(|inner| inner.is::<Interrupted>())
            || sqlite.and_then(rusqlite::Error::sqlite_error_code)
                == Some(ErrorCode::OperationInterrupted)
    })
}

/// The handler of SIGINT; whoever had it gets it back.
struct Ours;

impl Ours {
    fn take() -> Self {
        let mut handler = HANDLER.lock().unwrap_or_else(PoisonError::into_inner);
        handler.users += 1;
        if handler.users == 1 {
            PRESSED.store(false, Relaxed);
            handler.before = install();
        }
        Self
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        let mut handler = HANDLER.lock().unwrap_or_else(PoisonError::into_inner);
        handler.users -= 1;
        if handler.users == 0 {
            if let Some(before) = handler.before.take()
                && current().is_some_and(|now| is_ours(&now))
            {
                // SAFETY: it is what sigaction gave us.
                unsafe { libc::sigaction(libc::SIGINT, &raw const before, std::ptr::null_mut()) };
            }
            PRESSED.store(false, Relaxed);
        }
    }
}

fn is_ours(action: &libc::sigaction) -> bool {
    action.sa_sigaction == on_sigint as *const () as libc::sighandler_t
}

fn current() -> Option<libc::sigaction> {
    let mut now = MaybeUninit::uninit();
    // SAFETY: with a null pointer nothing is set, and what is there is written to `now`.
    unsafe {
        (libc::sigaction(libc::SIGINT, std::ptr::null(), now.as_mut_ptr()) == 0)
            .then(|| now.assume_init())
    }
}

/// Answers what was there before; none: SIGINT stays as it is, ignored as by `nohup`.
fn install() -> Option<libc::sigaction> {
    let before = current()?;
    if before.sa_sigaction == libc::SIG_IGN {
        return None;
    }
    WAS_DEFAULT.store(before.sa_sigaction == libc::SIG_DFL, Relaxed);
    // SAFETY: the handler does only what one may do; the struct is plain data, made whole here.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_sigint as *const () as libc::sighandler_t;
        action.sa_flags = libc::SA_RESTART;
        libc::sigemptyset(&raw mut action.sa_mask);
        (libc::sigaction(libc::SIGINT, &raw const action, std::ptr::null_mut()) == 0)
            .then_some(before)
    }
}

/// An atomic store; and of our own program, whoever presses twice is out of patience.
extern "C" fn on_sigint(_signal: c_int) {
    let again = PRESSED.swap(true, Relaxed);
    if !WAS_DEFAULT.load(Relaxed) {
        return;
    }
    if again {
        // SAFETY: both may be called in a handler; the signal comes when it returns.
        unsafe {
            libc::signal(libc::SIGINT, libc::SIG_DFL);
            libc::raise(libc::SIGINT);
        }
    } else if !LAST_WORDS.load(Acquire).is_null() {
        let soon = libc::itimerval {
            it_interval: libc::timeval {
                tv_sec: 0,
                tv_usec: 0,
            },
            it_value: libc::timeval {
                tv_sec: 0,
                tv_usec: AT_ONCE_US,
            },
        };
        // SAFETY: two system calls with plain data.
        unsafe {
            libc::signal(libc::SIGALRM, on_alarm as *const () as libc::sighandler_t);
            libc::setitimer(libc::ITIMER_REAL, &raw const soon, std::ptr::null_mut());
        }
    }
}

/// How long a question of our own program may take to end by itself: a large answer that was
/// read half takes seconds to be let go of.
const AT_ONCE_US: libc::suseconds_t = 150_000;

/// For standard output, and for standard error.
type Words = (Vec<u8>, Vec<u8>);
static LAST_WORDS: AtomicPtr<Words> = AtomicPtr::new(std::ptr::null_mut());

/// While it lives, Ctrl-C ends our own program soon, whatever it does: it must do nothing but answer.
pub(crate) struct LastWords;

impl LastWords {
    /// What is said then.
    pub(crate) fn new(out: &str, err: &str) -> Self {
        let words = Box::new((out.as_bytes().to_vec(), err.as_bytes().to_vec()));
        // Never freed: a handler may be reading it. A program asks one question.
        LAST_WORDS.store(Box::into_raw(words), Release);
        Self
    }
}

impl Drop for LastWords {
    fn drop(&mut self) {
        LAST_WORDS.store(std::ptr::null_mut(), Release);
    }
}

extern "C" fn on_alarm(_signal: c_int) {
    let words = LAST_WORDS.load(Acquire);
    if words.is_null() {
        return; // It has ended by itself, and says so.
    }
    // SAFETY: it is never freed, and these calls may be made in a handler.
    unsafe {
        let (out, err) = &*words;
        libc::write(2, err.as_ptr().cast(), err.len());
        libc::write(1, out.as_ptr().cast(), out.len());
        libc::_exit(130);
    }
}

/// What was read for a question. When Ctrl-C has ended it, nobody waits until it is let go of:
/// that takes seconds for a million hits.
#[derive(Default)]
pub(crate) struct Answered<T: Default + Send + 'static>(T);

impl<T: Default + Send> Answered<T> {
    pub(crate) fn new(answer: T) -> Self {
        Self(answer)
    }

    pub(crate) fn into_inner(mut self) -> T {
        mem::take(&mut self.0)
    }
}

impl<T: Default + Send> Deref for Answered<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Default + Send> DerefMut for Answered<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Default + Send> Drop for Answered<T> {
    fn drop(&mut self) {
        if pressed() {
            let answer = mem::take(&mut self.0);
            let name = thread::Builder::new().name("dbg-session-free".into());
            // Where there is no thread to be had, it takes its time here.
            let _ = with_signals_blocked(|| name.spawn(move || drop(answer)));
        }
    }
}

/// Reads what another program writes, and looks at the flag while it writes nothing.
pub(crate) struct Watched<R>(pub(crate) R);

impl<R: io::Read + std::os::fd::AsRawFd> io::Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const PAUSE_MS: c_int = 50;
        loop {
            check().map_err(io::Error::other)?;
            let mut fd = libc::pollfd {
                fd: self.0.as_raw_fd(),
                events: libc::POLLIN,
                revents: 0,
            };
            // SAFETY: one struct, which outlives the call.
            if unsafe { libc::poll(&raw mut fd, 1, PAUSE_MS) } > 0 {
                return self.0.read(buffer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says in which thread it was let go of.
    struct Tells(std::sync::mpsc::Sender<thread::ThreadId>);
    impl Drop for Tells {
        fn drop(&mut self) {
            let _ = self.0.send(thread::current().id());
        }
    }

    fn let_go_of() -> thread::ThreadId {
        let (tells, told) = std::sync::mpsc::channel();
        drop(Answered::new(vec![Tells(tells)]));
        told.recv().unwrap()
    }

    /// One test, since the signal is the whole process's.
    #[test]
    fn a_signal_ends_what_asks_and_nothing_else() {
        let press = || {
            // SAFETY: our handler is installed wherever this is called.
            assert_eq!(unsafe { libc::raise(libc::SIGINT) }, 0);
        };
        let before = current().unwrap().sa_sigaction;
        listening(Reach::Anywhere, || {
            assert!(check().is_ok());
            assert_eq!(let_go_of(), thread::current().id());
            press();
            assert!(check().is_err());
            assert_ne!(let_go_of(), thread::current().id(), "nobody waits for it");
            assert!(!thread::spawn(pressed).join().unwrap(), "the recorder's");
            let own = reach();
            assert!(thread::spawn(move || within(own, pressed)).join().unwrap());
            assert!(within(Reach::Between, check).is_ok());
            assert!(within(Reach::Between, check_between).is_err());
        });
        assert_eq!(current().unwrap().sa_sigaction, before);
        listening(Reach::Anywhere, || assert!(check().is_ok(), "a new one"));
        listening(Reach::Anywhere, || {
            let mut conn = Connection::open_in_memory().unwrap();
            watch(&mut conn).unwrap();
            let presser = thread::spawn(move || {
                thread::sleep(Duration::from_millis(20));
                press();
            });
            let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                           SELECT count(*) FROM n";
            let error = conn.query_row(endless, [], |_| Ok(())).unwrap_err();
            assert!(is_interruption(&error.into()));
            presser.join().unwrap();
        });
    }
}
