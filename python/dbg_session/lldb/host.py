"""The LLDB face: with what lies beside it, the only place that imports `lldb`."""

# ruff: noqa: D102, S101, ARG002, PLR0913, PLR0917 - methods are documented in Host; pathlib costs loading time
from __future__ import annotations

import atexit
import contextlib
import sys
from typing import TYPE_CHECKING, Any

import lldb

from dbg_session._native import end_sessions_on
from dbg_session.host import types as h
from dbg_session.host.data import CORE, CallError, HostError, PassedBy, Printed, ScopeError, Thread, Whose
from dbg_session.host.frames import MOST_NAMES, FrameInfo, Variable
from dbg_session.host.overdue import Overdue
from dbg_session.host.types import Type, Value
from dbg_session.util.lazy_regex import Pattern
from dbg_session.util.terminal import asked
from dbg_session.values.type_names import normalise

from . import breakpoints, copies, passes, stops
from .types import ALIKE, LldbType, forget, make_type, value_of, variant_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dbg_session.host.data import Breakpoint, Code, Place, Stop
    from dbg_session.host.ours import Ours
    from dbg_session.host.protocol import Tracer

# Categories of formatters that come with LLDB; whatever is in others is the user's.
_BUILT_IN = frozenset(
    [
        "system",
        "gnu-libstdc++",
        "libcxx",
        "libstdcxx",
        "msvcstl",
        "cplusplus",
        "VectorTypes",
        "CoreFoundation",
        "CoreGraphics",
        "CoreServices",
        "AppKit",
        "objc",
        "swift",
        "runtime-synthetics",
    ]
)
_PLACE = Pattern(r"^<user expression[^>]*>:\d+:\d+: ")
# As many elements from where a pointer points to; LLDB itself does not know that.
_ROW = Pattern(r"\s*\*\s*(\w+(?:(?:\.|->)\w+)*|\(.*\))\s*@\s*(\d+)\s*")
_COMMANDS = sys.modules[__name__].__dict__
# What a verb does, by the id of a debugger: one process may hold many, and they share functions.
_RUNS: dict[tuple[int, str], Callable[[str, Any], None]] = {}


def _languages() -> dict[int, str]:
    out = {}
    for name in dir(lldb):
        if name.startswith("eLanguageTypeC_plus_plus"):
            out[getattr(lldb, name)] = "cpp"
        elif name in ("eLanguageTypeC", "eLanguageTypeC89", "eLanguageTypeC99", "eLanguageTypeC11"):
            out[getattr(lldb, name)] = "c"
    out[lldb.eLanguageTypeRust] = "rust"
    return out


