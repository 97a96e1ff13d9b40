"""How long questions to a folder of many sessions take: `python bench/folder.py PROGRAM [SESSIONS]`.

Makes a folder of small sessions (10,000 by default) in the folder for temporary files, each a copy of
one session with a name, an id, a start and hits of its own, asks, and removes it again.
"""

from __future__ import annotations

import datetime as dt
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

QUESTIONS = (
    ["list"],
    ["hits"],
    ["prune", "--dry-run"],
)
TIMES = 5
HITS = 20


def make_one(program: str, folder: Path) -> Path:
    """A session as the program makes it, with a few hits."""
    subprocess.run([program, "new", "--label", "first", "./prog"], cwd=folder, check=True, capture_output=True)
    path = folder / ".dbg" / "sessions" / "first.db"
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute(
            """WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
               INSERT INTO breakpoint_hits (session_id, location_key, thread, hit_seq, ts, locals_json)
               SELECT (SELECT id FROM sessions), 't.c:1', '1', i, '2026-01-01T00:00:00.000000Z',
                      json_object('n', json_object('type', 'int', 'value', CAST(i AS TEXT))) FROM n""",
            (HITS,),
        )
        conn.execute("UPDATE sessions SET ended_at = started_at, created_by = 'auto'")
    return path


def make_all(program: str, folder: Path, count: int) -> None:
    """The copies; the first stays as one of them."""
    first = make_one(program, folder)
    for number in range(1, count):
        path = first.with_name(f"prog-{number:05}.db")
        shutil.copyfile(first, path)
        with closing(sqlite3.connect(path)) as conn, conn:
            conn.execute("PRAGMA synchronous = off")
            own = f"{number:032x}"
            conn.execute("UPDATE meta SET session_id = ?", (own,))
            conn.execute("UPDATE breakpoint_hits SET session_id = ?", (own,))
            start = f"2026-01-{1 + number % 28:02}T{number % 24:02}:00:00.{number:06}Z"
            conn.execute("UPDATE sessions SET id = ?, label = ?, started_at = ?", (own, path.stem, start))
        written = dt.datetime.fromisoformat(start.replace("Z", "+00:00")).timestamp() + 60
        os.utime(path, (written, written))


def ask(program: str, folder: Path, question: list[str]) -> tuple[float, float]:
    """Seconds that passed, and seconds of CPU."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder / "home")}
    subprocess.run([program, *question], cwd=folder, check=True, capture_output=True, env=environment)
    passed = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return passed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the table."""
    program = str(Path(sys.argv[1]).resolve())
    count = int(sys.argv[2]) if sys.argv[2:] else 10_000
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        make_all(program, folder, count)
        print(f"| {count:,} sessions | seconds | of CPU |\n|---|---|---|")
        for question in QUESTIONS:
            times = [ask(program, folder, question) for _ in range(TIMES)]
            passed, cpu = (statistics.median(column) for column in zip(*times))
            print(f"| `{' '.join(question)}` | {passed:.2f} | {cpu:.2f} |")


if __name__ == "__main__":
    main()
