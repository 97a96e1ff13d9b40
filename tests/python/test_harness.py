"""The harness itself: every debugger of the matrix is driven the same way, plugin or not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import abilities
import pytest
from conftest import Build, at
from drive import Debugger

if TYPE_CHECKING:
    from pathlib import Path


def test_a_script_runs_to_its_end(debugger: Debugger, build: Build) -> None:
    debugger.without_plugin()
    here = at("loop.c", "squared")
    steps = [f"break {here} if n == 3", "run", "print n * 100", "up", "print i * 1000", "continue"]
    result = debugger.run_script(build("loop.c"), steps)
    assert re.search(r"\b300\b", result.output)
    assert re.search(r"\b3000\b", result.output)
    assert "total 55" in result.output
    assert result.exit_code == 0


def test_a_crash_does_not_end_the_script(debugger: Debugger, build: Build) -> None:
    debugger.without_plugin()
    result = debugger.run_script(build("crash.c"), ["run", "print total * 1000 + 7"])
    assert "SIGSEGV" in result.output
    assert "3007" in result.output


def test_a_terminal_answers_step_by_step(debugger: Debugger, build: Build) -> None:
    debugger.without_plugin()
    terminal = debugger.interactive(build("loop.c"))
    terminal.do(f"tbreak {at('loop.c', 'squared')}")
    assert "loop.c:6" in terminal.do("run")
    assert re.search(r"\b100\b", terminal.do("print n * 100"))
    assert "loop.c" in terminal.do("finish")
    assert "exited" in terminal.do("continue")
    assert terminal.quit().exit_code == 0


def test_a_killed_debugger_leaves_no_process(debugger: Debugger, build: Build) -> None:
    debugger.without_plugin()
    terminal = debugger.interactive(build("loop.c"))
    terminal.do("break square")
    terminal.do("run")
    terminal.kill()
    assert terminal.process.returncode == -9


@pytest.mark.parametrize("kind", ["gdb", "lldb"])
@pytest.mark.parametrize("what", ["call", "attach"])
def test_what_a_bare_debugger_cannot_do_is_told_in_its_words(
    build: Build, tmp_path: Path, what: str, kind: str
) -> None:
    """A debugger that fails as GDB 13 does on a processor with AMX."""
    broken = tmp_path / "broken"
    broken.write_text('#!/bin/sh\necho Starting\necho "Couldn\'t write extended state status: Invalid argument."\n')
    broken.chmod(0o700)
    (tmp_path / "test").mkdir()
    (tmp_path / "bare").mkdir()
    debugger = Debugger(f"broken {kind}", kind, broken, tmp_path / "test")
    why = abilities.why_not(what, debugger, build("sleeper.c"), tmp_path / "bare")
    assert why == "Couldn't write extended state status: Invalid argument."
