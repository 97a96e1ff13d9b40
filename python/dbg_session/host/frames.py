"""A frame of a stopped thread; not needed at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .data import FrameInfo, Variable


class Frame(Protocol):
    """One frame of a stopped thread; dies when the program goes on."""

    def info(self) -> FrameInfo:
        """What it is, and where."""

    def older(self) -> Frame | None:
        """The caller, unwinding no further than that."""

    def variables(self) -> Iterable[Variable]:
        """Arguments and locals, innermost block first; outer ones of a name are left out.

        Not more than MOST_NAMES and one, the one being the sign that there were more.
        """
