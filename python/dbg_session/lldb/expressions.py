"""Expressions in LLDB, which are to run no code in the program.  Part of the LLDB face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lldb

from dbg_session.host import types as h
from dbg_session.host.errors import CallError, HostError, ScopeError
from dbg_session.host.kept import KeptExpressions
from dbg_session.host.types import Value
from dbg_session.util.lazy_regex import Pattern

from .types import LldbType, make_type, value_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .frames import LldbFrame

_PLACE = Pattern(r"^<user expression[^>]*>:\d+:\d+: ")
# As many elements from where a pointer points to; LLDB itself does not know that.
_ROW = Pattern(r"\s*\*\s*(\w+(?:(?:\.|->)\w+)*|\(.*\))\s*@\s*(\d+)\s*")


class Expressions(KeptExpressions):
    """Evaluates them."""

    def __init__(self, read_memory: Callable[[int, int], bytes]) -> None:
        super().__init__()
        self._read_memory = read_memory

    def _evaluated(self, expression: str, frame: LldbFrame, calls: bool) -> Value:
        rust = frame.info().lang == "rust"
        found = frame.frame.GetValueForVariablePath(expression)
        if found.IsValid() and found.GetError().Success():
            return value_of(found, None, rust)
        row = _ROW.fullmatch(expression)
        if row is not None:
            return self._row(self.evaluate(row.group(1), frame, calls), int(row.group(2)))
        options = lldb.SBExpressionOptions()
        options.SetAllowJIT(calls)
        options.SetIgnoreBreakpoints(True)
        options.SetSuppressPersistentResult(True)
        options.SetTimeoutInMicroSeconds(1_000_000 if calls else 50_000)
        found = frame.frame.EvaluateExpression(expression, options)
        if not found.IsValid() or found.GetError().Fail():
            text = found.GetError().GetCString() or "it cannot be evaluated"
            line = next((x for x in text.splitlines() if "error:" in x), text.split("\n", 1)[0])
            raise _in_our_words(line.rpartition("error: ")[2].strip())
        return value_of(found, None, rust)

    def _row(self, pointer: Value, count: int) -> Value:
        """`*p@3` as GDB has it."""
        target = pointer.type.target() if pointer.type.kind == h.POINTER else None
        if not isinstance(target, LldbType) or (pointer.data is None and pointer.address is None):
            raise HostError("what stands before @ must be *POINTER")
        data = pointer.data
        if data is None:
            data = self._read_memory(pointer.address or 0, pointer.type.size)
        handle: Any = target.handle
        return Value(make_type(handle.GetArrayType(count), target.rust), int.from_bytes(data, "little"))


def _in_our_words(error: str) -> HostError:
    error = _PLACE.sub("", error)
    if "Interpreter doesn't handle" in error or "needed to run" in error:
        return CallError()
    return ScopeError(error) if "undeclared identifier" in error else HostError(error)
