"""Tracepoints of LLDB: breakpoints with a callback that says no.  Part of the LLDB face."""

from __future__ import annotations

import itertools
import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import lldb

from dbg_session.host.breakpoints import Place
from dbg_session.host.data import Thread
from dbg_session.host.errors import HostError
from dbg_session.host.types import ARRAY
from dbg_session.values.returned import is_return

from .breakpoints import at
from .code import abi_tagged
from .stops import TRACEPOINT
from .types import make_type

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from dbg_session.host.code import Code
    from dbg_session.host.data import Whose
    from dbg_session.host.frames import Frame
    from dbg_session.host.protocol import Passing
    from dbg_session.host.types import Type

    from .frames import LldbFrame

# In DWARF's order.
_REGISTERS = (
    "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp",
    "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
)  # fmt: skip
_CALLBACKS = sys.modules[__name__].__dict__
_COUNT = itertools.count(1)  # one process may hold many debuggers, and they share functions


class Around(NamedTuple):
    """What a tracer needs to know of one debugger."""

    debugger: Any
    frame: Callable[[Any], LldbFrame | None]  # the innermost of a thread
    whose: Callable[[Any], Whose]  # what there is to know of a process
    function: Callable[[str], Code]
    own: set[int]  # the numbers of breakpoints that are ours


