"""Watches: expressions that are evaluated at each hit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .host import HostError

if TYPE_CHECKING:
    from .recorder import Recorder


class Watch(NamedTuple):
    """One expression."""

    number: int
    expression: str
    allow_calls: bool


class Watches:
    """All watches of a debugger, and the requests about them."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._all: list[Watch] = []
        self._next = 1
        self.expressions: list[str] = []
        recorder.requests["watch_add"] = self.add
        recorder.requests["watch_list"] = self.rows
        recorder.requests["watch_delete"] = self.delete

    def add(self, expression: str, allow_calls: bool = False) -> dict[str, object]:
        """Watch an expression; answers its row."""
        made = Watch(self._next, expression, allow_calls)
        self._next += 1
        self._all.append(made)
        self._changed()
        return made._asdict()

    def rows(self) -> list[dict[str, object]]:
        """What `watch list` shows."""
        return [one._asdict() for one in self._all]

    def alive(self) -> list[Watch]:
        """All of them."""
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
        self._recorder.breakpoints.changed()
        self.expressions = [one.expression for one in self._all]
