"""What a debugger must be able to do for us, and the plain data it answers with.

`gdb/host.py` and `lldb/host.py` implement `Host`; everything above this file is the
same code for both debuggers.  The debugger says *where* a value lives and *how its
type is laid out*; what the bytes mean is decided once, in `values/reader.py`, so that both
debuggers give the same text for the same state.
"""

# ruff: noqa: PLR0913, PLR0917, PLR2004 - a value is what it is
from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence
    from contextlib import AbstractContextManager

    from .ours import Ours

# Kinds of `Type`.
INT = "int"
BOOL = "bool"
CHAR = "char"
FLOAT = "float"
ENUM = "enum"
POINTER = "pointer"
REFERENCE = "reference"
STRUCT = "struct"
UNION = "union"
ARRAY = "array"
VARIANT = "variant"
FUNCTION = "function"
VOID = "void"
OTHER = "other"

# Signals whose default action ends the program, less SIGINT, which is the user's own.
_FATAL = frozenset(
    [
        "SIGABRT",
        "SIGALRM",
        "SIGBUS",
        "SIGFPE",
        "SIGHUP",
        "SIGILL",
        "SIGIO",
        "SIGPOLL",
        "SIGKILL",
        "SIGPIPE",
        "SIGPROF",
        "SIGPWR",
        "SIGQUIT",
        "SIGSEGV",
        "SIGSTKFLT",
        "SIGSYS",
        "SIGTERM",
        "SIGTRAP",
        "SIGUSR1",
        "SIGUSR2",
        "SIGVTALRM",
        "SIGXCPU",
        "SIGXFSZ",
        "SIGEMT",
    ]
)


def ends_program(signal: str) -> bool:
    """Whether a signal of this name would end a program that does not handle it."""
    realtime = signal.startswith("SIGRT") or (signal[3:].isdigit() and int(signal[3:]) >= 32)
    return signal in _FATAL or realtime


# The types of nullptr, of which nothing need be read.
NULL = frozenset(("decltype(nullptr)", "std::nullptr_t", "nullptr_t"))
# More names in one scope than anybody reads; generated code has them.
MOST_NAMES = 1000


class HostError(Exception):
    """The debugger could not do what was asked; the text is one plain sentence."""


