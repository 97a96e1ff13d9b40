"""Expressions in GDB, which are to run no code in the program.  Part of the GDB face."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import gdb

from dbg_session.host.errors import CallError, HostError, ScopeError
from dbg_session.host.kept import KeptExpressions
from dbg_session.host.types import Value
from dbg_session.values import paths

from .frames import selected
from .types import make_type, value_of
from .values import reaching

if TYPE_CHECKING:
    from dbg_session.host.protocol import Host

    from .calls import Calls
    from .frames import Frames, GdbFrame


class Expressions(KeptExpressions):
    """Evaluates them."""

    def __init__(self, host: Host, frames: Frames, calls: Calls) -> None:
        super().__init__()
        self._host = host
        self._frames = frames
        self._calls = calls

    def _evaluated(self, expression: str, frame: GdbFrame, calls: bool) -> Value:
        found = paths.read(self._host, expression, lambda name: self._root(frame, name))
        if found is not None:
            return found
        if frame.info().lang == "rust":
            self._refuse_crash(frame, expression)
        if not calls and not _harmless(expression):
            self._calls.hush()
        try:
            user = selected()
            elsewhere = user != frame.frame
            if elsewhere:
                frame.frame.select()
            try:
                return _evaluated(expression)
            finally:
                if elsewhere and user is not None:
                    user.select()
        except (gdb.error, RuntimeError, ValueError, OverflowError) as error:
            raise _in_our_words(str(error)) from None

    def _root(self, frame: GdbFrame, name: str) -> Value | None:
        known = self._frames.symbol(frame, name)
        return None if known is None else known.read(frame.frame)

    def _refuse_crash(self, frame: GdbFrame, expression: str) -> None:
        """HostError when a variable in an expression leads to what GDB dies of."""
        for name in re.findall(r"[A-Za-z_]\w*", expression):
            known = self._frames.symbol(frame, name)
            if known is not None:
                why = reaching(make_type(known.symbol.type))
                if why is not None:
                    raise HostError(why)


def _evaluated(expression: str) -> Value:
    try:
        return value_of(gdb.parse_and_eval(expression))
    except gdb.error as error:
        if "max-value-size" not in str(error):
            raise
        # Its place will do: no more of it is read than is shown.
        pointer = gdb.parse_and_eval(f"&({expression})")
        return Value(make_type(pointer.type.target()), int(pointer))


def _in_our_words(error: str) -> HostError:
    if "may-call-functions" in error:
        return CallError()
    if error.startswith("No symbol ") and error.endswith("in current context."):
        return ScopeError(error)
    return HostError(error)


def _harmless(expression: str) -> bool:
    """Whether an expression that is no path of a variable cannot run code: a register."""
    return re.fullmatch(r"\$[a-z]\w*", expression) is not None
