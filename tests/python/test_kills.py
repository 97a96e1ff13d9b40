"""The debugger is killed at any moment: what was shown is there, every file can be used, nothing stays.

`make test` kills each debugger twice, `make test-kills` 300 times in all (KILLS=n: n times).
"""

from __future__ import annotations

import contextlib
import os
import random
import threading
import time
from typing import TYPE_CHECKING

from conftest import Build, at
from debuggers import NAMES
from drive import Session, kill_tree
from test_sessions import asked, outside

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drive import Debugger, Terminal

HERE = at("endless.c", "passed")
PROFILE = "main;passed 30\nmain 12\n"


class Killed(Exception):  # noqa: N818 - it is what was wanted
    """The debugger is gone."""


class Doomed:
    """A debugger at a terminal that is killed at some moment; knows what its user saw before."""

    def __init__(self, debugger: Debugger, program: Path, within: float) -> None:
        self.debugger = debugger
        self.terminal: Terminal = debugger.interactive(program)
        self.stops = 0
        self.made: list[str] = []
        self._within = within
        self._timer: threading.Timer | None = None

    def arm(self) -> None:
        """From now on it may be over at any moment."""
        delay = random.uniform(0, self._within)  # noqa: S311 - any moment will do
        self._timer = threading.Timer(delay, kill_tree, [self.terminal.process])
        self._timer.start()

    def do(self, step: str) -> str:
        """Carry out a step whose end is seen, or raise `Killed`."""
        try:
            said = self.terminal.do(step)
        except (AssertionError, OSError):
            raise Killed from None
        if self.terminal.process.poll() is not None:
            raise Killed
        return said

    def stop(self, step: str) -> None:
        """A step that ends at the breakpoint, with its prompt."""
        if "passed" in self.do(step):
            self.stops += 1

    def bury(self) -> None:
        """Wait until it is over."""
        if self._timer is not None:
            self._timer.join(30)
        kill_tree(self.terminal.process)


def stops(doomed: Doomed) -> None:
    doomed.do(f"break {HERE}")
    doomed.arm()
    doomed.stop("run")
    while True:
        doomed.stop("continue")


def tracing(doomed: Doomed) -> None:
    doomed.do(f"dbg-session trace {HERE}")
    doomed.arm()
    doomed.terminal.send(doomed.debugger.says("run"))
    while doomed.terminal.process.poll() is None:
        time.sleep(0.02)


def new(doomed: Doomed) -> None:
    doomed.arm()
    for n in range(10_000):
        label = f"new-{n}"
        if f"session {label}" in doomed.do(f"dbg-session new --label {label}"):
            doomed.made.append(label)


def save(doomed: Doomed) -> None:
    doomed.do(f"break {HERE}")
    doomed.stop("run")
    doomed.arm()
    for n in range(10_000):
        label = f"saved-{n % 7}"
        if "saved to" in doomed.do(f"dbg-session save {label}"):
            doomed.made.append(label)
        doomed.stop("continue")


def prune(doomed: Doomed) -> None:
    doomed.do(f"break {HERE}")
    doomed.stop("run")
    doomed.arm()
    for _ in range(10_000):
        doomed.do("dbg-session new")
        doomed.stop("continue")
        doomed.do("dbg-session layer add profile.folded")
        doomed.do("dbg-session prune --older-than 0s")


def layer_add(doomed: Doomed) -> None:
    doomed.do("dbg-session new --label layered")
    doomed.arm()
    while True:
        doomed.do("dbg-session layer add profile.folded")


ACTIVITIES: list[Callable[[Doomed], None]] = [stops, tracing, new, save, prune, layer_add]


def kill_once(debugger: Debugger, program: Path, activity: Callable[[Doomed], None], seed: int) -> None:
    """Kill the debugger while it does something, and look at what is left."""
    random.seed(seed)
    (debugger.cwd / "profile.folded").write_text(PROFILE)
    doomed = Doomed(debugger, program, within=1.0 if debugger.is_gdb else 1.5)
    try:
        with contextlib.suppress(Killed):
            activity(doomed)
    finally:
        doomed.bury()
    about = f"{activity.__name__}, seed {seed}"
    listing = asked(debugger, "list")
    # Every file is a session, and can be asked.
    assert listing["others"] == [], about
    sessions = {session["label"]: session for session in listing["sessions"]}
    for label in sessions:
        outside(debugger, "status", "--session", label)
        outside(debugger, "layer", "list", "--session", label)
    # What was shown is there.
    assert set(doomed.made) <= set(sessions), about
    if activity in (stops, save):
        files = [Session(path) for path in debugger.session_files()]
        most = max((session.value("SELECT count(*) FROM breakpoint_hits") for session in files), default=0)
        assert most >= doomed.stops, about
    for path in debugger.session_files():
        session = Session(path)
        assert session.value("PRAGMA integrity_check") == "ok", about
        gaps = "SELECT count(*) FROM breakpoint_hits WHERE hit_seq > (SELECT count(*) FROM breakpoint_hits)"
        assert activity is prune or session.value(gaps) == 0, about
        for row in session.rows("SELECT file FROM layers"):
            assert (path.with_suffix("") / "raw" / row["file"]).exists(), about
    # And nothing stays.
    outside(debugger, "prune", "--older-than", "0s", "--all")
    left = [str(path.relative_to(debugger.cwd)) for path in (debugger.cwd / ".dbg").rglob("*")]
    assert set(left) <= {".dbg/.gitignore", ".dbg/sessions"}, about
    beside = {path.name for path in debugger.cwd.iterdir()}
    assert beside <= {".dbg", "profile.folded"}, about


def test_a_kill_at_any_moment(debugger: Debugger, build: Build) -> None:
    program = build("endless.c")
    column = NAMES.index(debugger.name)
    kills = int(os.environ.get("KILLS", "0")) // len(NAMES) or 2
    began = int(os.environ.get("KILLS_SEED", "0")) or random.SystemRandom().randrange(1 << 30)
    for n in range(kills):
        kill_once(debugger, program, ACTIVITIES[(2 * column + n) % len(ACTIVITIES)], began + n)
