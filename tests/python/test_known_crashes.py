"""What kills a debugger is not asked of it; and once it is mended, the entry in `gdb/known_crashes.py` can go."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from conftest import Build, at
from test_values import PATIENT, shown

if TYPE_CHECKING:
    from drive import Debugger, Step

STOP, MAIN = at("wide.rs", "stop"), at("wide.rs", "main")
WHY = "<GDB cannot read Rust enums with a discriminant of 128 bits, as Option<u128> has: it would crash>"
# What LLDB before version 21 says instead.
APART = "<LLDB before version 21 does not tell the variants of this enum apart>"
KILLED = {-signal.SIGILL, 128 + signal.SIGILL, -signal.SIGSEGV, -signal.SIGABRT, 128 + signal.SIGABRT}


@pytest.mark.parametrize("name", ["option", "pointer"])
def test_wide_enums_are_still_fatal_to_gdb_alone(gdb: Debugger, build: Build, name: str) -> None:
    """Fails once GDB reads them: then take the entry out, from that version on."""
    gdb.without_plugin()
    result = gdb.run_script(build("wide.rs"), [f"break {MAIN}", "run", f"print {name}", "print 6 * 7"])
    if gdb.name == "gdb-system" and name == "pointer":
        assert "= 42" in result.output
    elif gdb.name == "gdb-system":
        assert "That operation is not available on integers of more than 8 bytes" in result.output
    else:
        assert result.exit_code in KILLED, result.output
        assert "= 42" not in result.output


def test_the_debugger_lives_with_wide_enums(debugger: Debugger, build: Build) -> None:
    watches = [
        "option",
        "holder",
        "holder.inside",
        "holder.before",
        "*option",
        "pointer.inside",
        "*pointer",
        "shapes[1]",
        "narrow",
        "k + 1",
    ]
    steps: list[Step] = [PATIENT, *(f"dbg-session watch '{text}'" for text in watches)]
    steps += [f"dbg-session trace {MAIN} --if 'option == 3'", f"dbg-session trace {MAIN}", "dbg-session trace stop"]
    steps += [f"break {STOP}", f"break {MAIN}", "run", "continue", "dbg-session watch option", "continue"]
    result = debugger.run_script(build("wide.rs"), steps)
    assert "before 1" in result.output
    at_stop, in_main = (shown(hit) for hit in debugger.session().hits() if hit["reason"] == "breakpoint")
    assert at_stop["n"].text == "10"
    if debugger.name in ("gdb-16", "gdb-18"):
        assert (in_main["pointer"].text, in_main["pointer"].status) == (WHY, "error")
    else:
        assert [in_main[name].text for name in ("pointer.before", "pointer.after")] == ["1", "3"]
    plain = {"k": "7", "narrow": "Some(9)", "plain": str(1 << 90), "result": "Err(7)"}
    assert {name: in_main[name].text for name in plain} == plain
    for name, text in {"option": f"Some({1 << 100})", "nothing": "None", "nested": "Some(None)"}.items():
        unread = {WHY, f"Some({APART})"} if debugger.is_gdb else {APART, f"Some({APART})"}
        assert in_main[name].text == text or in_main[name].text in unread
        assert debugger.name != "lldb-23" or in_main[name].text == text
