"""`dbg-session` as a command of LLDB.  Part of the LLDB face."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import lldb

if TYPE_CHECKING:
    from collections.abc import Callable

    Invoke = Callable[[str, "int | None"], "tuple[int, str, str]"]

_FUNCTIONS = sys.modules[__name__].__dict__
# What a verb does, by the id of a debugger: one process may hold many, and they share functions.
_RUNS: dict[tuple[int, str], Callable[[str, Any], None]] = {}


class Commands:
    """Those of one debugger."""

    def __init__(self, debugger: Any) -> None:
        self._debugger = debugger
        self._container = False

    def add(self, verb: str, help_text: str, invoke: Invoke) -> None:
        """See `Host`.  LLDB completes verbs by itself and lets scripts complete no more."""
        short = _quoted(help_text.split("\n", 1)[0])
        if not verb:
            self._add_container(short)
            return
        if not self._container:
            self._add_container("Record what happens while debugging, and ask about it.")
        function = "run_" + verb.replace("-", "_")
        _RUNS[self._debugger.GetID(), verb] = _runs(self._debugger, invoke)
        _FUNCTIONS[function] = _command(verb, help_text)
        self._run(f'command script add -o -f {__name__}.{function} -h "{short}" dbg-session {verb}')

    def _add_container(self, short: str) -> None:
        self._container = True
        self._run(f"script import {__name__}")
        self._run(f'command container add -o -h "{short}" dbg-session')

    def _run(self, command: str) -> None:
        result = lldb.SBCommandReturnObject()
        self._debugger.GetCommandInterpreter().HandleCommand(command, result, False)

    def close(self) -> None:
        """The debugger is about to go."""
        this = self._debugger.GetID()
        for key in [key for key in _RUNS if key[0] == this]:
            del _RUNS[key]


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _runs(debugger: Any, invoke: Invoke) -> Callable[[str, Any], None]:
    """What a verb does in one debugger; nothing that happens inside may leave it."""

    def run(argument: str, result: Any) -> None:
        try:
            code, out, err = invoke(argument or "", debugger.GetTerminalWidth() or None)
        except SystemExit as error:
            code, out, err = (error.code or 0) if isinstance(error.code, int) else 1, "", ""
        except KeyboardInterrupt:  # before or after the question, which knows Ctrl-C itself
            code, out, err = 130, "", "dbg-session: interrupted."
        except BaseException as error:
            code, out, err = 1, "", f"dbg-session: {type(error).__name__}: {error}"
        if out:
            result.AppendMessage(out.rstrip("\n"))
        err = err.rstrip("\n")
        if code and (err or not out):
            result.SetError(err or "dbg-session failed.")
        elif code:
            result.SetStatus(lldb.eReturnStatusFailed)  # the answer says why: `--json`
        elif err:
            result.AppendWarning(err)

    return run


def _command(verb: str, help_text: str) -> Callable[..., None]:
    """The function LLDB calls, whichever debugger the verb was typed in."""

    def run(debugger: Any, argument: str, _exe_ctx: Any, result: Any, _session: Any) -> None:
        runs = _RUNS.get((debugger.GetID(), verb))
        if runs is None:
            result.SetError("The plugin is not loaded in this debugger; `command script import` loads it.")
        else:
            runs(argument, result)

    run.__doc__ = help_text
    return run
