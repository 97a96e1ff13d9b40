"""Which stops are hits, and what is said of them: every kind of stop, under every debugger."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Build, at, compile_program
from drive import Raw, Session

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from drive import Debugger, Step

INSIDE = "stops.cpp:14"  # in `step(i)`, passed three times


def values(hit: sqlite3.Row) -> dict[str, Any]:
    """The values of a hit as plain text by name."""
    return {name: value["value"] for name, value in json.loads(hit["locals_json"]).items()}


def place(hit: sqlite3.Row) -> str:
    """Where a hit was, without the folders."""
    return str(hit["location_key"]).rpartition("/")[2]


def hits_of(debugger: Debugger, program: Path, steps: list[Step], **options: Any) -> list[sqlite3.Row]:
    """Run the steps and return the hits of the one session."""
    result = debugger.run_script(program, steps, **options)
    assert "Traceback" not in result.output
    return debugger.session().hits()


# --- Breakpoints ----------------------------------------------------------------------------------


def test_several_breakpoints_at_one_place(debugger: Debugger, build: Build) -> None:
    breaks = [f"break {INSIDE}", f"break {INSIDE} if i == 1", f"break {INSIDE} if i == 99"]
    hits = hits_of(debugger, build("stops.cpp"), [*breaks, "run", *["continue"] * 3])
    assert [values(hit)["i"] for hit in hits] == ["0", "1", "2"]
    assert [hit["hit_seq"] for hit in hits] == [1, 2, 3]
    assert {(hit["reason"], hit["breakpoint"]) for hit in hits} == {("breakpoint", 1)}


def test_the_breakpoint_that_truly_stopped_is_named(debugger: Debugger, build: Build) -> None:
    breaks = [f"break {INSIDE} if i == 99", f"break {INSIDE} if i == 1", f"break {INSIDE} if i == 2"]
    hits = hits_of(debugger, build("stops.cpp"), [*breaks, "run", *["continue"] * 2])
    assert [(values(hit)["i"], hit["breakpoint"]) for hit in hits] == [("1", 2), ("2", 3)]


def test_ignored_passes_are_no_hits(debugger: Debugger, build: Build) -> None:
    ignore = Raw(gdb="ignore 1 2", lldb="breakpoint modify --ignore-count 2 1")
    hits = hits_of(debugger, build("stops.cpp"), [f"break {INSIDE}", ignore, "run", "continue"])
    assert [values(hit)["i"] for hit in hits] == ["2"]


def test_a_temporary_breakpoint_is_one_hit(debugger: Debugger, build: Build) -> None:
    hits = hits_of(debugger, build("stops.cpp"), [f"tbreak {INSIDE}", "run", "continue"])
    assert [(values(hit)["i"], hit["reason"], hit["breakpoint"]) for hit in hits] == [("0", "breakpoint", 1)]


def test_steps_are_no_hits_but_what_they_step_onto_is(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = ["break main", "run", f"break {INSIDE}", *["next"] * 3, "stepi", "step"]
    hits = hits_of(debugger, build("stops.cpp"), steps)
    assert [(hit["function"], hit["reason"]) for hit in hits] == [("main", "breakpoint"), ("step", "breakpoint")]
    assert hits[1]["breakpoint"] == 2


def test_looking_around_is_no_hit(debugger: Debugger, build: Build) -> None:
    look = ["backtrace", "up", "print i", "down", "frame 1", "frame 0", "print watched", "thread 1"]
    hits = hits_of(debugger, build("stops.cpp"), [f"break {INSIDE}", "run", *look, "continue", *look])
    assert [values(hit)["i"] for hit in hits] == ["0", "1"]


def test_continuing_breakpoints(debugger: Debugger, build: Build) -> None:
    own = Raw(
        gdb=r"python gdb.breakpoints()[0].commands = 'silent\nprint i + 100\ncontinue\n'",
        lldb="breakpoint modify --auto-continue true 1",
    )
    result = debugger.run_script(build("stops.cpp"), [f"break {INSIDE}", own, f"break {INSIDE} if i == 99", "run"])
    assert "done" in result.output
    hits = debugger.session().hits()
    assert [(hit["hit_seq"], hit["breakpoint"], hit["reason"]) for hit in hits] == [
        (n, 1, "breakpoint") for n in (1, 2, 3)
    ]
    assert {(place(hit), hit["function"]) for hit in hits} == {(INSIDE, "step")}
    if debugger.is_gdb:
        # The user's commands run as ever, and each pass is a hit.
        assert re.findall(r"\$\d+ = (\d+)", result.output) == ["100", "101", "102"]
        assert [values(hit)["i"] for hit in hits] == ["0", "1", "2"]
    else:
        # LLDB shows nobody what its auto-continue passes over: docs/differences.md.
        assert {hit["read"] for hit in hits} == {"passed-by"}
        assert "passed by" in debugger.run_script(None, ["dbg-session show 1"]).output


def test_rerunning_goes_on_counting(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [f"break {INSIDE}", "run", *["continue"] * 3, "run", "continue"]
    hits = hits_of(debugger, build("stops.cpp"), steps)
    assert [hit["hit_seq"] for hit in hits] == [1, 2, 3, 4, 5]
    assert [values(hit)["i"] for hit in hits] == ["0", "1", "2", "0", "1"]
    assert len({hit["pid"] for hit in hits}) == 2


# --- Other stops ----------------------------------------------------------------------------------


def test_a_watchpoint(debugger: Debugger, build: Build) -> None:
    hits = hits_of(debugger, build("stops.cpp"), ["break main", "run", "watch watched", *["continue"] * 3])
    found = [(hit["function"], hit["reason"], hit["detail"]) for hit in hits]
    assert found == [("main", "breakpoint", None), *[("step", "watchpoint", "watched")] * 2]
    # It stops once the value has changed: at the statement after.
    assert [values(hit)["doubled"] for hit in hits[1:]] == ["2", "4"]


def test_a_thrown_exception(debugger: Debugger, build: Build) -> None:
    (hit,) = hits_of(debugger, build("stops.cpp"), ["catch throw", "run throw", "continue"])
    assert (hit["reason"], hit["detail"], hit["function"]) == ("exception", "throw", "__cxa_throw")
    assert re.fullmatch(r"libstdc\+\+\.so\.6!__cxa_throw\+0x[0-9a-f]+", hit["location_key"])
    functions = [row[0] for row in debugger.session().rows("SELECT function FROM hit_frames ORDER BY level")]
    assert functions[1] == "main"


def test_fatal_signals(debugger: Debugger, build: Build) -> None:
    hits = hits_of(debugger, build("stops.cpp"), ["run segv", "kill", "run abort", "kill"])
    assert [(hit["reason"], hit["detail"]) for hit in hits] == [("signal", "SIGSEGV"), ("signal", "SIGABRT")]
    assert values(hits[0])["kind"] == '"segv"'


def test_an_interrupt_is_no_hit(debugger: Debugger, build: Build) -> None:
    debugger.run_script(build("stops.cpp"), ["run int", "backtrace", "continue"])
    assert debugger.session_files() == []


def test_exec_keeps_the_session(debugger: Debugger, build: Build) -> None:
    # LLDB stops at the exec itself as well, and GDB does not.
    hits = hits_of(debugger, build("stops.cpp"), [f"break {INSIDE}", "run exec", *["continue"] * 7])
    assert [values(hit)["i"] for hit in hits] == ["0", "1", "2"] * 2
    assert [hit["hit_seq"] for hit in hits] == [1, 2, 3, 4, 5, 6]
    assert len({hit["pid"] for hit in hits}) == 1


def test_a_fork_goes_unharmed(debugger: Debugger, build: Build) -> None:
    result = debugger.run_script(build("stops.cpp"), [f"break {INSIDE} if i == 1", "run fork", "continue"])
    assert "done" in result.output
    assert [values(hit)["i"] for hit in debugger.session().hits()] == ["1"]


def test_without_debug_information(debugger: Debugger, build: Build) -> None:
    first, second = hits_of(debugger, build("loop.c", "-g0"), ["break square", "run", "continue"])
    assert re.fullmatch(r"loop!square\+0x[0-9a-f]+", first["location_key"])
    assert (second["location_key"], second["hit_seq"]) == (first["location_key"], 2)
    functions = [row[0] for row in debugger.session().rows("SELECT function FROM hit_frames WHERE hit_id = 1")]
    assert functions == ["square", "main"]


def test_recursion_of_ten_thousand_frames(debugger: Debugger, build: Build) -> None:
    patient = "dbg-session config capture.budget-ms 10000"
    (hit,) = hits_of(debugger, build("wild.cpp"), [patient, "break wild.cpp:70", "run"])
    assert values(hit)["depth"] == "0"
    frames = debugger.session().rows("SELECT function FROM hit_frames ORDER BY level")
    assert {frame["function"] for frame in frames} == {"recurse"}
    assert len(frames) == 64


# --- Threads --------------------------------------------------------------------------------------


def test_four_threads_at_four_lines_at_once(debugger: Debugger, build: Build) -> None:
    lanes = [at("lanes.c", name) for name in ("zero", "one", "two", "three")]
    hits = hits_of(debugger, build("lanes.c"), [*(f"break {lane}" for lane in lanes), "run", *["continue"] * 44])
    for number, lane in enumerate(lanes):
        here = [hit for hit in hits if place(hit) == lane]
        assert [hit["hit_seq"] for hit in here] == list(range(1, 11))
        assert [values(hit)["round"] for hit in here] == [str(n) for n in range(1, 11)]
        assert {values(hit)["lane"] for hit in here} == {str(number)}
        assert {hit["breakpoint"] for hit in here} == {number + 1}
        assert len({hit["tid"] for hit in here}) == 1
    assert len(hits) == 40


# --- Programs -------------------------------------------------------------------------------------


def test_two_programs_are_two_sessions(debugger: Debugger, build: Build) -> None:
    other = build("crash.c")
    leave = Raw(gdb="kill", lldb="target delete 0")
    debugger.run_script(build("loop.c"), ["break square", "run", leave, f"file {other}", "run"])
    found = [Session(path) for path in debugger.session_files()]
    assert [session.path.name.partition("-")[0] for session in found] == ["loop", "crash"]
    assert [len(session.hits()) for session in found] == [1, 1]
    assert all(session.value("SELECT ended_at FROM sessions") for session in found)


def test_two_files_of_one_name_are_two_keys(debugger: Debugger) -> None:
    for name in ("one", "two"):
        (debugger.cwd / name).mkdir()
        (debugger.cwd / name / "same.c").write_text(f"int {name}(int n) {{\n    return n + 1;\n}}\n")
    (debugger.cwd / "main.c").write_text("int one(int), two(int);\nint main(void) { return one(1) + two(2); }\n")
    command = ["cc", "-g", "-o", "twins", "main.c", "one/same.c", "two/same.c"]
    subprocess.run(command, cwd=debugger.cwd, check=True, timeout=60)
    hits = hits_of(debugger, debugger.cwd / "twins", ["break one", "break two", "run", "continue"])
    assert [(hit["location_key"], hit["hit_seq"]) for hit in hits] == [("one/same.c:2", 1), ("two/same.c:2", 1)]


@pytest.mark.usefixtures("attaching")
def test_attached_and_detached(debugger: Debugger, build: Build) -> None:
    program, tick = build("sleeper.c"), at("sleeper.c", "tick")
    running = subprocess.Popen([program])
    try:
        time.sleep(0.2)
        steps: list[Step] = [f"attach {running.pid}", f"break {tick}", *["continue"] * 2, "delete 1", "detach"]
        hits = hits_of(debugger, program, steps)
        assert [(hit["pid"], hit["reason"]) for hit in hits] == [(running.pid, "breakpoint")] * 2
        # Each at its own time, also when nothing but `continue` lies between them.
        first, second = (datetime.fromisoformat(hit["ts"].replace("Z", "+00:00")) for hit in hits)
        assert timedelta(seconds=0.1) <= second - first < timedelta(seconds=30)
        assert abs(datetime.now(timezone.utc) - second.astimezone(timezone.utc)) < timedelta(seconds=60)
        time.sleep(0.2)
        assert running.poll() is None
    finally:
        running.kill()
        running.wait(10)


def test_a_core_file_is_looked_at_only(debugger: Debugger, build: Build) -> None:
    core, program = debugger.cwd / "left.core", build("crash.c")
    save = Raw(gdb=f"generate-core-file {core}", lldb=f"process save-core {shlex.quote(str(core))}")
    debugger.run_script(program, ["dbg-session config auto off", "run", save])
    assert core.exists()
    result = debugger.run_script(program, [f"core {core}", "backtrace", "print total * 1000 + 7"])
    assert "3007" in result.output
    assert "Traceback" not in result.output
    assert debugger.session_files() == []


# --- Nothing else changes -------------------------------------------------------------------------


def plain(output: str) -> list[str]:
    """Lines without what differs from run to run, in an order that timing does not change."""
    lines = [re.sub(r"(?i)\b(process|lwp|thread) \d+", r"\1 N", line.rstrip()) for line in output.splitlines()]
    return sorted(line for line in lines if not line.startswith("[dbg-session] "))


def test_output_and_exit_codes_are_as_without_the_plugin(debugger: Debugger, build: Build) -> None:
    ending = Raw(gdb="quit 5", lldb="quit 5")
    steps: list[Step] = [
        *("break square if n == 3", "run", "backtrace", "print n * 1000", "up", "print i", "next", "step"),
        *("continue", "print 6 * 7", ending),
    ]
    program = build("loop.c")
    recorded = debugger.run_script(program, steps)
    said = [line for line in recorded.output.splitlines() if line.startswith("[dbg-session] ")]
    assert len(said) == 2, said
    assert re.match(r"\[dbg-session\] recording to \.dbg/sessions/loop-.*\.db$", said[0])
    assert re.match(r"\[dbg-session\] kept session loop-.* \(1 hit\)", said[1])
    debugger.without_plugin()
    bare = debugger.run_script(program, steps)
    assert plain(recorded.output) == plain(bare.output)
    assert recorded.exit_code == bare.exit_code
    assert re.search(r"exited with (code 07|status = 7)", recorded.output)


def test_output_that_looks_like_a_debugger_has_no_effect(debugger: Debugger, build: Build) -> None:
    result = debugger.run_script(build("printer.c"), [f"break {at('printer.c', 'printed')}", "run", "dbg-session show"])
    session = debugger.session()
    assert "forged" not in session.path.name
    (hit,) = session.hits()
    assert place(hit) == at("printer.c", "printed")
    # What the program holds is shown spelled out.
    shown = [line for line in result.output.splitlines() if "escape" in line and "stolen" in line]
    assert any("\\x1b]0;stolen" in line for line in shown)
    assert "\x1b" not in "".join(shown)
    assert "\x07" not in "".join(shown)
    assert "\\x1b" in values(hit)["escape"]


ENDLESS = """
#include <unistd.h>
static volatile int n;
static void pass(int k) {
    int row[40];
    for (int i = 0; i < 40; i++)
        row[i] = i + k;
    n += row[3];
}
int main(void) {
    alarm(120);
    for (int i = 0;; i++)
        pass(i);
}
"""


def test_ctrl_c_at_a_hit_stops_what_goes_on_by_itself(gdb: Debugger) -> None:
    """LLDB itself overlooks a Ctrl-C that comes while it handles a hit."""
    source = gdb.cwd / "endless.c"
    source.write_text(ENDLESS)
    compile_program(source, gdb.cwd / "endless", ("-Wno-unused",))
    terminal = gdb.interactive(gdb.cwd / "endless")
    terminal.do("break pass")
    terminal.send("commands\ncontinue\nend")
    terminal.read_prompt()
    terminal.send("run")
    for _ in range(3):
        terminal.read_until(re.compile(r"pass \(k=\d+\).*pass \(k=\d+\)", re.DOTALL))
        terminal.interrupt()
        # Most of the time goes into recording, so that is where Ctrl-C comes.
        terminal.read_prompt(20)
        terminal.send("continue")
    terminal.kill()
    assert "KeyboardInterrupt" not in terminal.transcript


PRESSED = """
import _thread
import dbg_session.gdb.stops as stops
counts, calls = stops._counts, []
def pressed(breakpoint):
    calls.append(breakpoint)
    if len(calls) == 20:
        _thread.interrupt_main()
    return counts(breakpoint)
stops._counts = pressed
"""


def test_ctrl_c_while_gdb_tells_of_a_breakpoint_is_not_lost(gdb: Debugger) -> None:
    """LLDB tells nobody of its breakpoints' counts."""
    source = gdb.cwd / "endless.c"
    source.write_text(ENDLESS)
    compile_program(source, gdb.cwd / "endless", ("-Wno-unused",))
    (gdb.cwd / "pressed.py").write_text(PRESSED)
    terminal = gdb.interactive(gdb.cwd / "endless")
    terminal.do("break pass")
    terminal.send("commands\ncontinue\nend")
    terminal.read_prompt()
    terminal.do("source pressed.py")
    terminal.send("run")
    terminal.read_prompt(20)
    terminal.kill()
    assert "KeyboardInterrupt" not in terminal.transcript
