"""The user's breakpoints in LLDB, as they stand and as they are set again.  Part of the LLDB face."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import lldb

from dbg_session.host.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbg_session.host.breakpoints import Breakpoint, Place
    from dbg_session.host.types import Type

_NO_THREAD = 0
_ACCESS = {"r": "read", "rw": "access", "read_write": "access"}


class Breakpoints:
    """Looks at breakpoints only when LLDB has sent word of a change: ten questions take it 100 µs."""

    def __init__(self, target: Callable[[], Any], debugger: Any, ready: Callable[[], object]) -> None:
        """`ready` is called before types are looked at."""
        self._ready = ready
        self.own: set[int] = set()
        self._target = target
        self._debugger = debugger
        self._listener = lldb.SBListener("dbg-session")
        self._event = lldb.SBEvent()
        self._of: Any = None
        self._known: list[tuple[object, ...]] = []
        self._specs: dict[int, tuple[str, str, str, str | None]] = {}
        # Of watchpoints that we set: LLDB itself does not know what they were asked for as.
        self._watched: dict[int, str] = {}

    def changed(self) -> bool:
        """See `UserBreakpoints`."""
        target = self._target()
        if not target.IsValid():
            # LLDB is about to end: what was there is what the user had.
            return False
        if not self._heard(target):
            return False
        facts = [_facts(b) for b in self._users(target)] + [_facts_of_watchpoint(w) for w in _watchpoints(target)]
        changed, self._known = facts != self._known, facts
        return changed

    def _heard(self, target: Any) -> bool:
        """Whether there is word of a change, or a target that was not listened to."""
        heard = False
        if self._of != target:
            mask = lldb.SBTarget.eBroadcastBitBreakpointChanged | lldb.SBTarget.eBroadcastBitWatchpointChanged
            target.GetBroadcaster().AddListener(self._listener, mask)
            self._of = target
            self._specs.clear()
            self._watched.clear()
            heard = True
        # To take an event, LLDB waits a little where there is none.
        while self._listener.PeekAtNextEvent(self._event):
            heard = self._listener.GetNextEvent(self._event)
        return heard

    def all(self) -> list[Breakpoint]:
        """See `UserBreakpoints`."""
        target = self._target()
        if not target.IsValid():
            return []
        found = [self._read(b) for b in self._users(target)]
        return found + [self._read_watchpoint(w) for w in _watchpoints(target)]

    def one(self, number: int) -> Breakpoint | None:
        """See `UserBreakpoints`."""
        found = self._target().FindBreakpointByID(number)
        return self._read(found) if found.IsValid() else None

    def _users(self, target: Any) -> list[Any]:
        count = target.GetNumBreakpoints()
        found = (target.GetBreakpointAtIndex(i) for i in range(count))
        return [b for b in found if b.GetID() not in self.own]

    def _read(self, breakpoint: Any) -> Breakpoint:
        from dbg_session.host.breakpoints import Breakpoint  # late: loading must not be felt

        kind, form, spec, wanted_file = self._what(breakpoint)
        file, line, function = (None, 0, None) if kind == "catchpoint" else _place(breakpoint)
        thread = breakpoint.GetThreadIndex()
        return Breakpoint(
            breakpoint.GetID(),
            kind,
            form,
            spec,
            file or wanted_file,
            line,
            function,
            # What is caught gets its places when the program runs, and waits for nothing.
            breakpoint.GetNumLocations() or int(kind == "catchpoint"),
            breakpoint.GetCondition() or None,
            breakpoint.GetIgnoreCount(),
            breakpoint.IsEnabled(),
            breakpoint.IsOneShot(),
            breakpoint.IsHardware(),
            None,
            self._thread(breakpoint) if thread == lldb.UINT32_MAX else thread,
            _commands(breakpoint),
            breakpoint.GetHitCount(),
            '{"auto_continue": true}' if breakpoint.GetAutoContinue() else None,
        )

    def _thread(self, breakpoint: Any) -> int | None:
        """The number of the thread whose system's id the breakpoint is limited to."""
        tid = breakpoint.GetThreadID()
        if tid in {_NO_THREAD, lldb.LLDB_INVALID_THREAD_ID}:
            return None
        thread = self._target().GetProcess().GetThreadByID(tid)
        return thread.GetIndexID() if thread.IsValid() else int(tid)

    def _what(self, breakpoint: Any) -> tuple[str, str, str, str | None]:
        """(kind, form, spec, file); found once, because it does not change."""
        number = breakpoint.GetID()
        known = self._specs.get(number)
        if known is None:
            known = self._specs[number] = _resolver(breakpoint)
        return known

    # ------------------------------------------------------------ setting

    def set(self, wanted: Breakpoint, place: Place) -> Breakpoint:
        """See `UserBreakpoints`."""
        target = self._target()
        if not target.IsValid():
            raise HostError("there is no program; load one first")
        if place.form == "path":
            return self._watch(wanted, place, target)
        made = self._break(wanted, place, target)
        if not made.IsValid():
            raise HostError("LLDB cannot set it")
        if wanted.thread is not None:
            made.SetThreadIndex(wanted.thread)
        made.SetIgnoreCount(wanted.ignore_count)
        made.SetOneShot(wanted.temporary)
        if wanted.commands:
            lines = lldb.SBStringList()
            for line in wanted.commands.splitlines():
                lines.AppendString(line)
            made.SetCommandLineCommands(lines)
        if "auto_continue" in (wanted.options or ""):
            made.SetAutoContinue(True)
        made.SetEnabled(wanted.enabled)
        return self._read(made)

    def _break(self, wanted: Breakpoint, place: Place, target: Any) -> Any:
        if place.form == "event":
            return _exception(place, target)
        if not wanted.hardware:
            return at(place, target)
        # No interface sets one in hardware; this setting makes every one of them such.
        debugger, setting = lldb.SBDebugger, "target.require-hardware-breakpoint"
        name = self._debugger.GetInstanceName()
        before = debugger.GetInternalVariableValue(setting, name).GetStringAtIndex(0)
        debugger.SetInternalVariable(setting, "true", name)
        try:
            return at(place, target)
        finally:
            debugger.SetInternalVariable(setting, before if before == "true" else "false", name)

    def _watch(self, wanted: Breakpoint, place: Place, target: Any) -> Breakpoint:
        thread = target.GetProcess().GetSelectedThread()
        if not thread.IsValid():
            raise HostError(
                "a watchpoint of LLDB's needs a running program; stop where it is in scope and restore again"
            )
        value = thread.GetSelectedFrame().GetValueForVariablePath(place.path)
        if not value.IsValid() or value.GetError().Fail():
            value = _of_the_program(target, place.path)
        if not value.IsValid() or value.GetLoadAddress() == lldb.LLDB_INVALID_ADDRESS:
            raise HostError(f"there is no `{place.path}` in memory here")
        access, error = wanted.access or "write", lldb.SBError()
        made = value.Watch(True, access in {"read", "access"}, access in {"write", "access"}, error)
        if error.Fail() or made is None or not made.IsValid():
            raise HostError(error.GetCString() or f"`{place.path}` cannot be watched here")
        self._watched[made.GetID()] = wanted.spec
        made.SetIgnoreCount(wanted.ignore_count)
        made.SetEnabled(wanted.enabled)
        return self._read_watchpoint(made)

    def set_condition(self, wanted: Breakpoint) -> Breakpoint:
        """See `UserBreakpoints`."""
        if wanted.kind == "watchpoint":
            watchpoint = self._target().FindWatchpointByID(wanted.number)
            watchpoint.SetCondition(wanted.condition)
            return self._read_watchpoint(watchpoint)
        made = self._target().FindBreakpointByID(wanted.number)
        made.SetCondition(wanted.condition)
        return self._read(made)

    def names_at(self, made: Breakpoint) -> list[Callable[[str], Type | None]]:
        """See `UserBreakpoints`."""
        self._ready()
        target = self._target()
        if made.kind == "watchpoint":
            frame = target.GetProcess().GetSelectedThread().GetSelectedFrame()
            return [partial(_variable, target, frame.GetPCAddress())]
        if made.kind == "catchpoint":
            return []
        native = target.FindBreakpointByID(made.number)
        places = (native.GetLocationAtIndex(i).GetAddress() for i in range(native.GetNumLocations()))
        return [partial(_variable, target, place) for place in places]

    def _read_watchpoint(self, watchpoint: Any) -> Breakpoint:
        read = _read_watchpoint(watchpoint)
        spec = self._watched.get(watchpoint.GetID())
        return read if spec is None else read._replace(form="expression", spec=spec)


