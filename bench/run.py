"""Measures what recording costs, beside the alternatives, under real debuggers; prints Markdown.

    .venv/bin/python bench/run.py                 one GDB and one LLDB, four to five minutes
    .venv/bin/python bench/run.py --all           every debugger of the matrix that is here
    .venv/bin/python bench/run.py gdb-18 --rounds 11 --stops 500

What the numbers mean, and those of one machine, are in bench/README.md.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / folder) for folder in ("python", "tools", "tests/python")]

import debuggers  # noqa: E402
import saving  # noqa: E402
import stops  # noqa: E402
from drive import Debugger, Raw  # noqa: E402
from stops import BARE, BIG, COMMANDS, EMPTY, LOCALS, OURS, SMALL, WAYS, WILD  # noqa: E402
from tables import load, machine, number, ratio, table  # noqa: E402

# Stops of a wild frame: some ways take seconds for one.
WILD_STOPS = 2
# How many times as many stops fit into a run of the small frame.
BIG_IS_SLOWER = 6
SPACE_STOPS = 1000
STARTS_PER_ROUND = 2
SESSION_BYTES = 10_000_000


def note(text: str) -> None:
    """Tell how far it is, away from the tables."""
    print(text, file=sys.stderr, flush=True)


def turn(ways: tuple[stops.Way, ...], number_of_round: int) -> tuple[stops.Way, ...]:
    """The ways of one round: each round begins with another one, so that none has a fixed place."""
    shift = number_of_round % len(ways)
    return ways[shift:] + ways[:shift]


def time_ways(
    row: debuggers.Debugger, program: stops.Program, ways: tuple[stops.Way, ...], count: int, rounds: int
) -> dict[str, list[stops.Timing]]:
    """All ways in turns, round by round."""
    timings: dict[str, list[stops.Timing]] = {way.name: [] for way in ways}
    warm = 1 if program in (WILD, LOCALS) else stops.WARM
    for current in range(rounds):
        for way in turn(ways, current):
            timing, _ = stops.run(row, way, program, count, warm=warm)
            timings[way.name].append(timing)
    return timings


def stop_table(row: debuggers.Debugger, program: stops.Program, count: int, rounds: int) -> str:
    """Each way to deal with a stop, against a bare one."""
    timings = time_ways(row, program, WAYS, count, rounds)
    wall = {name: [timing.wall_us for timing in those] for name, those in timings.items()}
    cpu = {name: [timing.cpu_us for timing in those] for name, those in timings.items()}
    empty = median(wall[EMPTY.name])
    rows = [
        [
            way.title,
            ratio(wall[way.name], wall[BARE.name]) if way is not BARE else "1",
            ratio(cpu[way.name], cpu[BARE.name]) if way is not BARE else "1",
            f"{median(wall[way.name]):,.0f}",
            "" if way in (BARE, EMPTY) else f"{median(wall[way.name]) - empty:,.0f}",
        ]
        for way in WAYS
    ]
    heads = [f"{row.name}, {program.name} frame", "ratio to bare", "ratio of CPU", "µs a stop", "above empty"]
    return table(heads, rows)


def wild_row(row: debuggers.Debugger, program: stops.Program, rounds: int) -> list[str]:
    """What a frame that is trouble takes above a bare stop."""
    timings = time_ways(row, program, (BARE, OURS, COMMANDS), WILD_STOPS, rounds)
    cost = {name: median(timing.wall_us for timing in those) / 1e3 for name, those in timings.items()}
    title = f"{row.name}, {program.name} frame"
    return [title, *[number(cost[way.name] - cost[BARE.name], "ms") for way in (OURS, COMMANDS)]]


def loading_row(row: debuggers.Debugger, rounds: int) -> list[str]:
    """Starting and leaving the debugger: bare, with its Python awake, with the plugin."""
    started = debuggers.find(row)
    if started is None:
        raise stops.BrokenError(f"{row.name} is not on this machine.")
    ways = ("bare", "python", "plugin")
    wall: dict[str, list[float]] = {way: [] for way in ways}
    cpu: dict[str, list[float]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory(prefix="dbg-session-bench-") as folder:
        debugger = Debugger(row.name, row.kind, started, Path(folder))
        # Twice untimed, so that files are in memory and modules compiled.
        for current in range(-2, rounds * STARTS_PER_ROUND):
            for way in ways:
                took = _start(debugger, way)
                if current >= 0:
                    wall[way].append(took[0])
                    cpu[way].append(took[1])

    def added(those: dict[str, list[float]], way: str, other: str) -> str:
        return number(median(those[way]) - median(those[other]), "ms")

    return [
        row.name,
        added(cpu, "plugin", "python"),
        added(wall, "plugin", "python"),
        added(wall, "python", "bare"),
        number(median(wall["bare"]), "ms"),
    ]


def _start(debugger: Debugger, way: str) -> tuple[float, float]:
    """Milliseconds of one start and exit, by the clock and of processor time."""
    debugger.load_from_dotfile()
    if way != "plugin":
        debugger.without_plugin()
    steps = [Raw(gdb="python pass", lldb="script pass")] if way != "bare" else []
    used, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    debugger.run_script(None, steps)
    end, now = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return (end - begin) * 1e3, processor * 1e3


def space_row(row: debuggers.Debugger, program: stops.Program, count: int, keep: Path) -> list[str]:
    """The growth of the session's file from few hits to many."""
    _, few = stops.run(row, OURS, program, count // 10, keep=keep)
    _, many = stops.run(row, OURS, program, count, keep=keep)
    if few is None or many is None:
        raise stops.BrokenError(f"{row.name} recorded nothing.")
    a_hit = (many.size - few.size) / (many.hits - few.hits)
    fixed = (few.size - few.hits * a_hit) / 1e3
    title = f"{row.name}, {program.name} frame"
    return [title, number(a_hit), number(fixed, "kB"), f"{number(many.size / 1e3, 'kB')} ({many.hits} hits)"]


def saving_rows(path: Path, rounds: int) -> list[list[str]]:
    """`save` against `cp`."""
    size = saving.grow(path, SESSION_BYTES)
    took = saving.compare(path, rounds * STARTS_PER_ROUND)

    def shown(title: str, seconds: list[float]) -> list[str]:
        middle = median(seconds)
        return [title, f"**{median(took.copy) / middle:.2f}**", number(size / middle / 1e6), number(middle * 1e3)]

    return [
        shown("`cp`", took.copy),
        shown("`cp`, then synced", took.synced),
        shown("`save_to`, which syncs", took.save),
    ]


def chosen(arguments: argparse.Namespace) -> list[debuggers.Debugger]:
    """The debuggers to measure."""
    here = [row for row in debuggers.MATRIX if debuggers.find(row) is not None]
    if arguments.debuggers:
        return [debuggers.by_name(name) for name in arguments.debuggers]
    if arguments.all:
        return here
    return [row for kind in ("gdb", "lldb") for row in debuggers.present(kind)[:1]]


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("debuggers", nargs="*", metavar="DEBUGGER", help=f"of {', '.join(debuggers.NAMES)}")
    parser.add_argument("--all", action="store_true", help="every debugger that is here")
    parser.add_argument("--rounds", type=int, default=5, help="how often each way has its turn")
    parser.add_argument("--stops", type=int, default=150, help="timed stops of one run")
    arguments = parser.parse_args()
    unknown = set(arguments.debuggers) - set(debuggers.NAMES)
    if unknown:
        parser.error(f"unknown: {' '.join(sorted(unknown))}; known are {' '.join(debuggers.NAMES)}")
    if arguments.rounds < 1 or arguments.stops < 1:
        parser.error("--rounds and --stops count from 1")
    return arguments


def measure(rows: list[debuggers.Debugger], rounds: int, count: int, folder: Path) -> None:
    """Everything, as it becomes known."""
    print(f"{machine()}; {rounds} rounds of {count} stops ({-(-count // BIG_IS_SLOWER)} of the big frame).\n")
    for row in rows:
        print(f"{row.name}: {debuggers.version(debuggers.find(row) or Path())}  ")
    for row in rows:
        for program, here in ((SMALL, count), (BIG, -(-count // BIG_IS_SLOWER))):
            note(f"{row.name}, {program.name} frame …")
            before = load()
            text = stop_table(row, program, here, rounds)
            print(f"\n{text}\nLoad: {before} before, {load()} after.", flush=True)
    note("wild frames …")
    wild = [wild_row(row, program, min(rounds, 2)) for row in rows for program in (WILD, LOCALS)]
    print("\n" + table(["wild frames, above a bare stop", OURS.title, COMMANDS.title], wild) + f"\nLoad: {load()}.")
    note("loading …")
    loading = [loading_row(row, rounds) for row in rows]
    heads = ["loading the plugin", "adds CPU time", "adds", "Python alone adds", "bare start and exit"]
    print("\n" + table(heads, loading) + f"\nLoad: {load()}.", flush=True)
    note("space …")
    recorded = folder / "recorded.db"
    frames = ((BIG, SPACE_STOPS // BIG_IS_SLOWER), (SMALL, SPACE_STOPS))
    sizes = [space_row(row, program, here, recorded) for row in rows for program, here in frames]
    print("\n" + table(["space", "bytes a hit", "an empty session", "file"], sizes), flush=True)
    note("saving …")
    saved = saving_rows(recorded, rounds)
    size = number(recorded.stat().st_size / 1e6, "MB")
    print(table([f"a session of {size}", "speed, `cp` = 1", "MB/s", "ms"], saved) + f"\nLoad: {load()}.")


def main() -> int:
    """Measure and print."""
    arguments = parse()
    rows = chosen(arguments)
    if not rows:
        note("No debugger was found: `make debuggers` fetches some.")
        return 1
    begin = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="dbg-session-bench-") as folder:
            measure(rows, arguments.rounds, arguments.stops, Path(folder))
    except (stops.BrokenError, AssertionError, subprocess.CalledProcessError) as error:
        note(f"Not measured: {error}")
        return 1
    note(f"{time.monotonic() - begin:.0f} s in all.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
