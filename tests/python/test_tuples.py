"""What Python hands over is what a session holds: each kind of value, without any debugger."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from dbg_session import Hit, SessionDb, _native
from dbg_session.host.data import FrameInfo
from dbg_session.values import tuples
from dbg_session.values.tuples import Captured, Stopped, Tuple

if TYPE_CHECKING:
    from pathlib import Path

    from dbg_session.values.tuples import Shown

INSIDE = [tuples.told(0, "one"), tuples.cut(1, "int")]
KEY = tuples.named("", "char *", tuples.scalar("str", b"k"), 0x30, False)
# What a plan gives: its text, what Python makes of it, its status, and how many parts there are.
SHOWN = {
    "int": (tuples.scalar("int", -5), "-5", -5, None, None),
    "bool": (tuples.scalar("bool", 1), "true", True, None, None),
    "big int": (tuples.scalar("int", 2**128 - 1), str(2**128 - 1), 2**128 - 1, None, None),
    "bitset": (tuples.scalar("int", 2**200), str(2**200), 2.0**200, None, None),
    "char": (tuples.scalar("char", 65), "'A'", "A", None, None),
    "byte": (tuples.scalar("byte", 65), "'A'", "A", None, None),
    "high byte": (tuples.scalar("byte", 0xE9), r"'\xe9'", "\u00e9", None, None),
    "f32": (tuples.scalar("f32", 0.5), "0.5", 0.5, None, None),
    "f64": (tuples.scalar("f64", 0.25), "0.25", 0.25, None, None),
    "f80": (tuples.scalar("f80", b"\xcd" + b"\xcc" * 7 + b"\xfb\x3f" + bytes(6)), "0.1", 0.1, None, None),
    "f128": (tuples.scalar("f128", bytes(14) + b"\xff\xbf"), "-1", -1, None, None),
    "complex": (tuples.scalar("complex", struct.pack("<2f", 0.1, -0.0)), "0.1 + -0i", "0.1 + -0i", None, None),
    "enum": (tuples.scalar("enum", "RED"), "RED", "RED", None, None),
    "str": (tuples.scalar("str", b"abc"), '"abc"', "abc", None, None),
    "wide str": (tuples.scalar("str", "\u00e4"), '"\u00e4"', "\u00e4", None, None),
    "short str": (tuples.short("str", b"abc", 9), '"abc"...', "abc...", "truncated", 9),
    "pointer": (tuples.pointer(16), "0x10", 16, None, None),
    "text": (tuples.text("nullopt"), "nullopt", "nullopt", None, None),
    "struct": (tuples.holding("struct", []), "{}", "{}", None, None),
    "array": (tuples.holding("array", INSIDE[:1]), "{one}", ["one"], None, None),
    "short array": (tuples.short("array", None, 7, INSIDE[:1]), "{one...}", ["one"], "truncated", 7),
    "map": (tuples.holding("map", [tuples.told(KEY, "v")]), '{["k"] = v}', {'["k"]': "v"}, None, None),
    "variant": (tuples.holding("variant", [], "None"), "None", "None", None, None),
    "deep": (tuples.deep("array", 3), "{...}", "{...}", "truncated", 3),
    "deep and empty": (tuples.deep("array", 0), "{...}", "{...}", None, None),
    "garbage": (tuples.garbage(), "<uninitialized>", "<uninitialized>", "uninitialized?", None),
    "wrong": (tuples.wrong("no bytes"), "<no bytes>", None, "error", None),
}


def recorded(folder: Path, monkeypatch: pytest.MonkeyPatch, values: list[Tuple]) -> Hit:
    """The hit that such values make, as a session has it."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(folder))
    plugin = _native.Plugin("GDB 0")
    plugin.set_surroundings("/bin/true", ["/bin/true"], str(folder))
    stop = Stopped("watchpoint", 3, [3, 4], "x", 2, 77, "worker", 99, "there was time for 1 frames only")
    frames = [
        FrameInfo("work", str(folder / "x.c"), 3, 0x1000, "true", 4, "c", True),
        FrameInfo("start", None, 0, 0x2000, "libc.so", 9, "c", False),
    ]
    assert plugin.hit(*Captured(stop, frames, values, [("x == 1", tuples.truth("x == 1", True))])) is not None
    plugin.finish()
    (file,) = _native.sessions_dir(folder).glob("*.db")
    (hit,) = SessionDb.open_read_only(file).hits()
    return hit


