"""Runs one file of GDB's tests in a folder of its own, for a bounded time, and leaves nothing running."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from sums import Results, read_sum

ROOT = Path(__file__).resolve().parent.parent.parent
PLUGIN = ROOT / "python" / "dbg_session"
# As the tests have it themselves; given whole, because ours can only replace it.
_FLAGS = '-nw -nx -iex "set height 0" -iex "set width 0"'
_TRIPLET = "x86_64-pc-linux-gnu"
# Every process of a run has this in its environment, also those that left its process group.
_MARK = "DBG_SESSION_TRANSPARENCY_RUN"
# With several tests at once GDB answers later than the 10 s that the tests give it by themselves.
_ANSWER_S = 30

MODES = ("without", "default", "quiet")


class Setup(NamedTuple):
    """What all runs have in common."""

    suite: Path
    gdb: Path
    into: Path
    timeout: float


class Run(NamedTuple):
    """One file of tests, run once."""

    results: Results
    seconds: float
    hits: int
    sessions: int


@functools.cache
def fingerprint(setup: Setup, mode: str) -> str:
    """Changes when the results of earlier runs say nothing any more."""
    digest = hashlib.sha256(str(setup.gdb.resolve()).encode())
    if mode != "without":
        for path in sorted(PLUGIN.rglob("*")):
            if path.suffix in (".py", ".so"):
                digest.update(str(path.relative_to(PLUGIN)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def run(setup: Setup, mode: str, test: str, number: int) -> Run:
    """The results of run `number` of a file, from an earlier call if there was one."""
    kept = setup.into / mode / test.removesuffix(".exp") / str(number)
    stamp = kept / "run.json"
    wanted = fingerprint(setup, mode)
    if not _has(stamp, wanted):
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        facts = _run(setup, mode, test, kept)
        stamp.write_text(json.dumps({"fingerprint": wanted, **facts}))
    facts = json.loads(stamp.read_text())
    results = read_sum((kept / "gdb.sum").read_text(errors="replace"), facts["folder"])
    return Run(results, facts["seconds"], facts["hits"], facts["sessions"])


def _has(stamp: Path, wanted: str) -> bool:
    try:
        return bool(json.loads(stamp.read_text())["fingerprint"] == wanted)
    except (OSError, ValueError, KeyError):
        return False


def _run(setup: Setup, mode: str, test: str, kept: Path) -> dict[str, object]:
    # All names are equally long, so that nothing depends on the length of a path.
    name = hashlib.sha256(str(kept).encode()).hexdigest()[:12]
    folder = setup.into / "work" / name
    shutil.rmtree(folder, ignore_errors=True)
    _prepare(setup, mode, folder)
    started = time.monotonic()
    ended = _runtest(setup, mode, test, folder)
    seconds = time.monotonic() - started
    summary = folder / "gdb.sum"
    text = summary.read_text(errors="replace") if summary.exists() else ""
    if not ended:
        text += f"ERROR: {test} did not end within {setup.timeout:.0f} s\n"
    (kept / "gdb.sum").write_text(text)
    with contextlib.suppress(OSError):
        shutil.copy(folder / "gdb.log", kept)
    sessions = list(folder.rglob(".dbg/sessions/*.db"))
    hits = sum(_hits(path) for path in sessions)
    shutil.rmtree(folder, ignore_errors=True)
    return {"seconds": round(seconds, 1), "folder": str(folder), "hits": hits, "sessions": len(sessions)}


def _prepare(setup: Setup, mode: str, folder: Path) -> None:
    home = folder / "home"
    (home / ".config" / "dbg-session").mkdir(parents=True)
    if mode == "quiet":
        (home / ".config" / "dbg-session" / "config").write_text("quiet = on\n")
    # What the tests find out about the machine by compiling and running programs is found out once.
    cache = setup.into / "cache" / mode
    cache.mkdir(parents=True, exist_ok=True)
    (folder / "cache").symlink_to(cache)
    lines = [
        f'set srcdir "{setup.suite}"',
        f'set objdir "{folder}"',
        "set subdir .",
        "set tool gdb",
        *(f"set {kind}_{what} {_TRIPLET}" for kind in ("host", "target", "build") for what in ("triplet", "alias")),
        f'lappend boards_dir "{setup.suite}/boards"',
        f"set gdb_test_timeout {_ANSWER_S}",
    ]
    (folder / "site.exp").write_text("\n".join(lines) + "\n")


def _runtest(setup: Setup, mode: str, test: str, folder: Path) -> bool:
    """Whether the file of tests came to its end."""
    flags = _FLAGS if mode == "without" else f'{_FLAGS} -ix "{PLUGIN}/gdbinit.py"'
    command = [
        "runtest",
        "GDB_PARALLEL=yes",
        "--outdir=.",
        "--status",
        f"GDB={setup.gdb}",
        "GDB_DATA_DIRECTORY=",
        f"INTERNAL_GDBFLAGS={flags}",
        test,
    ]
    mark = f"{os.getpid()}-{folder.name}"
    with (folder / "runtest.out").open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**_environment(folder / "home"), _MARK: mark},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(setup.timeout)
        except subprocess.TimeoutExpired:
            return False
        finally:
            _end(process, mark)
    return True


def _environment(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("USER", "LOGNAME", "TMPDIR") if name in os.environ}
    rust = _rust_folder()
    path = os.environ.get("PATH", "/usr/bin:/bin")
    return {
        **kept,
        "PATH": f"{rust}:{path}" if rust else path,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "TERM": "dumb",
        "LC_ALL": "C",
    }


@functools.cache
def _rust_folder() -> str:
    """Where the compiler itself is: rustup's stand-in finds nothing from another home."""
    try:
        command = ["rustc", "--print", "sysroot"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return f"{done.stdout.strip()}/bin"


def _end(process: subprocess.Popen[bytes], mark: str) -> None:
    """End the run and whatever it left: debuggers and programs with terminals of their own."""
    wanted = f"{_MARK}={mark}".encode()
    for _ in range(10):
        left = [pid for pid in _processes() if wanted in _environ(pid)]
        if process.poll() is None:
            process.kill()
        if not left:
            break
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    process.wait(10)


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def _environ(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _hits(path: Path) -> int:
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
        try:
            return int(connection.execute("SELECT count(*) FROM breakpoint_hits").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.Error:
        return 0
