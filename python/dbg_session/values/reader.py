"""Turns a host's `Value` into the plain tuple that the recorder takes.

The same bytes and the same layout give the same tuple, whichever debugger read them.
Nothing here names a debugger, runs code in the program, or fetches more of an object
than is shown of it.
"""

# ruff: noqa: PLR2004, ARG001, BLE001, TRY301 - sizes are sizes, plans share one signature, and no value may raise
from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from dbg_session.host import types as h
from dbg_session.host.data import HostError
from dbg_session.host.types import Field, Type, Value, learning_seconds

from .floats import float_text, shortest
from .keys import key_text
from .layout import empty, find, flat, members_lost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dbg_session.host.protocol import Host

# One value as the recorder takes it: name, type, kind, payload, status, count, addr, arg, children.
Tuple = tuple[str, str, str, Any, "str | None", "int | None", "int | None", bool, Any]
# (kind, payload, status, count, children): what a plan gives for a value.
Shown = tuple[str, Any, "str | None", "int | None", "list[Tuple] | None"]

TRUNCATED = "truncated"
UNAVAILABLE = "unavailable"
UNINITIALIZED = "uninitialized?"
# An object up to this size is fetched in one go; of a bigger one only what is shown.
FETCH_WHOLE = 4096
SANE_COUNT = 1 << 40
# Values in one capture, nested ones included: 64 children to depth 3 could be 262,144.
MOST_VALUES = 16_384


# Seconds that one capture may spend beyond its time to learn types it has never seen.
_MOST_LEARNING = 0.5


class Limits(NamedTuple):
    """How much of a value is kept; all settable by the user."""

    depth: int = 3
    children: int = 64
    characters: int = 256
    milliseconds: float = 100.0
    frames: int = 64


class GarbageError(Exception):
    """A container whose inside cannot be true: most likely not constructed yet."""


class UnsupportedError(Exception):
    """A layout that a reader of ours does not know: the plain struct is shown instead."""


