"""GDB's types and values as ours.  Part of the GDB face."""

from __future__ import annotations

import struct
from typing import Any

import gdb

from dbg_session.host import types as h
from dbg_session.host.errors import HostError
from dbg_session.host.types import Field, Type, Value
from dbg_session.values.type_names import is_character_name, normalise, rust_pointer

_KINDS = {
    gdb.TYPE_CODE_INT: h.INT,
    gdb.TYPE_CODE_RANGE: h.INT,
    gdb.TYPE_CODE_CHAR: h.CHAR,
    gdb.TYPE_CODE_BOOL: h.BOOL,
    gdb.TYPE_CODE_FLT: h.FLOAT,
    gdb.TYPE_CODE_ENUM: h.ENUM,
    gdb.TYPE_CODE_PTR: h.POINTER,
    gdb.TYPE_CODE_REF: h.REFERENCE,
    gdb.TYPE_CODE_RVALUE_REF: h.REFERENCE,
    gdb.TYPE_CODE_STRUCT: h.STRUCT,
    gdb.TYPE_CODE_UNION: h.UNION,
    gdb.TYPE_CODE_ARRAY: h.ARRAY,
    gdb.TYPE_CODE_FUNC: h.FUNCTION,
    gdb.TYPE_CODE_METHOD: h.FUNCTION,
    gdb.TYPE_CODE_VOID: h.VOID,
}
_RUST_WORDS = frozenset(
    ["i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64", "u128", "isize", "usize", "f32", "f64"]
)
_ERRORS = (gdb.error, RuntimeError, OverflowError, ValueError, MemoryError)
# Bytes that are put together part by part, where GDB does not give them as a whole.
MOST_ASSEMBLED = 4096


class GdbType(Type):
    """`Type` over `gdb.Type`; `handle` is the type without typedefs and qualifiers."""

    __slots__ = ("native_fields",)

    def __init__(self, kind: str, name: str, size: int, handle: Any) -> None:
        super().__init__(kind, name, size, handle)
        self.native_fields: list[Any] = []

    def _load_alignment(self) -> int:
        native: Any = self.handle
        if self.kind == h.ARRAY and "vector_size" in str(native):
            return self.size  # GDB tells that of an element
        try:
            return int(native.alignof) or 1
        except _ERRORS:
            return 1

    def _load_fields(self) -> list[Field]:
        out = []
        native: Any = self.handle
        for field in native.fields():
            name = field.name or ""
            # A static member has no place; a virtual base's is known by the object only.
            placed = hasattr(field, "bitpos") and not name.startswith("_vptr")
            if not placed and not field.is_base_class:
                continue
            kind = make_type(field.type, self.rust)
            if field.is_base_class:
                name = kind.name
            elif self.rust and name.startswith("__") and name[2:].isdigit():
                name = name[2:]
            place = getattr(field, "bitpos", None)
            if not isinstance(place, int):
                place = None
            self.native_fields.append(field)
            out.append(Field(name, kind, place, field.bitsize, field.is_base_class))
        return out

    def _load_target(self) -> Type:
        return make_type(self.handle.target(), self.rust)  # type: ignore[attr-defined]

    def _load_enumerators(self) -> list[tuple[str, int]]:
        native: Any = self.handle
        # GDB gives numbers of 64 bits with a sign, whether the enum has one or not.
        values = 1 << 8 * self.size
        return [
            (f.name.rsplit("::", 1)[-1], int(f.enumval) if self.signed else int(f.enumval) % values)
            for f in native.fields()
        ]

    def _load_argument(self, index: int) -> Type | None:
        try:
            got = self.handle.template_argument(index)  # type: ignore[attr-defined]
        except _ERRORS:
            return None
        return make_type(got, self.rust) if isinstance(got, gdb.Type) else None


# Types by their names: most programs use few, and learning one is what costs.
_learnt: dict[tuple[str, bool], GdbType] = {}


def forget() -> None:
    """Drop all types: the program they belong to may be another one."""
    _learnt.clear()


def make_type(native: Any, rust: bool = False) -> GdbType:
    """Our view of a type; `rust` is passed down from the type that holds it."""
    # In C two files may each have their own `struct node`; a name with a scope is one type.
    if "::" not in (native.name or "") or "(anonymous" in native.name:
        return _learn(native, rust, None)
    text = str(native.pointer())
    made = _learnt.get((text, rust))
    if made is None:
        made = _learnt[text, rust] = _learn(native, rust, text)
    return made


