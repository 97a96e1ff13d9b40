"""Watches: expressions that are evaluated at each hit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dbg_session.host.errors import CallError, HostError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbg_session.host.stops import Stop
    from dbg_session.values.tuples import Captured

    from .recording import Recording

_NOT_HERE = "it may call functions of the program, which is done at real stops only"


class Watch(NamedTuple):
    """One expression."""

    number: int
    expression: str
    allow_calls: bool


class Watches:
    """All watches of a debugger, and the requests about them."""

    def __init__(self, recording: Recording, changed: Callable[[], None]) -> None:
        """`changed` is called when one came or went."""
        self._recording = recording
        self._tell = changed
        self._all: list[Watch] = []
        self._next = 1
        # Those that run no code, which are evaluated with everything else, and the others.
        self.quiet: list[str] = []
        self.loud: list[str] = []

    def requests(self) -> dict[str, Callable[..., object]]:
        """What commands may ask."""
        return {"watch_add": self.add, "watch_list": self.rows, "watch_delete": self.delete}

    def add(self, expression: str, allow_calls: bool = False) -> dict[str, object]:
        """Watch an expression; answers its row."""
        from dbg_session.values.conditions import refuse_changes  # late: most sessions watch nothing

        refuse_changes(expression)
        if not allow_calls:
            self._refuse_calls(expression)
        made = Watch(self._next, expression, allow_calls)
        self._next += 1
        self._all.append(made)
        self._changed()
        return made._asdict()

    def _refuse_calls(self, expression: str) -> None:
        """Known only where the program stands; elsewhere the first evaluation tells."""
        from dbg_session.values.conditions import truth

        host = self._recording.host
        frame = host.selected_frame()
        if frame is None:
            return
        try:
            with host.quiet():
                if truth(host, frame, expression) is None:
                    host.evaluate(expression, frame)
        except CallError as error:
            raise HostError(
                f"`{expression}` cannot be watched: {error}; `--allow-calls` lets it, at real stops only"
            ) from None
        except HostError:
            pass  # what is not in scope here may be elsewhere

    def rows(self) -> list[dict[str, object]]:
        """What `watch list` shows."""
        return [one._asdict() for one in self._all]

    def standing(self) -> list[tuple[int, str, bool]]:
        """All of them, as the session keeps them."""
        return list(self._all)

    def delete(self, numbers: list[int]) -> list[int]:
        """Delete watches, all of them when none is named; answers which are gone."""
        known = [one.number for one in self._all]
        if not known:
            raise HostError("there are no watches; `watch EXPR` sets one")
        for number in numbers:
            if number not in known:
                raise HostError(f"there is no watch {number}; `watch list` shows those there are")
        gone = numbers or known
        self._all = [one for one in self._all if one.number not in gone]
        self._changed()
        return gone

    def _changed(self) -> None:
        self._tell()
        self.quiet = [one.expression for one in self._all if not one.allow_calls]
        self.loud = [one.expression for one in self._all if one.allow_calls]

    def call(self, captured: Captured, stop: Stop) -> None:
        """Add what may run code to the capture of a real stop, last of all: calls disturb."""
        recording, frame = self._recording, stop.frame
        if frame is None or not self.loud:
            return
        from dbg_session.values.plans import reading

        from .capture import watch

        recording.calling = True  # a call may stop at a breakpoint, which is no hit of the program's own
        try:
            for expression in self.loud:
                reader = reading(recording.host, recording.limits)
                value = watch(recording.host, frame, expression, reader, calls=True)
                captured.watches.append((expression, value))
        finally:
            recording.calling = False

    def any(self) -> bool:
        """Whether there is one."""
        return bool(self._all)

    def not_here(self, captured: Captured) -> None:
        """Say in the capture of a tracepoint's hit why those that may run code are not in it."""
        if not self.loud:
            return
        from dbg_session.values import tuples

        for expression in self.loud:
            captured.watches.append((expression, tuples.failed(expression, _NOT_HERE)))
