"""Breakpoints are kept with the session, and set again from it: in the same debugger and in the other."""

from __future__ import annotations

import json
import re
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Build, compile_program
from drive import Raw, Session

if TYPE_CHECKING:
    from pathlib import Path

    from drive import Debugger, Step

INSIDE = "stops.cpp:14"  # in `step(i)`, passed three times
IGNORE = Raw(gdb="ignore 2 1", lldb="breakpoint modify --ignore-count 1 2")


def kept(session: Session, columns: str = "kind, form, spec") -> list[tuple[Any, ...]]:
    """The breakpoints of a session, in the order of their making."""
    rows = session.rows("SELECT * FROM breakpoints ORDER BY id")
    return [tuple(row[name] for name in columns.split(", ")) for row in rows]


def restored(output: str) -> dict[str, dict[str, Any]]:
    """What `breakpoints restore --json` said, by what was asked for; the last answer counts."""
    answers = list(re.finditer(r"\{\s*\"session\"", output))
    assert answers, output
    document, _ = json.JSONDecoder().raw_decode(output, answers[-1].start())
    return {one["spec"]: one for one in document["restored"]}


def outcomes(output: str) -> dict[str, str]:
    """The outcome alone."""
    return {spec: one["outcome"] for spec, one in restored(output).items()}


def newest(debugger: Debugger) -> Session:
    """The session that was recorded last."""
    return Session(debugger.session_files()[-1])


# --- Kept -----------------------------------------------------------------------------------------


