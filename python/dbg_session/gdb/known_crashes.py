"""What kills a debugger when it is asked for it, and so is not asked.

Each entry has two tests: one provokes the crash without us and fails once that debugger is
mended, so that the entry can go; one sees that the debugger lives with us.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dbg_session.host import types as h

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbg_session.host.types import Type

# Deeper ones are a circle.
_MOST_LEVELS = 12
# A discriminant of more bytes is one that GDB has no integers for.
_WORD = 8


class Crash(NamedTuple):
    """One way to kill a debugger: to have it read a value of some type."""

    debugger: str  # which one; so far only GDB dies
    since: int  # the first version that is not asked; older ones answer
    tried: str  # what was seen with which version
    why: str  # one sentence for the user
    fatal: Callable[[Type], bool]


def _wide_enum(kind: Type) -> bool:
    """Whether a value is, or holds, a Rust enum with a discriminant of more than a word."""
    if "wide" not in kind.cache:
        kind.cache["wide"] = False  # for what holds itself
        kind.cache["wide"] = _is_wide(kind)
    return bool(kind.cache["wide"])


def _is_wide(kind: Type) -> bool:
    if kind.kind not in (h.STRUCT, h.UNION, h.ARRAY, h.VARIANT) or kind.size <= _WORD:
        return False
    if kind.kind == h.ARRAY:
        return _wide_enum(kind.target())
    fields = kind.fields()
    if kind.kind == h.VARIANT and fields and not fields[0].name and fields[0].type.size > _WORD:
        return True
    return any(_wide_enum(field.type) for field in fields)


def _pointer_to_wide_enum(kind: Type) -> bool:
    return kind.kind == h.POINTER and _wide_enum(kind.target())


_WHY = "GDB cannot read Rust enums with a discriminant of 128 bits, as Option<u128> has: it would crash"
KNOWN = (
    Crash("gdb", 0, "13 gives an error for the whole variable; 16 and 18 die", _WHY, _wide_enum),
    # They look at what it points to as well.
    Crash("gdb", 14, "13 reads it; 16 and 18 die", _WHY, _pointer_to_wide_enum),
)


def reading(debugger: str, version: int, kind: Type) -> str | None:
    """Why values of a type must not be read by a debugger as a whole, or None."""
    if not kind.rust:
        return None
    for crash in KNOWN:
        if crash.debugger == debugger and version >= crash.since and crash.fatal(kind):
            return crash.why
    return None


def reaching(debugger: str, version: int, kind: Type) -> str | None:
    """The same of what can be reached from a value by pointers, as an expression may do."""
    seen: set[int] = set()
    waiting = [(kind, 0)] if kind.rust else []
    while waiting:
        one, level = waiting.pop()
        if id(one) in seen or level > _MOST_LEVELS:
            continue
        seen.add(id(one))
        why = reading(debugger, version, one)
        if why is not None:
            return why
        if one.kind in (h.POINTER, h.REFERENCE, h.ARRAY):
            waiting.append((one.target(), level + 1))
        elif one.kind in (h.STRUCT, h.UNION, h.VARIANT):
            waiting.extend((field.type, level + 1) for field in one.fields())
    return None
