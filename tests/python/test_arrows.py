"""An import against the arrows fails `make lint`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import arrows
import pytest

if TYPE_CHECKING:
    from pathlib import Path

FORBIDDEN = [
    ("util/text.py", "from dbg_session.host.types import Type\n", "util may not name host"),
    ("gdb/host.py", "from ..lldb import types\n", "gdb may not name lldb"),
    ("lldb/host.py", "def late():\n    from dbg_session.plugin import plugin\n", "lldb may not name plugin"),
    ("host/types.py", "import dbg_session.values.layout\n", "host may not name values"),
    (
        "values/reader.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from dbg_session.plugin.capture import Captured\n",
        "values may not name plugin",
    ),
    ("snapshots/shapes.py", "import lldb\n", "only lldb/ may import `lldb`"),
    ("plugin/plugin.py", "from gdb.types import has_field\n", "only gdb/ may import `gdb`"),
    ("novel/idea.py", "from dbg_session.util import text\n", "`novel` is in no row"),
]


def package(folder: Path, files: dict[str, str]) -> Path:
    root = folder / "dbg_session"
    for name in (*arrows.PYTHON, "novel"):
        if name in ("util", "host", "values", "snapshots", "plugin", "gdb", "lldb", "novel"):
            (root / name).mkdir(parents=True)
    for name in ("util/text.py", "host/types.py", "values/layout.py", "plugin/plugin.py", "plugin/capture.py"):
        (root / name).touch()
    (root / "lldb" / "types.py").touch()
    for name, text in files.items():
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(("file", "text", "why"), FORBIDDEN)
def test_a_forbidden_import_is_found(tmp_path: Path, file: str, text: str, why: str) -> None:
    (said,) = arrows.python(package(tmp_path, {file: text}))
    assert why in said
    assert f"{file}:{text.count(chr(10))}: " in said


def test_a_circle_is_found(tmp_path: Path) -> None:
    files = {
        "host/types.py": "from .frames import Frame\n",
        "host/frames.py": "def late():\n    from dbg_session.host import data\n",
        "host/data.py": "from .types import Type\n",
    }
    (said,) = arrows.python(package(tmp_path, files))
    assert said == "a circle: host.data -> host.types -> host.frames -> host.data"


def test_what_is_allowed_passes(tmp_path: Path) -> None:
    files = {
        "gdb/host.py": "import gdb\nfrom dbg_session.values.layout import find\nfrom . import frames\n",
        "gdb/frames.py": "from gdb.FrameDecorator import FrameDecorator\nfrom dbg_session.host import types as h\n",
        "plugin/plugin.py": "from dbg_session import _native\nfrom .capture import capture\n",
        "_native.pyi": "from .json_shapes import Groups\n",
    }
    assert arrows.python(package(tmp_path, files)) == []


def test_ours_are_in_order() -> None:
    assert arrows.python(arrows.ROOT / "python" / "dbg_session") == []


CRATE = [
    ("session_db/open.rs", "use crate::query::hits::Hit;\n", "session_db may not name query"),
    ("query/ask/hits.rs", "fn ask() -> crate::render::Answer {}\n", "query may not name render"),
    ("novel.rs", "use crate::value::Value;\n", "`novel` is in no row"),
    ("render/hits.rs", 'const SQL: &str = "SELECT * FROM breakpoint_hits";\n', "may name `breakpoint_hits`"),
    ("command/hits.rs", "fn read(locals_json: &str) {}\n", "may name `locals_json`"),
    ("render/hits.rs", "use crate::{interrupt, layers as l, live};\n", "render may not name live"),
    ("snapshots/plan.rs", "use super::super::record::hit;\n", "snapshots may not name record"),
    ("snapshots/plan/mod.rs", "use super::super::{value, record};\n", "snapshots may not name record"),
    ("symbols.rs", "fn f(s: super::session_db::SessionDb) {}\n", "symbols may not name session_db"),
    ("layers/mod.rs", "use super::query;\n", "layers may not name query"),
    ("query/read/scan.rs", "use crate::query::ask::hits::Hit;\n", "query/read is the door, and may not name ask"),
    ("query/read/scan.rs", "use super::super::ask::hits;\n", "query/read is the door, and may not name ask"),
    ("query/read/scan.rs", "use super::super::sums::Sum;\n", "query/read is the door, and may not name sums"),
    ("query/read/deep/a.rs", "use crate::query::{expr, hits};\n", "query/read is the door, and may not name hits"),
]


@pytest.mark.parametrize(("file", "text", "why"), CRATE)
def test_what_a_crate_may_not_name_is_found(tmp_path: Path, file: str, text: str, why: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "query").mkdir(exist_ok=True)
    (tmp_path / "query" / "mod.rs").write_text(
        "mod ask;\npub use ask::{\n    hits, sessions,\n};\npub use ask::parts as sums;\n"
    )
    (tmp_path / file).write_text("//! It says breakpoint_hits and crate::python.\n" + text)
    (said,) = arrows.rust(tmp_path)
    assert why in said
    assert f"{file}:2: " in said


def test_a_group_over_several_lines_is_opened(tmp_path: Path) -> None:
    (tmp_path / "session_db").mkdir()
    (tmp_path / "session_db" / "open.rs").write_text(
        "use crate::{\n    ids::{self, HitId as Id,},\n    query::{\n        hits::{Hit},\n    },\n    render,\n};\n"
    )
    assert [said.partition(": ")[::2] for said in arrows.rust(tmp_path)] == [
        (f"{tmp_path}/session_db/open.rs:4", "session_db names query, and session_db may not name query"),
        (f"{tmp_path}/session_db/open.rs:6", "session_db names render, and session_db may not name render"),
    ]


NAMED = """impl Format for One {
    fn name(&self) -> &'static str {
        "NAME"
    }
}
"""


def test_formats_are_found_and_named_by_themselves_alone(tmp_path: Path) -> None:
    (tmp_path / "layers" / "perf").mkdir(parents=True)
    (tmp_path / "command").mkdir()
    (tmp_path / "layers" / "heaptrack.rs").write_text(NAMED.replace("NAME", "heaptrack"))
    (tmp_path / "layers" / "perf" / "data.rs").write_text(NAMED.replace("NAME", "perf-data"))
    (tmp_path / "layers" / "mod.rs").write_text("mod heaptrack;\nmod perf;\n")
    assert arrows.rust(tmp_path) == []
    (tmp_path / "command" / "layer.rs").write_text('const ALL: [&str; 2] = ["perf-data",\n"heaptrack"];\n')
    assert [said.partition(": ")[2] for said in arrows.rust(tmp_path)] == [
        "only layers/perf may name `perf-data`",
        "only layers/heaptrack.rs and layers/mod.rs may name `heaptrack`",
    ]
    (tmp_path / "command" / "layer.rs").unlink()
    (tmp_path / "layers" / "heaptrack.rs").write_text(NAMED.replace('"NAME"', "NAME"))
    (said,) = arrows.rust(tmp_path)
    assert "is to be a text" in said


def test_ours_have_the_formats_that_they_are_asked_for() -> None:
    homes, nameless = arrows.formats(arrows.ROOT / "src")
    assert nameless == []
    assert homes["callgrind"] == ("layers/callgrind", "layers/mod.rs")
    assert homes["perf-data"] == ("layers/perf",)
    assert arrows.rust(arrows.ROOT / "src") == []


def test_tests_and_owners_may_name_what_they_like(tmp_path: Path) -> None:
    for file, text in {
        "query/read/scan.rs": 'const SQL: &str = "FROM breakpoint_hits";\n',
        "value/text.rs": "fn f() {}\n#[cfg(test)]\nmod tests { use crate::query::hits::Hit; }\n",
        "value/mod_tests.rs": "use crate::query::hits::Hit;\n",
        "query/read/places.rs": "use super::super::expr;\nuse super::{ask_tests, hits};\n",
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    assert arrows.rust(tmp_path) == []
