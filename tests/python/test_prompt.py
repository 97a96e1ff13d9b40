"""When a stop can be answered, its hit is in the file: read from outside, at that moment."""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from conftest import Build, at
from drive import Debugger, Session, kill_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HERE, WORK = at("loop.c", "squared"), at("threads.c", "work")
# LLDB reports when all is done, and has shown its prompt long before.
REPORTED = re.compile(r"Process \d+ stopped")


def recorded(debugger: Debugger) -> int:
    """Hits in the file just now."""
    files = debugger.session_files()
    return int(Session(files[0]).value("SELECT count(*) FROM breakpoint_hits")) if files else 0


@pytest.mark.parametrize(("program", "place", "stops"), [("loop.c", HERE, 5), ("threads.c", WORK, 12)])
def test_with_the_prompt_the_hit_is_in_the_file(
    debugger: Debugger, build: Build, program: str, place: str, stops: int
) -> None:
    terminal = debugger.interactive(build(program))
    terminal.do(f"break {place}")
    counted = []
    for number in range(1, stops + 1):
        terminal.send(debugger.says("run" if number == 1 else "continue"))
        if debugger.is_gdb:
            terminal.read_prompt()
        else:
            terminal.read_until(REPORTED)
        counted.append(recorded(debugger))
        if not debugger.is_gdb:
            terminal.read_prompt()
    terminal.kill()
    # Several threads may stop at once under LLDB, each with a hit.
    assert all(there >= number for number, there in enumerate(counted, start=1)), counted
    assert counted == list(range(1, stops + 1)) or not debugger.is_gdb


def test_prompts_stay_silent_after_a_tracepoint(debugger: Debugger, build: Build) -> None:
    terminal = debugger.interactive(build("loop.c"))
    terminal.do(f"dbg-session trace {HERE}")
    shown = [terminal.do(step) for step in ("print 1", "run", "print 2", "print 3")]
    terminal.kill()
    assert not [text for text in shown if "Exception" in text or "Error" in text or "dbg-session]" in text[:40]], shown


class Mi:
    """GDB as programs drive it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def do(self, command: str, *awaited: bytes) -> None:
        """Send a command, and `wait`."""
        assert self._process.stdin is not None
        self._process.stdin.write(command.encode() + b"\n")
        self._process.stdin.flush()
        self.wait(*awaited)

    def wait(self, *awaited: bytes) -> None:
        """Read lines until these beginnings have come, one after the other."""
        assert self._process.stdout is not None
        for wanted in awaited:
            for line in self._process.stdout:
                if line.startswith(wanted):
                    break
            else:
                raise AssertionError(f"GDB ended before {wanted!r}")


@contextmanager
def mi(debugger: Debugger, program: Path) -> Iterator[Mi]:
    """A GDB with the interpreter `mi`."""
    command = [str(debugger.program), "-q", "-iex", "set debuginfod enabled off", "-i", "mi", str(program)]
    process = subprocess.Popen(
        command,
        cwd=debugger.cwd,
        env={**os.environ, **debugger.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Mi(process)
    finally:
        kill_tree(process)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


@pytest.mark.parametrize("non_stop", ["off", "on"])
def test_programs_find_the_hit_with_the_next_prompt_or_answer(gdb: Debugger, build: Build, non_stop: str) -> None:
    """LLDB has no prompt for programs."""
    with mi(gdb, build("loop.c")) as driver:
        for setting in ("mi-async", "non-stop"):
            driver.do(f"-gdb-set {setting} {non_stop}", b"^done")
        driver.do(f"-break-insert {HERE}", b"^done")
        counted = []
        for number in range(1, 6):
            driver.do("-exec-run" if number == 1 else "-exec-continue --thread 1", b"^running")
            # Where the program runs in the background, there is no prompt after the stop.
            driver.wait(b"*stopped", *([b"(gdb)"] if non_stop == "off" else []))
            if non_stop == "on":
                driver.do("-list-features", b"^done")
            counted.append(recorded(gdb))
    assert counted == [1, 2, 3, 4, 5]
