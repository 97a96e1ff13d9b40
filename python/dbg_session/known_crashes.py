"""What kills a debugger when it is asked for it, and so is not asked.

Each entry has two tests: one provokes the crash without us and fails once that debugger is
mended, so that the entry can go; one sees that the debugger lives with us.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from . import host as h

if TYPE_CHECKING:
    from collections.abc import Callable

    from .host import Type

# Deeper ones are a circle.
_MOST_LEVELS = 12
# A discriminant of more bytes is one that GDB has no integers for.
_WORD = 8


class Crash(NamedTuple):
    """One way to kill a debugger: to have it read, or look at, a value of some type."""

    debugger: str  # as `Host.name` has it
    versions: str  # those that were tried
    why: str  # one sentence for the user
    fatal: Callable[[Type], bool]


def _wide_enum(kind: Type) -> bool:
    if kind.kind != h.VARIANT:
        return False
    fields = kind.fields()
    return bool(fields) and not fields[0].name and fields[0].type.size > _WORD


KNOWN = (
    Crash(
        "gdb",
        "13 gives an error for the whole variable; 16 and 18 die",
        "GDB cannot read Rust enums with a discriminant of 128 bits, as Option<u128> has: it would crash",
        _wide_enum,
    ),
)


def reading(debugger: str, kind: Type) -> str | None:
    """Why values of a type must not be read by a debugger as a whole, or None."""
    if not kind.rust or kind.kind not in (h.STRUCT, h.UNION, h.ARRAY, h.VARIANT):
        return None
    return _within(debugger, kind, 0)


def reaching(debugger: str, kind: Type) -> str | None:
    """The same of what can be reached from a value by pointers, as an expression may do."""
    if not kind.rust:
        return None
    seen: set[int] = set()
    waiting = [(kind, 0)]
    while waiting:
        one, level = waiting.pop()
        if id(one) in seen or level > _MOST_LEVELS:
            continue
        seen.add(id(one))
        why = _within(debugger, one, 0)
        if why is not None:
            return why
        if one.kind in (h.POINTER, h.REFERENCE, h.ARRAY):
            waiting.append((one.target(), level + 1))
        elif one.kind in (h.STRUCT, h.UNION, h.VARIANT):
            waiting.extend((field.type, level + 1) for field in one.fields())
    return None


def _within(debugger: str, kind: Type, level: int) -> str | None:
    """As `reading`; kept per type."""
    if "crash" not in kind.cache:
        kind.cache["crash"] = None  # for what holds itself
        kind.cache["crash"] = _found(debugger, kind, level)
    return kind.cache["crash"]  # type: ignore[return-value]


def _found(debugger: str, kind: Type, level: int) -> str | None:
    for crash in KNOWN:
        if crash.debugger == debugger and crash.fatal(kind):
            return crash.why
    if kind.size <= _WORD or level > _MOST_LEVELS:
        return None
    if kind.kind == h.ARRAY:
        return _within(debugger, kind.target(), level + 1)
    if kind.kind in (h.STRUCT, h.UNION, h.VARIANT):
        found = (_within(debugger, field.type, level + 1) for field in kind.fields())
        return next((why for why in found if why is not None), None)
    return None
