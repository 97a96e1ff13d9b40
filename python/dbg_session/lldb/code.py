"""Functions' machine code and lines in LLDB.  Part of the LLDB face."""

from __future__ import annotations

import re
from typing import Any

import lldb

from dbg_session.host.code import Code, Instruction, ambiguous, operands
from dbg_session.host.errors import HostError

_RELATIVE = re.compile(r"(-?0x[0-9a-f]+)\(%rip\)|\[rip ([+-] 0x[0-9a-f]+)\]")


def function(name: str | None, target: Any, languages: dict[int, str]) -> Code:
    """See `Host.function`."""
    if not target.IsValid():
        raise HostError("there is no program; load one first")
    holder = _current(target) if name is None else _named(name, target)
    start = holder.GetStartAddress()
    entry = start.GetLineEntry()
    file = entry.GetFileSpec().fullpath if entry.IsValid() else None
    found = holder.GetInstructions(target)
    base = _address(start, target)
    count = found.GetSize()
    if not count:
        raise HostError(f"LLDB shows no code of `{holder.GetName()}`")
    raw = holder.GetMangledName() or holder.GetName()
    instructions = [_instruction(found.GetInstructionAtIndex(i), base, file, target) for i in range(count)]
    own = [i.line for i in instructions if i.line and i.file is None and not i.inlined]
    # What was inlined without a trace has lines from above.
    own = [line for line in own if line >= entry.GetLine()]
    unit = start.GetCompileUnit()
    return Code(
        raw,
        languages.get(unit.GetLanguage(), "unknown") if unit.IsValid() else "unknown",
        file,
        min(own, default=0),
        max(own, default=0),
        start.GetModule().GetFileSpec().GetFilename(),
        base,
        _flavor(target),
        instructions,
    )


def _current(target: Any) -> Any:
    frame = target.GetProcess().GetSelectedThread().GetSelectedFrame()
    if not frame.IsValid():
        raise HostError("there is no current function before the program runs; name one")
    return frame.GetFunction() if frame.GetFunction().IsValid() else _symbol(frame.GetSymbol(), "this place")


def _named(name: str, target: Any) -> Any:
    """The one function that is meant."""
    place = re.fullmatch(r"(.+[^:]):(\d+)", name)
    if place:
        return _at_line(place.group(1), int(place.group(2)), target)
    found = target.FindFunctions(name, lldb.eFunctionNameTypeAuto)
    if not found.GetSize() and re.fullmatch(r"[\w:~]+", name):
        found = _found(abi_tagged(name), target)
    functions: list[Any] = []
    symbols: list[Any] = []
    inlined: set[str] = set()
    for i in range(found.GetSize()):
        context = found.GetContextAtIndex(i)
        if context.GetFunction().IsValid():
            if context.GetBlock().IsInlined():
                inlined.add(context.GetFunction().GetName())
            else:
                functions.append(context.GetFunction())
        elif context.GetSymbol().IsValid():
            symbols.append(context.GetSymbol())
    candidates = functions or symbols
    # The program's own functions before those of libraries, which often have the same names.
    program = target.GetExecutable()
    own = [c for c in candidates if c.GetStartAddress().GetModule().GetFileSpec() == program]
    by_name = {c.GetName(): c for c in own or candidates}
    if not by_name and inlined:
        outer = " and ".join(sorted(f"`{f}`" for f in inlined))
        raise HostError(f"`{name}` was inlined and has no code of its own; it is part of {outer}")
    if not by_name:
        raise HostError(f"no function `{name}` is known; the compiler may have left it out")
    if len(by_name) > 1:
        raise ambiguous(name, by_name)
    holder = next(iter(by_name.values()))
    return holder if functions else _symbol(holder, name)


def abi_tagged(name: str) -> str:
    """A regular expression for the functions of a name that have an ABI tag, as `f[abi:cxx11]()`."""
    return rf"^(.*[ :])?{name.removeprefix('::')}\[abi:"


