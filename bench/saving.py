"""Times `save` against copying the file.

The session is a recorded one, grown by SQL to the size asked for. `cp` is timed as a program, less
what a `cp` of an empty file takes. A save is on the disk when it returns, a copy is not; the copy
that is synced afterwards is shown too.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from dbg_session import SessionDb

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_COPIES = """
WITH RECURSIVE copies (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < :times)
INSERT INTO breakpoint_hits (hit_seq, {columns})
SELECT hit_seq + (:times + n) * :hits, {columns} FROM breakpoint_hits, copies WHERE breakpoint_hits.id <= :hits
"""


class Saving(NamedTuple):
    """Seconds, one per round."""

    size: int
    save: list[float]
    copy: list[float]
    synced: list[float]


def grow(path: Path, size: int) -> int:
    """Repeat a session's hits until it has about `size` bytes; returns what it has."""
    connection = sqlite3.connect(path)
    names = [row[1] for row in connection.execute("PRAGMA table_info(breakpoint_hits)")]
    columns = ", ".join(name for name in names if name not in ("id", "hit_seq"))
    (hits,) = connection.execute("SELECT count(*) FROM breakpoint_hits").fetchone()
    before = path.stat().st_size
    times = 1
    while times > 0:
        with connection:
            connection.execute(_COPIES.format(columns=columns), {"times": times, "hits": hits})
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        now = path.stat().st_size
        # Once to learn what the hits take, then as often as it needs.
        times = (size - now) // (now - before) if times == 1 else 0
    connection.close()
    return path.stat().st_size


def compare(path: Path, rounds: int) -> Saving:
    """Save and copy a session in turns."""
    empty = path.with_name("empty")
    empty.touch()
    saving = Saving(path.stat().st_size, [], [], [])
    starting = median(_timed(path, lambda to: _copy(empty, to)) for _ in range(rounds))
    for _ in range(rounds):
        with_source = SessionDb.open(path)
        saving.save.append(_timed(path, lambda to, session=with_source: session.save_to(to)))  # type: ignore[misc]
        saving.copy.append(_timed(path, lambda to: _copy(path, to)) - starting)
        saving.synced.append(_timed(path, lambda to: _copy_and_sync(path, to)) - starting)
    return saving


def _timed(path: Path, work: Callable[[Path], None]) -> float:
    target = path.with_name("target.db")
    os.sync()  # what others have written is not ours to wait for
    begin = time.perf_counter()
    work(target)
    took = time.perf_counter() - begin
    target.unlink()
    return took


def _copy(path: Path, to: Path) -> None:
    subprocess.run(["cp", path, to], check=True)


def _copy_and_sync(path: Path, to: Path) -> None:
    _copy(path, to)
    with to.open("rb") as file:
        os.fsync(file.fileno())
