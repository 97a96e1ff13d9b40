"""The plugin at work: load it, debug as always, and find the hits in the session file."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

from conftest import Build, at
from drive import PLUGIN, Raw

if TYPE_CHECKING:
    import sqlite3

    from drive import Debugger


def values(hit: sqlite3.Row) -> dict[str, Any]:
    """The values of a hit as plain text by name."""
    return {name: value["value"] for name, value in json.loads(hit["locals_json"]).items()}


def test_loading_prints_nothing_and_makes_nothing(debugger: Debugger) -> None:
    result = debugger.run_script(None, ["echo loaded"])
    assert "loaded" in result.output
    assert "dbg-session" not in result.output
    assert "Traceback" not in result.output
    assert "error" not in result.output.lower()
    assert not (debugger.cwd / ".dbg").exists()


def test_loading_twice_is_loading_once(debugger: Debugger, build: Build) -> None:
    again = Raw(gdb=debugger.load_line, lldb=debugger.load_line)
    result = debugger.run_script(build("loop.c"), [again, f"break {at('loop.c', 'squared')}", "run", again, "continue"])
    assert [hit["hit_seq"] for hit in debugger.session().hits()] == [1, 2]
    assert result.output.count("[dbg-session] kept session") == 1


def test_an_interpreter_without_the_module_is_one_sentence(debugger: Debugger) -> None:
    """A package that was damaged does not break the debugger."""
    broken = debugger.home / "dbg_session"
    shutil.copytree(PLUGIN, broken, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    debugger.dotfile.write_text(debugger.load_line.replace(str(PLUGIN), str(broken)) + "\n")
    result = debugger.run_script(None, ["echo still here"])
    assert "still here" in result.output
    assert "Traceback" not in result.output
    assert "dbg-session" in result.output


def test_each_hit_of_a_breakpoint_is_recorded_with_its_values(debugger: Debugger, build: Build) -> None:
    debugger.run_script(build("loop.c"), [f"break {at('loop.c', 'squared')}", "run", *["continue"] * 5])
    hits = debugger.session().hits()
    assert [hit["hit_seq"] for hit in hits] == [1, 2, 3, 4, 5]
    assert [values(hit)["n"] for hit in hits] == ["1", "2", "3", "4", "5"]
    assert [values(hit)["result"] for hit in hits] == ["1", "4", "9", "16", "25"]
    assert {hit["function"] for hit in hits} == {"square"}
    assert {hit["reason"] for hit in hits} == {"breakpoint"}


def test_a_source_inside_the_working_folder_has_a_relative_key(debugger: Debugger, build: Build) -> None:
    program = build("loop.c", into=debugger.cwd)
    debugger.run_script(program, [f"break {at('loop.c', 'squared')}", "run"])
    assert debugger.session().value("SELECT location_key FROM breakpoint_hits") == at("loop.c", "squared")


def test_only_true_conditions_are_hits(debugger: Debugger, build: Build) -> None:
    debugger.run_script(build("loop.c"), [f"break {at('loop.c', 'squared')} if n == 4", "run", "continue"])
    assert [values(hit)["n"] for hit in debugger.session().hits()] == ["4"]


def test_steps_are_not_hits(debugger: Debugger, build: Build) -> None:
    debugger.run_script(build("loop.c"), ["tbreak square", "run", "next", "next", "next", "step"])
    assert len(debugger.session().hits()) == 1


def test_four_threads_lose_no_hit(debugger: Debugger, build: Build) -> None:
    steps = [f"break {at('threads.c', 'work')}", "run", *["continue"] * 110]
    debugger.run_script(build("threads.c"), steps, timeout=110)
    session = debugger.session()
    assert session.value("SELECT count(*) FROM breakpoint_hits") == 100
    assert session.value("SELECT count(DISTINCT hit_seq) FROM breakpoint_hits") == 100
    assert [row[0] for row in session.rows("SELECT count(*) FROM breakpoint_hits GROUP BY tid")] == [25, 25, 25, 25]


def test_a_fatal_signal_is_a_hit(debugger: Debugger, build: Build) -> None:
    debugger.run_script(build("crash.c"), ["run"])
    (hit,) = debugger.session().hits()
    assert hit["reason"] == "signal"
    assert "SIGSEGV" in hit["detail"]
    assert values(hit)["total"] == "3"


def test_a_session_without_hits_leaves_nothing(debugger: Debugger, build: Build) -> None:
    debugger.run_script(build("loop.c"), ["break main if 1 == 2", "run"])
    assert debugger.session_files() == []


def test_shown_hits_survive_kill(debugger: Debugger, build: Build) -> None:
    terminal = debugger.interactive(build("loop.c"))
    terminal.do(f"break {at('loop.c', 'squared')}")
    terminal.do("run")
    terminal.do("continue")
    terminal.kill()
    assert [values(hit)["n"] for hit in debugger.session().hits()] == ["1", "2"]


def test_a_locale_without_many_letters_is_enough(debugger: Debugger, build: Build) -> None:
    questions = ["dbg-session hits --help", "dbg-session show", "dbg-session hit-trend square n"]
    steps = [f"break {at('loop.c', 'squared')}", "run", *questions]
    result = debugger.run_script(build("loop.c"), steps, LC_ALL="C")
    assert "not loaded" not in result.output
    assert any(sign in result.output for sign in ("plot", "at hit 1"))
    assert "Exception" not in result.output
    assert [values(hit)["n"] for hit in debugger.session().hits()] == ["1"]


def test_gdb_loads_it_from_a_script_of_python(gdb: Debugger, build: Build) -> None:
    gdb.without_plugin()
    script = gdb.cwd / "run.py"
    script.write_text(f"import gdb\ngdb.execute({gdb.load_line!r})\ngdb.execute('dbg-session status')\n")
    result = gdb.run_script(build("loop.c"), [f"source {script}"])
    assert "not loaded" not in result.output
    assert "No module" not in result.output
    assert "Undefined command" not in result.output


def test_whatever_commands_ask_of_a_debugger_has_an_answer(debugger: Debugger) -> None:
    told = "print('asked', sorted(_native.requests())); print('answered', sorted(plugin._requests))"
    found = (
        "from dbg_session import _native; from dbg_session.plugin.plugin import _loaded; (plugin,) = _loaded.values()"
    )
    code = f"{found}; {told}"
    output = debugger.run_script(None, [Raw(gdb=f"python {code}", lldb=f"script {code}")]).output
    said = dict(re.findall(r"^(asked|answered) (.*)$", output, re.MULTILINE))
    assert said["asked"] == said["answered"]
    assert "trace_add" in said["asked"]