class LldbHost:
    """`Host` over LLDB's SB API, for one debugger."""

    name = "lldb"

    def __init__(self, debugger: Any) -> None:
        self.debugger = debugger
        self.epoch = 0
        self.infos: dict[tuple[int, int, bool], FrameInfo] = {}
        self.scopes: dict[tuple[int, int], list[_Symbol]] = {}
        self.unknown: dict[tuple[int, int, str], str] = {}
        self.languages = _languages()
        self.ours: Ours
        self.process: Any = None
        self._loaded: tuple[int, int] = (0, 0)
        self._stops: stops.Stops | None = None
        self._exit: list[Callable[[], None]] = []
        self._breakpoints = breakpoints.Breakpoints(self._target, debugger)
        self._user_formats: int | None = None
        self._overdue = Overdue()
        self._container = False
        copies.watch_over(debugger)

    def version(self) -> str:
        text = str(self.debugger.GetVersionString()).split("\n", 1)[0]
        return "LLDB " + text.removeprefix("lldb version ")

    def write(self, text: str) -> None:
        stream = self._stops.stream if self._stops is not None else None
        if stream is not None:
            stream.Print(text + "\n")
            return
        file = self.debugger.GetOutputFile()
        file.Write((text + "\n").encode())
        file.Flush()

    def add_command(
        self,
        verb: str,
        help_text: str,
        invoke: Callable[[str, int | None], tuple[int, str, str]],
        complete: Callable[[str], list[str]],
    ) -> None:
        """See `Host`.  LLDB completes verbs by itself and lets scripts complete no more."""
        short = _quoted(help_text.split("\n", 1)[0])
        if not verb:
            self._add_container(short)
            return
        if not self._container:
            self._add_container("Record what happens while debugging, and ask about it.")
        function = "run_" + verb.replace("-", "_")
        _RUNS[self.debugger.GetID(), verb] = _runs(self, invoke)
        _COMMANDS[function] = _command(verb, help_text)
        self._run(f'command script add -o -f {__name__}.{function} -h "{short}" dbg-session {verb}')

    def _add_container(self, short: str) -> None:
        self._container = True
        self._run(f"script import {__name__}")
        self._run(f'command container add -o -h "{short}" dbg-session')

    def _run(self, command: str) -> bool:
        result = lldb.SBCommandReturnObject()
        self.debugger.GetCommandInterpreter().HandleCommand(command, result, False)
        return bool(result.Succeeded())

    # ------------------------------------------------------------ events

    def on_stop(self, handler: Callable[[Stop], None], complain: Callable[[str], None]) -> None:
        self._overdue.complain = complain
        self._stops = stops.Stops(self.debugger, handler, complain, self.thread_frame)

    def _end_in_order(self) -> None:
        """LLDB dies of these signals at once; Python code that handles one is left in charge."""
        import signal  # late: LLDB has mostly loaded it by itself

        ends = (signal.SIGTERM, signal.SIGHUP)
        # None: C code handles it, which is LLVM's own, and dies.
        end_sessions_on([one for one in ends if signal.getsignal(one) in (signal.SIG_DFL, None)])

    def on_passed(self, handler: Callable[[PassedBy], None]) -> None:
        assert self._stops is not None

        def handed(passed: passes.Passed, thread: Thread | None, pid: int) -> None:
            location, target = passed.location, passed.breakpoint.GetTarget()
            pc = location.GetLoadAddress()
            here = passes.Standing(location, target)
            info = _frame_info(self, here, 0 if pc == lldb.LLDB_INVALID_ADDRESS else pc)
            handler(PassedBy(int(passed.breakpoint.GetID()), info, passed.times, thread, pid))

        self._stops.passed = handed

    def on_exit(self, handler: Callable[[], None]) -> None:
        def once(*_arguments: object) -> None:
            if handler in self._exit:
                self._exit.remove(handler)
                if self._stops is not None:
                    self._stops.catch_up(self._stops.hooks.put_back())
                handler()
                self._forget()
                atexit.unregister(once)

        self._exit.append(handler)
        with contextlib.suppress(OSError):
            self._end_in_order()
        # LLDB ends without Python's own exit; Python ends without LLDB's when a script
        # drives LLDB.  Each of the two is the other's fallback.
        for name in ("AddDestroyCallback", "SetDestroyCallback"):
            if hasattr(self.debugger, name):
                getattr(self.debugger, name)(once)
                break
        atexit.register(once)

    def _forget(self) -> None:
        """Nothing of the process refers to this debugger any longer."""
        this = self.debugger.GetID()
        copies.leave(self.debugger)
        for key in [key for key in _RUNS if key[0] == this]:
            del _RUNS[key]
        if self._stops is not None:
            self._stops.hooks.close()

    def refresh(self) -> list[str]:
        return self._stops.refresh() if self._stops is not None else []

    def thread_frame(self, thread: Any) -> LldbFrame | None:
        """The innermost frame of a thread."""
        self._look(thread.GetProcess())
        self._user_formats = None
        frame = thread.GetFrameAtIndex(0)
        return LldbFrame(self, thread, frame, 0, 0, True) if frame.IsValid() else None

    def _look(self, process: Any) -> tuple[int, int]:
        """Have everything read from this process from now on."""
        self.process = process
        loaded = (self.process.GetUniqueID(), self.process.GetTarget().GetNumModules())
        if loaded != self._loaded:
            self._loaded = loaded
            self.epoch += 1
            forget()
            self.infos.clear()
            self.scopes.clear()
            self.unknown.clear()
        return loaded

    def whose(self, process: Any) -> Whose:
        """See `Passing`.  LLDB reaches each process through a server, so that it tells nothing of where."""
        key, _ = self._look(process)
        elsewhere = CORE if stops.is_core(process) else None
        return Whose(key, int(process.GetProcessID()), elsewhere, lambda: _main_file(process.GetTarget()))

    # ------------------------------------------------------------ the program

    def _target(self) -> Any:
        if self._stops is not None and self._stops.stream is not None and self.process:
            return self.process.GetTarget()
        return self.debugger.GetSelectedTarget()

    def tracer(self) -> Tracer:
        from .tracer import LldbTracer  # late: most sessions trace nothing

        return LldbTracer(self)

    def ask(self, question: str) -> bool | None:
        return asked(question) if sys.stdin.isatty() else None

    def target(self) -> str | None:
        target = self._target()
        return target.GetExecutable().fullpath if target.IsValid() else None

    def targets(self) -> set[str]:
        count = self.debugger.GetNumTargets()
        paths = (self.debugger.GetTargetAtIndex(i).GetExecutable().fullpath for i in range(count))
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
        return self._breakpoints.set(wanted, place)

    def names_at(self, made: Breakpoint) -> list[Callable[[str], Type | None]]:
        return self._breakpoints.names_at(made)

    def set_condition(self, wanted: Breakpoint) -> Breakpoint:
        return self._breakpoints.set_condition(wanted)

    def function(self, name: str | None) -> Code:
        from .code import function  # late: most sessions never ask

        return function(name, self._target(), self.languages)

    def selected_frame(self) -> LldbFrame | None:
        thread = self.debugger.GetSelectedTarget().GetProcess().GetSelectedThread()
        innermost = self.thread_frame(thread) if thread.IsValid() else None
        native = thread.GetSelectedFrame() if innermost is not None else None
        if innermost is None or native is None or not native.IsValid():
            return innermost
        index = int(native.GetFrameID())
        return LldbFrame(self, thread, native, index, 0, index == 0)

    def evaluate(self, expression: str, frame: object, calls: bool = False) -> Value:
        assert isinstance(frame, LldbFrame)
        key = (frame.pc, frame.inline, expression)
        if key in self.unknown:
            raise ScopeError(self.unknown[key])
        rust = frame.info().lang == "rust"
        found = frame.frame.GetValueForVariablePath(expression)
        if found.IsValid() and found.GetError().Success():
            return value_of(found, None, rust)
        row = _ROW.fullmatch(expression)
        if row is not None:
            return self._row(self.evaluate(row.group(1), frame, calls), int(row.group(2)))
        options = lldb.SBExpressionOptions()
        options.SetAllowJIT(calls)
        options.SetIgnoreBreakpoints(True)
        options.SetSuppressPersistentResult(True)
        options.SetTimeoutInMicroSeconds(1_000_000 if calls else 50_000)
        found = frame.frame.EvaluateExpression(expression, options)
        if not found.IsValid() or found.GetError().Fail():
            text = found.GetError().GetCString() or "it cannot be evaluated"
            line = next((x for x in text.splitlines() if "error:" in x), text.split("\n", 1)[0])
            failed = _in_our_words(line.rpartition("error: ")[2].strip())
            if isinstance(failed, ScopeError):
                self.unknown[key] = str(failed)
            raise failed
        return value_of(found, None, rust)

    def _row(self, pointer: Value, count: int) -> Value:
        """`*p@3` as GDB has it."""
        target = pointer.type.target() if pointer.type.kind == h.POINTER else None
        if not isinstance(target, LldbType) or (pointer.data is None and pointer.address is None):
            raise HostError("what stands before @ must be *POINTER")
        data = pointer.data
        if data is None:
            data = self.read_memory(pointer.address or 0, pointer.type.size)
        handle: Any = target.handle
        return Value(make_type(handle.GetArrayType(count), target.rust), int.from_bytes(data, "little"))

    def read_memory(self, address: int, size: int) -> bytes:
        if size == 0:
            return b""
        if address <= 0 or address + size > 1 << 64:
            raise HostError(f"cannot read memory at {address:#x}")
        error = lldb.SBError()
        data = self.process.ReadMemory(address, size, error)
        if error.Fail() or data is None or len(data) != size:
            raise HostError(f"cannot read memory at {address:#x}")
        return bytes(data)

    @contextlib.contextmanager
    def quiet(self) -> Iterator[None]:
        """Nothing to forbid: only `evaluate` could run code, and does not."""
        yield

    # ------------------------------------------------------------ values

    def variant(self, value: Value) -> tuple[str, Value] | None:
        data = value.data
        if data is None and value.address is not None:
            data = self.read_memory(value.address, value.type.size)
        rest = None
        for known, place, size, name, payload in variant_of(value.type):
            if known is None:
                rest = (name, payload)
                continue
            found = int.from_bytes((data or b"")[place : place + size], "little")
            if found == known % (1 << 8 * size):
                rest = (name, payload)
                break
        if rest is None and any(size > 8 for _, _, size, _, _ in variant_of(value.type)):  # noqa: PLR2004 - a word
            raise HostError(ALIKE)
        if rest is None:
            return None
        # A payload's members count from the start of the enum, its niche included.
        return rest[0], Value(rest[1], value.address, data)

    def child(self, value: Value, index: int) -> Value:
        native = self._native(value)
        field = value.type.fields()[index]
        count = native.GetNumChildren() if native is not None else 0
        for i in range(count):
            child = native.GetChildAtIndex(i)
            same = normalise(child.GetTypeName() or "") == field.type.name
            if child.GetName() == field.name or (field.base and same):
                return value_of(child, field.type)
        raise HostError("the debugger gives no value here")

    def _native(self, value: Value) -> Any:
        if value.handle is not None:
            return value.handle
        if value.address is None or not isinstance(value.type, LldbType):
            return None
        target = self.process.GetTarget()
        place = lldb.SBAddress(value.address, target)
        return target.CreateValueFromAddress("value", place, value.type.handle)

    def user_text(self, value: Value, limit: int) -> Printed | None:
        if self._user_formats is None:
            self._user_formats = self._count_formats()
        if not self._user_formats:
            return None
        native = self._native(value)
        if native is None:
            return None
        native.SetPreferSyntheticValue(False)  # else its provider is made here, and may print
        synthetic = native.GetTypeSynthetic()
        if not native.GetTypeSummary().IsValid() and not synthetic.IsValid():
            return None
        from .printers import unseen  # late: most users have none

        rust = value.type.rust

        def ask() -> Printed | None:
            return self._printed(native, synthetic, rust, limit)

        return self._overdue.ask(value.type.name, ask, lambda work: unseen(self.debugger, work))

    def _printed(self, native: Any, synthetic: Any, rust: bool, limit: int) -> Printed | None:
        text = native.GetSummary()
        if not synthetic.IsValid():
            return Printed(text, None, None, False) if text else None
        shown = native.GetSyntheticValue()
        count = shown.GetNumChildren(limit + 1)
        children: list[tuple[str, Value | str]] = []
        for i in range(min(count, limit)):
            child = shown.GetChildAtIndex(i)
            children.append((child.GetName() or f"[{i}]", value_of(child, None, rust)))
        array = bool(children) and children[0][0] == "[0]"
        return Printed(text, "array" if array else None, children or None, count > limit)

    def _count_formats(self) -> int:
        count = 0
        for i in range(self.debugger.GetNumCategories()):
            category = self.debugger.GetCategoryAtIndex(i)
            if category.GetEnabled() and category.GetName() not in _BUILT_IN:
                count += category.GetNumSummaries() + category.GetNumSynthetics()
        return count


