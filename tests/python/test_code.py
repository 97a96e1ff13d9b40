"""`disasm`, `source`, `at-hit` and `cross`: the code around hits, live and from the session afterwards."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from conftest import Build, at
from drive import Raw

if TYPE_CHECKING:
    from pathlib import Path

    from drive import Debugger, Step

AREA = at("code.cpp", "area")
SQUARED = at("loop.c", "squared")


def documents(output: str) -> list[Any]:
    """The JSON documents that were printed."""
    starts = [
        found.start() for found in re.finditer(r"^(?:error: )?(?=\{\s*\"(?:session|error)\")", output, re.MULTILINE)
    ]
    return [json.JSONDecoder().raw_decode(output, output.index("{", start))[0] for start in starts]


def document(output: str) -> Any:
    """The last of them."""
    found = documents(output)
    assert found, output
    return found[-1]


def disassembled(debugger: Debugger, program: Path, steps: list[Step], name: str) -> Any:
    """Run the steps, disassemble, and return what was said."""
    result = debugger.run_script(program, [*steps, f"dbg-session disasm {name} --json"])
    assert "Traceback" not in result.output
    return document(result.output)


def texts(code: Any) -> list[str]:
    """Mnemonics and operands, without the size letters that LLDB's dialect has."""
    names = {"callq": "call", "retq": "ret", "pushq": "push", "popq": "pop", "jmpq": "jmp"}
    return [" ".join([names.get(text.split()[0], text.split()[0]), *text.split()[1:]]) for text in listed(code)]


def listed(code: Any) -> list[str]:
    """The texts as they are."""
    return [one["text"] for one in code["instructions"]]


# --- disasm ---------------------------------------------------------------------------------------


def test_it_is_the_same_before_and_while_the_program_runs(debugger: Debugger, build: Build) -> None:
    program = build("code.cpp", "-O1")
    before = disassembled(debugger, program, [], "sea::area")
    running = disassembled(debugger, program, ["break main", "run"], "sea::area")
    assert before["session"] == "none"
    assert running["session"].startswith("code-")
    assert before["instructions"] == running["instructions"]
    assert before["instructions"][0]["offset"] == 0
    assert listed(before)[-1].startswith("ret")
    assert before["function"] == "sea::area"
    (source,) = {one["source"] for one in before["instructions"] if one["line"] == 23}
    assert source == "    return side + 1;"
    before = disassembled(debugger, program, [], "main")
    running = disassembled(debugger, program, [f"break {AREA}", "run"], "main")
    assert before["instructions"] == running["instructions"]
    assert any(text.endswith("# <seen>") for text in listed(running))


def test_calls_and_jumps_are_by_name(debugger: Debugger, build: Build) -> None:
    code = disassembled(debugger, build("code.cpp", "-O1"), ["break main", "run"], "main")
    said = texts(code)
    assert said.count("call <geo::area>") == 3
    assert "call <sea::area>" in said
    assert "call <geo::Point<int>::dot>" in said
    jumps = [re.fullmatch(r"j\w+ <\+0x([0-9a-f]+)>", text) for text in said if text.startswith("j")]
    offsets = {one["offset"] for one in code["instructions"]}
    assert jumps
    assert all(jump and int(jump.group(1), 16) in offsets for jump in jumps)
    # Whole addresses are others in the next process.
    assert not re.search(r"0x5555|0x7f", " ".join(said))


def test_the_current_function_is_the_default(debugger: Debugger, build: Build) -> None:
    code = disassembled(debugger, build("loop.c"), ["break square", "run"], "")
    assert (code["function"], code["file"].rpartition("/")[2]) == ("square", "loop.c")
    assert {one["hits"] for one in code["instructions"] if one["line"] == 5} == {1}
    up = disassembled(debugger, build("loop.c"), ["break square", "run", "up"], "")
    assert up["function"] == "main"


def test_a_location_stands_for_its_function(debugger: Debugger, build: Build) -> None:
    code = disassembled(debugger, build("loop.c"), [], SQUARED)
    assert code["function"] == "square"


