"""Which part of the code may import which: fails where an import goes against it, or in a circle.

Imports for type checkers count, and those within functions: what must be known to understand a
file must be below it.  A row of a table is a part and what it may name; a part that is in no row fails.
"""

from __future__ import annotations

import ast
import re
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
# Parts of `src`: its folders, and the files beside them; tests aside, which may name anything.
_SMALL = ("escapes", "ids", "interrupt", "many", "plain", "signals")
RUST: Table = {
    "escapes": (),
    "ids": (),
    "interrupt": ("signals",),
    "plain": (),
    "signals": (),
    "many": ("interrupt", "signals"),
    "config": ("plain",),
    "session_db": _SMALL,
    "symbols": ("ids",),
    "value": _SMALL,
    "snapshots": ("value", *_SMALL),
    "record": ("session_db", "symbols", "value", *_SMALL),
    "layers": ("session_db", "symbols", *_SMALL),
    "query": ("session_db", "symbols", "value", "record", *_SMALL),
    "setup": ("query", "session_db", "value", *_SMALL),
    "render": ("query", "layers", "record", "session_db", "setup", "value", *_SMALL),
    "command": ("query", "render", "layers", "record", "session_db", "setup", "symbols", "config", *_SMALL),
    "live": ("command", "config", "query", "record", "render", "session_db", "snapshots", "value", *_SMALL),
    "python": ("live", "command", "config", "query", "record", "session_db", "snapshots", "value", *_SMALL),
    "lib": (),
    "main": (),
}

# Words of the file format, and the only folders and files of `src` that may name them.  The names of profile
# formats are found, see `formats`.
ONLY_NAMED_IN: Table = {
    "breakpoint_hits": ("session_db", "record", "query/read"),
    "locals_json": ("session_db", "record", "query/read", "value/locals"),
}
# A part of `src`, the room in it that is the one door, and those who ask there: the door may not name them,
# neither as they are called nor as the part calls them.
DOORS = [("query", "read", "ask")]

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


def rust_files(source: Path) -> Iterator[tuple[Path, list[str]]]:
    """The files of a crate with their lines, without comments and tests."""
    for path in sorted(source.rglob("*.rs")):
        if not path.stem.endswith("tests"):
            lines = path.read_text(encoding="utf-8").splitlines()
            end = next((at for at, line in enumerate(lines) if line == "#[cfg(test)]"), len(lines))
            yield path, [line if not line.lstrip().startswith("//") else "" for line in lines[:end]]


class Naming(NamedTuple):
    """A path of modules that a file names: `("query", "read", "scan")`."""

    number: int
    path: tuple[str, ...]


def rust_paths(inside: Path, lines: list[str]) -> Iterator[Naming]:
    """What a file of a crate names below `crate`, `super` and `self`; groups are opened."""
    home = inside.with_suffix("").parts
    home = home[:-1] if home[-1] in ("mod", "lib", "main") else home
    text = "\n".join(lines)
    for found in re.finditer(r"(?<![\w:])(?:crate|self|super)(?:\s*::\s*super)*(?=\s*::)", text):
        words = re.findall(r"\w+", found.group())
        ups = words.count("super")
        start = () if words[0] == "crate" else home[: max(len(home) - ups, 0)]
        for at, path in _opened(text, found.end())[0]:
            yield Naming(text.count("\n", 0, at) + 1, (*start, *path))


def _opened(text: str, at: int) -> tuple[list[tuple[int, tuple[str, ...]]], int]:
    """The paths that go on at a place, each with where its last word ends, and where all of them end."""
    step = _STEP.match(text, at)
    if step is None:
        return [(at, ())], at
    if step.group(1) == "{":
        return _group(text, step.end())
    below, end = _opened(text, step.end())
    return [(place, (step.group(1), *path)) for place, path in below], end


