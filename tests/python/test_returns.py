"""`trace --return`: what functions return, with the arguments that they were called with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from test_stops import values
from test_trace import LIST, compiled, traced, tracepoints

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conftest import Build
    from drive import Debugger, Step

C = {
    "byte": {"n": "300", "return": "44"},
    "half": {"n": "3", "return": "1.5"},
    "quarter": {"n": "3", "return": "0.75"},
    "third": {"n": "3", "return": "1.5"},
    "wide": {"n": "3", "return": "3541774862152233910272"},
    "in_one": {"n": "5", "return": "{a = 5, b = 7}"},
    "in_two": {"n": "6", "return": "{d = 6.5, l = 6}"},
    "in_xmm": {"n": "7", "return": "{x = 7, y = 7.25}"},
    "in_memory": {"n": "8", "return": "{v = {8, 1, 2, 3}}"},
    "color": {"n": "1", "return": "GREEN"},
    "text": {"n": "1", "return": '"yes"'},
    "nothing": {"n": "1", "return": "void"},
    "flag": {"n": "3", "return": "true"},
    "main": {"return": "0"},
}
CPP = {
    "plain": "{x = 1, y = 2}",
    "defaulted": "{x = 3}",
    "copied": "{x = 4}",
    "destroyed": "{x = 5}",
    "virtual_": "{x = 6}",
    "holder": "{inner = {x = 8}}",
    "reference": "{x = 8, y = 9}",
    "unique": "3",
    "shared": "4",
    "both": "{first = 1, second = 2.5}",
    "maybe": "4",
    "view": '"abc"',
    "list": "{1, 2, 3}",
}
RUST = {
    "one": "4",
    "halved": "1.5",
    "pair": "{0 = 4, 1 = 5}",
    "mixed": "{0 = 5, 1 = 0.5}",
    "tail": "{2, 3}",
    "word": '"many"',
    "owned": '"zzz"',
}


def returns(debugger: Debugger, build: Build, program: str, functions: Iterable[str], *flags: str) -> list[Any]:
    """What was recorded of the returns of these functions: (function, values)."""
    steps: list[Step] = [*(f"dbg-session trace --return {function}" for function in functions), "run"]
    traced(debugger, build, steps, program, *flags)
    hits = debugger.session().hits()
    assert {(hit["reason"], hit["detail"]) for hit in hits} == {("tracepoint", "return")}
    return [(hit["function"].rpartition("::")[2], values(hit)) for hit in hits]


@pytest.mark.parametrize("flags", [(), ("-O2", "-fno-inline", "-fno-ipa-cp", "-fno-ipa-icf")])
def test_values_of_c(debugger: Debugger, build: Build, flags: tuple[str, ...]) -> None:
    wanted = [name for name in C if not (flags and name == "nothing")]  # nothing is left of that one
    found = dict(returns(debugger, build, "returns.c", wanted, *flags))
    assert found == {name: C[name] for name in wanted}


def test_values_of_cpp(debugger: Debugger, build: Build) -> None:
    found = returns(debugger, build, "returns.cpp", CPP)
    assert {name: its["return"] for name, its in found} == CPP


def test_values_of_rust(debugger: Debugger, build: Build) -> None:
    functions = [f"returns::{name}" for name in (*RUST, "maybe")]
    found = {name: its["return"] for name, its in returns(debugger, build, "returns.rs", functions)}
    assert found.pop("maybe").startswith("<where a function returns")
    assert found == RUST


def test_recursion_exceptions_and_longjmp(debugger: Debugger, build: Build) -> None:
    found = returns(debugger, build, "returns.c", ["fact", "jumps"])
    pairs = [(name, its["n"], its["return"]) for name, its in found]
    assert pairs == [
        *(("fact", "1", "1"), ("fact", "2", "2"), ("fact", "3", "6"), ("fact", "4", "24")),
        *(("jumps", "2", "102"), ("jumps", "4", "104")),
    ]


def test_what_throws_does_not_return(debugger: Debugger, build: Build) -> None:
    found = returns(debugger, build, "returns.cpp", ["Thrower::at"])
    assert [(its["this"], its["i"], its["return"]) for _, its in found] == [
        ("{v = 10}", "0", "10"),
        ("{v = 10}", "2", "12"),
    ]


def test_options_and_running_again(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [
        "dbg-session trace --return fact --if 'n > 2' --capture n*10 --stack 1",
        *("run", "run", "dbg-session trace list --json", "dbg-session trace delete 1", "run"),
    ]
    result = traced(debugger, build, steps, "returns.c")
    found = [values(hit) for hit in debugger.session().hits()]
    assert found == [{"n*10": "30", "return": "6"}, {"n*10": "40", "return": "24"}] * 2
    assert [(one["kind"], one["recorded"]) for one in tracepoints(result)] == [("return", 4)]


def test_deleted_as_a_breakpoint(debugger: Debugger, build: Build) -> None:
    entry = 1 if debugger.is_gdb else 2
    steps: list[Step] = [
        *("dbg-session trace --return byte", f"delete {entry}", "dbg-session trace list --json"),
        *(LIST, "dbg-session breakpoints list", "run"),
    ]
    result = traced(debugger, build, steps, "returns.c")
    assert tracepoints(result) == []
    assert "No breakpoints" in result.output
    assert debugger.session_files() == [] or debugger.session().hits() == []


def test_at_most_so_many_returns(debugger: Debugger, build: Build) -> None:
    result = traced(debugger, build, ["dbg-session trace --return fact --max 2", "run", "run"], "returns.c")
    assert [values(hit)["return"] for hit in debugger.session().hits()] == ["1", "2"]
    assert "it recorded 2 hits" in result.output
    assert "stopped" not in result.output


@pytest.mark.parametrize(
    ("what", "sentence"),
    [("nosuchfunction", "nosuchfunction"), ("fact --until-value 'n == 1'", "needs a place")],
)
def test_what_cannot_be(debugger: Debugger, build: Build, what: str, sentence: str) -> None:
    result = traced(debugger, build, [f"dbg-session trace --return {what}", "dbg-session trace list"], "returns.c")
    assert sentence in result.output
    assert "tracepoint 1" not in result.output


def test_a_tail_call_is_said(debugger: Debugger) -> None:
    source = "int other(int n);\nint first(int n) {\n    return other(n + 1);\n}\n"
    source += "__attribute__((noinline)) int other(int n) {\n    return n > 3 ? n * 2 : n;\n}\n"
    source += "int main(int argc, char **argv) {\n    (void)argv;\n    return first(argc) - 2;\n}\n"
    program = compiled(debugger, "tail", source, "-O2", "-fno-inline", "-fno-ipa-cp", "-fno-ipa-ra")
    result = debugger.run_script(program, ["dbg-session trace --return first"])
    assert "`first` " in result.output
    assert "returns" in result.output
