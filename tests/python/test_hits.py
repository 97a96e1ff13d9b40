"""Hits and questions in Python: every property, files of dbg, and the page `docs/python.md` itself."""

from __future__ import annotations

import collections.abc
import doctest
import gc
import json
import sqlite3
import subprocess
import sys
import threading
import tracemalloc
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dbg_session
import pytest
from dbg_session import SessionDb

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
WIDE = 2**127 - 1


def value(type_name: str, text: str, **more: Any) -> dict[str, Any]:
    """One entry of `locals_json`."""
    return {"type": type_name, "value": text, **more}


def put(path: Path, statements: str, *rows: tuple[Any, ...]) -> None:
    """Write into a session with nothing but SQLite."""
    connection = sqlite3.connect(path)
    if rows:
        connection.executemany(statements, rows)
    else:
        connection.executescript(statements)
    connection.commit()
    connection.close()


def make(folder: Path, label: str) -> Path:
    """An empty session."""
    path = dbg_session.sessions_dir(folder) / f"{label}.db"
    SessionDb.create("debug", "/bin/true", "native-cpu", folder, db_path=path, label=label)
    return path


HIT = """INSERT INTO breakpoint_hits (session_id, location_key, hit_seq, ts, thread, locals_json, stack_json, function,
    thread_name, tid, pid, pc, reason, breakpoint, breakpoints, detail, stack_id, error)
    SELECT id, ?, ?, ?, ?, ?, json_object('frame_symbol', ?6), ?6, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM sessions"""


def hit(seq: int, values: dict[str, Any], **more: Any) -> tuple[Any, ...]:
    """A row for `HIT`."""
    row = {
        "location": "src/queue.c:42", "seq": seq, "ts": f"2026-11-23T10:00:{seq % 60:02}.123456Z", "thread": "1",
        "values": json.dumps(values), "function": "push", "thread_name": "main", "tid": 4711, "pid": 4710,
        "pc": -4096, "reason": "breakpoint", "breakpoint": 1, "breakpoints": None, "detail": None, "stack": 2,
        "error": None, **more,
    }  # fmt: skip
    return tuple(row.values())


@pytest.fixture
def monday(tmp_path: Path) -> Path:
    """The session that `docs/python.md` asks."""
    path = make(tmp_path, "monday")
    put(
        path,
        """INSERT INTO symbols (id, session_id, lang, fqn, raw)
               SELECT column1, id, 'c', column2, column2 FROM sessions, (VALUES (1, 'main'), (2, 'push'), (3, 'retry'));
           INSERT INTO frames (id, symbol_id, file, line, module, module_offset) VALUES
               (1, 1, 'src/main.c', 10, 'demo', 25), (2, 2, 'src/queue.c', 42, 'demo', 4),
               (3, 3, 'src/main.c', 30, 'demo', 9);
           INSERT INTO stacks (id, parent_id, frame_id, depth)
               VALUES (1, NULL, 1, 0), (2, 1, 2, 1), (3, 1, 3, 1), (4, 3, 2, 2);
           INSERT INTO source_snapshots (session_id, file, line_start, line_end, text, collected_at)
               SELECT id, 'src/queue.c', 41, 43, '{' || char(10) || '    q->len++;' || char(10) || '}',
                   '2026-11-23T10:00:00.000000Z' FROM sessions;""",
    )
    rows = []
    for seq in range(1, 13):
        values = {
            "len": value("int", str(seq), arg=True),
            "head": value(
                "struct node", "{id = 7, next = 0x0}", id=value("int", "7"), next=value("struct node *", "0x0")
            ),
            "name": value("char *", f'"job \\"{seq}\\""', addr="0x1000"),
            "state": value("enum state", "BUSY" if seq > 8 else "IDLE"),
            "gone": value("long", "<optimized out>", status="optimized-out"),
        }
        more = {"thread": "2", "thread_name": "worker"} if seq % 3 == 0 else {}
        rows.append(hit(seq, values, stack=4 if seq in (2, 5, 7) else 2, **more))
    rows.append(hit(1, {}, location="src/queue.c:60", function="pop", stack=None))
    put(path, HIT, *rows)
    put(
        path,
        """INSERT INTO watch_evals (session_id, hit_id, expr, value, type_name, ts)
           SELECT session_id, id, 'len * 2', hit_seq * 2, 'int', ts FROM breakpoint_hits""",
    )
    return path


