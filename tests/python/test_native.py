"""The session file through Python, without any debugger: every method, and everything that can go wrong."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import dbg_session
import pytest
from dbg_session import _native
from dbg_session._native import SessionDb

if TYPE_CHECKING:
    from pathlib import Path


CLASSES = ("gpu", "native-cpu", "managed-dotnet", "jvm", "python", "node", "ruby", "php")


def make(folder: Path, label: str | None = "one", **options: str) -> SessionDb:
    """A session in a file of `folder`."""
    path = _native.sessions_dir(folder) / f"{label}.db"
    return SessionDb.create("debug", "/bin/true", "native-cpu", folder, db_path=path, label=label, **options)


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    """The answer to a query, by nothing but SQLite."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def age(path: Path, days: float = 30) -> None:
    """Let a session look as if nothing was written to it for long."""
    then = path.stat().st_mtime - days * 86400
    for file in (path, *path.parent.glob(path.name + "-*")):
        os.utime(file, (then, then))


# --- One session ----------------------------------------------------------------------------------


def test_a_session_in_a_file(tmp_path: Path) -> None:
    session = make(tmp_path)
    assert re.fullmatch(r"[0-9a-f]{32}", session.session_id)
    assert (session.label, session.kind, session.target_class) == ("one", "debug", "native-cpu")
    assert session.target == "/bin/true"
    path = session.db_path
    assert path == _native.sessions_dir(tmp_path) / "one.db"
    assert not session.has_captured_data()
    assert session.meta("cwd") == str(tmp_path.resolve())
    assert session.meta("session_group_key") == _native.group_key(
        tmp_path.resolve(), _native.compute_target_hash("/bin/true")
    )
    assert session.meta("nothing of that name") is None
    session.set_meta("mood", "fine")
    session.set_meta("mood", "finer")
    assert session.meta("mood") == "finer"
    session.promote_to_user()
    assert path is not None
    del session
    assert rows(path, "PRAGMA user_version") == [(_native.SCHEMA_VERSION,)]
    assert rows(path, "PRAGMA application_id") == [(0x64626773,)]
    ((label, created_by),) = rows(path, "SELECT label, created_by FROM sessions")
    assert (label, created_by) == ("one", "user")


def test_a_session_in_memory_is_saved(tmp_path: Path) -> None:
    session = SessionDb.create("profile", "prog", "jvm", tmp_path, label="m", target_hash="h")
    assert session.db_path is None
    assert list(tmp_path.iterdir()) == []
    to = tmp_path / "deep" / "down" / "m.db"
    session.save_to(to)
    session.set_meta("later", "yes")
    copy = SessionDb.open(to)
    assert (copy.session_id, copy.kind, copy.target_class) == (session.session_id, "profile", "jvm")
    assert copy.meta("later") is None
    assert copy.meta("session_group_key") == f"{tmp_path.resolve()}|h"
    del copy
    session.save_to(str(to), force=True)
    assert SessionDb.open_read_only(to).meta("later") == "yes"
    assert [path.name for path in to.parent.iterdir() if path.suffix != ".db" and "lock" not in path.name] == []


@pytest.mark.parametrize("target_class", CLASSES)
def test_every_target_class(tmp_path: Path, target_class: str) -> None:
    session = SessionDb.create("debug", "t", target_class, tmp_path, db_path=tmp_path / "s.db")
    assert session.target_class == target_class
    assert re.fullmatch(r"t-\d{8}-\d{6}", session.label)


def test_node_has_two_names(tmp_path: Path) -> None:
    assert SessionDb.create("debug", "t", "js-node", tmp_path).target_class == "node"


def test_opening_changes_nothing(tmp_path: Path) -> None:
    path = make(tmp_path).db_path
    assert path is not None
    before = path.read_bytes()
    assert SessionDb.open(path).label == "one"
    assert SessionDb.open_read_only(path).label == "one"
    assert path.read_bytes() == before
    with pytest.raises(dbg_session.Error):
        SessionDb.open_read_only(path).set_meta("a", "b")


