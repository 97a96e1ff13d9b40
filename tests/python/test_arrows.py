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
    ("command/layer.rs", 'const FORMATS: [&str; 1] = ["perf-data"];\n', "may name `perf-data`"),
]


@pytest.mark.parametrize(("file", "text", "why"), CRATE)
def test_what_a_crate_may_not_name_is_found(tmp_path: Path, file: str, text: str, why: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text("//! It says breakpoint_hits and crate::python.\n" + text)
    (said,) = arrows.rust(tmp_path)
    assert why in said
    assert f"{file}:2: " in said


def test_tests_and_owners_may_name_what_they_like(tmp_path: Path) -> None:
    for file, text in {
        "query/read/scan.rs": 'const SQL: &str = "FROM breakpoint_hits";\n',
        "value/text.rs": "fn f() {}\n#[cfg(test)]\nmod tests { use crate::query::hits::Hit; }\n",
        "value/mod_tests.rs": "use crate::query::hits::Hit;\n",
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    assert arrows.rust(tmp_path) == []
