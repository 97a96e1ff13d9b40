"""The snapshot way to read a tracepoint's hit: registers and stack memory, taken and decoded in Rust.

The debugger is asked at the first hit at each program counter, and again at the second, the
fourth, the eighth: from what it shows the native side learns where everything is, and by
what it shows the native side is checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dbg_session.host.errors import HostError
from dbg_session.util.late import Kept
from dbg_session.values.tuples import UNINITIALIZED

if TYPE_CHECKING:
    from dbg_session._native import Plugin
    from dbg_session.host.frames import Frame
    from dbg_session.host.protocol import Host, Passing
    from dbg_session.values.reader import Limits
    from dbg_session.values.tuples import Captured

    from .shapes import Shape

_NO_REGISTERS: frozenset[int] = frozenset()
# name, type, bytes, parameter, status, variable of the program, offset in it, shape.
Described = tuple[str, str, int, bool, "str | None", str, int, "Shape"]


class SnapshotWay:
    """Takes the hits of all tracepoints, as far as it has learnt to."""

    def __init__(self, native: Plugin, host: Host) -> None:
        self._native = native
        self._host = host
        self._learnt_with: tuple[Limits | None, int] = (None, 0)
        self._wanted: dict[int, set[int]] = {}  # registers, by the tracepoint's number
        self._doubts: dict[int, str] = {}  # why nothing was taken here at its last hit

    def take(self, number: int, passing: Passing, limits: Limits) -> tuple[int, bool, list[str]] | bool:
        """Record a hit within limits; else whether to learn from what the debugger must be asked for."""
        host = self._host
        doubt = host.ours.doubt(passing.whose())
        if doubt is not None:
            self._doubts[number] = doubt
            return False
        self._doubts.pop(number, None)
        now = (limits, host.epoch)
        if now != self._learnt_with:
            self._learnt_with = now
            self._native.snapshot_forget()
        registers = passing.registers(self._wanted.get(number, _NO_REGISTERS))
        return False if registers is None else self._native.snapshot_hit(number, passing.ids(), registers)

    def cut(self, number: int) -> int:
        """Hits of a tracepoint that were read here, with a value that was cut short."""
        return self._native.snapshot_cut(number)

    def notes(self, number: int) -> list[str]:
        """Why the debugger is asked for hits of a tracepoint, where it is."""
        doubt = self._doubts.get(number)
        refusals = self._native.snapshot_refusals(number) if doubt is None else [doubt]
        return [f"the debugger is asked at each hit: {why}" for why in refusals]

    def learn(  # noqa: PLR0913, PLR0917 - all that is known of one hit
        self,
        number: int,
        passing: Passing,
        captured: Captured,
        limits: Limits,
        only: tuple[str, ...] | None,
        most: int,
    ) -> None:
        """Learn from what the debugger has just read at the same hit, whole; `most` frames were wanted."""
        if not captured.frames:
            return
        registers = passing.registers(None)
        frame = passing.frame()
        if registers is None or frame is None:
            return
        described: list[Described] | str
        try:
            described = describe(frame, limits, only)
        except (HostError, UnshapedError) as error:
            described = str(error)
        learnt = self._native.snapshot_learn(
            number, passing.ids(), registers, captured.frames, captured.values, described, most
        )
        if not isinstance(learnt, str):
            self._wanted.setdefault(number, set()).update(learnt)


class UnshapedError(Exception):
    """Something that only the debugger can read; one sentence."""


def describe(frame: Frame, limits: Limits, only: tuple[str, ...] | None) -> list[Described]:
    """The variables of a frame, or the named ones of them, as the native side takes them."""
    with Kept():
        from .shapes import ShapelessError, Shaper  # late: at the first hit of a tracepoint

    if only is not None and not all(name.isidentifier() for name in only):
        raise UnshapedError("an expression is evaluated by the debugger")
    line = frame.info().line
    found: dict[str, Described] = {}
    for variable in frame.variables():
        name = variable.name
        if only is not None and name not in only:
            continue
        value: Any = variable.value()
        try:
            shape = Shaper(limits).variable(name, value.type)
        except ShapelessError as error:
            raise UnshapedError(f"`{name}` is a {error}, which the debugger reads") from None
        early = only is None and variable.declared > line > 0 and not variable.is_arg
        status = UNINITIALIZED if early else None
        is_arg = variable.is_arg and only is None
        found[name] = (name, value.type.name, value.type.size, is_arg, status, name, 0, shape)
    if only is None:
        return list(found.values())
    missing = [name for name in only if name not in found]
    if missing:
        raise UnshapedError(f"`{missing[0]}` is no local variable")
    return [found[name] for name in only]