def test_the_page_of_the_documentation(monday: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "python.md").read_text()
    text = "\n".join("" if line.startswith("```") else line for line in page.splitlines())
    test = doctest.DocTestParser().get_doctest(text, {}, "python.md", None, 0)
    assert len(test.examples) > 25
    said: list[str] = []
    failed, _ = doctest.DocTestRunner().run(test, out=said.append)
    assert not failed, "".join(said)
    assert monday.exists()


def test_every_property_of_a_hit(monday: Path) -> None:
    unknown = dict.fromkeys(("function", "thread", "thread_name", "tid", "pid", "pc", "breakpoint", "stack"))
    put(monday, HIT, hit(2, {}, location="x.c:1", reason="signal", detail="SIGSEGV", error="no time", **unknown))
    put(monday, HIT, hit(3, {}, location="x.c:1", breakpoints="1 3"))
    session = SessionDb.open_read_only(monday)
    first = session.show(1)
    assert first.ts == datetime(2026, 11, 23, 10, 0, 1, 123456, tzinfo=timezone.utc)
    assert (first.tid, first.pid, first.pc, first.breakpoints) == (4711, 4710, 2**64 - 4096, [1])
    assert (first.detail, first.error) == (None, None)
    bare = session.show("x.c:1", 2)
    assert (bare.thread, bare.thread_name, bare.tid, bare.pid, bare.pc, bare.function) == (None,) * 6
    assert (bare.reason, bare.detail, bare.error, bare.breakpoints) == ("signal", "SIGSEGV", "no time", [])
    assert (len(bare.values), bare.stack, bare.source, dict(bare.watches)) == (0, [], None, {})
    assert session.show("x.c").breakpoints == [1, 3]
    assert session.show().seq == 3
    frame = session.show(2).stack[1]
    assert (frame.level, frame.function, frame.file, frame.line) == (1, "retry", "src/main.c", 30)
    assert (frame.module, frame.module_offset, frame.inlined) == ("demo", 9, False)
    source = session.show(2).source
    assert source is not None
    assert (source.file, source.first_line, source.line, len(source.lines)) == ("src/queue.c", 41, 42, 3)


def test_values_as_python_has_them(monday: Path) -> None:
    cases: dict[str, tuple[dict[str, Any], Any]] = {
        "int": (value("int", "-3"), -3),
        "wide": (value("__int128", str(WIDE)), WIDE),
        "wider": (value("unsigned __int128", str(2**128 - 1)), 2**128 - 1),
        "float": (value("double", "0.1"), 0.1),
        "inf": (value("double", "-inf"), float("-inf")),
        "bool": (value("bool", "true"), True),
        "char": (value("char", r"'\n'"), "\n"),
        "str": (value("char *", r'"a\"b\x1b\u{202e}ä"'), 'a"b\x1b\u202eä'),
        "enum": (value("enum E", "A | B"), "A | B"),
        "pointer": (value("void *", "0x7ffe"), 0x7FFE),
        "list": (value("int [2]", "{1, 2}", **{"[0]": value("int", "1"), "[1]": value("int", "2")}), [1, 2]),
        "map": (value("map", "{...}", **{'["a.b"]': value("int", "1")}), {'["a.b"]': 1}),
        "gone": (value("int", "", status="optimized-out"), None),
        "cut": (value("int [9]", "{1...}", status="truncated", count=9, **{"[0]": value("int", "1")}), [1]),
        "own": (
            value("S", "{}", **{".type": value("int", "1"), "python": value("int", "2")}),
            {"type": 1, "python": 2},
        ),
    }
    put(monday, HIT, hit(1, {name: shape for name, (shape, _) in cases.items()}, location="v.c:1"))
    values = SessionDb.open_read_only(monday).show("v.c:1").values
    for name, (shape, expected) in cases.items():
        assert values[name].python == expected, name
        assert type(values[name].python) is type(expected), name
        assert (values[name].type, str(values[name])) == (shape["type"], shape["value"])
    assert values["float"].number == 0.1
    assert values["str"].number is None
    assert values["list[1]"] == values["list"][1] == values["list"]["[1]"] == 2
    assert values['map["a.b"]'] == 1
    assert (values["cut"].status, values["cut"].count) == ("truncated", 9)
    assert values["own"]["type"] == 1
    assert values["own"].type == "S"
    assert list(values["own"].members) == ["type", "python"]
    assert values["int"] < 0 <= values["bool"] < values["pointer"]
    assert values["int"] != "-3"
    missing: list[Callable[[], object]] = [
        lambda: values["nothing"],
        lambda: values[""],
        lambda: values["int"]["x"],
    ]
    for ask in missing:
        with pytest.raises(KeyError):
            ask()
    # As a list has it: a `for` over the elements ends here.
    with pytest.raises(IndexError):
        _ = values["list"][2]
    with pytest.raises(AttributeError, match="no member `x`"):
        _ = values["int"].x
    with pytest.raises(TypeError):
        _ = values["int"] < "a"


