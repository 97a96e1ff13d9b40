"""Values that LLDB must be asked for: where layout alone does not lead.  Part of the LLDB face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lldb

from dbg_session.host.errors import HostError
from dbg_session.host.types import Value
from dbg_session.values.type_names import normalise

from .types import ALIKE, LldbType, value_of, variant_of

if TYPE_CHECKING:
    from collections.abc import Callable


def variant(value: Value, read_memory: Callable[[int, int], bytes]) -> tuple[str, Value] | None:
    """See `Host`."""
    data = value.data
    if data is None and value.address is not None:
        data = read_memory(value.address, value.type.size)
    rest = None
    for known, place, size, name, payload in variant_of(value.type):
        if known is None:
            rest = (name, payload)
            continue
        found = int.from_bytes((data or b"")[place : place + size], "little")
        if found == known % (1 << 8 * size):
            rest = (name, payload)
            break
    if rest is None and any(size > 8 for _, _, size, _, _ in variant_of(value.type)):
        raise HostError(ALIKE)
    if rest is None:
        return None
    # A payload's members count from the start of the enum, its niche included.
    return rest[0], Value(rest[1], value.address, data)


def child(value: Value, index: int, target: Any) -> Value:
    """See `Host`."""
    native = native_of(value, target)
    field = value.type.fields()[index]
    count = native.GetNumChildren() if native is not None else 0
    for i in range(count):
        child = native.GetChildAtIndex(i)
        same = normalise(child.GetTypeName() or "") == field.type.name
        if child.GetName() == field.name or (field.base and same):
            return value_of(child, field.type)
    raise HostError("the debugger gives no value here")


def native_of(value: Value, target: Any) -> Any:
    """The `SBValue` of a value, made from its address in a target if need be; None where there is none."""
    if value.handle is not None:
        return value.handle
    if value.address is None or not isinstance(value.type, LldbType):
        return None
    place = lldb.SBAddress(value.address, target)
    return target.CreateValueFromAddress("value", place, value.type.handle)
