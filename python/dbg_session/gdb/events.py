"""Listening to GDB.  Part of the GDB face."""

from __future__ import annotations

import _thread
import contextlib
from typing import TYPE_CHECKING, Any

import gdb

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


def _unheard(_trouble: str) -> None:
    """Before anybody listens."""


def _absorbing() -> Generator[None, object, None]:
    """Take the Ctrl-C that came before Python had its turn.

    It is raised as soon as Python goes on.  A function raises it as it is entered, outside of any
    `try`; a generator goes on inside of the one where it waits.
    """
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                try:
                    yield
                except KeyboardInterrupt:  # noqa: PERF203 - once a Ctrl-C
                    hand_back()


_absorb = _absorbing()
next(_absorb)

# Who is told, in a sentence, what went wrong of ours.  There is one GDB in a process.
complain: Callable[[str], None] = _unheard


def listen(registry: Any, handler: Callable[[Any], None], again: bool = True) -> tuple[Callable[..., Any], ...]:
    """Have `handler` called at each event of a registry; nothing that happens there reaches GDB.

    A Ctrl-C is Python's as long as Python runs, and GDB drops what a handler raises.  So it is
    given back, and the handler finishes its work: it is called `again`, if it may be called twice
    for one event.
    Returns what is connected, to be disconnected.
    """

    def heard(event: Any = None) -> None:
        try:
            try:
                handler(event)
            except KeyboardInterrupt:
                hand_back()
                if again:
                    handler(event)
        except Exception as error:
            complain(f"an event was not understood: {type(error).__name__}: {error}")

    # Of its prompt GDB tells without an argument.
    absorb = _absorb.__next__ if registry is gdb.events.before_prompt else _absorb.send
    connected: tuple[Callable[..., Any], ...] = absorb, heard
    for one in connected:
        registry.connect(one)
    return connected


def hand_back() -> None:
    """Give GDB the Ctrl-C that came while we were at work: it is the program's, or GDB's, to stop.

    A Ctrl-C is Python's as long as Python runs.
    """
    gdb.post_event(_given_back)


def _given_back() -> None:
    """Stop what has gone on meanwhile; else it is as if Ctrl-C were pressed at the prompt.

    Of a program that goes on by itself most of the time is spent in our handlers, so that a Ctrl-C
    that GDB only notes down would be Python's again at the next stop, and so on for ever.
    """
    if any(thread.is_running() for thread in gdb.selected_inferior().threads()):
        gdb.execute("interrupt", False, True)
    else:
        # Made from C, with no Python around it, it is found by GDB.
        gdb.post_event(_thread.interrupt_main)
