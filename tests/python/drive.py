"""Drives a real debugger, so that one test body runs under GDB and LLDB alike.

Steps are written in GDB's words (`break t.c:10 if n == 3`, `run`, `print x`, `dbg-session hits`)
and said to LLDB in its own. What has no counterpart is given for both, as `Raw(gdb=…, lldb=…)`. A
debugger gets an empty home, an empty working folder and an environment without the developer's
settings; the plugin is loaded by the line that a user would put into the dotfile.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import shlex
import signal
import sqlite3
import subprocess
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Union

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ROOT = Path(__file__).resolve().parent.parent.parent
PLUGIN = ROOT / "python" / "dbg_session"
TIMEOUT_S = 60.0
RESUMING = (
    "run",
    "continue",
    "step",
    "next",
    "finish",
    "until",
    "jump",
    "stepi",
    "nexti",
    "attach",
)


class Raw(NamedTuple):
    """A step that each debugger says in words of its own."""

    gdb: str
    lldb: str


Step = Union[str, Raw]


class Result(NamedTuple):
    """What a debugger printed (and the program in it), and how it ended."""

    output: str
    exit_code: int


# --- Steps ----------------------------------------------------------------------------------------


def _lldb_place(place: str) -> str:
    file, colon, line = place.rpartition(":")
    if colon and line.isdigit():
        return f"--file {shlex.quote(file)} --line {line}"
    return f"--name {shlex.quote(place)}"


def _lldb_break(rest: str, extra: str = "") -> str:
    place, _, condition = rest.partition(" if ")
    words = ["breakpoint set", _lldb_place(place.strip())]
    if condition:
        words.append(f"--condition {shlex.quote(condition)}")
    return " ".join([*words, extra]).strip()


def _lldb_catch(rest: str) -> str:
    thrown, caught = ("true", "false") if rest == "throw" else ("false", "true")
    return f"breakpoint set --language-exception c++ --on-throw {thrown} --on-catch {caught}"


_LLDB_VERBS: dict[str, Callable[[str], str]] = {
    "break": _lldb_break,
    "tbreak": lambda rest: _lldb_break(rest, "--one-shot true"),
    "watch": lambda rest: f"watchpoint set variable {rest}",
    "catch": _lldb_catch,
    "run": lambda rest: f"process launch -- {rest}".removesuffix(" -- "),
    "continue": lambda rest: "process continue" + (f" --ignore-count {int(rest) - 1}" if rest else ""),
    "step": lambda _: "thread step-in",
    "next": lambda _: "thread step-over",
    "finish": lambda _: "thread step-out",
    "stepi": lambda _: "thread step-inst",
    "nexti": lambda _: "thread step-inst-over",
    "up": lambda _: "frame select --relative=1",
    "down": lambda _: "frame select --relative=-1",
    "frame": lambda rest: f"frame select {rest}",
    "thread": lambda rest: f"thread select {rest}",
    "backtrace": lambda _: "thread backtrace",
    "print": lambda rest: f"expression -- {rest}",
    "delete": lambda rest: f"breakpoint delete --force {rest}",
    "disable": lambda rest: f"breakpoint disable {rest}",
    "enable": lambda rest: f"breakpoint enable {rest}",
    "attach": lambda rest: f"process attach --pid {rest}",
    "detach": lambda _: "process detach",
    "kill": lambda _: "process kill",
    "file": lambda rest: f"target create {shlex.quote(rest)}",
    "core": lambda rest: f"target create --core {shlex.quote(rest)}",
    "echo": lambda rest: f"script print({rest!r})",
    "quit": lambda rest: f"quit {rest}".strip(),
    "dbg-session": lambda rest: f"dbg-session {rest}".strip(),
}


def _in_gdb(step: Step) -> str:
    if isinstance(step, Raw):
        return step.gdb
    verb, _, rest = step.partition(" ")
    # Before GDB 16 `core-file` takes a name as it stands, and does not know quotes.
    return {"core": f"core-file {rest}", "file": f"file {shlex.quote(rest)}", "echo": f"echo {rest}\\n"}.get(verb, step)


def _in_lldb(step: Step) -> str:
    if isinstance(step, Raw):
        return step.lldb
    verb, _, rest = step.partition(" ")
    if verb not in _LLDB_VERBS:
        raise ValueError(f"No LLDB words are known for the step {step!r}: add them to drive.py, or use Raw.")
    return _LLDB_VERBS[verb](rest)


# --- Processes ------------------------------------------------------------------------------------


def descendants(pid: int) -> list[int]:
    """All processes below `pid`, children first."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text(errors="replace")
        except OSError:
            continue
        # The name may hold anything, also brackets: fields are counted after the last one.
        parent = int(text.rpartition(")")[2].split()[1])
        parents.setdefault(parent, []).append(int(stat.parent.name))
    found = list(parents.get(pid, ()))
    for child in found:
        found.extend(parents.get(child, ()))
    return found


