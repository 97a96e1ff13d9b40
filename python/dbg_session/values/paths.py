"""Plain paths (`p.x`, `list->next[2]`, `*self`), read by layout alone.

A debugger asked to evaluate one may look for an object's true class, complain, or call a
function of the program; here nothing happens but reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dbg_session.host import types as h
from dbg_session.host.errors import HostError
from dbg_session.host.types import Value
from dbg_session.util.lazy_regex import Pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbg_session.host.protocol import Host
    from dbg_session.host.types import Field, Type

_PATH = Pattern(r"\s*(\**)\s*([A-Za-z_]\w*)((?:\s*(?:\.|->)\s*\w+|\s*\[\s*\d+\s*\])*)\s*")
_STEP = Pattern(r"(\.|->)\s*(\w+)|\[\s*(\d+)\s*\]")
# Bases within bases.
_MOST_LEVELS = 8
# What is asked at each hit is taken apart once.
_known: dict[str, tuple[int, str, list[tuple[str, str, str]]] | None] = {}
_MOST_KNOWN = 1000


def read(host: Host, path: str, root: Callable[[str], Value | None]) -> Value | None:
    """The value at a path that begins with a name of which `root` knows the value.

    None where this is no plain path, or not one that layout alone can follow: an operator of a
    class, a member that is no data.  HostError when what is on the way cannot be read.
    """
    parts = _parts(path)
    if parts is None:
        return None
    stars, name, steps = parts
    value = root(name)
    if value is None:
        this = root("this")
        value = None if this is None else _step(host, this, "->", name)
    for dot, member, index in steps:
        if value is None:
            return None
        value = _step(host, value, dot, member) if dot else _element(host, value, int(index))
    for _ in range(stars):
        value = None if value is None else _element(host, value, 0)
    return value


def _parts(path: str) -> tuple[int, str, list[tuple[str, str, str]]] | None:
    """(stars before it, first name, steps), or None where this is no plain path."""
    if path not in _known:
        if len(_known) > _MOST_KNOWN:
            _known.clear()
        found = _PATH.fullmatch(path)
        steps: Any = [] if found is None else _STEP.findall(found.group(3))
        _known[path] = None if found is None else (len(found.group(1)), found.group(2), steps)
    return _known[path]


def _step(host: Host, value: Value, dot: str, name: str) -> Value | None:
    value = _referred(host, value)
    holder: Value | None = value
    if value.type.kind == h.POINTER:  # debuggers take `.` for `->`, and so does Rust
        holder = _pointee(host, value)
    elif dot == "->":
        return None
    if holder is None or holder.status is not None or holder.type.kind not in (h.STRUCT, h.UNION):
        return None
    return _member(host, holder, name, 0)


def _element(host: Host, value: Value, index: int) -> Value | None:
    value = _referred(host, value)
    kind = value.type
    if value.status is not None or (kind.rust and (kind.kind == h.ARRAY or index)):
        return None
    if kind.kind == h.POINTER:
        return _pointee(host, value, index)
    if kind.kind != h.ARRAY:
        return None
    element = kind.target()
    if value.address is not None:
        return Value(element, value.address + index * element.size)
    start = index * element.size
    if value.data is None or start + element.size > len(value.data):
        raise HostError(f"there is no element {index}")
    return Value(element, None, value.data[start : start + element.size])


def _referred(host: Host, value: Value) -> Value:
    if value.type.kind != h.REFERENCE or value.status is not None:
        return value
    return Value(value.type.target(), _number(host, value))


def _pointee(host: Host, value: Value, index: int = 0) -> Value | None:
    if value.status is not None:
        return value
    target = value.type.target()
    if target.kind in (h.VOID, h.FUNCTION, h.OTHER) or not (target.size or target.rust):
        return None
    return Value(target, _number(host, value) + index * target.size)


def _number(host: Host, value: Value) -> int:
    data = value.data
    if data is None:
        if value.address is None:
            raise HostError("the debugger gives no bytes for a pointer in it")
        data = host.read_memory(value.address, value.type.size)
    return int.from_bytes(data, "little")


def _member(host: Host, value: Value, name: str, level: int) -> Value | None:
    """A member by its name: its own first, then those of anonymous members and bases."""
    inside: list[tuple[int, Field]] = []
    for index, field in enumerate(value.type.fields()):
        if field.name == name and not field.base:
            return _part(host, value, index, field)
        if field.base or not field.name:
            inside.append((index, field))
    if level < _MOST_LEVELS:
        for index, field in inside:
            if _has(field.type, name, level + 1):
                part = _part(host, value, index, field)
                return None if part.status is not None else _member(host, part, name, level + 1)
    return None


def _has(kind: Type, name: str, level: int) -> bool:
    if kind.kind not in (h.STRUCT, h.UNION) or level > _MOST_LEVELS:
        return False
    return any(
        _has(field.type, name, level + 1) if field.base or not field.name else field.name == name
        for field in kind.fields()
    )


def _part(host: Host, value: Value, index: int, field: Field) -> Value:
    if field.bit_offset is None or (value.address is None and value.data is None):
        return host.child(value, index)
    if field.bits:
        return Value(field.type, None, _bits(host, value, field))
    offset = field.bit_offset // 8
    address = None if value.address is None else value.address + offset
    data = None if value.data is None else value.data[offset : offset + field.type.size]
    return Value(field.type, address, data)


def _bits(host: Host, value: Value, field: Field) -> bytes:
    """A bit-field, widened to its declared type."""
    place = field.bit_offset or 0
    first, last = place // 8, (place + field.bits + 7) // 8
    if value.data is not None:
        data = value.data[first:last]
    else:
        data = host.read_memory((value.address or 0) + first, last - first)
    bits = int.from_bytes(data, "little") >> (place % 8) & ((1 << field.bits) - 1)
    if field.type.signed and bits >> (field.bits - 1):
        bits -= 1 << field.bits
    return (bits % (1 << 8 * field.type.size)).to_bytes(field.type.size, "little")
