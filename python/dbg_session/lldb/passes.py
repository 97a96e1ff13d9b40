"""Hits that LLDB tells nobody of, found by their count.  Part of the LLDB face.

A breakpoint that goes on by itself (`--auto-continue true`, commands that end with `continue`) makes no
stop that a hook sees, nor does one that is hit while an expression of the user's runs.  LLDB counts
them.  So the counts are compared at each stop and command, and what they grew by beyond the hits that
were told is handed on as passed by, with its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import lldb

from dbg_session.util.lazy_regex import Pattern

if TYPE_CHECKING:
    from collections.abc import Callable

Place = tuple[int, int]  # the numbers of a breakpoint and of its location

# A callback of the user's that decides whether to stop is like a condition: where it says no, there is no hit.
_CALLBACK = Pattern(r"[\w.]+\(frame, bp_loc, (extra_args, )?internal_dict\)")


class Seen(NamedTuple):
    """How a process stood when it was last looked at."""

    stops: int  # by itself
    inside: int  # within expressions
    counts: dict[Place, tuple[int, int]]  # hits, and passes still to be ignored


class Passed(NamedTuple):
    """A location that was passed, and how often."""

    breakpoint: Any
    location: Any
    times: int


class Passes:
    """The counts of all breakpoints of one debugger."""

    def __init__(self, is_ours: Callable[[Any], bool]) -> None:
        self._is_ours = is_ours
        self._seen: dict[int, Seen] = {}  # by LLDB's id of a process

    def look(self, process: Any, told: dict[Place, int], missed: bool = False) -> list[Passed]:
        """What was passed since the last time, beyond the hits that are `told` right now.

        With `missed` stops may have been shown that nobody told us of.
        """
        target = process.GetTarget()
        breakpoints = [target.GetBreakpointAtIndex(i) for i in range(target.GetNumBreakpoints())]
        breakpoints = [one for one in breakpoints if not self._is_ours(one)]
        natural = int(process.GetStopID(False))
        now = Seen(natural, int(process.GetStopID(True)) - natural, {})
        key = int(process.GetUniqueID())
        before = self._seen.get(key, Seen(0, 0, {}))
        grown = []
        for breakpoint in breakpoints:
            for i in range(breakpoint.GetNumLocations()):
                location = breakpoint.GetLocationAtIndex(i)
                place = (int(breakpoint.GetID()), int(location.GetID()))
                hits, ignored = int(location.GetHitCount()), int(breakpoint.GetIgnoreCount())
                now.counts[place] = hits, ignored
                was_hits, was_ignored = before.counts.get(place, (0, ignored))
                more = hits - was_hits - max(0, was_ignored - ignored) - told.get(place, 0)
                if more > 0 and not _picks_threads(breakpoint):
                    grown.append(Passed(breakpoint, location, more))
        self._seen[key] = now
        return _believed(grown, now.stops - before.stops, now.inside - before.inside, missed)


def _believed(grown: list[Passed], natural: int, inside: int, missed: bool) -> list[Passed]:
    """Leaves out ignored passes, and those by expressions that ignore breakpoints, as they mostly do.

    LLDB counts these too.  A breakpoint that always stops has no others.  An expression that runs to
    its end makes two stops more than breakpoints that it passes, one that a breakpoint interrupts
    makes that one.
    """
    if inside and inside == sum(one.times for one in grown):
        return grown
    if not natural:
        return []
    return [one for one in grown if (missed and not inside) or _goes_on(one.breakpoint)]


def _picks_threads(breakpoint: Any) -> bool:
    """LLDB counts the passes of other threads as well."""
    number = breakpoint.GetThreadIndex()
    picks = breakpoint.GetThreadName() or breakpoint.GetQueueName() or number != 0xFFFFFFFF
    return bool(picks or breakpoint.GetThreadID() not in (0, lldb.LLDB_INVALID_THREAD_ID)) or _decides(breakpoint)


def _commands(breakpoint: Any) -> list[str]:
    lines = lldb.SBStringList()
    breakpoint.GetCommandLineCommands(lines)
    return [lines.GetStringAtIndex(i) or "" for i in range(lines.GetSize())]


def _decides(breakpoint: Any) -> bool:
    """Whether a callback of the user's says if it stops."""
    return any(_CALLBACK.search(line) for line in _commands(breakpoint))


def _goes_on(breakpoint: Any) -> bool:
    return bool(breakpoint.GetAutoContinue() or _commands(breakpoint))


class Standing:
    """A location's address, asked as if a frame stood there."""

    def __init__(self, location: Any, target: Any) -> None:
        self._address = location.GetAddress()
        self._target = target

    def __getattr__(self, name: str) -> Any:
        return getattr(self._address, name)

    def IsInlined(self) -> bool:  # noqa: N802 - as LLDB has it
        """Whether the innermost block there is an inlined function."""
        block = self._address.GetBlock()
        return bool(block.IsValid() and (block.IsInlined() or block.GetContainingInlinedBlock().IsValid()))

    def GetFunctionName(self) -> str | None:  # noqa: N802
        """The name of the innermost function, also of an inlined one."""
        block = self._address.GetBlock()
        inlined = block if block.IsInlined() else block.GetContainingInlinedBlock()
        name = inlined.GetInlinedName() if inlined.IsValid() else self._address.GetFunction().GetName()
        return str(name) if name else None

    def GuessLanguage(self) -> int:  # noqa: N802
        """What a symbol without debug information may be of."""
        return int(lldb.eLanguageTypeUnknown)

    def GetThread(self) -> Standing:  # noqa: N802
        """The way to the target is by the thread and its process."""
        return self

    GetProcess = GetThread

    def GetTarget(self) -> Any:  # noqa: N802
        """The target."""
        return self._target
