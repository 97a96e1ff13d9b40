"""Times real stops under a debugger: the program runs into a breakpoint, is continued, again and again.

Each run is one debugger process. It goes through the first stops untimed, then reads its own clock,
goes through the others, and reads the clock again: what is fixed (starting, loading, the first hit)
is not in the time per stop. Every run is checked: a way that did not do its work has no time.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import debuggers
from drive import ROOT, Debugger, Raw, Result, Step

HERE = Path(__file__).resolve().parent
BUILT = ROOT / "build" / "bench"
TIMEOUT_S = 120.0
# Untimed stops: what is found out once per place, and the session's beginning, lie in them.
WARM = 10

_CLOCK_CODE = "import time; print(time.monotonic(), time.process_time(), file=open('clock.txt', 'a'))"
CLOCK = Raw(gdb=f"python {_CLOCK_CODE}", lldb=f"script {_CLOCK_CODE}")
HELPERS = Raw(gdb=f"source {HERE}/in_gdb.py", lldb=f"command script import {HERE}/in_lldb.py")


class Program(NamedTuple):
    """A program to debug, and what its frame holds."""

    name: str
    source: str
    shown: str  # how one of its locals looks wherever it is shown, as a pattern
    values: int
    frames: int


SMALL = Program("small", "small.c", r"\bmean = \d", values=6, frames=4)
BIG = Program("big", "big.cpp", r"\bwords = ", values=10, frames=4)
WILD = Program("wild", "wild.cpp", r"\bfour_mb = ", values=4, frames=2)
# A hit holds a thousand names, and that there are more.
LOCALS = Program("locals", "locals.c", r"\bv0000 = ", values=1001, frames=2)


class Way(NamedTuple):
    """A way to deal with a stop."""

    name: str
    title: str
    before: tuple[Step, ...] = ()  # carried out before the program runs
    plugin: bool = False
    log: str = ""  # what it writes; empty for what the debugger itself prints
    mark: Raw | None = None  # found in the log once per stop


BARE = Way("bare", "nothing: stop, `continue`")
EMPTY = Way(
    "empty",
    "a handler that does nothing",
    (
        HELPERS,
        Raw(gdb="python gdb.events.stop.connect(empty)", lldb="target stop-hook add -P in_lldb.Empty"),
    ),
)
OURS = Way("ours", "**dbg-session**", plugin=True)
NAIVE = Way(
    "naive",
    "naive Python: locals and stack as text",
    (
        HELPERS,
        Raw(gdb="python gdb.events.stop.connect(naive)", lldb="target stop-hook add -P in_lldb.Naive"),
    ),
    log="naive.txt",
    mark=Raw(gdb="hit push", lldb="hit "),
)
COMMANDS = Way(
    "commands",
    "the debugger's own commands, logged",
    (
        # In GDB the log takes all, as with `set logging`; LLDB prints into a file anyway.
        Raw(
            gdb="python gdb.breakpoints()[0].commands = 'info locals\\nbt'",
            # Given as `breakpoint command add -o … -o …` only the last one would count.
            lldb="script both = lldb.SBStringList(); both.AppendString('frame variable'); "
            "both.AppendString('thread backtrace'); lldb.target.breakpoint[0].SetCommandLineCommands(both)",
        ),
        Raw(gdb="set logging file commands.txt", lldb="script pass"),
        Raw(gdb="set logging redirect on", lldb="script pass"),
        Raw(gdb="set logging enabled on", lldb="script pass"),
    ),
    log="commands.txt",
    mark=Raw(gdb="#0  ", lldb="  * frame #0: "),
)
WAYS = (BARE, EMPTY, OURS, NAIVE, COMMANDS)


class Timing(NamedTuple):
    """What one run took."""

    first_ms: float  # from `run` to the prompt after the first stop
    wall_us: float  # per stop
    cpu_us: float  # per stop, of all threads of the debugger's own process


class Recorded(NamedTuple):
    """The session that the plugin made of one run."""

    path: Path
    hits: int
    size: int


class BrokenError(Exception):
    """A run that did not do what was to be timed."""


def build(program: Program, project: Path | None = None) -> Path:
    """Compile a program, if it has changed; or from a copy of its source in a project's folder."""
    source = HERE / "programs" / program.source
    output = (project or BUILT) / program.name
    if project is not None:
        source = Path(shutil.copy(source, project))
    if not output.exists() or output.stat().st_mtime < source.stat().st_mtime:
        BUILT.mkdir(parents=True, exist_ok=True)
        compiler = ["cc"] if source.suffix == ".c" else ["c++", "-std=c++17"]
        subprocess.run([*compiler, "-g", "-O0", "-o", output, source], check=True)
    return output