def _main_file(target: Any) -> tuple[str | None, str | None]:
    """The program of a target, and what LLDB has as its build id."""
    program = target.GetExecutable()
    module = target.FindModule(program)
    return program.fullpath, module.GetUUIDString() if module.IsValid() else None


def _in_our_words(error: str) -> HostError:
    error = _PLACE.sub("", error)
    if "Interpreter doesn't handle" in error or "needed to run" in error:
        return CallError()
    return ScopeError(error) if "undeclared identifier" in error else HostError(error)


class LldbFrame:
    """`Frame` over `SBFrame`; `inline` counts the inlined frames below it at its pc."""

    def __init__(self, host: LldbHost, thread: Any, frame: Any, index: int, inline: int, innermost: bool) -> None:
        self.host = host
        self.thread = thread
        self.frame = frame
        self.index = index
        self.inline = inline
        self.innermost = innermost
        self.pc: int = frame.GetPC()

    def info(self) -> FrameInfo:
        key = (self.pc, self.inline, self.innermost)
        known = self.host.infos.get(key)
        if known is None:
            known = self.host.infos[key] = _frame_info(self.host, self.frame, self.pc)
        return known

    def older(self) -> LldbFrame | None:
        inlined = bool(self.frame.IsInlined())
        frame = self.thread.GetFrameAtIndex(self.index + 1)
        if not frame.IsValid():
            return None
        inline = self.inline + 1 if inlined else 0
        innermost = self.innermost and inlined
        return LldbFrame(self.host, self.thread, frame, self.index + 1, inline, innermost)

    def variables(self) -> list[Variable]:
        key = (self.pc, self.inline)
        natives = _natives(self.frame)
        known = self.host.scopes.get(key)
        if known is None or len(known) != len(natives):
            known = self.host.scopes[key] = self._symbols(natives)
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

    def _symbols(self, natives: list[_Native]) -> list[_Symbol]:
        language = self.info().lang
        rust = language == "rust"
        scope = copies.Scope(self.frame, self.pc - (self.index > 0), language)
        scope.compare([block for _, block, _ in natives])
        # LLDB looks at a variable's type to tell so much as its name: the copy is asked instead.
        return [
            _Symbol(scope.copied(block, index) or native, rust, scope, block, index) for native, block, index in natives
        ]


