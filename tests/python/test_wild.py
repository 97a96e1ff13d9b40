"""Values that must not hurt a debugger: huge, uninitialised, endless, ten thousand of them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from conftest import PROGRAMS, Build
from dbg_session.host.data import MOST_NAMES
from dbg_session.values.reader import MOST_VALUES

if TYPE_CHECKING:
    import sqlite3

    from drive import Debugger, Session

GARBAGE_NAMES = ("map", "vector", "string", "hash", "list", "deque", "shared")


def stop_at(name: str) -> str:
    """The line marked `STOP name`."""
    lines = (PROGRAMS / "wild.cpp").read_text().splitlines()
    return next(f"wild.cpp:{n}" for n, line in enumerate(lines, start=1) if line.endswith(f"// STOP {name}"))


def values(hit: sqlite3.Row) -> dict[str, Any]:
    """The values of a hit by name, with their statuses."""
    found: dict[str, Any] = json.loads(hit["locals_json"])
    return found


def record(debugger: Debugger, build: Build, names: list[str], stops: int) -> Session:
    """Stop at the marked lines, and at one more after them."""
    breaks = [f"break {stop_at(name)}" for name in names]
    steps = [*breaks, "run", *["continue"] * (stops - 1), "print 6 * 7"]
    result = debugger.run_script(build("wild.cpp"), steps, timeout=100)
    assert re.search(r"= 42\b", result.output), "the debugger is alive"
    assert "Traceback" not in result.output
    session = debugger.session()
    assert len(session.hits()) == stops
    return session


def check_huge_and_many(huge: dict[str, Any], many: dict[str, Any], endless: dict[str, Any]) -> None:
    for name in ("array", "on_stack"):
        assert huge[name]["status"] == "truncated", name
    assert huge["array"]["count"] == 1 << 20
    for name in ("map", "hash", "maps", "list", "text"):
        assert many[name]["status"] in ("truncated", "error", "unavailable"), name
        assert len(many[name]["value"]) <= 600
    assert endless["node"]["value"].startswith("0x")
    assert endless["ring"]["value"] in ("{1, 2, 3}", "{...}")


def check_garbage(got: dict[str, Any], fill: str) -> None:
    assert got["fill"]["value"] == fill
    for name in GARBAGE_NAMES:
        assert len(got[name]["value"]) <= 600, name
    if fill != "0":
        # Two equal pointers are an empty vector, whatever they are.
        assert {name for name in GARBAGE_NAMES if "status" not in got[name]} <= {"vector"}
        assert got["vector"]["value"] in ("{}", "<uninitialized>")
    # Declared after the line that was reached: not to be taken for values.
    for name in ("late_map", "late_vector", "late_string"):
        assert got[name]["status"] == "uninitialized?", (fill, name, got[name])


def test_wild_values_are_recorded_and_marked(debugger: Debugger, build: Build) -> None:
    # On a machine that is slow or has other things to do, time would run out before the marks.
    debugger.configure(**{"capture.budget-ms": "10000"})
    session = record(debugger, build, ["huge", "many", "garbage", "endless", "recurse", "locals"], 8)
    hits = session.hits()
    huge, many, zeros, ones, noise, endless, recursion, ten_thousand = map(values, hits)
    check_huge_and_many(huge, many, endless)
    for got, fill in ((zeros, "0"), (ones, "255"), (noise, "90")):
        check_garbage(got, fill)
    assert recursion["depth"]["value"] == "0"
    assert 10 < len(ten_thousand) <= 10_001
    read = [value for name, value in ten_thousand.items() if "status" not in value and name.startswith("v")]
    assert {value["value"] for value in read} == {"0"}
    # Whatever they hold, and however fast the machine is, a hit has room for so many values.
    assert max(hit["locals_json"].count('"value":') for hit in hits) <= MOST_VALUES


def test_a_frame_is_cut_when_its_time_is_over(debugger: Debugger, build: Build) -> None:
    # Next to no time, and more elements to read than a hit has room for: time must run out first.
    debugger.configure(**{"capture.budget-ms": "1", "capture.children": "100000"})
    hits = record(debugger, build, ["huge", "many", "locals"], 3).hits()
    assert hits[0]["locals_json"].count('"value":') < MOST_VALUES
    huge, many, ten_thousand = map(values, hits)
    # Nothing that was not read, or not whole, looks as if it was.
    assert [huge[name]["status"] for name in ("array", "on_stack")] == ["truncated"] * 2
    assert [many[name]["status"] for name in ("map", "hash", "maps", "list", "text")] == ["truncated"] * 5
    assert len(ten_thousand) == MOST_NAMES + 1
    assert ten_thousand.pop("...")["status"] == "truncated"
    told = {(value.get("status"), value["value"]) for value in ten_thousand.values()}
    assert told <= {(None, "0"), ("truncated", "<not read>")}
