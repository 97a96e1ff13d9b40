"""Under GDB's debug adapter, `gdb -i dap`: an editor sees lines as output, tables as tables, and nothing else."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING

import debuggers
import pytest
from conftest import PROGRAMS, Build, at
from dap import Adapter

if TYPE_CHECKING:
    from drive import Debugger

SOURCE = str(PROGRAMS / "loop.c")
LINE = int(at("loop.c", "squared").rpartition(":")[2])


@pytest.fixture
def adapted(gdb: Debugger) -> Debugger:
    """A GDB that has the adapter."""
    if int(debuggers.by_name(gdb.name).version.split(".")[0]) < 14:
        pytest.skip("GDB has a debug adapter since version 14")
    return gdb


def test_lines_are_output_and_tables_are_tables(adapted: Debugger, build: Build) -> None:
    with closing(Adapter(adapted)) as adapter:
        adapter.start(build("loop.c"), SOURCE, LINE)
        adapter.wait_for_output("[dbg-session] recording to .dbg/sessions/")
        header, *rows = adapter.typed("dbg-session hits").splitlines()
        assert re.match(r"ID  LOCATION +SEQ  ", header)
        (row,) = [row for row in rows if "loop.c" in row]
        assert row.index("square") == header.index("FUNCTION")
        shown = adapter.typed("dbg-session show").splitlines()
        assert len(shown) > 5
        assert not re.search(r"[\t\x1b]", "".join([header, *rows, *shown]))
        assert "expected a field" in adapter.typed("dbg-session hits --where n==")
        assert "expected a field" not in adapter.output()
        adapter.ask("continue", threadId=1)
        adapter.event("stopped", reason="breakpoint")
        # The stop is told first; with the next answer the hit is in the file.
        adapter.ask("threads")
        assert len(adapted.session().hits()) == 2
        assert adapter.quit() == 0
    assert len(adapted.session().hits()) == 2


def test_quiet_tells_an_editor_nothing(adapted: Debugger, build: Build) -> None:
    adapted.configure(quiet="on")
    with closing(Adapter(adapted)) as adapter:
        adapter.start(build("loop.c"), SOURCE, LINE)
        assert "recording to .dbg/sessions/" in adapter.typed("dbg-session status")
        assert adapter.quit() == 0
        assert "dbg-session" not in adapter.output()
    assert len(adapted.session().hits()) == 1
