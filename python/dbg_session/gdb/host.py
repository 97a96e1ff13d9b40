"""The GDB face: with what lies beside it, the only place that imports `gdb`."""

# ruff: noqa: D102, PTH117, PTH119, PTH122, S101 - methods are documented in Host; pathlib costs loading time
from __future__ import annotations

import atexit
import contextlib
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import gdb

from dbg_session.host import types as h
from dbg_session.host.data import CORE, NOBODY, CallError, HostError, Printed, ScopeError, Thread, Whose
from dbg_session.host.frames import MOST_NAMES, FrameInfo, Variable
from dbg_session.host.types import NULL, Type, Value
from dbg_session.util.terminal import asked
from dbg_session.values import paths

from . import breakpoints, events, known_crashes, names, stops
from .commands import Command, showable, tell
from .names import named
from .printers import Printers
from .types import GdbType, forget, make_type, plainly, value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dbg_session.host.data import Breakpoint, Code, PassedBy, Place, Stop
    from dbg_session.host.ours import Ours
    from dbg_session.host.protocol import Tracer

_LANGUAGES = {"c": "c", "c++": "cpp", "rust": "rust"}
_SUFFIXES = {".c": "c", ".rs": "rust", ".cc": "cpp", ".cpp": "cpp", ".cxx": "cpp", ".C": "cpp"}
_VERSION = int((re.match(r"\d+", gdb.VERSION) or ["0"])[0])


class GdbHost:
    """`Host` over GDB's Python."""

    name = "gdb"

    def __init__(self) -> None:
        self.epoch = 0
        self.infos: dict[tuple[int, int, bool], FrameInfo] = {}
        self.scopes: dict[tuple[int, int], list[_Symbol]] = {}
        self.unknown: dict[tuple[int, int, str], str] = {}
        self.roots: dict[tuple[int, int, str], _Symbol | None] = {}
        self.passing = False  # inside a breakpoint's `stop()`
        self.ours: Ours
        self._inferior: Any = None
        self._begun = 0  # processes that began to be debugged
        self._printers = Printers(self._may_execute)
        self._stops: stops.Stops | None = None
        self._quiets = 0
        self._hushed = False
        self._exit: list[Callable[[], None]] = []
        self._breakpoints = breakpoints.Breakpoints()
        for event in ("new_objfile", "free_objfile", "clear_objfiles", "exited"):
            registry = getattr(gdb.events, event, None)
            if registry is not None:
                events.listen(registry, self._forget)
        events.listen(gdb.events.new_thread, self._new_thread, again=False)

    def _new_thread(self, event: Any) -> None:
        self._begun += event.inferior_thread.num == 1

    def _forget(self, _event: object = None) -> None:
        """Symbols may have changed: what was worked out about them is void."""
        self.epoch += 1
        self.infos.clear()
        self.scopes.clear()
        self.unknown.clear()
        self.roots.clear()
        forget()

    def version(self) -> str:
        return f"GDB {gdb.VERSION}"

    def write(self, text: str) -> None:
        tell(text)

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

    def on_stop(self, handler: Callable[[Stop], None], complain: Callable[[str], None]) -> None:
        events.complain = self._printers.overdue.complain = complain
        self._stops = stops.Stops(handler, self.thread_frame)

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
        self._look()
        self._printers.look()
        try:
            return GdbFrame(self, gdb.newest_frame(), 0, True)
        except gdb.error:
            return None

    def _look(self) -> Any:
        """The inferior that is selected, as whose everything is read from now on."""
        inferior = gdb.selected_inferior()
        if inferior is not self._inferior:
            # Programs loaded at the same addresses share their pcs, and nothing else.
            self._forget()
        self._inferior = inferior
        return inferior

    def whose(self) -> Whose:
        """The process of the selected inferior."""
        inferior = self._look()
        connection = inferior.connection
        kind = None if connection is None else connection.type
        elsewhere = _elsewhere(kind)
        key = (inferior.num, inferior.pid, kind, self._begun)
        return Whose(key, inferior.pid, elsewhere, lambda: names.main_file(inferior.progspace))

    def module_base(self, path: str | None) -> int:
        """Where a file is in memory; 0 where nobody tells."""
        if not path:
            return 0
        base = self.ours.module_base(self.whose(), path)
        if base is None and self._may_execute():
            with contextlib.suppress(gdb.error):
                base = _mapped(gdb.execute("info proc mappings", False, True), path)
        return base or 0

    # ------------------------------------------------------------ the program

    def tracer(self) -> Tracer:
        from .tracer import GdbTracer  # late: most sessions trace nothing

        return GdbTracer(self)

    def ask(self, question: str) -> bool | None:
        if not (gdb.parameter("confirm") and sys.stdin.isatty()):
            return None
        return asked(question)

    def target(self) -> str | None:
        return names.program(gdb.selected_inferior().progspace)

    def targets(self) -> set[str]:
        paths = (names.program(i.progspace) for i in gdb.inferiors())
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

    def set_breakpoint(self, wanted: Breakpoint, place: Place) -> Breakpoint:
        with self.quiet():
            if place.form == "path":
                self._hush()  # a class's operators may be in it
            return self._breakpoints.set(wanted, place)

    def names_at(self, made: Breakpoint) -> list[Callable[[str], Type | None]]:
        return self._breakpoints.names_at(made)

    def set_condition(self, wanted: Breakpoint) -> Breakpoint:
        return self._breakpoints.set_condition(wanted)

    def function(self, name: str | None) -> Code:
        from .code import function  # late: most sessions never ask

        with self.quiet():
            if name is not None and name.lstrip().startswith("*"):
                self._hush()  # the address is an expression
            return function(name)

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
        found = paths.read(self, expression, lambda name: _root(self, frame, name))
        if found is not None:
            return found
        if frame.info().lang == "rust":
            _refuse_crash(self, frame, expression)
        if not calls and not _harmless(expression):
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
        """Nothing is forbidden before something comes that could run code: see `_hush`.

        What was forbidden stays so until the outermost of these ends: once at a stop will do.
        """
        self._quiets += 1
        try:
            yield
        finally:
            self._quiets -= 1
            if self._hushed and not self._quiets:
                self._hushed = False
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
            if hasattr(gdb, "execute_mi"):  # GDB 14; a program that drives GDB is not told of it
                gdb.execute_mi("-gdb-set", "may-call-functions", value)
            elif self._may_execute():
                gdb.execute(f"set may-call-functions {value}", False, True)
            else:
                raise HostError("not at a breakpoint with commands, in a GDB before 14")
        except gdb.error as error:
            raise HostError(str(error)) from None

    def _may_execute(self) -> bool:
        """Whether a command of GDB's may be run: at a stop it would run those of the breakpoint first."""
        return self.passing or self._stops is None or self._stops.may_execute

    # ------------------------------------------------------------ values

    def variant(self, value: Value) -> tuple[str, Value] | None:
        why = _fatal(value.type)
        if why is not None:
            raise HostError(why)
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
        other = value.type.kind == h.OTHER
        native = _native(value) if self._printers.any or other else None
        if native is None:
            return None
        printed = self._asked(native, value.type, limit)
        if printed is None and other:
            with contextlib.suppress(gdb.error, RuntimeError, ValueError):
                return Printed(plainly(native, max_elements=16), None, None, False)
        return printed

    def _asked(self, native: Any, kind: Type, limit: int) -> Printed | None:
        """What a printer of the user's says; types without one are remembered."""
        if not self._printers.any or kind.cache.get("printers") == self._printers.epoch:
            return None
        if known_crashes.reaching(self.name, _VERSION, kind) is not None:
            return None
        try:
            self._hush()  # to look a printer up is to make it, which is the user's code as well
            printed = self._printers.text(native, kind.name, limit)
        except KeyboardInterrupt:
            events.hand_back()  # Ctrl-C costs what the printer would have said
            return None
        except BaseException:
            # A printer may raise anything, SystemExit too; the value itself can still be read.
            return None
        if printed is None:
            kind.cache["printers"] = self._printers.epoch
        return printed