def test_values_are_a_mapping(monday: Path) -> None:
    values = SessionDb.open_read_only(monday).show(3).values
    assert isinstance(values, collections.abc.Mapping)
    assert list(values.keys()) == list(values) == ["len", "head", "name", "state", "gone"]
    assert [each.type for each in values.values()][:2] == ["int", "struct node"]
    assert dict(values.items())["len"] == 3
    assert "head.next" in values
    assert "head.x" not in values
    assert values.get("x", 7) == 7
    assert values["len"].is_arg
    assert not values["state"].is_arg
    assert values["name"].addr == 0x1000
    assert repr(values["gone"]) == "<Value long <optimized out> (optimized-out)>"


def test_hits_are_read_as_the_loop_goes_on(tmp_path: Path) -> None:
    path = make(tmp_path, "many")
    many = 20_000
    put(
        path,
        HIT,
        *(hit(seq, {"n": value("int", str(seq))}, location=f"m.c:{1 + seq % 2}") for seq in range(1, many + 1)),
    )
    session = SessionDb.open_read_only(path)
    for location in (None, "m.c", "push"):
        ids = [each.id for each in session.hits(location)]
        assert ids == list(range(1, many + 1))
        some = [each.id for each in session.hits(location, where="n > 3000 and n < 3005 or n >= 19999")]
        assert some == [3001, 3002, 3003, 3004, 19999, 20000]
        assert list(session.hits(location, where="n == 0")) == []
    del ids
    gc.collect()
    tracemalloc.start()
    total = 0
    for each in session.hits("m.c:1"):
        total += each.values["n"].python
        if each.seq % 1000 == 0:
            assert session.show(each.id).seq == each.seq
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total == sum(range(2, many + 1, 2))
    assert peak < 200_000
    hits = session.hits()
    assert next(hits).id == 1
    del session
    assert next(hits).id == 2


def test_hits_recorded_meanwhile_are_found(monday: Path) -> None:
    hits = SessionDb.open_read_only(monday).hits("pop")
    assert next(hits).id == 13
    with pytest.raises(StopIteration):
        next(hits)
    put(monday, HIT, hit(2, {}, location="src/queue.c:60", function="pop"))
    assert next(hits).id == 14


