"""The GDB face: the only file that imports `gdb`."""

# ruff: noqa: PLR0911, D102, PTH117, PTH119, PTH122, PTH123, S101 - methods are documented in Host; pathlib costs loading time
from __future__ import annotations

import atexit
import contextlib
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import gdb

from . import gdb_breakpoints, gdb_names, gdb_stops
from . import host as h
from .gdb_commands import Command, showable
from .gdb_names import named
from .gdb_types import GdbType, forget, make_type, value_of
from .host import NULL, CallError, HostError, Printed, ScopeError, Thread, Type, Value, Variable, asked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .host import Breakpoint, Code, PassedBy, Stop, Tracer

_LANGUAGES = {"c": "c", "c++": "cpp", "rust": "rust"}
_SUFFIXES = {".c": "c", ".rs": "rust", ".cc": "cpp", ".cpp": "cpp", ".cxx": "cpp", ".C": "cpp"}
Info = tuple["str | None", "str | None", int, int, "str | None", int, str, bool]


class GdbHost:
    """`Host` over GDB's Python."""

    name = "gdb"

    def __init__(self) -> None:
        self.epoch = 0
        self.infos: dict[tuple[int, int, bool], Info] = {}
        self.scopes: dict[tuple[int, int], list[_Symbol]] = {}
        self.unknown: dict[tuple[int, int, str], str] = {}
        self._inferior: Any = None
        self._printers: tuple[int, ...] = ()
        self._stops: gdb_stops.Stops | None = None
        self._hushed = False
        self._exit: list[Callable[[], None]] = []
        self._breakpoints = gdb_breakpoints.Breakpoints()
        for event in ("new_objfile", "free_objfile", "clear_objfiles", "exited"):
            registry = getattr(gdb.events, event, None)
            if registry is not None:
                registry.connect(self._forget)

    def _forget(self, _event: object = None) -> None:
        """Symbols may have changed: what was worked out about them is void."""
        self.epoch += 1
        self.infos.clear()
        self.scopes.clear()
        self.unknown.clear()
        forget()

    def version(self) -> str:
        return f"GDB {gdb.VERSION}"

    def write(self, text: str) -> None:
        gdb.write(showable(text) + "\n")

    def add_command(
        self,
        verb: str,
        help_text: str,
        invoke: Callable[[str, int | None], tuple[int, str, str]],
        complete: Callable[[str], list[str]],
    ) -> None:
        """See `Host`; the verb "" is the bare `dbg-session`, and what no verb answers to."""
        name = "dbg-session" + (f" {verb}" if verb else "")
        members = {"__doc__": showable(help_text)}
        kind = type("DbgSessionCommand", (Command,), members)
        kind(name, not verb, invoke, complete)

    # ------------------------------------------------------------ events

    def on_stop(self, handler: Callable[[Stop], None]) -> None:
        self._stops = gdb_stops.Stops(handler, self.thread_frame)

    def on_passed(self, handler: Callable[[PassedBy], None]) -> None:
        """See `Host`.  GDB tells of every stop, also of one whose commands go on."""

    def on_exit(self, handler: Callable[[], None]) -> None:
        def once(_event: object = None) -> None:
            if handler in self._exit:
                self._exit.remove(handler)
                handler()

        self._exit.append(handler)
        if hasattr(gdb.events, "gdb_exiting"):
            gdb.events.gdb_exiting.connect(once)
        atexit.register(once)

    def refresh(self) -> list[str]:
        return []  # what listens to GDB's events stays until it lets go

    def thread_frame(self) -> GdbFrame | None:
        """The innermost frame of the selected thread."""
        inferior = gdb.selected_inferior()
        if inferior is not self._inferior:
            # Programs loaded at the same addresses share their pcs, and nothing else.
            self._forget()
        self._inferior = inferior
        self._printers = _printer_epoch()
        try:
            return GdbFrame(self, gdb.newest_frame(), 0, True)
        except gdb.error:
            return None

    # ------------------------------------------------------------ the program

    def tracer(self) -> Tracer:
        from .gdb_trace import GdbTracer  # late: most sessions trace nothing

        return GdbTracer(self)

    def ask(self, question: str) -> bool | None:
        if not (gdb.parameter("confirm") and sys.stdin.isatty()):
            return None
        return asked(question)

    def target(self) -> str | None:
        return gdb_names.program(gdb.selected_inferior().progspace)

    def targets(self) -> set[str]:
        paths = (gdb_names.program(i.progspace) for i in gdb.inferiors())
        return {path for path in paths if path}

    @property
    def own(self) -> set[int]:
        return self._breakpoints.own

    def breakpoints_changed(self) -> bool:
        return self._breakpoints.changed()

    def breakpoints(self) -> list[Breakpoint]:
        return self._breakpoints.all()

    def breakpoint(self, number: int) -> Breakpoint | None:
        return self._breakpoints.one(number)

    def set_breakpoint(self, wanted: Breakpoint) -> Breakpoint:
        return self._breakpoints.set(wanted)

    def function(self, name: str | None) -> Code:
        from . import gdb_code  # late: most sessions never ask

        return gdb_code.function(name)

    def selected_frame(self) -> GdbFrame | None:
        innermost = self.thread_frame()
        native = _selected()
        if innermost is None or native is None:
            return innermost
        return GdbFrame(self, native, 0, native == innermost.frame)

    def evaluate(self, expression: str, frame: object, calls: bool = False) -> Value:
        assert isinstance(frame, GdbFrame)
        key = (frame.pc, frame.inline, expression)
        if key in self.unknown:  # to look for a name everywhere takes GDB 10 ms
            raise ScopeError(self.unknown[key])
        if not calls and not _harmless(expression, frame.info()[6]):
            self._hush()
        try:
            selected = _selected()
            elsewhere = selected != frame.frame
            if elsewhere:
                frame.frame.select()
            try:
                return _evaluated(expression)
            finally:
                if elsewhere and selected is not None:
                    selected.select()
        except (gdb.error, RuntimeError, ValueError, OverflowError) as error:
            failed = _in_our_words(str(error))
            if isinstance(failed, ScopeError):
                self.unknown[key] = str(failed)
            raise failed from None

    def read_memory(self, address: int, size: int) -> bytes:
        if size == 0:
            return b""
        try:
            inferior = self._inferior or gdb.selected_inferior()
            return bytes(inferior.read_memory(address, size))
        except (gdb.error, OverflowError, RuntimeError, MemoryError):
            # As LLDB's, and as what is read the raw way says it.
            raise HostError(f"cannot read memory at {address:#x}") from None

    @contextlib.contextmanager
    def quiet(self) -> Iterator[None]:
        """Nothing is forbidden before something comes that could run code: see `_hush`."""
        self._hushed = False
        try:
            yield
        finally:
            if self._hushed:
                try:
                    self._call_functions("on")
                except KeyboardInterrupt:
                    self._call_functions("on")
                    raise

    def _hush(self) -> None:
        """Forbid calls into the program until `quiet` ends; HostError if that cannot be."""
        if self._hushed:
            return
        try:
            if not gdb.parameter("may-call-functions"):
                return
        except RuntimeError:
            raise HostError("this GDB cannot keep code from being run") from None
        self._call_functions("off")
        self._hushed = True

    def _call_functions(self, value: str) -> None:
        try:
            if self._stops is None or self._stops.may_execute:
                gdb.execute(f"set may-call-functions {value}", False, True)
            elif hasattr(gdb, "execute_mi"):
                gdb.execute_mi("-gdb-set", "may-call-functions", value)
            else:
                raise HostError("not at a breakpoint with commands, in a GDB before 14")
        except gdb.error as error:
            raise HostError(str(error)) from None

    # ------------------------------------------------------------ values

    def variant(self, value: Value) -> tuple[str, Value] | None:
        native = _native(value)
        if native is None:
            return None
        for field in native.type.fields():
            if field.name is None or field.artificial:
                continue
            kind = _variant_type(value.type, field)
            offset = field.bitpos // 8
            address = None if value.address is None else value.address + offset
            data = None if value.data is None else value.data[offset : offset + kind.size]
            return field.name.rsplit("::", 1)[-1], Value(kind, address, data)
        return None

    def child(self, value: Value, index: int) -> Value:
        native = _native(value)
        field = value.type.fields()[index]
        if native is None:
            raise HostError("the debugger gives no value here")
        assert isinstance(value.type, GdbType)
        try:
            got = native[value.type.native_fields[index]]
            child = value_of(got, field.type)
        except (gdb.error, RuntimeError, OverflowError, ValueError) as error:
            return Value(field.type, None, status="error", message=str(error))
        return child

    def user_text(self, value: Value, limit: int) -> Printed | None:
        cache = value.type.cache
        if cache.get("printers") == self._printers:
            return None
        native = _native(value)
        if native is None:
            return None
        try:
            self._hush()  # to look a printer up is to make it, which is the user's code as well
            printer = gdb.default_visualizer(native)
            if printer is None:
                cache["printers"] = self._printers
                if value.type.kind == h.OTHER:
                    return Printed(native.format_string(max_elements=16), None, None, False)
                return None
            return _printed(printer, limit)
        except HostError:
            return None
        except Exception:
            # A printer may raise anything; the value itself can still be read.
            return None


