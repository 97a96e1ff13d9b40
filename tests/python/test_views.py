"""What a debugger shows of values is what it shows without the plugin, whatever the plugin read before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from conftest import PROGRAMS, Build, at
from drive import Raw
from test_unseen import CHANGING, OURS
from test_values import PATIENT, shown

if TYPE_CHECKING:
    from pathlib import Path

    from drive import Debugger, Step

SOURCES = ("views.cpp", "views.rs")
# Keys of hash tables are others each time, and with them what stands where in one.
RANDOM = re.compile(r"k[01] = \d+|k[01]: \d+|^.*(ctrl|bucket_mask|pointer = \").*\n", re.MULTILINE)
ALL = Raw(gdb="info locals", lldb="frame variable")
DECLARED = re.compile(r"^    let (\w+)(?: = |: )", re.MULTILINE)
# Of the C++ types those whose insides LLDB takes for one another.
IN_CPP = (
    "up",
    "ua",
    "ub",
    "tu",
    "pa",
    "va",
    "vs",
    "sp",
    "sb",
    "os",
    "st",
    "m",
    "mv",
    "s",
    "um",
    "fn",
    "node",
    "nest",
    "bb",
    "aul",
    "lam",
)
# What the types hold that differ from their neighbours only in what is alike to LLDB.
HELD = {
    "a64.v": "99",
    "ausize.v": "5",
    "ai64.v": "-7",
    "aisize.v": "-8",
    "rc": "5",
    "rcu": "6",
    "arc": "8",
    "arcu": "9",
}
HELD |= {"cell": "10", "cellu": "11", "vusize.[0]": "3", "v64.[0]": "1", "genericu.held": "2", "generic.held": "1"}


def view(debugger: Debugger, program: Path, steps: list[Step]) -> list[str]:
    """The lines of the screen; LLDB says what it complains of, and that processes end, at any time."""
    output = debugger.run_script(program, steps).output
    assert "Traceback" not in output
    return sorted(RANDOM.sub("", CHANGING.sub("…", OURS.sub("", output))).splitlines())


def same(debugger: Debugger, program: Path, steps: list[Step], traced: str = "") -> None:
    """The steps show the same with and without the plugin, which may have traced a line before."""
    # Under load the default budget is not enough for all values.
    debugger.run_script(None, [PATIENT])
    ours: list[Step] = [f"dbg-session trace {traced}"] if traced else []
    with_us = view(debugger, program, [*ours, *steps])
    debugger.without_plugin()
    without = view(debugger, program, steps)
    tracing = f"dbg-session trace {traced}"
    assert [line for line in with_us if tracing not in line and "Tracepoint" not in line] == without


def names(source: str) -> list[str]:
    """Variables, the last first: in another order than they are recorded in, or shown together."""
    return list(IN_CPP[::-1]) if source == "views.cpp" else DECLARED.findall((PROGRAMS / source).read_text())[::-1]


@pytest.mark.parametrize("source", SOURCES)
def test_a_hit_says_nothing_of_types(debugger: Debugger, build: Build, source: str) -> None:
    same(debugger, build(source), [f"break {at(source, 'first')}", f"break {at(source, 'last')}", "run", "continue"])


@pytest.mark.parametrize("source", SOURCES)
def test_all_variables_look_as_without_us(debugger: Debugger, build: Build, source: str) -> None:
    steps: list[Step] = [f"break {at(source, 'first')}", f"break {at(source, 'last')}", "run", ALL, "continue", ALL]
    same(debugger, build(source), steps)


@pytest.mark.parametrize("source", SOURCES)
def test_each_variable_looks_as_without_us(debugger: Debugger, build: Build, source: str) -> None:
    each: list[Step] = [Raw(gdb=f"print {name}", lldb=f"frame variable {name}") for name in names(source)]
    same(debugger, build(source), [f"break {at(source, 'last')}", "run", *each], at(source, "traced"))


def test_types_that_are_alike_to_the_debugger_are_recorded_whole(debugger: Debugger, build: Build) -> None:
    debugger.run_script(build("views.rs"), [PATIENT, f"break {at('views.rs', 'first')}", "run", "kill"])
    (hit,) = debugger.session().hits()
    values = shown(hit)
    assert {name: values[name].text for name in HELD} == HELD
