"""Which of LLDB's stops are hits.  Part of the LLDB face.

A stop hook is the one thing that LLDB runs at every public stop before it shows it.
"""

# ruff: noqa: A001, A002, BLE001, PLR2004, T201 - a breakpoint is a breakpoint, and nothing may be raised into LLDB
from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import lldb

from .host import Stop, Thread, ends_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from .host import Frame

# Before LLDB 21 a target numbers its hooks from 1 although it has inherited ours, so that
# the user's first hook would take the place of ours.  Ours gets a number out of the way.
_OUT_OF_THE_WAY = 16

# The name of breakpoints that serve tracepoints; `breakpoint list` shows it.
TRACEPOINT = "dbg_session_trace"

_stops: Stops | None = None


class Hook:
    """What LLDB makes for `target stop-hook add -P`; one is shared by all targets."""

    def __init__(self, _target: Any, _extra: Any, _session: Any) -> None:
        pass

    def handle_stop(self, exe_ctx: Any, stream: Any) -> bool:
        """Never lets the process go on, and never raises."""
        if _stops is not None:
            _stops.stopped(exe_ctx.GetProcess(), stream)
        return True


class Stops:
    """Tells each thread's real stop once."""

    def __init__(
        self,
        debugger: Any,
        handler: Callable[[Stop], None],
        frame: Callable[[Any], Frame | None],
    ) -> None:
        global _stops  # noqa: PLW0603 - LLDB finds hooks by the name of a class only
        _stops = self
        self._debugger = debugger
        self._handler = handler
        self._frame = frame
        self._process = 0
        self._last: dict[int, int] = {}  # LLDB's id of a process -> stop id
        self._seen: dict[tuple[int, int, int], tuple[int, int]] = {}
        self._hooked: list[Any] = []
        self._inherits = False
        self.stream: Any = None
        self._run("script import dbg_session.lldb_stops", None)
        self.hook_targets()

    def hook_targets(self) -> None:
        """Put the hook on every target, and on the dummy that new targets inherit from.

        Before LLDB 20 the dummy can only be reached while there is no other target; what is
        created after that is found here, which is called at every stop and command.
        """
        debugger = self._debugger
        count = debugger.GetNumTargets()
        if not self._inherits and (count == 0 or _major(debugger) >= 20):
            self._inherits = True
            inherits_numbers = _major(debugger) >= 21
            number = 0 if inherits_numbers else _OUT_OF_THE_WAY
            self._add(lldb.SBExecutionContext(debugger.GetDummyTarget()), number)
        elif self._inherits:
            return
        for target in [debugger.GetTargetAtIndex(i) for i in range(count)]:
            if target not in self._hooked:
                self._hooked.append(target)
                selected = debugger.GetSelectedTarget()
                debugger.SetSelectedTarget(target)
                self._add(lldb.SBExecutionContext(target), 0)
                debugger.SetSelectedTarget(selected)

    def _add(self, where: Any, first: int) -> None:
        number = 0
        while number < first:
            text = self._run('target stop-hook add -o ""', where)
            found = re.search(r"#(\d+)", text)
            if not found:
                break
            number = int(found.group(1))
            self._run(f"target stop-hook delete {number}", where)
        hook = "target stop-hook add -P dbg_session.lldb_stops.Hook"
        # Where there is a choice, not at the very first instruction of a process.
        if not self._run(hook + " -I false", where):
            self._run(hook, where)

    def _run(self, command: str, where: Any) -> str:
        result = lldb.SBCommandReturnObject()
        interpreter = self._debugger.GetCommandInterpreter()
        if where is None:
            interpreter.HandleCommand(command, result, False)
        else:
            interpreter.HandleCommand(command, where, result, False)
        return (result.GetOutput() or "ok") if result.Succeeded() else ""

    # ------------------------------------------------------------ at a stop

    def stopped(self, process: Any, stream: Any) -> None:
        """Hand on what each thread stopped for, unless this stop was already seen."""
        self.stream = stream
        try:
            self.hook_targets()
            pid, stop = int(process.GetProcessID()), int(process.GetStopID())
            # Attached to once more, a process has its old id and counts its stops anew.
            self._process = int(process.GetUniqueID())
            if self._last.get(self._process) == stop or _is_core(process):
                return
            self._last[self._process] = stop
            for i in range(process.GetNumThreads()):
                thread = process.GetThreadAtIndex(i)
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
            described = Thread(thread.GetIndexID(), thread.GetThreadID(), thread.GetName())
            self._handler(Stop(reason, numbers, detail, described, pid, self._frame(thread)))
        except Exception as error:
            self._complain(error)

    def _complain(self, error: Exception) -> None:
        print(f"dbg-session: {type(error).__name__}: {error}", file=sys.stderr)

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
        was_hits, was_ignored = self._seen.get(key, (0, ignored))
        # Several threads at one place see the counts of all of them at once.
        stop = self._last[process]
        if self._seen.get((process, -key[1], key[2])) == (stop, hits):
            return True
        self._seen[key] = (hits, ignored)
        if hits < was_hits or hits - was_hits > max(0, was_ignored - ignored):
            self._seen[(process, -key[1], key[2])] = (stop, hits)
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


def _major(debugger: Any) -> int:
    found = re.search(r"version (\d+)", str(debugger.GetVersionString()))
    return int(found.group(1)) if found else 0


def _kind(breakpoint: Any) -> tuple[str, str | None]:
    text = lldb.SBStream()
    breakpoint.GetDescription(text, False)
    shown = text.GetData() or ""
    found = re.search(r"Exception breakpoint \(catch: (\w+) throw: (\w+)\)", shown)
    if found is None:
        return "breakpoint", None
    return "exception", "throw" if found.group(2) == "on" else "catch"


def _is_core(process: Any) -> bool:
    name = process.GetPluginName() or ""
    return name.endswith("-core") or name == "minidump"
