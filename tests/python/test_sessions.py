"""The verbs, inside a debugger and outside of it afterwards, and what becomes of sessions."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Build, at
from drive import PLUGIN, Raw, Session

if TYPE_CHECKING:
    from drive import Debugger, Step

# What becomes of sessions is the same, whichever debugger asks.
pytestmark = pytest.mark.any_version

MARKS = re.compile(r"^<(\w+)>$\n(.*?)^<end>$", re.MULTILINE | re.DOTALL)


def outside(debugger: Debugger, *words: str, code: int = 0) -> str:
    """What the program `dbg-session` prints in the debugger's working folder."""
    done = subprocess.run(
        [sys.executable, "-m", "dbg_session", *words],
        cwd=debugger.cwd,
        env={**debugger.environment, "PYTHONPATH": str(PLUGIN.parent), **_state(debugger)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, f"{words}: {done.stdout}{done.stderr}"
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def _state(debugger: Debugger) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(debugger.home / "state")}


def asked(debugger: Debugger, *words: str) -> Any:
    """The JSON answer of the program."""
    return json.loads(outside(debugger, *words, "--json"))


def between(output: str, mark: str) -> str:
    """What was printed between `echo <mark>` and `echo <end>`, without LLDB's own echo of commands."""
    lines = [line for line in output.splitlines() if not line.startswith("(lldb) ")]
    found = dict(MARKS.findall("\n".join(lines) + "\n"))
    assert mark in found, output
    return str(found[mark])


def said(mark: str, step: Step) -> list[Step]:
    """A step whose output is found again by `between`."""
    return [f"echo <{mark}>", step, "echo <end>"]


def tried(verb: str) -> Step:
    """A command that is to fail: LLDB would carry out none of the steps after it."""
    command = f"dbg-session {verb}"
    return Raw(gdb=command, lldb=f"script lldb.debugger.HandleCommand({command!r})")


# --- Verbs ----------------------------------------------------------------------------------------


def test_the_verbs_say_the_same_inside_and_outside(debugger: Debugger, build: Build) -> None:
    verbs = {
        "hits": "hits --json",
        "show": "show 1 --json",
        "sql": "sql --json SELECT hit_seq, reason FROM breakpoint_hits ORDER BY id",
        "list": "list --json",
        "bad": "hits nowhere.c:1",
        "unknown": "frobnicate",
    }
    steps: list[Step] = [f"break {at('loop.c', 'squared')}", "run", "continue", "dbg-session note --hit 2 two of five"]
    for mark, verb in verbs.items():
        steps += said(mark, tried(verb))
    result = debugger.run_script(build("loop.c"), steps)
    inside = {mark: between(result.output, mark) for mark in verbs if mark not in ("bad", "unknown")}
    label = debugger.session().path.stem
    for mark in ("hits", "show"):
        assert json.loads(inside[mark]) == asked(debugger, *verbs[mark].split()[:-1]), mark
    query = "SELECT hit_seq, reason FROM breakpoint_hits ORDER BY id"
    assert json.loads(inside["sql"]) == asked(debugger, "sql", query)
    (live,) = json.loads(inside["list"])["sessions"]
    (ended,) = asked(debugger, "list")["sessions"]
    assert (live["state"], ended["state"]) == ("live", "ended")
    assert (live["label"], live["hits"]) == (ended["label"], ended["hits"]) == (label, 2)
    assert ended["ended_at"] is not None
    assert (ended["created_by"], ended["kind"], ended["class"]) == ("auto", "debug", "native-cpu")
    # The note belongs to the second hit, and is found outside.
    (note,) = asked(debugger, "status")["session"]["notes"]
    assert (note["text"], note["hit"]) == ("two of five", 2)
    # Errors are one sentence each.
    assert re.search(r"nowhere\.c:1", result.output)
    assert "frobnicate" in result.output
    assert "Traceback" not in result.output
    assert "nowhere" in outside(debugger, "hits", "nowhere.c:1", code=1)
    assert "frobnicate" in outside(debugger, "frobnicate", code=2)
    # Nothing that is asked changes the file, whatever it tries.
    before = debugger.session().path.read_bytes()
    outside(debugger, "sql", "DELETE FROM breakpoint_hits", code=1)
    outside(debugger, "sql", "PRAGMA user_version = 9", code=1)
    assert len(debugger.session().hits()) == 2
    assert debugger.session().path.read_bytes() == before


def test_new_ends_and_keeps_the_one_before(debugger: Debugger, build: Build) -> None:
    here = at("loop.c", "squared")
    steps: list[Step] = [
        *("dbg-session new --label first", f"break {here}", "run", "dbg-session new --label second", "continue"),
        *("continue", tried("new --label first"), tried("new --label ../x"), "continue"),
        *("dbg-session new", "dbg-session status"),
    ]
    result = debugger.run_script(build("loop.c"), steps)
    assert "Traceback" not in result.output
    folder = debugger.cwd / ".dbg" / "sessions"
    # An empty one that nobody named goes; what a person named stays, also in the rows.
    assert sorted(path.stem for path in debugger.session_files()) == ["first", "second"]
    # A taken and an invalid label start nothing: recording goes on.
    assert [len(Session(folder / f"{label}.db").hits()) for label in ("first", "second")] == [1, 3]
    for label in ("first", "second"):
        session = Session(folder / f"{label}.db")
        assert session.value("SELECT created_by FROM sessions") == "user"
        assert session.value("SELECT ended_at FROM sessions") is not None
    assert not (debugger.cwd / ".dbg" / "x.db").exists()


def test_save_promote_and_prune(debugger: Debugger, build: Build) -> None:
    here = at("loop.c", "squared")
    steps: list[Step] = [
        *(f"break {here}", "run", "dbg-session save copy", "dbg-session prune --older-than 0s --all", "continue"),
    ]
    debugger.run_script(build("loop.c"), steps)
    folder = debugger.cwd / ".dbg" / "sessions"
    # What was being recorded stayed; the copy, a user session of nobody, went with --all.
    (auto,) = debugger.session_files()
    assert len(Session(auto).hits()) == 2
    debugger.run_script(build("loop.c"), [f"break {here}", "run", "dbg-session save copy", "dbg-session promote"])
    assert {session["created_by"] for session in asked(debugger, "list")["sessions"]} >= {"user", "auto"}
    dry = asked(debugger, "prune", "--older-than", "0s", "--dry-run")
    assert [item["path"] for item in dry["deleted"]] == [str(auto)]
    assert auto.exists()
    outside(debugger, "prune", "--older-than", "0s")
    assert not auto.exists()
    left = {path.stem for path in debugger.session_files()}
    assert "copy" in left
    assert len(left) == 2
    outside(debugger, "prune", "--older-than", "0s", "--all")
    assert debugger.session_files() == []
    assert folder.is_dir()


def test_sessions_in_memory(debugger: Debugger, build: Build) -> None:
    here = at("loop.c", "squared")
    steps: list[Step] = ["dbg-session new --in-memory", f"break {here}", "run", "continue", "dbg-session hits"]
    result = debugger.run_script(build("loop.c"), steps)
    assert "loop.c" in result.output
    assert debugger.session_files() == []
    debugger.run_script(build("loop.c"), [*steps, "dbg-session save kept", "continue"])
    kept = Session(debugger.cwd / ".dbg" / "sessions" / "kept.db")
    assert len(kept.hits()) >= 2


def test_settings_are_kept_and_obeyed(debugger: Debugger, build: Build) -> None:
    here = at("loop.c", "squared")
    result = debugger.run_script(
        build("loop.c"), ["dbg-session config auto off", tried("config nonsense 3"), f"break {here}", "run"]
    )
    assert "nonsense" in result.output
    assert debugger.session_files() == []
    assert "off" in outside(debugger, "config", "auto")
    outside(debugger, "config", "auto", "perhaps", code=1)
    outside(debugger, "config", "auto", "on")
    outside(debugger, "config", "capture.frames", "1")
    debugger.run_script(build("loop.c"), [f"break {here}", "run"])
    assert debugger.session().value("SELECT count(*) FROM hit_frames") == 1


# --- Beginnings and ends --------------------------------------------------------------------------


def test_a_killed_debugger_leaves_an_interrupted_session(debugger: Debugger, build: Build) -> None:
    terminal = debugger.interactive(build("loop.c"))
    terminal.do(f"break {at('loop.c', 'squared')}")
    terminal.do("run")
    assert [item["state"] for item in asked(debugger, "list")["sessions"]] == ["live"]
    terminal.kill()
    (found,) = asked(debugger, "list")["sessions"]
    assert (found["state"], found["hits"], found["ended_at"]) == ("interrupted", 1, None)
    assert asked(debugger, "hits")["total"] == 1
    # The next one is a session of its own.
    debugger.run_script(build("loop.c"), ["break square", "run"])
    assert sorted(item["state"] for item in asked(debugger, "list")["sessions"]) == ["ended", "interrupted"]


def test_two_debuggers_in_one_folder(debugger: Debugger, build: Build) -> None:
    here = at("loop.c", "squared")
    first, second = (debugger.interactive(build("loop.c")) for _ in range(2))
    for terminal in (first, second):
        terminal.do(f"break {here}")
        terminal.do("run")
    first.do("continue")
    assert [item["state"] for item in asked(debugger, "list")["sessions"]] == ["live", "live"]
    # Neither is pruned while it is recorded, not even by the other.
    first.do("dbg-session prune --older-than 0s --all")
    for terminal in (first, second):
        assert terminal.quit().exit_code == 0
    counts = sorted(len(Session(path).hits()) for path in debugger.session_files())
    assert counts == [1, 2]


def test_files_are_private(debugger: Debugger, build: Build) -> None:
    debugger.run_script(build("loop.c"), ["break square", "run"])
    (path,) = debugger.session_files()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [folder.stat().st_mode & 0o777 for folder in (path.parent, path.parent.parent)] == [0o700, 0o700]
    assert (debugger.cwd / ".dbg" / ".gitignore").read_text().split() == ["*"]
    # Nothing of SQLite's is left beside it.
    assert [found.name for found in path.parent.iterdir() if found.name.endswith(("-wal", "-shm"))] == []
