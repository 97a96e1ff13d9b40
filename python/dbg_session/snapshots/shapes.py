"""How a type's bytes are read, said once, so that Rust reads them without a debugger.

The counterpart of `values/reader.py`: what is decided there at each hit is decided here once for
each type.  What depends on more than layout and addresses has no shape, and is read by the
debugger each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dbg_session.host import types as h
from dbg_session.values.layout import empty, find, flat
from dbg_session.values.plans import flags
from dbg_session.values.reader import UnsupportedError
from dbg_session.values.std import readers, rust
from dbg_session.values.std.common import need
from dbg_session.values.type_names import base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dbg_session.host.types import Field, Type
    from dbg_session.values.reader import Limits

# As the recorder takes it: a word, and what goes with it.
Shape = tuple[Any, ...]
# name, type, byte offset, bits or None, shape.
Member = tuple[str, str, int, "tuple[int, int] | None", Shape]

# Of a char array more is not looked at by the debugger's way either.
_MOST_CHARS = 1 << 14
# Members and elements in one shape.
_MOST_PARTS = 2000


class ShapelessError(Exception):
    """A type that must be read by the debugger; the text says which."""


class Shaper:
    """Makes shapes within limits; one for each variable."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._parts = 0

    def variable(self, name: str, kind: Type) -> Shape:
        """The shape of a variable; ShapelessError when it has none."""
        try:
            if name == "this" and kind.kind == h.POINTER:
                return self._target(kind.target(), 0)
            return self.shape(kind, 0)
        except UnsupportedError as error:
            raise ShapelessError(kind.name) from error

    def shape(self, kind: Type, depth: int) -> Shape:
        """The shape of a type, so many levels below a variable."""
        self._parts += 1
        if self._parts > _MOST_PARTS or kind.plain in h.NULL:
            raise ShapelessError(kind.name)
        if kind.kind in (h.STRUCT, h.UNION):
            return self._aggregate(kind, depth)
        if kind.kind == h.ARRAY:
            return self._array(kind, depth)
        if kind.kind == h.POINTER:
            return self._pointer(kind, depth)
        if kind.kind == h.REFERENCE and kind.target().kind != h.FUNCTION:
            return ("reference", self.shape(kind.target(), depth), kind.target().size)
        return _scalar(kind)

    def _pointer(self, kind: Type, depth: int) -> Shape:
        target = kind.target()
        if kind.rust:
            if target.kind in (h.VOID, h.FUNCTION, h.OTHER) or depth > self.limits.depth:
                return ("pointer",)
            # One level deeper than the pointer, so that a chain of them ends.
            return self._target(target, depth + 1 if target.kind == h.POINTER else depth)
        if target.kind != h.CHAR:
            return ("pointer",)
        if target.size != 1:
            raise ShapelessError(kind.name)
        return ("c string", self.limits.characters)

    def _target(self, target: Type, depth: int) -> Shape:
        return ("target", self.shape(target, depth), target.size)

    def _array(self, kind: Type, depth: int) -> Shape:
        element, count = kind.target(), kind.count
        if element.kind == h.CHAR and not element.rust:
            if element.size != 1 or count > _MOST_CHARS:
                raise ShapelessError(kind.name)
            return ("chars", count, self.limits.characters)
        return self._elements(element, count, depth)

    def _elements(self, element: Type, count: int, depth: int) -> Shape:
        if depth >= self.limits.depth:
            return ("deep", True, count > 0, count or None)
        shown = min(count, self.limits.children)
        return ("array", self._element(element, depth), element.size, shown, count)

    def _element(self, element: Type, depth: int) -> Member:
        return ("", element.name, 0, None, self.shape(element, depth + 1))

    def _aggregate(self, kind: Type, depth: int) -> Shape:
        if kind.kind == h.STRUCT and readers.reader(kind) is not None:
            return self._library(kind, depth)
        if depth >= self.limits.depth:
            return ("deep", False, not empty(kind), None)
        members: list[Member] = []
        for field, offset in _places(kind, 0):
            if len(members) == self.limits.children:
                return ("struct", members, sum(1 for _ in flat(kind)))
            if field.bits:
                # Deeper than anything: a bit-field has no members.
                shape = _scalar(field.type)
                bits = (offset % 8, field.bits)
            else:
                shape, bits = self.shape(field.type, depth + 1), None
            members.append((field.name, field.type.name, offset // 8, bits, shape))
        return ("struct", members, None)

    def _library(self, kind: Type, depth: int) -> Shape:
        name = base(kind.plain).replace("__cxx11::", "")
        if kind.rust:
            return self._rust(kind, name, depth)
        if name in ("std::string", "std::basic_string"):
            return self._string(kind)
        if name == "std::vector":
            return self._vector(kind, depth)
        if name == "std::array":
            offset, elements = _path(kind, "_M_elems")
            if offset == 0 and elements.kind == h.ARRAY:
                return self._elements(elements.target(), elements.count, depth)
        raise ShapelessError(kind.name)

    def _string(self, kind: Type) -> Shape:
        pointer, target = _path(kind, "_M_dataplus._M_p")
        if target.target().size != 1:
            raise ShapelessError(kind.name)
        length, local = _path(kind, "_M_string_length")[0], _path(kind, "_M_local_buf")[0]
        if _path(kind, "_M_allocated_capacity")[0] != local:
            raise ShapelessError(kind.name)
        return ("c++ string", pointer, length, local, self.limits.characters)

    def _vector(self, kind: Type, depth: int) -> Shape:
        begin, start = _path(kind, "_M_impl._M_start")
        if start.kind != h.POINTER:
            raise ShapelessError(kind.name)
        element = need(start.target())
        end, limit = _path(kind, "_M_impl._M_finish")[0], _path(kind, "_M_impl._M_end_of_storage")[0]
        return self._run(begin, ("until", end, limit), element, depth)

    def _run(self, begin: int, length: Shape, element: Type, depth: int) -> Shape:
        most = self.limits.children
        if depth >= self.limits.depth:
            # Too deep for elements; how many there are is told all the same.
            return ("run", begin, length, ("", element.name, 0, None, ("pointer",)), element.size, None)
        return ("run", begin, length, self._element(element, depth), element.size, most)

    def _rust(self, kind: Type, name: str, depth: int) -> Shape:
        if name == "alloc::string::String":
            at, vec = _path(kind, "vec")
            address, length = rust.vector_places(vec)
            return ("text", at + address, at + length, self.limits.characters)
        if name == "alloc::vec::Vec":
            address, length = rust.vector_places(kind)
            return self._run(address, ("number", length), rust.element(kind), depth)
        if kind.plain in ("&str", "&mut str"):
            return ("text", _path(kind, "data_ptr")[0], _path(kind, "length")[0], self.limits.characters)
        if kind.plain.startswith(("&[", "&mut [")):
            address, pointer = _path(kind, "data_ptr")
            return self._run(address, ("number", _path(kind, "length")[0]), pointer.target(), depth)
        raise ShapelessError(kind.name)


def _scalar(kind: Type) -> Shape:
    size = kind.size
    if kind.kind == h.INT and size <= 16:  # noqa: PLR2004 - 128 bits
        return ("int", size, kind.signed)
    if kind.kind == h.BOOL:
        return ("bool", size)
    if kind.kind == h.CHAR:
        return ("char", size)
    if kind.kind == h.FLOAT and size in (4, 8):
        return ("f32",) if size == 4 else ("f64",)  # noqa: PLR2004 - single precision
    if kind.kind == h.ENUM:
        names = kind.enumerators()
        return ("enum", size, kind.signed, names, flags(names))
    raise ShapelessError(kind.name)


def _path(kind: Type, path: str) -> tuple[int, Type]:
    found = find(kind, path)
    if found is None:
        raise ShapelessError(kind.name)
    return found


def _places(kind: Type, start: int) -> Iterator[tuple[Field, int]]:
    """(field, bit offset) of each member, anonymous ones opened."""
    for field in kind.fields():
        if field.bit_offset is None:
            raise ShapelessError(kind.name)
        if field.base and empty(field.type):
            continue
        offset = start + field.bit_offset
        if not field.name and not field.base:
            yield from _places(field.type, offset)
        else:
            yield field, offset
