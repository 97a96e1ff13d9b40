"""`trace --return`: what a function returned, with the arguments that it was called with.

The arguments are read where the function begins, the value at each of its `ret` instructions.
The two belong together when they are of the same thread and the same frame: its canonical frame
address is known at both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dbg_session.host.errors import HostError
from dbg_session.host.stops import Stop
from dbg_session.values import tuples
from dbg_session.values.plans import reading
from dbg_session.values.returned import is_return, returned

from .capture import capture
from .tracepoint import Tracepoint

if TYPE_CHECKING:
    from dbg_session.host.code import Code
    from dbg_session.host.protocol import Passing, TraceBreakpoint
    from dbg_session.host.types import Type
    from dbg_session.values.tuples import Tuple

# Calls of one thread that are remembered; recursion deeper than that loses its outermost.
_DEEPEST = 100_000


class Returns(Tracepoint):
    """A tracepoint at a function's beginning and at all of its ends."""

    def _set(self, spec: object) -> TraceBreakpoint:
        options, tracer = self.options, self._shared.tracer
        if options.until is not None:
            raise HostError("`--until-value` needs a place; `--return` has none until the function ends")
        self.notes = _notes(self._host.function(options.spec), options.spec)
        # Of each thread the calls that have not returned: (frame address, arguments).
        self._calls: dict[tuple[int, int], list[tuple[int, list[Tuple]]]] = {}
        self._type: Type | None = None
        self._pid = -1
        entry = tracer.entry(options.spec, spec, self.passed)
        try:
            self._exits = tracer.exits(options.spec, self.exited)
        except HostError:
            entry.delete()
            raise
        return entry

    def _passed(self, passing: Passing) -> bool:
        """The function begins."""
        self._noticed()
        if self.condition is not None and not self._true(self.condition, passing, "condition"):
            return False
        self.held += 1
        if self.held % self.options.every:
            return False
        number, _, pid = passing.ids()
        if pid != self._pid:
            self._pid, self._type = pid, None
            self._calls.clear()
        calls, frame = self._calls.setdefault((pid, number), []), passing.cfa()
        # Frames below this one are gone: left by an exception or by longjmp.
        while calls and calls[-1][0] <= frame:
            calls.pop()
        calls.append((frame, self._arguments(passing)))
        del calls[:-_DEEPEST]
        return False

    def _arguments(self, passing: Passing) -> list[Tuple]:
        options = self.options
        frame = passing.frame()
        while frame is not None and frame.info().inlined:  # what is inlined at its very beginning
            frame = frame.older()
        stop = Stop("tracepoint", [], None, passing.thread(), passing.pid(), frame)
        limits = self._recording.limits._replace(frames=1)
        values = capture(self._host, stop, limits, (), options.captures or None).values
        return values if options.captures else [value for value in values if value[tuples.IS_ARG]]

    def exited(self, passing: Passing) -> bool:
        """The function ends; whether the program is to stop, which is never but for Ctrl-C."""
        if not self._ready:
            return False
        if self.done or not self.breakpoint.valid():
            self._exits.delete_soon()
            return False
        return self._guarded(self._exited, passing)

    def _exited(self, passing: Passing) -> bool:
        number, _, pid = passing.ids()
        # All that is left of the frame is the address to return to.
        frame = int.from_bytes(passing.register("rsp"), "little") + 8
        calls = self._calls.get((pid, number), [])
        while calls and calls[-1][0] < frame:
            calls.pop()
        if calls and calls[-1][0] == frame:
            arguments = calls.pop()[1]
        elif self.condition is not None or self.options.every > 1:
            return False
        else:
            arguments = []  # called before it was traced
        self._record(passing, arguments)
        if self.options.most is not None and self.recorded >= self.options.most:
            self._remove()
            self._exits.delete_soon()
        return False

    def _record(self, passing: Passing, arguments: list[Tuple]) -> None:
        if not self._recording.records():
            return
        at = passing.frame()
        stop = Stop("tracepoint", [(self.number, None)], "return", passing.thread(), passing.pid(), at)
        captured = self._captured(stop, ())
        captured.values.extend((*arguments, self._value(passing, at)))
        self.hand_on(captured)

    def _value(self, passing: Passing, at: Any) -> Tuple:
        limits, host, tracer = self._recording.limits, self._host, self._shared.tracer
        self._type = kind = self._type or tracer.return_type(at)
        if kind is None:
            return _unknown("", "no debug information says what it returns")
        try:
            value = returned(kind, at.info().lang, passing.register, host, tracer)
        except HostError as error:
            return _unknown(kind.name, str(error))
        with host.quiet():
            return reading(host, limits).read("return", value)

    def _remove(self) -> None:
        super()._remove()
        self._calls.clear()

    def enable(self, on: bool) -> None:
        """Switch it on or off, with all of its parts."""
        super().enable(on)
        self._exits.enable(on)
        self._calls.clear()

    def gone(self) -> None:
        """The user deleted the part that is shown."""
        super().gone()
        self._exits.delete()

    def delete(self) -> None:
        """Delete all of its parts."""
        super().delete()
        self._exits.delete()


def _unknown(name: str, why: str) -> Tuple:
    return tuples.failed("return", why, name)


def _notes(code: Code, function: str) -> list[str]:
    if code.flavor is None:
        raise HostError("returns are traced on x86-64 only; trace the line of a `return` instead")
    if not any(is_return(one.text) for one in code.instructions):
        raise HostError(f"`{function}` never returns: there is no `ret` in it")
    length = max(one.offset for one in code.instructions)
    leaving = [one for one in code.instructions if one.text.startswith("jmp") and _leaves(one, code, length)]
    if not leaving:
        return []
    s = "" if len(leaving) == 1 else "s"
    return [f"`{function}` ends in a jump to another function at {len(leaving)} place{s}: those returns are not seen"]


def _leaves(jump: Any, code: Code, length: int) -> bool:
    """Whether a jump goes to another function; where an indirect one goes is not known."""
    return jump.target is not None and (jump.target != code.name or not 0 <= jump.target_offset <= length)
