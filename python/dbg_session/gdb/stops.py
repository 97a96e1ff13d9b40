"""Which of GDB's stops are hits.  Part of the GDB face."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

import gdb

from dbg_session.util import interruptions
from dbg_session.util.signals import ends_program

from . import events
from .events import hand_back, listen
from .names import named

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbg_session.host.data import Thread
    from dbg_session.host.frames import Frame
    from dbg_session.host.stops import Stop

    from .calls import Calls

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

    def __init__(
        self,
        handler: Callable[[Stop], None],
        frame: Callable[[], Frame | None],
        calls: Calls,
    ) -> None:
        self._handler = handler
        self._calls = calls
        self._frame = frame
        self._counts: dict[int, tuple[int, int]] = {}  # number -> (hit count, ignore count)
        self._hit: set[int] = set()  # numbers of the breakpoints that stopped since the last stop
        self._pid: int = gdb.selected_inferior().pid
        self._catches: dict[int, tuple[str, str | None]] = {}
        listen(gdb.events.stop, self._stopped, again=False)
        listen(gdb.events.breakpoint_created, self._created)
        listen(gdb.events.breakpoint_modified, self._modified)
        listen(gdb.events.breakpoint_deleted, self._deleted)
        listen(gdb.events.new_thread, self._new_thread)

        for breakpoint in gdb.breakpoints() or ():
            self._created(breakpoint)

    def _created(self, breakpoint: Any) -> None:
        self._counts[breakpoint.number] = _counts(breakpoint)
        # Asked now, because at a stop it must not be.
        if breakpoint.type == _CATCHPOINT:
            self._catches[breakpoint.number] = _catch(breakpoint.number)

    def _modified(self, breakpoint: Any) -> None:
        """GDB tells of each change before the stop that it leads to, one by one.

        A pass where the condition is false, or that is another thread's, is not counted; one that
        `ignore` lets go is, with the number of those to ignore going down.
        """
        number, now = breakpoint.number, _counts(breakpoint)
        hits, ignored = self._counts.get(number, now)
        if now[0] < hits:  # set back by a script; GDB does not tell of that
            hits = 0
        if now[0] > hits and now[1] >= ignored:
            self._hit.add(number)
        self._counts[number] = now

    def _deleted(self, breakpoint: Any) -> None:
        self._counts.pop(breakpoint.number, None)
        self._hit.discard(breakpoint.number)
        self._catches.pop(breakpoint.number, None)

    def _new_thread(self, event: Any) -> None:
        # `run` sets the counts back without telling, and before the first thread is there.
        if event.inferior_thread.num == 1:
            for breakpoint in gdb.breakpoints() or ():
                self._counts[breakpoint.number] = _counts(breakpoint)

    def _stopped(self, event: Any) -> None:
        before = interruptions.count()
        try:
            true = self._true(event)
            self._calls.commands_wait = any(b.commands for b in true)
            with _thread_of(event) as thread:
                stop = None if thread is None else self._classify(event, true, thread)
                if stop is not None:
                    self._handler(stop)
        except KeyboardInterrupt:
            hand_back()
        except Exception as error:
            # Whatever went wrong is ours alone: the user's stop must look as always.
            events.complain(f"a stop was not recorded: {type(error).__name__}: {error}")
        if interruptions.count() != before:
            hand_back()

    def _true(self, event: Any) -> list[Any]:
        """The breakpoints that truly stopped.

        GDB lists every one at that address, also when a step just ends there, and at every stop
        the watchpoints that it checks by stepping.  With a signal it lists none.
        """
        stopped, self._hit = self._hit, set()
        if isinstance(event, gdb.BreakpointEvent):
            listed = event.breakpoints
        elif stopped and isinstance(event, gdb.SignalEvent):  # `catch signal`
            listed = [b for b in gdb.breakpoints() if b.type == _CATCHPOINT]
        else:
            return []
        return [b for b in listed if b.number in stopped]

    def _classify(self, event: Any, true: list[Any], thread: Any) -> Stop | None:
        inferior = gdb.selected_inferior()
        if _is_core(inferior):
            return None
        self._pid = inferior.pid
        # A tracepoint records by itself, also where it really stops.
        chosen = [b for b in true if b.number > 0 and not hasattr(b, "passed")]
        numbers: list[tuple[int, int | None]] = [(int(b.number), int(b.hit_count)) for b in chosen]
        if isinstance(event, gdb.SignalEvent) and ends_program(event.stop_signal):
            return self._stop("signal", numbers, event.stop_signal, thread)
        if chosen:
            reason, detail = self._kind(chosen)
            return self._stop(reason, numbers, detail, thread)
        details = getattr(event, "details", None)
        caught = details.get("reason") if isinstance(details, dict) else None
        if caught in _CATCH_REASONS:
            return self._stop("catchpoint", [], caught, thread)
        return None

    def _kind(self, chosen: list[Any]) -> tuple[str, str | None]:
        for breakpoint in chosen:
            if breakpoint.type in _WATCHPOINTS:
                return "watchpoint", breakpoint.expression
            if breakpoint.type == _CATCHPOINT:
                return self._catches.get(breakpoint.number, ("catchpoint", None))
        return "breakpoint", None

    def _stop(self, reason: str, numbers: list[tuple[int, int | None]], detail: str | None, thread: Any) -> Stop:
        from dbg_session.host.stops import Stop  # late: loading must not be felt

        frame = self._frame()
        described = describe(thread)
        return Stop(reason, numbers, detail, described, self._pid, frame)


def describe(thread: Any) -> Thread:
    """A `gdb.InferiorThread` as plain data."""
    from dbg_session.host.data import Thread  # late: loading must not be felt

    ids = thread.ptid
    return Thread(int(thread.num), int(ids[1] or ids[2] or ids[0]), named(lambda: thread.name))


def _counts(breakpoint: Any) -> tuple[int, int]:
    return breakpoint.hit_count, breakpoint.ignore_count


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
