"""How values of each kind of type are read: a plan for each type, chosen once.

What is told of a pointer, an enum or an array stands here; `std/` has the types of the standard libraries.
"""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING

from dbg_session.host import types as h
from dbg_session.host.errors import HostError
from dbg_session.host.types import Type, Value
from dbg_session.util.late import Kept

from . import tuples
from .layout import members_lost
from .reader import GarbageError, Limits, Reader, UnsupportedError, terminator, wide

if TYPE_CHECKING:
    from dbg_session.host.protocol import Host

    from .reader import Plan
    from .tuples import Shown, Tuple


def reading(host: Host, limits: Limits) -> Reader:
    """A reader that has the time that the limits give, from now on."""
    return Reader(host, limits, time.monotonic() + limits.milliseconds / 1000, choose)


def choose(kind: Type) -> Plan:
    """The function that shows values of a type."""
    if kind.plain in h.NULL:
        return _null
    if kind.kind == h.STRUCT:
        with h.learning(), Kept():
            from .std import readers  # late: loading must not be felt

        reader = readers.reader(kind)
        if reader is not None:
            return _known(reader)
        return _aggregate
    return _PLANS.get(kind.kind, _other)


def _known(reader: Plan) -> Plan:
    def plan(r: Reader, value: Value, depth: int) -> Shown:
        try:
            r.fetch(value)
            return reader(r, value, depth)
        except HostError as error:
            raise GarbageError from error
        except UnsupportedError:
            value.type.plan = _aggregate
            return _aggregate(r, value, depth)

    return plan


def _aggregate(r: Reader, value: Value, depth: int) -> Shown:
    printed = None
    # The debuggers' own printers of the library are not the same everywhere: none is asked.
    if not value.type.plain.startswith(("std::", "__gnu_cxx::")):
        printed = r.host.user_text(value, r.limits.children)
    if printed is None:
        if members_lost(value.type):
            raise HostError("the debugger does not know all members of this type")
        return r.struct(value, depth)
    if not printed.children:
        return tuples.text(clip(r, printed.text or "{}"))
    if depth >= r.limits.depth:
        return tuples.short("struct")
    children: list[Tuple] = []
    key: Tuple | None = None
    for name, child in printed.children:
        shown = tuples.told(name, child) if isinstance(child, str) else r.read(name, child, depth + 1)
        if printed.hint == "map" and key is None:
            key = shown
            continue
        if key is not None:
            shown = tuples.renamed(shown, key)
            key = None
        children.append(shown)
    kind = printed.hint if printed.hint in ("map", "array") else "struct"
    return tuples.short(kind, None, None, children) if printed.more else tuples.holding(kind, children)


def clip(r: Reader, text: str) -> str:
    """A pretty-printer's text, cut to the limit."""
    return text if len(text) <= r.limits.characters else text[: r.limits.characters] + "..."


def _int(r: Reader, value: Value, depth: int) -> Shown:
    data = r.data(value)
    return tuples.scalar("int", int.from_bytes(data, "little", signed=value.type.signed))


def _bool(r: Reader, value: Value, depth: int) -> Shown:
    number = r.number(value)
    if number > 1:
        return ("int", number, tuples.UNINITIALIZED, None, None)  # no program stores that in one
    return tuples.scalar("bool", number)


def _char(r: Reader, value: Value, depth: int) -> Shown:
    code = r.number(value)
    return tuples.scalar("byte" if value.type.size == 1 else "char", code)


def _float(r: Reader, value: Value, depth: int) -> Shown:
    data = r.data(value)
    if len(data) == 8:
        return tuples.scalar("f64", struct.unpack("<d", data)[0])
    if len(data) in (2, 4):
        return tuples.scalar("f32", struct.unpack("<f" if len(data) == 4 else "<e", data)[0])
    return tuples.scalar("f128" if "128" in value.type.plain else "f80", data)


def _enum(r: Reader, value: Value, depth: int) -> Shown:
    number = int.from_bytes(r.data(value), "little", signed=value.type.signed)
    names = value.type.enumerators()
    for name, its in names:
        if its == number:
            return tuples.scalar("enum", name)
    parts, left = [], number
    for name, its in names:
        if its & (its - 1) == 0 and its > 0 and left & its:
            parts.append(name)
            left &= ~its
    if number > 0 and left == 0 and flags(names):
        return tuples.scalar("enum", " | ".join(parts))
    return tuples.scalar("int", number)


