"""Tracepoints of GDB: breakpoints whose `stop()` says no.  Part of the GDB face."""

from __future__ import annotations

import contextlib
import os
import re
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import gdb

from dbg_session.host.breakpoints import Place
from dbg_session.host.errors import HostError
from dbg_session.host.types import ARRAY
from dbg_session.values.returned import is_return

from . import stops
from .breakpoints import explicit
from .captured import captured
from .code import function, function_at
from .events import listen
from .types import bytes_of, make_type

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from dbg_session.host.data import Thread, Whose
    from dbg_session.host.frames import Frame
    from dbg_session.host.protocol import Passing
    from dbg_session.host.types import Type

    from .calls import Calls
    from .frames import GdbFrame

_FILE = re.compile(r'filename="((?:[^"\\]|\\.)*)"')
_FUNCTION = re.compile(r'filename="((?:[^"\\]|\\.)*)"|name="((?:[^"\\]|\\.)*)",type=')


_FRAME = re.compile(r"frame at (0x[0-9a-f]+):")
# A destructor, or a constructor that copies or moves; GDB does not show those that the compiler made.
_OWN = re.compile(r"^\s+(?:virtual )?(?:~|(\w+)\((?:const )?[\w:]*\b\1\b.*&\);)", re.MULTILINE)


# GDB's variable for a type that it is asked about; void at all other times.
_TYPE = "_dbg_session"


class Function(NamedTuple):
    """A function that a regular expression found."""

    name: str
    file: str


class Breakpoint(gdb.Breakpoint):  # type: ignore[misc]
    """What GDB knows of a tracepoint."""

    passed: Callable[[Passing], bool] | None = None
    passing: GdbPassing | None = None

    def stop(self) -> bool:
        """Called by GDB at each passing; what is raised here stops the program."""
        passing = self.passing
        if passing is None or self.passed is None:
            return False
        passing.calls.passing = True
        try:
            return self.passed(passing)
        except KeyboardInterrupt:
            return True
        except Exception:
            return False
        finally:
            passing.calls.passing = False


class GdbTracer:
    """`Tracer` over `gdb.Breakpoint`."""

    def __init__(self, frame: Callable[[], GdbFrame | None], whose: Callable[[], Whose], calls: Calls) -> None:
        """`frame` and `whose` tell of the selected thread and its process."""
        self._passing = GdbPassing(frame, whose, calls)
        self._later: list[GdbTraceBreakpoint] = []  # to be deleted when that may be done
        for event in (gdb.events.stop, gdb.events.exited, gdb.events.before_prompt):
            listen(event, self.clean_up)

    def clean_up(self, _event: object = None) -> None:
        """Delete what could not be deleted where it was passed."""
        while self._later:
            breakpoint = self._later.pop()
            with contextlib.suppress(gdb.error, RuntimeError):
                if breakpoint.valid():
                    breakpoint.delete()

    def set(self, spec: object, passed: Callable[[Passing], bool]) -> GdbTraceBreakpoint:
        known = {b.number for b in gdb.breakpoints() or ()}
        if isinstance(spec, Function):
            make = partial(Breakpoint, function=spec.name, source=spec.file)
        elif isinstance(spec, Place):
            make = partial(Breakpoint, **explicit(spec))
        else:
            make = partial(Breakpoint, spec)
        try:
            made = captured(make)
        except (gdb.error, RuntimeError, TypeError) as error:
            # Python sees one that GDB has made nevertheless.
            for one in gdb.breakpoints() or ():
                if one.number not in known and isinstance(one, Breakpoint):
                    one.delete()
            raise HostError(str(error)) from None
        made.passing = self._passing
        made.passed = passed
        return GdbTraceBreakpoint(made, self._later)

    def entry(self, function: str, spec: object, passed: Callable[[Passing], bool]) -> GdbTraceBreakpoint:
        return self.set(spec, passed)

    def exits(self, function: str, passed: Callable[[Passing], bool]) -> GdbExits:
        return GdbExits(function, self._passing, passed)

    def return_type(self, frame: Frame) -> Type | None:
        symbol, _ = function_at(frame.pc)  # type: ignore[attr-defined]
        if symbol is None or symbol.type is None:
            return None
        return make_type(symbol.type.target(), frame.info().lang == "rust")

    def copied_by_hand(self, kind: Type) -> bool | None:
        return _copied_by_hand(kind)

    def is_vector(self, kind: Type) -> bool:
        if kind.kind != ARRAY:
            return False
        # GDB's code is the same for both; an array of vectors has its length in brackets.
        text = str(kind.handle)
        return "__attribute__ ((vector" in text and "[" not in text

    def refuse(self, found: list[object]) -> None:
        pass

    def functions(self, regex: str) -> tuple[int, list[object]]:
        if not regex.isprintable():
            raise HostError("a regular expression has no line breaks or control characters in it")
        # Only a command finds functions.  All of the expression's own characters go into it as numbers.
        command = f"-symbol-info-functions --name {_numbers(_basic(regex))}"
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


