"""Asking the user's formatters in LLDB without a trace.  Part of the LLDB face.

A Python summary or synthetic provider is asked once more than it would be without us: what it
prints is dropped, tracebacks of LLDB's too, commands are not carried out, and expressions run
no code in the program and take no number.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import lldb

from dbg_session.host.overdue import OverdueError
from dbg_session.util.nowhere import Nowhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_EVALUATING = (
    (lldb.SBFrame, "EvaluateExpression"),
    (lldb.SBTarget, "EvaluateExpression"),
    (lldb.SBValue, "EvaluateExpression"),
    (lldb.SBValue, "CreateValueFromExpression"),
)
_COMMANDING = ((lldb.SBDebugger, "HandleCommand"), (lldb.SBCommandInterpreter, "HandleCommand"))


_waiting: list[Any] = []


def unseen(debugger: Any, work: Callable[[], Any]) -> Any:
    """Do something that asks formatters; None where that fails, but for OverdueError."""
    # Within a `script` of ours LLDB leaves Python's streams alone, which else it sets anew for
    # each formatter that it calls.
    _waiting[:] = [work]
    result = lldb.SBCommandReturnObject()
    line = f"script __import__('sys').modules['{__name__}'].ask()"
    debugger.GetCommandInterpreter().HandleCommand(line, result, False)
    got = _waiting.pop() if _waiting else None
    if isinstance(got, OverdueError):
        raise got
    return None if got is work else got


def ask() -> None:
    """Carry out what `unseen` wants."""
    work = _waiting.pop()
    got = None
    try:
        with contextlib.suppress(Exception), _unseen():
            got = work()
    except OverdueError as error:
        got = error
    _waiting.append(got)


@contextlib.contextmanager
def _unseen() -> Iterator[None]:
    streams = sys.stdout, sys.stderr
    own = [(holder, name, getattr(holder, name)) for holder, name in (*_EVALUATING, *_COMMANDING)]
    sys.stdout = sys.stderr = Nowhere()
    try:
        for holder, name, function in own:
            setattr(holder, name, _without_calls(function) if (holder, name) in _EVALUATING else _no_command)
        yield
    finally:
        for holder, name, function in own:
            setattr(holder, name, function)
        sys.stdout, sys.stderr = streams


def _without_calls(function: Callable[..., Any]) -> Callable[..., Any]:
    def evaluate(self: Any, *arguments: Any) -> Any:
        options = next((a for a in arguments if isinstance(a, lldb.SBExpressionOptions)), None)
        if options is None:
            options = lldb.SBExpressionOptions()
            arguments = (*arguments, options)
        options.SetAllowJIT(False)
        options.SetSuppressPersistentResult(True)
        options.SetIgnoreBreakpoints(True)
        return function(self, *arguments)

    return evaluate


def _no_command(*_arguments: Any) -> int:
    return int(lldb.eReturnStatusFailed)
