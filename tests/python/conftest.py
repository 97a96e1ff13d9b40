"""Fixtures: the debuggers of the matrix, and the programs to debug."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import abilities
import debuggers
import pytest
from drive import ROOT, Debugger

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

PROGRAMS = Path(__file__).parent / "programs"
BUILT = ROOT / "build" / "test-programs"
COMPILERS = {
    ".c": ["cc", "-g", "-pthread"],
    ".cpp": ["c++", "-g", "-std=c++17", "-pthread"],
    ".rs": ["rustc", "-g", "--edition=2021"],
}


HERE = pytest.StashKey[list[debuggers.Debugger]]()
# Stands for a debugger where none of a kind is here.
NONE = "no debugger"
MISSING = pytest.StashKey[list[debuggers.Debugger]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--matrix`: see `pytest_generate_tests`."""
    parser.addoption("--matrix", action="store_true", help="run also tests marked `any_version` under every debugger")


def pytest_configure(config: pytest.Config) -> None:
    """Find the debuggers, and keep the tests' folders where pytest's processes can tell each other of them."""
    if config.option.basetemp is None and not tempfile.gettempdir().isprintable():
        config.option.basetemp = tempfile.mkdtemp(prefix="dbg-session-tests-", dir="/tmp")
    wanted = os.environ.get("DEBUGGERS", "")
    try:
        chosen = debuggers.chosen(wanted)
    except ValueError as error:
        raise pytest.UsageError(f"DEBUGGERS: {error}") from None
    missing = [row for row in chosen if debuggers.find(row) is None]
    if missing and (wanted or debuggers.IN_CI):
        raise pytest.UsageError(" ".join(map(_missing, missing)))
    config.stash[HERE] = [row for row in chosen if row not in missing]
    config.stash[MISSING] = missing


def _missing(row: debuggers.Debugger) -> str:
    how = "`make debuggers` fetches it" if row.package else "the system's packages have one"
    return f"{row.name} is not on this machine: {how}."


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    """Name what was not tested with, a line each, where it is seen: at the end."""
    yield
    for row in config.stash[MISSING]:
        terminalreporter.write_line(_missing(row), yellow=True)


def pytest_itemcollected(item: pytest.Item) -> None:
    """A test without a debugger cannot depend on one's version."""
    if "debugger" not in getattr(item, "fixturenames", ()):
        item.add_marker("any_version")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that takes `debugger` under those that are here, `gdb` under all GDBs, `lldb` under all LLDBs.

    A test, or a module, is marked `any_version` where the debugger does no more than carry it: what it promises is
    about sessions, questions, files, settings or words of ours, and no debugger's answer comes into it. It runs under
    the first GDB and the first LLDB that are here; with `--matrix` under all. What a debugger shows, reads, stops at,
    catches, loads or prints is never so marked, nor what is in doubt.
    """
    if "debugger" not in metafunc.fixturenames:
        return
    kinds = [kind for kind in ("gdb", "lldb") if kind in metafunc.fixturenames] or ["gdb", "lldb"]
    once = metafunc.definition.get_closest_marker("any_version") and not metafunc.config.option.matrix
    names: list[str] = []
    for kind in kinds:
        of_kind = [row.name for row in metafunc.config.stash[HERE] if row.kind == kind]
        names += of_kind[:1] if once else of_kind
    metafunc.parametrize("debugger", names or [NONE], indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what no debugger is here for; the summary names those that are missing."""
    config.hook.pytest_deselected(items=[item for item in items if NONE in item.name])
    items[:] = [item for item in items if NONE not in item.name]


@pytest.fixture
def debugger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Debugger]:
    """A debugger with the plugin in its dotfile, an empty home and an empty working folder."""
    row = debuggers.by_name(request.param)
    program = debuggers.find(row)
    assert program is not None
    started = Debugger(row.name, row.kind, program, tmp_path)
    yield started
    started.close()


@pytest.fixture
def gdb(debugger: Debugger) -> Debugger:
    """One of the GDBs, for what LLDB knows nothing of."""
    return debugger


@pytest.fixture
def lldb(debugger: Debugger) -> Debugger:
    """One of the LLDBs, for what GDB knows nothing of."""
    return debugger


def _skip_unless(what: str, program: str, request: pytest.FixtureRequest) -> None:
    debugger: Debugger = request.getfixturevalue("debugger")
    build: Build = request.getfixturevalue("build")
    folder: Path = request.getfixturevalue("tmp_path_factory").mktemp("bare")
    why = abilities.why_not(what, debugger, build(program), folder)
    if why is not None:
        pytest.skip(f"{debugger.name} cannot {what} on this machine, without the plugin: {why}")


@pytest.fixture
def calling(request: pytest.FixtureRequest) -> None:
    """Skip where the bare debugger cannot call functions of a program."""
    _skip_unless("call", "loop.c", request)


@pytest.fixture
def attaching(request: pytest.FixtureRequest) -> None:
    """Skip where the bare debugger cannot attach to a process that it did not start."""
    _skip_unless("attach", "sleeper.c", request)


class Build(Protocol):
    """Compiles one of the test programs and returns the executable."""

    def __call__(self, source: str, *flags: str, into: Path | None = None) -> Path:
        """See the fixture `build`."""
        ...


def compile_program(source: Path, output: Path, flags: tuple[str, ...]) -> None:
    """Compile one file; a source given relative to the working folder is recorded so."""
    command = [*COMPILERS[source.suffix], *flags, str(source), "-o", str(output)]
    done = subprocess.run(command, cwd=output.parent, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"


def _build_cached(source: Path, flags: tuple[str, ...]) -> Path:
    what = [source.read_text(), str(source), *COMPILERS[source.suffix], *flags]
    folder = BUILT / hashlib.sha256("\0".join(what).encode()).hexdigest()[:16]
    program = folder / source.stem
    if not program.exists():
        # Several test processes may build it at once: each in a folder of its own, the first to
        # be ready stays.
        own = BUILT / f"{folder.name}.{os.getpid()}"
        own.mkdir(parents=True, exist_ok=True)
        compile_program(source, own / source.stem, flags)
        try:
            own.rename(folder)
        except OSError:
            shutil.rmtree(own)
    return program


@pytest.fixture(scope="session")
def build() -> Build:
    """Compile a program of `programs/`: `build("loop.c", "-O2")`.

    The result is kept between runs. With `into=folder` the source is copied there and compiled
    there, as a project of the user's own would be.
    """

    def build_program(source: str, *flags: str, into: Path | None = None) -> Path:
        if into is None:
            return _build_cached(PROGRAMS / source, flags)
        copied = shutil.copy(PROGRAMS / source, into)
        program = into / Path(source).stem
        compile_program(Path(copied), program, flags)
        return program

    return build_program


def at(source: str, mark: str) -> str:
    """The location `file:line` of the line with the comment `mark: NAME` in one of the programs."""
    for number, line in enumerate((PROGRAMS / source).read_text().splitlines(), start=1):
        if line.rstrip().endswith(f"mark: {mark}"):
            return f"{source}:{number}"
    raise ValueError(f"{source} has no line marked {mark!r}.")