class GdbFrame:
    """`Frame` over `gdb.Frame`; `inline` counts the inlined frames below it at its pc."""

    def __init__(self, host: GdbHost, frame: Any, inline: int, innermost: bool) -> None:
        self.host = host
        self.frame = frame
        self.inline = inline
        self.innermost = innermost
        self.pc = frame.pc()

    def info(self) -> Info:
        key = (self.pc, self.inline, self.innermost)
        known = self.host.infos.get(key)
        if known is None:
            known = self.host.infos[key] = _frame_info(self.frame, self.pc)
        return known

    def older(self) -> GdbFrame | None:
        try:
            frame = self.frame.older()
            if frame is None:
                return None
            inlined = self.frame.type() == gdb.INLINE_FRAME
        except (gdb.error, RuntimeError):
            return None
        inline = self.inline + 1 if inlined else 0
        return GdbFrame(self.host, frame, inline, self.innermost and inlined)

    def variables(self) -> list[Variable]:
        key = (self.pc, self.inline)
        symbols = self.host.scopes.get(key)
        if symbols is None:
            symbols = self.host.scopes[key] = _symbols(self.frame)
        frame = self.frame
        return [
            Variable(s.name, s.is_arg, s.line, lambda s=s: _read(frame, s))  # type: ignore[misc]
            for s in symbols
        ]


