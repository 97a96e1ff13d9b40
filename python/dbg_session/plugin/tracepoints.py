"""Tracepoints: breakpoints that record and go on.

What a tracepoint does at each passing is decided here, once for both debuggers: conditions,
every how many, how often, until when, and what it all cost.  `gdb/tracer.py` and
`lldb/tracer.py` only set the debugger's breakpoints and call `Tracepoint.passed`.
"""

# ruff: noqa: BLE001 - nothing may be raised into a debugger that passes a tracepoint
from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from dbg_session.host.data import HostError, Place, Stop
from dbg_session.snapshots.learning import RawWay
from dbg_session.values.conditions import Condition, refuse_changes

from . import capture as capturing

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbg_session.host.protocol import Host, Mark, Passing, Tracer
    from dbg_session.values.reader import Limits

    from .plugin import Recorder

# More functions than that are traced only when the user says so.
MANY = 100


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


class Tracepoint:
    """One tracepoint, and what it has seen."""

    def __init__(self, owner: Tracepoints, options: Options) -> None:
        self.owner = owner
        self.options = options
        self.mark: Mark = None  # type: ignore[assignment]  # set at once, by who makes it
        self.condition = Condition(options.condition) if options.condition else None
        self.until = Condition(options.until) if options.until else None
        self.done = False  # records nothing more
        self.removed = False
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

    @property
    def number(self) -> int:
        """As the debugger numbers its breakpoints."""
        return self.mark.number

    def passed(self, passing: Passing) -> bool:
        """A thread passes here: record what is to be recorded; whether the program is to stop.

        Raises nothing; Ctrl-C stops the program.
        """
        return self._guarded(self._passed, passing)

    def _guarded(self, work: Callable[[Passing], bool], passing: Passing) -> bool:
        start = time.perf_counter_ns()
        if self.done or self.mark is None:
            if self.removed:
                self.mark.delete_soon()
            return False
        if self.owner.recorder.watches.calling:
            return False  # it is us who pass here, not the program
        before = capturing.interruptions
        try:
            with self.owner.host.quiet():
                stop = work(passing)
        except KeyboardInterrupt:
            stop = self._interrupted()
        except Exception as error:
            stop = False
            self.owner.complain(self, error)
        if capturing.interruptions != before:
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
        raw = self.owner.raw
        taken = raw.take(self.number, passing)
        if isinstance(taken, tuple):
            self.raw += 1
            self._count(taken)
            return
        captured = self._capture(passing)
        if captured is not None:
            self.hand_on(captured)
            if taken:
                raw.learn(self.number, passing, captured, self.options.captures or None, self._limits().frames)

    def _capture(self, passing: Passing) -> capturing.Captured | None:
        recorder, options = self.owner.recorder, self.options
        if not recorder.native.records():
            return None
        stop = Stop("tracepoint", [(self.number, None)], None, passing.thread(), passing.pid(), passing.frame())
        watches = recorder.watches
        captured = capturing.capture(recorder.host, stop, self._limits(), watches.quiet, options.captures or None)
        if watches.loud:
            watches.not_here(captured)
        return captured

    def _limits(self) -> Limits:
        limits, stack = self.owner.recorder.limits, self.options.stack
        return limits if stack is None else limits._replace(frames=max(1, stack))

    def hand_on(self, captured: capturing.Captured) -> None:
        """Give a captured hit to the recording, and count it."""
        recorder = self.owner.recorder
        recorder.look_around_at(captured[0][7])
        taken = recorder.native.trace_hit(*captured)
        if taken is not None:
            self._count(taken)

    def _count(self, taken: tuple[int, bool, list[str]]) -> None:
        cut, kept, messages = taken
        self.recorded += 1
        self.cut += bool(cut)
        self.lost += not kept
        if messages:
            self.owner.recorder.say(messages)

    def _true(self, condition: Condition, passing: Passing, what: str) -> bool:
        try:
            frame = passing.frame()
            return frame is not None and condition.holds(self.owner.host, frame)
        except HostError as error:
            self.failed += 1
            if self.failed == 1:
                self.owner.say(
                    f"the {what} of tracepoint {self.number} cannot be evaluated: {str(error).rstrip('.')}; "
                    "it counts as false, and is told only once"
                )
            return False

    def _stop_here(self) -> None:
        self.done = True
        self.mark.enable_soon(False)
        self.owner.say(f"tracepoint {self.number} stops here: {self.options.until} is true; it is disabled now")

    def _remove(self) -> None:
        self.done = self.removed = True
        self.owner.retire(self)
        self.mark.delete_soon()
        s = "" if self.recorded == 1 else "s"
        self.owner.say(f"tracepoint {self.number} is removed: it recorded {self.recorded} hit{s}, as --max wanted")

    def _interrupted(self) -> bool:
        self.owner.say(f"interrupted at tracepoint {self.number}")
        return True

    def enable(self, on: bool) -> None:
        """Switch it on or off."""
        self.done = False
        self.mark.enable(on)

    def delete(self) -> None:
        """Delete it in the debugger."""
        self.done = True
        self.mark.delete()

    def gone(self) -> None:
        """The user deleted it as a breakpoint of the debugger."""
        self.done = True

    def _median(self) -> float | None:
        """Microseconds that a passing takes us; the first ones, which learn types, count no more."""
        spent = sorted(self._spent)
        return round(spent[len(spent) // 2] / 1000, 1) if spent else None

    def row(self) -> dict[str, object]:
        """What `trace list` says of it."""
        span = self.last - self.first
        options = self.options
        places = self.mark.places()
        state = "enabled" if self.mark.enabled() else "disabled"
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
            "cut": self.cut + self.owner.raw.cut(self.number),
            "lost": self.lost,
            "condition_errors": self.failed,
            "notes": [*self.notes, *self.owner.raw.notes(self.number)],
        }


class Tracepoints:
    """All tracepoints of a debugger, and the requests about them."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.host: Host = recorder.host
        self._all: list[Tracepoint] = []
        self._retired: list[Mark] = []  # of tracepoints that removed themselves
        self._complained = False
        self._tracer: Tracer | None = None
        self.raw = RawWay(recorder)
        requests: dict[str, Callable[..., object]] = recorder.requests
        requests["trace_add"] = self.add
        requests["trace_list"] = self.rows
        requests["trace_delete"] = self.delete
        requests["trace_enable"] = lambda numbers: self._switch(numbers, True)
        requests["trace_disable"] = lambda numbers: self._switch(numbers, False)

    @property
    def tracer(self) -> Tracer:
        """The debugger's own part, loaded when first needed."""
        if self._tracer is None:
            self._tracer = self.host.tracer()
        return self._tracer

    def add(
        self,
        location: str,
        kind: str = "location",
        yes: bool = False,
        place: dict[str, Any] | None = None,
        **asked: Any,
    ) -> list[dict[str, object]]:
        """Set tracepoints; answers their rows."""
        asked["captures"] = tuple(asked.get("captures") or ())
        options = Options(location, kind, **asked, place=Place.of(place) if place else None)
        for expression in (options.condition, options.until, *options.captures):
            if expression:
                refuse_changes(expression)
        specs = self._functions(location, yes) if kind == "regex" else [options.place or location]
        return [self._set(options, spec) for spec in specs]

    def _functions(self, regex: str, yes: bool) -> list[Any]:
        count, specs = self.tracer.functions(regex)
        if not count:
            raise HostError(f"no function with debug information matches {regex}")
        if count > MANY and not yes:
            answer = self.host.ask(f"{count} functions match {regex}. Trace them all?")
            if not answer:
                self.tracer.refuse(specs)
            if answer is None:
                raise HostError(f"{count} functions match {regex}; narrow it, or say `--yes` to trace them all")
            if not answer:
                raise HostError("nothing is traced")
        return specs

    def _set(self, options: Options, spec: Any) -> dict[str, object]:
        if options.kind == "regex" and isinstance(spec, str):
            options = options._replace(spec=spec, kind="location", place=None)
        if options.kind == "return":
            from .returns import Returns  # late: few trace returns

            made: Tracepoint = Returns(self, options)
        else:
            made = Tracepoint(self, options)
            made.mark = self.tracer.set(spec, made.passed)
        self.host.own.add(made.number)
        self.recorder.breakpoints.changed()
        self._all.append(made)
        return made.row()

    def retire(self, one: Tracepoint) -> None:
        """Know a tracepoint no longer that removes itself as soon as it can."""
        self.drop(one)
        self._retired.append(one.mark)

    def tidy(self) -> None:
        """Delete what could not be deleted where it was passed; at a command that may be done."""
        while self._retired:
            mark = self._retired.pop()
            if mark.valid():
                mark.delete()
        self.alive()

    def alive(self) -> list[Tracepoint]:
        """Those that the debugger still has: its user may delete them as any breakpoint."""
        gone = [one for one in self._all if not one.mark.valid()]
        if gone:
            self._all = [one for one in self._all if one not in gone]
            self.recorder.breakpoints.changed()
            for one in gone:
                one.gone()
        return list(self._all)

    def rows(self) -> list[dict[str, object]]:
        """What `trace list` shows."""
        return [one.row() for one in self.alive()]

    def _named(self, numbers: list[int]) -> list[Tracepoint]:
        """The tracepoints of these numbers; none of them: all."""
        alive = self.alive()
        if not alive:
            raise HostError("there are no tracepoints; `trace LOC` sets one")
        known = {one.number: one for one in alive}
        for number in numbers:
            if number not in known:
                raise HostError(f"there is no tracepoint {number}; `trace list` shows those there are")
        return [known[number] for number in numbers] or alive

    def delete(self, numbers: list[int]) -> list[int]:
        """Delete tracepoints; answers the numbers of those that are gone."""
        chosen = self._named(numbers)
        for one in chosen:
            self.drop(one)
            one.delete()
        return [one.number for one in chosen]

    def drop(self, one: Tracepoint) -> None:
        """Know a tracepoint no longer."""
        self.recorder.breakpoints.changed()
        self._all = [other for other in self._all if other is not one]

    def _switch(self, numbers: list[int], on: bool) -> list[int]:
        chosen = self._named(numbers)
        for one in chosen:
            one.enable(on)
        self.recorder.breakpoints.changed()
        return [one.number for one in chosen]

    def say(self, sentence: str) -> None:
        """One line to the user."""
        self.recorder.say([sentence])

    def complain(self, one: Tracepoint, error: Exception) -> None:
        """Tell of a mistake of ours, once."""
        if not self._complained:
            self._complained = True
            self.say(f"tracepoint {one.number} lost a hit: {type(error).__name__}: {error}")