def at(place: Place, target: Any) -> Any:
    """A breakpoint at a place, through LLDB's interface."""
    modules, files = lldb.SBFileSpecList(), lldb.SBFileSpecList()
    if place.file:
        files.Append(lldb.SBFileSpec(place.file, False))
    if place.form == "line":
        return target.BreakpointCreateByLocation(place.file, place.line)
    if place.form == "function":
        if place.file:
            return target.BreakpointCreateByName(place.function, modules, files)
        return target.BreakpointCreateByName(place.function)
    if place.form == "address":
        return target.BreakpointCreateByAddress(place.address)
    if place.form == "regex":
        return target.BreakpointCreateByRegex(place.regex)
    return target.BreakpointCreateBySourceRegex(place.regex, modules, files)


def _of_the_program(target: Any, path: str) -> Any:
    """The value at a path that begins with one of the program's variables."""
    found = re.fullmatch(r"(?:::)?(\w+(?:::\w+)*)(.*)", path)
    if found is None:
        return lldb.SBValue()
    value = target.FindFirstGlobalVariable(found.group(1))
    return value.GetValueForExpressionPath(found.group(2)) if value.IsValid() and found.group(2) else value


def _variable(target: Any, place: Any, name: str) -> Type | None:
    """The type of what a name means at an address."""
    from .types import make_type  # late: most sessions restore nothing

    unit = place.GetCompileUnit()
    rust = unit.IsValid() and unit.GetLanguage() == lldb.eLanguageTypeRust
    block = place.GetBlock()
    while block.IsValid():
        values = block.GetVariables(target, True, True, True)
        for i in range(values.GetSize()):
            value = values.GetValueAtIndex(i)
            if value.GetName() == name:
                return make_type(value.GetType(), rust)
        block = block.GetParent()
    value = target.FindFirstGlobalVariable(name)
    return make_type(value.GetType(), rust) if value.IsValid() else None