class _Symbol:
    """What is known of a variable before any hit."""

    __slots__ = ("is_arg", "line", "name", "symbol", "type")

    def __init__(self, symbol: Any) -> None:
        self.symbol = symbol
        self.name: str = symbol.print_name
        self.is_arg: bool = symbol.is_argument
        self.line: int = symbol.line or 0
        self.type: Type | None = None


def _symbols(frame: Any) -> list[_Symbol]:
    try:
        block = frame.block()
    except (gdb.error, RuntimeError):
        return []
    seen: set[str] = set()
    out: list[_Symbol] = []
    while block is not None and not block.is_global and not block.is_static:
        for symbol in block:
            if symbol.is_variable or symbol.is_argument or _is_constant(symbol):
                name = symbol.print_name
                if name not in seen:
                    if len(seen) > h.MOST_NAMES:
                        return out
                    seen.add(name)
                    out.append(_Symbol(symbol))
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


def _read(frame: Any, known: _Symbol) -> Value:
    """A variable's place or bytes; its type is worked out at the first reading."""
    try:
        native = frame.read_var(known.symbol)
    except (gdb.error, RuntimeError, OverflowError, ValueError, MemoryError) as error:
        failed = known.type or make_type(known.symbol.type)
        if failed.plain in NULL:
            return Value(failed, None, b"")
        return Value(failed, None, status="error", message=str(error))
    kind: Type | None = known.type
    if kind is None:
        # The value's own type is for this moment: the length of a variable-length array,
        # the variant of an enum. Only the former is wanted.
        kind = make_type(known.symbol.type)
        if kind.kind == h.ARRAY and getattr(known.symbol.type, "dynamic", False):
            kind = make_type(native.type)
        else:
            known.type = kind
    return value_of(native, kind)


def _native(value: Value) -> Any:
    """The `gdb.Value` of a value, made from its address or bytes if need be."""
    if value.handle is not None:
        return value.handle
    if not isinstance(value.type, GdbType):
        return None
    try:
        if value.address is not None:
            handle: Any = value.type.handle
            pointer = gdb.Value(value.address).cast(handle.pointer())
            return pointer.dereference()
        if value.data is not None:
            return gdb.Value(value.data, value.type.handle)
    except (gdb.error, RuntimeError, ValueError):
        pass
    return None


def _variant_type(kind: Type, field: Any) -> Type:
    key = "variant " + str(field.name)
    if key not in kind.cache:
        kind.cache[key] = make_type(field.type)
    return kind.cache[key]  # type: ignore[return-value]


