"""What is seen of a stopped program in LLDB; loaded when one is first looked at.  Part of the LLDB face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dbg_session.host.data import CORE, Whose

from . import copies, types
from .expressions import Expressions
from .formats import Formats
from .frames import Frames
from .stops import is_core
from .values import child, variant

if TYPE_CHECKING:
    from collections.abc import Callable


class Sight:
    """Frames, expressions and formatters, with all that is known of them."""

    def __init__(self, debugger: Any, read_memory: Callable[[int, int], bytes]) -> None:
        self._debugger = debugger
        self.frames = Frames()
        self.expressions = Expressions(read_memory)
        self.formats = Formats(debugger)
        copies.watch_over(debugger)

    def forget(self) -> None:
        """Symbols may have changed: what was worked out about them is void."""
        self.frames.forget()
        self.expressions.forget()
        types.forget()

    def close(self) -> None:
        """The debugger is about to go."""
        copies.leave(self._debugger)

    def whose(self, process: Any, key: object) -> Whose:
        """A process; LLDB reaches each one through a server, so that it tells nothing of where."""
        elsewhere = CORE if is_core(process) else None
        return Whose(key, int(process.GetProcessID()), elsewhere, lambda: _main_file(process.GetTarget()))

    variant = staticmethod(variant)
    child = staticmethod(child)


def _main_file(target: Any) -> tuple[str | None, str | None]:
    """The program of a target, and what LLDB has as its build id."""
    program = target.GetExecutable()
    module = target.FindModule(program)
    return program.fullpath, module.GetUUIDString() if module.IsValid() else None
