"""Types a scenario to LLDB and returns what was on the screen, less what no two runs share."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drive import Debugger, Raw, Session, Terminal, descendants, kill_tree

if TYPE_CHECKING:
    from lldb_scenarios import Scenario

HERE = Path(__file__).resolve().parent
PROGRAMS, SCRIPTS = HERE / "programs", HERE / "scripts"
_COMPILERS = {".c": ["cc", "-g", "-O0", "-pthread"], ".cpp": ["c++", "-g", "-O0", "-std=c++17"]}
_ASKS = re.compile(r"^\(lldb\) |\[Y/n\] ", re.MULTILINE)
_TIMEOUT_S = 60.0
_POLL_S = 0.02
MODES = ("without", "default", "quiet")


class Screen(NamedTuple):
    """What was shown."""

    text: str  # line by line, less what no two runs share
    ours: tuple[str, ...]  # lines that the plugin printed
    hits: int


def build(into: Path) -> dict[str, Path]:
    """The programs that are debugged, by the names of their sources."""
    into.mkdir(parents=True, exist_ok=True)
    built = {}
    for source in sorted(PROGRAMS.iterdir()):
        program = into / source.name.replace(".", "-")
        subprocess.run([*_COMPILERS[source.suffix], source, "-o", program], timeout=300, check=True)
        built[source.name] = program
    return built


def marks(source: str) -> dict[str, str]:
    """The line numbers of a program by the names in its comments."""
    lines = (PROGRAMS / source).read_text().splitlines()
    found = ((re.search(r"// mark: (\w+)$", line), number) for number, line in enumerate(lines, start=1))
    return {match[1]: str(number) for match, number in found if match}


class Place(NamedTuple):
    """Where and with what a scenario is played."""

    name: str  # of the debugger
    lldb: Path
    programs: dict[str, Path]
    folder: Path


def play(scenario: Scenario, mode: str, place: Place) -> Screen:
    """Type the scenario once."""
    shutil.rmtree(place.folder, ignore_errors=True)
    files = place.folder / "files"
    shutil.copytree(SCRIPTS, files)
    debugger = Debugger(place.name, "lldb", place.lldb, place.folder)
    _load(debugger, mode)
    program = place.programs[scenario.program]
    started = _start(program) if scenario.attach else None
    words = {**marks(scenario.program), "program": program, "folder": files, "pid": started.pid if started else 0}
    lines = [line.format_map(words) for line in scenario.lines]
    try:
        shown = _batch(debugger, program, lines) if scenario.batch else _typed(debugger, program, lines, started)
    except (AssertionError, TimeoutError) as error:
        shown = str(error)
    finally:
        debugger.close()
        if started is not None:
            kill_tree(started)
    hits = sum(len(Session(path).hits()) for path in debugger.session_files())
    shutil.rmtree(place.folder, ignore_errors=True)
    return Screen(*_compared(shown, place.folder), hits)


def _load(debugger: Debugger, mode: str) -> None:
    if mode == "without":
        debugger.without_plugin()
    elif mode == "quiet":
        config = debugger.home / ".config" / "dbg-session"
        config.mkdir(parents=True)
        (config / "config").write_text("quiet = on\n")


def _start(program: Path) -> subprocess.Popen[bytes]:
    """A process to attach to, in its loop."""
    process = subprocess.Popen([program, "sleep"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    return process


def _batch(debugger: Debugger, program: Path, lines: list[str]) -> str:
    return debugger.run_script(program, [Raw("", line) for line in lines], timeout=_TIMEOUT_S).output


def _typed(debugger: Debugger, program: Path, lines: list[str], attached: subprocess.Popen[bytes] | None) -> str:
    terminal = Typed(debugger, program, {})
    try:
        terminal.settle()
        for line, following in zip(lines, [*lines[1:], ""]):
            if line == "^C":
                terminal.interrupt()
            else:
                terminal.send(line)
            if following == "^C":
                terminal.read_until(re.compile("sleeping"))
                continue
            terminal.settle(attached.pid if attached and following else None)
        return terminal.quit().output
    except BaseException:
        terminal.kill()
        raise


class Typed(Terminal):
    """A terminal that waits until LLDB has truly nothing left to do, however busy the machine is."""

    def settle(self, attached: int | None = None) -> None:
        """Wait for the prompt, and for LLDB and its programs to rest."""
        deadline = time.monotonic() + _TIMEOUT_S
        quiet = 0
        while quiet < 3:
            if self.process.poll() is not None:
                return
            if time.monotonic() > deadline:
                raise TimeoutError("LLDB did not come to rest. So far it showed:\n" + self.transcript)
            if self._read_some(_POLL_S):
                quiet = 0
            elif _ASKS.search(self._pending) and self._rests(attached):
                quiet += 1
            else:
                quiet = 0
        self._pending = ""

    def _rests(self, attached: int | None) -> bool:
        if any(state != "S" for state in _thread_states(self.process.pid)):
            return False
        for pid in descendants(self.process.pid):
            if "lldb" in _field(pid, "Name"):
                if any(state != "S" for state in _thread_states(pid)):
                    return False
            elif _field(pid, "TracerPid") != "0" and _field(pid, "State")[:1] not in ("t", "Z", ""):
                return False
        return attached is None or _field(attached, "State").startswith("t")


def _thread_states(pid: int) -> list[str]:
    states = []
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        with contextlib.suppress(OSError):  # it may have just ended
            states.append(stat.read_text(errors="replace").rpartition(")")[2].split()[0])
    return states


def _field(pid: int, name: str) -> str:
    try:
        text = Path(f"/proc/{pid}/status").read_text(errors="replace")
    except OSError:
        return ""
    found = re.search(rf"^{name}:\s*(.*)$", text, re.MULTILINE)
    return found[1] if found else ""


# What no two runs share, and the two things that any stop hook makes LLDB say (docs/differences.md).
_VOLATILE = (
    (re.compile(r"\b0x[0-9a-f]{5,}"), "0x…"),
    (re.compile(r"\btid = \w+"), "tid = …"),
    (re.compile(r"\bexpected=\d+"), "expected=…"),  # a thread's id, as a lock keeps it
    (re.compile(r"^- Hook \d+( \(.*\))?$|^-- Thread \d+$", re.MULTILINE), ""),
    (re.compile(r"Stop hook #\d+ added"), "Stop hook #… added"),
)
_OURS = "[dbg-session]"


def _compared(shown: str, folder: Path) -> tuple[str, tuple[str, ...]]:
    """The lines that are compared, and those that the plugin printed."""
    shown = shown.replace(str(folder), "{folder}")
    for pid in set(re.findall(r"[Pp]rocess (\d+)", shown)):
        shown = re.sub(rf"\b{pid}\b", "PID", shown)
    for volatile, instead in _VOLATILE:
        shown = volatile.sub(instead, shown)
    # LLDB says this beside the program's own output, sometimes before and sometimes after it.
    shown, resumed = re.subn(r"Process PID resuming\n?", "", shown)
    shown += f"\nresumed {resumed} times"
    lines = [line.removeprefix("(lldb) ").rstrip() for line in shown.splitlines()]
    ours = tuple(line for line in lines if line.startswith(_OURS))
    return "\n".join(line for line in lines if line and not line.startswith(_OURS)), ours
