"""Readers of libstdc++'s containers, from their memory.

The debuggers' own printers differ in what they show and are missing from some builds;
these give one answer everywhere, and look before they walk: a container that was not
constructed yet holds garbage, and says so instead of being followed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dbg_session.host import types as h
from dbg_session.host.errors import HostError
from dbg_session.host.types import Type, Value
from dbg_session.values import tuples
from dbg_session.values.layout import align
from dbg_session.values.reader import GarbageError, Reader, UnsupportedError
from dbg_session.values.type_names import base

from .common import SANE_COUNT, need, sane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dbg_session.values.tuples import Shown


POINTER_SIZE = 8


def reader(kind: Type) -> Callable[..., Shown] | None:
    """The reader for a type, or None when it is none of libstdc++'s that we know."""
    return READERS.get(base(kind.plain).replace("__cxx11::", ""))


def _string(r: Reader, value: Value, depth: int) -> Shown:
    pointer, length = r.at(value, "_M_dataplus._M_p"), r.pointer_at(value, "_M_string_length")
    address, size = r.number(pointer), pointer.type.target().size
    sane(address != 0 and length < SANE_COUNT)
    local = r.at(value, "_M_local_buf")
    if local.address is not None and address != local.address:
        sane(r.pointer_at(value, "_M_allocated_capacity") >= length)
    elif local.address is not None:
        sane(length * size < 16)
    if length:
        # The NUL after the last character: garbage rarely has it.
        end = r.host.read_memory(address + length * size, size)
        sane(not any(end))
    return r.text(address, length, size)


def _string_view(r: Reader, value: Value, depth: int) -> Shown:
    pointer, length = r.at(value, "_M_str"), r.pointer_at(value, "_M_len")
    sane(length < SANE_COUNT)
    return r.text(r.number(pointer), length, pointer.type.target().size)


