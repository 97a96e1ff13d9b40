"""Measures what questions to large sessions cost: time by the clock, processor time, memory; prints Markdown.

    .venv/bin/python bench/asking.py              two sessions of 1,000,000 hits, about a minute; needs cargo
    .venv/bin/python bench/asking.py --hits 100000 --rounds 9 --keep /tmp/large

What the numbers mean, and those of one machine, are in bench/README.md.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tables import load, machine, number, table

ROOT = Path(__file__).resolve().parent.parent
CARGO = ("cargo", "build", "--quiet", "--release", "--no-default-features")

# A question, and how many milliseconds it may take (0: nothing was promised).
QUESTIONS = (
    ("hits --group-by state", 1000),
    ("hits --group-by request.len", 1000),
    ("hits --count-by i --top 5", 1000),
    ("hits --group-by caller", 1000),
    ("hits parse.c:118 --group-by state", 1000),
    ("hits --where 'request.len > 1390 and state == CLOSED'", 1000),
    ("hits store.cpp:77 --where 'total > 70000000 or fn ~ \"^x\"'", 1000),
    ("hit-trend parse.c:118 len", 1000),
    ("hit-trend store.cpp:77 total", 1000),
    ("hit-trend src/parse.c state", 1000),
    ("callers queue.c:42", 1000),
    ("hit-diff queue.c:42 10 100000", 50),
    ("show", 50),
    ("show 500000", 50),
    ("show queue.c:42 100000", 50),
    ("hits", 0),
    ("hits queue.c:42", 0),
    ("status", 0),
    ("diff", 10_000),
)
# Ends by Ctrl-C only, within so many milliseconds.
ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
CTRL_C_MS = 200


class Cost(NamedTuple):
    """What one run took: seconds, and bytes at most."""

    clock: float
    processor: float
    memory: int


def note(text: str) -> None:
    """Tell how far it is, away from the table."""
    print(text, file=sys.stderr, flush=True)


def build() -> Path:
    """The folder with the program and the maker of sessions."""
    for what in (("--bin", "dbg-session"), ("--example", "make-session")):
        subprocess.run([*CARGO, *what], cwd=ROOT, check=True)
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"


def run(command: list[str]) -> Cost:
    """Run a program to its end."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"this failed: {shlex.join(command)}")
    return Cost(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def sessions(folder: Path, release: Path, hits: int) -> list[Path]:
    """Two runs of a program, the second of which goes another way from its middle on."""
    made = []
    for label, more in (("first", ()), ("second", ("--again", "--part-at", str(hits // 2)))):
        path = folder / f"{label}.db"
        if not path.exists():
            note(f"making {path}")
            subprocess.run([release / "examples/make-session", path, "--hits", str(hits), *more], check=True)
        made.append(path)
    return made


def measure(release: Path, made: list[Path], rounds: int) -> list[list[str]]:
    """Every question in turns, round by round."""
    costs: dict[str, list[Cost]] = {}
    for current in range(rounds + 1):  # the first only warms up
        for question, _ in QUESTIONS:
            words = shlex.split(question)
            where = [str(path) for path in made] if words == ["diff"] else ["--session", str(made[0])]
            cost = run([str(release / "dbg-session"), *words, *where])
            if current > 0:
                costs.setdefault(question, []).append(cost)
        note(f"round {current} of {rounds}")
    rows = []
    for question, least in QUESTIONS:
        clock = median(cost.clock for cost in costs[question]) * 1000
        best = min(cost.clock for cost in costs[question]) * 1000
        processor = median(cost.processor for cost in costs[question]) * 1000
        memory = max(cost.memory for cost in costs[question]) / 1e6
        goal = number(least, "ms") if least else ""
        name = "diff first second" if question == "diff" else question
        rows.append([f"`{name}`", goal, f"**{number(clock)}**", number(best), number(processor), number(memory)])
    return rows


def ctrl_c(release: Path, made: list[Path], rounds: int) -> list[float]:
    """Milliseconds from Ctrl-C to the end of a question without an end."""
    took = []
    for _ in range(rounds):
        command = [str(release / "dbg-session"), "sql", ENDLESS, "--session", str(made[0])]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1)  # until it is asking
        pressed = time.perf_counter()
        process.send_signal(signal.SIGINT)
        if process.wait() != 130:  # noqa: PLR2004 - what a shell has for Ctrl-C
            sys.exit(f"Ctrl-C did not end this: {ENDLESS}")
        took.append((time.perf_counter() - pressed) * 1000)
    return took


def main() -> None:
    """Make sessions, ask them, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hits", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="a folder for the sessions, used again when they are there")
    arguments = parser.parse_args()
    release = build()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        made = sessions(folder.resolve(), release, arguments.hits)
        before = load()
        rows = measure(release, made, arguments.rounds)
        ended = ctrl_c(release, made, arguments.rounds)
        size = number(made[0].stat().st_size / 1e6, "MB")
    heads = (f"{arguments.hits:,} hits, {size}", "to reach", "ms", "least ms", "ms of processor", "MB of memory")
    print(table(heads, rows))
    told = f"{number(median(ended))} ms, {number(max(ended))} at most"
    print(f"Ctrl-C ends a question after {told} ({CTRL_C_MS} are to be reached).")
    print(f"Load: {before} before, {load()} after; {machine()}.")


if __name__ == "__main__":
    main()
