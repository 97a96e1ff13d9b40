"""No code of the program is run for a hit: its functions, and what asks for memory, are counted."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from conftest import PROGRAMS, Build, at
from drive import Raw
from test_values import shown

if TYPE_CHECKING:
    from drive import Debugger, Step

FORMATTERS = Raw(
    gdb=f"source {PROGRAMS / 'misbehaving.py'}",
    lldb=f'command script import "{PROGRAMS / "misbehaving.py"}"',
)
# The debuggers show arguments by the user's printers, which call what they like.
PLAIN = Raw(gdb="set print frame-arguments none", lldb="settings set frame-format 'frame ${frame.index}\\n'")
# A line of optimized code is passed in several places.
OFF = Raw(gdb="disable", lldb="breakpoint disable")
WATCHES = {
    "calls.c": [
        *("mine", "mine[0]", "&mine[0]", "mine == v", 'v == "beta"', 'strcmp(v, "beta")', "helper(n)", "*table@2"),
        *("primes[1] + n", "p->next->name", "p->bits.high", "names", "names[1]", "local", "fixed", "literal"),
    ],
    "calls.cpp": [
        *("puppy", "puppy.name", "puppy.tail", "puppy[1]", "animal->sound()", "*animal", "animal->legs", "v[0]"),
        *('s == "beta"', "loud.sum()", "Puppy::count", "&mine", "mine", "halves[1]", "reference", "*shared"),
    ],
    "calls.rs": [
        *("text", "shape", "*shape", "list", "loud.x", "loud.sum()", "helper(1)", 'text == "beta"', "some", "TABLE"),
    ],
}
TRACES = {
    "calls.c": [
        f"{at('calls.c', 'named')} --if 's == \"beta\"' --capture s --capture '&names[1]'",
        f"{at('calls.c', 'named')} --if 'helper(1) == 2'",
        f"{at('calls.c', 'probe')} --if 'mine == v'",
        f"{at('calls.c', 'probe')} --capture mine --capture table --capture '*fixed[1].name'",
        f"{at('calls.c', 'named')} --until-value 's == \"beta\"'",
        "--return named",
        at("calls.c", "probe"),
    ],
    "calls.cpp": [f"{at('calls.cpp', 'probe')} --if 's == \"beta\" && loud.x > 0'", at("calls.cpp", "probe")],
    "calls.rs": [f"{at('calls.rs', 'probe')} --if 'text == \"beta\"'", at("calls.rs", "probe")],
}
INSTRUMENTED = ("-finstrument-functions",)
RUST_OPTIMIZED = ("-C", "opt-level=2")


@pytest.mark.parametrize(
    ("source", "flags"),
    [
        ("calls.c", (*INSTRUMENTED, "-O0")),
        ("calls.c", (*INSTRUMENTED, "-O2")),
        ("calls.cpp", (*INSTRUMENTED, "-O2")),
        ("calls.rs", RUST_OPTIMIZED),
    ],
    ids=["c-O0", "c-O2", "cpp-O2", "rs-O2"],
)
def test_nothing_is_called(debugger: Debugger, build: Build, source: str, flags: tuple[str, ...]) -> None:
    program = build(source, *flags)
    # Places of blocks are told from each other, so that it does not matter where the heap is.
    alone = subprocess.run([program], capture_output=True, text=True, timeout=30, check=True).stdout.splitlines()
    steps: list[Step] = [PLAIN, FORMATTERS, "dbg-session config capture.budget-ms 2000"]
    steps += [f"dbg-session watch {_quoted(text)}" for text in WATCHES[source]]
    steps += [f"dbg-session trace {text}" for text in TRACES[source]]
    steps += [f"break {at(source, 'probe')}", "run", *["continue"] * 5, OFF, "continue"]
    result = debugger.run_script(program, steps)
    said = [line for line in result.output.splitlines() if re.match(r"(blocks|calls) -?\d", line)]
    assert said == alone
    assert "Traceback" not in result.output
    session = debugger.session()
    reasons = [hit["reason"] for hit in session.hits()]
    assert reasons.count("breakpoint") >= 1
    assert reasons.count("tracepoint") >= 1
    compared = session.rows("SELECT DISTINCT value FROM watch_evals WHERE expr LIKE '%== \"beta\"' ORDER BY value")
    if source == "calls.c" or (debugger.is_gdb and source == "calls.cpp"):  # elsewhere optimized out, or read wrongly
        assert {row["value"] for row in compared} - {"<not in scope>"} == {"false", "true"}


def _quoted(text: str) -> str:
    return f"'{text}'" if '"' in text or " " in text else text


def test_a_constant_that_was_folded_is_read_where_it_is_not(debugger: Debugger, build: Build) -> None:
    program = build("calls.c", *INSTRUMENTED, "-O2")
    debugger.run_script(program, [f"break {at('calls.c', 'probe')}", "run", "dbg-session watch mine[2]"])
    (hit,) = debugger.session().hits()
    values = shown(hit)
    if debugger.is_gdb:
        assert values["mine"].text == '"1.2.13"'
    assert {values["mine"].text} <= {'"1.2.13"'} or values["mine"].status is not None


def test_texts_are_compared_as_texts(debugger: Debugger, build: Build) -> None:
    here = at("calls.cpp", "probe")
    conditions = ['s == "beta"', '"beta" == s', 's != "a text that is too long for the small buffer"']
    refused = ['s < "beta"', '(s == "beta")']
    steps: list[Step] = [f"dbg-session trace {here} --if {_quoted(text)}" for text in [*conditions, *refused]]
    result = debugger.run_script(build("calls.cpp", "-O0"), [*steps, "run"])
    by_number = debugger.session().rows("SELECT breakpoint, count(*) AS hits FROM breakpoint_hits GROUP BY 1")
    assert [row["hits"] for row in by_number] == [1, 1, 1]
    assert result.output.count('a text is compared as in `name == "text"`') == len(refused)
