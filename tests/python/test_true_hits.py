"""A hit is what a breakpoint stopped: not a step that ends where one is, with all its reasons not to stop."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conftest import Build, at
from drive import Raw

if TYPE_CHECKING:
    from pathlib import Path

    from drive import Debugger, Step

# In `step(i)` of stops.cpp, one after the other; passed three times.  The first is at the same place
# as the function's name.
HERE, AFTER = "stops.cpp:13", "stops.cpp:14"


def found(debugger: Debugger, program: Path, steps: list[Step]) -> list[tuple[Any, ...]]:
    """Run the steps; line, reason and breakpoint of each hit."""
    result = debugger.run_script(program, steps)
    assert "Traceback" not in result.output
    return [
        (int(hit["location_key"].rpartition(":")[2]), hit["reason"], hit["breakpoint"], local(hit, "i"))
        for hit in debugger.session().hits()
    ]


def local(hit: Any, name: str) -> str | None:
    """A value of a hit as text."""
    value = json.loads(hit["locals_json"]).get(name)
    return None if value is None else str(value["value"])


def ignoring(number: int, passes: int) -> Raw:
    """Let a breakpoint go by."""
    lldb = f"breakpoint modify --ignore-count {passes} {number}"
    return Raw(gdb=f"ignore {number} {passes}", lldb=lldb)


def test_a_step_that_ends_at_one_is_no_hit(debugger: Debugger, build: Build) -> None:
    where_it_returns = Raw(gdb="break *$pc if i == 99", lldb="breakpoint set --condition 'i == 99' --address `$pc`")
    hits = found(
        debugger,
        build("stops.cpp"),
        [
            *(f"break {HERE}", "run"),
            # The condition is false, also where `finish` ends.
            *(f"break {AFTER} if i == 99", "next", "up", where_it_returns, "down", "finish"),
            # Passes are ignored, some before.
            *("break step", ignoring(4, 1), f"tbreak {AFTER} if i == 98", ignoring(2, 1), "continue", "next"),
            # It is disabled, deleted.
            *("disable 2", "delete 5", "continue", "stepi", "next"),
            # Another process, which counts anew.
            *("kill", "run", "step", "delete 2", "next"),
        ],
    )
    assert hits == [(13, "breakpoint", 1, i) for i in ("0", "1", "2", "0")]


def test_another_threads_breakpoint_is_no_hit(debugger: Debugger, build: Build) -> None:
    of_main = Raw(gdb="break count thread 1", lldb="breakpoint set --name count --thread-index 1")
    hits = found(debugger, build("lanes.c"), [f"break {at('lanes.c', 'zero')}", "run", of_main, "step", "backtrace"])
    assert [hit[:3] for hit in hits] == [(16, "breakpoint", 1)]


def test_what_stops_in_an_unusual_way_is_a_hit(debugger: Debugger, build: Build) -> None:
    hits = found(
        debugger,
        build("stops.cpp"),
        [
            # The condition cannot be told: the debugger stops.
            *(f"break {HERE} if *(int *)0 == i", f"break {AFTER} if *(int *)0 == i", "run segv"),
            # A step that ends where one truly stops.
            *("next", "delete 1", "delete 2"),
            *(f"tbreak {HERE} if i == 1", "continue"),
            # It is a signal that stops here, where a condition is false.
            *("break stops.cpp:25 if argc == 99", "continue"),
        ],
    )
    assert [hit[:3] for hit in hits] == [
        *((13, "breakpoint", 1), (14, "breakpoint", 2), (13, "breakpoint", 3), (25, "signal", None)),
    ]


# --- What only GDB has ----------------------------------------------------------------------------


def test_watchpoints_checked_by_stepping(gdb: Debugger, build: Build) -> None:
    hits = found(
        gdb,
        build("stops.cpp"),
        [
            # GDB lists them at every stop, whatever it is.
            *("set can-use-hw-watchpoints 0", f"break {HERE}", "run segv"),
            *("watch watched", "watch watched if watched == 99", "next", "next", "next", "delete 1"),
            # A change, and then one that another breakpoint comes with.
            *("continue", f"break {AFTER} if i == 2", "continue", "continue", "delete 2", "continue"),
        ],
    )
    assert [hit[:3] for hit in hits] == [
        *((13, "breakpoint", 1), (15, "watchpoint", 2), (14, "breakpoint", 4), (15, "watchpoint", 2)),
        (25, "signal", None),
    ]


def test_a_watched_local_that_ends(gdb: Debugger, build: Build) -> None:
    steps: list[Step] = [f"break {HERE}", "run", "watch doubled", "delete 1", "continue", "continue"]
    # GDB stops where the function has returned, says that, and counts it: docs/differences.md.
    assert [hit[:3] for hit in found(gdb, build("stops.cpp"), steps)][-1] == (20, "watchpoint", 2)


def test_caught_signals(gdb: Debugger, build: Build) -> None:
    steps: list[Step] = ["catch signal SIGCHLD", "catch signal SIGSEGV", "run fork", "kill", "run segv"]
    result = gdb.run_script(build("stops.cpp"), steps)
    assert "Traceback" not in result.output
    hits = [(hit["reason"], hit["detail"], hit["breakpoint"]) for hit in gdb.session().hits()]
    assert hits == [("catchpoint", 'signal "SIGCHLD"', 1), ("signal", "SIGSEGV", 2)]


def test_dprintf_and_scripts_that_set_counts(gdb: Debugger, build: Build) -> None:
    back = "python gdb.breakpoints()[0].hit_count = 0"
    hits = found(
        gdb,
        build("stops.cpp"),
        [
            *(f"break {HERE}", f'dprintf {AFTER},"passed\\n"', "run", "next"),
            *("continue", back, "continue"),
        ],
    )
    assert [hit[3] for hit in hits] == ["0", "1", "2"]


def test_two_processes_at_once(gdb: Debugger, build: Build) -> None:
    program = build("stops.cpp")
    hits = found(
        gdb,
        program,
        [
            *(f"break {HERE} if i == 1", "run", f"add-inferior -exec {program}", "inferior 2", "run"),
            # In the second; and in the first, of which the last hit is not the breakpoint's last one.
            *(f"break {AFTER} if i == 99", "next", "kill", "inferior 1", "delete 2"),
            *(f"break {AFTER} if i == 99", "disable 3.2", "next", "condition 1", "continue"),
        ],
    )
    assert [hit[3] for hit in hits] == ["1", "1", "2"]
    assert {hit[0] for hit in hits} == {13}
