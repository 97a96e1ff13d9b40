"""A tracepoint: a breakpoint that records and goes on.

What a tracepoint does at each passing is decided here, once for both debuggers: conditions,
every how many, how often, until when, and what it all cost.  `gdb/tracer.py` and
`lldb/tracer.py` only set the debugger's breakpoints and call `Tracepoint.passed`.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from dbg_session.host.breakpoints import Breakpoint, Place
from dbg_session.host.errors import HostError
from dbg_session.host.stops import Stop
from dbg_session.util import interruptions
from dbg_session.values.conditions import Condition

from .capture import capture

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbg_session.host.protocol import Passing, TraceBreakpoint, Tracer
    from dbg_session.snapshots.learning import SnapshotWay
    from dbg_session.values.reader import Limits
    from dbg_session.values.tuples import Captured

    from .recording import Recording
    from .watches import Watches


class Options(NamedTuple):
    """What was asked for with `trace`; None: not."""

    spec: str
    kind: str = "location"  # or regex, return
    condition: str | None = None
    every: int = 1
    most: int | None = None
    captures: tuple[str, ...] = ()
    stack: int | None = None
    until: str | None = None
    place: Place | None = None  # of a session's file: set in parts, not as `spec` says


class Shared(NamedTuple):
    """What all tracepoints of a debugger have in common."""

    recording: Recording
    watches: Watches
    snapshots: SnapshotWay
    tracer: Tracer
    removed: Callable[[Tracepoint], None]  # told of one that has removed itself
    complain: Callable[[Tracepoint, Exception], None]  # told of a mistake of ours


class Tracepoint:
    """One tracepoint, and what it has seen."""

    def __init__(self, shared: Shared, options: Options, spec: object) -> None:
        """Set it at `spec`, which the debugger's `Tracer` takes."""
        self._shared = shared
        self._recording = shared.recording
        self._host = shared.recording.host
        self.options = options
        self.condition = Condition(options.condition) if options.condition else None
        self.until = Condition(options.until) if options.until else None
        self.done = False  # records nothing more
        self.seen = 0  # passings
        self.held = 0  # of these, passings with a true condition
        self.recorded = 0
        self.raw = 0  # of these, hits that the debugger was not asked for
        self.cut = 0  # hits with a value that was cut short
        self.lost = 0
        self.failed = 0  # passings at which the condition could not be evaluated
        self.first = self.last = 0.0
        self.notes: list[str] = []
        self._spent: deque[int] = deque(maxlen=255)  # nanoseconds of the newest passings
        self._ready = False  # a thread may pass before we know what it passes
        self.breakpoint = self._set(spec)
        self._ready = True

    def _set(self, spec: object) -> TraceBreakpoint:
        """Its breakpoint in the debugger."""
        return self._shared.tracer.set(spec, self.passed)

    @property
    def number(self) -> int:
        """As the debugger numbers its breakpoints."""
        return self.breakpoint.number

    def passed(self, passing: Passing) -> bool:
        """A thread passes here: record what is to be recorded; whether the program is to stop.

        Raises nothing; Ctrl-C stops the program.
        """
        return self._guarded(self._passed, passing)

    def _guarded(self, work: Callable[[Passing], bool], passing: Passing) -> bool:
        start = time.perf_counter_ns()
        if self.done or not self._ready:
            return False
        if self._recording.calling:
            return False  # it is us who pass here, not the program
        before = interruptions.count()
        try:
            with self._host.quiet():
                stop = work(passing)
        except KeyboardInterrupt:
            stop = self._interrupted()
        except Exception as error:
            stop = False
            self._shared.complain(self, error)
        if interruptions.count() != before:
            stop = self._interrupted()
        self._spent.append(time.perf_counter_ns() - start)
        return stop

    def _passed(self, passing: Passing) -> bool:
        self._noticed()
        if self.condition is not None and not self._true(self.condition, passing, "condition"):
            return False
        self.held += 1
        reached = self.until is not None and self._true(self.until, passing, "--until-value")
        if not reached and self.held % self.options.every:
            return False
        self.record(passing)
        if reached:
            self._stop_here()
        elif self.options.most is not None and self.recorded >= self.options.most:
            self._remove()
        return reached

    def _noticed(self) -> None:
        self.seen += 1
        self.last = time.monotonic()
        self.first = self.first or self.last

    def record(self, passing: Passing) -> None:
        """Record a hit here: what is called for each passing that is to be recorded."""
        shared, limits = self._shared, self._recording.limits
        # Watches are the debugger's to evaluate.
        taken = not shared.watches.any() and shared.snapshots.take(self.number, passing, limits)
        if isinstance(taken, tuple):
            self.raw += 1
            self._count(taken)
            return
        captured = self._capture(passing)
        if captured is None:
            return
        self.hand_on(captured)
        if taken and captured.stop.error is None:
            only, most = self.options.captures or None, self._limits().frames
            shared.snapshots.learn(self.number, passing, captured, limits, only, most)

    def _capture(self, passing: Passing) -> Captured | None:
        if not self._recording.records():
            return None
        stop = Stop("tracepoint", [(self.number, None)], None, passing.thread(), passing.pid(), passing.frame())
        return self._captured(stop, self.options.captures or None)

    def _captured(self, stop: Stop, only: tuple[str, ...] | None) -> Captured:
        watches = self._shared.watches
        captured = capture(self._host, stop, self._limits(), watches.quiet, only)
        watches.not_here(captured)
        return captured

    def _limits(self) -> Limits:
        limits, stack = self._recording.limits, self.options.stack
        return limits if stack is None else limits._replace(frames=max(1, stack))

    def hand_on(self, captured: Captured) -> None:
        """Give a captured hit to the recording, and count it."""
        taken = self._recording.trace_hit(captured)
        if taken is not None:
            self._count(taken)

    def _count(self, taken: tuple[int, bool, list[str]]) -> None:
        cut, kept, messages = taken
        self.recorded += 1
        self.cut += bool(cut)
        self.lost += not kept
        if messages:
            self._recording.say(messages)

    def _true(self, condition: Condition, passing: Passing, what: str) -> bool:
        try:
            frame = passing.frame()
            return frame is not None and condition.holds(self._host, frame)
        except HostError as error:
            self.failed += 1
            if self.failed == 1:
                self._say(
                    f"the {what} of tracepoint {self.number} cannot be evaluated: {str(error).rstrip('.')}; "
                    "it counts as false, and is told only once"
                )
            return False

    def _stop_here(self) -> None:
        self.done = True
        self.breakpoint.enable_soon(False)
        self._say(f"tracepoint {self.number} stops here: {self.options.until} is true; it is disabled now")

    def _remove(self) -> None:
        self.done = True
        self._shared.removed(self)
        self.breakpoint.delete_soon()
        s = "" if self.recorded == 1 else "s"
        self._say(f"tracepoint {self.number} is removed: it recorded {self.recorded} hit{s}, as --max wanted")

    def _interrupted(self) -> bool:
        self._say(f"interrupted at tracepoint {self.number}")
        return True

    def enable(self, on: bool) -> None:
        """Switch it on or off."""
        self.done = False
        self.breakpoint.enable(on)

    def delete(self) -> None:
        """Delete it in the debugger."""
        self.done = True
        self.breakpoint.delete()

    def gone(self) -> None:
        """The user deleted it as a breakpoint of the debugger."""
        self.done = True

    def _median(self) -> float | None:
        """Microseconds that a passing takes us; the first ones, which learn types, count no more."""
        spent = sorted(self._spent)
        return round(spent[len(spent) // 2] / 1000, 1) if spent else None

    def _say(self, sentence: str) -> None:
        self._recording.say([sentence])

    def standing(self) -> Breakpoint:
        """As the session keeps it among the breakpoints."""
        import json  # late: only where there are tracepoints

        asked = self.options
        options = {
            "kind": asked.kind,
            "every": asked.every,
            "most": asked.most,
            "captures": asked.captures,
            "stack": asked.stack,
            "until": asked.until,
        }
        forms = {"regex": "regex", "return": "function"}
        form = forms.get(asked.kind, "line" if asked.spec.rpartition(":")[2].isdigit() else "function")
        told = self._host.user_breakpoints.one(self.number) or Breakpoint(self.number, "", "", "")
        return told._replace(
            kind="tracepoint",
            form=form,
            spec=asked.spec,
            condition=asked.condition,
            enabled=self.breakpoint.enabled(),
            hits=self.recorded,
            options=json.dumps(options),
        )

    def row(self) -> dict[str, object]:
        """What `trace list` says of it."""
        span = self.last - self.first
        options = self.options
        places = self.breakpoint.places()
        state = "enabled" if self.breakpoint.enabled() else "disabled"
        return {
            "number": self.number,
            "kind": options.kind,
            "location": options.spec,
            "places": places,
            "state": state if places else "pending" if state == "enabled" else state,
            "condition": options.condition,
            "every": options.every,
            "max": options.most,
            "capture": list(options.captures),
            "stack": options.stack,
            "until": options.until,
            "seen": self.seen,
            "recorded": self.recorded,
            "raw": self.raw,
            "hits_per_second": round((self.seen - 1) / span, 1) if span > 0 else None,
            "us_per_hit": self._median(),
            "cut": self.cut + self._shared.snapshots.cut(self.number),
            "lost": self.lost,
            "condition_errors": self.failed,
            "notes": [*self.notes, *self._shared.snapshots.notes(self.number)],
        }