def _group(text: str, at: int) -> tuple[list[tuple[int, tuple[str, ...]]], int]:
    """The same within braces."""
    out: list[tuple[int, tuple[str, ...]]] = []
    while (item := _ITEM.match(text, at)) is not None and item.group(1) != "}":
        below, at = _opened(text, item.end())
        own = () if item.group(1) == "self" else (item.group(1),)
        out += [(place, (*own, *path)) for place, path in below]
        renamed = _RENAMED.match(text, at)
        at = renamed.end() if renamed is not None else at
    return out, item.end() if item is not None else at


_STEP = re.compile(r"\s*::\s*(\w+|\*|\{)")
_ITEM = re.compile(r"[\s,]*(\w+|\*|\})")
_RENAMED = re.compile(r"\s+as\s+\w+")


def formats(source: Path) -> tuple[Table, list[str]]:
    """The profile formats of a crate by their names, with who may name them; a sentence for each without one."""
    homes: Table = {}
    nameless = []
    for path, lines in rust_files(source / "layers"):
        text = "\n".join(lines)
        makers = len(re.findall(r"^impl Format for ", text, re.MULTILINE))
        names = re.findall(r'fn name\(&self\) -> &\'static str \{\s*"([\w-]+)"\s*\}', text)
        if len(names) != makers:
            nameless.append(f"{path}: `name` of a format is to be a text, so that tools/arrows.py finds it")
        home = path.relative_to(source).parts[:2]
        for name in names:
            # The list of modules names a format that is called as its module.
            listing = ("layers/mod.rs",) if Path(home[1]).stem == name else ()
            homes[name] = ("/".join(home), *listing)
    return homes, nameless


def doors(source: Path, names: Mapping[Path, list[Naming]]) -> Iterator[str]:
    """A sentence for each door that names those who ask there."""
    for whole, door, askers in DOORS:
        listing = source / whole / "mod.rs"
        text = listing.read_text(encoding="utf-8") if listing.exists() else ""
        theirs = {askers}
        for found in re.finditer(rf"\buse (?:self::)?{askers}(?=::)", text):
            paths, end = _opened(text, found.end())
            renamed = re.findall(r"\bas\s+(\w+)", text[found.end() : text.find(";", end)])
            theirs |= {path[-1] for _, path in paths} | set(renamed)
        for path, namings in names.items():
            if path.relative_to(source).parts[:2] == (whole, door):
                for naming in namings:
                    if naming.path[:1] == (whole,) and naming.path[1:2] and naming.path[1] in theirs:
                        yield f"{path}:{naming.number}: {whole}/{door} is the door, and may not name {naming.path[1]}"


def strangers(source: Path, homes_of: Table) -> Iterator[str]:
    """A sentence for each word that is named where it may not be."""
    for path, lines in rust_files(source):
        inside = str(path.relative_to(source))
        for number, line in enumerate(lines, start=1):
            for word, homes in homes_of.items():
                if re.search(rf"(?<![\w-]){word}(?![\w.-])", line) and not inside.startswith(homes):
                    yield f"{path}:{number}: only {' and '.join(homes)} may name `{word}`"


def rust(source: Path) -> list[str]:
    """What is wrong with the arrows of a crate, and with who names what."""
    names = {path: list(rust_paths(path.relative_to(source), lines)) for path, lines in rust_files(source)}
    parts = [
        Arrow(f"{path}:{naming.number}", Path(path.relative_to(source).parts[0]).stem, naming.path[0])
        for path, namings in names.items()
        for naming in namings
        if naming.path and naming.path[0] in RUST
    ]
    profiles, nameless = formats(source)
    words = strangers(source, {**ONLY_NAMED_IN, **profiles})
    return wrong(parts, RUST) + circles(parts) + nameless + list(words) + list(doors(source, names))


def main() -> int:
    """Check everything; the exit code."""
    found = python(ROOT / "python" / "dbg_session") + rust(ROOT / "src")
    for sentence in found:
        print(sentence)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
