"""What a plain debugger can do on this machine, found out by trying it: without the plugin.

What it cannot do says nothing about the plugin. GDB 13 cannot call functions on a processor with
AMX, attaching may be forbidden (`kernel.yama.ptrace_scope`), and so on: such tests are skipped,
with what the debugger said.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from drive import Debugger

if TYPE_CHECKING:
    from pathlib import Path

    from drive import Step

# By the debugger's name and what is tried.
_known: dict[tuple[str, str], str | None] = {}


def why_not(what: str, debugger: Debugger, program: Path, folder: Path) -> str | None:
    """Why the bare debugger cannot `call` or `attach` here; None if it can."""
    key = debugger.name, what
    if key not in _known:
        tries = {"call": _call, "attach": _attach}
        bare = Debugger(debugger.name, debugger.kind, debugger.program, folder)
        bare.without_plugin()
        try:
            _known[key] = tries[what](bare, program)
        finally:
            bare.close()
    return _known[key]


def _call(bare: Debugger, loop: Path) -> str | None:
    return _said(bare, loop, ["break main", "run", "print square(12) + 1000"], r"\b1144\b")


def _attach(bare: Debugger, sleeper: Path) -> str | None:
    with subprocess.Popen([sleeper]) as running:
        try:
            return _said(bare, sleeper, [f"attach {running.pid}", "detach"], r"(?i)process \d+\)? detached")
        finally:
            running.kill()


def _said(bare: Debugger, program: Path, steps: list[Step], sign: str) -> str | None:
    """The last thing that was said, if there is no sign of success."""
    output = bare.run_script(program, steps).output
    if re.search(sign, output):
        return None
    lines = [line for line in output.splitlines() if line.strip()]
    complaints = [
        line for line in lines if re.search(r"(?i)couldn't|could not|cannot|error|failed|not permitted", line)
    ]
    return (complaints or lines or ["nothing"])[-1].strip()