def line(program: Program) -> int:
    """The line to stop at."""
    text = (HERE / "programs" / program.source).read_text()
    return next(n for n, words in enumerate(text.splitlines(), start=1) if "mark: stop" in words)


def run(  # noqa: PLR0913 - a run is all of this
    row: debuggers.Debugger,
    way: Way,
    program: Program,
    stops: int,
    *,
    warm: int = WARM,
    keep: Path | None = None,
) -> tuple[Timing, Recorded | None]:
    """One debugger process with `stops` timed stops.

    With `keep` the program is one of the working folder's own, as it usually is, so that locations
    are short; and the session is copied to `keep`.
    """
    started = debuggers.find(row)
    if started is None:
        raise BrokenError(f"{row.name} is not on this machine.")
    with tempfile.TemporaryDirectory(prefix="dbg-session-bench-") as folder:
        debugger = Debugger(row.name, row.kind, started, Path(folder))
        if not way.plugin:
            debugger.without_plugin()
        steps: list[Step] = [f"break {program.source}:{line(program)}", *way.before, CLOCK, "run", CLOCK]
        steps += [*["continue"] * warm, CLOCK, *["continue"] * stops, CLOCK]
        built = build(program, debugger.cwd if keep else None)
        result = debugger.run_script(built, steps, timeout=TIMEOUT_S)
        _check(debugger, way, program, result, 1 + warm + stops)
        recorded = None
        if way.plugin:
            recorded = _recorded(debugger, program, 1 + warm + stops)
            if keep is not None:
                shutil.copy(recorded.path, keep)
        return _timing(debugger, stops), recorded


def _timing(debugger: Debugger, stops: int) -> Timing:
    clocks = [[float(word) for word in text.split()] for text in (debugger.cwd / "clock.txt").read_text().splitlines()]
    (before, _), (first, _), (begin, cpu_begin), (end, cpu_end) = clocks
    wall, cpu = end - begin, cpu_end - cpu_begin
    return Timing((first - before) * 1e3, wall / stops * 1e6, cpu / stops * 1e6)


def _check(debugger: Debugger, way: Way, program: Program, result: Result, stops: int) -> None:
    """Every stop was shown, and dealt with."""
    log = debugger.cwd / way.log
    text = log.read_text(errors="replace") if way.log and log.exists() else result.output
    redirected = way is COMMANDS and debugger.is_gdb
    told = r"^Breakpoint 1, " if debugger.is_gdb else r"^Process \d+ stopped$"
    shown = len(re.findall(told, text if redirected else result.output, re.MULTILINE))
    found = values = stops
    if way.mark is not None:
        found = text.count(debugger.says(way.mark))
        values = len(re.findall(program.shown, text))
    if result.exit_code != 0 or {shown, found, values} != {stops}:
        raise BrokenError(
            f"{debugger.name}, {way.name}: {stops} stops were asked for, {shown} shown, {found} dealt with, "
            f"{values} with values, "
            f"exit code {result.exit_code}. The end of what it printed:\n{result.output[-2000:]}"
        )


def _recorded(debugger: Debugger, program: Program, stops: int) -> Recorded:
    """The session, after a look whether every stop is in it as it should be."""
    session = debugger.session()
    hits, last, failed = session.rows("SELECT count(*), max(hit_seq), count(error) FROM breakpoint_hits")[0]
    values = {len(json.loads(hit["locals_json"])) for hit in session.hits()}
    frames = {count for (count,) in session.rows("SELECT count(*) FROM hit_frames GROUP BY hit_id")}
    expected = (stops, stops, 0, {program.values}, {program.frames})
    if (hits, last, failed, values, frames) != expected:
        raise BrokenError(
            f"{debugger.name}: the session should hold (hits, last number, errors, values, frames) = {expected}, "
            f"it holds {(hits, last, failed, values, frames)}."
        )
    log = session.path.with_name(session.path.name + "-wal")
    size = session.path.stat().st_size + (log.stat().st_size if log.exists() else 0)
    return Recorded(session.path, hits, size)
