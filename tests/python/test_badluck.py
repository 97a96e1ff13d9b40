"""Bad luck of every kind: the debugger goes on, one sentence is said, what was recorded is safe."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from conftest import Build, at
from drive import Raw, Session
from test_sessions import asked, outside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drive import Debugger, Result, Step

# A disk, a lock, a file: whichever debugger is there.
pytestmark = pytest.mark.any_version

HERE = at("loop.c", "squared")
FIVE: list[Step] = [f"break {HERE}", "run", *["continue"] * 5]


def remarks(result: Result) -> list[str]:
    """What the plugin said."""
    return [line for line in result.output.splitlines() if line.startswith(("[dbg-session] ", "dbg-session"))]


def unharmed(result: Result) -> list[str]:
    """The program ran to its end and nothing was raised; returns the plugin's remarks."""
    assert "total 55" in result.output, result.output
    assert "Traceback" not in result.output
    assert result.exit_code == 0
    return remarks(result)


def python(code: str) -> Step:
    """Run Python in the debugger."""
    return Raw(gdb=f"python {code}", lldb=f"script {code}")


# --- Places ---------------------------------------------------------------------------------------


def test_no_folder_can_be_made(debugger: Debugger, build: Build) -> None:
    # Tests may run as root, whom no mode stops: a plain file is in the way.
    (debugger.cwd / ".dbg").write_text("in the way")
    state = debugger.home / "state"
    result = debugger.run_script(build("loop.c"), [*FIVE, "dbg-session status"], XDG_STATE_HOME=str(state))
    said = unharmed(result)
    assert len([line for line in said if str(state) in line and "instead" in line]) <= 1
    assert any(str(state) in line for line in said), said
    (kept,) = state.rglob("*.db")
    assert len(Session(kept).hits()) == 5
    assert (debugger.cwd / ".dbg").read_text() == "in the way"


def test_no_place_at_all(debugger: Debugger, build: Build) -> None:
    (debugger.cwd / ".dbg").write_text("in the way")
    (debugger.home / "state").write_text("in the way")
    steps: list[Step] = [*FIVE, "dbg-session hits"]
    result = debugger.run_script(build("loop.c"), steps, XDG_STATE_HOME=str(debugger.home / "state"))
    assert "memory" in " ".join(unharmed(result))
    assert "5 hits" in result.output


def test_the_folder_is_deleted_while_recording(debugger: Debugger, build: Build) -> None:
    delete = python("import shutil; shutil.rmtree('.dbg')")
    result = debugger.run_script(build("loop.c"), [*FIVE[:3], delete, *FIVE[3:]])
    assert len([line for line in unharmed(result) if "deleted" in line]) == 1
    assert [hit["hit_seq"] for hit in debugger.session().hits()] == [1, 2, 3, 4, 5]


def test_a_link_in_the_way_is_not_followed(debugger: Debugger, build: Build) -> None:
    target = debugger.home / "elsewhere"
    target.mkdir()
    (debugger.cwd / ".dbg").symlink_to(target)
    unharmed(debugger.run_script(build("loop.c"), FIVE, XDG_STATE_HOME=str(debugger.home / "state")))
    assert list(target.iterdir()) == []
    (kept,) = (debugger.home / "state").rglob("*.db")
    assert len(Session(kept).hits()) == 5


# --- Disk and locks -------------------------------------------------------------------------------


def test_the_file_is_locked_by_another(debugger: Debugger, build: Build) -> None:
    terminal = debugger.interactive(build("loop.c"))
    terminal.do(f"break {HERE}")
    terminal.do("run")
    (path,) = debugger.session_files()
    other = sqlite3.connect(path, timeout=10, isolation_level=None)
    try:
        for kind in ("IMMEDIATE", "EXCLUSIVE"):
            other.execute(f"BEGIN {kind}")
            # The debugger answers although nothing can be written.
            started = time.monotonic()
            terminal.do("continue")
            assert time.monotonic() - started < 10
            other.execute("ROLLBACK")
    finally:
        other.close()
    terminal.do("continue")
    assert terminal.quit().exit_code == 0
    assert [hit["hit_seq"] for hit in debugger.session().hits()] == [1, 2, 3, 4]


def test_no_file_may_grow(debugger: Debugger, build: Build) -> None:
    # What a full disk or a quota does, without the right to mount one.
    limit = python("import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
                   "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))")  # fmt: skip
    free = python("resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))")
    steps: list[Step] = [*FIVE[:3], limit, *FIVE[3:5], free, *FIVE[5:]]
    said = unharmed(debugger.run_script(build("loop.c"), steps))
    assert [line for line in said if "kept session" in line and "5 hits" in line], said
    # One failure is said once, not at each hit.
    assert 1 <= len([line for line in said if "could not be written" in line]) <= 2, said
    assert [hit["hit_seq"] for hit in debugger.session().hits()] == [1, 2, 3, 4, 5]


