"""A frame of a stopped thread, and the names that can be seen from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .types import Value

# More names in one scope than anybody reads; generated code has them.
MOST_NAMES = 1000


class FrameInfo(NamedTuple):
    """A frame as Rust takes it: by position, see `src/python/values.rs`."""

    function: str | None
    file: str | None
    line: int
    pc: int
    module: str | None
    offset: int
    lang: str
    inlined: bool


class Variable(NamedTuple):
    """A name in scope; `declared` is its line (0: unknown), `value` reads it when called."""

    name: str
    is_arg: bool
    declared: int
    value: Callable[[], Value]


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
