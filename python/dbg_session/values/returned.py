"""What a function returned, read from the registers at its `ret` instruction: System V on x86-64.

Where the types alone cannot tell where a value is, a HostError says so: nothing is guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbg_session.host import types as h
from dbg_session.host.errors import HostError
from dbg_session.host.types import Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbg_session.host.protocol import Host, Tracer
    from dbg_session.host.types import Type

    Register = Callable[[str], bytes]

_INTEGER = (h.INT, h.CHAR, h.BOOL, h.ENUM, h.POINTER, h.REFERENCE)
_AGGREGATE = (h.STRUCT, h.UNION, h.ARRAY, h.VARIANT)
# Far more than any frame has.
_STACK = 8 << 20
Leaf = tuple[int, "Type"]  # offset in bytes, a type that is no aggregate


def is_return(instruction: str) -> bool:
    """Whether it is a `ret`, as either debugger writes it."""
    return instruction.startswith(("ret", "repz ret", "rep ret", "bnd ret"))


def returned(kind: Type, lang: str, register: Register, host: Host, tracer: Tracer) -> Value:
    """The value of type `kind` that a function returns; `register` reads one by its name."""
    if kind.kind == h.VOID or kind.size == 0:
        return Value(kind, None, b"")
    if kind.kind not in _AGGREGATE:
        return Value(kind, None, _scalar(kind, register))
    if tracer.is_vector(kind):
        return Value(kind, None, _vector(kind, register))
    by_hand = lang == "cpp" and kind.size <= 16 and _in_memory(kind, register, host, tracer)
    if kind.size > 16 or by_hand or (lang != "rust" and _packed(kind, tracer)):
        return Value(kind, int.from_bytes(register("rax"), "little"))
    leaves = _leaves(kind, 0, tracer)
    if lang == "rust":
        return Value(kind, None, _rust(kind, leaves, register))
    return Value(kind, None, _eightbytes(kind, leaves, register))


def _scalar(kind: Type, register: Register) -> bytes:
    size = kind.size
    if kind.kind == h.FLOAT:
        if "ecimal" in kind.plain:
            raise HostError(f"where a function returns a {kind.name} is not known")
        extended = size > 8 and "128" not in kind.plain
        return _extended(kind, register) if extended else register("xmm0")[:size]
    if kind.kind in _INTEGER:
        return (register("rax") + (register("rdx") if size > 8 else b""))[:size]
    if _complex(kind) and size == 8:
        return register("xmm0")[:8]
    if _complex(kind) and size == 16:
        return register("xmm0")[:8] + register("xmm1")[:8]
    if "::*" in kind.plain and size <= 16:
        return (register("rax") + register("rdx"))[:size]
    raise HostError(f"where a function returns a {kind.name} is not known")


def _extended(kind: Type, register: Register) -> bytes:
    # LLDB takes __float128 for a long double.  Nothing else leaves anything on this stack; all
    # empty is 0 for those that have one bit for each of its registers.
    if int.from_bytes(register("ftag"), "little") in (0, 0xFFFF):
        raise HostError(f"where a function returns a {kind.name} is not known")
    return register("st0")[:10].ljust(kind.size, b"\0")


def _vector(kind: Type, register: Register) -> bytes:
    if kind.size not in (8, 16):  # wider ones are where the compiler's options say
        raise HostError(f"where a function returns a {kind.name} is not known")
    return register("xmm0")[: kind.size]


def _in_memory(kind: Type, register: Register, host: Host, tracer: Tracer) -> bool:
    """Whether a small object of a C++ class is returned as if it were big."""
    by_hand = _by_hand(kind, tracer)
    if by_hand is not None:
        return by_hand
    # Then `rax` holds its place, nearly always in the caller's frame.
    place = int.from_bytes(register("rax"), "little")
    top = int.from_bytes(register("rsp"), "little")
    leaves = _leaves(kind, 0, tracer)
    if any(place % _alignment(its) for _, its in leaves):
        return False
    if top < place < top + _STACK and not _left_over(kind, leaves):
        return True
    try:
        host.read_memory(place, kind.size)
    except HostError:
        return False
    raise HostError(f"whether a function returns a {kind.name} in registers or in memory is not known")


def _left_over(kind: Type, leaves: list[Leaf]) -> bool:
    """Whether most of `rax` would be what happened to be there before, were it returned in registers."""
    whole = [leaf for leaf in leaves if not _floats(leaf[1])]
    return not whole or (kind.size > 8 and sum(its.size for _, its in whole) < 4)


def _by_hand(kind: Type, tracer: Tracer) -> bool | None:
    """Whether a type, or a part of it, cannot be copied bit by bit."""
    if "by hand" not in kind.cache:
        parts: list[bool | None] = [False]
        if kind.kind == h.ARRAY:
            parts = [_by_hand(kind.target(), tracer)]
        elif kind.kind in (h.STRUCT, h.UNION):
            fields = kind.fields()
            parts = [tracer.copied_by_hand(kind), *(_by_hand(field.type, tracer) for field in fields)]
            parts += [True for field in fields if field.bit_offset is None]
        kind.cache["by hand"] = True if True in parts else None if None in parts else False
    return kind.cache["by hand"]  # type: ignore[return-value]


def _leaves(kind: Type, offset: int, tracer: Tracer) -> list[Leaf]:
    """What an aggregate consists of in the end."""
    if kind.kind == h.VARIANT:
        raise HostError(f"where a function returns a {kind.name} is not known")
    if kind.kind == h.ARRAY and not tracer.is_vector(kind):
        element = kind.target()
        places = range(offset, offset + kind.count * element.size, max(element.size, 1))
        return [leaf for place in places for leaf in _leaves(element, place, tracer)]
    if kind.kind not in (h.STRUCT, h.UNION):
        return [(offset, kind)] if kind.size else []
    out: list[Leaf] = []
    for field in kind.fields():
        if field.bit_offset is None:
            raise HostError(f"where a function returns a {kind.name} is not known")
        if field.bits:
            out.append(((offset * 8 + field.bit_offset) // 64 * 8, field.type))
        else:
            out.extend(_leaves(field.type, offset + field.bit_offset // 8, tracer))
    return out


def _floats(kind: Type) -> bool:
    """Whether it is of the class SSE; of aggregates, only vectors are leaves."""
    return kind.kind in (h.FLOAT, h.ARRAY) or _complex(kind)


def _complex(kind: Type) -> bool:
    return kind.kind == h.OTHER and "omplex " in kind.plain


def _alignment(kind: Type) -> int:
    return kind.size // 2 if _complex(kind) else kind.size


def _packed(kind: Type, tracer: Tracer) -> bool:
    """Whether a member is not where its type wants it: what has such a one is in memory."""
    return any(place % _alignment(its) for place, its in _leaves(kind, 0, tracer))


def _eightbytes(kind: Type, leaves: list[Leaf], register: Register) -> bytes:
    """Each eight bytes of a small object are in the next register of their class."""
    if any(its.kind == h.ARRAY and its.size not in (8, 16) for _, its in leaves):
        raise HostError(f"where a function returns a {kind.name} is not known")
    if any("ecimal" in its.plain for _, its in leaves if its.kind in (h.FLOAT, h.OTHER)):
        raise HostError(f"where a function returns a {kind.name} is not known")
    if any(its.kind == h.FLOAT and its.size == 16 and "128" not in its.plain for _, its in leaves):
        return _extended(kind, register)
    whole, floats = ["rax", "rdx"], ["xmm0", "xmm1"]
    data = b""
    for start in range(0, kind.size, 8):
        here = [its for place, its in leaves if place < start + 8 and place + max(its.size, 1) > start]
        if any(its.size == 16 and its.kind in (h.FLOAT, h.ARRAY) for its in here):
            return register("xmm0")[:16]
        number = bool(here) and all(_floats(its) for its in here)
        data += register((floats if number else whole).pop(0))[:8]
    return data[: kind.size]


def _rust(kind: Type, leaves: list[Leaf], register: Register) -> bytes:
    """Rust returns one or two scalars in a register each, and other small things as integers."""
    if len(leaves) == 1:
        (place, its) = leaves[0]
        data = register("xmm0" if _floats(its) else "rax") + (register("rdx") if its.size > 8 else b"")
        return bytes(place) + data[: its.size]
    if len(leaves) == 2:
        whole, floats = ["rax", "rdx"], ["xmm0", "xmm1"]
        out = bytearray(kind.size)
        for place, its in leaves:
            name = (floats if _floats(its) else whole).pop(0)
            out[place : place + its.size] = register(name)[: its.size]
        return bytes(out)
    if kind.size > 8:  # in registers or in memory, by the version of the compiler
        raise HostError(f"where a function returns a {kind.name} is not known")
    return register("rax")[: kind.size]