class LldbTracer:
    """`Tracer` over `SBBreakpoint`."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self._later: list[LldbTraceBreakpoint] = []  # to be deleted when that may be done
        _run(around.debugger, f"script import {__name__}")

    def _target(self) -> Any:
        target = self._around.debugger.GetSelectedTarget()
        if not target.IsValid():
            raise HostError("there is no program yet; load one with `file PROGRAM` first")
        return target

    def clean_up(self) -> None:
        """Delete what could not be deleted where it was passed."""
        while self._later:
            breakpoint = self._later.pop()
            if breakpoint.valid():
                breakpoint.delete()

    def set(self, spec: object, passed: Callable[[Passing], bool]) -> LldbTraceBreakpoint:
        target = self._target()
        if isinstance(spec, str):
            before = {target.GetBreakpointAtIndex(i).GetID() for i in range(target.GetNumBreakpoints())}
            # What `b` is short for; GDB's `*` before an address is no more than a habit.
            said = _run(self._around.debugger, f"_regexp-break {re.sub(r'^[*](?=0x)', '', spec)}")
            every = [target.GetBreakpointAtIndex(i) for i in range(target.GetNumBreakpoints())]
            new = [one for one in every if one.GetID() not in before]
            if not new:
                raise HostError(said)
            native = self._tagged(target, spec, new[-1])
        elif isinstance(spec, Place):
            native = at(spec, target)
            if not native.IsValid():
                raise HostError("LLDB cannot set it")
            if spec.function and not spec.file:
                native = self._tagged(target, spec.function, native)
        else:
            native = spec
        return self._watched(target, native, passed)

    def _tagged(self, target: Any, spec: str, native: Any) -> Any:
        """The functions of a name with an ABI tag, which is part of their name for LLDB alone."""
        if native.GetNumLocations() or not re.fullmatch(r"[\w:~]+", spec):
            return native
        modules, files = lldb.SBFileSpecList(), lldb.SBFileSpecList()
        tagged = target.BreakpointCreateByRegex(abi_tagged(spec), modules, files)
        kept, other = (tagged, native) if tagged.GetNumLocations() else (native, tagged)
        target.BreakpointDelete(other.GetID())
        return kept

    def _watched(self, target: Any, native: Any, passed: Callable[[Passing], bool]) -> LldbTraceBreakpoint:
        """Have `passed` called at a breakpoint."""
        breakpoint = LldbTraceBreakpoint(target, native, self._later)
        native.AddName(TRACEPOINT)
        name = f"passed_{next(_COUNT)}"
        _CALLBACKS[name] = _callback(self._around, breakpoint, passed)
        native.SetScriptCallbackFunction(f"{__name__}.{name}")
        return breakpoint

    def entry(self, function: str, spec: object, passed: Callable[[Passing], bool]) -> LldbTraceBreakpoint:
        breakpoint = self.set(spec, passed)
        target = self._target()
        code = self._around.function(function)
        # Of a function in one line LLDB takes the very first instruction, where the arguments are
        # not in memory yet.  With a frame pointer, they are where the second line entry begins.
        start = [one.text for one in code.instructions[:3] if not one.text.startswith("endbr")]
        if not start or not start[0].startswith("push") or "rbp" not in start[0] + " ".join(start[1:2]):
            return breakpoint
        first = _resolved(target, code.start).GetLineEntry().GetStartAddress()
        for one in code.instructions:
            address = _resolved(target, code.start + one.offset)
            if address.GetLineEntry().GetStartAddress() != first:
                native = target.BreakpointCreateBySBAddress(address)
                made = self._watched(target, native, passed)
                breakpoint.delete()
                return made
        return breakpoint

    def exits(self, function: str, passed: Callable[[Passing], bool]) -> LldbExits:
        target = self._target()
        code = self._around.function(function)
        made = []
        for one in code.instructions:
            if is_return(one.text):
                native = target.BreakpointCreateBySBAddress(_resolved(target, code.start + one.offset))
                self._around.own.add(int(native.GetID()))
                made.append(self._watched(target, native, passed))
        return LldbExits(made)

    def return_type(self, frame: Frame) -> Type | None:
        native = frame.frame.GetFunction().GetType().GetFunctionReturnType()  # type: ignore[attr-defined]
        return make_type(native, frame.info().lang == "rust") if native.IsValid() else None

    def copied_by_hand(self, kind: Type) -> bool | None:
        native: Any = kind.handle
        if native.IsPolymorphicClass():
            return True
        for i in range(native.GetNumberOfMemberFunctions()):
            method = native.GetMemberFunctionAtIndex(i)
            if method.GetKind() == lldb.eMemberFunctionKindDestructor:
                return None
            if method.GetKind() == lldb.eMemberFunctionKindConstructor and method.GetNumberOfArguments() == 1:
                of = method.GetArgumentTypeAtIndex(0)
                if of.IsReferenceType() and of.GetDereferencedType().GetUnqualifiedType() == native:
                    return None
        return False

    def functions(self, regex: str) -> tuple[int, list[object]]:
        target = self._target()
        try:
            re.compile(regex)
        except re.error as error:
            raise HostError(f"{regex} is no regular expression: {error}") from None
        # Nothing is to be set in what only has symbols, nor in what is loaded later.
        modules = lldb.SBFileSpecList()
        for i in range(target.GetNumModules()):
            module = target.GetModuleAtIndex(i)
            if module.GetNumCompileUnits():
                modules.Append(module.GetFileSpec())
        if not modules.GetSize():
            return 0, []
        # LLDB looks for functions otherwise than it looks for places: only these tell how many there are.
        native = target.BreakpointCreateByRegex(regex, modules, lldb.SBFileSpecList())
        locations = [native.GetLocationAtIndex(i) for i in range(native.GetNumLocations())]
        count = 0
        for location in locations:
            known = location.GetAddress().GetFunction().IsValid()
            count += known
            if not known:
                location.SetEnabled(False)
        if not count:
            target.BreakpointDelete(native.GetID())
        return count, [native] if count else []

    def refuse(self, found: list[object]) -> None:
        for native in found:
            self._target().BreakpointDelete(native.GetID())  # type: ignore[attr-defined]

    def is_vector(self, kind: Type) -> bool:
        native: Any = kind.handle
        return kind.kind == ARRAY and bool(native.GetTypeClass() == lldb.eTypeClassVector)


class LldbExits:
    """`Exits`: ordinary breakpoints, which LLDB moves along with the program."""

    def __init__(self, made: list[LldbTraceBreakpoint]) -> None:
        self._made = made

    def enable(self, on: bool) -> None:
        for breakpoint in self._made:
            if breakpoint.valid():
                breakpoint.enable(on)

    def delete(self) -> None:
        for breakpoint in self._made:
            if breakpoint.valid():
                breakpoint.delete()

    def delete_soon(self) -> None:
        for breakpoint in self._made:
            if breakpoint.valid():
                breakpoint.delete_soon()


class LldbPassing:
    """`Passing`, from the frame that LLDB hands to a callback."""

    def __init__(self, around: Around, frame: Any) -> None:
        self._around = around
        self._frame = frame
        self._native = frame.GetThread()

    def frame(self) -> LldbFrame | None:
        return self._around.frame(self._native)

    def thread(self) -> Thread:
        thread = self._native
        return Thread(thread.GetIndexID(), thread.GetThreadID(), thread.GetName())

    def pid(self) -> int:
        return int(self._native.GetProcess().GetProcessID())

    def whose(self) -> Whose:
        return self._around.whose(self._native.GetProcess())

    def register(self, name: str) -> bytes:
        found = self._frame.FindRegister(name)
        data = found.GetData()
        error = lldb.SBError()
        got = data.ReadRawData(error, 0, data.GetByteSize()) if found.IsValid() else None
        if not got:
            raise HostError(f"{name} cannot be read")
        return bytes(got)

    def cfa(self) -> int:
        return int(self._frame.GetCFA())

    def ids(self) -> tuple[int, int, int]:
        thread = self._native
        return thread.GetIndexID(), thread.GetThreadID(), thread.GetProcess().GetProcessID()

    def registers(self, wanted: Container[int] | None) -> list[int] | None:
        frame = self._frame
        # To find a register costs LLDB more than all the rest of a hit; these it has at hand.
        numbers = [frame.GetPC(), 0, 0, 0, 0, 0, 0, frame.GetFP(), frame.GetSP()]
        if wanted is not None and not wanted:
            return numbers
        for number, name in enumerate(_REGISTERS):
            if wanted is None or number in wanted:
                found = frame.FindRegister(name)
                if not found.IsValid():
                    return None
                numbers += [0] * (number + 2 - len(numbers))
                numbers[number + 1] = found.GetValueAsUnsigned()
        return numbers


class LldbTraceBreakpoint:
    """`TraceBreakpoint` over an `SBBreakpoint`."""

    def __init__(self, target: Any, native: Any, later: list[LldbTraceBreakpoint]) -> None:
        self._target = target
        self._native = native
        self._later = later
        self.leaving = False
        self.number = int(native.GetID())

    def valid(self) -> bool:
        return bool(self._target.IsValid() and self._target.FindBreakpointByID(self.number).IsValid())

    def places(self) -> list[str]:
        native = self._native
        locations = [native.GetLocationAtIndex(i) for i in range(native.GetNumLocations())]
        # Each counts as disabled when the whole breakpoint is.
        alone = not native.IsEnabled()
        return [_place(one.GetAddress()) for one in locations if alone or one.IsEnabled()]

    def enabled(self) -> bool:
        return bool(self._native.IsEnabled())

    def enable(self, on: bool) -> None:
        self._native.SetEnabled(on)

    def delete(self) -> None:
        self._target.BreakpointDelete(self.number)

    enable_soon = enable

    def delete_soon(self) -> None:
        if not self.leaving:
            self.leaving = True
            self._later.append(self)
        # Threads that stand at it as well would stop visibly if it were gone.
        process = self._target.GetProcess()
        threads = (process.GetThreadAtIndex(i) for i in range(process.GetNumThreads()))
        if sum(self._holds(thread) for thread in threads) <= 1:
            self.delete()

    def _holds(self, thread: Any) -> bool:
        if thread.GetStopReason() != lldb.eStopReasonBreakpoint:
            return False
        numbers = range(0, thread.GetStopReasonDataCount(), 2)
        return any(thread.GetStopReasonDataAtIndex(i) == self.number for i in numbers)


def _callback(
    around: Around, breakpoint: LldbTraceBreakpoint, passed: Callable[[Passing], bool]
) -> Callable[..., bool]:
    """The function that LLDB calls; anything but False, an exception included, stops the program."""

    def run(frame: Any, _location: Any, _session: Any) -> bool:
        try:
            if breakpoint.leaving:
                breakpoint.delete_soon()
                return False
            return passed(LldbPassing(around, frame))
        except KeyboardInterrupt:
            return True
        except BaseException:
            return False

    return run


def _resolved(target: Any, place: int) -> Any:
    address = target.ResolveLoadAddress(place)
    # Before it runs, a program has its addresses in the file only.
    return address if address.GetSection().IsValid() else target.GetModuleAtIndex(0).ResolveFileAddress(place)


def _place(address: Any) -> str:
    entry = address.GetLineEntry()
    if entry.IsValid() and entry.GetLine():
        return f"{entry.GetFileSpec().GetFilename()}:{entry.GetLine()}"
    symbol = address.GetSymbol()
    name = symbol.GetName() if symbol.IsValid() else None
    number = address.GetFileAddress()
    return f"{name} at {number:#x}" if name else f"{number:#x}"


def _run(debugger: Any, command: str) -> str:
    """Carry out a command unseen; what it says against it."""
    result = lldb.SBCommandReturnObject()
    debugger.GetCommandInterpreter().HandleCommand(command, result, False)
    text = (result.GetError() or result.GetOutput() or "").strip()
    return text.partition("error: ")[2].split("\n", 1)[0] or text
