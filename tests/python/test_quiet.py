"""With `config quiet on` the screen is as without the plugin; what would have been said is in `status`."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from conftest import Build, at
from drive import PLUGIN, Raw

if TYPE_CHECKING:
    from pathlib import Path

    from drive import Debugger, Step, Terminal

HERE, END = at("loop.c", "squared"), at("loop.c", "end")
# What differs from process to process, and how LLDB's and the program's own lines fall between each other.
CHANGING = re.compile(r"[Pp]rocess \d+|\b0x[0-9a-f]{5,}|tid = \w+|Process \d+ resuming")
FIVE: list[Step] = [f"break {HERE}", "run", *["continue"] * 5]


def screen(debugger: Debugger, program: Path, steps: list[Step]) -> list[str]:
    """The lines that a script prints, in some order: the program's own may come in between anywhere."""
    return sorted(CHANGING.sub("…", debugger.run_script(program, steps).output).splitlines())


def test_nothing_is_printed_from_load_to_quit(debugger: Debugger, build: Build) -> None:
    debugger.configure(quiet="on")
    quiet = screen(debugger, build("loop.c"), FIVE)
    assert len(debugger.session().hits()) == 5
    debugger.without_plugin()
    assert quiet == screen(debugger, build("loop.c"), FIVE)


def test_nothing_is_printed_at_a_terminal(debugger: Debugger, build: Build) -> None:
    def typed(terminal: Terminal) -> list[str]:
        for step in (f"break {HERE}", "run", "continue", f"break {END}", "delete 1", "continue", "continue"):
            terminal.do(step)
        return sorted(CHANGING.sub("…", terminal.quit().output).splitlines())

    debugger.configure(quiet="on")
    quiet = typed(debugger.interactive(build("loop.c")))
    assert len(debugger.session().hits()) == 3
    debugger.without_plugin()
    assert quiet == typed(debugger.interactive(build("loop.c")))


def test_no_failure_is_printed_but_in_status(debugger: Debugger, build: Build) -> None:
    debugger.configure(quiet="on")
    state = debugger.home / "state"
    for path in (debugger.cwd / ".dbg", debugger.home / ".local", state):
        path.write_text("in the way")
    told = debugger.run_script(build("loop.c"), [*FIVE[:2], "dbg-session status"], XDG_STATE_HOME=str(state)).output
    assert re.search(r"^unsaid: .*cannot write to .*", told, re.MULTILINE), told
    assert "[dbg-session]" not in told
    quiet = screen(debugger, build("loop.c"), FIVE)
    debugger.without_plugin()
    assert quiet == screen(debugger, build("loop.c"), FIVE)


def test_a_mistake_of_ours_is_in_status_too(debugger: Debugger, build: Build) -> None:
    debugger.configure(quiet="on")
    broken = "import dbg_session.plugin.capture as c; c.capture = None"
    steps: list[Step] = [Raw(gdb=f"python {broken}", lldb=f"script {broken}"), *FIVE[:2], "dbg-session status"]
    told = debugger.run_script(build("loop.c"), steps).output
    assert re.search(r"^unsaid: .*a stop was not recorded: TypeError: .*", told, re.MULTILINE), told
    assert told.count("TypeError") == 1


def test_tracepoints_and_what_they_say_are_in_status(debugger: Debugger, build: Build) -> None:
    debugger.configure(quiet="on")
    steps: list[Step] = [f"dbg-session trace {HERE} --max 2", f"break {END}", "run", "dbg-session status --json"]
    told = debugger.run_script(build("loop.c"), steps).output
    assert "[dbg-session]" not in told
    assert "is removed: it recorded 2 hits, as --max wanted" in told.partition('"unsaid"')[2]


def test_quiet_is_switched_on_and_off_in_the_debugger(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = ["dbg-session config quiet on", *FIVE[:2], "dbg-session config quiet off"]
    told = debugger.run_script(build("loop.c"), steps).output
    assert "recording to" not in told
    assert "[dbg-session] kept session" in told


def test_a_plugin_that_cannot_be_loaded_says_nothing(debugger: Debugger) -> None:
    broken = shutil.copytree(PLUGIN, debugger.home / "dbg_session", ignore=shutil.ignore_patterns("*.so"))
    debugger.dotfile.write_text(debugger.load_line.replace(str(PLUGIN), str(broken)) + "\n")
    assert "[dbg-session] not loaded: " in debugger.run_script(None, ["echo here"]).output
    debugger.configure(quiet="on")
    told = debugger.run_script(None, ["echo here"]).output
    debugger.without_plugin()
    assert told == debugger.run_script(None, ["echo here"]).output