def _vector(r: Reader, value: Value, depth: int) -> Shown:
    start = r.at(value, "_M_impl._M_start")
    if start.type.kind != h.POINTER:
        return _vector_bool(r, value, depth)
    kind = need(start.type.target())
    begin = r.number(start)
    end = r.pointer_at(value, "_M_impl._M_finish")
    limit = r.pointer_at(value, "_M_impl._M_end_of_storage")
    sane(begin <= end <= limit and (begin != 0 or limit == 0))
    sane((end - begin) % kind.size == 0 and (end - begin) // kind.size < SANE_COUNT)
    if end > begin:
        r.host.read_memory(end - 1, 1)
    return r.elements(kind, begin, (end - begin) // kind.size, depth)


def _vector_bool(r: Reader, value: Value, depth: int) -> Shown:
    begin = r.pointer_at(value, "_M_impl._M_start._M_p")
    end = r.pointer_at(value, "_M_impl._M_finish._M_p")
    last = r.pointer_at(value, "_M_impl._M_finish._M_offset")
    sane(begin <= end and end - begin < SANE_COUNT and last < 64)
    count = (end - begin) * 8 + last
    shown = min(count, r.limits.children)
    bits = int.from_bytes(r.host.read_memory(begin, (shown + 7) // 8), "little") if shown else 0
    children = [tuples.truth(i, bool(bits >> i & 1)) for i in range(shown)]
    if count > shown:
        return tuples.short("array", None, count, children)
    return tuples.holding("array", children)


def _array(r: Reader, value: Value, depth: int) -> Shown:
    if not value.type.size or not value.type.fields():
        return tuples.holding("array", [])
    elements = r.at(value, "_M_elems")
    if elements.type.kind != h.ARRAY:
        return tuples.holding("array", [])
    count, kind = elements.type.count, elements.type.target()
    shown = min(count, r.limits.children)
    if elements.data is None and elements.address is not None:
        return r.elements(kind, elements.address, count, depth)
    return r.sequence((r.part(elements, i * kind.size, kind) for i in range(shown)), count, depth)


def _tuple(r: Reader, value: Value, depth: int) -> Shown:
    heads: list[tuple[int, int, Type]] = []
    _tuple_heads(value.type, 0, heads)
    heads.sort(key=lambda head: head[0])
    items = (_untold(kind) if kind.kind == h.VOID else r.part(value, offset, kind) for _, offset, kind in heads)
    return r.sequence(items, len(heads), depth)


def _untold(kind: Type) -> Value:
    """An element that has no type, as LLDB 23 has it of a tuple within another."""
    return Value(kind, None, status="error", message="the debugger does not tell the type of this element")


def _tuple_heads(kind: Type, offset: int, heads: list[tuple[int, int, Type]]) -> None:
    for field in kind.fields():
        if field.bit_offset is None or not field.base:
            continue
        at, name = offset + field.bit_offset // 8, field.type.plain
        if base(name) == "std::_Head_base":
            digits = re.match(r"std::_Head_base<(\d+)", name)
            index = int(digits.group(1)) if digits else -len(heads)
            for inner in field.type.fields():
                if inner.bit_offset is not None:
                    heads.append((index, at + inner.bit_offset // 8, inner.type))
                    break
            else:
                argument = field.type.argument(1)
                if argument is not None:
                    heads.append((index, at, argument))
        else:
            _tuple_heads(field.type, at, heads)


# ---------------------------------------------------------------- trees


def _tree(r: Reader, value: Value) -> tuple[int, Type, Iterator[Value]]:
    """(count, element type, elements in order) of a map or set."""
    tree = r.at(value, "_M_t")
    kind = need(tree.type.argument(1))
    header = r.at(tree, "_M_impl._M_header")
    count = r.pointer_at(tree, "_M_impl._M_node_count")
    root = r.pointer_at(header, "_M_parent")
    first = r.pointer_at(header, "_M_left")
    sane(count < SANE_COUNT and (count == 0) == (root == 0) and header.address is not None)
    end = header.address or 0
    if count == 0:
        sane(first == end)
    else:
        sane(_word(r, root + 8) == end)
    return count, kind, _walk_tree(r, kind, first, end, count)


def _word(r: Reader, address: int) -> int:
    return int.from_bytes(r.host.read_memory(address, 8), "little")


def _walk_tree(r: Reader, kind: Type, node: int, end: int, count: int) -> Iterator[Value]:
    offset = align(32, kind)
    for _ in range(count):
        if node == end:
            return
        data = r.host.read_memory(node, offset + kind.size)
        yield Value(kind, node + offset, data[offset:])
        node = _next_node(r, node, data)


def _next_node(r: Reader, node: int, data: bytes) -> int:
    """The successor, as std::_Rb_tree_increment finds it; bounded, for garbage has loops."""
    right = int.from_bytes(data[24:32], "little")
    if right:
        node = right
        for _ in range(200):
            left = _word(r, node + 16)
            if not left:
                return node
            node = left
        raise GarbageError
    parent = int.from_bytes(data[8:16], "little")
    for _ in range(200):
        above = r.host.read_memory(parent, 32)
        if int.from_bytes(above[24:32], "little") != node:
            return parent
        node, parent = parent, int.from_bytes(above[8:16], "little")
        if int.from_bytes(above[24:32], "little") == parent:
            return parent
    raise GarbageError


def _pair(r: Reader, item: Value) -> tuple[Value, Value]:
    return r.at(item, "first"), r.at(item, "second")


def _map(r: Reader, value: Value, depth: int) -> Shown:
    count, _, items = _tree(r, value)
    return r.pairs((_pair(r, item) for item in items), count, depth)


def _set(r: Reader, value: Value, depth: int) -> Shown:
    count, _, items = _tree(r, value)
    return r.sequence(items, count, depth)


# ---------------------------------------------------------------- hash tables


def _table(r: Reader, value: Value) -> tuple[int, Iterator[Value]]:
    table = r.at(value, "_M_h")
    kind = need(table.type.argument(1))
    count = r.pointer_at(table, "_M_element_count")
    buckets = r.pointer_at(table, "_M_bucket_count")
    first = r.pointer_at(table, "_M_before_begin._M_nxt")
    sane(count < SANE_COUNT and 0 < buckets < SANE_COUNT and (count == 0) == (first == 0))
    r.host.read_memory(r.pointer_at(table, "_M_buckets") + 8 * (buckets - 1), 8)
    return count, _walk_chain(r, kind, first, 8, count)


def _walk_chain(r: Reader, kind: Type, node: int, links: int, count: int) -> Iterator[Value]:
    """Elements of nodes that begin with a pointer to the next."""
    offset = align(links, kind)
    for _ in range(count):
        if not node:
            return
        data = r.host.read_memory(node, offset + kind.size)
        yield Value(kind, node + offset, data[offset:])
        node = int.from_bytes(data[:8], "little")


def _unordered_map(r: Reader, value: Value, depth: int) -> Shown:
    count, items = _table(r, value)
    return r.pairs((_pair(r, item) for item in items), count, depth)


def _unordered_set(r: Reader, value: Value, depth: int) -> Shown:
    count, items = _table(r, value)
    return r.sequence(items, count, depth)


# ---------------------------------------------------------------- lists


def _list(r: Reader, value: Value, depth: int) -> Shown:
    kind = need(value.type.argument(0))
    node = r.at(value, "_M_impl._M_node")
    first = r.pointer_at(node, "_M_next")
    sane(first != 0 and node.address is not None and _word(r, first + 8) == node.address)
    try:
        count: int | None = r.pointer_at(node, "_M_size")
    except UnsupportedError:
        count = None
    if count is None:
        return r.sequence(_walk_ring(r, kind, first, node.address or 0, 1 << 20), None, depth)
    sane(count < SANE_COUNT)
    return r.sequence(_walk_ring(r, kind, first, node.address or 0, count), count, depth)


def _walk_ring(r: Reader, kind: Type, node: int, end: int, count: int) -> Iterator[Value]:
    for item in _walk_chain(r, kind, node, 16, count):
        if item.address == end + align(16, kind):
            return
        yield item


def _forward_list(r: Reader, value: Value, depth: int) -> Shown:
    kind = need(value.type.argument(0))
    first = r.pointer_at(value, "_M_impl._M_head._M_next")
    return r.sequence(_walk_chain(r, kind, first, 8, 1 << 20), None, depth)


def _deque(r: Reader, value: Value, depth: int) -> Shown:
    kind = need(value.type.argument(0))
    each = 512 // kind.size if kind.size < 512 else 1
    start, finish = r.at(value, "_M_impl._M_start"), r.at(value, "_M_impl._M_finish")
    cur, first = r.pointer_at(start, "_M_cur"), r.pointer_at(start, "_M_first")
    node, last_node = r.pointer_at(start, "_M_node"), r.pointer_at(finish, "_M_node")
    end, last_first = r.pointer_at(finish, "_M_cur"), r.pointer_at(finish, "_M_first")
    sane(first <= cur and last_first <= end and node <= last_node and node != 0)
    sane((last_node - node) % 8 == 0 and _word(r, node) == first)
    skipped = (cur - first) // kind.size
    count = (last_node - node) // 8 * each + (end - last_first) // kind.size - skipped
    sane(0 <= count < SANE_COUNT and skipped < each)

    def items() -> Iterator[Value]:
        for place in range(skipped, skipped + count):
            block = _word(r, node + place // each * 8)
            yield Value(kind, block + place % each * kind.size)

    return r.sequence(items(), count, depth)


# ---------------------------------------------------------------- holders of one thing


def _adaptor(r: Reader, value: Value, depth: int) -> Shown:
    return r.show(r.at(value, "c"), depth)


# None, one that holds an empty one, one that holds such a one …
_EMPTY = [tuples.text("{" * level + "nullopt" + "}" * level) for level in range(8)]


def _optional(r: Reader, value: Value, depth: int) -> Shown:
    # The value comes first, then the flag: LLDB 23 loses the base class that holds them.
    kind = need(value.type.argument(0))
    sane(value.type.size > kind.size)
    engaged = r.data(value)[kind.size]
    sane(engaged <= 1)
    if not engaged:
        return _EMPTY[0]
    shown = r.show(r.part(value, 0, kind), depth)
    # One that holds an empty one is not empty.
    return _EMPTY[_EMPTY.index(shown) + 1] if shown in _EMPTY[:-1] else shown


def _variant(r: Reader, value: Value, depth: int) -> Shown:
    index = r.at(value, "_M_index")
    number = r.number(index)
    if number == (1 << 8 * index.type.size) - 1:
        return tuples.text("valueless")
    kind = value.type.argument(number) if number < 64 else None
    sane(kind is not None)
    return r.show(r.part(r.at(value, "_M_u"), 0, need(kind)), depth)


def _unique_ptr(r: Reader, value: Value, depth: int) -> Shown:
    # Without a deleter of its own it is a lone pointer; LLDB 23 knows only the first
    # `std::tuple` it meets, and complains about every other one.
    kind = value.type.argument(0)
    if kind is not None and value.type.size == POINTER_SIZE:
        if kind.kind == h.ARRAY:
            return tuples.pointer(r.number(value))  # nobody knows how many it holds
        return _pointee(r, kind, r.number(value), depth)
    heads: list[tuple[int, int, Type]] = []
    for path in ("_M_t._M_t", "_M_t"):
        try:
            holder = r.at(value, path)
        except UnsupportedError:
            continue
        _tuple_heads(holder.type, 0, heads)
        if heads:
            break
    if not heads:
        raise UnsupportedError("unique_ptr")
    _, offset, kind = min(heads, key=lambda head: head[0])
    return owned(r, r.part(holder, offset, kind), depth)


def _shared_ptr(r: Reader, value: Value, depth: int) -> Shown:
    return owned(r, r.at(value, "_M_ptr"), depth)


def _weak_ptr(r: Reader, value: Value, depth: int) -> Shown:
    counts = r.pointer_at(value, "_M_refcount._M_pi")
    # Behind the virtual table's address. Where nobody owns it any more, what it points to is freed.
    if counts and not int.from_bytes(r.host.read_memory(counts + 8, 4), "little"):
        return tuples.text("expired")
    return _shared_ptr(r, value, depth)


def owned(r: Reader, pointer: Value, depth: int) -> Shown:
    """What a smart pointer owns; the plain pointer when it is null."""
    if pointer.type.kind != h.POINTER:
        raise UnsupportedError("fancy pointer")
    return _pointee(r, pointer.type.target(), r.number(pointer), depth)


def _pointee(r: Reader, kind: Type, address: int, depth: int) -> Shown:
    if address == 0 or kind.kind in (h.VOID, h.FUNCTION) or not kind.size:
        return tuples.pointer(address)
    r.host.read_memory(address, 1)
    try:
        deeper = depth + 1 if kind.kind == h.STRUCT and depth else depth
        return r.show(Value(kind, address), deeper)
    except HostError:
        return tuples.pointer(address)


def _atomic(r: Reader, value: Value, depth: int) -> Shown:
    for path in ("_M_i", "_M_base._M_i", "_M_b._M_p", "_M_p"):
        try:
            return r.show(r.at(value, path), depth)
        except UnsupportedError:
            continue
    raise UnsupportedError("atomic")


def _initializer_list(r: Reader, value: Value, depth: int) -> Shown:
    start, count = r.at(value, "_M_array"), r.pointer_at(value, "_M_len")
    sane(count < SANE_COUNT)
    return r.elements(need(start.type.target()), r.number(start), count, depth)


def _function(r: Reader, value: Value, depth: int) -> Shown:
    used = r.pointer_at(value, "_M_manager")
    return tuples.pointer(r.pointer_at(value, "_M_invoker") if used else 0)


def _bitset(r: Reader, value: Value, depth: int) -> Shown:
    return tuples.scalar("int", r.number(value))


READERS: dict[str, Callable[..., Shown]] = {
    "std::basic_string": _string,
    "std::basic_string_view": _string_view,
    "std::string": _string,
    "std::wstring": _string,
    "std::string_view": _string_view,
    "std::wstring_view": _string_view,
    "std::function": _function,
    "std::bitset": _bitset,
    "std::vector": _vector,
    "std::array": _array,
    "std::tuple": _tuple,
    "std::map": _map,
    "std::multimap": _set,
    "std::set": _set,
    "std::multiset": _set,
    "std::unordered_map": _unordered_map,
    "std::unordered_multimap": _unordered_set,
    "std::unordered_set": _unordered_set,
    "std::unordered_multiset": _unordered_set,
    "std::list": _list,
    "std::forward_list": _forward_list,
    "std::deque": _deque,
    "std::stack": _adaptor,
    "std::queue": _adaptor,
    "std::priority_queue": _adaptor,
    "std::optional": _optional,
    "std::variant": _variant,
    "std::unique_ptr": _unique_ptr,
    "std::shared_ptr": _shared_ptr,
    "std::weak_ptr": _weak_ptr,
    "std::atomic": _atomic,
    "std::initializer_list": _initializer_list,
}