def _learn(native: Any, rust: bool, text: str | None) -> GdbType:
    plain = _declared(native.strip_typedefs().unqualified())
    kind = _KINDS.get(plain.code, h.OTHER)
    name = _name(native, kind, text)
    rust = rust or _is_rust(name, plain, kind)
    made = GdbType(kind, name, int(plain.sizeof), plain)
    made.plain = normalise(plain.name or name)
    made.rust = rust
    if kind == h.INT and not rust and is_character_name(name, made.plain):
        made.kind = h.CHAR
    elif kind in (h.INT, h.ENUM):
        made.signed = _signed(plain, kind)
    elif kind == h.ARRAY:
        made.count = _length(plain)
    elif kind == h.STRUCT and rust and _is_variant(plain):
        made.kind = h.VARIANT
    elif kind == h.POINTER and rust:
        made.name = rust_pointer(made.target())
    if name == "()" and not made.size:
        made.kind = h.VOID
    return made


def _declared(plain: Any) -> Any:
    """A type as the program declares it.

    Of a Rust enum that was reached through a value, and of what holds one, GDB gives the type as it is
    for that value: with one variant, for ever.  By its name it is found with all of them.
    """
    name = plain.name or ""
    if plain.code != gdb.TYPE_CODE_STRUCT or getattr(plain, "dynamic", True) or "::" not in name or not _rust_frame():
        return plain
    try:
        found = gdb.lookup_type(name)
    except _ERRORS:
        return plain
    return found if found.dynamic and found.sizeof == plain.sizeof else plain


def _is_rust(name: str, plain: Any, kind: str) -> bool:
    if name in _RUST_WORDS or name.startswith(("&", "*mut ", "*const ", "(", "alloc::", "core::")):
        return True
    # Only Rust's types are dynamic structs, and only its pointers and arrays have names.
    if kind in (h.STRUCT, h.ENUM):
        return bool(getattr(plain, "dynamic", False)) or _rust_frame()
    if kind == h.CHAR:
        return name == "char"
    return name.startswith("[") or (kind == h.BOOL and _rust_frame())


def _rust_frame() -> bool:
    try:
        frame = gdb.selected_frame()
        if hasattr(frame, "language"):
            return bool(frame.language() == "rust")
        place = frame.find_sal().symtab
        return place is not None and place.filename.endswith(".rs")
    except _ERRORS:
        return False


def _is_variant(plain: Any) -> bool:
    fields = plain.fields()
    return bool(fields) and bool(fields[0].artificial) and not fields[0].name


def _name(native: Any, kind: str, text: str | None) -> str:
    if kind in (h.STRUCT, h.UNION, h.ENUM, h.INT) and native.name:
        # The pointer's name shows qualifiers and never spells out the members.
        text = text or str(native.pointer())
        return normalise(text[:-2] if text.endswith(" *") else native.name)
    return normalise(native.name or str(native))


def _signed(plain: Any, kind: str) -> bool:
    try:
        return bool(plain.is_signed)
    except (AttributeError, *_ERRORS):
        if kind == h.ENUM:
            return any(field.enumval < 0 for field in plain.fields())
        return not (plain.name or "").startswith(("unsigned", "u"))


def _length(plain: Any) -> int:
    try:
        low, high = plain.range()
        return max(0, int(high) - int(low) + 1)
    except _ERRORS:
        return 0


def value_of(native: Any, kind: Type | None = None) -> Value:
    """Where a `gdb.Value` lives, or its bytes when it has no address.

    Nothing here runs code in the program or has GDB print anything.
    """
    try:
        if kind is None:
            kind = make_type(native.type)
        if kind.kind == h.VOID:
            return Value(kind, None, b"")
        if kind.kind == h.REFERENCE:
            return _reference(native, kind)
        place = _address(native, kind)
        if place is not None:
            return Value(kind, int(place), None, native if kind.kind == h.OTHER else None)
        if native.is_optimized_out:
            return Value(kind, None, status="optimized-out")
        if _synthetic(native, kind):
            return Value(kind, None, status="optimized-out")
        return Value(kind, None, _bytes_or_none(native, kind), native)
    except _ERRORS as error:
        known = kind or GdbType(h.OTHER, "?", 0, None)
        status = "unavailable" if "unavailable" in str(error) else "error"
        if "optimized out" in str(error):
            status = "optimized-out"
        return Value(known, None, status=status, message=str(error))


def _reference(native: Any, kind: Type) -> Value:
    """A reference as the address of what it refers to.

    `referenced_value` would look for the object's true class, and complain where it finds none;
    `address` would have what is not in memory put there.
    """
    text = plainly(native, symbols=False, address=True)
    if not text.startswith("@0x"):
        return Value(kind, None, status="optimized-out")
    return Value(kind, None, int(text[1:].split(":", 1)[0], 16).to_bytes(8, "little"))


