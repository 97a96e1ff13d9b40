"""The hook through which LLDB tells of stops: set, seen to stand, and without a say.  Part of the LLDB face.

A stop hook is the one thing that LLDB runs at every public stop before it shows it.  It must say
"stop" or "go on", and LLDB goes on only when all say so.  Ours must not count: it says "go on"
where another hook that may say so runs at the same stop, which leaves the decision to the others,
and "stop" where none does, as if there were no hook.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import lldb

if TYPE_CHECKING:
    from collections.abc import Callable

# Before LLDB 21 a target numbers its hooks from 1 although it has inherited ours, so that
# the user's first hook would take the place of ours.  Ours gets a number out of the way.
_OUT_OF_THE_WAY = 16
_CLASS = f"{__name__}.Hook"

# By the id of a debugger: one process may hold many.
_hooks: dict[int, Hooks] = {}


def major(debugger: Any) -> int:
    """The first number of a debugger's version; 0 where it has none."""
    found = re.search(r"version (\d+)", str(debugger.GetVersionString()))
    return int(found.group(1)) if found else 0


class Hook:
    """What LLDB makes for `target stop-hook add -P`; one is shared by all targets."""

    def __init__(self, _target: Any, _extra: Any, _session: Any) -> None:
        pass

    def handle_stop(self, exe_ctx: Any, stream: Any) -> bool:
        """Raises nothing; False where that leaves the decision to others."""
        hooks = _hooks.get(exe_ctx.GetTarget().GetDebugger().GetID())
        return hooks is None or hooks.stopped(exe_ctx, stream)


class Hooks:
    """The hooks of one debugger: one for each target."""

    def __init__(self, debugger: Any, stopped: Callable[[Any, Any], None]) -> None:
        self._debugger = debugger
        self._stopped = stopped
        self._major = major(debugger)
        self._numbers: list[tuple[Any, int]] = []  # each target with the number of its hook
        self._inherited = 0  # the number that targets get from the dummy one
        self._parsed: dict[str, tuple[str, list[Listed]]] = {}  # each list as it was last seen
        _hooks[debugger.GetID()] = self
        # LLDB 23 has hooks of another kind, with numbers of their own.
        self._noun = "target hook" if self._major >= 23 else "target stop-hook"
        self._run(f"script import {__name__}", None)
        self.put_on_new()

    def close(self) -> None:
        """The debugger is about to go."""
        _hooks.pop(self._debugger.GetID(), None)

    # ------------------------------------------------------------ set, and seen to stand

    def put_on_new(self) -> None:
        """Give the hook to targets that were never met, and to the dummy that new ones inherit from.

        Before LLDB 20 the dummy can only be reached while there is no other target; what is
        created after that is found here, which is called at every stop and command.
        """
        targets = self._targets()
        if self._inherited == 0 and (not targets or self._major >= 20):
            first = 0 if self._major >= 21 else _OUT_OF_THE_WAY
            self._inherited = self._add(None, first)
        self._numbers = [known for known in self._numbers if known[0] in targets]
        for target in targets:
            if not any(known[0] == target for known in self._numbers):
                inherits = self._standing(target, self._inherited) is not None
                self._numbers.append((target, self._inherited if inherits else self._add(target, 0)))

    def put_back(self) -> bool:
        """See that the hook stands everywhere; whether it had been deleted or disabled somewhere."""
        self.put_on_new()
        lost = False
        if not self._numbers or self._major >= 20:
            self._inherited, lost = self._stand(None, self._inherited)
        for place, (target, number) in enumerate(self._numbers):
            number, was_lost = self._stand(target, number)  # noqa: PLW2901 - the one that stands now
            self._numbers[place] = target, number
            lost |= was_lost
        return lost

    def _stand(self, target: Any, number: int) -> tuple[int, bool]:
        """The number of the hook that stands now, and whether it had not."""
        found = self._standing(target, number)
        if found is None:
            return self._add(target, 0), True
        if not found.enabled:
            self._run(f"{self._noun} enable {number}", target)
        return number, not found.enabled

    def _standing(self, target: Any, number: int) -> Listed | None:
        ours = (hook for hook in self._list(self._noun, target) if hook.number == number)
        return next((hook for hook in ours if hook.python in ("<unknown>", _CLASS)), None)

    def _targets(self) -> list[Any]:
        debugger = self._debugger
        return [debugger.GetTargetAtIndex(i) for i in range(debugger.GetNumTargets())]

    def _add(self, target: Any, first: int) -> int:
        """Its number, which is beyond `first`."""
        number = 0
        while number < first:
            found = re.search(r"#(\d+)", self._run('target stop-hook add -o ""', target))
            if not found:
                break
            number = int(found.group(1))
            self._run(f"target stop-hook delete {number}", target)
        hook = f"{self._noun} add -P {_CLASS}"
        # Where there is a choice, not at the very first instruction of a process.
        said = self._run(hook + " -I false", target) or self._run(hook, target)
        made = re.search(r"#(\d+)", said)
        return int(made.group(1)) if made else -1

    def _run(self, command: str, target: Any) -> str:
        """What a command says; `None` is the dummy target."""
        debugger = self._debugger
        result = lldb.SBCommandReturnObject()
        where = lldb.SBExecutionContext(debugger.GetDummyTarget() if target is None else target)
        # Older LLDBs look at nothing but the selected target.
        selected = debugger.GetSelectedTarget()
        elsewhere = target is not None and selected != target
        if elsewhere:
            debugger.SetSelectedTarget(target)
        debugger.GetCommandInterpreter().HandleCommand(command, where, result, False)
        if elsewhere:
            debugger.SetSelectedTarget(selected)
        return (result.GetOutput() or "ok") if result.Succeeded() else ""

    # ------------------------------------------------------------ without a say

    def stopped(self, exe_ctx: Any, stream: Any) -> bool:
        """LLDB calls this for each thread that stopped; what is left to be said of going on."""
        process = exe_ctx.GetProcess()
        self._stopped(process, stream)
        try:
            return not self._others_decide(process)
        except Exception:
            return True

    def _others_decide(self, process: Any) -> bool:
        """Whether a hook that may say "go on" runs at this stop."""
        target = process.GetTarget()
        nouns = {"target stop-hook", self._noun}
        others = [
            hook
            for noun in nouns
            for hook in self._list(noun, target)
            if hook.enabled and hook.may_go_on and not (noun == self._noun and self._is_ours(hook, target))
        ]
        if not others:
            return False
        threads = (process.GetThreadAtIndex(i) for i in range(process.GetNumThreads()))
        stopped = [thread for thread in threads if thread.GetStopReason() != lldb.eStopReasonNone]
        return any(hook.runs_for(thread) for hook in others for thread in stopped)

    def _is_ours(self, hook: Listed, target: Any) -> bool:
        return any(known == target and number == hook.number for known, number in self._numbers)

    def _list(self, noun: str, target: Any) -> list[Listed]:
        text = self._run(f"{noun} list", target)
        if self._parsed.get(noun, ("", []))[0] != text:
            self._parsed[noun] = text, _parse(text)
        return self._parsed[noun][1]


