"""Readers of Rust's standard types, from their memory.

Rust promises no layout, so members are found by name and by being the one pointer inside;
what does not look as expected is shown as the plain struct that it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbg_session.host import types as h
from dbg_session.host.types import Type, Value
from dbg_session.values import tuples
from dbg_session.values.layout import align, find
from dbg_session.values.reader import Reader, UnsupportedError
from dbg_session.values.type_names import base

from .common import SANE_COUNT, need, sane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dbg_session.values.tuples import Shown


def reader(kind: Type) -> Callable[..., Shown] | None:
    """The reader for a type, or None when it is none that we know."""
    known = READERS.get(base(kind.plain))
    if known is not None:
        return known
    if _is_users(kind):
        return None
    names = {field.name for field in kind.fields()}
    if names == {"data_ptr", "length"}:
        return _fat
    if names == {"pointer", "vtable"}:
        return _dynamic
    return None


def _is_users(kind: Type) -> bool:
    """Whether a struct is one of the program's, which may have members of any name."""
    crate, path, _ = kind.plain.partition("::")
    return bool(path) and crate.isidentifier() and crate not in ("alloc", "core", "std")


def the_pointer(kind: Type, level: int = 0) -> tuple[int, Type]:
    """(offset, type) of the first pointer in a type, fat ones being structs; or Unsupported."""
    for field in kind.fields():
        place = (field.bit_offset or 0) // 8
        if field.type.kind == h.POINTER or _is_fat(field.type):
            return place, field.type
        if field.type.kind == h.STRUCT and level < 6:
            try:
                offset, found = the_pointer(field.type, level + 1)
            except UnsupportedError:
                continue
            return place + offset, found
    raise UnsupportedError("pointer")


def _is_fat(kind: Type) -> bool:
    return kind.kind == h.STRUCT and not _is_users(kind) and {f.name for f in kind.fields()} == {"data_ptr", "length"}


def _fat(r: Reader, value: Value, depth: int) -> Shown:
    """`&str`, `&[T]`, `Box<str>`, `Box<[T]>`."""
    pointer, length = r.at(value, "data_ptr"), r.pointer_at(value, "length")
    return _slice(r, value.type.plain, pointer.type.target(), r.number(pointer), length, depth)


def _slice(r: Reader, name: str, kind: Type, address: int, length: int, depth: int) -> Shown:
    sane(length < SANE_COUNT and address != 0)
    if "str" in (name.lstrip("&*").removeprefix("mut ").removeprefix("const "), _argument(name)):
        return r.text(address, length)
    return r.elements(kind, address, length, depth)


def _argument(name: str) -> str:
    """`str` of `alloc::boxed::Box<str, alloc::alloc::Global>`."""
    return name.partition("<")[2].partition(",")[0].rstrip(">").strip()


def _dynamic(r: Reader, value: Value, depth: int) -> Shown:
    return tuples.pointer(r.pointer_at(value, "pointer"))


def _string(r: Reader, value: Value, depth: int) -> Shown:
    address, length = _vec_parts(r, r.at(value, "vec"), 1)
    return r.text(address, length)


def _vec_parts(r: Reader, value: Value, size: int) -> tuple[int, int]:
    """(address, length) of a vector whose elements have `size` bytes."""
    buf = r.at(value, "buf")
    offset, kind = the_pointer(buf.type)
    address = r.number(r.part(buf, offset, kind))
    length = r.pointer_at(value, "len")
    sane(address != 0 and length < SANE_COUNT)
    capacity = _capacity(r, buf)
    sane(size == 0 or capacity is None or length <= capacity < 1 << 60)
    return address, length


def vector_places(kind: Type) -> tuple[int, int]:
    """Where a vector keeps its address and its length, in bytes from its start; or UnsupportedError."""
    buf, length = find(kind, "buf"), find(kind, "len")
    if buf is None or length is None:
        raise UnsupportedError("vector")
    return buf[0] + the_pointer(buf[1])[0], length[0]


def _capacity(r: Reader, buf: Value) -> int | None:
    for path in ("inner.cap", "cap"):
        if find(buf.type, path) is not None:
            return r.number(r.at(buf, path))
    return None


def _vec(r: Reader, value: Value, depth: int) -> Shown:
    kind = element(value.type)
    address, length = _vec_parts(r, value, kind.size)
    return r.elements(kind, address, length, depth)


def element(kind: Type) -> Type:
    """What a vector holds; or UnsupportedError."""
    found = kind.argument(0)
    if found is None:
        raise UnsupportedError("element type")
    return found


def _deque(r: Reader, value: Value, depth: int) -> Shown:
    kind = element(value.type)
    address, length = _vec_parts(r, value, kind.size)
    head, capacity = r.pointer_at(value, "head"), _capacity(r, r.at(value, "buf"))
    if capacity is None:
        raise UnsupportedError("capacity")
    sane(head < max(capacity, 1))
    items = (Value(kind, address + (head + i) % max(capacity, 1) * kind.size) for i in range(length))
    return r.sequence(items, length, depth)


def _counted(r: Reader, value: Value, depth: int) -> Shown:
    """`Rc` and `Arc`: what is shared, without the counts."""
    offset, kind = the_pointer(value.type)
    pointer = r.part(value, offset, kind)
    if kind.kind == h.POINTER:
        inner = Value(kind.target(), r.number(pointer))
        sane(inner.address != 0)
        for name in ("value", "data"):
            if find(inner.type, name) is not None:
                return r.show(r.at(inner, name), depth)
        raise UnsupportedError("value")
    data, length = r.at(pointer, "data_ptr"), r.pointer_at(pointer, "length")
    # Two counts come before what is shared; only the fat pointer's name tells that it is text.
    element = value.type.argument(0) or data.type.target()
    name = _argument(kind.plain)
    return _slice(r, name, element, r.number(data) + align(16, element), length, depth)


