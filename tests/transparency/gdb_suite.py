"""GDB's own DejaGnu tests, as Debian's source package of the installed GDB carries them.

Nothing of GDB's is in this repository: `gdb-tests.txt` only names the files that are run. The source
comes from the machine's own mirror, into the output folder, and stays there.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
LIST = HERE / "gdb-tests.txt"
# What the tests read of the source tree; all of it would be ten times as much.
_NEEDED = ("gdb/testsuite", "gdb/features", "gdb/contrib", "gdb/syscalls", "include")


class MissingError(Exception):
    """What this needs is not on the machine; the text says what to do."""


class Listed(NamedTuple):
    """One line of `gdb-tests.txt`."""

    name: str  # "gdb.base/break.exp"
    quick: bool


def listed() -> list[Listed]:
    """The tests that are run, in the order of the file."""
    out = []
    for line in LIST.read_text().splitlines():
        words = line.partition("#")[0].split()
        if words:
            out.append(Listed(words[0], "quick" in words[1:]))
    return out


def suite(into: Path) -> Path:
    """The folder `gdb/testsuite`, fetched and unpacked if it is not there yet."""
    if shutil.which("runtest") is None:
        raise MissingError("DejaGnu is not installed: `apt-get install dejagnu` brings it.")
    into.mkdir(parents=True, exist_ok=True)
    version = _version()
    unpacked = into / f"gdb-{version}"
    if not unpacked.exists():
        archive = _fetch(into, version)
        partial = into / "unpacking"
        shutil.rmtree(partial, ignore_errors=True)
        _unpack(archive, partial)
        partial.rename(unpacked)
    return unpacked / "gdb" / "testsuite"


def _version() -> str:
    command = ["dpkg-query", "-W", "-f", "${source:Version}", "gdb"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise MissingError(
            "GDB is not installed as a Debian package, so no source package belongs to it: install `gdb`."
        )
    return done.stdout.strip()


def _fetch(into: Path, version: str) -> Path:
    """The archive with the source of the installed GDB, from the mirrors that apt already uses."""
    folder = into / "apt"
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    sources = folder / "sources.list"
    sources.write_text("".join(f"{line}\n" for line in _source_lines()))
    options = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "",
    }
    apt = ["apt-get", "-qq", *(word for key, value in options.items() for word in ("-o", f"{key}={value}"))]
    for action in (["update"], ["source", "--download-only", f"gdb={version}"]):
        done = subprocess.run([*apt, *action], cwd=into, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0:
            raise MissingError(f"`apt-get {' '.join(action)}` did not bring the source of GDB:\n{done.stderr}")
    (archive,) = into.glob("gdb_*.orig.tar.*z")
    return archive


def _source_lines() -> list[str]:
    """`deb-src` lines for the places that Debian's packages came from."""
    command = ["apt-get", "indextargets", "--format", "$(ORIGIN) $(SITE) $(RELEASE) $(COMPONENT)"]
    done = subprocess.run([*command, "Created-By: Packages"], capture_output=True, text=True, timeout=60, check=False)
    keys = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    signed = f"[signed-by={keys}] " if keys.exists() else ""
    found = [line.split() for line in done.stdout.splitlines()]
    places = [" ".join(words[1:]) for words in found if words[:1] == ["Debian"]]
    if not places:
        raise MissingError("apt knows no place of Debian's packages: run `apt-get update` first.")
    return [f"deb-src {signed}{place}" for place in places]


def _unpack(archive: Path, into: Path) -> None:
    into.mkdir()
    members = [f"*/{name}" for name in _NEEDED]
    command = ["tar", "-xf", str(archive), "-C", str(into), "--strip-components=1", "--wildcards", *members]
    subprocess.run(command, timeout=600, check=True)
