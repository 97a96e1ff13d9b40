"""What ends a debugger from outside ends the session in order: nothing is lost, nothing looks interrupted."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from conftest import Build, at
from drive import Session

if TYPE_CHECKING:
    from drive import Debugger, Terminal

HERE = at("loop.c", "squared")


def ended_by(terminal: Terminal, how: str) -> int:
    """End the debugger; returns its exit code."""
    if how == "closed terminal":
        os.close(terminal._ours)  # noqa: SLF001 - what a terminal's window does when it is closed
    else:
        terminal.process.send_signal(getattr(signal, how))
    return terminal.process.wait(20)


@pytest.mark.parametrize("how", ["SIGTERM", "SIGHUP", "closed terminal"])
def test_sessions_end_with_the_debugger(debugger: Debugger, build: Build, how: str) -> None:
    terminal = debugger.interactive(build("loop.c"))
    terminal.do(f"break {HERE}")
    terminal.do("run")
    terminal.do("continue")
    code = ended_by(terminal, how)
    session = debugger.session()
    assert session.value("SELECT ended_at IS NOT NULL FROM sessions") == 1
    assert len(session.hits()) == 2
    assert not session.path.with_suffix(".db-wal").exists()
    if how != "closed terminal":  # LLDB may see the end of its input first
        debugger.without_plugin()
        bare = debugger.interactive(build("loop.c"))
        bare.do(f"break {HERE}")
        bare.do("run")
        assert code == ended_by(bare, how)


def test_a_session_that_was_asked_for_is_ended_without_hits(debugger: Debugger, build: Build) -> None:
    terminal = debugger.interactive(build("loop.c"))
    terminal.do("dbg-session new --label mine")
    ended_by(terminal, "SIGTERM")
    (path,) = debugger.session_files()
    assert Session(path).value("SELECT ended_at IS NOT NULL FROM sessions") == 1
