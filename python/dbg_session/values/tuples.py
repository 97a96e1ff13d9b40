"""What crosses to Rust: values as plain tuples, a capture as named ones.

Rust takes all of them by position (`src/python/values.rs`).  Values are tuples without names because
a hit may have thousands; here is where they are made, and what their places are called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Union

if TYPE_CHECKING:
    from dbg_session.host.data import FrameInfo

# One value: name, type, kind, payload, status, count, address, whether it is an argument, children.
Tuple = tuple["Name", str, str, Any, "str | None", "int | None", "int | None", bool, Any]
# An element is called by its position, an entry of a map by its key as a value: `[3]` and `["a"]`
# are made of that by Rust, which makes all texts of values.
Name = Union[str, int, Tuple]
NAME: Final = 0
TYPE: Final = 1
KIND: Final = 2
PAYLOAD: Final = 3
STATUS: Final = 4
COUNT: Final = 5
ADDRESS: Final = 6
IS_ARG: Final = 7
CHILDREN: Final = 8
# What a plan gives for a value: kind, payload, status, count, children.
Shown = tuple[str, Any, "str | None", "int | None", "list[Tuple] | None"]

# Of `status`; None is a whole value.
TRUNCATED = "truncated"
UNAVAILABLE = "unavailable"
UNINITIALIZED = "uninitialized?"
ERROR = "error"


class Stopped(NamedTuple):
    """The stop of a hit."""

    reason: str
    breakpoint: int | None  # the first of `breakpoints`
    breakpoints: list[int]
    detail: str | None
    thread: int  # the debugger's number
    tid: int
    thread_name: str | None
    pid: int
    error: str | None  # why the capture is not whole


class Captured(NamedTuple):
    """All that was read at a hit."""

    stop: Stopped
    frames: list[FrameInfo]
    values: list[Tuple]
    watches: list[tuple[str, Tuple]]


# ---------------------------------------------------------------- values


def named(name: Name, type_name: str, shown: Shown, address: int | None, is_arg: bool) -> Tuple:
    """A value from what its plan gave."""
    kind, payload, status, count, children = shown
    return (name, type_name, kind, payload, status, count, address, is_arg, children)


def missing(name: Name, status: str, why: str | None, type_name: str = "", is_arg: bool = False) -> Tuple:
    """A value that was not read."""
    return (name, type_name, "none", why, status, None, None, is_arg, None)


def failed(name: Name, why: str, type_name: str = "", is_arg: bool = False) -> Tuple:
    """A value that could not be read."""
    return (name, type_name, "none", why, ERROR, None, None, is_arg, None)


def cut(name: Name, type_name: str = "", is_arg: bool = False) -> Tuple:
    """A value for which there was no time or room."""
    return (name, type_name, "none", None, TRUNCATED, None, None, is_arg, None)


def truth(name: Name, holds: bool) -> Tuple:
    """Whether something is so."""
    return (name, "bool", "bool", int(holds), None, None, None, False, None)


def told(name: Name, text: str) -> Tuple:
    """A part of a value of which there is no more than a text."""
    return (name, "", "text", text, None, None, None, False, None)


def marked(value: Tuple, status: str) -> Tuple:
    """The same with another status."""
    return (*value[:STATUS], status, *value[STATUS + 1 :])


def renamed(value: Tuple, name: Name) -> Tuple:
    """The same under another name."""
    return (name, *value[NAME + 1 :])  # type: ignore[return-value]


# ---------------------------------------------------------------- what plans give


def scalar(kind: str, payload: object) -> Shown:
    """What has no parts."""
    return (kind, payload, None, None, None)


def pointer(address: int | None) -> Shown:
    """An address, of which nothing more is shown."""
    return ("ptr", address, None, None, None)


def text(words: str) -> Shown:
    """What is best said in words."""
    return ("text", words, None, None, None)


def holding(kind: str, children: list[Tuple], payload: object = None) -> Shown:
    """All parts of something."""
    return (kind, payload, None, None, children)


def short(kind: str, payload: object = None, count: int | None = None, children: list[Tuple] | None = None) -> Shown:
    """Something cut short; `count` is how many parts or characters there are, if that is known."""
    return (kind, payload, TRUNCATED, count, children)


def deep(kind: str, count: int | None) -> Shown:
    """Something of whose `count` parts none is shown, being too deep; None: nobody knows how many."""
    return (kind, None, None if count == 0 else TRUNCATED, count or None, None)


def garbage() -> Shown:
    """What cannot be true yet."""
    return ("none", None, UNINITIALIZED, None, None)


def wrong(why: str) -> Shown:
    """What could not be read."""
    return ("none", why, ERROR, None, None)