def test_helpers(tmp_path: Path) -> None:
    assert _native.sessions_dir(tmp_path) == tmp_path / ".dbg" / "sessions"
    assert _native.raw_dir(str(tmp_path), "l") == tmp_path / ".dbg" / "sessions" / "l" / "raw"
    assert _native.group_key("/a", "h") == "/a|h"
    assert re.fullmatch(r"ls-\d{8}-\d{6}", _native.auto_label("/bin/ls"))
    file = tmp_path / "file"
    file.write_text("12345")
    assert _native.compute_target_hash(file) == f"5:{file.stat().st_mtime_ns}"
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", _native.version())
    assert _native.SCHEMA_VERSION == 3


# --- What can go wrong ----------------------------------------------------------------------------

BASES = {
    dbg_session.NotFoundError: FileNotFoundError,
    dbg_session.SchemaMismatchError: Exception,
    dbg_session.NotASessionError: ValueError,
    dbg_session.AlreadyExistsError: FileExistsError,
    dbg_session.InvalidLabelError: ValueError,
    dbg_session.UnknownNameError: ValueError,
    dbg_session.LockedError: Exception,
    dbg_session.SymbolicLinkError: Exception,
    dbg_session.UnsafeFileError: ValueError,
}


def test_one_tree_of_errors() -> None:
    for error, base in BASES.items():
        assert issubclass(error, dbg_session.Error)
        assert issubclass(error, base)
    assert issubclass(dbg_session.Error, Exception)


def test_not_found(tmp_path: Path) -> None:
    for opening in (SessionDb.open, SessionDb.open_read_only):
        with pytest.raises(dbg_session.NotFoundError, match=r"session DB not found: .*missing\.db"):
            opening(tmp_path / "missing.db")
    assert list(tmp_path.iterdir()) == []


def test_schema_mismatch(tmp_path: Path) -> None:
    path = make(tmp_path).db_path
    assert path is not None
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(dbg_session.SchemaMismatchError) as caught:
        SessionDb.open(path)
    for part in ("schema_version=2", "3", str(path), "No migration path", str(path.with_suffix("") / "raw")):
        assert part in str(caught.value)


@pytest.mark.parametrize("kind", ["text", "empty", "foreign", "two rows", "unknown kind", "unknown class", "cut"])
def test_not_a_session(tmp_path: Path, kind: str) -> None:
    path = make(tmp_path).db_path
    assert path is not None
    changes = {
        "two rows": "INSERT INTO sessions SELECT 'x', kind, target, target_class, target_hash, started_at, ended_at, "
        "label, created_by FROM sessions",
        "unknown kind": "UPDATE sessions SET kind = 'dream'",
        "unknown class": "UPDATE sessions SET target_class = 'abacus'",
    }
    if kind in changes:
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA ignore_check_constraints = 1")
        connection.execute(changes[kind])
        connection.commit()
        connection.close()
    elif kind == "foreign":
        path = tmp_path / "foreign.db"
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE recipes (id INTEGER)")
        connection.execute("PRAGMA user_version = 3")
        connection.close()
    else:
        content = {"text": b"hello, world" * 100, "empty": b"", "cut": path.read_bytes()[:700]}[kind]
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(dbg_session.Error) as caught:
        SessionDb.open(path)
    assert isinstance(caught.value, (dbg_session.NotASessionError, dbg_session.SchemaMismatchError))
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before


def test_already_exists(tmp_path: Path) -> None:
    first = make(tmp_path)
    path = first.db_path
    assert path is not None
    identity = first.session_id
    del first
    with pytest.raises(dbg_session.AlreadyExistsError):
        make(tmp_path)
    other = SessionDb.create("debug", "t", "native-cpu", tmp_path)
    with pytest.raises(dbg_session.AlreadyExistsError):
        other.save_to(path)
    assert SessionDb.open(path).session_id == identity
    other.save_to(path, force=True)
    assert SessionDb.open(path).session_id == other.session_id