def test_rust(debugger: Debugger, build: Build) -> None:
    program = build("values.rs")
    code = disassembled(debugger, program, ["break values::main", "run"], "values::main")
    assert code["function"] == "values::main"
    assert any(text.startswith("call") for text in listed(code))
    # As short as for `cross`, once the session knows it.
    short = disassembled(debugger, program, ["break values::main", "run"], "values::main")
    assert short["instructions"] == code["instructions"]


def test_a_name_that_is_ambiguous(debugger: Debugger, build: Build) -> None:
    program = build("code.cpp", "-O1")
    code = disassembled(debugger, program, [], "area")
    assert code == {
        "error": "`area` may be `geo::area(double)`, `geo::area(int)` or `sea::area(int)`; write more of the name."
    }
    code = disassembled(debugger, program, [], "geo::area")
    assert code == {"error": "`geo::area` may be `geo::area(double)` or `geo::area(int)`; write more of the name."}
    assert disassembled(debugger, program, [], "'geo::area(int)'")["function"] == "geo::area"


def test_one_that_is_only_inlined(debugger: Debugger, build: Build) -> None:
    error = disassembled(debugger, build("code.cpp", "-O1"), [], "total")["error"]
    assert re.search(r"`total` was inlined and has no code of its own; it is part of `main.*`", error)


def test_one_that_is_not_there(debugger: Debugger, build: Build) -> None:
    error = disassembled(debugger, build("loop.c"), [], "no_such")["error"]
    assert error.startswith("no function `no_such` is known; the compiler may have left it out")


def test_before_the_program_runs_there_is_no_current_one(debugger: Debugger, build: Build) -> None:
    error = disassembled(debugger, build("loop.c"), [], "")["error"]
    assert error == "there is no current function before the program runs; name one."


def test_without_a_program(debugger: Debugger) -> None:
    result = debugger.run_script(None, ["dbg-session disasm main --json"])
    assert "error" in document(result.output)
    assert "Traceback" not in result.output


def test_without_debug_information(debugger: Debugger, build: Build) -> None:
    program = build("loop.c", "-g0")
    code = disassembled(debugger, program, ["break square", "run"], "square")
    assert (code["function"], code["file"]) == ("square", None)
    assert all(one["line"] is None for one in code["instructions"])
    assert texts(code)[-1] == "ret"
    result = debugger.run_script(program, ["dbg-session source square --json"])
    assert "was built without debug information" in document(result.output)["error"]


def test_a_function_of_the_c_library(debugger: Debugger, build: Build) -> None:
    code = disassembled(debugger, build("loop.c"), ["break main", "run"], "puts")
    assert code["function"].endswith("puts")
    assert len(code["instructions"]) > 10


def test_the_users_flavor(debugger: Debugger, build: Build) -> None:
    intel = Raw(gdb="set disassembly-flavor intel", lldb="settings set target.x86-disassembly-flavor intel")
    code = disassembled(debugger, build("loop.c"), [intel], "square")
    assert code["flavor"] == "intel"
    assert "mov rbp, rsp" in listed(code)
    code = disassembled(debugger, build("loop.c"), [], "square")
    assert code["flavor"] == "att"
    assert "%rsp, %rbp" in " ".join(listed(code))


