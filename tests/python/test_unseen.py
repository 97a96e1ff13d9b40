"""What GDB, LLDB and the user's own printers say while values are read is not seen, and leaves nothing behind."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from conftest import PROGRAMS, Build, at
from drive import Raw
from test_nothing_called import FORMATTERS, PLAIN
from test_values import PATIENT, shown

if TYPE_CHECKING:
    from pathlib import Path

    from drive import Debugger, Step

HALF, TORN, WHOLE = (at("halves.cpp", mark) for mark in ("half", "torn", "whole"))
# What the plugin may print, and what differs from process to process.
OURS = re.compile(r"^(\[dbg-session\]|Waiting for background tasks).*\n", re.MULTILINE)
CHANGING = re.compile(r"Process \d+|pid=\"\d+\"|thread-group[^,]*,|process \d+|0x[0-9a-f]{6,}|tid = \d+|,core=\"\d+\"")
# History, a setting that a printer tried to change, and the printers asked by the user himself.
AFTER: list[Step] = [
    "print 1 + 1",
    Raw(gdb="print $$2", lldb="print 3"),
    Raw(gdb="show listsize", lldb="print 4"),
    Raw(gdb="show convenience", lldb="print 5"),
    "print loud",
    "print 6",
]


def screen(debugger: Debugger, program: Path, steps: list[Step]) -> str:
    """All that is printed, less what is the plugin's and what changes from run to run."""
    output = debugger.run_script(program, steps).output
    assert "Traceback" not in output or "SAD RAISES" in output
    return CHANGING.sub("…", OURS.sub("", output))


def both(debugger: Debugger, program: Path, steps: list[Step]) -> tuple[str, str]:
    """The screen with the plugin, and without it."""
    # Under load the default budget is not enough for all values.
    debugger.run_script(None, [PATIENT])
    with_us = screen(debugger, program, steps)
    debugger.without_plugin()
    return with_us, screen(debugger, program, steps)


def test_printers_are_not_seen_to_be_asked(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [PLAIN, FORMATTERS, "print 42", f"break {WHOLE}", "run", *AFTER, "continue", *AFTER, "continue"]
    with_us, without = both(debugger, build("halves.cpp"), steps)
    assert with_us == without
    first, *_ = debugger.session().hits()
    values = shown(first)
    assert values["loud"].text.startswith("loud 0 ")
    assert values["loud"].text.endswith("42")
    assert values["sad.x"].text == "1"
    assert values["kids.one"].text == "2"
    assert values["quits.x"].text == "3"


def test_a_printer_that_does_not_return(debugger: Debugger, build: Build) -> None:
    looping = PROGRAMS / "looping.py"
    source = Raw(gdb=f"source {looping}", lldb=f'command script import "{looping}"')
    # The hits after the first are to be whole also on a machine that is slow.
    budget = "dbg-session config capture.budget-ms 1000"
    # LLDB would ask for the arguments that it shows at a stop.
    steps: list[Step] = [PLAIN, budget, source, f"break {WHOLE}", "run", "continue", "continue", "print 1 + 1"]
    result = debugger.run_script(build("halves.cpp"), steps)
    assert result.output.count("it is not asked any more") == 1, result.output
    # It took the time of the first hit, which is marked; the others are whole.
    first, *others = (shown(hit) for hit in debugger.session().hits())
    assert first["loud"].status == "truncated", first
    assert [values["loud.x"].text for values in others] == ["1", "2"]


def test_nothing_is_said_of_objects_that_are_not_whole(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [f"break {HALF}", f"break {TORN}", f"break {WHOLE}", "run", *["continue"] * 4, "print 1"]
    with_us, without = both(debugger, build("halves.cpp"), steps)
    assert with_us == without
    half = shown(debugger.session().hits()[0])
    assert [half[name].text for name in ("self", "me.b", "this.b")][1:] == ["2", "2"]
    assert debugger.session().value("SELECT count(*) FROM breakpoint_hits WHERE error IS NOT NULL") == 0


def test_nothing_is_said_to_a_program_that_drives_gdb(gdb: Debugger, build: Build) -> None:
    commands = [
        *(f'-interpreter-exec console "source {PROGRAMS / "misbehaving.py"}"', "-gdb-set print frame-arguments none"),
        *(f"-break-insert {HALF}", f"-break-insert {WHOLE}", "-gdb-set mi-async off", "-exec-run"),
        *("-exec-continue", "-exec-continue", "-data-evaluate-expression 1+1", '-interpreter-exec console "print 1"'),
    ]

    def mi() -> list[str]:
        done = subprocess.run(
            [gdb.program, "-q", "-i=mi", "-iex", "set debuginfod enabled off", build("halves.cpp")],
            input="\n".join([*commands, "-gdb-exit"]) + "\n",
            cwd=gdb.cwd,
            env=gdb.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return [CHANGING.sub("…", line) for line in done.stdout.splitlines() if "dbg-session" not in line]

    with_us = mi()
    if gdb.name == "gdb-system":  # docs/differences.md: it tells of the setting that forbids calls
        told = [line for line in with_us if "may-call-functions" in line]
        with_us = [line for line in with_us if "may-call-functions" not in line]
        assert len(told) <= 2 * len(gdb.session().hits())
    gdb.without_plugin()
    assert with_us == mi()
    assert [line for line in with_us if "$1" in line]
