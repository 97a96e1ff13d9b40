"""Measures whether a debugger grows with its hits: its resident memory, round by round; prints Markdown.

    .venv/bin/python bench/growth.py                        one GDB and one LLDB, 200,000 hits of each kind
    .venv/bin/python bench/growth.py lldb-23 --hits 20000

What the numbers mean, and those of one machine, are in bench/README.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / folder) for folder in ("python", "tools", "tests/python")]

import debuggers  # noqa: E402
from drive import Debugger, Raw, Step  # noqa: E402
from run import chosen  # noqa: E402
from stops import BUILT, HERE, BrokenError  # noqa: E402
from tables import machine, table  # noqa: E402

SOURCE = HERE / "programs" / "endless.cpp"
ROUNDS = 10
TIMEOUT_S = 3000.0

_READ = "print(open('/proc/self/statm').read().split()[1], file=open('pages.txt', 'a'))"
PAGES = Raw(gdb=f"python {_READ}", lldb=f"script {_READ}")
# Through the interpreter, as typed, but not onto the screen.
_STOPS = Raw(
    gdb="python for _ in range({count}): x = gdb.execute('continue', to_string=True)",
    lldb="script for _ in range({count}): "
    "x = lldb.debugger.GetCommandInterpreter().HandleCommand('continue', lldb.SBCommandReturnObject())",
)


class Way(NamedTuple):
    """A way to pass a place."""

    title: str
    place: str
    plugin: bool
    trace: bool


WAYS = (
    Way("real stops, no plugin", "plain", plugin=False, trace=False),
    Way("real stops", "plain", plugin=True, trace=False),
    Way("`trace`, raw", "plain", plugin=True, trace=True),
    Way("`trace`, by the debugger", "mapped", plugin=True, trace=True),
)


def line(mark: str) -> str:
    """Where that is."""
    lines = SOURCE.read_text().splitlines()
    return f"endless.cpp:{next(n for n, words in enumerate(lines, start=1) if f'mark: {mark}' in words)}"


def build(passes: int) -> Path:
    """Compile the program."""
    output = BUILT / f"endless-{passes}"
    if not output.exists() or output.stat().st_mtime < SOURCE.stat().st_mtime:
        BUILT.mkdir(parents=True, exist_ok=True)
        subprocess.run(["c++", "-g", "-O0", f"-DPASSES={passes}", "-o", output, SOURCE], check=True)
    return output


def run(row: debuggers.Debugger, way: Way, hits: int) -> list[float]:
    """Megabytes that the debugger holds, after each round of hits."""
    started = debuggers.find(row)
    if started is None:
        raise BrokenError(f"{row.name} is not on this machine.")
    per_round = hits // ROUNDS
    with tempfile.TemporaryDirectory(prefix="dbg-session-bench-") as folder:
        debugger = Debugger(row.name, row.kind, started, Path(folder))
        if not way.plugin:
            debugger.without_plugin()
        place = line(way.place)
        again: Step = "continue"
        if not way.trace:
            again = Raw(gdb=_STOPS.gdb.format(count=per_round), lldb=_STOPS.lldb.format(count=per_round))
        argument = Raw(gdb=f"set args {way.place}", lldb=f"settings set target.run-args {way.place}")
        begin: list[Step] = [argument, f"dbg-session trace {place}" if way.trace else f"break {place}"]
        begin += ["break round_done"] if way.trace else []
        rounds: list[Step] = [again, PAGES] * (ROUNDS - 1)
        result = debugger.run_script(build(per_round), [*begin, "run", PAGES, *rounds], timeout=TIMEOUT_S)
        pages = [int(words) for words in (debugger.cwd / "pages.txt").read_text().split()]
        if result.exit_code != 0 or len(pages) != ROUNDS:
            raise BrokenError(f"{row.name}, {way.title}: {result.output[-2000:]}")
        if way.plugin:
            _check(debugger, way, per_round)
        return [count * 4096 / 1e6 for count in pages]


def _check(debugger: Debugger, way: Way, per_round: int) -> None:
    """Every hit is in the record."""
    reason = "= 'tracepoint'" if way.trace else "!= 'tracepoint'"
    [(found,)] = debugger.session().rows(f"SELECT count(*) FROM breakpoint_hits WHERE reason {reason}")  # noqa: S608
    wanted = per_round * ROUNDS if way.trace else 1 + per_round * (ROUNDS - 1)
    if found != wanted:
        raise BrokenError(f"{debugger.name}, {way.title}: {wanted} hits were to be recorded, got {found}.")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("debuggers", nargs="*", metavar="DEBUGGER", help=f"of {', '.join(debuggers.NAMES)}")
    parser.add_argument("--all", action="store_true", help="every debugger that is here")
    parser.add_argument("--hits", type=int, default=200_000, help="of each kind")
    arguments = parser.parse_args()
    print(f"{machine()}; {arguments.hits} hits of each kind.\n")
    heads = ["MB resident after", *(f"{n * 100 // ROUNDS} %" for n in range(1, ROUNDS + 1))]
    try:
        for row in chosen(arguments):
            rows = []
            for way in WAYS:
                print(f"{row.name}, {way.title} …", file=sys.stderr, flush=True)
                rows.append([f"{row.name}, {way.title}", *(f"{held:.1f}" for held in run(row, way, arguments.hits))])
            print(table(heads, rows), flush=True)
    except (BrokenError, AssertionError, subprocess.CalledProcessError) as error:
        print(f"Not measured: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