def kill_tree(process: subprocess.Popen[Any]) -> None:
    """End a process that we started, and what it started, at once."""
    below: list[int] = []
    if process.poll() is None:
        # Stopped first, so that none starts another one between our look and its end.
        found = [process.pid]
        while found:
            for pid in found:
                send(pid, signal.SIGSTOP)
            below += found
            found = [pid for pid in descendants(process.pid) if pid not in below]
    process.kill()
    for pid in below:
        send(pid, signal.SIGKILL)
    process.wait(timeout=10)


def send(pid: int, number: int) -> None:
    """A signal, to a process that may be gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


# --- A debugger -----------------------------------------------------------------------------------


class Debugger:
    """One debugger of the matrix, with a home and a working folder of its own for one test."""

    def __init__(self, name: str, kind: str, program: Path, folder: Path) -> None:
        self.name = name
        self.kind = kind
        self.program = program
        self.home = folder / "home"
        self.cwd = folder / "work"
        self.home.mkdir()
        self.cwd.mkdir()
        self._output_count = 0
        self._started: list[subprocess.Popen[Any]] = []
        self.load_from_dotfile()

    @property
    def is_gdb(self) -> bool:
        """Tells GDB from LLDB, for what truly differs between them."""
        return self.kind == "gdb"

    @property
    def environment(self) -> dict[str, str]:
        """What the debugger is started with: nothing of the developer's own settings."""
        kept = {name: os.environ[name] for name in ("PATH", "USER", "TMPDIR") if name in os.environ}
        fixed = {"TERM": "dumb", "LC_ALL": "C.UTF-8", "COLUMNS": "200"}
        return {**kept, **fixed, "HOME": str(self.home)}

    @property
    def load_line(self) -> str:
        """The line that loads the plugin from the source tree."""
        return f"source {PLUGIN}/gdbinit.py" if self.is_gdb else f'command script import "{PLUGIN}"'

    @property
    def dotfile(self) -> Path:
        """The file that the debugger reads when it starts."""
        return self.home / (".gdbinit" if self.is_gdb else ".lldbinit")

    def load_from_dotfile(self) -> None:
        """Load the plugin as users do; `without_plugin` takes it back."""
        self.dotfile.write_text(self.load_line + "\n")

    def without_plugin(self) -> None:
        """Start the debugger bare."""
        self.dotfile.unlink()

    def says(self, step: Step) -> str:
        """A step in this debugger's words."""
        return _in_gdb(step) if self.is_gdb else _in_lldb(step)

    def command_line(self, program: Path | None, steps: Iterable[Step] = (), *, batch: bool) -> list[str]:
        """How the debugger is started."""
        words = [self.says(step) for step in steps]
        target = [str(program)] if program else []
        if self.is_gdb:
            commands = [word for text in words for word in ("-ex", text)]
            # Else GDB would first ask whether to fetch debug information from a server.
            options = ["-q", "-iex", "set debuginfod enabled off", *(["-batch"] if batch else [])]
            return [str(self.program), *options, *commands, *target]
        settings = ["settings set auto-confirm true", "settings set use-color false"]
        # Not `--batch`: that one drops the remaining commands when the program crashes, which GDB
        # does not.
        ending = ["quit"] if batch else []
        commands = [word for text in [*words, *ending] for word in ("-o", text)]
        before = [word for text in settings for word in ("-O", text)]
        return [str(self.program), *before, *commands, *target]

    def run_script(
        self,
        program: Path | None,
        steps: Sequence[Step],
        *,
        timeout: float = TIMEOUT_S,
        **environment: str,
    ) -> Result:
        """Carry out the steps without a terminal, as scripts and CI do, then leave the debugger."""
        command = self.command_line(program, steps, batch=True)
        # Into a file, not a pipe: a program left over from the debugger would keep a pipe open.
        self._output_count += 1
        log = self.home.parent / f"output-{self._output_count}.txt"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=self.cwd,
                env={**self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._started.append(process)
        try:
            exit_code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            kill_tree(process)
            shown = log.read_text(errors="replace")
            raise AssertionError(f"{self.name} did not end within {timeout} s. So far it printed:\n{shown}") from None
        return Result(log.read_text(errors="replace"), exit_code)

    def interactive(self, program: Path | None = None, **environment: str) -> Terminal:
        """Start the debugger at a terminal, wait for its prompt and return the terminal."""
        terminal = Terminal(self, program, environment)
        self._started.append(terminal.process)
        terminal.read_prompt()
        return terminal

    def configure(self, **settings: str) -> None:
        """What the user has set before the debugger starts."""
        folder = self.home / ".config" / "dbg-session"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config").write_text("".join(f"{key} = {value}\n" for key, value in settings.items()))

    def close(self) -> None:
        """End whatever the test left running."""
        for process in self._started:
            if process.poll() is None:
                kill_tree(process)

    # What was recorded

    def session_files(self) -> list[Path]:
        """The session files in the working folder, oldest first."""
        found = (self.cwd / ".dbg" / "sessions").glob("*.db")
        return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))

    def session(self) -> Session:
        """The one session that was recorded."""
        files = self.session_files()
        assert len(files) == 1, f"one session was expected, there are {len(files)}: {files}"
        return Session(files[0])


