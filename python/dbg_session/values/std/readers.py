"""Which reader a type of a standard library has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import libstdcxx, rust

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbg_session.host.types import Type
    from dbg_session.values.tuples import Shown


def reader(kind: Type) -> Callable[..., Shown] | None:
    """The reader for a type, or None when it is none that we know."""
    return rust.reader(kind) if kind.rust else libstdcxx.reader(kind)
