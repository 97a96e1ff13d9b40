"""What is kept of frames and of expressions from stop to stop: the same for every debugger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from . import types as h
from .errors import ScopeError

if TYPE_CHECKING:
    from .data import FrameInfo
    from .types import Value


class Describer(Protocol):
    """Tells of frames, and keeps what it told by program counter, inlined frames below, and whether innermost."""

    infos: dict[tuple[int, int, bool], FrameInfo]

    def describe(self, frame: Any, pc: int) -> FrameInfo:
        """What a frame of the debugger's is, and where."""


class KeptFrame:
    """A frame over one of the debugger's; `inline` counts the inlined frames below it at its pc."""

    _frames: Describer
    frame: Any
    inline: int
    innermost: bool
    pc: int

    def info(self) -> FrameInfo:
        """See `Frame`."""
        key = (self.pc, self.inline, self.innermost)
        known = self._frames.infos.get(key)
        if known is None:
            known = self._frames.infos[key] = self._frames.describe(self.frame, self.pc)
        return known


class KeptExpressions:
    """Evaluates expressions, and keeps which names are known nowhere."""

    def __init__(self) -> None:
        self._unknown: dict[tuple[int, int, str], str] = {}
        self._learnt: set[str] = set()

    def forget(self) -> None:
        """Symbols may have changed."""
        self._unknown.clear()
        self._learnt.clear()

    def evaluate(self, expression: str, frame: object, calls: bool = False) -> Value:
        """See `Host`."""
        if not isinstance(frame, KeptFrame):
            raise TypeError(frame)
        if expression in self._learnt:
            return self._known(expression, frame, calls)
        with h.learning():  # GDB reads the symbols that it needs; LLDB starts up its compiler: 100 ms and more.
            value = self._known(expression, frame, calls)
        self._learnt.add(expression)
        return value

    def _known(self, expression: str, frame: KeptFrame, calls: bool) -> Value:
        key = (frame.pc, frame.inline, expression)
        if key in self._unknown:  # to look for a name everywhere takes GDB 10 ms
            raise ScopeError(self._unknown[key])
        try:
            return self._evaluated(expression, frame, calls)
        except ScopeError as error:
            self._unknown[key] = str(error)
            raise

    def _evaluated(self, expression: str, frame: Any, calls: bool) -> Value:
        """The debugger's own way; ScopeError when a name is known nowhere."""
        raise NotImplementedError
