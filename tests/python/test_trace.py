"""Tracepoints: they record and go on, under every debugger."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Build, at
from drive import Raw
from test_stops import values

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from drive import Debugger, Result, Step, Terminal

LIST = Raw(gdb="info breakpoints", lldb="breakpoint list")
SQUARED = at("loop.c", "squared")
LOOP = at("loop.c", "loop")
WORK = at("threads.c", "work")


def traced(debugger: Debugger, build: Build, steps: list[Step], program: str = "loop.c", *flags: str) -> Result:
    """Run the steps; nothing may look like a mistake of ours."""
    result = debugger.run_script(build(program, *flags), steps)
    assert "Traceback" not in result.output
    assert "lost a hit" not in result.output, result.output
    return result


def tracepoints(result: Result) -> list[dict[str, Any]]:
    """The answer of the last `trace list --json`."""
    begin = max(result.output.rfind('{"tracepoints"'), result.output.rfind('{\n  "tracepoints"'))
    document, _ = json.JSONDecoder().raw_decode(result.output[begin:])
    found: list[dict[str, Any]] = document["tracepoints"]
    return found


def seen(hits: list[sqlite3.Row], name: str) -> list[str]:
    """One value over the hits."""
    return [values(hit)[name] for hit in hits]


# --- Recording ------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", [SQUARED, "square"])
def test_it_records_and_goes_on(debugger: Debugger, build: Build, where: str) -> None:
    result = traced(debugger, build, [f"dbg-session trace {where}", "run", "dbg-session trace list --json"])
    assert "total 55" in result.output
    assert "stopped" not in result.output
    hits = debugger.session().hits()
    assert seen(hits, "n") == ["1", "2", "3", "4", "5"]
    assert {(hit["reason"], hit["breakpoint"], hit["thread"]) for hit in hits} == {("tracepoint", 1, "1")}
    assert [hit["hit_seq"] for hit in hits] == [1, 2, 3, 4, 5]
    frames = debugger.session().rows("SELECT function FROM hit_frames WHERE hit_id = 1 ORDER BY level")
    assert [frame["function"] for frame in frames] == ["square", "main"]
    (one,) = tracepoints(result)
    assert (one["number"], one["seen"], one["recorded"], one["state"]) == (1, 5, 5, "enabled")
    assert one["us_per_hit"] > 0
    assert one["lost"] == one["condition_errors"] == 0


def test_nothing_is_said_per_hit(debugger: Debugger, build: Build) -> None:
    result = traced(debugger, build, [f"dbg-session trace {SQUARED}", "run"])
    said = [line for line in result.output.splitlines() if line.startswith("[dbg-session] ")]
    assert len(said) == 2, said
    assert re.search(r"kept session loop-.* \(5 hits\)", said[1])


def test_every_hit_of_four_threads(debugger: Debugger, build: Build) -> None:
    traced(debugger, build, [f"dbg-session trace {WORK}", "run"], "threads.c")
    hits = debugger.session().hits()
    assert len(hits) == 100
    by_thread: dict[int, int] = {}
    for hit in hits:
        by_thread[hit["tid"]] = by_thread.get(hit["tid"], 0) + 1
    assert list(by_thread.values()) == [25] * 4


def test_rerunning_goes_on(debugger: Debugger, build: Build) -> None:
    traced(debugger, build, [f"dbg-session trace {SQUARED}", "run", "run"])
    hits = debugger.session().hits()
    assert seen(hits, "n") == ["1", "2", "3", "4", "5"] * 2
    assert len({hit["pid"] for hit in hits}) == 2


def test_optimized_code(debugger: Debugger, build: Build) -> None:
    traced(debugger, build, [f"dbg-session trace {WORK}", "run"], "threads.c", "-O2")
    # The loop may be turned into one addition: what passes is recorded.
    assert len(debugger.session().hits()) >= 4


def test_rust(debugger: Debugger, build: Build) -> None:
    result = traced(
        debugger, build, ["dbg-session trace values.rs:60", "run", "dbg-session trace list --json"], "values.rs"
    )
    assert tracepoints(result)[0]["condition_errors"] == 0


def test_a_breakpoint_at_the_same_place(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [f"dbg-session trace {SQUARED}", f"break {SQUARED} if n == 3", "run", "continue"]
    traced(debugger, build, steps)
    hits = debugger.session().hits()
    stops = [(values(hit)["n"], hit["breakpoint"]) for hit in hits if hit["reason"] == "breakpoint"]
    assert stops == [("3", 2)]
    assert seen([hit for hit in hits if hit["reason"] == "tracepoint"], "n") == ["1", "2", "3", "4", "5"]


# --- What is recorded -----------------------------------------------------------------------------


def test_only_what_is_asked_for(debugger: Debugger, build: Build) -> None:
    capture = "--capture n --capture result+1 --capture nosuch"
    traced(debugger, build, [f"dbg-session trace {SQUARED} {capture} --stack 1", "run"])
    hits = debugger.session().hits()
    assert [list(values(hit)) for hit in hits] == [["n", "result+1", "nosuch"]] * 5
    assert seen(hits, "result+1") == ["2", "5", "10", "17", "26"]
    assert seen(hits, "nosuch") == ["<not in scope>"] * 5
    assert debugger.session().value("SELECT max(level) FROM hit_frames") == 0


CONDITIONS = {
    "n > 3": ["4", "5"],
    "n == 1 || n == 5": ["1", "5"],
    "n > 1 && result < 10": ["2", "3"],
    "n % 2 == 0": ["2", "4"],
    "result": ["1", "2", "3", "4", "5"],
    "n >= 0x5": ["5"],
}


def test_conditions(debugger: Debugger, build: Build) -> None:
    """Each tracepoint has its own, wherever others are."""
    traced(debugger, build, [*(f"dbg-session trace {SQUARED} --if '{text}'" for text in CONDITIONS), "run"])
    hits = debugger.session().hits()
    for number, (text, expected) in enumerate(CONDITIONS.items(), start=1):
        assert seen([hit for hit in hits if hit["breakpoint"] == number], "n") == expected, text


def test_a_condition_behind_the_place_as_the_debuggers_have_it(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [
        f"dbg-session trace {SQUARED} if n + '0' == '3'",
        f"dbg-session trace --max 1 {SQUARED} if n > 1 --every 2",
        "dbg-session watch n + '0' == '3'",
        "run",
    ]
    traced(debugger, build, steps)
    hits = debugger.session().hits()
    assert seen([hit for hit in hits if hit["breakpoint"] == 1], "n") == ["3"]
    assert seen([hit for hit in hits if hit["breakpoint"] == 2], "n") == ["3"]
    told = debugger.session().rows("SELECT DISTINCT expr, value FROM watch_evals")
    assert [(row[0], row[1] in ("1", "true")) for row in told] == [("n + '0' == '3'", True)]


def test_a_condition_that_fails_is_told_once(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [f"dbg-session trace {SQUARED} --if 'nosuch > 1'", "run", "dbg-session trace list --json"]
    result = traced(debugger, build, steps)
    assert "total 55" in result.output
    assert result.output.count("cannot be evaluated") == 1
    (one,) = tracepoints(result)
    assert (one["seen"], one["recorded"], one["condition_errors"]) == (5, 0, 5)


@pytest.mark.any_version
def test_a_condition_that_would_change_the_program(debugger: Debugger, build: Build) -> None:
    result = traced(debugger, build, [f"dbg-session trace {SQUARED} --if 'n = 3'"])
    assert "would change the program at each hit; `==` compares" in result.output


def test_one_of_several(debugger: Debugger, build: Build) -> None:
    traced(debugger, build, [f"dbg-session trace {SQUARED} --every 2", "run"])
    assert seen(debugger.session().hits(), "n") == ["2", "4"]


def test_at_most_so_many(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [f"dbg-session trace {WORK} --max 30", "run", "dbg-session trace list --json", LIST]
    result = traced(debugger, build, steps, "threads.c")
    assert "total 100" in result.output
    assert "tracepoint 1 is removed: it recorded 30 hits, as --max wanted" in result.output
    assert len(debugger.session().hits()) == 30
    assert tracepoints(result) == []
    assert re.search(r"No breakpoints", result.output)


def test_until_a_value(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [
        f"dbg-session trace {SQUARED} --until-value 'result == 9'",
        *("run", "dbg-session trace list --json", "print n * 1000", "continue"),
    ]
    result = traced(debugger, build, steps)
    assert "tracepoint 1 stops here: result == 9 is true; it is disabled now" in result.output
    assert "= 3000" in result.output
    assert tracepoints(result)[0]["state"] == "disabled"
    hits = debugger.session().hits()
    assert seen(hits, "n") == ["1", "2", "3"]
    assert {hit["reason"] for hit in hits} == {"tracepoint"}
    assert "total 55" in result.output


# --- Setting and deleting -------------------------------------------------------------------------


def test_functions_by_a_regular_expression(debugger: Debugger, build: Build) -> None:
    traced(debugger, build, ["dbg-session trace -r '^(square|nothing)$'", "run"])
    assert seen(debugger.session().hits(), "n") == ["1", "2", "3", "4", "5"]


def test_a_regular_expression_that_matches_nothing(debugger: Debugger, build: Build) -> None:
    result = traced(debugger, build, ["dbg-session trace -r nosuchfunction"])
    assert "no function with debug information matches nosuchfunction" in result.output


def compiled(debugger: Debugger, name: str, source: str, *flags: str) -> Path:
    """A program made of `source` in the working folder."""
    (debugger.cwd / f"{name}.c").write_text(source)
    command = ["cc", "-g", *flags, "-o", name, f"{name}.c", "-ldl"]
    subprocess.run(command, cwd=debugger.cwd, check=True, timeout=60)
    return debugger.cwd / name


MANY = "".join(f"int f{n}(int x) {{\n    x += {n};\n    return x;\n}}\n" for n in range(120))
MANY += "int main(void) {\n    return f7(1) - 8;\n}\n"


def test_many_functions_are_asked_about(debugger: Debugger) -> None:
    program = compiled(debugger, "many", MANY)
    refused = debugger.run_script(program, ["dbg-session trace -r '^f[0-9]+'"])
    assert "120 functions match" in refused.output
    assert "--yes" in refused.output
    steps: list[Step] = ["dbg-session trace -r '^f[0-9]+' --yes", "run", "dbg-session trace list --json"]
    accepted = debugger.run_script(program, steps)
    assert sum(len(one["places"]) for one in tracepoints(accepted)) == 120
    (hit,) = debugger.session().hits()
    assert (hit["function"], values(hit)["x"]) == ("f7", "1")


def test_many_functions_at_a_terminal(debugger: Debugger) -> None:
    terminal = debugger.interactive(compiled(debugger, "many", MANY))
    terminal.send("dbg-session trace -r '^f[0-9]+'")
    terminal.read_until(re.compile(r"120 functions match .*\(y or n\) "))
    terminal.send("n")
    assert "nothing is traced" in terminal.read_prompt()
    terminal.send("dbg-session trace -r '^f[0-9]+'")
    terminal.read_until(re.compile(r"\(y or n\) "))
    terminal.send("y")
    assert "tracepoint" in terminal.read_prompt()
    terminal.quit()


LATER = """
#include <dlfcn.h>
#include <stddef.h>
int main(void) {
    void *library = dlopen("./library", RTLD_NOW);
    int (*later)(int) = library ? (int (*)(int))dlsym(library, "later") : NULL;
    return later ? later(41) : 1;
}
"""


def test_a_place_that_is_loaded_later(debugger: Debugger) -> None:
    compiled(debugger, "library", "int later(int x) {\n    return x + 1;\n}\n", "-shared", "-fPIC")
    program = compiled(debugger, "loads", LATER)
    result = debugger.run_script(program, ["dbg-session trace later", "run", "dbg-session trace list --json"])
    assert "tracepoint 1 at later is pending" in result.output
    (hit,) = debugger.session().hits()
    assert (hit["function"], values(hit)["x"]) == ("later", "41")
    assert tracepoints(result)[0]["state"] == "enabled"


def test_deleted_and_disabled_here_and_there(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [
        *(
            f"dbg-session trace {SQUARED}",
            f"dbg-session trace {LOOP}",
            "dbg-session trace square",
            "dbg-session trace main",
        ),
        *("dbg-session trace delete 1", "delete 2", "dbg-session trace disable 3", "run"),
        "dbg-session trace list --json",
        *("enable 3", "run", "dbg-session trace list --json"),
        *("dbg-session trace delete --all", LIST, "dbg-session trace list --json"),
    ]
    result = traced(debugger, build, steps)
    assert "tracepoint 1 deleted" in result.output
    assert "tracepoints 3 and 4 deleted" in result.output
    assert tracepoints(result) == []
    assert "No breakpoints" in result.output
    hits = debugger.session().hits()
    assert [hit["breakpoint"] for hit in hits] == [4, 4, 3, 3, 3, 3, 3]


@pytest.mark.any_version
@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("trace delete 7", "there are no tracepoints; `trace LOC` sets one."),
        ("trace", "see `dbg-session trace --help`"),
        ("trace --every 0 main", "0 is not in 1.."),
        ("watch delete 7", "there are no watches; `watch EXPR` sets one."),
    ],
)
def test_refusals(debugger: Debugger, build: Build, command: str, sentence: str) -> None:
    result = traced(debugger, build, [f"dbg-session {command}"])
    assert sentence in result.output


def test_a_place_that_cannot_be(debugger: Debugger, build: Build) -> None:
    result = traced(debugger, build, ["dbg-session trace '*('", "dbg-session trace list --json"])
    # LLDB takes any word for a function that may be loaded later.
    refused = "dbg-session: " in result.output and not tracepoints(result)
    assert refused or "tracepoint 1 at *( is pending" in result.output


FLOOD = """
#include <unistd.h>
volatile int n;
int main(void) {
    alarm(120);
    for (;;)
        n++; // line 7
}
"""


def stop_by_ctrl_c(terminal: Terminal) -> None:
    """Press Ctrl-C until the program stops: LLDB overlooks it while it is between two hits."""
    for _ in range(40):
        terminal.interrupt()
        with contextlib.suppress(AssertionError):
            terminal.read_until(re.compile(r"SIGINT|stop reason|interrupted at tracepoint"), timeout=1.5)
            terminal.read_prompt()
            return
    raise AssertionError("it did not stop:\n" + terminal.transcript)


def test_ctrl_c_in_a_flood(debugger: Debugger) -> None:
    terminal = debugger.interactive(compiled(debugger, "flood", FLOOD))
    terminal.do("dbg-session trace flood.c:7 --stack 1")
    terminal.send("run")
    terminal.read_until(re.compile(r"recording to"))
    for _ in range(3):
        time.sleep(0.3)
        stop_by_ctrl_c(terminal)
        assert "flood.c:7" in terminal.do("dbg-session trace list")
        terminal.send("continue")
    time.sleep(0.3)
    stop_by_ctrl_c(terminal)
    terminal.quit()
    assert debugger.session().hits()


METHODS = """
namespace ns {
struct Parser {
    int n;
    int parse(int x) { return x + n; }
    int size() { return n; }
};
int other(int x) { return x; }
}
int main() { return ns::Parser{1}.parse(2) + ns::Parser{2}.size() + ns::other(0) - 5; }
"""


def compiled_cpp(debugger: Debugger, name: str, source: str) -> Path:
    """A C++ program made of `source` in the working folder."""
    (debugger.cwd / f"{name}.cpp").write_text(source)
    subprocess.run(["c++", "-g", "-o", name, f"{name}.cpp"], cwd=debugger.cwd, check=True, timeout=60)
    return debugger.cwd / name


def test_methods_by_a_regular_expression(debugger: Debugger) -> None:
    program = compiled_cpp(debugger, "methods", METHODS)
    debugger.run_script(program, ["dbg-session trace -r '^ns::Parser::'", "run"])
    names = [hit["function"] for hit in debugger.session().hits()]
    assert [name.partition("(")[0] for name in names] == ["ns::Parser::parse", "ns::Parser::size"]


MANY_METHODS = "struct Many {\n" + "".join(f"    int f{n}(int x) {{ return x + {n}; }}\n" for n in range(120)) + "};\n"
MANY_METHODS += "int main() {\n    Many m;\n    int x = 0;\n"
MANY_METHODS += "".join(f"    x += m.f{n}(1);\n" for n in range(120)) + "    return x == 0;\n}\n"


def test_many_methods_are_asked_about(debugger: Debugger) -> None:
    program = compiled_cpp(debugger, "many", MANY_METHODS)
    result = debugger.run_script(program, ["dbg-session trace -r '^Many::'", "run"])
    assert "120 functions match" in result.output
    assert not debugger.session_files()


def test_a_function_with_an_abi_tag(debugger: Debugger) -> None:
    source = "#include <string>\nnamespace ns { std::string f(int n) { return std::string(n, 'x'); } }\n"
    source += "int main() { return ns::f(3).size() - 3; }\n"
    for name in ("f", "ns::f"):
        program = compiled_cpp(debugger, "tagged", source)
        result = debugger.run_script(program, [f"dbg-session trace {name}", "run", "dbg-session trace list --json"])
        assert tracepoints(result)[0]["seen"] == 1, name
