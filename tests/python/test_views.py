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

MARKS = {"views.cpp": ("first", "last"), "views.rs": ("shared", "cells", "rows", "options", "maps", "plain", "others")}
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
HELD |= {"cell": "10", "cellu": "11", "genericu.held": "2", "generic.held": "1"}


def view(debugger: Debugger, program: Path, steps: list[Step]) -> list[str]:
    """The lines of the screen; LLDB says what it complains of, and that processes end, at any time."""
    output = debugger.run_script(program, steps).output
    assert "Traceback" not in output
    return sorted(RANDOM.sub("", CHANGING.sub("…", OURS.sub("", output))).splitlines())


def same(debugger: Debugger, program: Path, steps: list[Step]) -> None:
    """The steps show the same with and without the plugin."""
    # Under load the default budget is not enough for all values.
    debugger.run_script(None, [PATIENT])
    with_us = view(debugger, program, steps)
    debugger.without_plugin()
    assert with_us == view(debugger, program, steps)


def stopping(source: str) -> list[Step]:
    """Breakpoints at all marks of a program."""
    return [*(f"break {at(source, mark)}" for mark in MARKS[source]), "run"]


def names(source: str, mark: str) -> list[str]:
    """Variables, the last first: in another order than they are recorded in, or shown together."""
    if source == "views.cpp":
        return list(IN_CPP[::-1])
    before = (PROGRAMS / source).read_text().partition(f"// mark: {mark}\n")[0]
    return DECLARED.findall(before.rpartition("\nfn ")[2])[::-1]


@pytest.mark.parametrize("source", MARKS)
def test_a_hit_says_nothing_of_types(debugger: Debugger, build: Build, source: str) -> None:
    same(debugger, build(source), [*stopping(source), *["continue"] * (len(MARKS[source]) - 1)])


@pytest.mark.parametrize("source", MARKS)
def test_all_variables_look_as_without_us(debugger: Debugger, build: Build, source: str) -> None:
    shows: list[Step] = [step for _ in MARKS[source] for step in (ALL, "continue")]
    same(debugger, build(source), [*stopping(source), *shows])


@pytest.mark.parametrize("source", MARKS)
def test_each_variable_looks_as_without_us(debugger: Debugger, build: Build, source: str) -> None:
    each: list[Step] = []
    for mark in MARKS[source]:
        each += [Raw(gdb=f"print {name}", lldb=f"frame variable {name}") for name in names(source, mark)]
        each.append("continue")
    same(debugger, build(source), [*stopping(source), *each])


def test_types_that_are_alike_to_the_debugger_are_recorded_whole(debugger: Debugger, build: Build) -> None:
    ends: list[Step] = ["continue"] * len(MARKS["views.rs"])
    debugger.run_script(build("views.rs"), [PATIENT, *stopping("views.rs"), *ends])
    values = {name: value.text for hit in debugger.session().hits() for name, value in shown(hit).items()}
    assert {name: values.get(name) for name in HELD} == HELD
