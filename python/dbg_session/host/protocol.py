"""What a debugger must be able to do for us.

`gdb/host.py` and `lldb/host.py` implement `Host`; everything above this folder is the
same code for both debuggers.  The debugger says *where* a value lives and *how its
type is laid out*; what the bytes mean is decided once, in `values/reader.py`, so that both
debuggers give the same text for the same state.

Nothing here is needed at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence
    from contextlib import AbstractContextManager

    from .breakpoints import Breakpoint, Place
    from .code import Code
    from .data import Printed, Thread, Whose
    from .frames import Frame
    from .ours import Ours
    from .stops import PassedBy, Stop
    from .types import Type, Value


class Passing(Protocol):
    """A thread that passes a tracepoint; dies when the program goes on."""

    def frame(self) -> Frame | None:
        """The innermost frame."""

    def thread(self) -> Thread:
        """The thread."""

    def pid(self) -> int:
        """The system's id of its process."""

    def ids(self) -> tuple[int, int, int]:
        """The thread's number, its system's id, and that of its process."""

    def whose(self) -> Whose:
        """Its process; afterwards the host's `epoch` and `read_memory` are of this process."""

    def register(self, name: str) -> bytes:
        """A register's bytes, by its usual name; or HostError."""

    def cfa(self) -> int:
        """The canonical frame address of the innermost function; or HostError."""

    def registers(self, wanted: Container[int] | None) -> Sequence[int] | None:
        """The pc, then x86-64's registers as DWARF orders them, other than the `wanted` ones perhaps 0.

        Empty: the kernel tells them to this very thread.  None: memory may not be read behind
        the debugger's back.
        """


class TraceBreakpoint(Protocol):
    """A breakpoint of the debugger that serves a tracepoint."""

    number: int

    def valid(self) -> bool:
        """Whether the debugger still has it."""

    def places(self) -> list[str]:
        """Where it was set, mostly one place, as `file:line`; none while it is pending."""

    def enabled(self) -> bool:
        """Whether it is switched on."""

    def enable(self, on: bool) -> None:
        """Switch it on or off."""

    def delete(self) -> None:
        """Delete it."""

    def enable_soon(self, on: bool) -> None:
        """Switch it on or off, from where a tracepoint is passed."""

    def delete_soon(self) -> None:
        """Delete it, from where a tracepoint is passed: when that may be done, at the latest at the next `refresh`."""


class Exits(Protocol):
    """The breakpoints at the `ret` instructions of a function."""

    def enable(self, on: bool) -> None:
        """Switch them on or off."""

    def delete(self) -> None:
        """Delete them."""

    def delete_soon(self) -> None:
        """Delete them, from where a tracepoint is passed, as soon as that may be done."""


class Tracer(Protocol):
    """Sets the breakpoints of tracepoints."""

    def set(self, spec: object, passed: Callable[[Passing], bool]) -> TraceBreakpoint:
        """A breakpoint that stops only where `passed` says so, which raises nothing.

        `spec` is what the debugger's own `break` takes, a `Place`, or one of `functions`.
        """

    def entry(self, function: str, spec: object, passed: Callable[[Passing], bool]) -> TraceBreakpoint:
        """As `set`, where the arguments of a function can be read for the first time."""

    def exits(self, function: str, passed: Callable[[Passing], bool]) -> Exits:
        """Has `passed` called at each `ret` of a function, once and again in every process."""

    def return_type(self, frame: Frame) -> Type | None:
        """What the function of `frame` returns; None without debug information."""

    def copied_by_hand(self, kind: Type) -> bool | None:
        """Whether a C++ class by itself is more than its bits when copied or destroyed; None: perhaps."""

    def is_vector(self, kind: Type) -> bool:
        """Whether an array is one that the processor computes with as a whole."""

    def functions(self, regex: str) -> tuple[int, list[object]]:
        """How many functions with debug information match, and what to set to have them all."""

    def refuse(self, found: list[object]) -> None:
        """Forget what `functions` found: it is not to be set."""


class UserBreakpoints(Protocol):
    """The user's breakpoints, watchpoints and catchpoints."""

    own: set[int]  # the numbers of those that are ours, which the others are not to show

    def changed(self) -> bool:
        """Whether one came, went or changed since last asked; cheap."""

    def all(self) -> list[Breakpoint]:
        """All of them."""

    def one(self, number: int) -> Breakpoint | None:
        """One of them, or of ours."""

    def set(self, wanted: Breakpoint, place: Place) -> Breakpoint:
        """Set one; it may have to wait (`locations` is 0).  HostError says why it cannot be.

        Its condition is not set: see `set_condition`.
        """

    def set_condition(self, wanted: Breakpoint) -> Breakpoint:
        """Give one that was set its condition; HostError says why it cannot have it."""

    def names_at(self, wanted: Breakpoint) -> list[Callable[[str], Type | None]]:
        """What names mean at each location of one: a variable's type, None where there is none."""


class Host(Protocol):
    """A debugger."""

    # Grows whenever addresses may have come to mean something else.
    epoch: int
    # Set by who makes the host, before anything is asked of it.
    ours: Ours

    @property
    def user_breakpoints(self) -> UserBreakpoints:
        """The user's breakpoints."""

    def version(self) -> str:
        """Name and version, as the debugger calls itself."""

    def write(self, text: str) -> None:
        """One line to the user, in the debugger's own way."""

    def add_command(
        self,
        verb: str,
        help_text: str,
        invoke: Callable[[str, int | None], tuple[int, str, str]],
        complete: Callable[[str], list[str]],
    ) -> None:
        """Add `dbg-session VERB`; `invoke(arguments, width)` gives (exit code, out, err)."""

    def on_stop(self, handler: Callable[[Stop], None], complain: Callable[[str], None]) -> None:
        """Call `handler` at every real stop, once for each thread that made one.

        `complain` is told, in a sentence, what went wrong of ours at a stop.
        """

    def on_passed(self, handler: Callable[[PassedBy], None]) -> None:
        """Call `handler` for hits that can only be counted."""

    def on_exit(self, handler: Callable[[], None]) -> None:
        """Call `handler` once when the debugger ends in an orderly way."""

    def refresh(self) -> list[str]:
        """See that stops are still told, before each command; what the user should know of that."""

    def tracer(self) -> Tracer:
        """What sets tracepoints."""

    def ask(self, question: str) -> bool | None:
        """A yes or no of the user; None when nobody is there to be asked."""

    def target(self) -> str | None:
        """The path of the program being debugged."""

    def targets(self) -> set[str]:
        """The paths of all programs loaded in any inferior or target."""

    def function(self, name: str | None) -> Code:
        """The code of a function or of the one at `file:line`; None: of the selected frame.

        HostError says why there is none, or that several are called so.
        """

    def selected_frame(self) -> Frame | None:
        """The frame that the user looks at, if the program is stopped."""

    def evaluate(self, expression: str, frame: Frame, calls: bool = False) -> Value:
        """An expression in `frame`, or HostError; without `calls` no code is run in the program."""

    def read_memory(self, address: int, size: int) -> bytes:
        """Exactly `size` bytes; HostError if any of them cannot be read."""

    def quiet(self) -> AbstractContextManager[None]:
        """While it lasts nothing may run code in the program."""

    def variant(self, value: Value) -> tuple[str, Value] | None:
        """The active variant of a Rust enum: its name, and its payload as a struct."""

    def child(self, value: Value, index: int) -> Value:
        """Field or element `index` of a value that has neither address nor data."""

    def user_text(self, value: Value, limit: int) -> Printed | None:
        """What a pretty-printer of the user's own says; None where there is none."""
