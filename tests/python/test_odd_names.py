"""Folders and programs whose names are no text: each debugger hands them on in its own way."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from drive import Session
from test_badluck import FIVE, HERE, unharmed
from test_sessions import asked, outside

if TYPE_CHECKING:
    from conftest import Build
    from drive import Debugger


def test_a_folder_and_a_program_whose_names_are_no_text(debugger: Debugger, build: Build) -> None:
    odd = debugger.home.parent / os.fsdecode(b"caf\xe9")
    odd.mkdir()
    debugger.cwd = odd
    program = build("loop.c", into=odd).rename(odd / os.fsdecode(b"lo\xffop"))
    for _ in range(2):
        unharmed(debugger.run_script(program, FIVE))
    assert len(debugger.session_files()) == 2
    for path in debugger.session_files():
        session = Session(path)
        hits = [(hit["location_key"], hit["hit_seq"]) for hit in session.hits()]
        assert hits == [(HERE, n) for n in (1, 2, 3, 4, 5)]
        assert str(session.value("SELECT target FROM sessions")).endswith(r"caf\xe9/lo\xffop")
        assert session.value("SELECT target_hash FROM sessions") is not None
        assert str(session.value("SELECT value FROM meta WHERE key = 'cwd'")).endswith(r"/caf\xe9")
        assert session.value("SELECT count(*) FROM source_snapshots WHERE file = 'loop.c'") == 1
        assert session.value("SELECT DISTINCT module FROM frames WHERE file = 'loop.c'") == r"lo\xffop"
    listed = asked(debugger, "list")
    assert listed["folder"].endswith(r"caf\xe9/.dbg/sessions")
    first, second = (session["label"] for session in listed["sessions"])
    assert len(asked(debugger, "hits", HERE, "--session", first)["hits"]) == 5
    assert "are the same: 5 hits" in outside(debugger, "diff", first, second)
