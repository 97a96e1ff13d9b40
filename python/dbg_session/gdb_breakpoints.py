"""The user's breakpoints in GDB, as they stand and as they are set again.  Part of the GDB face."""

# ruff: noqa: A001, A002 - a breakpoint is a breakpoint
from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

import gdb

from .gdb_names import full_name, named
from .host import Breakpoint, HostError

if TYPE_CHECKING:
    from collections.abc import Callable

_ACCESS = {
    getattr(gdb, name): access
    for name, access in (
        ("BP_WATCHPOINT", "write"),
        ("BP_HARDWARE_WATCHPOINT", "write"),
        ("BP_READ_WATCHPOINT", "read"),
        ("BP_ACCESS_WATCHPOINT", "access"),
    )
    if hasattr(gdb, name)
}
_WATCH = {"write": "watch", "read": "rwatch", "access": "awatch"}
_CATCHPOINT = getattr(gdb, "BP_CATCHPOINT", -1)
_HARDWARE = getattr(gdb, "BP_HARDWARE_BREAKPOINT", -1)
_NAME = re.compile(r"[\w:~<>,*&$@. ()\[\]=+!-]*[A-Za-z_][\w:~<>,*&$@. ()\[\]=+!-]*")


class Breakpoints:
    """Notes from GDB's events which breakpoints to look at again, and no more at a stop."""

    def __init__(self) -> None:
        self.own: set[int] = set()
        self._marks: dict[int, tuple[object, ...]] = {}
        self._catches: dict[int, str] = {}
        self._stale: set[int] = set()
        self._came_or_went = False
        gdb.events.breakpoint_created.connect(self._created)
        gdb.events.breakpoint_modified.connect(self._modified)
        gdb.events.breakpoint_deleted.connect(self._deleted)
        for breakpoint in gdb.breakpoints() or ():
            self._created(breakpoint)

    def _created(self, breakpoint: Any) -> None:
        self._stale.add(breakpoint.number)
        self._came_or_went = True
        if breakpoint.type == _CATCHPOINT:
            # Asked now, because at a stop it must not be.
            self._catches[breakpoint.number] = _caught(breakpoint.number)

    def _modified(self, breakpoint: Any) -> None:
        self._stale.add(breakpoint.number)  # Also at each hit, because it is counted.

    def _deleted(self, breakpoint: Any) -> None:
        number = breakpoint.number
        self._stale.discard(number)
        self._catches.pop(number, None)
        self._came_or_went = self._marks.pop(number, None) is not None or self._came_or_went

    def changed(self) -> bool:
        """See `Host.breakpoints_changed`."""
        changed, self._came_or_went = self._came_or_went, False
        if not self._stale:
            return changed
        for breakpoint in self._users():
            number = breakpoint.number
            if number in self._stale:
                mark = _mark(breakpoint)
                changed = changed or self._marks.get(number) != mark
                self._marks[number] = mark
        self._stale.clear()
        return changed

    def all(self) -> list[Breakpoint]:
        """See `Host.breakpoints`."""
        return [self._read(breakpoint) for breakpoint in self._users()]

    def one(self, number: int) -> Breakpoint | None:
        """See `Host.breakpoint`."""
        return next((self._read(b) for b in gdb.breakpoints() or () if b.number == number), None)

    def _users(self) -> list[Any]:
        return [b for b in gdb.breakpoints() or () if b.number > 0 and b.visible and b.number not in self.own]

    def _read(self, breakpoint: Any) -> Breakpoint:
        kind, form, spec = self._what(breakpoint)
        file, line, function, count = _place(breakpoint, kind)
        return Breakpoint(
            breakpoint.number,
            kind,
            form,
            spec,
            file,
            line,
            function,
            count,
            breakpoint.condition,
            breakpoint.ignore_count,
            breakpoint.enabled,
            breakpoint.temporary,
            breakpoint.type == _HARDWARE,
            _ACCESS.get(breakpoint.type),
            breakpoint.thread,
            breakpoint.commands,
            breakpoint.hit_count,
        )

    def _what(self, breakpoint: Any) -> tuple[str, str, str]:
        if breakpoint.type in _ACCESS:
            return "watchpoint", "expression", breakpoint.expression or ""
        if breakpoint.type == _CATCHPOINT:
            return "catchpoint", "event", self._catches.get(breakpoint.number, "")
        return ("breakpoint", *_form(named(lambda: breakpoint.location) or ""))

    # ------------------------------------------------------------ setting

    def set(self, wanted: Breakpoint) -> Breakpoint:
        """See `Host.set_breakpoint`."""
        makers: dict[str, Callable[[Breakpoint], Any]] = {"watchpoint": _watch, "catchpoint": _catch}
        try:
            made = makers.get(wanted.kind, _break)(wanted)
        except (gdb.error, RuntimeError, ValueError) as error:
            raise HostError(str(error)) from None
        try:
            if wanted.condition:
                made.condition = wanted.condition
            made.ignore_count = wanted.ignore_count
            if wanted.commands:
                made.commands = wanted.commands
            if wanted.thread is not None:
                # Before the program runs it has no threads: then it is for all of them.
                with contextlib.suppress(gdb.error, RuntimeError):
                    made.thread = wanted.thread
            made.enabled = wanted.enabled
        except (gdb.error, RuntimeError, ValueError) as error:
            made.delete()
            raise HostError(str(error)) from None
        return self._read(made)


