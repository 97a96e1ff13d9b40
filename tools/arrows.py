"""Which part of the code may import which: fails where an import goes against it, or in a circle.

Imports for type checkers count, and those within functions: what must be known to understand a
file must be below it.  A row of a table is a part and what it may name; a part that is in no row fails.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
Table = dict[str, tuple[str, ...]]

# Parts of `python/dbg_session`: its folders, and the files beside them.
PYTHON: Table = {
    "util": (),
    "host": ("util", "_native"),
    "values": ("util", "host"),
    "snapshots": ("util", "host", "values", "_native"),
    "plugin": ("util", "host", "values", "snapshots", "_native"),
    "gdb": ("util", "host", "values", "_native"),
    "lldb": ("util", "host", "values", "_native"),
    # What is loaded, and loads the others.
    "__init__": ("_native", "exceptions", "unloaded", "util", "lldb", "plugin"),
    "__main__": ("_native", "util"),
    "gdbinit": ("unloaded", "gdb", "plugin"),
    "_native": ("json_shapes",),
    "exceptions": (),
    "json_shapes": (),
    "unloaded": (),
}
# A table for another language goes here; its imports become `Arrow`s, for `wrong` and `circles` to judge.

# Modules from elsewhere that exist only inside a debugger, and the one part that may name them.
ONLY_IN = {"gdb": "gdb", "lldb": "lldb"}


class Arrow(NamedTuple):
    """An import: the file with its line, the module that it is, and the module that it names.

    Modules are `part.rest`; one of `ONLY_IN` is in brackets.
    """

    place: str
    source: str
    target: str


def part(module: str) -> str:
    """The part that a module belongs to: `gdb` of `gdb.host`."""
    return module.partition(".")[0]


def wrong(arrows: list[Arrow], table: Mapping[str, tuple[str, ...]]) -> list[str]:
    """A sentence for each arrow that is not in the table."""
    out = []
    for arrow in arrows:
        source, target = part(arrow.source), part(arrow.target)
        if source not in table:
            out.append(f"{arrow.place}: `{source}` is in no row of tools/arrows.py")
        elif target != source and target not in table[source]:
            out.append(f"{arrow.place}: {arrow.source} names {arrow.target}, and {source} may not name {target}")
    return out


def circles(arrows: list[Arrow]) -> list[str]:
    """A sentence for each circle of modules."""
    below: dict[str, set[str]] = {}
    for arrow in arrows:
        if arrow.source != arrow.target:
            below.setdefault(arrow.source, set()).add(arrow.target)
    done: set[str] = set()
    out: list[str] = []

    def walk(module: str, path: list[str]) -> None:
        if module in path:
            out.append("a circle: " + " -> ".join([*path[path.index(module) :], module]))
        elif module not in done:
            for target in sorted(below.get(module, ())):
                walk(target, [*path, module])
            done.add(module)

    for module in sorted(below):
        walk(module, [])
    return out


def python_arrows(package: Path) -> Iterator[Arrow]:
    """All imports within a package, and those of what `ONLY_IN` names."""
    for path in sorted(package.rglob("*.py*")):
        if path.suffix in (".py", ".pyi"):
            inside = path.relative_to(package)
            source = ".".join(inside.with_suffix("").parts)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                for target in _named(node, package, inside):
                    yield Arrow(f"{path}:{node.lineno}", source, target)  # type: ignore[attr-defined]


def _named(node: ast.AST, package: Path, inside: Path) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for each in node.names:
            first, _, rest = each.name.partition(".")
            if first in ONLY_IN:
                yield f"({first})"
            elif first == package.name and rest:
                yield rest
    elif isinstance(node, ast.ImportFrom):
        words = (node.module or "").split(".") if node.module else []
        if node.level:
            words = [*inside.parent.parts[: len(inside.parent.parts) - node.level + 1], *words]
        elif words[0] == package.name:
            words = words[1:]
        else:
            if words[0] in ONLY_IN:
                yield f"({words[0]})"
            return
        for each in node.names:
            yield ".".join([*words, each.name] if _is_module(package, [*words, each.name]) else words or ["__init__"])


def _is_module(package: Path, words: list[str]) -> bool:
    path = package.joinpath(*words)
    return path.is_dir() or any(path.with_suffix(suffix).exists() for suffix in (".py", ".pyi"))


def python(package: Path) -> list[str]:
    """What is wrong with the imports of a package."""
    arrows = list(python_arrows(package))
    own = [arrow for arrow in arrows if not arrow.target.startswith("(")]
    strangers = [
        f"{arrow.place}: only {ONLY_IN[arrow.target[1:-1]]}/ may import `{arrow.target[1:-1]}`"
        for arrow in arrows
        if arrow.target.startswith("(") and part(arrow.source) != ONLY_IN[arrow.target[1:-1]]
    ]
    return wrong(own, PYTHON) + strangers + circles(own)


def main() -> int:
    """Check everything; the exit code."""
    found = python(ROOT / "python" / "dbg_session")
    for sentence in found:
        print(sentence)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
