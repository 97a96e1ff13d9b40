"""Tracepoints of GDB: breakpoints whose `stop()` says no.  Part of the GDB face."""

# ruff: noqa: D102, ARG002, BLE001 - methods are documented in `host.py`; nothing may be raised into GDB
from __future__ import annotations

import contextlib
import os
import re
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import gdb

from . import gdb_stops
from .host import HostError, Thread

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from .gdb_host import GdbFrame, GdbHost
    from .host import Passing

_FILE = re.compile(r'filename="((?:[^"\\]|\\.)*)"')
_FUNCTION = re.compile(r'filename="((?:[^"\\]|\\.)*)"|name="((?:[^"\\]|\\.)*)",type=')
_made: list[Any] = []


class Function(NamedTuple):
    """A function that a regular expression found."""

    name: str
    file: str


class Breakpoint(gdb.Breakpoint):  # type: ignore[misc]
    """What GDB knows of a tracepoint."""

    passed: Callable[[Passing], bool] | None = None
    passing: Passing | None = None

    def stop(self) -> bool:
        """Called by GDB at each passing; what is raised here stops the program."""
        try:
            return self.passed is not None and self.passed(self.passing)  # type: ignore[arg-type]
        except KeyboardInterrupt:
            return True
        except Exception:
            return False


class GdbTracer:
    """`Tracer` over `gdb.Breakpoint`."""

    def __init__(self, host: GdbHost) -> None:
        self._passing = GdbPassing(host)
        self._later: list[GdbMark] = []  # to be deleted when that may be done
        for event in (gdb.events.stop, gdb.events.exited, gdb.events.before_prompt):
            event.connect(self._clean_up)

    def _clean_up(self, _event: object = None) -> None:
        while self._later:
            mark = self._later.pop()
            with contextlib.suppress(gdb.error, RuntimeError):
                if mark.valid():
                    mark.delete()

    def set(self, spec: object, passed: Callable[[Passing], bool]) -> GdbMark:
        known = {b.number for b in gdb.breakpoints() or ()}
        if isinstance(spec, Function):
            make = partial(Breakpoint, function=spec.name, source=spec.file)
        else:
            make = partial(Breakpoint, spec)
        try:
            made = _quietly(make)
        except (gdb.error, RuntimeError, TypeError) as error:
            # Python sees one that GDB has made nevertheless.
            for one in gdb.breakpoints() or ():
                if one.number not in known and isinstance(one, Breakpoint):
                    one.delete()
            raise HostError(str(error)) from None
        made.passing = self._passing
        made.passed = passed
        return GdbMark(made, self._later)

    def functions(self, regex: str) -> tuple[int, list[object]]:
        command = f"-symbol-info-functions --name {_quoted(_basic(regex))}"
        try:
            answer = gdb.execute(f"interpreter-exec mi {_quoted(command)}", False, True)
        except gdb.error as error:
            raise HostError(str(error)) from None
        found: list[object] = []
        file = ""
        for match in _FUNCTION.finditer(answer):
            if match.group(1) is not None:
                file = _unquoted(match.group(1))
            else:
                found.append(Function(_unquoted(match.group(2)), file))
        return len(found), found


class GdbPassing:
    """`Passing`: inside `stop()` the thread that passes is the selected one."""

    def __init__(self, host: GdbHost) -> None:
        self._host = host

    def frame(self) -> GdbFrame | None:
        return self._host.thread_frame()

    def thread(self) -> Thread:
        return gdb_stops.describe(gdb.selected_thread())

    def pid(self) -> int:
        return int(gdb.selected_inferior().pid)

    def ids(self) -> tuple[int, int, int]:
        thread = gdb.selected_thread()
        pid, lwp, _tid = thread.ptid
        return thread.num, lwp, pid

    def registers(self, wanted: Container[int] | None) -> tuple[int, ...] | None:
        # GDB traces in this thread, so that the kernel tells us too; not what GDB replays.
        return None if gdb.current_recording() else ()


class GdbMark:
    """`Mark` over a `gdb.Breakpoint`."""

    def __init__(self, native: Any, later: list[GdbMark]) -> None:
        self._native = native
        self._later = later
        self.number = int(native.number)

    def valid(self) -> bool:
        return bool(self._native.is_valid())

    def places(self) -> list[str]:
        if self._native.pending:
            return []
        locations = getattr(self._native, "locations", None)  # GDB 13
        if locations is None:
            return [self._native.location]
        return [_place(location) for location in locations]

    def enabled(self) -> bool:
        return bool(self._native.enabled)

    def enable(self, on: bool) -> None:
        self._native.enabled = on

    def delete(self) -> None:
        self._native.delete()

    # In `stop()` a breakpoint may be switched off, as GDB itself does with those that stop once,
    # and no more.  `gdb.post_event` is no way out: GDB 13 crashes when it exits with one posted.

    def enable_soon(self, on: bool) -> None:
        self._native.enabled = on

    def delete_soon(self) -> None:
        self._native.enabled = False
        if self not in self._later:
            self._later.append(self)


def _quietly(make: Callable[[], Any]) -> Any:
    """Make a breakpoint without GDB telling of it: what happens in a captured command is captured."""
    _made.clear()
    _made.append(make)
    gdb.execute("python __import__('sys').modules['dbg_session.gdb_trace']._make()", False, True)
    made = _made.pop()
    if isinstance(made, Exception):
        raise made
    return made


def _make() -> None:
    make = _made.pop()
    try:
        _made.append(make())
    except Exception as error:
        _made.append(error)


def _place(location: Any) -> str:
    source = location.source
    if source is not None and source[0]:
        return f"{os.path.basename(source[0])}:{source[1]}"  # noqa: PTH119 - pathlib costs loading time
    function = location.function
    return f"{function} at {location.address:#x}" if function else f"{location.address:#x}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _basic(regex: str) -> str:
    r"""GDB's own are basic regular expressions: `+` is written `\+`, `|` is `\|`."""
    out, escaped, inside = "", False, False
    for letter in regex:
        if escaped:
            out += letter if letter in "+?|(){}" else "\\" + letter
            escaped = False
        elif letter == "\\" and not inside:
            escaped = True
        else:
            inside = letter == "[" or (inside and letter != "]")
            out += "\\" + letter if letter in "+?|(){}" and not inside else letter
    return out + ("\\\\" if escaped else "")
