"""Where the members of a type lie, by their names; kept per type, read from no program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbg_session.host import types as h

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dbg_session.host.types import Field, Type

# Bases within bases; deeper ones are a circle of broken debug information.
_MOST_LEVELS = 8


def find(kind: Type, path: str) -> tuple[int, Type] | None:
    """(byte offset, type) of the member that a dotted path names; kept per type."""
    if kind.paths is None:
        kind.paths = {}
    if path not in kind.paths:
        offset, at = 0, kind
        for name in path.split("."):
            step = _member(at, name)
            if step is None:
                kind.paths[path] = None
                return None
            offset, at = offset + step[0], step[1]
        kind.paths[path] = (offset, at)
    return kind.paths[path]


def _member(kind: Type, name: str, level: int = 0) -> tuple[int, Type] | None:
    inside: list[tuple[int, Type]] = []
    if kind.kind not in (h.STRUCT, h.UNION) or level > _MOST_LEVELS:
        return None
    for field in kind.fields():
        if field.bit_offset is None:
            continue
        if field.name == name and not field.base:
            return field.bit_offset // 8, field.type
        if field.base or not field.name:
            inside.append((field.bit_offset // 8, field.type))
    for offset, within in inside:
        found = _member(within, name, level + 1)
        if found is not None:
            return offset + found[0], found[1]
    return None


def alignment(kind: Type, level: int = 0) -> int:
    """At multiples of how many bytes a value lies: no less than any of its members."""
    inside: Iterable[Type] = ()
    if kind.kind == h.ARRAY:
        inside = (kind.target(),)
    elif kind.kind in (h.STRUCT, h.UNION):
        inside = (field.type for field in kind.fields())
    if level == _MOST_LEVELS:
        return kind.alignment
    return max([kind.alignment, *(alignment(part, level + 1) for part in inside)])


def align(offset: int, kind: Type) -> int:
    """The next offset at which a `kind` may lie."""
    step = alignment(kind)
    return -(-offset // step) * step


def flat(kind: Type) -> Iterable[Field]:
    """All members, anonymous ones opened."""
    for field in kind.fields():
        if not field.name and not field.base:
            yield from flat(field.type)
        elif not (field.base and empty(field.type)):
            yield field


def empty(kind: Type) -> bool:
    """Whether a base class has nothing to show."""
    known = kind.cache.get("empty")
    if known is None:
        known = kind.cache["empty"] = next(iter(flat(kind)), None) is None
    return bool(known)


def members_lost(kind: Type) -> bool:
    """Whether the debugger has forgotten members, as LLDB 23 of types that it takes for one another.

    Seen of Rust only: there nothing without members takes room, and a tuple's type names each.
    """
    if not kind.rust:
        return False
    known = kind.cache.get("lost")
    if known is None:
        fields = kind.fields()
        known = kind.size > 0 and (not fields or len(fields) < _elements(kind.name))
        kind.cache["lost"] = known
    return bool(known)


def _elements(name: str) -> int:
    """How many elements the name of a tuple has; 0 of anything else."""
    if not (name.startswith("(") and name.endswith(")")):
        return 0
    depth, count = 0, 1
    for place, letter in enumerate(name[1:-1], 1):
        if letter in "([{<":
            depth += 1
        elif letter in ")]}" or (letter == ">" and name[place - 1] != "-"):
            depth -= 1
        elif letter == "," and depth == 0 and name[place + 1 : -1].strip():
            count += 1
    return count