class _Symbol:
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


def _frame_info(host: LldbHost, frame: Any, pc: int) -> FrameInfo:
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
    known = host.languages.get(language, "unknown")
    return FrameInfo(name, file, line, pc, path, offset, known, inlined)


# ---------------------------------------------------------------- commands


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _runs(
    host: LldbHost,
    invoke: Callable[[str, int | None], tuple[int, str, str]],
) -> Callable[[str, Any], None]:
    """What a verb does in one debugger; nothing that happens inside may leave it."""

    def run(argument: str, result: Any) -> None:
        try:
            code, out, err = invoke(argument or "", host.debugger.GetTerminalWidth() or None)
        except SystemExit as error:
            code, out, err = (error.code or 0) if isinstance(error.code, int) else 1, "", ""
        except KeyboardInterrupt:  # before or after the question, which knows Ctrl-C itself
            code, out, err = 130, "", "dbg-session: interrupted."
        except BaseException as error:
            code, out, err = 1, "", f"dbg-session: {type(error).__name__}: {error}"
        if out:
            result.AppendMessage(out.rstrip("\n"))
        err = err.rstrip("\n")
        if code and (err or not out):
            result.SetError(err or "dbg-session failed.")
        elif code:
            result.SetStatus(lldb.eReturnStatusFailed)  # the answer says why: `--json`
        elif err:
            result.AppendWarning(err)

    return run


def _command(verb: str, help_text: str) -> Callable[..., None]:
    """The function LLDB calls, whichever debugger the verb was typed in."""

    def run(debugger: Any, argument: str, _exe_ctx: Any, result: Any, _session: Any) -> None:
        runs = _RUNS.get((debugger.GetID(), verb))
        if runs is None:
            result.SetError("The plugin is not loaded in this debugger; `command script import` loads it.")
        else:
            runs(argument, result)

    run.__doc__ = help_text
    return run