@pytest.fixture
def small_disk(debugger: Debugger) -> Iterator[Path]:
    """A file system of 1 MB as the working folder."""
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(debugger.cwd)]
    mount = shutil.which("mount")
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False) if mount else None
    if done is None or done.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {done.stderr.strip() if done else 'no mount'}")
    yield debugger.cwd
    subprocess.run(["umount", str(debugger.cwd)], check=False, timeout=30)


def test_the_disk_is_full(debugger: Debugger, build: Build, small_disk: Path) -> None:
    fill = python("f = open('filler', 'wb'); import itertools; "
                  "exec('try:\\n  while True: f.write(bytes(4096)); f.flush()\\nexcept OSError: pass')")  # fmt: skip
    steps: list[Step] = [*FIVE[:3], fill, *FIVE[3:5], python("import os; os.truncate('filler', 0)"), *FIVE[5:]]
    unharmed(debugger.run_script(build("loop.c"), steps))
    assert [hit["hit_seq"] for hit in debugger.session().hits()] == [1, 2, 3, 4, 5]
    assert (small_disk / "filler").exists()


def test_no_file_may_grow_until_the_end(debugger: Debugger, build: Build) -> None:
    # Neither may one in the state folder: what is lost is counted and said, and nothing says that all is well.
    limit = python("import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
                   "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))")  # fmt: skip
    said = unharmed(debugger.run_script(build("loop.c"), [*FIVE[:3], limit, *FIVE[3:]]))
    assert len([line for line in said if "3 hits are lost" in line]) == 1, said
    assert not [line for line in said if "kept session" in line], said
    (session,) = asked(debugger, "list")["sessions"]
    assert (session["state"], session["hits"]) == ("interrupted", 2)


def test_the_disk_is_full_until_the_end(debugger: Debugger, build: Build, small_disk: Path) -> None:
    fill = python("f = open('filler', 'wb'); import itertools; "
                  "exec('try:\\n  while True: f.write(bytes(4096)); f.flush()\\nexcept OSError: pass')")  # fmt: skip
    state = debugger.home / "state"
    steps: list[Step] = [*FIVE[:3], fill, *FIVE[3:]]
    said = unharmed(debugger.run_script(build("loop.c"), steps, XDG_STATE_HOME=str(state)))
    written = len(debugger.session().hits())
    waiting = 5 - written
    assert len([line for line in said if f"{waiting} hit" in line and "recover" in line]) == 1, said
    listed = asked(debugger, "list")
    assert [session["state"] for session in listed["sessions"]] == ["interrupted"]
    assert [rescued["hits"] for rescued in listed["rescued"]] == [waiting]
    (small_disk / "filler").unlink()
    assert [done["hits"] for done in asked(debugger, "recover")["recovered"]] == [waiting]
    assert asked(debugger, "recover") == {"recovered": [], "refused": []}
    assert [hit["hit_seq"] for hit in debugger.session().hits()] == [1, 2, 3, 4, 5]
    assert [session["state"] for session in asked(debugger, "list")["sessions"]] == ["ended"]
    assert list(state.rglob("*.db")) == []


@pytest.mark.parametrize("harm", ["replaced", "cut", "written over"])
def test_the_file_is_replaced_cut_short_or_written_over(debugger: Debugger, build: Build, harm: str) -> None:
    found = "import glob, os; path = glob.glob('.dbg/sessions/*.db')[0]; "
    harms = {
        "replaced": "os.unlink(path); f = open(path, 'w'); _ = f.write('mine'); f.close()",
        "cut": "os.truncate(path, 0)",
        "written over": "f = open(path, 'r+b'); _ = f.write(b'x' * 16384); f.close()",
    }
    step = python(found + harms[harm])
    state = debugger.home / "state"
    said = unharmed(debugger.run_script(build("loop.c"), [*FIVE[:3], step, *FIVE[3:]], XDG_STATE_HOME=str(state)))
    assert not [line for line in said if "kept session" in line], said
    (path,) = debugger.session_files()
    (rescued,) = asked(debugger, "list")["rescued"]
    # Of a file that was deleted all is still there; of a harmed one what was not in it yet.
    kept = [1, 2, 3, 4, 5] if harm == "replaced" else [3, 4, 5]
    assert rescued["hits"] == (len(kept) if harm == "replaced" else 3)
    before = path.read_bytes()
    assert json.loads(outside(debugger, "recover", "--json", code=1))["recovered"] == []
    assert path.read_bytes() == before
    path.unlink()
    for log in path.parent.glob("*-wal"):
        log.unlink()
    assert [done["remade"] for done in asked(debugger, "recover")["recovered"]] == [True]
    assert [hit["hit_seq"] for hit in debugger.session().hits()] == kept


