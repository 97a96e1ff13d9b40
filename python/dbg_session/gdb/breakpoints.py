"""The user's breakpoints in GDB, as they stand and as they are set again.  Part of the GDB face."""

from __future__ import annotations

import contextlib
import itertools
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import gdb

from dbg_session.host.errors import HostError
from dbg_session.util.lazy_regex import Pattern

from .events import listen
from .names import full_name, named

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbg_session.host.breakpoints import Breakpoint, Place
    from dbg_session.host.types import Type

    from .calls import Calls

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
_WATCH = {"write": gdb.WP_WRITE, "read": gdb.WP_READ, "access": gdb.WP_ACCESS}
# What GDB tells of a place that it was given in parts.
_EXPLICIT = (
    ("line", Pattern(r"-source (.+) -line (\d+)")),
    ("other", Pattern(r"-source (.+?) (?:-qualified )?-function (.+)")),
    ("function", Pattern(r"(?:-qualified )?-function (.+)")),
)
# What of GDB's `catch` is set again.
_EVENTS = {
    word: word for word in ("throw", "catch", "rethrow", "fork", "vfork", "exec", "load", "unload", "signal", "syscall")
}
_POINTERS = itertools.count(1)
_CATCHPOINT = getattr(gdb, "BP_CATCHPOINT", -1)
_HARDWARE = getattr(gdb, "BP_HARDWARE_BREAKPOINT", -1)
_NAME = Pattern(r"[\w:~<>,*&$@. ()\[\]=+!-]*[A-Za-z_][\w:~<>,*&$@. ()\[\]=+!-]*")


class Breakpoints:
    """Notes from GDB's events which breakpoints to look at again, and no more at a stop."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self.own: set[int] = set()
        self._known: dict[int, tuple[object, ...]] = {}
        self._catches: dict[int, str] = {}
        self._specs: dict[int, str] = {}  # of watchpoints that are ours, as the user knows them
        self._stale: set[int] = set()
        self._came_or_went = False
        listen(gdb.events.breakpoint_created, self._created)
        listen(gdb.events.breakpoint_modified, self._modified)
        listen(gdb.events.breakpoint_deleted, self._deleted)
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
        self._specs.pop(number, None)
        self._came_or_went = self._known.pop(number, None) is not None or self._came_or_went

    def changed(self) -> bool:
        """See `UserBreakpoints`."""
        changed, self._came_or_went = self._came_or_went, False
        if not self._stale:
            return changed
        for breakpoint in self._users():
            number = breakpoint.number
            if number in self._stale:
                facts = _facts(breakpoint)
                changed = changed or self._known.get(number) != facts
                self._known[number] = facts
        self._stale.clear()
        return changed

    def all(self) -> list[Breakpoint]:
        """See `UserBreakpoints`."""
        return [self._read(breakpoint) for breakpoint in self._users()]

    def one(self, number: int) -> Breakpoint | None:
        """See `UserBreakpoints`."""
        return next((self._read(b) for b in gdb.breakpoints() or () if b.number == number), None)

    def _users(self) -> list[Any]:
        return [b for b in gdb.breakpoints() or () if b.number > 0 and b.visible and b.number not in self.own]

    def _read(self, breakpoint: Any) -> Breakpoint:
        from dbg_session.host.breakpoints import Breakpoint  # late: loading must not be felt

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
            return "watchpoint", "expression", self._specs.get(breakpoint.number) or breakpoint.expression or ""
        if breakpoint.type == _CATCHPOINT:
            return "catchpoint", "event", self._catches.get(breakpoint.number, "")
        return ("breakpoint", *_form(named(lambda: breakpoint.location) or ""))

    # ------------------------------------------------------------ setting

    def set(self, wanted: Breakpoint, place: Place) -> Breakpoint:
        """See `UserBreakpoints`."""
        with self._calls.quiet():
            if place.form == "path":
                self._calls.hush()  # a class's operators may be in it
            return self._set(wanted, place)

    def _set(self, wanted: Breakpoint, place: Place) -> Breakpoint:
        made = self._catch(wanted, place) if place.form == "event" else self._made(wanted, place)
        if place.location:
            self._specs[made.number] = wanted.spec
        try:
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

    def _made(self, wanted: Breakpoint, place: Place) -> Any:
        from .captured import captured  # late: most sessions restore nothing

        known = {b.number for b in gdb.breakpoints() or ()}
        try:
            make = self._watch(wanted, place) if place.form == "path" else _break(wanted, place)
            return captured(make)
        except (gdb.error, RuntimeError, ValueError, TypeError) as error:
            # Python may see one that GDB has made nevertheless.
            for one in gdb.breakpoints() or ():
                if one.number not in known:
                    one.delete()
            raise HostError(str(error).rstrip(".")) from None

    def _watch(self, wanted: Breakpoint, place: Place) -> Callable[[], Any]:
        path = place.path
        if place.location:
            # `watch -location` is a command's alone; what it does is to watch where a pointer points.
            path = f"*{self._pointer(place.path)}"
        access = _WATCH[wanted.access or "write"]
        return partial(gdb.Breakpoint, path, type=gdb.BP_WATCHPOINT, wp_class=access)

    def _pointer(self, path: str) -> str:
        """A variable of GDB's that points to what a path leads to."""
        value = gdb.parse_and_eval(path)
        if value.address is None:
            raise HostError(f"`{path}` is not in memory here")
        name = f"_dbg_session_{next(_POINTERS)}"
        gdb.set_convenience_variable(name, value.address)
        return f"${name}"

    def _catch(self, wanted: Breakpoint, place: Place) -> Any:
        event = _EVENTS.get(place.event)
        if event is None:
            raise HostError(f"GDB cannot catch `{place.event}`")
        words = [_own_word(event, name) for name in place.names]
        try:
            return _by_command(" ".join(["tcatch" if wanted.temporary else "catch", event, *words]))
        except (gdb.error, RuntimeError) as error:
            raise HostError(str(error).rstrip(".")) from None

    def set_condition(self, wanted: Breakpoint) -> Breakpoint:
        """See `UserBreakpoints`."""
        made = self._native(wanted.number)
        try:
            made.condition = wanted.condition
        except (gdb.error, RuntimeError, ValueError) as error:
            raise HostError(str(error).rstrip(".")) from None
        return self._read(made)

    def names_at(self, wanted: Breakpoint) -> list[Callable[[str], Type | None]]:
        """See `UserBreakpoints`."""
        made = self._native(wanted.number)
        if made.type in _ACCESS:
            try:
                return [partial(_variable, gdb.selected_frame().block())]
            except (gdb.error, RuntimeError):
                return [partial(_variable, None)]
        if made.type == _CATCHPOINT or made.pending:
            return []
        places = getattr(made, "locations", None) or ()
        return [partial(_variable, gdb.block_for_pc(place.address)) for place in places]

    def _native(self, number: int) -> Any:
        return next(b for b in gdb.breakpoints() or () if b.number == number)


