"""Printers of the user's that take too long at a stop: ended, told once, and not asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbg_session._native import within

if TYPE_CHECKING:
    from collections.abc import Callable

    from .data import Printed

    Work = Callable[[], "Printed | None"]

# A pretty-printer of the user's that takes longer at a stop is not asked again.
_LONGEST_S = 0.5
_OVERDUE = "a pretty-printer of {} takes longer than half a second; it is not asked any more"


class OverdueError(BaseException):
    """Raised in a printer that takes too long; no `except Exception` of its own is to stop that."""


class Overdue:
    """Asks printers, and knows the types whose printers take too long."""

    def __init__(self) -> None:
        self._types: set[str] = set()
        self.complain: Callable[[str], None] = lambda _sentence: None

    def forget(self) -> None:
        """Other printers may have come in their place."""
        self._types.clear()

    def ask(self, name: str, work: Work, unseen: Callable[[Work], Printed | None]) -> Printed | None:
        """What a printer of the type `name` says, asked by `work`, which `unseen` carries out; raises what these do."""
        if name in self._types:
            return None
        try:
            # Within what keeps it unseen, which must come to its end.
            return unseen(lambda: within(_LONGEST_S, OverdueError, work))
        except OverdueError:
            self._types.add(name)
            self.complain(_OVERDUE.format(name))
            return None