def _mark(breakpoint: Any) -> tuple[object, ...]:
    """What can change, hits apart, which are in the session anyway."""
    return (
        breakpoint.enabled,
        breakpoint.condition,
        breakpoint.ignore_count,
        breakpoint.thread,
        breakpoint.commands,
        breakpoint.type not in _ACCESS and breakpoint.type != _CATCHPOINT and breakpoint.pending,
    )


def _break(wanted: Breakpoint) -> Any:
    if wanted.form in {"regex", "text"}:
        raise HostError("GDB has no breakpoint that goes on matching a regular expression; `rbreak` sets some once")
    spec = f"*{wanted.spec}" if wanted.form == "address" else wanted.spec
    verb = ("t" if wanted.temporary else "") + ("hbreak" if wanted.hardware else "break")
    return _by_command(f"with breakpoint pending on -- {verb} {spec}")


def _watch(wanted: Breakpoint) -> Any:
    return _by_command(f"{_WATCH.get(wanted.access or '', 'watch')} {wanted.spec}")


def _catch(wanted: Breakpoint) -> Any:
    return _by_command(f"{'tcatch' if wanted.temporary else 'catch'} {wanted.spec}")


def _by_command(command: str) -> Any:
    before = {b.number for b in gdb.breakpoints() or ()}
    gdb.execute(command, False, True)
    made = [b for b in gdb.breakpoints() or () if b.number not in before]
    if not made:
        raise HostError(f"`{command}` made nothing")
    return made[-1]


def _form(location: str) -> tuple[str, str]:
    """What a location of GDB's is, in the words that both debuggers understand."""
    if location.startswith("*0x"):
        return "address", hex(int(location[1:], 16))
    explicit = re.fullmatch(r"-source (\S+) -line (\d+)", location)
    if explicit:
        return "line", f"{explicit.group(1)}:{explicit.group(2)}"
    explicit = re.fullmatch(r"(?:-qualified )?-function (\S+)", location)
    if explicit:
        return "function", explicit.group(1)
    if re.fullmatch(r"[^*+-].*:\d+", location):
        return "line", location
    # A file's static function has the file before it, which is more than a name.
    one_of_a_file = re.search(r"\.\w+:[^:]", location)
    if location[:1] not in "-+*" and not one_of_a_file and _NAME.fullmatch(location):
        return "function", location
    return "other", location


def _place(breakpoint: Any, kind: str) -> tuple[str | None, int, str | None, int]:
    """(file, line, function) of the first location, and how many there are."""
    if kind != "breakpoint":
        return None, 0, None, 1
    if breakpoint.pending:
        return None, 0, None, 0
    places = getattr(breakpoint, "locations", None)
    if not places:
        return _decoded(named(lambda: breakpoint.location))
    first = places[0]
    source = _source(first)
    if source is None:
        return None, 0, first.function, len(places)
    return named(lambda: first.fullname or source[0]), source[1], first.function, len(places)


def _source(place: Any) -> tuple[str | None, int] | None:
    """File and line of a place; a file whose name is no text is told by its path."""
    try:
        return place.source  # type: ignore[no-any-return]
    except UnicodeDecodeError as error:
        return error.object.decode("utf-8", "surrogateescape"), 0


def _decoded(location: str | None) -> tuple[str | None, int, str | None, int]:
    """The same in a GDB before 13, which has no locations."""
    try:
        places = gdb.decode_line(location)[1] or ()
    except (gdb.error, RuntimeError):
        return None, 0, None, 1
    for place in places:
        if place.symtab is not None:
            return full_name(place.symtab), place.line, None, len(places)
    return None, 0, None, max(1, len(places))


def _caught(number: int) -> str:
    """What a catchpoint catches, as the command `catch` takes it; GDB tells only in its table."""
    try:
        text = gdb.execute(f"info breakpoints {number}", False, True)
    except gdb.error:
        return ""
    for line in text.splitlines()[1:]:
        found = re.match(r"\d+\s+catchpoint\s+\w+\s+[yn]\s+(.*)", line)
        if found:
            what = found.group(1).strip().replace('"', "").removeprefix("exception ")
            return re.sub(r"^(load|unload) of library( matching )?", r"\1 ", what).strip().removesuffix(" <any signal>")
    return ""
