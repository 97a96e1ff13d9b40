"""The machine code of a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .errors import HostError

if TYPE_CHECKING:
    from collections.abc import Iterable

# More names nobody reads.
_SHOWN = 5


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


def ambiguous(name: str, functions: Iterable[str]) -> HostError:
    """That a name may be several functions, in the words of `src/query/names.rs`."""
    quoted = [f"`{function}`" for function in sorted(functions)]
    first, last = quoted[:_SHOWN], f"{len(quoted) - _SHOWN} more"
    if len(quoted) <= _SHOWN:
        last = first.pop()
    return HostError(f"`{name}` may be {', '.join(first)} or {last}; write more of the name")


def operands(text: str) -> str:
    """Operands as both debuggers shall write them: a space after each comma between two."""
    out, depth = [], 0
    for i, c in enumerate(text):
        depth += (c in "([{<") - (c in ")]}>")
        out.append(c)
        if c == "," and depth == 0 and text[i + 1 : i + 2] != " ":
            out.append(" ")
    return "".join(out)