def flags(names: list[tuple[str, int]]) -> bool:
    """Whether an enum's values are made of single bits."""
    single = 0
    for _, its in names:
        if its > 0 and its & (its - 1) == 0:
            single |= its
    return all(its >= 0 and its & ~single == 0 for _, its in names)


def _pointer(r: Reader, value: Value, depth: int) -> Shown:
    address = r.number(value)
    plain = tuples.pointer(address)
    if address == 0:
        return plain
    if value.type.rust:
        return r.follow(value, address, depth)
    target = value.type.target()
    if target.kind == h.CHAR:
        try:
            return r.c_string(address, target.size)
        except HostError:
            return plain
    return plain


def _reference(r: Reader, value: Value, depth: int) -> Shown:
    target = Value(value.type.target(), r.number(value))
    if target.type.kind == h.FUNCTION:
        return tuples.pointer(target.address)
    return r.show(target, depth)


def _array(r: Reader, value: Value, depth: int) -> Shown:
    kind, count = value.type.target(), value.type.count
    if kind.kind == h.CHAR and not kind.rust:
        return _char_array(r, value, kind.size, count)
    if depth >= r.limits.depth:
        return tuples.deep("array", count)
    shown = min(count, r.limits.children)
    if value.data is None and value.address is not None and shown * kind.size <= 1 << 16:
        data = r.host.read_memory(value.address, shown * kind.size) if shown * kind.size else b""
        value = Value(value.type, value.address, data)
    return r.side_by_side(value, kind, count, shown, depth)


def _char_array(r: Reader, value: Value, size: int, count: int) -> Shown:
    if value.data is None and value.address is not None:
        # Far enough to find the end of any buffer in practice, never a whole huge one.
        data = r.host.read_memory(value.address, min(count * size, 1 << 14)) if count else b""
    else:
        data = r.data(value)
    end = terminator(data, size)
    known = end >= 0 or len(data) == count * size
    length = (end if end >= 0 else len(data)) // size
    if end >= 0 and data[end:].strip(b"\0"):
        # Something stands behind the end: a packet, or what was there before.
        text = wide(data[: min(length, r.limits.characters) * size], size)
        return tuples.short("str", text, count)
    shown = min(length, r.limits.characters)
    if shown == length and known:
        return tuples.scalar("str", wide(data[: shown * size], size))
    text = wide(data[: shown * size], size)
    return tuples.short("str", text, length if known else None)


def _variant(r: Reader, value: Value, depth: int) -> Shown:
    r.fetch(value)
    active = r.host.variant(value)
    if active is None:
        raise GarbageError
    name, payload = active
    if depth >= r.limits.depth and payload.type.fields():
        return tuples.short("variant", name)
    if not payload.type.fields():
        return tuples.holding("variant", [], name)
    _, _, status, count, children = r.struct(payload, depth)
    return ("variant", name, status, count, children)


def _null(r: Reader, value: Value, depth: int) -> Shown:
    return tuples.pointer(0)


def _void(r: Reader, value: Value, depth: int) -> Shown:
    return tuples.text("()" if value.type.rust else "void")


def _function(r: Reader, value: Value, depth: int) -> Shown:
    return tuples.pointer(value.address)


def _whole_complex(data: bytes, signed: bool) -> Shown:
    """A complex number of integers, which GCC has; floats of the same bits would be tiny."""
    half = len(data) // 2
    real, imaginary = (int.from_bytes(part, "little", signed=signed) for part in (data[:half], data[half:]))
    return tuples.text(f"{real} + {imaginary}i")


def _other(r: Reader, value: Value, depth: int) -> Shown:
    name, size = value.type.plain, value.type.size
    if "complex " in name and size in (8, 16):
        if "float" in name or "double" in name:
            return tuples.scalar("complex", r.data(value))
        return _whole_complex(r.data(value), "unsigned" not in name)
    if "::*" in value.type.plain:
        return tuples.scalar("int", int.from_bytes(r.data(value)[:8], "little"))
    printed = r.host.user_text(value, r.limits.children)
    if printed is not None and printed.text is not None:
        return tuples.text(clip(r, printed.text))
    if 0 < value.type.size <= 16:
        return tuples.scalar("int", r.number(value))
    raise HostError("values of this type are not read")


_PLANS: dict[str, Plan] = {
    h.INT: _int,
    h.BOOL: _bool,
    h.CHAR: _char,
    h.FLOAT: _float,
    h.ENUM: _enum,
    h.POINTER: _pointer,
    h.REFERENCE: _reference,
    h.UNION: _aggregate,
    h.ARRAY: _array,
    h.VARIANT: _variant,
    h.FUNCTION: _function,
    h.VOID: _void,
}