def test_threads_share_a_session(monday: Path) -> None:
    session = SessionDb.open_read_only(monday)
    hits = session.hits()
    seen: list[int] = []
    workers = [threading.Thread(target=lambda: seen.extend(each.id for each in hits)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert sorted(seen) == list(range(1, 14))


def test_questions(monday: Path) -> None:
    session = SessionDb.open_read_only(monday)
    assert session.hit_trend("push", "len", thread="worker")["hits"] == 4
    assert session.hit_trend("push", "len", limit=2)["values"][0]["value"] == "1"
    assert session.hit_trend("queue.c:42", "len * 2")["numbers"]
    diff = session.hit_diff(1, 2)
    assert (diff["values"]["changes"][0]["path"], diff["values"]["same"], diff["stack"]["same"]) == ("len", 4, 2)
    assert session.hit_diff("push", 1, 2, all=True)["values"]["changes"][-1]["kind"] == "same"
    assert session.hit_diff("push", -2)["b"]["seq"] == 12
    assert session.callers("push", depth=1, limit=1)["paths"][0]["cut"] is False
    assert session.cross("push")["hits"]["count"] == 12
    assert session.hit_trend("push", "len", where="len > 10")["hits"] == 2
    assert session.callers("push", where="caller == retry")["hits"] == 3
    counted = session.count_by("state", where="len > 2", top=1)
    assert (counted["total"], counted["values"], counted["groups"][0]["value"]) == (10, 2, "IDLE")
    assert [group["first"]["seq"] for group in session.group_by("state", "push", thread="worker")["groups"]] == [3, 9]


def test_two_sessions(monday: Path, tmp_path: Path) -> None:
    put(make(tmp_path, "tuesday"), HIT, hit(1, {"len": value("int", "1")}))
    session = SessionDb.open_read_only(monday)
    other = SessionDb.open_read_only(monday.with_name("tuesday.db"))
    diff = session.diff(other, "queue.c:42", ignore=["head"], limit=5)
    assert (diff["a"]["label"], diff["b"]["label"], diff["same"]) == ("monday", "tuesday", False)
    assert session.diff(session)["same"]
    asking = [threading.Thread(target=a.diff, args=(b,)) for a, b in [(session, other), (other, session)] * 4]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(timeout=60)
        assert not thread.is_alive()


def test_what_is_not_there_is_an_error(monday: Path) -> None:
    session = SessionDb.open_read_only(monday)
    nowhere: list[Callable[[], object]] = [
        lambda: session.hits("nowhere"),
        lambda: session.show("nowhere", 1),
        lambda: session.hit_trend("nowhere", "n"),
        lambda: session.hit_diff("nowhere", 1),
        lambda: session.callers("nowhere"),
    ]
    for ask in nowhere:
        with pytest.raises(dbg_session.UnknownLocationError) as caught:
            ask()
        assert isinstance(caught.value, LookupError)
    nothing: list[Callable[[], object]] = [
        lambda: session.show(99),
        lambda: session.show("push", 99),
        lambda: session.show("push", 0),
        lambda: session.hit_diff("push", -99),
        lambda: session.hit_diff(1, 2, 3),
        lambda: session.hit_trend("push", "nothing"),
        lambda: session.cross("nothing"),
        lambda: session.hit_trend("push", "len", where="len > 99"),
    ]
    for ask in nothing:
        with pytest.raises(dbg_session.Error):
            ask()
    with pytest.raises(dbg_session.ConditionError, match="column 6"):
        session.hits(where="len >")
    with pytest.raises(TypeError):
        session.show(1.5)  # type: ignore[arg-type]
    with pytest.raises(OverflowError):
        session.hit_trend("push", "len", limit=-1)


def test_a_file_of_dbg(monday: Path) -> None:
    put(
        monday,
        """PRAGMA foreign_keys = off;
           DROP VIEW hit_values; DROP VIEW hit_frames;
           CREATE TABLE old AS SELECT id, session_id, location_key, hit_seq, thread, ts, locals_json, stack_json
               FROM breakpoint_hits;
           DROP TABLE breakpoint_hits; ALTER TABLE old RENAME TO breakpoint_hits;
           ALTER TABLE watch_evals DROP COLUMN value_json; PRAGMA application_id = 0;"""
        if sqlite3.sqlite_version_info >= (3, 35)
        else "",
    )
    session = SessionDb.open_read_only(monday)
    hits = list(session.hits("push"))
    assert [each.seq for each in hits] == list(range(1, 13))
    last = hits[-1]
    assert (last.function, last.thread, last.thread_name, last.pc) == ("push", "2", None, None)
    assert (last.values["len"].python, last.watches["len * 2"].python, last.stack[0].function) == (12, 24, "push")
    numbers = session.hit_trend("queue.c:42", "len")["numbers"]
    assert numbers is not None
    assert numbers["mean"] == 6.5
    with pytest.raises(dbg_session.Error, match="has no stacks"):
        session.callers("push")


def test_nothing_of_it_is_loaded_with_the_plugin() -> None:
    code = "import sys, dbg_session; print({'json', 'dbg_session.json_shapes'}.intersection(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": str(ROOT / "python")}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "set()"
