"""Many debuggers in one process, as test suites, CI scripts and servers make them: each records by itself."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from conftest import Build, at
from drive import PLUGIN, Raw, Session

if TYPE_CHECKING:
    from drive import Debugger

SCRIPT = """
import sys

import lldb


def made(plugin, program, place):
    debugger = lldb.SBDebugger.Create(False)
    debugger.SetAsync(False)
    do(debugger, f'command script import "{plugin}"')
    do(debugger, f"target create {program}")
    do(debugger, f"breakpoint set -f {place[0]} -l {place[1]}")
    do(debugger, "run")
    return debugger


def do(debugger, command):
    result = lldb.SBCommandReturnObject()
    debugger.GetCommandInterpreter().HandleCommand(command, result)
    return (result.GetOutput() or "") + (result.GetError() or "")


def main(plugin, program, place):
    for _ in range(2):  # one after the other
        debugger = made(plugin, program, place)
        do(debugger, "continue")
        lldb.SBDebugger.Destroy(debugger)
        assert "not loaded" in do(debugger, "dbg-session status") or not debugger.IsValid()
    one, two = made(plugin, program, place), made(plugin, program, place)
    assert "recorded: 1 hit," in do(one, "dbg-session status")
    for _ in range(3):
        do(two, "continue")
    do(two, "dbg-session trace main")
    assert "main" in do(two, "dbg-session trace list")
    assert "main" not in do(one, "dbg-session trace list")
    do(one, "dbg-session new --label mine")
    do(one, "continue")
    assert "mine" in do(one, "dbg-session status")
    assert "recorded: 4 hits," in do(two, "dbg-session status")
    lldb.SBDebugger.Destroy(one)
    do(two, "continue")
    print("done")  # two is left to its own


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], (sys.argv[3], int(sys.argv[4])))
"""


def recorded(lldb: Debugger) -> list[tuple[bool, int]]:
    """Of each session whether it was ended, and its hits."""
    found = [Session(path) for path in lldb.session_files()]
    return sorted(
        (session.value("SELECT ended_at IS NOT NULL FROM sessions") == 1, len(session.hits())) for session in found
    )


def test_debuggers_within_a_debugger(lldb: Debugger, build: Build) -> None:
    (lldb.cwd / "many.py").write_text(SCRIPT)
    file, line = at("loop.c", "squared").split(":")
    call = f"many.main({str(PLUGIN)!r}, {str(build('loop.c'))!r}, ({file!r}, {line}))"
    result = lldb.run_script(None, [Raw("", "command script import many.py"), Raw("", f"script {call}")])
    assert "done" in result.output, result.output
    assert recorded(lldb) == [(True, 1), (True, 1), (True, 2), (True, 2), (True, 5)]


def test_debuggers_of_a_script(lldb: Debugger, build: Build) -> None:
    python = lldb.program.with_name("python")
    if not python.exists():
        pytest.skip("this LLDB comes without a Python that can import it")
    server = next(python.parent.parent.rglob("_vendor/bin/lldb-server"))
    (lldb.cwd / "many.py").write_text(SCRIPT)
    done = subprocess.run(
        [python, "many.py", PLUGIN, build("loop.c"), *at("loop.c", "squared").split(":")],
        cwd=lldb.cwd,
        env={**lldb.environment, "LLDB_DEBUGSERVER_PATH": str(server)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "done" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
    assert recorded(lldb) == [(True, 1), (True, 1), (True, 2), (True, 2), (True, 5)]
