"""Hits that LLDB tells nobody of are found by their count; no pass is lost, and none is made up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import Build, at
from drive import Raw

if TYPE_CHECKING:
    import sqlite3

    from drive import Debugger, Step

INSIDE = at("loop.c", "squared")
LOOP = at("loop.c", "loop")
END = at("loop.c", "end")


def only(lldb: str) -> Step:
    """A step that GDB has nothing like."""
    return Raw("", lldb)


def seen(hit: sqlite3.Row) -> tuple[str, str | None]:
    """The line of a hit, and `n` or how it was read."""
    named = json.loads(hit["locals_json"] or "{}").get("n")
    return str(hit["location_key"]).rpartition("/")[2], named["value"] if named else hit["read"]


def test_passes_between_stops_come_before_the_stop(lldb: Debugger, build: Build) -> None:
    steps = [f"break {INSIDE}", only("breakpoint command add -o 'print n' -o continue 1"), f"break {END}", "run"]
    lldb.run_script(build("loop.c"), steps)
    hits = lldb.session().hits()
    assert [seen(hit) for hit in hits] == [(INSIDE, "passed-by")] * 5 + [(END, None)]
    assert [hit["hit_seq"] for hit in hits] == [1, 2, 3, 4, 5, 1]
    assert [hit["tid"] for hit in hits[:5]] == [hits[5]["tid"]] * 5


def test_a_breakpoint_that_goes_on_later(lldb: Debugger, build: Build) -> None:
    on = only("breakpoint modify --auto-continue true 1")
    lldb.run_script(build("loop.c"), [f"break {INSIDE}", f"break {END}", "run", "continue", on, "continue"])
    found = [seen(hit) for hit in lldb.session().hits()]
    assert found == [(INSIDE, "1"), (INSIDE, "2"), *[(INSIDE, "passed-by")] * 3, (END, None)]


def test_ignored_passes_and_false_conditions_are_no_hits(lldb: Debugger, build: Build) -> None:
    on, ignore = only("breakpoint modify --auto-continue true 1"), only("breakpoint modify --ignore-count 3 2")
    steps = [f"break {INSIDE} if n > 1", on, f"break {LOOP}", ignore, f"break {END}", "run", "continue", "continue"]
    lldb.run_script(build("loop.c"), steps)
    found = [seen(hit) for hit in lldb.session().hits()]
    assert found.count((INSIDE, "passed-by")) == 4
    assert found.count((LOOP, None)) == 2
    assert len(found) == 7


@pytest.mark.usefixtures("calling")
def test_what_an_expression_ignores_is_no_hit(lldb: Debugger, build: Build) -> None:
    look: list[Step] = ["print square(3)", "print square(4)", "print 2 * 3"]
    lldb.run_script(build("loop.c"), [f"break {LOOP}", f"break {INSIDE}", "run", *look, "continue", *look, "continue"])
    found = [seen(hit) for hit in lldb.session().hits()]
    assert found == [(LOOP, None), (INSIDE, "1"), (LOOP, None)]


@pytest.mark.usefixtures("calling")
@pytest.mark.parametrize("asked", [True, False], ids=["looked_at", "gone_on"])
def test_an_expression_that_a_breakpoint_interrupts(lldb: Debugger, build: Build, asked: bool) -> None:
    # As a script does it, for which it is no error.
    code = "lldb.debugger.GetCommandInterpreter().HandleCommand('expression -i false -- square(7)', {0})"
    interrupted = only(f"script {code.format('lldb.SBCommandReturnObject()')}")
    steps = [f"break {LOOP}", f"break {INSIDE}", "run", interrupted]
    lldb.run_script(build("loop.c"), [*steps, *(["dbg-session status"] if asked else []), "continue", "continue"])
    found = [seen(hit) for hit in lldb.session().hits()]
    assert found[:2] == [(LOOP, None), (INSIDE, "7" if asked else "passed-by")]


def test_a_callback_that_says_no_is_like_a_condition(lldb: Debugger, build: Build) -> None:
    (lldb.cwd / "own.py").write_text("def no(frame, location, session):\n    return False\n")
    steps = [only("command script import own.py"), f"break {INSIDE}", only("breakpoint command add -F own.no 1")]
    lldb.run_script(build("loop.c"), [*steps, f"break {END}", "run"])
    assert [seen(hit) for hit in lldb.session().hits()] == [(END, None)]


def test_stops_that_were_missed_while_the_hook_was_gone(lldb: Debugger, build: Build) -> None:
    gone = only(f"target {'hook' if lldb.name == 'lldb-23' else 'stop-hook'} delete")
    lldb.run_script(
        build("loop.c"), [f"break {INSIDE}", "run", gone, *["continue"] * 2, "dbg-session hits", "continue"]
    )
    found = [seen(hit) for hit in lldb.session().hits()]
    assert found == [(INSIDE, "1"), (INSIDE, "passed-by"), (INSIDE, "3"), (INSIDE, "4")]
