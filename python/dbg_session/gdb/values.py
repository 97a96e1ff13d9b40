"""Values that GDB must be asked for: where layout alone does not lead.  Part of the GDB face."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import gdb

from dbg_session.host import types as h
from dbg_session.host.errors import HostError
from dbg_session.host.types import Value

from . import known_crashes
from .types import GdbType, make_type, value_of

if TYPE_CHECKING:
    from dbg_session.host.types import Type

DEBUGGER = "gdb"
VERSION = int((re.match(r"\d+", gdb.VERSION) or ["0"])[0])


def variant(value: Value) -> tuple[str, Value] | None:
    """See `Host`."""
    why = fatal(value.type)
    if why is not None:
        raise HostError(why)
    native = native_of(value)
    if native is None:
        return None
    for field in native.type.fields():
        if field.name is None or field.artificial:
            continue
        kind = _variant_type(value.type, field)
        offset = field.bitpos // 8
        address = None if value.address is None else value.address + offset
        data = None if value.data is None else value.data[offset : offset + kind.size]
        return field.name.rsplit("::", 1)[-1], Value(kind, address, data)
    return None


def child(value: Value, index: int) -> Value:
    """See `Host`."""
    native = native_of(value)
    field = value.type.fields()[index]
    if native is None:
        raise HostError("the debugger gives no value here")
    assert isinstance(value.type, GdbType)
    try:
        got = native[value.type.native_fields[index]]
        child = value_of(got, field.type)
    except (gdb.error, RuntimeError, OverflowError, ValueError) as error:
        return Value(field.type, None, status="error", message=str(error))
    return child


def native_of(value: Value) -> Any:
    """The `gdb.Value` of a value, made from its address or bytes if need be."""
    if value.handle is not None:
        return value.handle
    if not isinstance(value.type, GdbType) or fatal(value.type) is not None:
        return None
    try:
        if value.address is not None:
            return _at(value.type, value.address)
        if value.data is not None:
            return gdb.Value(value.data, value.type.handle)
    except (gdb.error, RuntimeError, ValueError):
        pass
    return None


def _at(kind: GdbType, address: int) -> Any:
    """What lies at an address."""
    handle: Any = kind.handle
    if kind.rust or kind.kind not in (h.STRUCT, h.UNION) or not kind.size:
        return gdb.Value(address).cast(handle.pointer()).dereference()
    # As the one element of an array: to follow a pointer to a class is to look for the object's
    # true class, and to complain on the user's screen where it is not whole.
    if "row" not in kind.cache:
        kind.cache["row"] = handle.array(0).pointer()
    return gdb.Value(address).cast(kind.cache["row"]).dereference()[0]


def fatal(kind: Type) -> str | None:
    """Why this GDB must not be asked for a value of a type, or None."""
    return known_crashes.reading(DEBUGGER, VERSION, kind)


def _variant_type(kind: Type, field: Any) -> Type:
    key = "variant " + str(field.name)
    if key not in kind.cache:
        kind.cache[key] = make_type(field.type)
    return kind.cache[key]  # type: ignore[return-value]


def reaching(kind: Type) -> str | None:
    """The same of all that a value of the type leads to."""
    return known_crashes.reaching(DEBUGGER, VERSION, kind)
