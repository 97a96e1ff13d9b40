"""LLDB's types and values as ours.  Part of the LLDB face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lldb

from dbg_session.host import types as h
from dbg_session.host.errors import HostError
from dbg_session.host.types import Field, Type, Value
from dbg_session.values.type_names import is_character_name, normalise, rust_pointer
from dbg_session.values.type_names import rust as rust_name

from .copies import unheard

if TYPE_CHECKING:
    from collections.abc import Callable

_NO_ADDRESS = lldb.LLDB_INVALID_ADDRESS


def _basic(*names: str) -> frozenset[int]:
    found = (getattr(lldb, "eBasicType" + name, None) for name in names)
    return frozenset(number for number in found if number is not None)


_CHARACTERS = _basic("WChar", "SignedWChar", "UnsignedWChar", "Char8", "Char16", "Char32")
_SIGNED = _basic("Char", "SignedChar", "Short", "Int", "Long", "LongLong", "Int128")
_UNSIGNED = _basic(
    "UnsignedChar", "UnsignedShort", "UnsignedInt", "UnsignedLong",
    "UnsignedLongLong", "UnsignedInt128",
)  # fmt: skip
_FLOATS = _basic("Half", "Float", "Double", "LongDouble", "Float128")
# What LLDB says when a compiler has left nothing of a value.
_GONE = ("optimized out", "no location", "not available", "entry_value", "implicit_pointer")
_KINDS = {
    lldb.eTypeClassPointer: h.POINTER,
    lldb.eTypeClassReference: h.REFERENCE,
    lldb.eTypeClassStruct: h.STRUCT,
    lldb.eTypeClassClass: h.STRUCT,
    lldb.eTypeClassUnion: h.UNION,
    lldb.eTypeClassArray: h.ARRAY,
    lldb.eTypeClassVector: h.ARRAY,
    lldb.eTypeClassEnumeration: h.ENUM,
    lldb.eTypeClassFunction: h.FUNCTION,
}


def _unheard(load: Callable[..., Any]) -> Callable[..., Any]:
    def quietly(*arguments: Any) -> Any:
        with unheard():
            return load(*arguments)

    return quietly


class LldbType(Type):
    """`Type` over `SBType`; `handle` is the type without typedefs and qualifiers."""

    __slots__ = ("spelled",)

    def __init__(self, kind: str, name: str, size: int | None, handle: Any) -> None:
        super().__init__(kind, name, size, handle)
        self.spelled: Any = handle

    @_unheard
    def _load_alignment(self) -> int:
        return int(self.handle.GetByteAlign()) or 1  # type: ignore[attr-defined]

    @_unheard
    def _load_size(self) -> int:
        return int(self.handle.GetByteSize())  # type: ignore[attr-defined]

    @_unheard
    def _load_fields(self) -> list[Field]:
        native: Any = self.handle
        virtual = {
            native.GetVirtualBaseClassAtIndex(i).GetName() for i in range(native.GetNumberOfVirtualBaseClasses())
        }
        out = []
        for i in range(native.GetNumberOfDirectBaseClasses()):
            member = native.GetDirectBaseClassAtIndex(i)
            kind = make_type(member.GetType(), self.rust)
            place = None if member.GetName() in virtual else int(member.GetOffsetInBits())
            out.append(Field(kind.name, kind, place, 0, True))
        for i in range(native.GetNumberOfFields()):
            member = native.GetFieldAtIndex(i)
            name = member.GetName() or ""
            if name.startswith("_vptr"):
                continue
            if self.rust and name.startswith("__") and name[2:].isdigit():
                name = name[2:]
            bits = member.GetBitfieldSizeInBits() if member.IsBitfield() else 0
            kind = make_type(member.GetType(), self.rust)
            if self.kind == h.UNION and kind.kind == h.ARRAY and kind.count <= 1:
                kind = _learn(member.GetType(), self.rust)
                _mend(kind, self.size)
            out.append(Field(name, kind, int(member.GetOffsetInBits()), bits, False))
        return out

    @_unheard
    def _load_target(self) -> Type:
        # Without typedefs a wchar_t inside would be an int like any other.
        native = self.spelled
        if native.GetTypeClass() not in _KINDS:
            native = self.handle
        if self.kind == h.ARRAY:
            if native.GetTypeClass() == lldb.eTypeClassVector:
                return make_type(native.GetVectorElementType(), self.rust)
            return make_type(native.GetArrayElementType(), self.rust)
        if self.kind == h.REFERENCE:
            return make_type(native.GetDereferencedType(), self.rust)
        return make_type(native.GetPointeeType(), self.rust)

    @_unheard
    def _load_enumerators(self) -> list[tuple[str, int]]:
        native: Any = self.handle
        out = []
        members = native.GetEnumMembers()
        for i in range(members.GetSize()):
            member = members.GetTypeEnumMemberAtIndex(i)
            value = member.GetValueAsSigned() if self.signed else member.GetValueAsUnsigned()
            out.append((member.GetName().rsplit("::", 1)[-1], int(value)))
        return out

    @_unheard
    def _load_argument(self, index: int) -> Type | None:
        got = self.handle.GetTemplateArgumentType(index)  # type: ignore[attr-defined]
        return make_type(got, self.rust) if got.IsValid() else None


# Types by their names: most programs use few, and learning one is what costs.
_learnt: dict[tuple[str, bool], list[LldbType]] = {}


def forget() -> None:
    """Drop all types: the program they belong to may be another one."""
    _learnt.clear()


def make_type(native: Any, rust: bool = False) -> LldbType:
    """Our view of a type; LLDB tells no Rust type from a C++ one, the frame must."""
    known = _learnt.setdefault((native.GetName() or "", rust), [])
    for made in known:
        if made.spelled == native:
            return made
    made = _learn(native, rust)
    known.append(made)
    return made


def _learn(native: Any, rust: bool) -> LldbType:
    plain = native.GetCanonicalType().GetUnqualifiedType()
    spelled = native.GetName() or ""
    name = rust_name(spelled) if rust else normalise(spelled)
    made = LldbType(h.OTHER, name, None, plain)
    made.spelled = native
    made.plain = normalise(plain.GetName() or spelled)
    made.rust = rust
    kind = _KINDS.get(plain.GetTypeClass())
    if kind is not None:
        made.kind = kind
        _refine(made, plain)
        if made.kind == h.POINTER and rust:
            made.name = rust_pointer(made.target())
    else:
        _scalar(made, plain.GetBasicType())
    if made.kind == h.INT and not rust and is_character_name(name, made.plain):
        made.kind, made.signed = h.CHAR, False
    return made


def _mend(array: Type, size: int) -> None:
    """Up to version 20, LLDB loses the length of arrays in unions that GCC compiled."""
    element = array.target()
    if array.name.endswith(("[]", "[0]")) and element.size and size % element.size == 0:
        array.count, array.size = size // element.size, size
        array.name = f"{array.name[: array.name.rindex('[')]}[{array.count}]"


def _scalar(made: LldbType, basic: int) -> None:
    if basic in _CHARACTERS:
        made.kind = h.CHAR
    elif basic in _SIGNED:
        made.kind, made.signed = h.INT, True
    elif basic in _UNSIGNED:
        made.kind = h.INT
    elif basic in _FLOATS or made.plain == "_Float16":  # which LLDB 23 has no number for
        made.kind = h.FLOAT
    elif basic == lldb.eBasicTypeBool:
        made.kind = h.BOOL
    elif basic == lldb.eBasicTypeVoid:
        made.kind, made.size = h.VOID, 0


def _refine(made: LldbType, plain: Any) -> None:
    if made.kind == h.ARRAY:
        element = made.target()
        made.count = made.size // element.size if element.size else 0
    elif made.kind == h.ENUM:
        flags = plain.GetEnumerationIntegerType()
        made.signed = flags.IsValid() and flags.GetBasicType() in _SIGNED
    elif made.kind == h.STRUCT and made.rust:
        first = plain.GetFieldAtIndex(0).GetName() if plain.GetNumberOfFields() else ""
        if first == "$variants$":
            made.kind = h.VARIANT


def value_of(native: Any, kind: Type | None = None, rust: bool = False) -> Value:
    """Where an `SBValue` lives, or its bytes when it has no address."""
    if kind is None:
        kind = make_type(native.GetType(), rust)
    if kind.kind == h.VOID:
        return Value(kind, None, b"")
    error = native.GetError()
    address = native.GetLoadAddress()
    if address != _NO_ADDRESS and error.Success() and _in_memory(native):
        return Value(kind, int(address))
    if error.Fail():
        text = error.GetCString() or "the debugger gives no reason"
        if any(sign in text for sign in _GONE):
            return Value(kind, None, status="optimized-out")
        return Value(kind, None, status="error", message=text)
    got = native.GetData()
    problem = lldb.SBError()
    size = min(kind.size, got.GetByteSize())
    data = got.ReadRawData(problem, 0, size) if size else b""
    if problem.Fail() or data is None or len(data) < kind.size:
        return Value(kind, None, status="optimized-out")
    return Value(kind, None, bytes(data), native)


def _in_memory(native: Any) -> bool:
    """Not so for a pointer in a register: LLDB then gives as its address where it points to."""
    location = native.GetLocation()
    return not location or location.startswith("0x")


ALIKE = "LLDB before version 21 does not tell the variants of this enum apart"


def variant_of(kind: Type) -> list[tuple[int | None, int, int, str, Type]]:
    """(discriminant or None for the rest, its place, its size, name, payload) of each."""
    got = kind.cache.get("variants")
    if got is None:
        got = kind.cache["variants"] = _variants(kind)
    return got  # type: ignore[return-value]


def _variants(kind: Type) -> list[tuple[int | None, int, int, str, Type]]:
    out: list[tuple[int | None, int, int, str, Type]] = []
    for field in kind.fields()[0].type.fields():
        number = field.name[len("$variant$") :]
        place, size = 0, 0
        payload: Type | None = None
        for inner in field.type.fields():
            if inner.name == "$discr$":
                place, size = (inner.bit_offset or 0) // 8, inner.type.size
            elif inner.name == "value":
                payload = inner.type
        if payload is not None:
            known = int(number) if size and number.lstrip("-").isdigit() else None
            out.append((known, place, size, _last(payload.plain), payload))
    if len({known for known, *_ in out}) < len(out):
        raise HostError(ALIKE)  # up to version 20 it keeps only the low half of a discriminant
    if any(known is None and _no_high_bit(payload, 0) for known, _, _, _, payload in out):
        # Of the one niche that needs more than the low half, a capacity's, the other is known.
        out = [
            (known if known is None or size < 8 else known | 1 << 63, place, size, name, payload)
            for known, place, size, name, payload in out
        ]
    return out


def _no_high_bit(kind: Type, level: int) -> bool:
    """Whether a type holds a capacity, whose highest bit is the niche of what holds it."""
    if "NoHighBit" in kind.plain:
        return True
    if level > 6:
        return False
    if kind.kind == h.VARIANT:
        inside = [payload for *_, payload in variant_of(kind)]
    elif kind.kind == h.ARRAY:
        inside = [kind.target()]
    elif kind.kind == h.STRUCT:
        inside = [field.type for field in kind.fields()]
    else:
        return False
    return any(_no_high_bit(part, level + 1) for part in inside)


def _last(name: str) -> str:
    """`Some` of `core::option::Option<a::b>::Some<int>`."""
    depth, start, end = 0, 0, len(name)
    for place, char in enumerate(name):
        if char == "<":
            if depth == 0:
                end = place
            depth += 1
        elif char == ">" and name[place - 1] != "-":
            depth -= 1
        elif char == ":" and depth == 0:
            start, end = place + 1, len(name)
    return name[start:end]