def test_locked(tmp_path: Path) -> None:
    recording = make(tmp_path)
    path = recording.db_path
    assert path is not None
    other = SessionDb.create("debug", "t", "native-cpu", tmp_path)
    with pytest.raises(dbg_session.LockedError):
        other.save_to(path, force=True)
    # Also from another process.
    code = (
        "import sys; from dbg_session import _native, LockedError\n"
        "other = _native.SessionDb.create('debug', 't', 'native-cpu', '.')\n"
        "try: other.save_to(sys.argv[1], force=True)\n"
        "except LockedError: print('locked')"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "locked"
    assert recording.meta("cwd") is not None


def test_symbolic_links(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / ".dbg").symlink_to(elsewhere)
    with pytest.raises(dbg_session.SymbolicLinkError):
        make(tmp_path)
    link = tmp_path / "link.db"
    link.symlink_to(elsewhere / "x.db")
    with pytest.raises(dbg_session.SymbolicLinkError):
        SessionDb.create("debug", "t", "native-cpu", tmp_path).save_to(link, force=True)
    assert list(elsewhere.iterdir()) == []


def test_arguments_of_a_wrong_kind(tmp_path: Path) -> None:
    with pytest.raises(dbg_session.UnknownNameError, match="dream"):
        SessionDb.create("dream", "t", "native-cpu", tmp_path)  # type: ignore[arg-type]
    with pytest.raises(dbg_session.UnknownNameError, match="abacus"):
        SessionDb.create("debug", "t", "abacus", tmp_path)
    with pytest.raises((dbg_session.Error, ValueError), match="some"):
        _native.prune(tmp_path, 0, "some")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        SessionDb.open(3)  # type: ignore[arg-type]
    for seconds in (-1.0, float("nan"), float("inf")):
        with pytest.raises((dbg_session.Error, ValueError)):
            _native.prune(tmp_path, seconds)
    with pytest.raises((dbg_session.Error, FileNotFoundError)):
        _native.compute_target_hash(tmp_path / "missing")


# --- Prune ----------------------------------------------------------------------------------------


def test_prune(tmp_path: Path) -> None:
    folder = _native.sessions_dir(tmp_path)
    assert _native.prune(folder, 0) == []
    for label in ("auto", "user", "young", "live"):
        session = make(tmp_path, label)
        if label == "user":
            session.promote_to_user()
        if label == "live":
            live = session
        del session
    (folder / "auto" / "raw").mkdir(parents=True)
    (folder / "auto" / "raw" / "perf.data").write_text("raw")
    (folder / "notes.db").write_text("not a session")
    (folder / "readme.txt").write_text("no database")
    for label in ("auto", "user", "live", "notes"):
        age(folder / f"{label}.db")
    assert _native.prune(folder, 86400) == [folder / "auto.db"]
    assert not (folder / "auto").exists()
    for label in ("user", "live"):
        age(folder / f"{label}.db")
    assert _native.prune(folder, 86400, "all") == [folder / "user.db"]
    assert (folder / "live.db").exists()
    assert (folder / "notes.db").read_text() == "not a session"
    assert live.label == "live"
    del live
    assert set(_native.prune(folder, 0, "all")) == {folder / "young.db", folder / "live.db"}
    assert sorted(path.name for path in folder.iterdir() if path.suffix in (".db", ".txt")) == [
        "notes.db",
        "readme.txt",
    ]


def test_being_looked_at_makes_no_session_younger(tmp_path: Path) -> None:
    path = make(tmp_path).db_path
    assert path is not None
    age(path)
    SessionDb.open_read_only(path)
    assert _native.prune(path.parent, 86400) == [path]


def test_the_command_language(tmp_path: Path) -> None:
    code, out, err = _native.run(["list", "--json"], tmp_path, None)
    assert (code, err) == (0, "")
    assert '"sessions"' in out
    assert _native.run(["hits"], tmp_path, None)[0] == 1
    assert _native.run(["frobnicate"], tmp_path, None)[0] == 2
    assert _native.run(["--help"], tmp_path, 80)[0] == 0
    names = [name for name, about, text in _native.verbs() if about and text]
    assert {"new", "save", "promote", "prune", "status", "list", "hits", "show", "note", "sql", "config"} <= set(names)
    assert "hits" in _native.complete("hi", tmp_path)
    assert list(tmp_path.iterdir()) == []
