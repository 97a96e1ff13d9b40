"""`docs/story.md` is true: its commands, typed again, print what stands there.

With `BLESS=1` in the environment, what they print now is written into the page.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from typing import TYPE_CHECKING

import debuggers
import pytest
from drive import ROOT, Debugger

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

PAGE = ROOT / "docs" / "story.md"
PROGRAM = ROOT / "examples" / "wildcards"
COLUMNS = 90
# What GDB says by itself, as its version and the system's libraries have it.
NOISE = re.compile(r"warning: Missing auto-load|of file |Use `info auto-load|\[Thread debugging|Using host libthread|$")
# The folder that the page pretends to be in.
THERE = "/home/you/wildcards"


def _in_terminal(command: list[str], cwd: Path, environment: dict[str, str]) -> str:
    """What a command prints on a terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    with subprocess.Popen(command, cwd=cwd, env=environment, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        printed = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # The last one on the terminal has gone.
                piece = b""
            if not piece:
                break
            printed += piece
        process.wait(300)
    os.close(ours)
    return printed.decode().replace("\r\n", "\n")


class Reader:
    """Somebody who types what the page says."""

    def __init__(self, folder: Path, gdb: str) -> None:
        """Begin in a folder with the program's files."""
        self.debugger = Debugger("gdb-system", "gdb", gdb, folder)
        self.cwd = self.debugger.cwd
        for file in PROGRAM.iterdir():
            shutil.copy(file, self.cwd)
        commands = folder / "commands"
        commands.mkdir()
        program = commands / "dbg-session"
        program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT / "python"} exec {sys.executable} -m dbg_session "$@"\n')
        program.chmod(0o755)
        environment = self.debugger.environment
        del environment["COLUMNS"]
        # rustc by rustup looks for its toolchains there.
        for name in ("RUSTUP_HOME", "CARGO_HOME"):
            environment[name] = os.environ.get(name, os.path.expanduser(f"~/.{name.split('_')[0].lower()}"))  # noqa: PTH111
        self.environment = {**environment, "PATH": f"{commands}:{environment['PATH']}"}

    def shell(self, command: str) -> list[str]:
        """Type a line into the shell."""
        return self._clean(_in_terminal(["sh", "-c", command], self.cwd, self.environment))

    def gdb(self, program: str, commands: list[str]) -> list[list[str]]:
        """Type lines into GDB; what each of them printed."""
        marked = [step for command in commands for step in (f"echo @@@\\n", command)]
        line = self.debugger.command_line(self.cwd / program, marked, batch=True)
        printed = _in_terminal(line, self.cwd, self.environment)
        answers = [self._clean(part.lstrip("\n")) for part in printed.split("@@@")[1:]]
        return [[line for line in answer if not NOISE.match(line)] for answer in answers]

    def _clean(self, text: str) -> list[str]:
        return text.replace(str(self.cwd), THERE).rstrip("\n").splitlines()


def _typed_again(page: str, reader: Reader) -> Iterator[str]:
    """The lines of the page, with what is printed now below each command."""
    lines = iter(page.splitlines())
    for line in lines:
        yield line
        if line == "```console":
            yield from _console(lines, reader)


def _console(lines: Iterable[str], reader: Reader) -> Iterator[str]:
    typed = []
    for line in lines:
        if line == "```":
            break
        if line.startswith(("$ ", "(gdb) ")):
            typed.append(line)
    while typed:
        line = typed.pop(0)
        yield line
        if not line.startswith("$ gdb "):
            yield from reader.shell(line[2:])
            continue
        commands = []
        while typed and typed[0].startswith("(gdb) "):
            commands.append(typed.pop(0))
        steps = [command.partition(" ")[2] for command in commands]
        for command, answer in zip(commands, reader.gdb(line.split()[-1], steps)):
            yield command
            yield from answer
    yield "```"


def _without_chance(page: str) -> str:
    return re.sub(r"process \d+", "process N", page)


@pytest.mark.skipif(shutil.which("rustc") is None, reason="the story's program needs rustc")
def test_the_story_can_be_typed_again(tmp_path: Path) -> None:
    """Every command of the page, in its order, in a folder of its own."""
    gdb = debuggers.find(debuggers.by_name("gdb-system"))
    if gdb is None:
        pytest.skip("the story is told in the system's GDB, which is not here")
    page = PAGE.read_text()
    fresh = "\n".join(_typed_again(page, Reader(tmp_path, gdb))) + "\n"
    if os.environ.get("BLESS"):
        PAGE.write_text(fresh)
    assert _without_chance(fresh) == _without_chance(page)
