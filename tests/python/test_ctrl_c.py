"""Ctrl-C ends a question, wherever it is asked, and nothing else ends with it."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest
from conftest import Build, at

if TYPE_CHECKING:
    from drive import Debugger

HERE = at("loop.c", "squared")
ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.mark.parametrize("how", ["key", "signal"])
def test_a_question_ends_and_the_debugger_goes_on(debugger: Debugger, build: Build, how: str) -> None:
    terminal = debugger.interactive(build("loop.c"))
    terminal.do(f"break {HERE}")
    terminal.do("run")
    terminal.send(f'dbg-session sql "{ENDLESS}"')
    time.sleep(1.0)
    if how == "key":
        terminal.interrupt()
    else:
        terminal.process.send_signal(signal.SIGINT)
    # By itself it would end much later, and say something else.
    said = terminal.read_prompt()
    assert said.count("dbg-session: interrupted.") == 1, said
    assert "Traceback" not in said
    assert "KeyboardInterrupt" not in said
    assert "1 hit" in terminal.do("dbg-session hits")
    terminal.do("continue")
    result = terminal.quit()
    assert "Traceback" not in result.output
    assert len(debugger.session().hits()) == 2
