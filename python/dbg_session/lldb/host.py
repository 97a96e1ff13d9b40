"""The LLDB face: with what lies beside it, the only place that imports `lldb`."""

from __future__ import annotations

import atexit
import contextlib
import sys
from typing import TYPE_CHECKING, Any

import lldb

from dbg_session._native import end_sessions_on
from dbg_session.host.errors import HostError
from dbg_session.util.late import Kept
from dbg_session.util.terminal import asked

from . import passes, stops
from .breakpoints import Breakpoints
from .commands import Commands

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dbg_session.host.code import Code
    from dbg_session.host.data import Printed, Thread, Whose
    from dbg_session.host.ours import Ours
    from dbg_session.host.protocol import Tracer
    from dbg_session.host.stops import PassedBy, Stop
    from dbg_session.host.types import Value

    from .frames import LldbFrame
    from .sight import Sight
    from .tracer import LldbTracer


class LldbHost:
    """`Host` over LLDB's SB API, for one debugger."""

    def __init__(self, debugger: Any) -> None:
        self.debugger = debugger
        self.epoch = 0
        self.ours: Ours
        self._seen: Sight | None = None
        self._tracer: LldbTracer | None = None
        self._complain: Callable[[str], None] = lambda _sentence: None
        self._commands = Commands(debugger)
        self.process: Any = None
        self._loaded: tuple[int, int] = (0, 0)
        self._stops: stops.Stops | None = None
        self._exit: list[Callable[[], None]] = []
        self.user_breakpoints = Breakpoints(self._target, debugger, lambda: self._sight)

    @property
    def _sight(self) -> Sight:
        if self._seen is None:
            with Kept():
                from .sight import Sight  # late: loading must not be felt

            self._seen = Sight(self.debugger, self.read_memory)
            self._seen.formats.overdue.complain = self._complain
        return self._seen

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
        self._commands.add(verb, help_text, invoke)

    # ------------------------------------------------------------ events

    def on_stop(self, handler: Callable[[Stop], None], complain: Callable[[str], None]) -> None:
        self._complain = complain
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
            from dbg_session.host.stops import PassedBy  # late: loading must not be felt

            location, target = passed.location, passed.breakpoint.GetTarget()
            pc = location.GetLoadAddress()
            here = passes.Standing(location, target)
            info = self._sight.frames.describe(here, 0 if pc == lldb.LLDB_INVALID_ADDRESS else pc)
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
        if self._seen is not None:
            self._seen.close()
        self._commands.close()
        if self._stops is not None:
            self._stops.hooks.close()

    def refresh(self) -> list[str]:
        if self._tracer is not None:
            self._tracer.clean_up()
        return self._stops.refresh() if self._stops is not None else []

    def thread_frame(self, thread: Any) -> LldbFrame | None:
        """The innermost frame of a thread."""
        self._look(thread.GetProcess())
        sight = self._sight
        sight.formats.forget()
        return sight.frames.innermost(thread)

    def _look(self, process: Any) -> tuple[int, int]:
        """Have everything read from this process from now on."""
        self.process = process
        loaded = (self.process.GetUniqueID(), self.process.GetTarget().GetNumModules())
        if loaded != self._loaded:
            self._loaded = loaded
            self.epoch += 1
            if self._seen is not None:
                self._seen.forget()
        return loaded

    def whose(self, process: Any) -> Whose:
        """See `Passing`.  LLDB reaches each process through a server, so that it tells nothing of where."""
        key, _ = self._look(process)
        return self._sight.whose(process, key)

    # ------------------------------------------------------------ the program

    def _target(self) -> Any:
        if self._stops is not None and self._stops.stream is not None and self.process:
            return self.process.GetTarget()
        return self.debugger.GetSelectedTarget()

    def tracer(self) -> Tracer:
        from .tracer import Around, LldbTracer  # late: most sessions trace nothing

        around = Around(self.debugger, self.thread_frame, self.whose, self.function, self.user_breakpoints.own)
        self._tracer = LldbTracer(around)
        return self._tracer

    def ask(self, question: str) -> bool | None:
        return asked(question) if sys.stdin.isatty() else None

    def target(self) -> str | None:
        target = self._target()
        return target.GetExecutable().fullpath if target.IsValid() else None

    def targets(self) -> set[str]:
        count = self.debugger.GetNumTargets()
        paths = (self.debugger.GetTargetAtIndex(i).GetExecutable().fullpath for i in range(count))
        return {path for path in paths if path}

    def function(self, name: str | None) -> Code:
        with Kept():
            from .code import function  # late: most sessions never ask
            from .frames import LANGUAGES

        return function(name, self._target(), LANGUAGES)

    def selected_frame(self) -> LldbFrame | None:
        thread = self.debugger.GetSelectedTarget().GetProcess().GetSelectedThread()
        innermost = self.thread_frame(thread) if thread.IsValid() else None
        return self._sight.frames.selected(thread, innermost)

    def evaluate(self, expression: str, frame: object, calls: bool = False) -> Value:
        return self._sight.expressions.evaluate(expression, frame, calls)

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
        return self._sight.variant(value, self.read_memory)

    def child(self, value: Value, index: int) -> Value:
        return self._sight.child(value, index, self.process.GetTarget())

    def user_text(self, value: Value, limit: int) -> Printed | None:
        return self._sight.formats.user_text(value, limit, self.process.GetTarget())