class Reader:
    """Reads values within limits; one per capture."""

    def __init__(self, host: Host, limits: Limits, deadline: float) -> None:
        self.host = host
        self.limits = limits
        self.deadline = deadline
        self.room = MOST_VALUES
        self._learnt = learning_seconds()

    def now(self) -> float:
        """The time that counts: what was spent to learn types does not, up to a limit."""
        return time.monotonic() - min(learning_seconds() - self._learnt, _MOST_LEARNING)

    def late(self) -> bool:
        """Whether the capture's time, or its room, is used up."""
        return self.room <= 0 or self.now() > self.deadline

    def read(self, name: str, value: Value, depth: int = 0, arg: bool = False) -> Tuple:
        """The tuple of `value`; never raises."""
        type_name = value.type.name
        if value.status is not None:
            return (
                name, type_name, "none", value.message, value.status, None, None, arg, None,
            )  # fmt: skip
        self.room -= 1
        if self.late():
            return (name, type_name, "none", None, TRUNCATED, None, None, arg, None)
        try:
            if name == "this" and depth == 0 and value.type.kind == h.POINTER:
                shown = follow(self, value, self.number(value), 0)
            else:
                shown = self.show(value, depth)
            kind, payload, status, count, children = shown
        except HostError as error:
            kind, payload, status, count, children = "none", str(error), "error", None, None
        except GarbageError:
            kind, payload, status, count, children = "none", None, UNINITIALIZED, None, None
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            kind, payload, status, count, children = "none", text, "error", None, None
        address = None if _refers(value.type) else value.address
        return (name, type_name, kind, payload, status, count, address, arg, children)

    def show(self, value: Value, depth: int) -> Shown:
        """What a value is, by its type's plan; may raise."""
        plan = value.type.plan
        if plan is None:
            plan = value.type.plan = choose(value.type)
        return plan(self, value, depth)  # type: ignore[return-value]

    def data(self, value: Value) -> bytes:
        """All bytes of a value."""
        if value.data is None:
            if value.address is None:
                raise HostError("the debugger gives no bytes for this value")
            value.data = self.host.read_memory(value.address, value.type.size)
        return value.data

    def number(self, value: Value) -> int:
        """A scalar's bits as an unsigned integer."""
        return int.from_bytes(self.data(value), "little")

    def part(self, value: Value, offset: int, kind: Type) -> Value:
        """What lies `offset` bytes into `value`, as a value of its own."""
        address = None if value.address is None else value.address + offset
        data = None
        if value.data is not None and offset + kind.size <= len(value.data):
            data = value.data[offset : offset + kind.size]
        return Value(kind, address, data)

    def at(self, value: Value, path: str) -> Value:
        """The member that a dotted path names, also inside bases; or UnsupportedError."""
        found = find(value.type, path)
        if found is None:
            raise UnsupportedError(path)
        return self.part(value, *found)

    def pointer_at(self, value: Value, path: str) -> int:
        """The number held by a pointer or integer member."""
        return self.number(self.at(value, path))

    def fetch(self, value: Value) -> None:
        """Fetch a small object whole, so that its members cost no further requests."""
        if value.data is None and value.address is not None and value.type.size <= FETCH_WHOLE:
            value.data = self.host.read_memory(value.address, value.type.size)

    def elements(self, kind: Type, address: int, count: int, depth: int) -> Shown:
        """An array of `count` things that lie side by side in memory."""
        if depth >= self.limits.depth:
            return ("array", None, TRUNCATED if count else None, count or None, None)
        shown = min(count, self.limits.children)
        data = self.host.read_memory(address, shown * kind.size) if shown and kind.size else b""
        return self.side_by_side(Value(kind, address, data), kind, count, shown, depth)

    def side_by_side(self, value: Value, kind: Type, count: int, shown: int, depth: int) -> Shown:
        """`count` elements of which the first `shown` are read, from where `value` begins."""
        items = (self.part(value, i * kind.size, kind) for i in range(shown))
        return self.sequence(items, count, depth)

    def sequence(self, items: Iterable[Value], count: int | None, depth: int, kind: str = "array") -> Shown:
        """Children `[0]`, `[1]` … of `count` in all (None: nobody knows)."""
        if depth >= self.limits.depth:
            return (kind, None, None if count == 0 else TRUNCATED, count or None, None)
        children: list[Tuple] = []
        for item in items:
            if len(children) == self.limits.children or self.late():
                return (kind, None, TRUNCATED, count, children)
            children.append(self.read(f"[{len(children)}]", item, depth + 1))
        if count is not None and count > len(children):
            return (kind, None, TRUNCATED, count, children)
        return (kind, None, None, None, children)

    def pairs(self, items: Iterable[tuple[Value, Value]], count: int | None, depth: int) -> Shown:
        """A map: children named after their keys."""
        if depth >= self.limits.depth:
            return ("map", None, None if count == 0 else TRUNCATED, count or None, None)
        children: list[Tuple] = []
        for key, item in items:
            if len(children) == self.limits.children or self.late():
                return ("map", None, TRUNCATED, count, children)
            name = f"[{key_text(self.read('', key, depth + 1))}]"
            children.append(self.read(name, item, depth + 1))
        if count is not None and count > len(children):
            return ("map", None, TRUNCATED, count, children)
        return ("map", None, None, None, children)

    def text(self, address: int, count: int, size: int = 1) -> Shown:
        """A string of `count` characters of `size` bytes each."""
        shown = min(count, self.limits.characters)
        data = self.host.read_memory(address, shown * size) if shown else b""
        cut = count > shown
        status = TRUNCATED if cut else None
        return ("str", wide(data, size), status, count if cut else None, None)

    def c_string(self, address: int, size: int = 1) -> Shown:
        """The characters up to NUL at `address`; HostError when none can be read."""
        limit = self.limits.characters * size
        data, step = b"", 64 * size
        while len(data) <= limit:
            # A string may end just before a page that cannot be read: never ask across one.
            room = 4096 - (address + len(data)) % 4096
            try:
                more = self.host.read_memory(address + len(data), min(step, room))
            except HostError:
                if not data:
                    raise
                return ("str", wide(data[:limit], size), TRUNCATED, None, None)
            end = terminator(more, size)
            if end >= 0:
                data += more[:end]
                break
            data += more
        cut = len(data) > limit
        return ("str", wide(data[:limit], size), TRUNCATED if cut else None, None, None)

    def struct(self, value: Value, depth: int) -> Shown:
        """Members of a struct or union, anonymous ones as if they were the outer one's own."""
        if depth >= self.limits.depth:
            status = None if empty(value.type) else TRUNCATED
            return ("struct", None, status, None, None if status else [])
        self.fetch(value)
        children: list[Tuple] = []
        for field, offset, member in self.members(value, value.type, 0):
            if len(children) == self.limits.children or self.late():
                count = sum(1 for _ in flat(value.type))
                return ("struct", None, TRUNCATED, count, children)
            if field.bits:
                children.append(self.bit_field(field, offset, value))
            else:
                children.append(self.read(field.name, member, depth + 1))
        return ("struct", None, None, None, children)

    def members(self, value: Value, kind: Type, base: int) -> Iterable[tuple[Field, int, Value]]:
        """(field, bit offset, value) of each member, anonymous ones opened."""
        located = value.data is not None or value.address is not None
        for index, field in enumerate(kind.fields()):
            if field.bit_offset is None or not located:
                member = self.host.child(value, index)
                if member.type is not field.type and not field.name:
                    yield from self.members(member, field.type, 0)
                else:
                    yield field, 0, member
                continue
            if field.base and empty(field.type):
                continue
            offset = base + field.bit_offset
            if not field.name and not field.base:
                yield from self.members(value, field.type, offset)
            elif field.bits:
                yield field, offset, value
            else:
                yield field, offset, self.part(value, offset // 8, field.type)

    def bit_field(self, field: Field, offset: int, value: Value) -> Tuple:
        """A bit-field, widened to its declared type."""
        try:
            if value is not None and value.type is field.type and value.data is not None:
                data, first = value.data, 0
            else:
                first, last = offset // 8, (offset + field.bits + 7) // 8
                if value.data is not None:
                    data = value.data[first:last]
                elif value.address is not None:
                    data = self.host.read_memory(value.address + first, last - first)
                else:
                    raise HostError("the debugger gives no bytes for this value")
                bits = int.from_bytes(data, "little") >> (offset % 8)
                bits &= (1 << field.bits) - 1
                if field.type.signed and bits >> (field.bits - 1):
                    bits -= 1 << field.bits
                size = field.type.size
                data = (bits % (1 << (8 * size))).to_bytes(size, "little")
        except HostError as error:
            return (
                field.name, field.type.name, "none", str(error), "error", None, None, False, None,
            )  # fmt: skip
        return self.read(field.name, Value(field.type, None, data), self.limits.depth)


def _refers(kind: Type) -> bool:
    """Whether what is shown is not at the value's own address."""
    return kind.kind == h.REFERENCE or (kind.kind == h.POINTER and kind.rust)


def wide(data: bytes, size: int) -> bytes | str:
    """A string's bytes as they are, or those of wide characters as text."""
    if size == 1:
        return data
    return data.decode("utf-16-le" if size == 2 else "utf-32-le", "replace")


def terminator(data: bytes, size: int) -> int:
    """Where the NUL of a string lies, or -1."""
    if size == 1:
        return data.find(0)
    for place in range(0, len(data) - size + 1, size):
        if not any(data[place : place + size]):
            return place
    return -1


# ---------------------------------------------------------------- plans, one per kind


def choose(kind: Type) -> Callable[..., Shown]:
    """The function that shows values of a type."""
    if kind.plain in h.NULL:
        return _null
    if kind.kind == h.STRUCT:
        from .std import libstdcxx, rust

        reader = rust.reader(kind) if kind.rust else libstdcxx.reader(kind)
        if reader is not None:
            return _known(reader)
        return _aggregate
    return _PLANS.get(kind.kind, _other)


def _known(reader: Callable[..., Shown]) -> Callable[..., Shown]:
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
        return ("text", clip(r, printed.text or "{}"), None, None, None)
    if depth >= r.limits.depth:
        return ("struct", None, TRUNCATED, None, None)
    children: list[Tuple] = []
    key: Tuple | None = None
    for name, child in printed.children:
        if isinstance(child, str):
            shown: Tuple = (name, "", "text", child, None, None, None, False, None)
        else:
            shown = r.read(name, child, depth + 1)
        if printed.hint == "map" and key is None:
            key = shown
            continue
        if key is not None:
            shown = (f"[{key_text(key)}]", *shown[1:])
            key = None
        children.append(shown)
    kind = printed.hint if printed.hint in ("map", "array") else "struct"
    return (kind, None, TRUNCATED if printed.more else None, None, children)


def clip(r: Reader, text: str) -> str:
    """A pretty-printer's text, cut to the limit."""
    return text if len(text) <= r.limits.characters else text[: r.limits.characters] + "..."


def _int(r: Reader, value: Value, depth: int) -> Shown:
    data = r.data(value)
    return ("int", int.from_bytes(data, "little", signed=value.type.signed), None, None, None)


def _bool(r: Reader, value: Value, depth: int) -> Shown:
    number = r.number(value)
    if number > 1:
        return ("int", number, UNINITIALIZED, None, None)  # no program stores that in one
    return ("bool", number, None, None, None)


def _char(r: Reader, value: Value, depth: int) -> Shown:
    code = r.number(value)
    if value.type.size == 1 and code >= 0x80:
        # Part of some character of several bytes, and none by itself.
        return ("text", f"'\\x{code:02x}'", None, None, None)
    return ("char", code, None, None, None)


def _float(r: Reader, value: Value, depth: int) -> Shown:
    data = r.data(value)
    if len(data) == 8:
        return ("f64", struct.unpack("<d", data)[0], None, None, None)
    if len(data) in (2, 4):
        return ("f32", struct.unpack("<f" if len(data) == 4 else "<e", data)[0], None, None, None)
    if "128" in value.type.plain:
        bits = int.from_bytes(data, "little")
        fraction, exponent = bits & ((1 << 112) - 1), bits >> 112 & 0x7FFF
        whole = fraction | (1 << 112 if exponent else 0)
        text = shortest(bits >> 127, whole, exponent, fraction == 0, 112)
    else:
        mantissa = int.from_bytes(data[:8], "little")
        top = int.from_bytes(data[8:10], "little")
        text = shortest(top >> 15, mantissa, top & 0x7FFF, mantissa << 1 & (1 << 64) - 1 == 0, 63)
    return ("text", text, None, None, None)


def _enum(r: Reader, value: Value, depth: int) -> Shown:
    number = int.from_bytes(r.data(value), "little", signed=value.type.signed)
    names = value.type.enumerators()
    for name, its in names:
        if its == number:
            return ("enum", name, None, None, None)
    parts, left = [], number
    for name, its in names:
        if its & (its - 1) == 0 and its > 0 and left & its:
            parts.append(name)
            left &= ~its
    if number > 0 and left == 0 and flags(names):
        return ("enum", " | ".join(parts), None, None, None)
    return ("int", number, None, None, None)


def flags(names: list[tuple[str, int]]) -> bool:
    """Whether an enum's values are made of single bits."""
    single = 0
    for _, its in names:
        if its > 0 and its & (its - 1) == 0:
            single |= its
    return all(its >= 0 and its & ~single == 0 for _, its in names)


def _pointer(r: Reader, value: Value, depth: int) -> Shown:
    address = r.number(value)
    plain: Shown = ("ptr", address, None, None, None)
    if address == 0:
        return plain
    if value.type.rust:
        return follow(r, value, address, depth)
    target = value.type.target()
    if target.kind == h.CHAR:
        try:
            return r.c_string(address, target.size)
        except HostError:
            return plain
    return plain


def follow(r: Reader, value: Value, address: int, depth: int) -> Shown:
    """What a pointer refers to, or the plain pointer when that cannot be read."""
    target = value.type.target()
    if target.kind in (h.VOID, h.FUNCTION, h.OTHER) or depth > r.limits.depth:
        return ("ptr", address, None, None, None)
    try:
        if target.size:
            r.host.read_memory(address, 1)
        # One level deeper than the pointer, so that a chain of them ends.
        deeper = depth + 1 if target.kind == h.POINTER else depth
        return r.show(Value(target, address), deeper)
    except (HostError, GarbageError):
        return ("ptr", address, None, None, None)


def _reference(r: Reader, value: Value, depth: int) -> Shown:
    target = Value(value.type.target(), r.number(value))
    if target.type.kind == h.FUNCTION:
        return ("ptr", target.address, None, None, None)
    return r.show(target, depth)


def _array(r: Reader, value: Value, depth: int) -> Shown:
    kind, count = value.type.target(), value.type.count
    if kind.kind == h.CHAR and not kind.rust:
        return _char_array(r, value, kind.size, count)
    if depth >= r.limits.depth:
        return ("array", None, TRUNCATED if count else None, count or None, None)
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
        return ("str", text, TRUNCATED, count, None)
    shown = min(length, r.limits.characters)
    if shown == length and known:
        return ("str", wide(data[: shown * size], size), None, None, None)
    text = wide(data[: shown * size], size)
    return ("str", text, TRUNCATED, length if known else None, None)


def _variant(r: Reader, value: Value, depth: int) -> Shown:
    r.fetch(value)
    active = r.host.variant(value)
    if active is None:
        raise GarbageError
    name, payload = active
    if depth >= r.limits.depth and payload.type.fields():
        return ("variant", name, TRUNCATED, None, None)
    if not payload.type.fields():
        return ("variant", name, None, None, [])
    _, _, status, count, children = r.struct(payload, depth)
    return ("variant", name, status, count, children)


def _null(r: Reader, value: Value, depth: int) -> Shown:
    return ("ptr", 0, None, None, None)


def _void(r: Reader, value: Value, depth: int) -> Shown:
    return ("text", "()" if value.type.rust else "void", None, None, None)


def _function(r: Reader, value: Value, depth: int) -> Shown:
    return ("ptr", value.address, None, None, None)


def _other(r: Reader, value: Value, depth: int) -> Shown:
    if "complex " in value.type.plain and value.type.size in (8, 16):
        size = value.type.size // 2
        real, imaginary = struct.unpack("<2f" if size == 4 else "<2d", r.data(value))
        kind = "f32" if size == 4 else "f64"
        text = f"{float_text(real, kind)} + {float_text(imaginary, kind)}i"
        return ("text", text, None, None, None)
    if "::*" in value.type.plain:
        return ("int", int.from_bytes(r.data(value)[:8], "little"), None, None, None)
    printed = r.host.user_text(value, r.limits.children)
    if printed is not None and printed.text is not None:
        return ("text", clip(r, printed.text), None, None, None)
    if 0 < value.type.size <= 16:
        return ("int", r.number(value), None, None, None)
    raise HostError("values of this type are not read")


_PLANS: dict[str, Callable[..., Shown]] = {
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