def _evaluated(expression: str) -> Value:
    try:
        return value_of(gdb.parse_and_eval(expression))
    except gdb.error as error:
        if "max-value-size" not in str(error):
            raise
        # Its place will do: no more of it is read than is shown.
        pointer = gdb.parse_and_eval(f"&({expression})")
        return Value(make_type(pointer.type.target()), int(pointer))


def _in_our_words(error: str) -> HostError:
    if "may-call-functions" in error:
        return CallError()
    if error.startswith("No symbol ") and error.endswith("in current context."):
        return ScopeError(error)
    return HostError(error)


def _harmless(expression: str, language: str) -> bool:
    """Whether an expression cannot run code: no calls, in C++ not even operators."""
    if language in ("c", "rust"):
        return "(" not in expression
    return re.fullmatch(r"\w+(\.\w+)*", expression) is not None


def _selected() -> Any:
    try:
        return gdb.selected_frame()
    except gdb.error:
        return None


def _printer_epoch() -> tuple[int, ...]:
    """Changes when somebody registers a pretty-printer."""
    counts = [len(gdb.pretty_printers), len(gdb.current_progspace().pretty_printers)]
    counts += [len(objfile.pretty_printers) for objfile in gdb.objfiles()]
    return tuple(counts)


def _printed(printer: Any, limit: int) -> Printed:
    text = None
    if hasattr(printer, "to_string"):
        got = printer.to_string()
        if got is not None:
            text = got if isinstance(got, str) else _text(got, limit)
    hint = printer.display_hint() if hasattr(printer, "display_hint") else None
    children: list[tuple[str, Value | str]] = []
    more = False
    if hasattr(printer, "children"):
        most = limit * 2 if hint == "map" else limit
        for name, child in printer.children():
            if len(children) == most:
                more = True
                break
            plain = isinstance(child, (str, gdb.Value))
            native = child if plain else gdb.Value(child)
            children.append((str(name), child if isinstance(child, str) else value_of(native)))
    return Printed(text, hint, children or None, more)


def _text(got: Any, limit: int) -> str:
    if isinstance(got, gdb.Value):
        return str(got.format_string(max_elements=limit))
    if hasattr(got, "value"):  # a lazy string
        return str(got.value().format_string(max_elements=limit))
    return str(got)


# ---------------------------------------------------------------- frames


def _frame_info(frame: Any, pc: int) -> Info:
    function, start = None, None
    file, line = None, 0
    symbol = frame.function()
    if symbol is not None:
        function = symbol.linkage_name or symbol.name
        start = _function_start(frame)
    place = frame.find_sal()
    if place.symtab is not None:
        file, line = named(lambda: place.symtab.filename), place.line
    library = gdb_names.library(pc)
    if file is not None and not os.path.isabs(file) and not _of_the_system(library):
        file = gdb_names.full_name(place.symtab)
    program = gdb_names.program(gdb.current_progspace())
    path = library or program
    if start is None:
        function, start = _minimal(pc, function or frame.name())
    offset = pc - start if start is not None else pc - _module_base(path)
    module = os.path.basename(path) if path else None
    inlined = frame.type() == gdb.INLINE_FRAME
    return function, file, line, pc, module, offset, _language(frame, file), inlined


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
        text = pointer.format_string(symbols=True)
    except (gdb.error, RuntimeError):
        return name, None
    found = re.search(r"<(.+?)(?:\+(\d+))?>$", text)
    if found is None:
        return name, None
    return name or found.group(1), pc - int(found.group(2) or 0)


def _module_base(path: str | None) -> int:
    pid = gdb.selected_inferior().pid
    with contextlib.suppress(OSError, ValueError), open(f"/proc/{pid}/maps", errors="surrogateescape") as maps:
        for line in maps:
            if path and line.rstrip("\n").endswith(path):
                return int(line.split("-", 1)[0], 16)
    return 0


def _language(frame: Any, file: str | None) -> str:
    if hasattr(frame, "language") and file is not None:
        with contextlib.suppress(gdb.error, RuntimeError):
            return _LANGUAGES.get(frame.language(), "unknown")
    return _SUFFIXES.get(os.path.splitext(file)[1], "unknown") if file else "unknown"


def selected_thread() -> Thread | None:
    """The selected thread as plain data."""
    thread = gdb.selected_thread()
    return None if thread is None else gdb_stops.describe(thread)