class Listed(NamedTuple):
    """A hook as LLDB lists it."""

    number: int
    enabled: bool
    goes_on: bool  # `--auto-continue true`
    python: str  # the name of its class, if LLDB tells it
    where: dict[str, str] | None  # what the place must be, where that is asked for
    thread: str  # what the thread must be

    @property
    def may_go_on(self) -> bool:
        """Whether it may have the program go on; hooks of commands alone never do."""
        return self.goes_on or bool(self.python)

    def runs_for(self, thread: Any) -> bool:
        """Whether LLDB runs it for a thread that stopped.

        Like LLDB, this looks at the thread only where there is a condition on the place as well.
        Of conditions on the place LLDB lists a single one and hides several.  Those may not hold:
        better a stop too many than a program that runs away.
        """
        if self.where is None:
            return True
        frame = thread.GetFrameAtIndex(0)
        if len(self.where) != 1 or not frame.IsValid():
            return False
        ((what, text),) = self.where.items()
        return _PLACES[what](frame, text) and _is_thread(thread, self.thread)


def _parse(text: str) -> list[Listed]:
    """The hooks of a list; where it is indented differs, and so do its ends of lines."""
    return [_hook(block.splitlines()) for block in re.split(r"^\s*Hook: (?=\d+$)", text, flags=re.MULTILINE)[1:]]


def _hook(lines: list[str]) -> Listed:
    number, told, section = int(lines[0]), dict[str, str](), ""
    where: dict[str, str] | None = None
    base = _indent(lines[1])
    for line in lines[1:]:
        text = line.strip()
        if _indent(line) == base:
            section, _, told[section] = (part.strip() for part in text.partition(":"))
            where = {} if section == "Specifier" else where
        elif section == "Specifier" and where is not None and text:
            found = next((what for what in _PLACES if text.startswith(what)), None)
            where[found or text] = text[len(found or "") :].removesuffix(".")
        elif section == "Thread":
            told[section] = text
    if where and not _PLACES.keys() >= where.keys():
        where = {}
    enabled = told.get("State") == "enabled" and "stop" in told.get("Triggers", "stop")
    return Listed(number, enabled, "AutoContinue on" in told, told.get("Class", ""), where, told.get("Thread", ""))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _in_file(frame: Any, path: str) -> bool:
    inlined = frame.GetBlock().IsInlined()
    unit = frame.GetLineEntry() if inlined else frame.GetCompileUnit()
    if not unit.IsValid():
        return False
    return _same_file(path, unit.GetFileSpec())


def _in_module(frame: Any, path: str) -> bool:
    module = frame.GetModule()
    return not bool(module.IsValid()) or _same_file(path, module.GetFileSpec())


def _same_file(path: str, spec: Any) -> bool:
    return bool(path in (spec.GetFilename(), spec.fullpath))


def _in_function(frame: Any, name: str) -> bool:
    block, function, symbol = frame.GetBlock(), frame.GetFunction(), frame.GetSymbol()
    if block.IsValid() and block.IsInlined():
        return bool(name == block.GetInlinedName())
    holder = function if function.IsValid() else symbol
    return not holder.IsValid() or bool(name in (holder.GetName(), holder.GetMangledName()))


def _never(_frame: Any, _text: str) -> bool:
    """A first line without a last one, and the reverse, are no range for LLDB."""
    return False


def _up_to(frame: Any, text: str) -> bool:
    return bool(frame.GetLineEntry().GetLine() <= int(text))


def _always(_frame: Any, _text: str) -> bool:
    """LLDB takes the name of a class, and does not look at it."""
    return True


_PLACES: dict[str, Callable[[Any, str], bool]] = {
    "File: ": _in_file,
    "Module: ": _in_module,
    "Function: ": _in_function,
    "From line ": _never,
    "From start to line ": _up_to,
    "Class name: ": _always,
}


def _is_thread(thread: Any, text: str) -> bool:
    known = {
        "tid": lambda value: int(value, 16) == thread.GetThreadID(),
        "index": lambda value: int(value) == thread.GetIndexID(),
        "thread name": lambda value: value.strip('"') == (thread.GetName() or ""),
        "queue name": lambda value: value.strip('"') == (thread.GetQueueName() or ""),
    }
    asked = re.findall(r'(tid|index|thread name|queue name): (".*?"|\S+)', text)
    return all(known[what](value) for what, value in asked)