def _found(regex: str, target: Any) -> Any:
    """The functions that match, with what is known of them."""
    native = target.BreakpointCreateByRegex(regex, lldb.SBFileSpecList(), lldb.SBFileSpecList())
    found, wanted = lldb.SBSymbolContextList(), lldb.eSymbolContextFunction | lldb.eSymbolContextSymbol
    for i in range(native.GetNumLocations()):
        address = native.GetLocationAtIndex(i).GetAddress()
        found.Append(address.GetSymbolContext(wanted))
    target.BreakpointDelete(native.GetID())
    return found


def _symbol(symbol: Any, name: str) -> Any:
    if not symbol.IsValid():
        raise HostError(f"`{name}` belongs to no function that LLDB knows")
    return symbol


def _at_line(file: str, line: int, target: Any) -> Any:
    units = target.FindCompileUnits(lldb.SBFileSpec(file, False))
    for i in range(units.GetSize()):
        unit = units.GetContextAtIndex(i).GetCompileUnit()
        index = unit.FindLineEntryIndex(0, line, None)
        if index != lldb.UINT32_MAX:
            holder = unit.GetLineEntryAtIndex(index).GetStartAddress().GetFunction()
            if holder.IsValid():
                return holder
    raise HostError(f"no code is known at `{file}:{line}`")


def _address(address: Any, target: Any) -> int:
    loaded = address.GetLoadAddress(target)
    return int(address.GetFileAddress() if loaded == lldb.LLDB_INVALID_ADDRESS else loaded)


def _instruction(native: Any, base: int, file: str | None, target: Any) -> Instruction:
    address = native.GetAddress()
    offset = _address(address, target) - base
    error = lldb.SBError()
    size = native.GetByteSize()
    data = native.GetData(target).ReadRawData(error, 0, size) if size else b""
    rest = native.GetOperands(target) or ""
    name, into, comment = None, 0, False
    jump = re.search(r"(?:^|, )(0x[0-9a-f]+)$", rest)
    if jump and (native.DoesBranch() or (native.GetMnemonic(target) or "").startswith("call")):
        name, into = _symbol_at(int(jump.group(1), 16), address, target)
        if name is not None:
            rest = rest[: jump.start(1)].rstrip()
    else:
        meant = _RELATIVE.search(rest)
        if meant:
            # LLDB itself names it only as long as the program does not run.
            distance = int((meant.group(1) or meant.group(2)).replace(" ", ""), 16)
            name, into = _symbol_at(_address(address, target) + size + distance, address, target)
            comment = name is not None
    entry = address.GetLineEntry()
    line = entry.GetLine() if entry.IsValid() else 0
    other = entry.GetFileSpec().fullpath if entry.IsValid() else None
    inlined = address.GetBlock().GetContainingInlinedBlock().IsValid()
    shown = f"{native.GetMnemonic(target)} {operands(rest)}".rstrip()
    return Instruction(
        offset,
        bytes(data or b"").hex(),
        shown,
        line,
        other if file is not None and other != file else None,
        name,
        into,
        comment,
        inlined,
    )


def _symbol_at(value: int, near: Any, target: Any) -> tuple[str | None, int]:
    """What lies at an address: (name, bytes into it)."""
    address = target.ResolveLoadAddress(value)
    if not address.GetSection().IsValid():
        address = near.GetModule().ResolveFileAddress(value)
    for holder in (address.GetFunction(), address.GetSymbol()):
        if holder.IsValid():
            name = holder.GetMangledName() or holder.GetName()
            return name, value - _start(holder, value, target)
    return None, 0


def _start(holder: Any, value: int, target: Any) -> int:
    start = holder.GetStartAddress()
    loaded = start.GetLoadAddress(target)
    if loaded == lldb.LLDB_INVALID_ADDRESS or loaded > value:
        return int(start.GetFileAddress())
    return int(loaded)


def _flavor(target: Any) -> str | None:
    if "86" not in (target.GetTriple() or ""):
        return None
    debugger = target.GetDebugger()
    told = debugger.GetInternalVariableValue("target.x86-disassembly-flavor", debugger.GetInstanceName())
    name = told.GetStringAtIndex(0) if told.IsValid() and told.GetSize() else "default"
    return "att" if name in {"default", None} else str(name)