def test_it_is_kept(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = ["break square", "run", "dbg-session disasm", "dbg-session disasm square"]
    debugger.run_script(build("loop.c"), steps)
    (row,) = debugger.session().rows("SELECT * FROM disassembly")
    assert (row["source"], row["trigger"]) == (debugger.kind, "disasm")
    assert json.loads(row["asm_lines_json"])[0]["offset"] == 0
    assert row["asm_text"].startswith("+0x0\t")
    # Another debugger, or none, shows it later.
    later = debugger.run_script(None, ["dbg-session disasm square"])
    assert "push" in later.output


# --- source ---------------------------------------------------------------------------------------


def test_source_of_a_function(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [f"break {AREA}", "run", "continue", "dbg-session source 'geo::area(int)' --json"]
    text = document(debugger.run_script(build("code.cpp", "-O1"), steps).output)
    assert [(line["number"], line["hits"]) for line in text["lines"]] == [(7, 0), (8, 2), (9, 0)]
    assert text["lines"][0]["text"].endswith("int area(int side) {")


def test_source_is_as_it_was(debugger: Debugger, build: Build) -> None:
    program = build("loop.c", into=debugger.cwd)
    source = debugger.cwd / "loop.c"
    debugger.run_script(program, ["break square", "run", "dbg-session source main"])
    text = source.read_text()
    source.write_text(text.replace("int result", "int changed"))
    for asked in ("square", "main", SQUARED):
        shown = document(debugger.run_script(None, [f"dbg-session source {asked} --json"]).output)
        assert "changed" not in json.dumps(shown)
        assert shown["lines"][-1]["text"] == "}"
    source.write_text(text)


def test_source_that_is_not_here(debugger: Debugger, build: Build) -> None:
    program = build("loop.c", into=debugger.cwd)
    (debugger.cwd / "loop.c").unlink()
    shown = document(debugger.run_script(program, ["dbg-session source square --json"]).output)
    assert re.match(
        r"the source of `square` is not on this machine: it was .*loop\.c when it was built", shown["error"]
    )


# --- at-hit ---------------------------------------------------------------------------------------


def test_at_hit(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [f"break {SQUARED}", "run", "continue", "dbg-session at-hit", "dbg-session at-hit --json"]
    result = debugger.run_script(build("loop.c"), steps)
    hit = document(result.output)
    assert hit["code_is_kept"]
    assert hit["named"] == {"result": {"type": "int", "value": "4"}}
    (current,) = [one for one in hit["instructions"] if one["offset"] == hit["offset"]]
    assert current["source"].strip().startswith("return result;")
    assert re.search(r"^> +\+0x[0-9a-f]+  mov", result.output, re.MULTILINE)
    assert "Traceback" not in result.output


def test_at_hit_of_another_process(debugger: Debugger, build: Build) -> None:
    program = build("loop.c")
    aslr = Raw(gdb="set disable-randomization off", lldb="settings set target.disable-aslr false")
    steps: list[Step] = [aslr, f"break {SQUARED}", "run", "dbg-session disasm square", "kill", "run"]
    result = debugger.run_script(program, [*steps, "dbg-session at-hit 1 --json", "dbg-session at-hit 2 --json"])
    first, second = documents(result.output)
    (text,) = [one["text"] for one in second["instructions"] if one["offset"] == second["offset"]]
    assert second["offset"] == first["offset"]
    assert text.startswith("mov")


def test_at_hit_without_debug_information(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = ["break square", "run", "dbg-session at-hit --json"]
    hit = document(debugger.run_script(build("loop.c", "-g0"), steps).output)
    assert hit["offset"] is not None
    assert (hit["source"], hit["named"]) == (None, {})


# --- cross ----------------------------------------------------------------------------------------


def test_cross_knows_it_all(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [
        *("break square if n > 1", "run", "continue", "dbg-session note --hit 1 odd", "dbg-session disasm square"),
        *("dbg-session cross square", "dbg-session cross square --json"),
    ]
    result = debugger.run_script(build("loop.c"), steps)
    known = document(result.output)
    assert known["hits"]["count"] == 2
    (argument,) = known["arguments"]
    assert argument == {"name": "n", "hits": 2, "distinct": 2, "min": 2.0, "max": 3.0, "last": "3"}
    assert [(b["spec"], b["condition"]) for b in known["breakpoints"]] == [("square", "n > 1")]
    assert [note["text"] for note in known["notes"]] == ["odd"]
    assert (known["source"]["first_line"], known["source"]["last_line"]) == (4, 7)
    assert known["code"]["source"] == debugger.kind
    assert [one["function"] for one in known["hits"]["callers"]] == ["main"]
