"""The plain data that a debugger answers with at a stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from .types import Value


class Thread(NamedTuple):
    """A thread: the debugger's number, the system's id, and its name if it has one."""

    num: int
    tid: int
    name: str | None


# What debuggers say of where their process is.
CORE = "the program is a core file"
NOBODY = "no program runs"


class Whose(NamedTuple):
    """A process as the debugger knows it.

    `key` is another one for each process, also where two have the same number; `elsewhere` says
    why the debugger itself knows that its number means nothing here; `program` tells the file that
    the debugger has of it, and the build id of that in hexadecimal.
    """

    key: object
    pid: int
    elsewhere: str | None
    program: Callable[[], tuple[str | None, str | None]]


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


class Printed(NamedTuple):
    """What a user's pretty-printer gave: a text, children, or both.

    `hint` is "map", "array" or None; children of a map alternate keys and values.
    `more` says that there were more children than asked for.
    """

    text: str | None
    hint: str | None
    children: list[tuple[str, Value | str]] | None
    more: bool
