"""Turns a host's `Value` into the plain tuple that the recorder takes.

The same bytes and the same layout give the same tuple, whichever debugger read them.
Nothing here names a debugger, runs code in the program, or fetches more of an object
than is shown of it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from dbg_session.host import types as h
from dbg_session.host.errors import HostError
from dbg_session.host.types import Field, Type, Value, learning_seconds

from . import tuples
from .layout import empty, find, flat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .tuples import Name, Shown, Tuple

    Plan = Callable[..., Shown]

    from dbg_session.host.protocol import Host

# An object up to this size is fetched in one go; of a bigger one only what is shown.
FETCH_WHOLE = 4096
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
    """Reads values within limits; one per capture.

    `choose` tells how values of a type are read; see `plans.py`, whose `reading` makes readers.
    """

    def __init__(self, host: Host, limits: Limits, deadline: float, choose: Callable[[Type], Plan]) -> None:
        self._choose = choose
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

    def read(self, name: Name, value: Value, depth: int = 0, arg: bool = False) -> Tuple:
        """The tuple of `value`; never raises."""
        type_name = value.type.name
        if value.status is not None:
            return tuples.missing(name, value.status, value.message, type_name, arg)
        self.room -= 1
        if self.late():
            return tuples.cut(name, type_name, arg)
        try:
            if name == "this" and depth == 0 and value.type.kind == h.POINTER:
                shown = self.follow(value, self.number(value), 0)
            else:
                shown = self.show(value, depth)
        except HostError as error:
            shown = tuples.wrong(str(error))
        except GarbageError:
            shown = tuples.garbage()
        except Exception as error:
            shown = tuples.wrong(f"{type(error).__name__}: {error}")
        address = None if _refers(value.type) else value.address
        return tuples.named(name, type_name, shown, address, arg)

    def show(self, value: Value, depth: int) -> Shown:
        """What a value is, by its type's plan; may raise."""
        plan = value.type.plan
        if plan is None:
            plan = value.type.plan = self._choose(value.type)
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

    def follow(self, value: Value, address: int, depth: int) -> Shown:
        """What a pointer refers to, or the plain pointer when that cannot be read."""
        target = value.type.target()
        if target.kind in (h.VOID, h.FUNCTION, h.OTHER) or depth > self.limits.depth:
            return tuples.pointer(address)
        try:
            if target.size:
                self.host.read_memory(address, 1)
            # One level deeper than the pointer, so that a chain of them ends.
            deeper = depth + 1 if target.kind == h.POINTER else depth
            return self.show(Value(target, address), deeper)
        except (HostError, GarbageError):
            return tuples.pointer(address)

    def elements(self, kind: Type, address: int, count: int, depth: int) -> Shown:
        """An array of `count` things that lie side by side in memory."""
        if depth >= self.limits.depth:
            return tuples.deep("array", count)
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
            return tuples.deep(kind, count)
        children: list[Tuple] = []
        for item in items:
            if len(children) == self.limits.children or self.late():
                return tuples.short(kind, None, count, children)
            children.append(self.read(len(children), item, depth + 1))
        if count is not None and count > len(children):
            return tuples.short(kind, None, count, children)
        return tuples.holding(kind, children)

    def pairs(self, items: Iterable[tuple[Value, Value]], count: int | None, depth: int) -> Shown:
        """A map: children named after their keys."""
        if depth >= self.limits.depth:
            return tuples.deep("map", count)
        children: list[Tuple] = []
        for key, item in items:
            if len(children) == self.limits.children or self.late():
                return tuples.short("map", None, count, children)
            children.append(self.read(self.read("", key, depth + 1), item, depth + 1))
        if count is not None and count > len(children):
            return tuples.short("map", None, count, children)
        return tuples.holding("map", children)

    def text(self, address: int, count: int, size: int = 1) -> Shown:
        """A string of `count` characters of `size` bytes each."""
        shown = min(count, self.limits.characters)
        data = self.host.read_memory(address, shown * size) if shown else b""
        characters = wide(data, size)
        return tuples.short("str", characters, count) if count > shown else tuples.scalar("str", characters)

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
                return tuples.short("str", wide(data[:limit], size))
            end = terminator(more, size)
            if end >= 0:
                data += more[:end]
                break
            data += more
        characters = wide(data[:limit], size)
        return tuples.short("str", characters) if len(data) > limit else tuples.scalar("str", characters)

    def struct(self, value: Value, depth: int) -> Shown:
        """Members of a struct or union, anonymous ones as if they were the outer one's own."""
        if depth >= self.limits.depth:
            return tuples.holding("struct", []) if empty(value.type) else tuples.short("struct")
        self.fetch(value)
        children: list[Tuple] = []
        for field, offset, member in self.members(value, value.type, 0):
            if len(children) == self.limits.children or self.late():
                count = sum(1 for _ in flat(value.type))
                return tuples.short("struct", None, count, children)
            if field.bits:
                children.append(self.bit_field(field, offset, value))
            else:
                children.append(self.read(field.name, member, depth + 1))
        return tuples.holding("struct", children)

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
            return tuples.failed(field.name, str(error), field.type.name)
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
