"""Types learnt from copies of a module, so that LLDB's own view stays as it was.  Part of the LLDB face.

LLDB 23 cannot hold two types in one module that differ only in what is alike to it, as
`UnsafeCell<u64>` and `UnsafeCell<usize>`: of these the second that is looked at stays empty
until LLDB ends, for the user as well.  So we never look at the user's: the same file is opened
once more under another name, which no target has, and its types are ours to spoil.  A type that
came too late in one copy is looked at in another.

That is done where it is needed and cheap: in C++ and Rust, in files up to `_MOST_BYTES`.  LLDB before 21
tells such types apart, but says what it thinks of debug information once only, at the first look.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

import lldb

from dbg_session._native import places
from dbg_session.host import types as h
from dbg_session.host.data import MOST_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dbg_session.host.types import Type

# The same file under as many names as needed: LLDB follows no links in them.
_OTHER_NAME = "/proc/self/root"
_MOST_COPIES = 9
# LLDB reads a copy's debug information again: of a bigger file that takes seconds, and as much memory.
_MOST_BYTES = 32 << 20
_ALIKE_IN = {"cpp", "rust"}
# Types and levels that are looked at to see whether a type is whole.
_MOST_TYPES = 400
_MOST_LEVELS = 12
# Bytes in a row that no member has, and that no alignment explains.
_WORD = 8

_BITS = lldb.SBDebugger.eBroadcastBitWarning | lldb.SBDebugger.eBroadcastBitError
# By the number of a debugger; a complaint about debug information is said in all of them.
_heard: dict[int, Any] = {}
_depth = 0


def watch_over(debugger: Any) -> None:
    """From now on nothing of what we cause is said in this debugger."""
    _heard[debugger.GetID()] = debugger


def leave(debugger: Any) -> None:
    """This debugger is at its end."""
    _heard.pop(debugger.GetID(), None)


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """What LLDB says of broken debug information goes nowhere: it was not the user who looked."""
    global _depth  # noqa: PLW0603 - one process, one LLDB
    _depth += 1
    changed: list[tuple[Any, Any, int]] = []
    nobody = lldb.SBListener("dbg-session") if _depth == 1 else None
    try:
        if nobody is not None:
            for debugger in _heard.values():
                source, ears = debugger.GetBroadcaster(), debugger.GetListener()
                # Without any listener LLDB would print it at once.
                source.AddListener(nobody, _BITS)
                changed.extend((source, ears, bit) for bit in _each_bit() if source.RemoveListener(ears, bit))
        yield
    finally:
        _depth -= 1
        if nobody is not None:
            for source, ears, bit in changed:
                source.AddListener(ears, bit)
            for debugger in _heard.values():
                debugger.GetBroadcaster().RemoveListener(nobody, _BITS)


def _each_bit() -> tuple[int, int]:
    return lldb.SBDebugger.eBroadcastBitWarning, lldb.SBDebugger.eBroadcastBitError


class Scope:
    """The variables of a frame's blocks as the copies have them; made once for each address."""

    def __init__(self, frame: Any, pc: int, language: str) -> None:
        self._module = frame.GetModule()
        self._target = frame.GetThread().GetProcess().GetTarget()
        self._known: dict[int, list[list[Any]]] = {}
        self._late = 0  # how often a type came too late in the first copy
        self._start: int | None = None
        self._places: dict[str, tuple[str, int]] = {}
        if language not in _ALIKE_IN or _big(self._module):
            return
        here = frame.GetPCAddress()
        self._slide: int = here.GetLoadAddress(self._target) - here.GetFileAddress()
        self._places = _placed(self._module, self._target, pc - self._slide)
        block = frame.GetBlock()
        start = block.GetRangeStartAddress(0) if block.IsValid() else None
        self._start = start.GetFileAddress() if start is not None and start.IsValid() else None
        self._level = _level(block)

    def compare(self, blocks: list[int]) -> None:
        """Copies that have not as many variables in each block as the frame has are not used."""
        counts = [blocks.count(number) for number in range(max(blocks, default=-1) + 1)]
        if [len(block) for block in self._blocks(1)[: len(counts)]] != counts:
            self._start, self._places = None, {}
            self._known.clear()

    def copied(self, block: int, index: int) -> Any:
        """A variable as the first copy has it, without a value; None where there is none."""
        return self._blocks(1)[block][index] if self._start is not None else None

    def address(self, name: str, frame: Any) -> int | None:
        """Where a variable lies, without asking LLDB, which would look at its type; None for elsewhere."""
        place = self._places.get(name)
        if place is None:
            return None
        start, distance = place
        if start == "static":
            return self._slide + distance
        known: int = {"cfa": frame.GetCFA, "rsp": frame.GetSP, "rbp": frame.GetFP}[start]()
        return None if known == lldb.LLDB_INVALID_ADDRESS else (known + distance) % (1 << 64)

    def types(self, block: int, index: int, name: str) -> Iterator[Any]:
        """The type of a variable: from the first copy, and from one that few have looked at."""
        for number in (1, 2 + self._late % (_MOST_COPIES - 1)):
            self._late += number > 1
            blocks = self._blocks(number)
            if block >= len(blocks) or index >= len(blocks[block]):
                return
            native = blocks[block][index]
            if native.GetName() != name:
                return
            kind = native.GetType()
            if kind.IsValid() and kind.GetName():
                yield kind

    def _blocks(self, number: int) -> list[list[Any]]:
        """The variables of each block, innermost first."""
        known = self._known.get(number)
        if known is None:
            known = self._known[number] = list(self._listed(number))
        return known

    def _listed(self, number: int) -> Iterator[list[Any]]:
        copy = _copy(self._module, number) if self._start is not None else None
        if copy is None:
            return
        block = copy.ResolveFileAddress(self._start).GetBlock()
        # The address may belong to a block further inside as well.
        for _ in range(_level(block) - self._level):
            block = block.GetParent()
        while block.IsValid():
            found = block.GetVariables(self._target, True, True, True)
            out = []
            for i in range(min(found.GetSize(), MOST_NAMES)):
                native = found.GetValueAtIndex(i)
                native.SetPreferSyntheticValue(False)
                out.append(native)
            yield out
            block = block.GetParent()