class GdbExits:
    """`Exits`: internal breakpoints, which live as long as the process.

    Before it runs, the addresses of most programs are not known yet.  As it starts, GDB tells
    of its first libraries when the program itself has got its place.
    """

    def __init__(self, function: str, passing: GdbPassing, passed: Callable[[Passing], bool]) -> None:
        self._function = function
        self._passing = passing
        self._passed = passed
        self._made: list[Any] = []
        self._on = True
        handlers = (
            (gdb.events.new_objfile, self._set),
            (gdb.events.exited, self._unset),
            (gdb.events.stop, self._clean_up),
        )
        self._heard = [(registry, one) for registry, handler in handlers for one in listen(registry, handler)]
        self._leaving = False
        self._set()

    def _set(self, _event: object = None) -> None:
        if self._made or not gdb.selected_inferior().pid:
            return
        with contextlib.suppress(HostError, gdb.error, RuntimeError):
            code = function(self._function)
            for one in code.instructions:
                if is_return(one.text):
                    native = Breakpoint(f"*{code.start + one.offset:#x}", internal=True)
                    native.passing = self._passing
                    native.passed = self._passed
                    native.enabled = self._on
                    self._made.append(native)

    def _unset(self, _event: object = None) -> None:
        for native in self._made:
            with contextlib.suppress(gdb.error, RuntimeError):
                native.delete()
        self._made.clear()

    def _clean_up(self, _event: object = None) -> None:
        if self._leaving:
            self.delete()

    def enable(self, on: bool) -> None:
        self._on = on
        for native in self._made:
            native.enabled = on

    def delete(self) -> None:
        self._unset()
        while self._heard:
            registry, heard = self._heard.pop()
            with contextlib.suppress(ValueError, RuntimeError):
                registry.disconnect(heard)

    def delete_soon(self) -> None:
        self._leaving = True
        for native in self._made:
            native.enabled = False


class GdbPassing:
    """`Passing`: inside `stop()` the thread that passes is the selected one."""

    def __init__(self, frame: Callable[[], GdbFrame | None], whose: Callable[[], Whose], calls: Calls) -> None:
        self._frame = frame
        self._whose = whose
        self.calls = calls

    def frame(self) -> GdbFrame | None:
        return self._frame()

    def thread(self) -> Thread:
        return stops.describe(gdb.selected_thread())

    def pid(self) -> int:
        return int(gdb.selected_inferior().pid)

    def whose(self) -> Whose:
        return self._whose()

    def register(self, name: str) -> bytes:
        try:
            native = gdb.newest_frame().read_register(name)
            if name.startswith("xmm"):
                halves = [int(native["v2_int64"][i]) % (1 << 64) for i in (0, 1)]
                return b"".join(half.to_bytes(8, "little") for half in halves)
            if name.startswith("st"):
                return bytes_of(native, make_type(native.type)) or b""
            return (int(native) % (1 << 64)).to_bytes(8, "little")
        except (gdb.error, RuntimeError, ValueError, OverflowError) as error:
            raise HostError(f"{name} cannot be read: {error}") from None

    def cfa(self) -> int:
        try:
            frame = gdb.newest_frame()
            while frame.type() == gdb.INLINE_FRAME:
                frame = frame.older()
            caller = frame.older()
            if caller is not None:
                return int(caller.read_register("rsp")) % (1 << 64)
            # GDB shows nobody who called main, but knows the frame.
            found = _FRAME.search(gdb.execute("info frame", False, True))
            if found is not None:
                return int(found.group(1), 16)
        except (gdb.error, RuntimeError, ValueError) as error:
            raise HostError(str(error)) from None
        raise HostError("GDB does not tell where the frame is")

    def ids(self) -> tuple[int, int, int]:
        thread = gdb.selected_thread()
        pid, lwp, _tid = thread.ptid
        return thread.num, lwp, pid

    def registers(self, wanted: Container[int] | None) -> tuple[int, ...] | None:
        # GDB traces in this thread, so that the kernel tells us too; not what GDB replays.
        return None if gdb.current_recording() else ()


class GdbTraceBreakpoint:
    """`TraceBreakpoint` over a `gdb.Breakpoint`."""

    def __init__(self, native: Any, later: list[GdbTraceBreakpoint]) -> None:
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


def _copied_by_hand(kind: Type) -> bool | None:
    """Whether a class has a copy constructor or destructor; None: it may be `= default`."""
    native: Any = kind.handle
    if any((field.name or "").startswith("_vptr") for field in native.fields()):
        return True
    if not native.name or native.name.startswith("("):
        return False
    # Only a command tells of methods.  No name that a file gives goes into one: the type is
    # handed over as that of a variable.
    try:
        gdb.set_convenience_variable(_TYPE, gdb.Value(0).cast(native.pointer()))
        # Raw: else printers of the library's show no more than a name.
        text = gdb.execute(f"ptype/r *${_TYPE}", False, True)
    except gdb.error:
        return None
    finally:
        gdb.set_convenience_variable(_TYPE, None)
    return False if "{" in text and not _OWN.search(text) else None


def _place(location: Any) -> str:
    source = location.source
    if source is not None and source[0]:
        return f"{os.path.basename(source[0])}:{source[1]}"
    function = location.function
    return f"{function} at {location.address:#x}" if function else f"{location.address:#x}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _numbers(text: str) -> str:
    """A text in C's notation that has nothing of it as it stands."""
    return '"' + "".join(f"\\{byte:03o}" for byte in text.encode("utf-8", "surrogateescape")) + '"'


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
