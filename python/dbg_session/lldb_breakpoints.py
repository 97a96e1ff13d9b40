"""The user's breakpoints in LLDB, as they stand and as they are set again.  Part of the LLDB face."""

# ruff: noqa: A002, PLR0911 - a breakpoint is a breakpoint, and there are many kinds
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import lldb

from .host import Breakpoint, HostError

if TYPE_CHECKING:
    from collections.abc import Callable

_NO_THREAD = 0
_ACCESS = {"r": "read", "rw": "access", "read_write": "access"}
_TYPES = {"read": " -w read", "access": " -w read_write"}


class Breakpoints:
    """Looks at breakpoints only when LLDB has sent word of a change: ten questions take it 100 µs."""

    def __init__(self, target: Callable[[], Any], debugger: Any) -> None:
        self.own: set[int] = set()
        self._target = target
        self._debugger = debugger
        self._listener = lldb.SBListener("dbg-session")
        self._event = lldb.SBEvent()
        self._of: Any = None
        self._marks: list[tuple[object, ...]] = []
        self._specs: dict[int, tuple[str, str, str, str | None]] = {}

    def changed(self) -> bool:
        """See `Host.breakpoints_changed`."""
        target = self._target()
        if not target.IsValid():
            # LLDB is about to end: what was there is what the user had.
            return False
        if not self._heard(target):
            return False
        marks = [_mark(b) for b in self._users(target)] + [_mark_of_watchpoint(w) for w in _watchpoints(target)]
        changed, self._marks = marks != self._marks, marks
        return changed

    def _heard(self, target: Any) -> bool:
        """Whether there is word of a change, or a target that was not listened to."""
        heard = False
        if self._of != target:
            mask = lldb.SBTarget.eBroadcastBitBreakpointChanged | lldb.SBTarget.eBroadcastBitWatchpointChanged
            target.GetBroadcaster().AddListener(self._listener, mask)
            self._of = target
            self._specs.clear()
            heard = True
        # To take an event, LLDB waits a little where there is none.
        while self._listener.PeekAtNextEvent(self._event):
            heard = self._listener.GetNextEvent(self._event)
        return heard

    def all(self) -> list[Breakpoint]:
        """See `Host.breakpoints`."""
        target = self._target()
        if not target.IsValid():
            return []
        found = [self._read(b) for b in self._users(target)]
        return found + [_read_watchpoint(w) for w in _watchpoints(target)]

    def one(self, number: int) -> Breakpoint | None:
        """See `Host.breakpoint`."""
        found = self._target().FindBreakpointByID(number)
        return self._read(found) if found.IsValid() else None

    def _users(self, target: Any) -> list[Any]:
        count = target.GetNumBreakpoints()
        found = (target.GetBreakpointAtIndex(i) for i in range(count))
        return [b for b in found if b.GetID() not in self.own]

    def _read(self, breakpoint: Any) -> Breakpoint:
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

    def set(self, wanted: Breakpoint) -> Breakpoint:
        """See `Host.set_breakpoint`."""
        target = self._target()
        if not target.IsValid():
            raise HostError("there is no program; load one first")
        if wanted.kind == "watchpoint":
            return self._watch(wanted, target)
        made = self._break(wanted, target)
        if not made.IsValid():
            raise HostError("LLDB cannot set it")
        if wanted.condition:
            made.SetCondition(wanted.condition)
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

    def _break(self, wanted: Breakpoint, target: Any) -> Any:
        if wanted.hardware and wanted.form in {"line", "function"}:
            return self._hardware(wanted, target)
        spec = wanted.spec
        if wanted.kind == "catchpoint":
            return _exception(spec, target)
        if wanted.form == "line":
            return _at_line(target, spec)
        if wanted.form == "function":
            return target.BreakpointCreateByName(spec)
        if wanted.form == "regex":
            return target.BreakpointCreateByRegex(spec)
        if wanted.form == "text":
            files, modules = lldb.SBFileSpecList(), lldb.SBFileSpecList()
            if wanted.file:
                files.Append(lldb.SBFileSpec(wanted.file, False))
            return target.BreakpointCreateBySourceRegex(spec, modules, files)
        if wanted.form == "address":
            return target.BreakpointCreateByAddress(int(spec, 16))
        if wanted.file and wanted.line:
            # In words that LLDB does not know: where they led is known.
            return _at_line(target, f"{wanted.file}:{wanted.line}")
        raise HostError(f"LLDB does not understand `{spec}`")

    def _hardware(self, wanted: Breakpoint, target: Any) -> Any:
        before = {target.GetBreakpointAtIndex(i).GetID() for i in range(target.GetNumBreakpoints())}
        if wanted.form == "line":
            file, _, line = wanted.spec.rpartition(":")
            place = f'-f "{file}" -l {line}'
        else:
            place = f'-n "{wanted.spec}"'
        self._run(f"breakpoint set -H {place}", lldb.SBExecutionContext(target))
        for i in range(target.GetNumBreakpoints()):
            made = target.GetBreakpointAtIndex(i)
            if made.GetID() not in before:
                return made
        raise HostError("LLDB cannot set it in hardware")

    def _watch(self, wanted: Breakpoint, target: Any) -> Breakpoint:
        spec = wanted.spec.removeprefix("-location ")
        thread = target.GetProcess().GetSelectedThread()
        if not thread.IsValid():
            raise HostError(
                "a watchpoint of LLDB's needs a running program; stop where it is in scope and restore again"
            )
        before = {w.GetID() for w in _watchpoints(target)}
        context = lldb.SBExecutionContext(thread.GetSelectedFrame())
        kind = _TYPES.get(wanted.access or "", "")
        try:
            self._run(f"watchpoint set variable{kind} {spec}", context)
        except HostError as error:
            try:
                self._run(f"watchpoint set expression{kind} -- &({spec})", context)
            except HostError:
                raise error from None
        made = [w for w in _watchpoints(target) if w.GetID() not in before]
        if not made:
            raise HostError(f"`{spec}` cannot be watched here")
        if wanted.condition:
            made[0].SetCondition(wanted.condition)
        made[0].SetIgnoreCount(wanted.ignore_count)
        made[0].SetEnabled(wanted.enabled)
        return _read_watchpoint(made[0])

    def _run(self, command: str, context: Any) -> None:
        result = lldb.SBCommandReturnObject()
        self._debugger.GetCommandInterpreter().HandleCommand(command, context, result, False)
        if not result.Succeeded():
            lines = (result.GetError() or "").strip().splitlines()
            text = next((line for line in lines if "error:" in line), lines[0] if lines else "LLDB does not say why")
            raise HostError(text.rpartition("error: ")[2])


def _mark(breakpoint: Any) -> tuple[object, ...]:
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


def _mark_of_watchpoint(watchpoint: Any) -> tuple[object, ...]:
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


def _at_line(target: Any, spec: str) -> Any:
    file, _, line = spec.rpartition(":")
    if not line.isdigit():
        raise HostError(f"`{spec}` is no line of a file")
    return target.BreakpointCreateByLocation(file, int(line))


def _exception(spec: str, target: Any) -> Any:
    words = spec.split()
    if words[:1] not in (["throw"], ["catch"]) or len(words) > 1:
        raise HostError(f"LLDB cannot catch `{spec}`")
    throw = words[0] == "throw"
    return target.BreakpointCreateForException(lldb.eLanguageTypeC_plus_plus, not throw, throw)