class GdbFrame:
    """`Frame` over `gdb.Frame`; `inline` counts the inlined frames below it at its pc."""

    def __init__(self, host: GdbHost, frame: Any, inline: int, innermost: bool) -> None:
        self.host = host
        self.frame = frame
        self.inline = inline
        self.innermost = innermost
        self.pc = frame.pc()

    def info(self) -> FrameInfo:
        key = (self.pc, self.inline, self.innermost)
        known = self.host.infos.get(key)
        if known is None:
            known = self.host.infos[key] = _frame_info(self.host, self.frame, self.pc)
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
        frame = self.frame
        return [
            Variable(s.name, s.is_arg, s.line, lambda s=s: _read(frame, s))  # type: ignore[misc]
            for s in self.symbols()
        ]

    def symbols(self) -> list[_Symbol]:
        """Those of `variables`."""
        key = (self.pc, self.inline)
        symbols = self.host.scopes.get(key)
        if symbols is None:
            symbols = self.host.scopes[key] = _symbols(self.frame)
        return symbols


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
                    if len(seen) > MOST_NAMES:
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


def _named(frame: GdbFrame, name: str) -> _Symbol | None:
    """The variable that a name means in a frame: a local, or one of the program's."""
    for known in frame.symbols():
        if known.name == name:
            return known
    try:
        symbol, _member = gdb.lookup_symbol(name, frame.frame.block())
    except (gdb.error, RuntimeError):
        return None
    return _Symbol(symbol) if symbol is not None and symbol.is_variable else None


def _symbol(host: GdbHost, frame: GdbFrame, name: str) -> _Symbol | None:
    key = (frame.pc, frame.inline, name)
    if key not in host.roots:
        host.roots[key] = _named(frame, name)
    return host.roots[key]


def _root(host: GdbHost, frame: GdbFrame, name: str) -> Value | None:
    known = _symbol(host, frame, name)
    return None if known is None else _read(frame.frame, known)