def _facts(breakpoint: Any) -> tuple[object, ...]:
    """What can change, hits apart, which are in the session anyway."""
    return (
        breakpoint.enabled,
        breakpoint.condition,
        breakpoint.ignore_count,
        breakpoint.thread,
        breakpoint.commands,
        breakpoint.type not in _ACCESS and breakpoint.type != _CATCHPOINT and breakpoint.pending,
    )


def _break(wanted: Breakpoint, place: Place) -> Callable[[], Any]:
    kind = _HARDWARE if wanted.hardware else gdb.BP_BREAKPOINT
    make = partial(gdb.Breakpoint, type=kind, temporary=wanted.temporary)
    return partial(make, **explicit(place))


def explicit(place: Place) -> dict[str, Any]:
    """A place as `gdb.Breakpoint` takes it, so that nothing of it is read as more than it is."""
    if place.form == "line":
        return {"source": place.file, "line": place.line}
    if place.form == "function":
        return {"function": place.function, **({"source": place.file} if place.file else {})}
    if place.form == "address":
        return {"spec": f"*{place.address:#x}"}
    raise HostError("GDB has no breakpoint that goes on matching a regular expression; `rbreak` sets some once")


def _variable(block: Any, name: str) -> Type | None:
    """The type of what a name means in a block."""
    from .types import make_type  # late: most sessions restore nothing

    try:
        if block is not None:
            symbol = gdb.lookup_symbol(name, block)[0]
        else:
            symbol = gdb.lookup_global_symbol(name) or gdb.lookup_static_symbol(name)
        return None if symbol is None or symbol.type is None else make_type(symbol.type)
    except (gdb.error, RuntimeError):
        return None


def _own_word(event: str, wanted: str) -> str:
    """A signal's or system call's name as GDB itself completes it: of a file's text nothing is in it."""
    if event == "signal":
        begin = "SIG"
    else:
        begin = next((letter for letter in "abcdefghijklmnopqrstuvwxyz_" if wanted.startswith(letter)), "")
    told = gdb.execute(f"complete catch {event} {begin}", False, True)
    words = (line.rpartition(" ")[2] for line in told.splitlines())
    found = next((word for word in words if word == wanted), "all" if wanted == "all" else None)
    if found is None:
        raise HostError(f"GDB knows no {event} `{wanted}`")
    return found


def _by_command(command: str) -> Any:
    before = {b.number for b in gdb.breakpoints() or ()}
    gdb.execute(command, False, True)
    made = [b for b in gdb.breakpoints() or () if b.number not in before]
    if not made:
        raise HostError("GDB made nothing of it")
    return made[-1]


def _form(location: str) -> tuple[str, str]:
    """What a location of GDB's is, in the words that both debuggers understand."""
    if location.startswith("*0x"):
        return "address", hex(int(location[1:], 16))
    for form, pattern in _EXPLICIT:
        told = pattern.fullmatch(location)
        if told is not None:
            return form, ":".join(told.groups())
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
