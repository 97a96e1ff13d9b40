"""The debuggers that the project is tested with, and how to come by them.

The table below is the only place that names the matrix. Debuggers from PyPI are installed without
administrator rights, each into a virtual environment of its own under `.debuggers/`.

    python3 tools/debuggers.py list           what is here, what is missing
    python3 tools/debuggers.py fetch          one GDB and one LLDB, if there is none at all
    python3 tools/debuggers.py fetch --all    everything that PyPI carries
    python3 tools/debuggers.py path gdb       the program to start for a name or a kind
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
STORE = ROOT / ".debuggers"
IN_CI = os.environ.get("CI") == "true"


class Debugger(NamedTuple):
    """One column of the test matrix."""

    name: str
    kind: str  # "gdb" or "lldb"
    version: str  # as `--version` prints it; binding in CI for those of the system
    commands: tuple[str, ...] = ()  # looked for on PATH, in this order
    package: str = ""  # on PyPI


MATRIX = (
    Debugger("gdb-system", "gdb", "13.1", commands=("gdb",)),
    Debugger("gdb-16", "gdb", "16.3", package="gdb-for-pwndbg==16.3.0.post6"),
    Debugger("gdb-18", "gdb", "18.1", package="gdb-for-pwndbg==18.1.0.post1"),
    Debugger("lldb-system", "lldb", "19.1", commands=("lldb-19", "lldb")),
    Debugger("lldb-20", "lldb", "20.1", package="lldb-for-pwndbg==20.1.8.post1"),
    Debugger("lldb-23", "lldb", "23.1", package="lldb-for-pwndbg==23.1.0.post2"),
)
NAMES = tuple(debugger.name for debugger in MATRIX)
# Words for several of them.
GROUPS = {
    "system": tuple(debugger.name for debugger in MATRIX if not debugger.package),
    "fetched": tuple(debugger.name for debugger in MATRIX if debugger.package),
}
# The ones fetched for somebody who has no debugger of that kind at all.
FALLBACK = {"gdb": "gdb-18", "lldb": "lldb-23"}


def by_name(name: str) -> Debugger:
    """The row called `name`."""
    return next(debugger for debugger in MATRIX if debugger.name == name)


def chosen(words: str) -> list[Debugger]:
    """The rows that names and groups in `words` mean, in the order of the matrix; all for none."""
    names: set[str] = set()
    for word in words.split():
        if word not in (*NAMES, *GROUPS):
            raise ValueError(f"there is no `{word}`; known are {' '.join((*NAMES, *GROUPS))}.")
        names.update(GROUPS.get(word, (word,)))
    return [debugger for debugger in MATRIX if debugger.name in names or not names]


def find(debugger: Debugger) -> Path | None:
    """The program to start, or None if this debugger is not on this machine."""
    if debugger.package:
        program = STORE / debugger.name / "bin" / debugger.kind
        return program if program.exists() else None
    for command in debugger.commands:
        found = shutil.which(command)
        if found is not None:
            return Path(found)
    return None


def version(program: Path) -> str:
    """The first line that `--version` prints; empty if it does not start."""
    try:
        done = subprocess.run(
            [program, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.partition("\n")[0].strip()


def present(kind: str) -> list[Debugger]:
    """The debuggers of one kind that are here, the system's first."""
    return [debugger for debugger in MATRIX if debugger.kind == kind and find(debugger) is not None]


def resolve(wanted: str) -> Path | None:
    """The program for a name of the matrix, or the first one here of a kind (`gdb`, `lldb`)."""
    if wanted in NAMES:
        return find(by_name(wanted))
    here = present(wanted)
    return find(here[0]) if here else None


# These wheels load the Python library of the interpreter that owns their environment, so that one
# needs a shared libpython. Interpreters that people build themselves often have none; the system's
# does wherever gdb is packaged.
_HAS_LIBPYTHON = """
import os, sys, sysconfig
name = sysconfig.get_config_var("INSTSONAME") or ""
folders = [sysconfig.get_config_var("LIBDIR") or "", os.path.join(sys.base_exec_prefix, "lib")]
found = ".so" in name and any(os.path.exists(os.path.join(folder, name)) for folder in folders)
sys.exit(0 if found and sys.version_info >= (3, 10) else 1)
"""


def python_for_wheels() -> str:
    """A Python whose shared library exists."""
    candidates = [sys.executable, "/usr/bin/python3", shutil.which("python3") or ""]
    for python in filter(None, candidates):
        if subprocess.run([python, "-c", _HAS_LIBPYTHON], check=False).returncode == 0:
            return python
    raise SystemExit(
        "No Python 3.10 or later with a shared libpython was found, which the debuggers from PyPI "
        "need: install your system's package of it (libpython3-dev on Debian and Ubuntu), or a "
        "debugger itself."
    )


def fetch(debugger: Debugger) -> None:
    """Install one debugger from PyPI; does nothing if it is there already."""
    home = STORE / debugger.name
    stamp = home / ".installed"
    if stamp.exists() and stamp.read_text() == debugger.package:
        return
    print(f"Fetching {debugger.name} ({debugger.package}) …", flush=True)
    shutil.rmtree(home, ignore_errors=True)
    # Without pip in it: the caller's pip installs into it, which saves seconds and megabytes.
    subprocess.run([python_for_wheels(), "-m", "venv", "--without-pip", home], check=True)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(home / "bin" / "python"),
        "install",
        "--quiet",
    ]
    subprocess.run([*pip, "--no-compile", "--only-binary=:all:", debugger.package], check=True)
    if not version(home / "bin" / debugger.kind):
        raise SystemExit(f"{debugger.name} was installed in {home}, but does not start.")
    stamp.write_text(debugger.package)


def fetch_needed() -> None:
    """One debugger of each kind for somebody who has none of it."""
    for kind, name in FALLBACK.items():
        if not present(kind):
            fetch(by_name(name))


def report() -> int:
    """Print the matrix; in CI something missing, or of another version, is an error."""
    wrong = 0
    for debugger in MATRIX:
        program = find(debugger)
        shown = version(program) if program else "not here"
        as_expected = debugger.version in shown
        wrong += not as_expected
        mark = "" if as_expected else f"  (CI tests with {debugger.version})"
        print(f"{debugger.name:12} {shown:40} {program or ''}{mark}")
    return 1 if wrong and IN_CI else 0


def main(arguments: list[str]) -> int:
    """The command line of this file."""
    if arguments == ["list"]:
        return report()
    if arguments == ["fetch"]:
        fetch_needed()
        return 0
    if arguments == ["fetch", "--all"]:
        for debugger in MATRIX:
            if debugger.package:
                fetch(debugger)
        return 0
    if arguments[:1] == ["path"]:
        program = resolve(arguments[-1])
        print(program or "")
        return 0 if program else 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
