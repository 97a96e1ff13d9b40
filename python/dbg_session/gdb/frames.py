"""Frames in GDB, and the variables that can be seen from them.  Part of the GDB face."""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING, Any

import gdb

from dbg_session.host import types as h
from dbg_session.host.data import MOST_NAMES, FrameInfo, Variable
from dbg_session.host.kept import KeptFrame
from dbg_session.host.types import NULL, Type, Value

from .names import full_name, named
from .names import library as library_at
from .names import program as program_of
from .types import make_type, plainly, value_of
from .values import fatal

if TYPE_CHECKING:
    from collections.abc import Callable

_LANGUAGES = {"c": "c", "c++": "cpp", "rust": "rust"}
_SUFFIXES = {".c": "c", ".rs": "rust", ".cc": "cpp", ".cpp": "cpp", ".cxx": "cpp", ".C": "cpp"}


class Frames:
    """Makes frames, and keeps what is the same each time one of a program counter is looked at."""

    def __init__(self, module_base: Callable[[str | None], int]) -> None:
        """`module_base` tells where a file is in memory."""
        self._module_base = module_base
        self.infos: dict[tuple[int, int, bool], FrameInfo] = {}
        self.scopes: dict[tuple[int, int], list[Symbol]] = {}
        self._roots: dict[tuple[int, int, str], Symbol | None] = {}

    def forget(self) -> None:
        """Symbols may have changed."""
        self.infos.clear()
        self.scopes.clear()
        self._roots.clear()

    def newest(self) -> GdbFrame | None:
        """The innermost frame of the selected thread."""
        try:
            return GdbFrame(self, gdb.newest_frame(), 0, True)
        except gdb.error:
            return None

    def selected(self, innermost: GdbFrame | None) -> GdbFrame | None:
        """The frame that the user looks at."""
        native = selected()
        if innermost is None or native is None:
            return innermost
        return GdbFrame(self, native, 0, native == innermost.frame)

    def symbol(self, frame: GdbFrame, name: str) -> Symbol | None:
        """The variable that a name means in a frame."""
        key = (frame.pc, frame.inline, name)
        if key not in self._roots:
            self._roots[key] = _named(frame, name)
        return self._roots[key]

    def describe(self, frame: Any, pc: int) -> FrameInfo:
        """What a frame is, and where."""
        function, start = None, None
        file, line = None, 0
        symbol = frame.function()
        if symbol is not None:
            function = symbol.linkage_name or symbol.name
            start = _function_start(frame)
        place = frame.find_sal()
        if place.symtab is not None:
            file, line = named(lambda: place.symtab.filename), place.line
        library = library_at(pc)
        if file is not None and not os.path.isabs(file) and not _of_the_system(library):
            file = full_name(place.symtab)
        program = program_of(gdb.current_progspace())
        path = library or program
        if start is None:
            function, start = _minimal(pc, function or frame.name())
        offset = pc - start if start is not None else pc - self._module_base(path)
        module = os.path.basename(path) if path else None
        inlined = frame.type() == gdb.INLINE_FRAME
        return FrameInfo(function, file, line, pc, module, offset, _language(frame, file), inlined)


class GdbFrame(KeptFrame):
    """`Frame` over `gdb.Frame`; `inline` counts the inlined frames below it at its pc."""

    _frames: Frames

    def __init__(self, frames: Frames, frame: Any, inline: int, innermost: bool) -> None:
        self._frames = frames
        self.frame = frame
        self.inline = inline
        self.innermost = innermost
        self.pc = frame.pc()

    def older(self) -> GdbFrame | None:
        try:
            frame = self.frame.older()
            if frame is None:
                return None
            inlined = self.frame.type() == gdb.INLINE_FRAME
        except (gdb.error, RuntimeError):
            return None
        inline = self.inline + 1 if inlined else 0
        return GdbFrame(self._frames, frame, inline, self.innermost and inlined)

    def variables(self) -> list[Variable]:
        frame = self.frame
        return [
            Variable(s.name, s.is_arg, s.line, lambda s=s: s.read(frame))  # type: ignore[misc]
            for s in self.symbols()
        ]

    def symbols(self) -> list[Symbol]:
        """Those of `variables`."""
        key = (self.pc, self.inline)
        symbols = self._frames.scopes.get(key)
        if symbols is None:
            symbols = self._frames.scopes[key] = _symbols(self.frame)
        return symbols


