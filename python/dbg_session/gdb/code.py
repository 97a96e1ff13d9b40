"""Functions' machine code and lines in GDB.  Part of the GDB face."""

from __future__ import annotations

import os
import re
from typing import Any

import gdb

from dbg_session.host.code import Code, Instruction, ambiguous, operands
from dbg_session.host.errors import HostError

from .names import full_name, library, program

_LINE = re.compile(r"\s*(?:=>)?\s*0x([0-9a-f]+) <\+(\d+)>:\t((?:[0-9a-f]{2,8} ?)+)\s*\t(.*)")
_JUMP = re.compile(r"(?:0x)?[0-9a-f]+ <(.+?)(?:\+(\d+))?>$")
_DATA = re.compile(r"\s*(?:#|//|;)\s*(?:0x)?[0-9a-f]+(?: <(.+?)(?:\+(\d+))?>)?$")


def function(name: str | None) -> Code:
    """See `Host.function`."""
    try:
        pc = _current() if name is None else _named(name)
        text = gdb.execute(f"disassemble /r {pc:#x}", False, True)
    except (gdb.error, RuntimeError, ValueError, OverflowError) as error:
        raise HostError(_sentence(str(error), name)) from None
    found = [match for match in map(_LINE.match, text.splitlines()) if match]
    # Parts that the compiler put elsewhere come behind, with names of their own.
    if not found:
        raise HostError(f"GDB shows no code at {pc:#x}")
    start = int(found[0].group(1), 16) - int(found[0].group(2))
    symbol, block = function_at(start)
    file = full_name(symbol.symtab) if symbol is not None and symbol.symtab is not None else None
    instructions = [_instruction(match, file, block) for match in found]
    own = [i.line for i in instructions if i.line and i.file is None and not i.inlined]
    if symbol is not None and symbol.line:
        # What was inlined without a trace has lines from above.
        own = [symbol.line, *(line for line in own if line >= symbol.line)]
    raw = (symbol.linkage_name or symbol.name) if symbol is not None else _symbol_at(start) or name or "?"
    module = library(start) or program(gdb.current_progspace())
    return Code(
        raw,
        _language(file),
        file,
        min(own, default=0),
        max(own, default=0),
        os.path.basename(module) if module else None,
        start,
        _flavor(),
        instructions,
    )


def _current() -> int:
    try:
        return int(gdb.selected_frame().pc())
    except gdb.error:
        raise HostError("there is no current function before the program runs; name one") from None


def _named(name: str) -> int:
    """An address in the one function that is meant."""
    # Tried as a name first, then as whatever `break` takes.
    places = gdb.decode_line(name)[1] or ()
    addresses = [place.pc for place in places if place.pc]
    if not addresses:
        raise HostError(f"`{name}` has no code: the compiler left it out, or it was inlined everywhere")
    inlined = {p: _inlined_as(p, name) for p in addresses}
    real = [p for p in addresses if not inlined[p]]
    if not real:
        outer = " and ".join(sorted({f"`{f}`" for f in inlined.values() if f}))
        raise HostError(f"`{name}` was inlined and has no code of its own; it is part of {outer}")
    # The program's own functions before those of libraries, which often have the same names.
    own = [p for p in real if not gdb.solib_name(p)]
    functions: dict[str, int] = {}
    for pc in own or real:
        functions.setdefault(_print_name(pc), pc)
    if len(functions) > 1 and ":" in name and name.rpartition(":")[2].isdigit():
        # A line may have several pieces of code.
        return min(functions.values())
    if len(functions) > 1:
        raise ambiguous(name, functions)
    return next(iter(functions.values()))


def _print_name(pc: int) -> str:
    symbol, _ = function_at(pc)
    return str(symbol.print_name) if symbol is not None else _symbol_at(pc) or hex(pc)


def function_at(pc: int) -> tuple[Any, Any]:
    """The function (its symbol and block) that `pc` lies in, inlined ones not counted."""
    found, where = None, None
    block = _block(pc)
    while block is not None and not block.is_global and not block.is_static:
        if block.function is not None:
            found, where = block.function, block
        block = block.superblock
    return found, where


def _block(pc: int) -> Any:
    try:
        return gdb.block_for_pc(pc)
    except (gdb.error, RuntimeError):
        return None


def _same(one: Any, other: Any) -> bool:
    """Whether two blocks are the same; not every GDB can compare them."""
    return bool((one.start, one.end, one.function.name) == (other.start, other.end, other.function.name))


def _inlined_as(pc: int, name: str) -> str | None:
    """The function around, if what is called `name` at `pc` is inlined there."""
    outer, around = function_at(pc)
    block = _block(pc)
    bare = re.split(r"[(<]", name)[0].rpartition("::")[2]
    while block is not None and block.function is None:
        block = block.superblock
    if outer is None or block is None or _same(block, around) or ":" in name.replace("::", ""):
        return None
    inner = re.split(r"[(<]", str(block.function.print_name))[0].rpartition("::")[2]
    return str(outer.print_name) if inner == bare else None


def _instruction(found: Any, file: str | None, block: Any) -> Instruction:
    address, offset, data, text = found.groups()
    pc = int(address, 16)
    mnemonic, _, rest = text.strip().partition(" ")
    rest = rest.strip()
    target, into, comment = None, 0, False
    jump, data_at = _JUMP.search(rest), None
    if jump and (jump.start() == 0 or rest[jump.start() - 1] in " ,*"):
        at = _DATA.search(rest)
        if at:
            jump, data_at = None, at
    elif not jump:
        data_at = _DATA.search(rest)
    if data_at:
        rest, comment = rest[: data_at.start()].rstrip(), data_at.group(1) is not None
        target, into = data_at.group(1), int(data_at.group(2) or 0)
    elif jump:
        rest, target, into = rest[: jump.start()].rstrip(), jump.group(1), int(jump.group(2) or 0)
    place = gdb.find_pc_line(pc)
    other = None
    if place.symtab is not None and file is not None:
        full = full_name(place.symtab)
        other = full if full != file else None
    inner = _block(pc)
    while inner is not None and inner.function is None:
        inner = inner.superblock
    inlined = inner is not None and block is not None and not _same(inner, block)
    shown = f"{mnemonic} {operands(rest)}".rstrip()
    line = place.line if place.symtab is not None else 0
    return Instruction(int(offset), data.replace(" ", ""), shown, line, other, target, into, comment, inlined)


def _symbol_at(pc: int) -> str | None:
    """The linker's name at `pc`."""
    text = gdb.execute(f"info symbol {pc:#x}", False, True)
    found = re.match(r"(.+?)(?: \+ \d+)? in section ", text)
    return found.group(1) if found else None


def _language(file: str | None) -> str:
    suffixes = {"c": "c", "rs": "rust", "cc": "cpp", "cpp": "cpp", "cxx": "cpp", "C": "cpp", "h": "unknown"}
    return suffixes.get((file or "").rpartition(".")[2], "unknown")


def _flavor() -> str | None:
    try:
        name = gdb.selected_inferior().architecture().name()
    except (gdb.error, RuntimeError, AttributeError):
        name = "i386"
    return str(gdb.parameter("disassembly-flavor")) if "86" in name else None


def _sentence(text: str, name: str | None) -> str:
    if re.match(r'(Function|No function|No symbol) ".*" (not defined|in)', text):
        return f"no function `{name}` is known; the compiler may have left it out, or its name wants more before it"
    return text.rstrip(".").replace('"', "`")
