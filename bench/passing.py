"""Measures what a tracepoint costs, beside the alternatives, under real debuggers; prints Markdown.

    .venv/bin/python bench/passing.py                 one GDB and one LLDB, about two minutes
    .venv/bin/python bench/passing.py gdb-18 --rounds 11 --passes 10000

What the numbers mean, and those of one machine, are in bench/README.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / folder) for folder in ("python", "tools", "tests/python")]

import debuggers  # noqa: E402
from drive import Debugger, Raw, Step  # noqa: E402
from run import chosen  # noqa: E402
from stops import BUILT, CLOCK, HELPERS, HERE, BrokenError  # noqa: E402
from tables import load, machine, ratio, table  # noqa: E402

SOURCE = HERE / "programs" / "passes.c"
WARM = 64
# Hits, numbers, fewest and most values, fewest and most frames.
_RECORDED = """
    SELECT count(*), count(DISTINCT hit_seq), min(held), max(held), min(deep), max(deep) FROM (
        SELECT hit_seq, (SELECT count(*) FROM json_each(locals_json)) AS held,
            (SELECT depth + 1 FROM stacks WHERE id = stack_id) AS deep
        FROM breakpoint_hits WHERE reason = 'tracepoint')"""
TIMEOUT_S = 300.0


class Way(NamedTuple):
    """A way to deal with a pass."""

    name: str
    title: str
    before: tuple[Step, ...]


def place() -> str:
    """Where the program is passed."""
    lines = SOURCE.read_text().splitlines()
    return f"passes.c:{next(n for n, words in enumerate(lines, start=1) if 'mark: pass' in words)}"


PLACE = place()
_LLDB_SET = "script mark = lldb.target.BreakpointCreateByLocation('passes.c', {line}); mark.{way}"
_LINE = PLACE.partition(":")[2]


def _set(way: str) -> str:
    return _LLDB_SET.format(line=_LINE, way=way)


EMPTY = Way(
    "empty",
    "an empty `stop()`, an empty callback",
    (
        HELPERS,
        Raw(
            gdb=f"python EmptyPass('{PLACE}')",
            lldb=_set("SetScriptCallbackFunction('in_lldb.empty_pass')"),
        ),
    ),
)
OURS = Way("ours", "**`dbg-session trace`**", (f"dbg-session trace {PLACE}",))
NAIVE = Way(
    "naive",
    "naive Python: locals and stack as text",
    (
        HELPERS,
        Raw(
            gdb=f"python NaivePass('{PLACE}')",
            lldb=_set("SetScriptCallbackFunction('in_lldb.naive_pass')"),
        ),
    ),
)
COMMANDS = Way(
    "commands",
    "the debugger's own commands, logged",
    (
        Raw(gdb=f"break {PLACE}", lldb=_set("SetAutoContinue(True)")),
        Raw(
            gdb="python gdb.breakpoints()[-1].commands = 'silent\\ninfo locals\\nbt\\ncontinue'",
            lldb="script both = lldb.SBStringList(); both.AppendString('frame variable'); "
            "both.AppendString('thread backtrace'); mark.SetCommandLineCommands(both)",
        ),
        Raw(gdb="set logging file commands.txt", lldb="script pass"),
        Raw(gdb="set logging redirect on", lldb="script pass"),
        Raw(gdb="set logging enabled on", lldb="script pass"),
    ),
)
WAYS = (EMPTY, OURS, NAIVE, COMMANDS)


def build(passes: int) -> Path:
    """Compile the program."""
    output = BUILT / f"passes-{passes}"
    if not output.exists() or output.stat().st_mtime < SOURCE.stat().st_mtime:
        BUILT.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cc", "-g", "-O0", f"-DPASSES={passes}", "-o", output, SOURCE], check=True)
    return output


def run(row: debuggers.Debugger, way: Way, passes: int) -> tuple[float, float]:
    """One debugger process: microseconds a pass, by the clock and of its processor time."""
    started = debuggers.find(row)
    if started is None:
        raise BrokenError(f"{row.name} is not on this machine.")
    with tempfile.TemporaryDirectory(prefix="dbg-session-bench-") as folder:
        debugger = Debugger(row.name, row.kind, started, Path(folder))
        if way is not OURS:
            debugger.without_plugin()
        steps: list[Step] = ["break go", "break done", *way.before, "run", CLOCK, "continue", CLOCK]
        result = debugger.run_script(build(passes), steps, timeout=TIMEOUT_S)
        lines = (debugger.cwd / "clock.txt").read_text().splitlines()
        if result.exit_code != 0 or len(lines) != 2:  # noqa: PLR2004 - before and after
            raise BrokenError(f"{row.name}, {way.name}: {result.output[-2000:]}")
        _check(debugger, way, passes)
        (begin, cpu_begin), (end, cpu_end) = ([float(word) for word in line.split()] for line in lines)
        return (end - begin) / passes * 1e6, (cpu_end - cpu_begin) / passes * 1e6


def _check(debugger: Debugger, way: Way, passes: int) -> None:
    """Every pass is in the record, with its values and its stack."""
    every = passes + WARM
    if way is OURS:
        found = [tuple(row) for row in debugger.session().rows(_RECORDED)]
        if found != [(every, every, 6, 6, 4, 4)]:
            raise BrokenError(
                f"{debugger.name}: {every} hits of 6 values and 4 frames were to be recorded, got {found}."
            )
    elif way is NAIVE:
        count = (debugger.cwd / "naive.txt").read_text().count("hit push")
        if count != every:
            raise BrokenError(f"{debugger.name}, naive: {count} hits instead of {every}.")


def way_table(row: debuggers.Debugger, passes: int, rounds: int) -> str:
    """Each way against an empty one."""
    took: dict[str, list[tuple[float, float]]] = {way.name: [] for way in WAYS}
    for current in range(rounds):
        shift = current % len(WAYS)  # so that none has a fixed place
        for way in WAYS[shift:] + WAYS[:shift]:
            print(f"{row.name}, {way.name} …", file=sys.stderr, flush=True)
            took[way.name].append(run(row, way, passes))
    wall = {name: [one[0] for one in those] for name, those in took.items()}
    cpu = {name: [one[1] for one in those] for name, those in took.items()}
    rows = [
        [
            way.title,
            ratio(wall[way.name], wall[EMPTY.name]) if way is not EMPTY else "1",
            ratio(cpu[way.name], cpu[EMPTY.name]) if way is not EMPTY else "1",
            f"{median(wall[way.name]):,.0f}",
        ]
        for way in WAYS
    ]
    return table([f"{row.name}, {passes} passes", "ratio to empty", "ratio of CPU", "µs a pass"], rows)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("debuggers", nargs="*", metavar="DEBUGGER", help=f"of {', '.join(debuggers.NAMES)}")
    parser.add_argument("--all", action="store_true", help="every debugger that is here")
    parser.add_argument("--rounds", type=int, default=5, help="how often each way has its turn")
    parser.add_argument("--passes", type=int, default=2000, help="timed passes of one run")
    arguments = parser.parse_args()
    print(f"{machine()}; {arguments.rounds} rounds.\n")
    try:
        for row in chosen(arguments):
            before = load()
            text = way_table(row, arguments.passes, arguments.rounds)
            print(f"{text}\nLoad: {before} before, {load()} after.\n", flush=True)
    except (BrokenError, AssertionError, subprocess.CalledProcessError) as error:
        print(f"Not measured: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