def _refuse_crash(host: GdbHost, frame: GdbFrame, expression: str) -> None:
    """HostError when a variable in an expression leads to what GDB dies of."""
    for name in re.findall(r"[A-Za-z_]\w*", expression):
        known = _symbol(host, frame, name)
        if known is not None:
            why = known_crashes.reaching(host.name, _VERSION, make_type(known.symbol.type))
            if why is not None:
                raise HostError(why)


def _read(frame: Any, known: _Symbol) -> Value:
    """A variable's place or bytes; its type is worked out at the first reading."""
    kind: Type | None = known.type
    if kind is None:
        kind = make_type(known.symbol.type)
        why = _fatal(kind)
        if why is not None:
            return Value(kind, None, status="error", message=why)
    try:
        native = frame.read_var(known.symbol)
    except (gdb.error, RuntimeError, OverflowError, ValueError, MemoryError) as error:
        if kind.plain in NULL:
            return Value(kind, None, b"")
        return Value(kind, None, status="error", message=str(error))
    if known.type is None:
        # The value's own type is for this moment: the length of a variable-length array,
        # the variant of an enum. Only the former is wanted.
        if kind.kind == h.ARRAY and getattr(known.symbol.type, "dynamic", False):
            kind = make_type(native.type)
        else:
            known.type = kind
    return value_of(native, kind)


def _native(value: Value) -> Any:
    """The `gdb.Value` of a value, made from its address or bytes if need be."""
    if value.handle is not None:
        return value.handle
    if not isinstance(value.type, GdbType) or _fatal(value.type) is not None:
        return None
    try:
        if value.address is not None:
            return _at(value.type, value.address)
        if value.data is not None:
            return gdb.Value(value.data, value.type.handle)
    except (gdb.error, RuntimeError, ValueError):
        pass
    return None


def _at(kind: GdbType, address: int) -> Any:
    """What lies at an address."""
    handle: Any = kind.handle
    if kind.rust or kind.kind not in (h.STRUCT, h.UNION) or not kind.size:
        return gdb.Value(address).cast(handle.pointer()).dereference()
    # As the one element of an array: to follow a pointer to a class is to look for the object's
    # true class, and to complain on the user's screen where it is not whole.
    if "row" not in kind.cache:
        kind.cache["row"] = handle.array(0).pointer()
    return gdb.Value(address).cast(kind.cache["row"]).dereference()[0]


def _fatal(kind: Type) -> str | None:
    """Why this GDB must not be asked for a value of a type, or None."""
    return known_crashes.reading(GdbHost.name, _VERSION, kind)


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


def _harmless(expression: str) -> bool:
    """Whether an expression that is no path of a variable cannot run code: a register."""
    return re.fullmatch(r"\$[a-z]\w*", expression) is not None


def _selected() -> Any:
    try:
        return gdb.selected_frame()
    except gdb.error:
        return None


# ---------------------------------------------------------------- frames


def _frame_info(host: GdbHost, frame: Any, pc: int) -> FrameInfo:
    function, start = None, None
    file, line = None, 0
    symbol = frame.function()
    if symbol is not None:
        function = symbol.linkage_name or symbol.name
        start = _function_start(frame)
    place = frame.find_sal()
    if place.symtab is not None:
        file, line = named(lambda: place.symtab.filename), place.line
    library = names.library(pc)
    if file is not None and not os.path.isabs(file) and not _of_the_system(library):
        file = names.full_name(place.symtab)
    program = names.program(gdb.current_progspace())
    path = library or program
    if start is None:
        function, start = _minimal(pc, function or frame.name())
    offset = pc - start if start is not None else pc - host.module_base(path)
    module = os.path.basename(path) if path else None
    inlined = frame.type() == gdb.INLINE_FRAME
    return FrameInfo(function, file, line, pc, module, offset, _language(frame, file), inlined)


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


def _elsewhere(kind: str | None) -> str | None:
    """What a kind of connection says against a process of it being ours."""
    if kind == "native":
        return None
    known = {None: NOBODY, "core": CORE}
    return known.get(kind) or f"GDB reaches the program through a connection ({kind})"


def _mapped(table: str, path: str) -> int | None:
    """Where a file is by GDB's own table of what is mapped, which it has of programs elsewhere too."""
    path = path.removeprefix("target:")
    for line in table.splitlines():
        words = line.split(maxsplit=1)
        if words and words[0].startswith("0x") and line.endswith(path):
            return int(words[0], 16)
    return None


def _language(frame: Any, file: str | None) -> str:
    if hasattr(frame, "language") and file is not None:
        with contextlib.suppress(gdb.error, RuntimeError):
            return _LANGUAGES.get(frame.language(), "unknown")
    return _SUFFIXES.get(os.path.splitext(file)[1], "unknown") if file else "unknown"


def selected_thread() -> Thread | None:
    """The selected thread as plain data."""
    thread = gdb.selected_thread()
    return None if thread is None else stops.describe(thread)
