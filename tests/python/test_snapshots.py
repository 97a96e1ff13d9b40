"""Tracepoints read most hits without the debugger: as the debugger reads them, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import Build, at
from test_trace import traced, tracepoints
from test_values import OPTIMIZED, PATIENT

if TYPE_CHECKING:
    from drive import Debugger, Step

# Of forty hits the debugger is asked for those that are powers of two.
CHECKED = 6
SAME = ("function", "location_key", "pc", "stack_id", "thread", "tid", "thread_name")


def both_ways(debugger: Debugger, build: Build, program: str, place: str, *flags: str, times: int = 40) -> int:
    """A tracepoint and a breakpoint at one place see the same; answers how many hits were raw."""
    steps: list[Step] = [PATIENT, f"dbg-session trace {place}", f"break {place}", "run", *["continue"] * (times - 1)]
    steps.append("dbg-session trace list --json")
    (one,) = tracepoints(traced(debugger, build, steps, program, *flags))
    hits = debugger.session().hits()
    raw, stopped = ([hit for hit in hits if (hit["reason"] == "tracepoint") is way] for way in (True, False))
    assert len(raw) == len(stopped) == one["recorded"] == times
    for here, there in zip(raw, stopped):
        assert json.loads(here["locals_json"]) == json.loads(there["locals_json"]), here["hit_seq"]
        assert [here[c] for c in SAME] == [there[c] for c in SAME]
    assert one["raw"] or one["notes"], one
    return int(one["raw"])


@pytest.mark.parametrize(
    ("program", "line"),
    [("raw.c", "here"), ("raw.cpp", "here"), ("raw.cpp", "template"), ("raw.rs", "here")],
)
def test_the_same_as_the_debugger(debugger: Debugger, build: Build, program: str, line: str) -> None:
    times = 80 if line == "template" else 40
    assert both_ways(debugger, build, program, at(program, line), times=times) >= times - 2 * CHECKED - 2


@pytest.mark.parametrize(
    ("program", "place"),
    [("raw.c", at("raw.c", "here")), ("raw.cpp", "pass_by"), ("raw.rs", at("raw.rs", "here"))],
)
def test_the_same_in_optimized_code(debugger: Debugger, build: Build, program: str, place: str) -> None:
    # Whether a hit is raw depends on what the compiler left; that it is right does not.
    both_ways(debugger, build, program, place, *OPTIMIZED[Path(program).suffix])


def test_what_differs_late_is_seen(debugger: Debugger, build: Build) -> None:
    """References to nothing, and more strings than are taken at once, at hits that nobody checks."""
    here = at("raw_hard.cpp", "here")
    assert both_ways(debugger, build, "raw_hard.cpp", here, times=24) >= 1


def test_short_stacks_are_their_own(debugger: Debugger, build: Build) -> None:
    """A stack cut off within inlined functions is no longer where more is wanted, and no longer than asked for."""
    steps: list[Step] = [PATIENT, "dbg-session trace leaf --stack 2", "dbg-session trace leaf", "run"]
    steps.append("dbg-session trace list --json")
    tracepoints_ = tracepoints(traced(debugger, build, steps, "raw_hard.cpp", "-O1"))
    assert all(one["raw"] for one in tracepoints_), tracepoints_
    session = debugger.session()
    for one in tracepoints_:
        rows = session.rows("SELECT stack_id FROM breakpoint_hits WHERE breakpoint = ?", one["number"])
        assert len(rows) == one["recorded"] == 24
        assert len({row["stack_id"] for row in rows}) == 1
