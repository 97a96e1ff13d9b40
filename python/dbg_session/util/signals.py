"""Which signals end a program."""

from __future__ import annotations

# Signals whose default action ends the program, less SIGINT, which is the user's own.
_FATAL = frozenset(
    [
        "SIGABRT",
        "SIGALRM",
        "SIGBUS",
        "SIGFPE",
        "SIGHUP",
        "SIGILL",
        "SIGIO",
        "SIGPOLL",
        "SIGKILL",
        "SIGPIPE",
        "SIGPROF",
        "SIGPWR",
        "SIGQUIT",
        "SIGSEGV",
        "SIGSTKFLT",
        "SIGSYS",
        "SIGTERM",
        "SIGTRAP",
        "SIGUSR1",
        "SIGUSR2",
        "SIGVTALRM",
        "SIGXCPU",
        "SIGXFSZ",
        "SIGEMT",
    ]
)


def ends_program(signal: str) -> bool:
    """Whether a signal of this name would end a program that does not handle it."""
    realtime = signal.startswith("SIGRT") or (signal[3:].isdigit() and int(signal[3:]) >= 32)
    return signal in _FATAL or realtime