def asked(question: str) -> bool | None:
    """A yes or no from the terminal; Ctrl-C and Ctrl-D are no."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    question = question.encode(encoding, "backslashreplace").decode(encoding)
    try:
        return input(f"{question} (y or n) ").strip().lower() in ("y", "yes")
    except (EOFError, KeyboardInterrupt):
        return False


# A pretty-printer of the user's that takes longer at a stop is not asked again.
LONGEST_PRINTER_S = 0.5
OVERDUE = "a pretty-printer of {} takes longer than half a second; it is not asked any more"


class OverdueError(BaseException):
    """Raised in a printer that takes too long; no `except Exception` of its own is to stop that."""


class ScopeError(HostError):
    """A name in an expression is not known at this place."""


class CallError(HostError):
    """An expression would have to run code in the program."""

    def __init__(self) -> None:
        super().__init__("it would call a function of the program")


class Thread(NamedTuple):
    """A thread: the debugger's number, the system's id, and its name if it has one."""

    num: int
    tid: int
    name: str | None


# What debuggers say of where their process is.
CORE = "the program is a core file"
NOBODY = "no program runs"


class Whose(NamedTuple):
    """A process as the debugger knows it.

    `key` is another one for each process, also where two have the same number; `elsewhere` says
    why the debugger itself knows that its number means nothing here; `program` tells the file that
    the debugger has of it, and the build id of that in hexadecimal.
    """

    key: object
    pid: int
    elsewhere: str | None
    program: Callable[[], tuple[str | None, str | None]]


class Stop(NamedTuple):
    """One thread's real stop at one location.

    `breakpoints` holds only those that truly stopped here, with their hit counts as the
    debugger counts them; `detail` says what a number cannot (a signal's name, `throw`).
    """

    reason: str
    breakpoints: list[tuple[int, int | None]]
    detail: str | None
    thread: Thread
    pid: int
    frame: Frame | None


class Breakpoint(NamedTuple):
    """A breakpoint of any kind as it stands, with all that it takes to set it again.

    The words are those of the table `breakpoints`, which describes each; `options` is the
    text of a JSON object.
    """

    number: int
    kind: str
    form: str
    spec: str
    file: str | None = None
    line: int = 0
    function: str | None = None
    locations: int = 1
    condition: str | None = None
    ignore_count: int = 0
    enabled: bool = True
    temporary: bool = False
    hardware: bool = False
    access: str | None = None
    thread: int | None = None
    commands: str | None = None
    hits: int = 0
    options: str | None = None


class Place(NamedTuple):
    """Where a recorded breakpoint is set again, in parts for the debugger's own interface.

    All of it has been read to its last character by `src/command/restorable`: nothing else of a
    session's file comes here, and nothing of this goes into a command.  `form` is `line`,
    `function`, `address`, `regex`, `text` (a regular expression over source lines), `path` (of
    a variable) or `event` (a word of ours, with signals or system calls as `names`).
    """

    form: str
    file: str | None = None
    line: int = 0
    function: str | None = None
    address: int = 0
    regex: str = ""
    path: str = ""
    location: bool = False  # what the path leads to now, whatever it leads to later
    event: str = ""
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, parts: dict[str, Any]) -> Place:
        """From a request."""
        return cls(**{**parts, "names": tuple(parts.get("names", ()))})


class Instruction(NamedTuple):
    """One machine instruction.

    `offset` counts bytes from the function's start, `data` is in hexadecimal, `line` is 0 where
    it has none, `file` set where that is another than the function's.  `target` is the name of
    what a jump goes to (then it is the operand that `text` lacks) or of the data that is
    meant (then `comment`), `target_offset` bytes into it.
    """

    offset: int
    data: str
    text: str
    line: int
    file: str | None
    target: str | None
    target_offset: int
    comment: bool
    inlined: bool


class Code(NamedTuple):
    """A function's machine code; `first_line` and `last_line` are 0 without line information.

    `start` is the address of the first instruction at the time; `flavor` the dialect of the
    assembler, where there are several.
    """

    name: str
    lang: str
    file: str | None
    first_line: int
    last_line: int
    module: str | None
    start: int
    flavor: str | None
    instructions: list[Instruction]


def operands(text: str) -> str:
    """Operands as both debuggers shall write them: a space after each comma between two."""
    out, depth = [], 0
    for i, c in enumerate(text):
        depth += (c in "([{<") - (c in ")]}>")
        out.append(c)
        if c == "," and depth == 0 and text[i + 1 : i + 2] != " ":
            out.append(" ")
    return "".join(out)


class Field(NamedTuple):
    """A member of a struct, union or variant; `bits` > 0 makes it a bit-field.

    `name` is "" for anonymous members; `base` marks a base class, named after its type.
    `bit_offset` counts from the start of the object; None where only the debugger knows
    (virtual base classes).
    """

    name: str
    type: Type
    bit_offset: int | None
    bits: int
    base: bool


class _Learning:
    """A clock that runs while a debugger reads a type's debug information.

    That is done once for each type, and can take LLDB longer than all the reading of values
    that follows: it is no part of what one hit costs.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0
        self._began = 0.0

    def __enter__(self) -> None:
        if self._depth == 0:
            self._began = time.monotonic()
        self._depth += 1

    def __exit__(self, *_error: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            self.seconds += time.monotonic() - self._began


_LEARNING = _Learning()


def learning() -> AbstractContextManager[None]:
    """Within it something is worked out that is done once, not at each hit."""
    return _LEARNING


def learning_seconds() -> float:
    """How long types have been learnt so far, in all."""
    return _LEARNING.seconds


class Type:
    """A type's layout, read from the debugger when first asked for, then kept.

    Typedefs and qualifiers are resolved, except in `name`, which is as the program
    wrote it, in the spelling that both debuggers share.  `plan` and `paths` belong to
    `values/reader.py`, which keeps there what it worked out about the type.
    """

    __slots__ = (
        "_size",
        "cache",
        "count",
        "handle",
        "kind",
        "name",
        "paths",
        "plain",
        "plan",
        "rust",
        "signed",
    )

    def __init__(self, kind: str, name: str, size: int | None, handle: object) -> None:
        self.kind = kind
        self.name = name
        self.plain = name  # the name with typedefs and qualifiers resolved
        self._size = size
        self.handle = handle
        self.signed = False
        self.rust = False
        self.count = 0  # elements of an array
        self.plan: Callable[..., object] | None = None
        self.paths: dict[str, tuple[int, Type] | None] | None = None
        self.cache: dict[str, object] = {}

    @property
    def size(self) -> int:
        """Bytes; asked for late, because to tell it a debugger must read the whole type."""
        if self._size is None:
            with _LEARNING:
                self._size = self._load_size()
        return self._size

    @size.setter
    def size(self, size: int) -> None:
        self._size = size

    def fields(self) -> list[Field]:
        """Members and base classes in the order of declaration, no static ones."""
        got = self.cache.get("fields")
        if got is None:
            with _LEARNING:
                got = self.cache["fields"] = self._load_fields()
        return got  # type: ignore[return-value]

    def target(self) -> Type:
        """What a pointer or reference points to, or an array's element."""
        got = self.cache.get("target")
        if got is None:
            with _LEARNING:
                got = self.cache["target"] = self._load_target()
        return got  # type: ignore[return-value]

    def enumerators(self) -> list[tuple[str, int]]:
        """Unqualified names and values of an enum."""
        got = self.cache.get("enumerators")
        if got is None:
            with _LEARNING:
                got = self.cache["enumerators"] = self._load_enumerators()
        return got  # type: ignore[return-value]

    def argument(self, index: int) -> Type | None:
        """The type that is the template's argument `index`, or None."""
        key = f"argument{index}"
        if key not in self.cache:
            with _LEARNING:
                self.cache[key] = self._load_argument(index)
        return self.cache[key]  # type: ignore[return-value]

    def _load_size(self) -> int:
        raise NotImplementedError

    def _load_fields(self) -> list[Field]:
        raise NotImplementedError

    def _load_target(self) -> Type:
        raise NotImplementedError

    def _load_enumerators(self) -> list[tuple[str, int]]:
        raise NotImplementedError

    def _load_argument(self, index: int) -> Type | None:
        raise NotImplementedError


class Value:
    """Something of a type, somewhere: in memory at `address`, or as `data` bytes.

    A value that is neither (optimized out, failed) says why in `status` and `message`.
    `handle` is the debugger's own value where there is one; it dies when the program
    goes on, and so must this.
    """

    __slots__ = ("address", "data", "handle", "message", "status", "type")

    def __init__(
        self,
        type: Type,  # noqa: A002 - the natural word
        address: int | None,
        data: bytes | None = None,
        handle: object = None,
        status: str | None = None,
        message: str | None = None,
    ) -> None:
        self.type = type
        self.address = address
        self.data = data
        self.handle = handle
        self.status = status
        self.message = message


class Variable(NamedTuple):
    """A name in scope; `declared` is its line (0: unknown), `value` reads it when called."""

    name: str
    is_arg: bool
    declared: int
    value: Callable[[], Value]


class Frame(Protocol):
    """One frame of a stopped thread; dies when the program goes on."""

    def info(self) -> tuple[str | None, str | None, int, int, str | None, int, str, bool]:
        """(function, file, line, pc, module, offset, lang, inlined)."""

    def older(self) -> Frame | None:
        """The caller, unwinding no further than that."""

    def variables(self) -> Iterable[Variable]:
        """Arguments and locals, innermost block first; outer ones of a name are left out.

        Not more than MOST_NAMES and one, the one being the sign that there were more.
        """


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


class Mark(Protocol):
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
        """Delete it, from where a tracepoint is passed, which may not be possible at each passing."""


class Exits(Protocol):
    """The breakpoints at the `ret` instructions of a function."""

    def enable(self, on: bool) -> None:
        """Switch them on or off."""

    def delete(self) -> None:
        """Delete them."""

    def delete_soon(self) -> None:
        """Delete them, from where a tracepoint is passed, which may not be possible at each passing."""


class Tracer(Protocol):
    """Sets the breakpoints of tracepoints."""

    def set(self, spec: object, passed: Callable[[Passing], bool]) -> Mark:
        """A breakpoint that stops only where `passed` says so, which raises nothing.

        `spec` is what the debugger's own `break` takes, a `Place`, or one of `functions`.
        """

    def entry(self, function: str, spec: object, passed: Callable[[Passing], bool]) -> Mark:
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


class PassedBy(NamedTuple):
    """Hits at one place that no stop told of: the program went on before anything could be read."""

    breakpoint: int
    place: tuple[str | None, str | None, int, int, str | None, int, str, bool]  # as `Frame.info` has it
    times: int
    thread: Thread | None  # where only one can have passed
    pid: int


class Host(Protocol):
    """A debugger."""

    name: str
    # Grows whenever addresses may have come to mean something else.
    epoch: int
    # Set by who makes the host, before anything is asked of it.
    ours: Ours

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

    @property
    def own(self) -> set[int]:
        """The numbers of breakpoints that are ours, which `breakpoints` leaves out."""

    def breakpoints_changed(self) -> bool:
        """Whether one of the user's breakpoints came, went or changed since last asked; cheap."""

    def breakpoints(self) -> list[Breakpoint]:
        """The user's breakpoints, watchpoints and catchpoints."""

    def breakpoint(self, number: int) -> Breakpoint | None:
        """One of them, or of ours."""

    def set_breakpoint(self, wanted: Breakpoint, place: Place) -> Breakpoint:
        """Set one; it may have to wait (`locations` is 0).  HostError says why it cannot be.

        Its condition is not set: see `set_condition`.
        """

    def names_at(self, made: Breakpoint) -> list[Callable[[str], Type | None]]:
        """What names mean at each location of a breakpoint: a variable's type, None where there is none."""

    def set_condition(self, wanted: Breakpoint) -> Breakpoint:
        """Give a breakpoint that was set its condition; HostError says why it cannot have it."""

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


class Printed(NamedTuple):
    """What a user's pretty-printer gave: a text, children, or both.

    `hint` is "map", "array" or None; children of a map alternate keys and values.
    `more` says that there were more children than asked for.
    """

    text: str | None
    hint: str | None
    children: list[tuple[str, Value | str]] | None
    more: bool