class Symbol:
    """What is known of a variable before any hit."""

    __slots__ = ("is_arg", "line", "name", "symbol", "type")

    def __init__(self, symbol: Any) -> None:
        self.symbol = symbol
        self.name: str = symbol.print_name
        self.is_arg: bool = symbol.is_argument
        self.line: int = symbol.line or 0
        self.type: Type | None = None

    def read(self, frame: Any) -> Value:
        """Its place or bytes; its type is worked out at the first reading."""
        kind: Type | None = self.type
        if kind is None:
            kind = make_type(self.symbol.type)
            why = fatal(kind)
            if why is not None:
                return Value(kind, None, status="error", message=why)
        try:
            native = frame.read_var(self.symbol)
        except (gdb.error, RuntimeError, OverflowError, ValueError, MemoryError) as error:
            if kind.plain in NULL:
                return Value(kind, None, b"")
            return Value(kind, None, status="error", message=str(error))
        if self.type is None:
            # The value's own type is for this moment: the length of a variable-length array,
            # the variant of an enum. Only the former is wanted.
            if kind.kind == h.ARRAY and getattr(self.symbol.type, "dynamic", False):
                kind = make_type(native.type)
            else:
                self.type = kind
        return value_of(native, kind)


def _symbols(frame: Any) -> list[Symbol]:
    try:
        block = frame.block()
    except (gdb.error, RuntimeError):
        return []
    seen: set[str] = set()
    out: list[Symbol] = []
    while block is not None and not block.is_global and not block.is_static:
        for symbol in block:
            if symbol.is_variable or symbol.is_argument or _is_constant(symbol):
                name = symbol.print_name
                if name not in seen:
                    if len(seen) > MOST_NAMES:
                        return out
                    seen.add(name)
                    out.append(Symbol(symbol))
        if block.function is not None:
            break
        block = block.superblock
    return out


def _is_constant(symbol: Any) -> bool:
    """A variable that the compiler made a constant, not one of an enum's names."""
    if not symbol.is_constant or symbol.addr_class == gdb.SYMBOL_LOC_TYPEDEF:
        return False
    kind = symbol.type.strip_typedefs()
    if kind.code != gdb.TYPE_CODE_ENUM:
        return True
    return all(field.name.rsplit("::", 1)[-1] != symbol.print_name for field in kind.fields())


def _named(frame: GdbFrame, name: str) -> Symbol | None:
    """The variable that a name means in a frame: a local, or one of the program's."""
    for known in frame.symbols():
        if known.name == name:
            return known
    try:
        symbol, _member = gdb.lookup_symbol(name, frame.frame.block())
    except (gdb.error, RuntimeError):
        return None
    return Symbol(symbol) if symbol is not None and symbol.is_variable else None


def selected() -> Any:
    """The `gdb.Frame` that the user looks at, or None."""
    try:
        return gdb.selected_frame()
    except gdb.error:
        return None


def _of_the_system(library: str | None) -> bool:
    """Whether a library's sources are surely not here: GDB may search for long, even the net."""
    return library is not None and library.startswith(("/lib", "/usr/lib"))


def _function_start(frame: Any) -> int | None:
    try:
        block = frame.block()
        while block is not None and block.function is None:
            block = block.superblock
    except (gdb.error, RuntimeError):
        return None
    return None if block is None else int(block.start)


def _minimal(pc: int, name: str | None) -> tuple[str | None, int | None]:
    """Name and start of the linker symbol at `pc`; GDB tells these only as text."""
    try:
        pointer = gdb.Value(pc).cast(gdb.lookup_type("char").pointer().pointer())
        text = plainly(pointer, symbols=True)
    except (gdb.error, RuntimeError):
        return name, None
    found = re.search(r"<(.+?)(?:\+(\d+))?>$", text)
    if found is None:
        return name, None
    return name or found.group(1), pc - int(found.group(2) or 0)


def _language(frame: Any, file: str | None) -> str:
    if hasattr(frame, "language") and file is not None:
        with contextlib.suppress(gdb.error, RuntimeError):
            return _LANGUAGES.get(frame.language(), "unknown")
    return _SUFFIXES.get(os.path.splitext(file)[1], "unknown") if file else "unknown"
