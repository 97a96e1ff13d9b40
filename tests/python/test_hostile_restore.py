"""A session file from anywhere can be restored from: nothing in it is carried out, whatever stands in which field."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from conftest import at
from drive import Raw, Session
from test_restore import kept, newest, outcomes, restored

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Build
    from drive import Debugger, Step

PLACE = at("guarded.cpp", "place")
FILE, LINE = PLACE.split(":")
RESTORE = "dbg-session breakpoints restore"


def hostile(canary: Path) -> list[str]:
    """What would run something if it came to a command line, an expression, or a terminal."""
    touch = f"touch {canary}"
    return [
        f"main\nshell {touch}",
        f"main\n!{touch}",
        f"{PLACE}\nshell {touch}",
        f"0x1\nshell {touch}",
        f"i == 1\nshell {touch}",
        f"throw\nshell {touch}",
        f"main\rshell {touch}",
        f"shell {touch}",
        f"!{touch}",
        f"`{touch}`",
        f"main `{touch}`",
        f"platform shell {touch}",
        f"main\nplatform shell {touch}",
        f"main -C 'platform shell {touch}'",
        f'main" -C "platform shell {touch}" -N "x',
        f"guarded.cpp:1\" -C 'platform shell {touch}' -N \"x",
        f'$_shell("{touch}")',
        f'i == 0 || $_shell("{touch}")',
        f'main if $_shell("{touch}")',
        f"$_as_string($_shell('{touch}'))",
        f"python open('{canary}', 'w')",
        f"main\npython open('{canary}', 'w')",
        f"script open('{canary}', 'w')",
        f"main\nscript open('{canary}', 'w')",
        f"| pwd | {touch}",
        f"pipe pwd | {touch}",
        f"main ; shell {touch}",
        f"-exec {touch}",
        f"-function main -force-condition if $_shell('{touch}')",
        f"main -force-condition if $_shell('{touch}') == 0",
        f"\\\nshell {touch}",
        f"x'\"\nshell {touch}\n'\"",
        f'(int) system("{touch}")',
        f'{{int}} $_shell("{touch}")',
        "count()",
        "main if count() == 1",
        "i == count()",
        "*count()",
        "*(int *) count()",
        "calls = 7",
        "calls++",
        "box.n == (count(), 1)",
        "({ count(); })",
        "box->n",
        "box[0]",
        "*box",
        "box == 1",
        "box->n == 1",
        f"main\0shell {touch}",
        "main\x1b]0;title\x07\x1b[2J",
        "main\u202eniam",
        "\u200bmain\u061c",
        "'",
        '"',
        "$(",
        "main %s%n%d {0}",
        "",
        "A" * 100_000,
        "(" * 5_000,
        "i." * 5_000 + "i",
    ]


COLUMNS = {
    "host": None, "number": 1, "kind": "breakpoint", "form": "line", "spec": PLACE, "file": FILE, "line": int(LINE),
    "function": "passed", "text": None, "locations": 1, "condition": None, "ignore_count": 0, "enabled": 1,
    "temporary": 0, "hardware": 0, "access": None, "thread": None, "commands": None, "hits": 0, "options": None,
}  # fmt: skip
REGEX = '{"kind": "regex"}'  # GDB takes long to look for each
# Where a text may stand: what the row is besides.
FIELDS: list[tuple[str, dict[str, Any]]] = [
    ("kind", {}),
    ("form", {}),
    *(("spec", {"form": form}) for form in ("line", "function", "address", "regex", "text", "other")),
    ("spec", {"form": "other", "line": None}),
    ("spec", {"form": "line", "hardware": 1}),
    ("spec", {"form": "function", "hardware": 1}),
    ("file", {"form": "text", "spec": "if .meter"}),
    ("file", {"form": "other", "spec": "+1"}),
    ("function", {"enabled": 0}),
    ("text", {"enabled": 0}),
    ("condition", {}),
    ("commands", {}),
    ("access", {"kind": "watchpoint", "form": "expression", "spec": "calls"}),
    ("spec", {"kind": "watchpoint", "form": "expression", "access": "write"}),
    ("condition", {"kind": "watchpoint", "form": "expression", "spec": "calls", "access": "write", "enabled": 0}),
    ("commands", {"kind": "watchpoint", "form": "expression", "spec": "calls", "access": "write", "enabled": 0}),
    ("spec", {"kind": "catchpoint", "form": "event"}),
    ("spec", {"kind": "catchpoint", "form": "event", "temporary": 1}),
    ("spec", {"kind": "tracepoint"}),
    ("condition", {"kind": "tracepoint"}),
    ("commands", {"kind": "tracepoint"}),
    ("spec", {"kind": "tracepoint", "options": REGEX}),
    ("spec", {"kind": "tracepoint", "options": '{"kind": "return"}'}),
    ("options", {"enabled": 0}),
    ("options", {"kind": "tracepoint"}),
]
IGNORED = ("location", "place", "yes", "other")
OPTIONS = ("kind", "every", "most", "captures", "stack", "until", *IGNORED)
# What stands beside a plain place is set with it, hundreds of times: of these fields some texts will do.
SET = ("function", "text", "commands", "options")
SOME = 7


def write(path: Path, base: Path, host: str, rows: list[dict[str, Any]], watches: list[tuple[str, int]]) -> None:
    """A session file that keeps just these."""
    shutil.copy(base, path)
    with sqlite3.connect(path) as connection:
        (session,) = connection.execute("SELECT id FROM sessions").fetchone()
        connection.execute("DELETE FROM breakpoints")
        connection.execute("DELETE FROM watches")
        for row in rows:
            whole = {"session_id": session, **COLUMNS, "host": host, **row}
            names, marks = ", ".join(whole), ", ".join("?" * len(whole))
            connection.execute(f"INSERT INTO breakpoints ({names}) VALUES ({marks})", list(whole.values()))  # noqa: S608
        for expression, calls in watches:
            connection.execute(
                "INSERT INTO watches (session_id, number, expr, allow_calls) VALUES (?, 1, ?, ?)",
                (session, expression, calls),
            )
    connection.close()


def hostile_rows(texts: list[str]) -> list[dict[str, Any]]:
    """Every text in every field, and in every option of a tracepoint."""
    rows = []
    some = texts[::SOME]
    for field, besides in FIELDS:
        rows += [
            {**besides, field: text} for text in (some if field in SET or besides.get("options") == REGEX else texts)
        ]
    for name in OPTIONS:
        chosen = some if name in IGNORED else texts
        rows += [{"kind": "tracepoint", "options": json.dumps({name: text})} for text in chosen]
    rows += [{"kind": "tracepoint", "options": json.dumps({"captures": ["i", text]})} for text in texts]
    rows += [{"enabled": 0, "options": json.dumps({"auto_continue": text})} for text in some]
    for number in (-1, 0, 2**31, 2**63 - 1, -(2**63)):
        rows += [{"thread": number, "enabled": 0}, {"ignore_count": number, "enabled": 0}]
        rows += [{"kind": "tracepoint", "options": json.dumps({name: number})} for name in ("every", "most", "stack")]
    return rows


def recorded(debugger: Debugger, program: Path) -> Path:
    """The file of a session that this debugger made."""
    debugger.run_script(program, [f"break {PLACE}", "run", "dbg-session save base"])
    return debugger.cwd / ".dbg" / "sessions" / "base.db"


def hostile_files(debugger: Debugger, base: Path, texts: list[str]) -> list[Path]:
    """A file for each text with it in all that a session says of itself, and in each column that is a number."""
    folder = debugger.cwd / "files"
    folder.mkdir()
    made = []
    for i, text in enumerate(texts):
        path = folder / f"{i}.db"
        write(path, base, debugger.kind, [{"host": text, "commands": text}], [(text, 1)])
        with sqlite3.connect(path) as connection:
            for field in ("label", "target", "target_hash", "started_at"):
                connection.execute(f"UPDATE sessions SET {field} = ?", (text,))  # noqa: S608
            connection.execute("UPDATE meta SET value = ? WHERE key = 'cwd'", (text,))
        connection.close()
        made.append(path)
    numbers = [name for name, usual in COLUMNS.items() if isinstance(usual, int) or name == "thread"]
    for name in numbers:
        path = folder / f"{name}.db"
        write(path, base, debugger.kind, [{name: texts[0]}], [])
        made.append(path)
    return made


def whatever_it_says(command: str) -> Step:
    """A command after whose error LLDB goes on."""
    return Raw(gdb=command, lldb=f"script lldb.debugger.HandleCommand({command!r})")


def test_nothing_in_a_file_is_carried_out(debugger: Debugger, build: Build) -> None:
    program = build("guarded.cpp")
    base, canary = recorded(debugger, program), debugger.cwd / "canary"
    texts = hostile(canary)
    rows, watches = hostile_rows(texts), [(text, calls) for text in texts for calls in (0, 1)]
    write(debugger.cwd / "h.db", base, debugger.kind, rows, watches)
    steps: list[Step] = [
        *("break main", "run", f"{RESTORE} ./h.db --json"),
        *(whatever_it_says(f"{RESTORE} {path}") for path in hostile_files(debugger, base, texts)),
        "dbg-session breakpoints list --session ./h.db",
        *["continue"] * 6,
        # Whatever still stops it is no part of the promise that it ends.
        *("delete", "continue", "continue"),
    ]
    result = debugger.run_script(program, steps, timeout=120)
    assert not canary.exists(), result.output[-5000:]
    assert re.search(r"sum 15, calls 0\b", result.output), result.output[-3000:]
    assert "Traceback" not in result.output
    # Nothing that moves a cursor, turns text around, or hides is shown.
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u061c\u202e]", result.output.replace("\r\n", "\n"))
    answers = first_answer(result.output)
    assert len(answers) == len(rows) + len(watches)
    for row, answer in zip(rows, answers):
        assert answer["outcome"] != "failed" or answer["notes"], row
        # What was set is a plain place, whatever stood beside it.
        if row.get("condition") and row["kind" if "kind" in row else "condition"] != "tracepoint":
            assert any("left out" in note for note in answer["notes"]) or answer["outcome"] == "failed", row
    bad = [answer for row, answer in zip(rows, answers) if "spec" in row and row["spec"] in texts]
    assert {answer["outcome"] for answer in bad if answer["kind"] in ("watchpoint", "catchpoint")} == {"failed"}
    set_again = {answer["spec"] for answer in answers[len(rows) :] if answer["outcome"] == "set"}
    # Paths and comparisons, which a watch reads without calling anything.
    assert set_again == {"box->n", "box[0]", "*box", "box == 1", "box->n == 1"}


def first_answer(output: str) -> list[dict[str, Any]]:
    """What became of all, as the first `restore --json` said it."""
    begin = re.search(r"\{\s*\"session\"", output)
    assert begin, output[-3000:]
    document, _ = json.JSONDecoder().raw_decode(output, begin.start())
    return list(document["restored"])


# --- What is more than a name or a comparison is named, the rest comes back -------------------------


def test_conditions_that_compare_plain_values_come_back(debugger: Debugger, build: Build) -> None:
    program = build("guarded.cpp")
    base = recorded(debugger, program)
    plain = ["i == 1", "i >= 1 && !(doubled < 0)", "box.n != 2", "calls == 0", "meter.value == 1"]
    calling = ["box == 1", "box->n == 1", "box[0] == 1", "*box == 1", 'i == "one"', "count() == 1", "i % 2 == 1"]
    write(base, base.rename(base.with_name("x.db")), debugger.kind, [{"condition": c} for c in plain + calling], [])
    result = debugger.run_script(program, [f"{RESTORE} base --json", "run", *["continue"] * 3])
    notes = [answer["notes"] for answer in first_answer(result.output)]
    assert notes[: len(plain)] == [[]] * len(plain)
    assert all("its condition was left out" in note[0] for note in notes[len(plain) :]), notes
    assert [row[0] for row in kept(newest(debugger), "condition")] == plain + [None] * len(calling)
    assert "calls 0" in result.output


def test_functions_with_brackets_and_operators_come_back(debugger: Debugger, build: Build) -> None:
    program = build("guarded.cpp")
    base = recorded(debugger, program)
    names = ["twice<int>", "Meter::operator<<", "Meter::operator bool", "passed", "(anonymous namespace)::hidden"]
    rows: list[dict[str, Any]] = [{"form": "function", "spec": name, "file": None, "line": None} for name in names]
    rows += [{"form": "other", "spec": f"{FILE}:passed"}, {"form": "other", "spec": "+0"}]
    write(base, base.rename(base.with_name("x.db")), debugger.kind, rows, [])
    result = debugger.run_script(program, [f"{RESTORE} base --json", f"{RESTORE} base --json"])
    first = first_answer(result.output)
    bare = debugger.run_script(program, [f"break {name}" for name in names])
    known = [
        name for name in names if not re.search(rf"(?s){re.escape(name)}.{{0,40}}(not defined|pending)", bare.output)
    ]
    assert len(known) > 2  # debuggers differ in what they find
    assert [one["spec"] for one in first if one["outcome"] == "set"] == [*known, f"{FILE}:passed", "+0"]
    assert first[-1]["notes"] == [f"it is set where it was, at {PLACE}"]


def test_events_and_watched_places_come_back(debugger: Debugger, build: Build) -> None:
    program = build("guarded.cpp")
    events = ["catch signal SIGUSR1", "catch syscall write", "catch fork"]
    more = [Raw(gdb=gdb, lldb="script 1") for gdb in (*events, "watch -location calls", f"hbreak {PLACE}")]
    hardware = Raw(gdb="echo", lldb=f"breakpoint set -H -f {FILE} -l {LINE}")
    steps: list[Step] = ["break main", "run", "catch throw", "watch calls", *more, hardware, "dbg-session save old"]
    debugger.run_script(program, steps)
    result = debugger.run_script(program, ["break main", "run", f"{RESTORE} old --json", f"{RESTORE} old --json"])
    found = {spec: one["outcome"] for spec, one in zip(*specs(result.output))}
    wanted = [row[0] for row in kept(Session(debugger.cwd / ".dbg" / "sessions" / "old.db"), "spec")]
    hard = {PLACE} & {spec for spec, one in found.items() if one == "failed"}  # some machines have none
    assert set(found) == set(wanted)
    assert {spec for spec in wanted if found[spec] != "set"} == {"main"} | hard
    assert set(outcomes(result.output).values()) <= ({"kept", "failed"} if hard else {"kept"})


def specs(output: str) -> tuple[list[str], list[dict[str, Any]]]:
    """Of the first answer."""
    answers = first_answer(output)
    return [one["spec"] for one in answers], answers


# --- Commands ---------------------------------------------------------------------------------------


def with_commands(debugger: Debugger, program: Path) -> tuple[Path, Path]:
    """A session whose breakpoint runs something, and the file that this would make."""
    base, canary = recorded(debugger, program), debugger.cwd / "canary"
    command = f"shell touch {canary}" if debugger.is_gdb else f"platform shell touch {canary}"
    row = {"commands": f"{command}\n# \x1b]0;\u202e"}
    write(base, base.rename(base.with_name("x.db")), debugger.kind, [row], [])
    os.chmod(base, 0o600)  # noqa: PTH101 - as we make them
    return base, canary


def test_commands_come_back_only_when_they_are_seen_and_wanted(debugger: Debugger, build: Build) -> None:
    program = build("guarded.cpp")
    base, canary = with_commands(debugger, program)
    result = debugger.run_script(program, [f"{RESTORE} base --json", "run", "continue"])
    assert not canary.exists()
    assert restored(result.output)[PLACE]["notes"] == [
        "its commands were left out; `--with-commands` shows them and asks"
    ]
    # Nobody is there to be asked.
    result = debugger.run_script(program, [f"{RESTORE} base --with-commands", "run", "continue"])
    assert not canary.exists()
    assert str(canary) in result.output
    assert "# \\x1b]0;\\u{202e}" in result.output
    assert "say `--yes` to set them" in result.output
    os.chmod(base, 0o666)  # noqa: PTH101, S103 - so that it could be anybody's
    result = debugger.run_script(program, [f"{RESTORE} base --with-commands --yes", "run"])
    assert not canary.exists()
    assert "others may write to" in result.output
    os.chmod(base, 0o600)  # noqa: PTH101
    result = debugger.run_script(program, [f"{RESTORE} base --with-commands --yes", "run", "continue"])
    assert canary.exists(), result.output
    assert "it runs `" in result.output


@pytest.mark.any_version
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file another user's")
def test_commands_of_another_users_file_are_never_set(debugger: Debugger, build: Build) -> None:
    program = build("guarded.cpp")
    base, canary = with_commands(debugger, program)
    os.chown(base, 12345, 12345)
    result = debugger.run_script(program, [f"{RESTORE} base --with-commands --yes", "run", "continue"])
    assert "belongs to another user" in result.output
    assert not canary.exists()


def test_commands_are_asked_for_at_a_terminal(debugger: Debugger, build: Build) -> None:
    program = build("guarded.cpp")
    _, canary = with_commands(debugger, program)
    terminal = debugger.interactive(program)
    for answer, outcome in (("n", "left out, as you said"), ("y", "it runs `")):
        terminal.send(f"{RESTORE} base --with-commands")
        shown = terminal.read_until(re.compile(r"\(y or n\) "))
        assert str(canary) in shown
        assert "\\u{202e}" in shown
        terminal.send(answer)
        assert outcome in terminal.read_prompt()
        if answer == "n":
            terminal.do("delete 1")
    terminal.quit()
    assert not canary.exists()
