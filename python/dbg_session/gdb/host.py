"""The GDB face: with what lies beside it, the only place that imports `gdb`."""

from __future__ import annotations

import atexit
import contextlib
import sys
from typing import TYPE_CHECKING, Any

import gdb

from dbg_session.host.errors import HostError
from dbg_session.util.terminal import asked

from . import events, names
from .breakpoints import Breakpoints
from .calls import Calls
from .commands import Command, showable, tell
from .stops import Stops

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from dbg_session.host.code import Code
    from dbg_session.host.data import Printed, Whose
    from dbg_session.host.ours import Ours
    from dbg_session.host.protocol import Tracer
    from dbg_session.host.stops import PassedBy, Stop
    from dbg_session.host.types import Value

    from .frames import GdbFrame
    from .sight import Sight
    from .tracer import GdbTracer


class GdbHost:
    """`Host` over GDB's Python."""

    def __init__(self) -> None:
        self.epoch = 0
        self.ours: Ours
        self._calls = Calls()
        self._seen: Sight | None = None
        self._tracer: GdbTracer | None = None
        self._complain: Callable[[str], None] = lambda _sentence: None
        self._inferior: Any = None
        self._begun = 0  # processes that began to be debugged
        self._exit: list[Callable[[], None]] = []
        self.user_breakpoints = Breakpoints(self._calls)
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
        if self._seen is not None:
            self._seen.forget()

    @property
    def _sight(self) -> Sight:
        if self._seen is None:
            from .sight import Sight  # late: loading must not be felt

            self._seen = Sight(self, self.module_base, self._calls)
            self._seen.printers.overdue.complain = self._complain
        return self._seen

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
        events.complain = self._complain = complain
        self._stops = Stops(handler, self.thread_frame, self._calls)

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
        if self._tracer is not None:
            self._tracer.clean_up()
        return []  # what listens to GDB's events stays until it lets go

    def thread_frame(self) -> GdbFrame | None:
        """The innermost frame of the selected thread."""
        self._look()
        sight = self._sight
        sight.printers.look()
        return sight.frames.newest()

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
        return self._sight.whose(inferior, self._begun)

    def module_base(self, path: str | None) -> int:
        """Where a file is in memory; 0 where nobody tells."""
        if not path:
            return 0
        base = self.ours.module_base(self.whose(), path)
        if base is None and self._calls.may_execute():
            with contextlib.suppress(gdb.error):
                base = _mapped(gdb.execute("info proc mappings", False, True), path)
        return base or 0

    # ------------------------------------------------------------ the program

    def tracer(self) -> Tracer:
        from .tracer import GdbTracer  # late: most sessions trace nothing

        self._tracer = GdbTracer(self.thread_frame, self.whose, self._calls)
        return self._tracer

    def ask(self, question: str) -> bool | None:
        if not (gdb.parameter("confirm") and sys.stdin.isatty()):
            return None
        return asked(question)

    def target(self) -> str | None:
        return names.program(gdb.selected_inferior().progspace)

    def targets(self) -> set[str]:
        paths = (names.program(i.progspace) for i in gdb.inferiors())
        return {path for path in paths if path}

    def function(self, name: str | None) -> Code:
        from .code import function  # late: most sessions never ask

        with self.quiet():
            if name is not None and name.lstrip().startswith("*"):
                self._calls.hush()  # the address is an expression
            return function(name)

    def selected_frame(self) -> GdbFrame | None:
        return self._sight.frames.selected(self.thread_frame())

    def evaluate(self, expression: str, frame: object, calls: bool = False) -> Value:
        return self._sight.expressions.evaluate(expression, frame, calls)

    def read_memory(self, address: int, size: int) -> bytes:
        if size == 0:
            return b""
        try:
            inferior = self._inferior or gdb.selected_inferior()
            return bytes(inferior.read_memory(address, size))
        except (gdb.error, OverflowError, RuntimeError, MemoryError):
            # As LLDB's, and as a snapshot says it.
            raise HostError(f"cannot read memory at {address:#x}") from None

    def quiet(self) -> AbstractContextManager[None]:
        return self._calls.quiet()

    # ------------------------------------------------------------ values

    def variant(self, value: Value) -> tuple[str, Value] | None:
        return self._sight.variant(value)

    def child(self, value: Value, index: int) -> Value:
        return self._sight.child(value, index)

    def user_text(self, value: Value, limit: int) -> Printed | None:
        return self._sight.printers.user_text(value, limit)


def _mapped(table: str, path: str) -> int | None:
    """Where a file is by GDB's own table of what is mapped, which it has of programs elsewhere too."""
    path = path.removeprefix("target:")
    for line in table.splitlines():
        words = line.split(maxsplit=1)
        if words and words[0].startswith("0x") and line.endswith(path):
            return int(words[0], 16)
    return None
