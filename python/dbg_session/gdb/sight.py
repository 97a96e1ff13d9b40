"""What is seen of a stopped program in GDB; loaded when one is first looked at.  Part of the GDB face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dbg_session.host.data import CORE, NOBODY, Whose

from . import names, types
from .expressions import Expressions
from .frames import Frames
from .printers import Printers
from .values import child, variant

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbg_session.host.protocol import Host

    from .calls import Calls


class Sight:
    """Frames, expressions and printers, with all that is known of them."""

    def __init__(self, host: Host, module_base: Callable[[str | None], int], calls: Calls) -> None:
        self.frames = Frames(module_base)
        self.expressions = Expressions(host, self.frames, calls)
        self.printers = Printers(calls)
        self.forget()

    def forget(self) -> None:
        """Symbols may have changed: what was worked out about them is void."""
        self.frames.forget()
        self.expressions.forget()
        types.forget()

    def whose(self, inferior: Any, begun: int) -> Whose:
        """The process of an inferior; `begun` counts those that began to be debugged."""
        connection = inferior.connection
        kind = None if connection is None else connection.type
        key = (inferior.num, inferior.pid, kind, begun)
        return Whose(key, inferior.pid, _elsewhere(kind), lambda: names.main_file(inferior.progspace))

    variant = staticmethod(variant)
    child = staticmethod(child)


def _elsewhere(kind: str | None) -> str | None:
    """What a kind of connection says against a process of it being ours."""
    if kind == "native":
        return None
    known = {None: NOBODY, "core": CORE}
    return known.get(kind) or f"GDB reaches the program through a connection ({kind})"