def _facts(breakpoint: Any) -> tuple[object, ...]:
    commands = lldb.SBStringList()
    breakpoint.GetCommandLineCommands(commands)
    return (
        breakpoint.GetID(),
        breakpoint.IsEnabled(),
        breakpoint.GetCondition(),
        breakpoint.GetIgnoreCount(),
        breakpoint.GetNumLocations(),
        breakpoint.IsOneShot(),
        breakpoint.GetAutoContinue(),
        breakpoint.GetThreadID(),
        breakpoint.GetThreadIndex(),
        commands.GetSize(),
    )


def _facts_of_watchpoint(watchpoint: Any) -> tuple[object, ...]:
    return (
        -watchpoint.GetID(),
        watchpoint.IsEnabled(),
        watchpoint.GetCondition(),
        watchpoint.GetIgnoreCount(),
    )


def _watchpoints(target: Any) -> list[Any]:
    return [target.GetWatchpointAtIndex(i) for i in range(target.GetNumWatchpoints())]


def _commands(breakpoint: Any) -> str | None:
    lines = lldb.SBStringList()
    if not breakpoint.GetCommandLineCommands(lines) or not lines.GetSize():
        return None
    return "\n".join(lines.GetStringAtIndex(i) for i in range(lines.GetSize()))


def _resolver(breakpoint: Any) -> tuple[str, str, str, str | None]:
    """How the breakpoint was asked for: (kind, form, spec, file)."""
    import json  # late: only where there are breakpoints

    text = lldb.SBStream()
    breakpoint.SerializeToStructuredData().GetAsJSON(text)
    try:
        told = json.loads(text.GetData() or "{}").get("Breakpoint", {})
        kind = told["BKPTResolver"]["Type"]
        options = told["BKPTResolver"]["Options"]
        if kind == "FileAndLine":
            return "breakpoint", "line", f"{options['FileName']}:{options['LineNumber']}", None
        if kind == "SymbolName":
            return "breakpoint", *_names(options), None
        if kind == "SourceRegex":
            files = told.get("SearchFilter", {}).get("Options", {}).get("CUList") or [None]
            return "breakpoint", "text", options["Regex"], files[0]
        if kind == "Address":
            return "breakpoint", "address", hex(_address(breakpoint, options["AddressOffset"])), None
    except (ValueError, KeyError, TypeError):
        pass
    return _told(breakpoint)


