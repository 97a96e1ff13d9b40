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
    from collections.abc import Iterator

PROGRAMS = Path(__file__).parent / "programs"
BUILT = ROOT / "build" / "test-programs"
COMPILERS = {
    ".c": ["cc", "-g", "-pthread"],
    ".cpp": ["c++", "-g", "-std=c++17", "-pthread"],
    ".rs": ["rustc", "-g", "--edition=2021"],
}


def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests' folders where pytest's processes can tell each other of them, whatever TMPDIR is."""
    if config.option.basetemp is None and not tempfile.gettempdir().isprintable():
        config.option.basetemp = tempfile.mkdtemp(prefix="dbg-session-tests-", dir="/tmp")


def _chosen() -> tuple[str, ...]:
    """The debuggers to test with: all, or those named in $DEBUGGERS."""
    names = tuple(os.environ.get("DEBUGGERS", "").split()) or debuggers.NAMES
    unknown = set(names) - set(debuggers.NAMES)
    if unknown:
        raise pytest.UsageError(f"DEBUGGERS names {sorted(unknown)}; known are {' '.join(debuggers.NAMES)}.")
    return names


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that takes `debugger` under every one of them, and one that takes `lldb` under all LLDBs."""
    if "lldb" in metafunc.fixturenames:
        chosen = [name for name in _chosen() if debuggers.by_name(name).kind == "lldb"]
        metafunc.parametrize("debugger", chosen, indirect=True)
    elif "debugger" in metafunc.fixturenames:
        metafunc.parametrize("debugger", _chosen(), indirect=True)


@pytest.fixture
def debugger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Debugger]:
    """A debugger with the plugin in its dotfile, an empty home and an empty working folder."""
    row = debuggers.by_name(request.param)
    program = debuggers.find(row)
    if program is None:
        missing = f"{row.name} is not on this machine (`make debuggers` fetches what PyPI carries)"
        if debuggers.IN_CI:
            pytest.fail(missing)
        pytest.skip(missing)
    started = Debugger(row.name, row.kind, program, tmp_path)
    yield started
    started.close()


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