def _inside(*paths: str) -> Callable[..., Shown]:
    """Shows one member in the place of the whole."""

    def show(r: Reader, value: Value, depth: int) -> Shown:
        for path in paths:
            if find(value.type, path) is not None:
                return r.show(r.at(value, path), depth)
        raise UnsupportedError(paths[0])

    return show


# ---------------------------------------------------------------- hash tables


def _buckets(r: Reader, table: Value) -> tuple[int, Iterator[tuple[Value, Value]]]:
    """(count, keys with values) of hashbrown's table: control bytes, elements before them."""
    kind = need(table.type.argument(0))
    mask, items = r.pointer_at(table, "table.bucket_mask"), r.pointer_at(table, "table.items")
    control = r.at(table, "table.ctrl")
    offset, pointer = the_pointer(control.type)
    start = r.number(r.part(control, offset, pointer))
    sane(mask < SANE_COUNT and mask & (mask + 1) == 0 and items <= mask + 1 and start != 0)
    r.host.read_memory(start + mask, 1)

    def walk() -> Iterator[tuple[Value, Value]]:
        found = 0
        for first in range(0, mask + 1, 64):
            if found == items:
                return
            controls = r.host.read_memory(start + first, min(64, mask + 1 - first))
            for index, byte in enumerate(controls, first):
                if byte < 0x80:
                    found += 1
                    pair = Value(kind, start - (index + 1) * kind.size)
                    yield r.at(pair, "0"), r.at(pair, "1")

    return items, walk()


def _hash_map(r: Reader, value: Value, depth: int) -> Shown:
    count, items = _buckets(r, r.at(value, "base.table"))
    return r.pairs(items, count, depth)


def _hash_set(r: Reader, value: Value, depth: int) -> Shown:
    count, items = _buckets(r, r.at(value, "base.map.table"))
    return r.sequence((key for key, _ in items), count, depth)


# ---------------------------------------------------------------- B-trees


def _tree(r: Reader, value: Value) -> tuple[int, Iterator[tuple[Value, Value]]]:
    length, root = r.pointer_at(value, "length"), r.at(value, "root")
    sane(length < SANE_COUNT)
    if not length:
        return 0, iter(())
    r.fetch(root)
    active = r.host.variant(root)
    sane(active is not None and active[0] == "Some")
    assert active is not None
    reference = r.at(active[1], "0")
    height = r.pointer_at(reference, "height")
    offset, pointer = the_pointer(r.at(reference, "node").type)
    node = r.part(r.at(reference, "node"), offset, pointer)
    sane(height < 32)
    return length, _walk(r, pointer.target(), r.number(node), height)


def _walk(r: Reader, kind: Type, address: int, height: int) -> Iterator[tuple[Value, Value]]:
    """Keys and values of a node in order; an inner node's edges come after the leaf's part."""
    node = Value(kind, address)
    r.fetch(node)
    count = r.pointer_at(node, "len")
    sane(count <= 11)
    keys, values = r.at(node, "keys"), r.at(node, "vals")
    key, item = _initialised(keys.type.target()), _initialised(values.type.target())
    edges = r.host.read_memory(address + kind.size, 8 * (count + 1)) if height else b""
    for i in range(count + 1):
        if height:
            edge = int.from_bytes(edges[8 * i : 8 * i + 8], "little")
            yield from _walk(r, kind, edge, height - 1)
        if i < count:
            yield r.part(keys, i * key.size, key), r.part(values, i * item.size, item)


def _initialised(kind: Type) -> Type:
    """`T` of `MaybeUninit<T>`."""
    return kind.argument(0) or kind


def _tree_map(r: Reader, value: Value, depth: int) -> Shown:
    count, items = _tree(r, value)
    return r.pairs(items, count, depth)


def _tree_set(r: Reader, value: Value, depth: int) -> Shown:
    count, items = _tree(r, r.at(value, "map"))
    return r.sequence((key for key, _ in items), count, depth)


READERS: dict[str, Callable[..., Shown]] = {
    "alloc::string::String": _string,
    "alloc::vec::Vec": _vec,
    "alloc::collections::vec_deque::VecDeque": _deque,
    "alloc::rc::Rc": _counted,
    "alloc::sync::Arc": _counted,
    "core::cell::UnsafeCell": _inside("value"),
    "core::cell::Cell": _inside("value"),
    "core::cell::RefCell": _inside("value"),
    "core::mem::manually_drop::ManuallyDrop": _inside("value"),
    "core::mem::maybe_uninit::MaybeUninit": _inside("value"),
    "core::num::nonzero::NonZero": _inside("0.0", "0"),
    "std::sync::poison::mutex::Mutex": _inside("data"),
    "std::sync::mutex::Mutex": _inside("data"),
    "std::sync::poison::rwlock::RwLock": _inside("data"),
    "std::sync::rwlock::RwLock": _inside("data"),
    "std::collections::hash::map::HashMap": _hash_map,
    "std::collections::hash::set::HashSet": _hash_set,
    "alloc::collections::btree::map::BTreeMap": _tree_map,
    "alloc::collections::btree::set::BTreeSet": _tree_set,
}
