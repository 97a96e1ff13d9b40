"""Watches: expressions evaluated at each hit, without running code in the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from conftest import Build, at
from drive import Raw
from test_trace import traced

if TYPE_CHECKING:
    from drive import Debugger, Step

INNER = at("watched.cpp", "inner")
AFTER = at("watched.cpp", "after")
END = at("watched.cpp", "end")


def watched(debugger: Debugger) -> list[tuple[int, str, Any]]:
    """(hit, expression, value) of all that was evaluated."""
    rows = debugger.session().rows("SELECT hit_id, expr, value FROM watch_evals ORDER BY id")
    return [tuple(row) for row in rows]


def test_at_real_stops_and_at_tracepoints(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [
        *("dbg-session watch p.x + i", "dbg-session watch *row@2", "dbg-session watch nosuch"),
        *(f"dbg-session trace {INNER} --if 'i == 1'", f"break {AFTER} if p.x == 1", "run", "continue"),
    ]
    traced(debugger, build, steps, "watched.cpp")
    found = watched(debugger)
    expected = [(hit, "*row@2", "{7, 8}") for hit in (1, 2, 3)] + [
        (hit, "nosuch", "<not in scope>") for hit in (1, 2, 3)
    ]
    assert [row for row in found if row[1] != "p.x + i"] == sorted(expected)
    sums = [row[2] for row in found if row[1] == "p.x + i"]
    assert sums == ["1", "2", "<not in scope>"]


def test_what_would_call_is_refused_where_that_is_known(debugger: Debugger, build: Build) -> None:
    answers = []
    for what in ("twice(2)", "p.sum()"):
        steps: list[Step] = [f"break {AFTER}", "run", f"dbg-session watch {what}", "dbg-session watch list"]
        answers.append(traced(debugger, build, steps, "watched.cpp").output)
    assert "`twice(2)` cannot be watched: it would call a function of the program" in answers[0]
    assert "`p.sum()` cannot be watched: it would call a function of the program" in answers[1]
    assert all("--allow-calls" in answer for answer in answers)


def test_what_would_call_is_said_at_its_first_evaluation(debugger: Debugger, build: Build) -> None:
    result = traced(debugger, build, ["dbg-session watch twice(2)", f"break {END}", "run", "continue"], "watched.cpp")
    assert watched(debugger) == [(1, "twice(2)", "<it would call a function of the program>")]
    assert "calls 1, total" in result.output


@pytest.mark.usefixtures("calling")
def test_calls_that_are_allowed(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [
        *("dbg-session watch --allow-calls twice(21)", f"dbg-session trace {INNER} --max 1"),
        *("dbg-session trace twice --if 'n == 21'", f"break {END}", "run", "dbg-session watch list", "continue"),
    ]
    result = traced(debugger, build, steps, "watched.cpp")
    assert watched(debugger) == [
        (1, "twice(21)", "<it may call functions of the program, which is done at real stops only>"),
        (2, "twice(21)", "42"),
    ]
    assert "calls 2, total" in result.output
    assert [hit["reason"] for hit in debugger.session().hits()] == ["tracepoint", "breakpoint"]


@pytest.mark.any_version
def test_what_would_change_the_program_is_refused(debugger: Debugger, build: Build) -> None:
    result = traced(debugger, build, ["dbg-session watch 'total = 3'"], "watched.cpp")
    assert "`total = 3` would change the program at each hit; `==` compares." in result.output


def test_listed_and_deleted(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [
        *("dbg-session watch calls", "dbg-session watch p.x", "dbg-session watch delete 1", "dbg-session watch list"),
        *(f"break {AFTER}", "run", "dbg-session show"),
    ]
    result = traced(debugger, build, steps, "watched.cpp")
    assert "watch 1: calls" in result.output
    assert "watch 1 deleted" in result.output
    assert watched(debugger) == [(1, "p.x", "0")]
    assert "Watches" in result.output


def test_no_code_of_the_program_is_run(debugger: Debugger, build: Build) -> None:
    # An index into a vector is a call in GDB; LLDB shows the element without one.
    steps: list[Step] = [
        "dbg-session watch list[1]",
        f"break {AFTER}",
        "run",
        Raw(gdb="delete", lldb="breakpoint disable 1"),
    ]
    result = traced(debugger, build, [*steps, "continue"], "watched.cpp")
    ((_, _, value),) = watched(debugger)
    assert value in {"2", "<it would call a function of the program>"} or value.startswith("<")
    assert "calls 1, total" in result.output
