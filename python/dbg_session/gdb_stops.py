"""Which of GDB's stops are hits.  Part of the GDB face."""

# ruff: noqa: A001, A002, BLE001 - a breakpoint is a breakpoint, and nothing may be raised into GDB
from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

import gdb

from .host import Stop, Thread, ends_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from .host import Frame

_WATCHPOINTS = tuple(
    getattr(gdb, name)
    for name in (
        "BP_WATCHPOINT",
        "BP_HARDWARE_WATCHPOINT",
        "BP_READ_WATCHPOINT",
        "BP_ACCESS_WATCHPOINT",
    )
    if hasattr(gdb, name)
)
_CATCHPOINT = getattr(gdb, "BP_CATCHPOINT", -1)
_CATCH_REASONS = ("fork", "vfork", "exec", "syscall-entry", "syscall-return", "solib-event")


class Stops:
    """Listens to GDB, and hands on each real stop once."""

    def __init__(self, handler: Callable[[Stop], None], frame: Callable[[], Frame | None]) -> None:
        self._handler = handler
        self._frame = frame
        self._seen: dict[int, tuple[int, int]] = {}  # number -> (hit count, ignore count)
        self._touched: set[int] = set()
        self._pid: int = gdb.selected_inferior().pid
        self._catches: dict[int, tuple[str, str | None]] = {}
        # Whether `gdb.execute` may be used: it would run the commands of the breakpoint that
        # was just hit, and they may set the program going under our feet.
        self.may_execute = True
        gdb.events.stop.connect(self._stopped)
        gdb.events.breakpoint_created.connect(self._created)
        gdb.events.breakpoint_modified.connect(self._modified)
        gdb.events.breakpoint_deleted.connect(self._deleted)

        for breakpoint in gdb.breakpoints() or ():
            self._created(breakpoint)
            self._seen[breakpoint.number] = (breakpoint.hit_count, breakpoint.ignore_count)

    def _created(self, breakpoint: Any) -> None:
        # Asked now, because at a stop it must not be.
        if breakpoint.type == _CATCHPOINT:
            self._catches[breakpoint.number] = _catch(breakpoint.number)

    def _modified(self, breakpoint: Any) -> None:
        self._touched.add(breakpoint.number)

    def _deleted(self, breakpoint: Any) -> None:
        self._seen.pop(breakpoint.number, None)
        self._touched.discard(breakpoint.number)
        self._catches.pop(breakpoint.number, None)

    def _stopped(self, event: Any) -> None:
        try:
            listed = event.breakpoints if isinstance(event, gdb.BreakpointEvent) else ()
            self.may_execute = not any(b.commands for b in listed)
            with _thread_of(event) as thread:
                stop = None if thread is None else self._classify(event, thread)
                if stop is not None:
                    self._handler(stop)
        except (Exception, KeyboardInterrupt) as error:
            # Whatever went wrong is ours alone: the user's stop must look as always.
            gdb.write(f"dbg-session: {type(error).__name__}: {error}\n", gdb.STDERR)

    def _classify(self, event: Any, thread: Any) -> Stop | None:
        inferior = gdb.selected_inferior()
        if _is_core(inferior):
            return None
        fresh = inferior.pid != self._pid
        self._pid = inferior.pid
        if isinstance(event, gdb.BreakpointEvent):
            return self._at_breakpoints(event, thread, fresh)
        self._touched.clear()
        if isinstance(event, gdb.SignalEvent):
            name = event.stop_signal
            if ends_program(name):
                return self._stop("signal", [], name, thread)
            return None
        details = getattr(event, "details", None)
        reason = details.get("reason") if isinstance(details, dict) else None
        if reason in _CATCH_REASONS:
            return self._stop("catchpoint", [], reason, thread)
        return None

    def _at_breakpoints(self, event: Any, thread: Any, fresh: bool) -> Stop | None:
        # A tracepoint records by itself, also where it really stops.
        listed = [b for b in event.breakpoints if b.number > 0 and not hasattr(b, "passed")]
        true = [b for b in listed if self._truly(b, fresh)]
        self._touched.clear()
        chosen = true or [b for b in listed if not b.condition][:1] or listed[:1]
        if not chosen:
            return None
        reason, detail = self._kind(chosen)
        numbers: list[tuple[int, int | None]] = [(int(b.number), int(b.hit_count)) for b in chosen]
        return self._stop(reason, numbers, detail, thread)

    def _truly(self, breakpoint: Any, fresh: bool) -> bool:
        """Whether this one of several at a place stopped.

        A false condition is not counted, and an ignored pass is, so both counts are compared
        with those last seen.
        """
        number, hits, ignored = breakpoint.number, breakpoint.hit_count, breakpoint.ignore_count
        was_hits, was_ignored = self._seen.get(number, (0, ignored))
        self._seen[number] = (hits, ignored)
        if fresh or hits < was_hits:
            # A new process: GDB counts from 0 again.
            return hits > 0 and (number in self._touched or not breakpoint.condition)
        return bool(hits - was_hits > max(0, was_ignored - ignored))

    def _kind(self, chosen: list[Any]) -> tuple[str, str | None]:
        for breakpoint in chosen:
            if breakpoint.type in _WATCHPOINTS:
                return "watchpoint", breakpoint.expression
            if breakpoint.type == _CATCHPOINT:
                return self._catches.get(breakpoint.number, ("catchpoint", None))
        return "breakpoint", None

    def _stop(self, reason: str, numbers: list[tuple[int, int | None]], detail: str | None, thread: Any) -> Stop:
        frame = self._frame()
        described = describe(thread)
        return Stop(reason, numbers, detail, described, self._pid, frame)


def describe(thread: Any) -> Thread:
    """A `gdb.InferiorThread` as plain data."""
    ids = thread.ptid
    return Thread(int(thread.num), int(ids[1] or ids[2] or ids[0]), thread.name)


def _catch(number: int) -> tuple[str, str | None]:
    """("exception" or "catchpoint", what it catches); GDB tells only in its table."""
    with contextlib.suppress(gdb.error):
        text = gdb.execute(f"info breakpoints {number}", False, True)
        for line in text.splitlines()[1:]:
            found = re.match(r"\d+\s+catchpoint\s+\w+\s+[yn]\s+(.*)", line)
            if found:
                what = found.group(1).strip()
                if what.startswith("exception "):
                    return "exception", what[len("exception ") :]
                return "catchpoint", what
    return "catchpoint", None


def _is_core(inferior: Any) -> bool:
    connection = getattr(inferior, "connection", None)
    return connection is not None and connection.type == "core"


@contextlib.contextmanager
def _thread_of(event: Any) -> Any:
    """Select the thread that stopped (in non-stop mode another one may be selected)."""
    selected = gdb.selected_thread()
    thread = event.inferior_thread
    if thread is None or selected is None or thread.ptid == selected.ptid:
        yield thread or selected
        return
    thread.switch()
    try:
        yield thread
    finally:
        selected.switch()