class Session:
    """A session file, read with nothing but SQLite."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """The answer to a query."""
        connection = sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True, timeout=10)
        try:
            connection.row_factory = sqlite3.Row
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def value(self, query: str, *values: object) -> Any:
        """The single value that a query yields."""
        (row,) = self.rows(query, *values)
        (value,) = row
        return value

    def hits(self, location: str = "%") -> list[sqlite3.Row]:
        """The hits as they were recorded; `location` is a pattern as LIKE takes it."""
        return self.rows("SELECT * FROM breakpoint_hits WHERE location_key LIKE ? ORDER BY id", location)


# --- At a terminal --------------------------------------------------------------------------------

# Colours and cursor movements; what a terminal would act on is no part of the text.
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")
_LLDB_STOPPED = re.compile(r"Process \d+ (stopped|exited|detached|launched but)|error: ")


class Terminal:
    """A debugger at a pseudo-terminal."""

    def __init__(self, debugger: Debugger, program: Path | None, environment: dict[str, str]) -> None:
        self.debugger = debugger
        self.transcript = ""
        self._prompt = "(gdb) " if debugger.is_gdb else "(lldb) "
        self._pending = ""
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            debugger.command_line(program, batch=False),
            cwd=debugger.cwd,
            env={**debugger.environment, **environment},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            # Ours alone is the terminal that Ctrl-C comes from.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - nothing else happens there
        )
        os.close(theirs)

    def send(self, line: str) -> None:
        """Type a line, without waiting for anything."""
        os.write(self._ours, line.encode() + b"\n")

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.write(self._ours, b"\x03")

    def do(self, step: Step, timeout: float = TIMEOUT_S) -> str:
        """Carry out one step and return what was printed up to the next prompt."""
        verb = step.split(" ", 1)[0] if isinstance(step, str) else ""
        self.send(self.debugger.says(step))
        # LLDB shows its prompt again at once and tells of the stop later.
        if not self.debugger.is_gdb and verb in RESUMING:
            before = self.read_until(_LLDB_STOPPED, timeout)
            return before + self.read_prompt(timeout)
        return self.read_prompt(timeout)

    def read_prompt(self, timeout: float = TIMEOUT_S) -> str:
        """Wait until the debugger asks for the next command."""
        return self.read_until(re.compile(re.escape(self._prompt) + r"\Z"), timeout)

    def read_until(self, pattern: re.Pattern[str], timeout: float = TIMEOUT_S) -> str:
        """Wait until the output matches; returns it up to the end of the match."""
        deadline = time.monotonic() + timeout
        while not (match := pattern.search(self._pending)):
            left = deadline - time.monotonic()
            if left <= 0 or not self._read_some(left):
                state = "ended" if self.process.poll() is not None else f"did not answer within {timeout} s"
                raise AssertionError(
                    f"{self.debugger.name} {state} while {pattern.pattern!r} was awaited:\n" + self.transcript
                )
        text = self._pending[: match.end()]
        self._pending = self._pending[match.end() :]
        return text

    def _read_some(self, timeout: float) -> bool:
        ready, _, _ = select.select([self._ours], [], [], timeout)
        if not ready:
            return False
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # the other end was closed
            return False
        text = _ESCAPES.sub("", data.decode(errors="replace"))
        self.transcript += text
        self._pending += text
        return bool(data)

    def quit(self, timeout: float = TIMEOUT_S) -> Result:
        """Leave the debugger and return all that was shown."""
        if self.debugger.is_gdb:
            self.send("set confirm off")
        self.send("quit")
        deadline = time.monotonic() + timeout
        while self._read_some(max(0.0, deadline - time.monotonic())):
            pass
        exit_code = self.process.wait(max(1.0, deadline - time.monotonic()))
        os.close(self._ours)
        return Result(self.transcript, exit_code)

    def kill(self) -> None:
        """What `kill -9` does to the debugger: no handler of its own runs."""
        kill_tree(self.process)
        os.close(self._ours)
