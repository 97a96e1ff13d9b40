"""Conditions of a session's file, before a debugger gets them: what they read must be plain data.

A debugger evaluates the condition of a breakpoint by itself, and calls a class's operators for
it: `->` and `[]` on the way, `==` at the end.  Which variables there are, and of which types, only the
place tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dbg_session.host import types as h
from dbg_session.host.errors import HostError
from dbg_session.util.lazy_regex import Pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbg_session.host.types import Type

_PLAIN = (h.INT, h.BOOL, h.CHAR, h.FLOAT, h.ENUM, h.POINTER)
# What a path is, was read before; here it is only taken apart.
_PATH = Pattern(r"([* ]*)((?:::)? *\w+(?:::\w+)*)(.*)")
_STEP = Pattern(r"(\.|->) *(\w+)|\[ *(\d+) *\]")
# Bases within bases.
_MOST_LEVELS = 8


def refuse_calls(scopes: list[Callable[[str], Type | None]], paths: list[str]) -> None:
    """HostError when a path leads to what a debugger would have to call something for.

    `scopes` tell what names mean at each location of a breakpoint.

    Where a breakpoint waits for its place, or has none as a catchpoint, nobody can tell, and so it
    is refused as well.
    """
    if paths and not scopes:
        raise HostError("its place is not known, so nobody can tell what it would call there; set it again by hand")
    for scope in scopes:
        for path in paths:
            _refuse_calls(path, scope)


def _refuse_calls(path: str, scope: Callable[[str], Type | None]) -> None:
    found = _PATH.fullmatch(path)
    if found is None:
        raise HostError(f"`{path}` is no path of a variable")
    stars, name, rest = found.groups()
    steps: list[Any] = list(_STEP.findall(rest))
    kind = scope(name.removeprefix("::").strip())
    if kind is None:
        this = scope("this")
        kind = None if this is None else _member(_pointee(_referred(this)), name, 0)
    if kind is None:
        raise HostError(f"there is no variable `{name}` at its place")
    for dot, member, _index in steps:
        kind = _referred(kind)
        if not dot:
            kind = _pointee(kind)
        else:
            holder = _pointee(kind) if kind.kind == h.POINTER else kind if dot == "." else None
            kind = _member(holder, member, 0)
        if kind is None:
            break
    for _ in range(stars.count("*")):
        kind = None if kind is None else _pointee(_referred(kind))
    if kind is None or _referred(kind).kind not in _PLAIN:
        raise HostError(f"`{path}` is no plain value, and to compare it may call functions of the program")


def _referred(kind: Type) -> Type:
    return kind.target() if kind.kind == h.REFERENCE else kind


def _pointee(kind: Type) -> Type | None:
    return kind.target() if kind.kind in (h.POINTER, h.ARRAY) else None


def _member(kind: Type | None, name: str, level: int) -> Type | None:
    if kind is None or kind.kind not in (h.STRUCT, h.UNION) or level > _MOST_LEVELS:
        return None
    fields = kind.fields()
    own = next((field.type for field in fields if field.name == name and not field.base), None)
    inside = (_member(field.type, name, level + 1) for field in fields if field.base or not field.name)
    return own or next((found for found in inside if found is not None), None)