@pytest.mark.parametrize("kind", SHOWN)
def test_each_kind_of_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    shown: Shown
    shown, text, python, status, count = SHOWN[kind]
    hit = recorded(tmp_path, monkeypatch, [tuples.named("v", "T", shown, 0x20, True)])
    value = hit.values["v"]
    assert (value.type, value.value, value.status, value.count, value.is_arg) == ("T", text, status, count, True)
    assert value.python == python


@pytest.mark.parametrize("kind", ["byte", "f80", "f128", "complex", "nothing"])
def test_what_no_such_value_can_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    hit = recorded(tmp_path, monkeypatch, [tuples.named("v", "T", tuples.scalar(kind, b"\0"), None, False)])
    assert (hit.values["v"].value, hit.values["v"].status) == ("<the value has a wrong shape>", "error")


def test_elements_are_named_by_position_or_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [
        KEY,
        tuples.named("", "pair", tuples.holding("struct", [KEY, tuples.told("second", "x")]), None, False),
        tuples.cut("", "int"),
        (),
    ]
    entries = [tuples.told(name, "v") for name in ["x", 0, 12, *keys, None, -1]]  # type: ignore[arg-type]
    found = recorded(tmp_path, monkeypatch, [tuples.named("m", "T", tuples.holding("map", entries), None, False)])
    names = ["x", "[0]", "[12]", '["k"]', '[{"k", x}]', "[<not read>]", "[<the value has a wrong shape>]", "?", "?#2"]
    assert list(found.values["m"].python) == names


def test_what_was_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = [
        tuples.missing("gone", "optimized-out", None, "int", True),
        tuples.missing("away", tuples.UNAVAILABLE, "not in scope"),
        tuples.failed("failed", "why not"),
        tuples.cut("cut", "long"),
        tuples.marked(tuples.named("early", "int", tuples.scalar("int", 7), None, False), tuples.UNINITIALIZED),
        tuples.renamed(tuples.told("old", "words"), "new"),
    ]
    found = recorded(tmp_path, monkeypatch, values).values
    assert {name: (value.type, value.value, value.status) for name, value in found.items()} == {
        "gone": ("int", "<optimized out>", "optimized-out"),
        "away": ("", "<not in scope>", "unavailable"),
        "failed": ("", "<why not>", "error"),
        "cut": ("long", "<not read>", "truncated"),
        "early": ("int", "7", "uninitialized?"),
        "new": ("", "words", None),
    }
    assert [name for name, value in found.items() if value.is_arg] == ["gone"]


def test_the_stop_and_its_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hit = recorded(tmp_path, monkeypatch, [])
    assert (hit.reason, hit.breakpoints, hit.detail) == ("watchpoint", [3, 4], "x")
    assert (hit.thread, hit.tid, hit.thread_name, hit.pid) == ("2", 77, "worker", 99)
    assert (hit.location, hit.pc, hit.error) == ("x.c:3", 0x1000, "there was time for 1 frames only")
    told = [(one.function, one.line, one.module, one.module_offset, one.inlined) for one in hit.stack]
    # Where there is a line, nobody counts bytes.
    assert told == [("work", 3, "true", None, True), ("start", None, "libc.so", 9, False)]
    assert hit.watches["x == 1"].python is True


def test_places_have_the_names_that_rust_reads() -> None:
    value = tuples.named("n", "T", ("kind", "payload", "status", 5, []), 6, True)
    places = ("NAME", "TYPE", "KIND", "PAYLOAD", "STATUS", "COUNT", "ADDRESS", "IS_ARG", "CHILDREN")
    assert [value[getattr(tuples, place)] for place in places] == [
        "n",
        "T",
        "kind",
        "payload",
        "status",
        5,
        6,
        True,
        [],
    ]
