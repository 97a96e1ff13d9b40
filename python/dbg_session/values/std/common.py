"""What readers of any standard library need: to look before they walk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbg_session.host import types as h
from dbg_session.values.reader import GarbageError, UnsupportedError

if TYPE_CHECKING:
    from dbg_session.host.types import Type

# More elements than any container has.
SANE_COUNT = 1 << 40


def need(kind: Type | None) -> Type:
    """The type, or UnsupportedError when the debug information does not name it."""
    if kind is None or (kind.size == 0 and kind.kind != h.STRUCT):
        raise UnsupportedError("element type")
    return kind


def sane(condition: bool) -> None:
    """GarbageError unless the condition holds."""
    if not condition:
        raise GarbageError
