"""The plain data that a debugger answers with, and what it says when it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from .frames import Frame, FrameInfo
    from .types import Value


class HostError(Exception):
    """The debugger could not do what was asked; the text is one plain sentence."""


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


class PassedBy(NamedTuple):
    """Hits at one place that no stop told of: the program went on before anything could be read."""

    breakpoint: int
    place: FrameInfo
    times: int
    thread: Thread | None  # where only one can have passed
    pid: int


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


class Printed(NamedTuple):
    """What a user's pretty-printer gave: a text, children, or both.

    `hint` is "map", "array" or None; children of a map alternate keys and values.
    `more` says that there were more children than asked for.
    """

    text: str | None
    hint: str | None
    children: list[tuple[str, Value | str]] | None
    more: bool