def test_every_kind_is_kept(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [
        *(f"break {INSIDE} if i >= 0", "break step", "tbreak main", "catch throw", "disable 2", IGNORE),
        *("run", "watch watched", "continue", "dbg-session breakpoints list"),
    ]
    result = debugger.run_script(build("stops.cpp"), steps)
    session = debugger.session()
    assert kept(session, "kind, form, spec, condition, ignore_count, enabled") == [
        ("breakpoint", "line", INSIDE, "i >= 0", 0, 1),
        ("breakpoint", "function", "step", None, 1, 0),
        ("catchpoint", "event", "throw", None, 0, 1),
        ("watchpoint", "expression", "watched", None, 0, 1),
    ]
    (first, *_) = kept(session, "host, function, line, text, hits")
    assert first == (debugger.kind, "step", 14, "watched = doubled;", 1)
    assert "watchpoint" in result.output
    assert "Traceback" not in result.output


def test_a_temporary_one_is_kept_until_it_is_gone(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = ["tbreak main", f"break {INSIDE}", "run", "continue"]
    debugger.run_script(build("stops.cpp"), steps)
    assert kept(debugger.session()) == [("breakpoint", "line", INSIDE)]


def test_one_that_waits_for_a_library_is_kept(debugger: Debugger, build: Build) -> None:
    wait = Raw(gdb="set breakpoint pending on", lldb="script 1")
    debugger.run_script(build("stops.cpp"), [wait, "break not_there_yet", "break main", "run"])
    assert kept(debugger.session(), "spec, locations") == [("not_there_yet", 0), ("main", 1)]


def test_commands_are_kept(debugger: Debugger, build: Build) -> None:
    own = Raw(
        gdb=r"python gdb.breakpoints()[0].commands = 'silent\nprint i'",
        lldb="breakpoint command add --one-liner 'expression i' 1",
    )
    debugger.run_script(build("stops.cpp"), [f"break {INSIDE}", own, "run"])
    ((commands,),) = kept(debugger.session(), "commands")
    assert commands.split() == ["silent", "print", "i"] if debugger.is_gdb else ["expression", "i"]


def test_it_survives_kill_9(debugger: Debugger, build: Build) -> None:
    terminal = debugger.interactive(build("stops.cpp"))
    for step in (f"break {INSIDE} if i > 0", "break main", "run"):
        terminal.do(step)
    terminal.kill()
    assert kept(debugger.session(), "spec, condition") == [(INSIDE, "i > 0"), ("main", None)]


def test_passes_that_do_not_stop_write_nothing(debugger: Debugger, build: Build) -> None:
    debugger.run_script(build("stops.cpp"), [f"break {INSIDE}", "break step if i == 99", "run", *["continue"] * 2])
    assert kept(debugger.session(), "spec, ignore_count") == [(INSIDE, 0), ("step", 0)]
    # Replaced only when something changed: a row's number would have grown.
    assert debugger.session().value("SELECT max(id) FROM breakpoints") <= 4


def test_tracepoints_and_watches_are_kept(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [
        f"dbg-session trace {INSIDE} --if 'i > 0' --every 2 --capture doubled",
        *("dbg-session watch watched", "break main", "run", "continue"),
    ]
    debugger.run_script(build("stops.cpp"), steps)
    session = debugger.session()
    assert kept(session, "kind, spec, condition, function") == [
        ("breakpoint", "main", None, "main"),
        ("tracepoint", INSIDE, "i > 0", "step"),
    ]
    options = json.loads(session.value("SELECT options FROM breakpoints WHERE kind = 'tracepoint'"))
    assert (options["every"], options["captures"]) == (2, ["doubled"])
    assert [tuple(row) for row in session.rows("SELECT expr, allow_calls FROM watches")] == [("watched", 0)]


# --- Set again ------------------------------------------------------------------------------------


def test_yesterdays_breakpoints_come_back(debugger: Debugger, build: Build) -> None:
    program = build("stops.cpp")
    steps: list[Step] = [
        *(f"break {INSIDE} if i == 2", "break step", "catch throw", "disable 2", IGNORE),
        *(f"dbg-session trace {INSIDE} --every 2", "dbg-session watch watched"),
        *("break main", "run", "dbg-session config"),
    ]
    debugger.run_script(program, steps)
    result = debugger.run_script(program, ["break main", "dbg-session breakpoints restore --json", "run", "continue"])
    found = outcomes(result.output)
    assert found == {INSIDE: "set", "step": "set", "throw": "set", "main": "kept", "watched": "set"}
    session = newest(debugger)
    assert kept(session, "kind, spec, condition, ignore_count, enabled") == [
        ("breakpoint", "main", None, 0, 1),
        ("breakpoint", INSIDE, "i == 2", 0, 1),
        ("breakpoint", "step", None, 1, 0),
        ("catchpoint", "throw", None, 0, 1),
        ("tracepoint", INSIDE, None, 0, 1),
    ]
    hits = session.rows("SELECT reason, function FROM breakpoint_hits ORDER BY id")
    assert ("breakpoint", "step") in [tuple(hit) for hit in hits]
    # A second time there is nothing to do.
    again = debugger.run_script(program, ["dbg-session breakpoints restore", "dbg-session breakpoints restore --json"])
    assert set(outcomes(again.output).values()) == {"kept"}


def test_a_watchpoint_comes_back_where_it_is_in_scope(debugger: Debugger, build: Build) -> None:
    program = build("stops.cpp")
    debugger.run_script(program, ["break main", "run", "watch watched", "break step", "continue"])
    restore = "dbg-session breakpoints restore --json"
    result = debugger.run_script(program, ["break main", "run", restore, *["continue"] * 3])
    assert outcomes(result.output)["watched"] == "set"
    assert "watchpoint" in [row[0] for row in newest(debugger).rows("SELECT reason FROM breakpoint_hits")]


def test_what_no_longer_resolves_is_said(debugger: Debugger, build: Build) -> None:
    debugger.run_script(build("stops.cpp"), [f"break {INSIDE}", "break step", "run", "dbg-session save old"])
    result = debugger.run_script(build("loop.c"), ["dbg-session breakpoints restore old --json"])
    answer = restored(result.output)
    named = debugger.run_script(build("loop.c"), ["dbg-session breakpoints restore --session old --json"])
    assert restored(named.output).keys() == answer.keys()
    assert {spec: one["outcome"] for spec, one in answer.items()} == {INSIDE: "pending", "step": "pending"}
    assert answer["step"]["notes"] == ["no function `step` is known; it waits for a library that has one"]


@pytest.mark.any_version
def test_without_an_earlier_session(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = ["break main", "run", "dbg-session breakpoints restore"]
    result = debugger.run_script(build("loop.c"), steps)
    assert re.search(r"no earlier session of .*/loop keeps breakpoints; `dbg-session list` shows", result.output)
    assert "Traceback" not in result.output


@pytest.mark.any_version
def test_an_unknown_label(debugger: Debugger, build: Build) -> None:
    result = debugger.run_script(build("loop.c"), ["dbg-session breakpoints restore nothing"])
    assert "there is no session `nothing`" in result.output


@pytest.mark.parametrize("host", ["gdb", "lldb"])
def test_from_the_other_debugger(debugger: Debugger, build: Build, host: str) -> None:
    program = build("stops.cpp")
    debugger.run_script(
        program, [f"break {INSIDE} if i == 1", "break step", "catch throw", "run", "dbg-session save o"]
    )
    # Whoever recorded it, these are the same words; commands are not.
    with sqlite3.connect(debugger.cwd / ".dbg" / "sessions" / "o.db") as connection:
        connection.execute("UPDATE breakpoints SET host = ?", (host,))
        connection.execute("UPDATE breakpoints SET commands = 'print i' WHERE spec = ?", (INSIDE,))
    connection.close()
    result = debugger.run_script(program, ["dbg-session breakpoints restore o --json", "run", "continue"])
    answer = restored(result.output)
    assert {one["outcome"] for one in answer.values()} == {"set"}
    left_out = "its commands are of another debugger and were left out"
    assert (left_out in answer[INSIDE]["notes"]) == (host != debugger.kind)


# --- In a program that was built anew -------------------------------------------------------------

OLD = """\
#include <stdio.h>
int other(int n) {
    n += 1;
    return n;
}
int work(int n) {
    n += 1;
    n *= 2;
    return n;
}
int main(void) { printf("%d\\n", other(1) + work(2)); return 0; }
"""


def rebuilt(debugger: Debugger, old: str, new: str, breaks: list[str]) -> str:
    """Record with the old source, build the new one, restore, and return what was said."""
    source: Path = debugger.cwd / "moved.c"
    source.write_text(old)
    compile_program(source, debugger.cwd / "moved", ())
    debugger.run_script(debugger.cwd / "moved", [*(f"break {one}" for one in breaks), "run"])
    source.write_text(new)
    compile_program(source, debugger.cwd / "moved", ())
    result = debugger.run_script(debugger.cwd / "moved", ["dbg-session breakpoints restore --json", "run", "continue"])
    assert "Traceback" not in result.output
    return result.output


def test_a_line_that_moved_is_followed(debugger: Debugger) -> None:
    new = OLD.replace("int work", "/* new */\n/* lines */\nint work")
    answer = restored(rebuilt(debugger, OLD, new, ["moved.c:8", "moved.c:3", "work"]))
    assert answer["moved.c:8"]["outcome"] == "moved"
    assert answer["moved.c:8"]["notes"] == ["line 8 is line 10 now: `n *= 2;`"]
    assert answer["moved.c:3"]["outcome"] == "set"
    assert answer["work"]["outcome"] == "set"
    assert ("moved.c", 10) in kept(newest(debugger), "file, line")


def test_a_line_is_looked_for_in_its_function(debugger: Debugger) -> None:
    # `n += 1;` stands in both: each breakpoint stays with its own.
    new = OLD.replace("int other", "/* new */\nint other")
    answer = restored(rebuilt(debugger, OLD, new, ["moved.c:3", "moved.c:7"]))
    assert answer["moved.c:3"]["notes"] == ["line 3 is line 4 now: `n += 1;`"]
    assert answer["moved.c:7"]["notes"] == ["line 7 is line 8 now: `n += 1;`"]


def test_a_line_that_is_gone_is_said(debugger: Debugger) -> None:
    answer = restored(rebuilt(debugger, OLD, OLD.replace("n *= 2", "n *= 3"), ["moved.c:8"]))
    assert answer["moved.c:8"]["outcome"] == "set"
    assert answer["moved.c:8"]["notes"] == ["line 8 was `n *= 2;` and reads `n *= 3;` now"]


def test_tracepoints_with_other_options_come_back(debugger: Debugger, build: Build) -> None:
    program = build("stops.cpp")
    traces = ["", " --every 2", " --capture i", " --capture doubled", " --stack 1", " --until-value 'i == 99'"]
    steps: list[Step] = [f"dbg-session trace {INSIDE}{options}" for options in traces]
    debugger.run_script(program, [*steps, "break main", "run"])
    result = debugger.run_script(
        program, [steps[1], "dbg-session breakpoints restore --json", "dbg-session trace list --json"]
    )
    begin = re.search(r"\{\s*\"session\"", result.output)
    assert begin, result.output
    document, _ = json.JSONDecoder().raw_decode(result.output, begin.start())
    found = [one["outcome"] for one in document["restored"] if one["kind"] == "tracepoint"]
    assert found == ["set", "kept", "set", "set", "set", "set"]
