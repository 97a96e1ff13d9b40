"""Which of LLDB's stops are hits.  Part of the LLDB face."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import lldb

from dbg_session.util.signals import ends_program

from .hook import Hooks
from .passes import Passed, Passes, Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbg_session.host.data import Thread
    from dbg_session.host.frames import Frame
    from dbg_session.host.stops import Stop

# The name of breakpoints that serve tracepoints; `breakpoint list` shows it.
TRACEPOINT = "dbg_session_trace"
_PUT_BACK = "the stop hook that recording needs had been deleted or disabled; it is set again"


class Stops:
    """Tells each thread's real stop once."""

    def __init__(
        self,
        debugger: Any,
        handler: Callable[[Stop], None],
        complain: Callable[[str], None],
        frame: Callable[[Any], Frame | None],
    ) -> None:
        self._handler = handler
        self._tell_trouble = complain
        self._frame = frame
        self._process = 0
        self._last: dict[int, int] = {}  # LLDB's id of a process -> stop id
        # By process, breakpoint and location: its hits and the passes to ignore, as last counted;
        # and the stop that it last counted for, with its hits then.
        self._counted: dict[tuple[int, int, int], tuple[int, int]] = {}
        self._stopped: dict[tuple[int, int, int], tuple[int, int]] = {}
        self.stream: Any = None
        self._told = False  # that the hook had been deleted
        self._debugger = debugger
        # Who hears of hits that LLDB tells nobody of: (breakpoint, location, how many, only thread, process id).
        self.passed: Callable[[Passed, Thread | None, int], None] | None = None
        self._passes = Passes(lambda one: bool(one.MatchesName(TRACEPOINT)))
        self.hooks = Hooks(debugger, self.stopped)

    def refresh(self) -> list[str]:
        """See that stops are told everywhere; what to say of that, which is said once."""
        lost = self.hooks.put_back()
        self.catch_up(lost)
        if not lost or self._told:
            return []
        self._told = True
        return [_PUT_BACK]

    def catch_up(self, missed: bool) -> None:
        """Hand on the hits that no stop told; with `missed` there may have been stops without the hook."""
        try:
            for i in range(self._debugger.GetNumTargets()):
                process = self._debugger.GetTargetAtIndex(i).GetProcess()
                if process.IsValid() and not is_core(process):
                    self._inside(process, self._passes.look(process, {}, missed))
        except Exception as error:
            self._complain(error)

    def _inside(self, process: Any, passed: list[Passed]) -> None:
        """What stands at its breakpoint, as an expression that was interrupted, is a hit as good as any."""
        standing = []
        places = {(one.breakpoint.GetID(), one.location.GetID()): one for one in passed}
        for thread in _threads(process):
            stopped = process.GetState() == lldb.eStateStopped and _listed(thread)
            place = next((place for place in stopped or () if place in places), None)
            if place is not None:
                one = places[place]
                places[place] = one._replace(times=one.times - 1)
                standing.append((("breakpoint", [(place[0], int(one.breakpoint.GetHitCount()))], None), thread))
        self._tell(process, list(places.values()))
        for found, thread in standing:
            self._hand_on(found, thread, int(process.GetProcessID()))

    def _tell(self, process: Any, passed: list[Passed]) -> None:
        threads = _threads(process)
        only = _described(threads[0]) if len(threads) == 1 else None
        for one in passed:
            if one.times and self.passed is not None:
                self.passed(one, only, int(process.GetProcessID()))

    # ------------------------------------------------------------ at a stop

    def stopped(self, process: Any, stream: Any) -> None:
        """Hand on what each thread stopped for, unless this stop was already seen."""
        self.stream = stream
        try:
            self.hooks.put_on_new()
            pid, stop = int(process.GetProcessID()), int(process.GetStopID())
            # Attached to once more, a process has its old id and counts its stops anew.
            self._process = int(process.GetUniqueID())
            if self._last.get(self._process) == stop or is_core(process):
                return
            self._last[self._process] = stop
            threads = _threads(process)
            told: dict[Place, int] = {}
            for place in (place for thread in threads for place in _listed(thread)):
                told[place] = told.get(place, 0) + 1
            self._tell(process, self._passes.look(process, told))
            for thread in threads:
                found = self._classify(process, thread)
                if found is not None:
                    self._hand_on(found, thread, pid)
        except Exception as error:
            self._complain(error)
        finally:
            self.stream = None

    def _hand_on(self, found: Any, thread: Any, pid: int) -> None:
        reason, numbers, detail = found
        try:
            from dbg_session.host.stops import Stop  # late: loading must not be felt

            self._handler(Stop(reason, numbers, detail, _described(thread), pid, self._frame(thread)))
        except Exception as error:
            self._complain(error)

    def _complain(self, error: Exception) -> None:
        self._tell_trouble(f"a stop was not recorded: {type(error).__name__}: {error}")

    def _classify(self, process: Any, thread: Any) -> Any:
        reason = thread.GetStopReason()
        if reason == lldb.eStopReasonBreakpoint:
            return self._at_breakpoints(process.GetTarget(), thread)
        if reason == lldb.eStopReasonWatchpoint:
            return self._at_watchpoint(process.GetTarget(), thread)
        if reason == lldb.eStopReasonSignal:
            number = int(thread.GetStopReasonDataAtIndex(0))
            name = process.GetUnixSignals().GetSignalAsCString(number) or f"SIG{number}"
            return ("signal", [], name) if ends_program(name) else None
        if reason == lldb.eStopReasonException:
            return "exception", [], thread.GetStopDescription(256)
        return None

    def _at_breakpoints(self, target: Any, thread: Any) -> Any:
        true: dict[int, int | None] = {}
        listed: dict[int, int | None] = {}
        kind: tuple[str, str | None] = ("breakpoint", None)
        traced = False
        for i in range(0, thread.GetStopReasonDataCount(), 2):
            number = int(thread.GetStopReasonDataAtIndex(i))
            if number >= 1 << 31:  # LLDB's own
                continue
            breakpoint = target.FindBreakpointByID(number)
            if not breakpoint.IsValid():  # a one-shot breakpoint is already gone
                true[number] = 1
                continue
            if breakpoint.MatchesName(TRACEPOINT):  # it records by itself, also where it really stops
                traced = True
                continue
            place = int(thread.GetStopReasonDataAtIndex(i + 1))
            listed[number] = int(breakpoint.GetHitCount())
            if self._truly(breakpoint, breakpoint.FindLocationByID(place)):
                true[number] = listed[number]
                kind = _kind(breakpoint)
        if not true and not listed and not traced:
            # Before LLDB 21 a one-shot breakpoint that is gone is only in the words.
            found = re.match(r"(?:one-shot )?breakpoint (\d+)", thread.GetStopDescription(256) or "")
            if found is None or target.FindBreakpointByID(int(found.group(1))).MatchesName(TRACEPOINT):
                return None
            return "breakpoint", [(int(found.group(1)), 1)], None
        chosen = true or listed
        return (kind[0], list(chosen.items()), kind[1]) if chosen else None

    def _truly(self, breakpoint: Any, location: Any) -> bool:
        """Whether this one of several at a place stopped.

        A false condition is not counted, and an ignored pass is, so both counts are compared
        with those last seen.
        """
        process = self._process
        key = (process, breakpoint.GetID(), location.GetID() if location.IsValid() else 0)
        counted = location if location.IsValid() else breakpoint
        hits = int(counted.GetHitCount())
        ignored = int(breakpoint.GetIgnoreCount())
        was_hits, was_ignored = self._counted.get(key, (0, ignored))
        # Several threads at one place see the counts of all of them at once.
        stop = self._last[process]
        if self._stopped.get(key) == (stop, hits):
            return True
        self._counted[key] = (hits, ignored)
        if hits < was_hits or hits - was_hits > max(0, was_ignored - ignored):
            self._stopped[key] = (stop, hits)
            return True
        return False

    def _at_watchpoint(self, target: Any, thread: Any) -> Any:
        number = int(thread.GetStopReasonDataAtIndex(0))
        watchpoint = target.FindWatchpointByID(number)
        detail, hits = None, None
        if watchpoint.IsValid():
            detail = getattr(watchpoint, "GetWatchSpec", lambda: None)() or None
            hits = int(watchpoint.GetHitCount())
        return "watchpoint", [(number, hits)], detail


def _threads(process: Any) -> list[Any]:
    return [process.GetThreadAtIndex(i) for i in range(process.GetNumThreads())]


def _described(thread: Any) -> Thread:
    from dbg_session.host.data import Thread

    return Thread(thread.GetIndexID(), thread.GetThreadID(), thread.GetName())


def _listed(thread: Any) -> list[Place]:
    """The locations of breakpoints that a thread stopped at; also those whose condition was false."""
    if thread.GetStopReason() != lldb.eStopReasonBreakpoint:
        return []
    data = [int(thread.GetStopReasonDataAtIndex(i)) for i in range(thread.GetStopReasonDataCount())]
    return list(zip(data[::2], data[1::2]))


def _kind(breakpoint: Any) -> tuple[str, str | None]:
    text = lldb.SBStream()
    breakpoint.GetDescription(text, False)
    shown = text.GetData() or ""
    found = re.search(r"Exception breakpoint \(catch: (\w+) throw: (\w+)\)", shown)
    if found is None:
        return "breakpoint", None
    return "exception", "throw" if found.group(2) == "on" else "catch"


def is_core(process: Any) -> bool:
    """Whether a process is no more than a file."""
    name = process.GetPluginName() or ""
    return name.endswith("-core") or name == "minidump"
