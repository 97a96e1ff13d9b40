"""Names of a map's entries: one table, whichever way the map is read, and the texts of the same keys as values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from conftest import PROGRAMS, Build, at
from drive import Raw
from test_trace import traced, tracepoints
from test_values import PATIENT

if TYPE_CHECKING:
    import sqlite3

    from drive import Debugger, Step

CUT = '"' + "k" * 256 + '"...'

# Keys that are no aggregates: an entry's name is the key's own text in brackets.
CPP: dict[str, list[str]] = {
    "chars": [r"'\xe9'", r"'\x00'", r"'\n'", "'\"'", r"'\''", r"'\\'", "'a'", r"'\x7f'"],
    "i8": ["-128", "39", "127"],
    "u8": ["0", "39", "255"],
    "i16": ["-32768", "32767"],
    "u16": ["65535"],
    "i32": ["-2147483648", "0", "2147483647"],
    "u32": ["4294967295"],
    "i64": ["-9223372036854775808", "9223372036854775807"],
    "u64": ["18446744073709551615"],
    "bools": ["false", "true"],
    "wchars": [r"'\xffffffff'", r"'\n'", "'\"'", r"'\''", r"'\\'", "'\u00e9'", r"'\u{202e}'", "'\u6f22'"],
    "chars16": [r"'\''", "'\u00e9'", r"'\xd800'"],
    "chars32": [r"'\x00'", "'\U0001f600'", r"'\x110000'"],
    "floats": ["-inf", "0.1", "100000", "16777216", "100000000", "1e+20"],
    "zero": ["-0"],
    "doubles": [
        *("-1e-05", "0.0001", "0.1", "0.3333333333333333", "3", "123456789"),
        *("1000000000000000", "1e+16", "1.7976931348623157e+308", "inf"),
    ],
    "nan": ["nan"],
    "minus_zero": ["-0"],
    "colours": ["RED", "GREEN", "6"],
    "levels": ["LOW", "HIGH"],
    "modes": ["NONE", "READ | WRITE"],
    "strings": [
        *('""', r'"\n\t\r\x1b"', '"\'"', '"]"', r'"a\"b"', r'"back\\slash"', '"gr\u00fc\u00dfe"'),
        *(CUT, CUT, r'"nul\x00"', r'"\u{202e}"', r'"\xff\xfe"'),
    ],
    "words": ["0x0", '"it\'s"'],
    "pointers": ["0x0", "0x10"],
    "voids": ["0x20"],
    "wide": ["-170141183460469231731687303715884105728", "-1"],
    "uwide": ["1", "340282366920938463463374607431768211455"],
    "longs": ["-1.5", "1.2e-05", "0.1", "1e+4000"],
    "wstrings": ['"\\"\u00e9\'"'],
}
CPP_AGGREGATES: dict[str, list[str]] = {
    "pairs": [r"""{1, "a'\""}""", '{2, "]"}'],
    "tuples": [r"{'\'', 0.5}"],
    "places": [r"{1, '\''}", "{2, '\"'}"],
    "vectors": ["{}", "{1, 2}"],
    "maps": [r"{[1] = '\''}", r"{[2] = '\''}"],
    "hash": [r'"\""'],
}
RUST: dict[str, list[str]] = {
    "chars": [
        *(r"'\x00'", r"'\n'", "'\"'", r"'\''", r"'\\'", r"'\x7f'", "'\u00e9'"),
        *(r"'\u{202e}'", "'\u6f22'", "'\U0001f600'"),
    ],
    "bytes": ["0", "39", "255"],
    "i8s": ["-128", "127"],
    "bools": ["false", "true"],
    "strs": [
        *('""', r'"\n\t\r\x1b\x00"', '"\'"', '"]"', r'"a\"b"', r'"back\\slash"', '"gr\u00fc\u00dfe"', r'"\u{202e}"'),
    ],
    "strings": [r'"\""', '"it\'s"', CUT],
    "wide": ["-170141183460469231731687303715884105728", "-1", "170141183460469231731687303715884105727"],
    "uwide": ["1", "340282366920938463463374607431768211455"],
    "colours": ["Red", "Green"],
}
RUST_AGGREGATES: dict[str, list[str]] = {
    "shapes": ["Empty", "Circle(3)", r"""Named("a'\"", '\'')"""],
    "options": ["None", r"Some('\'')"],
    "places": [r"{1, '\''}"],
    "pairs": [r'{1, "\""}', '{2, "\'"}'],
    "hash": [r"'\''"],
}
TABLES = {"keys.cpp": (CPP, CPP_AGGREGATES), "keys.rs": (RUST, RUST_AGGREGATES)}


def entries(keys: list[str]) -> list[str]:
    """The names of a map's entries; of two with the same text the second has a number."""
    names = [f"[{key}]" for key in keys]
    return [name if name not in names[:i] else f"{name}#2" for i, name in enumerate(names)]


def names(hit: sqlite3.Row, variables: dict[str, list[str]]) -> dict[str, list[str]]:
    """The names of the entries of some maps, as a hit has them."""
    values: dict[str, Any] = json.loads(hit["locals_json"])
    return {
        name: [key for key, inner in values[name].items() if isinstance(inner, dict)]
        for name in variables
        if name in values
    }


@pytest.mark.parametrize("program", TABLES)
def test_entries_have_the_same_names_at_a_stop_and_when_passing(debugger: Debugger, build: Build, program: str) -> None:
    place = at(program, "maps")
    steps: list[Step] = [PATIENT, f"dbg-session trace {place}", f"break {place}", "run"]
    traced(debugger, build, steps, program)
    hits = debugger.session().hits()
    assert {hit["reason"] for hit in hits} == {"tracepoint", "breakpoint"}
    plain, aggregates = TABLES[program]
    expected = {name: entries(keys) for name, keys in {**plain, **aggregates}.items()}
    for hit in hits:
        assert names(hit, expected) == expected, hit["reason"]


@pytest.mark.parametrize("program", TABLES)
def test_a_key_has_the_text_that_it_has_by_itself(debugger: Debugger, build: Build, program: str) -> None:
    """The same table again, of values that are mostly read without the debugger."""
    steps: list[Step] = [PATIENT, f"dbg-session trace {at(program, 'each')}", "run", "dbg-session trace list --json"]
    (one,) = tracepoints(traced(debugger, build, steps, program))
    plain, _ = TABLES[program]
    expected = [key for keys in plain.values() for key in keys * 3]
    hits = debugger.session().hits()
    assert [json.loads(hit["locals_json"])["key"]["value"] for hit in hits] == expected
    assert one["raw"] >= len(expected) / 4, one


def test_keys_that_a_printer_of_the_users_gives(debugger: Debugger, build: Build) -> None:
    if not debugger.is_gdb:
        pytest.skip("LLDB's formatters tell of no maps")
    place = at("keys.cpp", "maps")
    steps: list[Step] = [PATIENT, Raw(f"source {PROGRAMS / 'mapping.py'}", ""), f"dbg-session trace {place}"]
    traced(debugger, build, [*steps, f"break {place}", "run"], "keys.cpp")
    expected = [r"[{['\''] = 1, [plain\u{202e}] = text}]", r"""[{['"'] = 2, [plain\u{202e}] = text}]"""]
    found = [names(hit, {"places": []})["places"] for hit in debugger.session().hits()]
    assert found == [expected, expected]
