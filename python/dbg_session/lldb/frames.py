"""Frames in LLDB, and the variables that can be seen from them.  Part of the LLDB face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lldb

from dbg_session.host import types as h
from dbg_session.host.data import MOST_NAMES, FrameInfo, Variable
from dbg_session.host.kept import KeptFrame
from dbg_session.host.types import Value

from . import copies
from .types import make_type, value_of

if TYPE_CHECKING:
    from dbg_session.host.types import Type


def _languages() -> dict[int, str]:
    out = {}
    for name in dir(lldb):
        if name.startswith("eLanguageTypeC_plus_plus"):
            out[getattr(lldb, name)] = "cpp"
        elif name in ("eLanguageTypeC", "eLanguageTypeC89", "eLanguageTypeC99", "eLanguageTypeC11"):
            out[getattr(lldb, name)] = "c"
    out[lldb.eLanguageTypeRust] = "rust"
    return out


LANGUAGES = _languages()


class Frames:
    """Makes frames, and keeps what is the same each time one of a program counter is looked at."""

    def __init__(self) -> None:
        self.infos: dict[tuple[int, int, bool], FrameInfo] = {}
        self.scopes: dict[tuple[int, int], list[Symbol]] = {}

    def forget(self) -> None:
        """Symbols may have changed."""
        self.infos.clear()
        self.scopes.clear()

    def innermost(self, thread: Any) -> LldbFrame | None:
        """The innermost frame of a thread."""
        frame = thread.GetFrameAtIndex(0)
        return LldbFrame(self, thread, frame, 0, 0, True) if frame.IsValid() else None

    def selected(self, thread: Any, innermost: LldbFrame | None) -> LldbFrame | None:
        """The frame of a thread that the user looks at."""
        native = thread.GetSelectedFrame() if innermost is not None else None
        if innermost is None or native is None or not native.IsValid():
            return innermost
        index = int(native.GetFrameID())
        return LldbFrame(self, thread, native, index, 0, index == 0)

    def describe(self, frame: Any, pc: int) -> FrameInfo:
        """What a frame is, and where."""
        function, symbol = frame.GetFunction(), frame.GetSymbol()
        inlined = bool(frame.IsInlined())
        target = frame.GetThread().GetProcess().GetTarget()
        start = lldb.LLDB_INVALID_ADDRESS
        name = None
        for holder in (function, symbol):
            if holder.IsValid():
                name = holder.GetMangledName() or holder.GetName()
                start = holder.GetStartAddress().GetLoadAddress(target)
                break
        if inlined:
            name = frame.GetFunctionName() or name
        module = frame.GetModule()
        path = module.GetFileSpec().GetFilename() if module.IsValid() else None
        if start == lldb.LLDB_INVALID_ADDRESS and module.IsValid():
            start = module.GetObjectFileHeaderAddress().GetLoadAddress(target)
        offset = pc - start if start != lldb.LLDB_INVALID_ADDRESS else 0
        entry = frame.GetLineEntry()
        line = entry.GetLine() if entry.IsValid() else 0
        file = entry.GetFileSpec().fullpath if entry.IsValid() else None
        unit = frame.GetCompileUnit()
        language = unit.GetLanguage() if unit.IsValid() else frame.GuessLanguage()
        known = LANGUAGES.get(language, "unknown")
        return FrameInfo(name, file, line, pc, path, offset, known, inlined)


class LldbFrame(KeptFrame):
    """`Frame` over `SBFrame`; `inline` counts the inlined frames below it at its pc."""

    _frames: Frames

    def __init__(self, frames: Frames, thread: Any, frame: Any, index: int, inline: int, innermost: bool) -> None:
        self._frames = frames
        self.thread = thread
        self.frame = frame
        self.index = index
        self.inline = inline
        self.innermost = innermost
        self.pc: int = frame.GetPC()

    def older(self) -> LldbFrame | None:
        inlined = bool(self.frame.IsInlined())
        frame = self.thread.GetFrameAtIndex(self.index + 1)
        if not frame.IsValid():
            return None
        inline = self.inline + 1 if inlined else 0
        innermost = self.innermost and inlined
        return LldbFrame(self._frames, self.thread, frame, self.index + 1, inline, innermost)

    def variables(self) -> list[Variable]:
        key = (self.pc, self.inline)
        natives = _natives(self.frame)
        known = self._frames.scopes.get(key)
        if known is None or len(known) != len(natives):
            known = self._frames.scopes[key] = self._symbols(natives)
        out, seen = [], set()
        for symbol, (native, _, _) in zip(known, natives):
            if symbol.name and symbol.name not in seen:
                seen.add(symbol.name)
                out.append(
                    Variable(
                        symbol.name,
                        symbol.is_arg,
                        symbol.line,
                        lambda s=symbol, n=native: s.read(n, self.frame),  # type: ignore[misc]
                    )
                )
        return out

    def _symbols(self, natives: list[_Native]) -> list[Symbol]:
        language = self.info().lang
        rust = language == "rust"
        scope = copies.Scope(self.frame, self.pc - (self.index > 0), language)
        scope.compare([block for _, block, _ in natives])
        # LLDB looks at a variable's type to tell so much as its name: the copy is asked instead.
        return [
            Symbol(scope.copied(block, index) or native, rust, scope, block, index) for native, block, index in natives
        ]


class Symbol:
    """What is known of a variable before any hit."""

    __slots__ = ("block", "index", "is_arg", "line", "name", "rust", "scope", "type")

    def __init__(self, native: Any, rust: bool, scope: copies.Scope, block: int, index: int) -> None:
        self.scope, self.block, self.index = scope, block, index
        self.name: str = native.GetName() or ""
        self.is_arg: bool = native.GetValueType() == lldb.eValueTypeVariableArgument
        self.line: int = native.GetDeclaration().GetLine() or 0
        self.rust = rust
        self.type: Type | None = None

    def read(self, native: Any, frame: Any) -> Value:
        kind = self.type
        if kind is None:
            with copies.unheard(), h.learning():
                kind = self._learn(native)
            # The length of a variable-length array is another one each time.
            if kind.kind != h.ARRAY or kind.count:
                self.type = kind
        address = self.scope.address(self.name, frame) if self.type is not None else None
        return value_of(native, kind) if address is None else Value(kind, address)

    def _learn(self, native: Any) -> Type:
        first: Type | None = None
        for spelled in self.scope.types(self.block, self.index, self.name):
            kind = make_type(spelled, self.rust)
            if kind.kind == h.ARRAY and not kind.count:
                return make_type(native.GetType(), self.rust)  # its length is known in the frame only
            first = first or kind
            if copies.whole(kind):
                return kind
        return first or make_type(native.GetType(), self.rust)


# A variable, the number of its block from within, and its number there.
_Native = tuple[Any, int, int]


def _natives(frame: Any) -> list[_Native]:
    """The SBValues of all blocks up to the function, innermost first."""
    out: list[_Native] = []
    number = 0
    block, outermost = frame.GetBlock(), frame.GetFrameBlock()
    while block.IsValid():
        found = block.GetVariables(frame, True, True, True, lldb.eNoDynamicValues)
        for i in range(min(found.GetSize(), MOST_NAMES + 1 - len(out))):
            native = found.GetValueAtIndex(i)
            # Else its very name makes LLDB start up its formatters, at 2 ms a variable.
            native.SetPreferSyntheticValue(False)
            out.append((native, number, i))
        if block == outermost or block.IsInlined():
            break
        block, number = block.GetParent(), number + 1
    return out