def test_the_file_is_written_over_behind_its_head(debugger: Debugger, build: Build) -> None:
    opened = "import glob; f = open(glob.glob('.dbg/sessions/*.db')[0], 'r+b'); "
    harm = python(opened + "_ = f.seek(16); _ = f.write(b'x' * 8192); f.close()")
    said = unharmed(debugger.run_script(build("loop.c"), [*FIVE[:3], harm, *FIVE[3:]]))
    assert not [line for line in said if "kept session" in line], said
    assert len([line for line in said if "was damaged by another program" in line]) == 1, said


def test_status_tells_of_a_file_that_was_cut_short(debugger: Debugger, build: Build) -> None:
    harm = python("import glob, os; os.truncate(glob.glob('.dbg/sessions/*.db')[0], 0)")
    step = "dbg-session status"
    said = debugger.run_script(build("loop.c"), [*FIVE[:4], harm, FIVE[4], step]).output
    assert "(active), which cannot be read: " in said, said


# --- Files of others ------------------------------------------------------------------------------


def foreign_files(folder: Path) -> dict[str, bytes]:
    """Every kind of file that is no session of ours, and what is in it."""
    folder.mkdir(parents=True)
    (folder / "text.db").write_text("not a database")
    (folder / "empty.db").touch()
    for name, version in (("own.db", 0), ("newer.db", 99)):
        connection = sqlite3.connect(folder / name)
        connection.execute("CREATE TABLE recipes (id INTEGER)")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.close()
    whole = (folder / "own.db").read_bytes()
    (folder / "truncated.db").write_bytes(whole[: len(whole) // 2 + 7])
    (folder / "damaged.db").write_bytes(whole[:100] + b"\xff" * 500 + whole[600:])
    (folder / "\x1b[31mred.db").write_text("a name to act on")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_foreign_files_lie_in_the_folder(debugger: Debugger, build: Build) -> None:
    folder = debugger.cwd / ".dbg" / "sessions"
    before = foreign_files(folder)
    steps: list[Step] = [*FIVE, "dbg-session list", "dbg-session prune --older-than 0s --all"]
    result = debugger.run_script(build("loop.c"), steps)
    assert "\x1b[31m" not in result.output
    unharmed(result)
    listed = asked(debugger, "list")
    assert [item["hits"] for item in listed["sessions"]] == [5]
    assert len(listed["others"]) == len(before)
    for name in ("text", "empty", "own", "newer", "truncated", "damaged"):
        answer = outside(debugger, "hits", "--session", name, code=1)
        assert len(answer.strip().splitlines()) == 1, answer
    outside(debugger, "prune", "--older-than", "0s", "--all")
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name in before} == before
    assert len(debugger.session_files()) == len(before)


def test_settings_of_nonsense(debugger: Debugger, build: Build) -> None:
    settings = debugger.home / ".config" / "dbg-session" / "config"
    settings.parent.mkdir(parents=True)
    settings.write_bytes(b"capture.string = lots\nnonsense\n\x1b[31m = 3\nauto = on\ncapture.frames = 1\n= =\n")
    result = debugger.run_script(build("loop.c"), [*FIVE, "dbg-session config"])
    unharmed(result)
    assert "\x1b[31m" not in result.output
    session = debugger.session()
    assert len(session.hits()) == 5
    # What makes sense holds.
    assert session.value("SELECT count(*) FROM hit_frames WHERE hit_id = 1") == 1
    settings.write_bytes(b"\xff\xfe\x00binary")
    debugger.session().path.unlink()
    unharmed(debugger.run_script(build("loop.c"), FIVE))
    assert len(debugger.session().hits()) == 5


# --- Texts ----------------------------------------------------------------------------------------


def test_texts_of_the_program_never_act_on_the_terminal(debugger: Debugger, build: Build) -> None:
    steps: list[Step] = [f"break {at('printer.c', 'printed')}", "run"]
    debugger.run_script(build("printer.c"), steps)
    code = "SELECT locals_json, char(27) || '[2J' AS made FROM breakpoint_hits"
    for words in (("hits",), ("show",), ("hits", "--fields", "escape"), ("sql", code), ("hits", "--json"), ("list",)):
        shown = outside(debugger, *words)
        assert re.search(r"[\x00-\x08\x0b-\x1f\x7f\x9b]", shown) is None, words
    outside(debugger, "note", "\x1b]0;stolen\x07")
    for words in (("status",), ("show",)):
        assert re.search(r"[\x00-\x08\x0b-\x1f\x7f\x9b]", outside(debugger, *words)) is None, words