def _address(native: Any, kind: Type) -> Any:
    """The address of what is in memory, else None.

    Asked for the address of an array (or a string) that is not in memory, GDB calls the
    program's `malloc` to put it there.  What GDB has not fetched yet is in memory or in a
    register; of anything else the first element is asked, for whose sake nothing is called.
    """
    if kind.kind not in (h.ARRAY, h.OTHER) or native.is_lazy:
        return native.address
    plain = native.type.strip_typedefs()
    if plain.code == gdb.TYPE_CODE_STRING:
        return None
    if plain.code != gdb.TYPE_CODE_ARRAY:
        return native.address
    try:
        first = native[plain.range()[0]]
        return _address(first, make_type(first.type, kind.rust))
    except _ERRORS:
        return None


def _synthetic(native: Any, kind: Type) -> bool:
    """Whether it is, or holds, a pointer to what the compiler removed: GDB's bytes of one are zeros."""
    if kind.kind not in (h.POINTER, h.STRUCT, h.UNION, h.ARRAY):
        return False
    if kind.kind == h.ARRAY and _scalars(kind):
        return False
    return "<synthetic pointer>" in plainly(native, symbols=False, max_elements=64)


def _scalars(kind: Type) -> bool:
    """Whether an array is one of numbers."""
    while kind.kind == h.ARRAY:
        kind = kind.target()
    return kind.kind in (h.INT, h.CHAR, h.BOOL, h.FLOAT, h.ENUM)


def plainly(native: Any, **options: Any) -> str:
    """A value as GDB itself writes it: no printer of the user's, no look at what it points to."""
    return str(native.format_string(raw=True, actual_objects=False, static_members=False, **options))


def _bytes_or_none(native: Any, kind: Type) -> bytes | None:
    """None where parts of an aggregate are gone: those that are left are read one by one."""
    try:
        return bytes_of(native, kind)
    except _ERRORS:
        if kind.kind in (h.STRUCT, h.UNION, h.ARRAY):
            return None
        raise


def bytes_of(native: Any, kind: Type) -> bytes | None:
    """A value's bytes; None for aggregates where this GDB (before 15) cannot give them."""
    got = getattr(native, "bytes", None)
    if got is not None:
        return bytes(got)
    if kind.kind == h.FLOAT:
        number = float(native)
        if kind.size in (2, 4, 8):
            return struct.pack({2: "<e", 4: "<f", 8: "<d"}[kind.size], number)
        return _extended(number).ljust(kind.size, b"\0")
    if kind.kind == h.INT and kind.size > 8:
        return int(plainly(native, format="x"), 16).to_bytes(kind.size, "little")
    if kind.kind in (h.INT, h.CHAR, h.BOOL, h.ENUM, h.POINTER):
        return (int(native) % (1 << 8 * kind.size)).to_bytes(kind.size, "little")
    if kind.kind == h.ARRAY:
        return _assemble_array(native, kind)
    return _assemble(native, kind)


def _assemble_array(native: Any, kind: Type) -> bytes | None:
    """An array's bytes out of those of its elements; of a big one the first ones, which are what is shown."""
    element = kind.target()
    count = min(kind.count, MOST_ASSEMBLED // max(element.size, 1))
    low = int(native.type.strip_typedefs().range()[0])
    parts = [bytes_of(native[low + i], element) for i in range(count)]
    return None if None in parts else b"".join(parts)  # type: ignore[arg-type]


def _assemble(native: Any, kind: Type) -> bytes | None:
    """A struct's bytes out of those of its members."""
    if kind.kind not in (h.STRUCT, h.UNION) or kind.size > MOST_ASSEMBLED:
        return None
    assert isinstance(kind, GdbType)
    whole = 0
    for field, inner in zip(kind.fields(), kind.native_fields):
        got = bytes_of(native[inner], field.type)
        if got is None:
            return None
        number = int.from_bytes(got, "little")
        whole |= (number & (1 << field.bits) - 1 if field.bits else number) << (field.bit_offset or 0)
    return (whole & (1 << 8 * kind.size) - 1).to_bytes(kind.size, "little")


def _extended(number: float) -> bytes:
    """An x87 long double of the same value."""
    bits = struct.unpack("<Q", struct.pack("<d", number))[0]
    exponent, fraction = bits >> 52 & 0x7FF, bits & ((1 << 52) - 1)
    if exponent == 0 and fraction == 0:
        mantissa, wide = 0, 0
    elif exponent == 0x7FF:
        mantissa, wide = 1 << 63 | fraction << 11, 0x7FFF
    elif exponent == 0:
        raise HostError("a denormal number")
    else:
        mantissa, wide = 1 << 63 | fraction << 11, exponent - 1023 + 16383
    return struct.pack("<QH", mantissa, wide | bits >> 63 << 15)