def _names(options: Any) -> tuple[str, str]:
    if "Regex" in options:
        return "regex", options["Regex"]
    names = list(dict.fromkeys(options["SymbolNames"]))
    if len(names) == 1:
        return "function", names[0]
    return "regex", "^(" + "|".join(re.escape(name) for name in names) + ")$"


def _address(breakpoint: Any, otherwise: int) -> int:
    loaded = breakpoint.GetLocationAtIndex(0).GetLoadAddress() if breakpoint.GetNumLocations() else None
    return otherwise if loaded in {None, lldb.LLDB_INVALID_ADDRESS} else int(loaded or 0)


def _told(breakpoint: Any) -> tuple[str, str, str, str | None]:
    """The same of what LLDB does not serialize; it can only be read."""
    text = lldb.SBStream()
    breakpoint.GetDescription(text, False)
    shown = text.GetData() or ""
    found = re.search(r"Exception breakpoint \(catch: (\w+) throw: (\w+)\)", shown)
    if found:
        return "catchpoint", "event", "throw" if found.group(2) == "on" else "catch", None
    return "breakpoint", "other", re.sub(r"^\d+: |, locations = .*", "", shown.split("\n", 1)[0]), None


def _place(breakpoint: Any) -> tuple[str | None, int, str | None]:
    if not breakpoint.GetNumLocations():
        return None, 0, None
    address = breakpoint.GetLocationAtIndex(0).GetAddress()
    entry = address.GetLineEntry()
    holder = address.GetFunction() if address.GetFunction().IsValid() else address.GetSymbol()
    name = (holder.GetMangledName() or holder.GetName()) if holder.IsValid() else None
    if not entry.IsValid():
        return None, 0, name
    return entry.GetFileSpec().fullpath, entry.GetLine(), name


def _read_watchpoint(watchpoint: Any) -> Breakpoint:
    from dbg_session.host.breakpoints import Breakpoint

    text = lldb.SBStream()
    watchpoint.GetDescription(text, lldb.eDescriptionLevelVerbose)
    shown = text.GetData() or ""
    spec = getattr(watchpoint, "GetWatchSpec", lambda: None)()
    if not spec:
        found = re.search(r"watchpoint spec = '(.*)'", shown)
        spec = found.group(1) if found else None
    # Of `watchpoint set expression`, which takes an address.
    spec = spec and re.sub(r"^&(?:\((.*)\)|([\w.\[\]>-]+))$", r"\1\2", spec)
    kind = re.search(r"type = (\w+)", shown)
    address = watchpoint.GetWatchAddress()
    return Breakpoint(
        watchpoint.GetID(),
        "watchpoint",
        "expression" if spec else "address",
        spec or hex(address),
        condition=watchpoint.GetCondition() or None,
        ignore_count=watchpoint.GetIgnoreCount(),
        enabled=watchpoint.IsEnabled(),
        hardware=True,
        access=_ACCESS.get(kind.group(1), "write") if kind else "write",
        hits=watchpoint.GetHitCount(),
    )


def _exception(place: Place, target: Any) -> Any:
    if place.event not in {"throw", "catch"} or place.names:
        raise HostError(f"LLDB cannot catch `{' '.join([place.event, *place.names])}`")
    throw = place.event == "throw"
    return target.BreakpointCreateForException(lldb.eLanguageTypeC_plus_plus, not throw, throw)
