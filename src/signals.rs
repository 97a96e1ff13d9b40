//! Threads of ours inside a debugger.

/// Runs `start` with every signal blocked, which a thread started in it
/// inherits: signals are the debugger's business, and its own thread's.
pub(crate) fn with_signals_blocked<T>(start: impl FnOnce() -> T) -> T {
    // SAFETY: both sets are plain data that outlives the calls; sigfillset and
    // pthread_sigmask cannot fail with these arguments.
    unsafe {
        let mut all = std::mem::zeroed();
        let mut before = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const all, &raw mut before);
        let result = start();
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
        result
    }
}
