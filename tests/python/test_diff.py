"""`diff` of what real debuggers recorded: another debugger is no difference, another input is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import debuggers
import pytest
from conftest import Build, at
from drive import Debugger
from test_sessions import asked
from test_values import PATIENT, stops_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drive import Step

    Reference = Callable[[str, Callable[[Debugger], Path]], Path]


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """A session of the system's GDB, by a name: recorded the first time that it is asked for."""
    program = debuggers.find(debuggers.by_name("gdb-system"))
    if program is None:
        pytest.skip("the system has no GDB to compare with")
    recorded: dict[str, Path] = {}

    def session(name: str, record: Callable[[Debugger], Path]) -> Path:
        if name not in recorded:
            folder = tmp_path_factory.mktemp("reference")
            recorded[name] = record(Debugger("gdb-system", "gdb", program, folder))
        return recorded[name]

    return session


def _recorded(debugger: Debugger, program: Path, places: list[str], label: str) -> Path:
    """Real stops, with all their values."""
    stops: list[Step] = [f"break {place}" for place in places]
    steps: list[Step] = [PATIENT, f"dbg-session new --label {label}", *stops, "run", *["continue"] * 10]
    debugger.run_script(program, steps)
    return _file(debugger, label)


def _traced(debugger: Debugger, program: Path, place: str, label: str) -> Path:
    debugger.run_script(program, [f"dbg-session new --label {label}", f"dbg-session trace {place}", "run"])
    return _file(debugger, label)


def _file(debugger: Debugger, label: str) -> Path:
    found = [path for path in debugger.session_files() if path.stem == label]
    assert found, "nothing was recorded"
    return found[0]


@pytest.mark.parametrize("source", ["values.c", "values.cpp", "values.rs", "loop.c"])
def test_who_recorded_is_no_difference(debugger: Debugger, reference: Reference, build: Build, source: str) -> None:
    """The same program, stopped under the system's GDB and under each debugger of the matrix."""
    places = [at(source, "loop"), at(source, "end")] if source == "loop.c" else stops_of(source)
    program = build(source)
    here = _recorded(debugger, program, places, "here")
    there = reference(source, lambda system: _recorded(system, program, places, "there"))
    # LLDB takes the length of such an array from elsewhere: see docs/differences.md.
    diff = asked(debugger, "diff", str(there), str(here), "--ignore", "vla")
    assert diff["a"]["hits"] > 0
    assert diff["same"], diff


def test_threads_that_interleave_anew_are_no_difference(debugger: Debugger, reference: Reference, build: Build) -> None:
    """Four threads in a race, in two debuggers."""
    program, place = build("threads.c"), at("threads.c", "work")
    here = _traced(debugger, program, place, "here")
    # One of its own for each, as chance will have it.
    there = reference(f"for {debugger.name}", lambda system: _traced(system, program, place, "there"))
    diff = asked(debugger, "diff", str(there), str(here))
    assert (diff["a"]["threads"], diff["a"]["hits"]) == (4, 100)
    assert diff["same"], diff