def _placed(module: Any, target: Any, pc: int) -> dict[str, tuple[str, int]]:
    symbols = module.GetSymbolFileSpec()
    path = symbols.fullpath if symbols.IsValid() else module.GetFileSpec().fullpath
    if not path or not (target.GetTriple() or "").startswith("x86_64"):
        return {}
    return {name: (start, distance) for name, start, distance in places(path, pc)}


def _big(module: Any) -> bool:
    symbols = module.GetSymbolFileSpec()
    path = symbols.fullpath if symbols.IsValid() else module.GetFileSpec().fullpath
    try:
        return not path or os.stat(path).st_size > _MOST_BYTES
    except OSError:
        return True


def _level(block: Any) -> int:
    level = 0
    while block.IsValid():
        level, block = level + 1, block.GetParent()
    return level


def _copy(module: Any, number: int) -> Any:
    """A module's copy; None where there is none."""
    path = module.GetFileSpec().fullpath
    if not path or not path.startswith("/"):
        return None
    spec = lldb.SBModuleSpec()
    spec.SetFileSpec(lldb.SBFileSpec(_OTHER_NAME * number + path, False))
    symbols = module.GetSymbolFileSpec()
    if symbols.IsValid() and symbols.fullpath != path:
        spec.SetSymbolFileSpec(symbols)
    copy = lldb.SBModule(spec)
    # The file may be another one by now; without a build id nobody knows.
    same = copy.IsValid() and bool(module.GetUUIDString()) and copy.GetUUIDString() == module.GetUUIDString()
    return copy if same else None


def whole(kind: Type) -> bool:
    """Whether nothing is seen to be missing from a type."""
    return _whole(kind, set(), 0)


def _whole(kind: Type, seen: set[int], level: int) -> bool:
    if id(kind) in seen or level > _MOST_LEVELS or len(seen) > _MOST_TYPES:
        return True
    seen.add(id(kind))
    # Rust has no `void`: it is what LLDB takes for a type that it could not make.
    pointer = kind.kind == h.POINTER and kind.rust
    if (pointer and kind.target().kind == h.VOID) or (kind.kind in (h.STRUCT, h.VARIANT) and _gap(kind)):
        return False
    return all(_whole(part, seen, level + 1) for part in _parts(kind, pointer))


def _parts(kind: Type, pointer: bool) -> Iterator[Type]:
    """The types that a type is made of."""
    if pointer or kind.kind == h.ARRAY:
        yield kind.target()
    elif kind.kind in (h.STRUCT, h.UNION, h.VARIANT):
        held = kind.argument(0) if kind.rust else None
        if held is not None:
            yield held
        yield from (field.type for field in kind.fields())


def _gap(kind: Type) -> bool:
    """Whether members are missing."""
    fields = kind.fields()
    if any(field.bit_offset is None for field in fields):
        return False
    end = 0
    native: Any = kind.handle
    if not kind.rust and native.IsPolymorphicClass():
        end = _WORD
    for field in sorted(fields, key=lambda field: field.bit_offset or 0):
        start = (field.bit_offset or 0) // 8
        if start - end >= _WORD:
            return True
        end = max(end, start + ((field.bits + 7) // 8 if field.bits else field.type.size))
    return kind.size - end >= _WORD
