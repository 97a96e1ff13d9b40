"""The alternatives to the plugin inside GDB: a handler that does nothing, and a naive one."""

from __future__ import annotations

from typing import Any

import gdb


def empty(_event: object) -> None:
    """What the interface itself costs."""


def naive(_event: object) -> None:
    """What one writes at first: every local and the stack, as text at the end of a file."""
    frame = gdb.selected_frame()
    lines = [f"hit {frame.name()}"]
    block = frame.block()
    while block is not None:
        lines += [
            f"  {symbol.name} = {symbol.value(frame).format_string()}"
            for symbol in block
            if symbol.is_variable or symbol.is_argument
        ]
        if block.function is not None:
            break
        block = block.superblock
    at: Any = frame
    while at is not None:
        place = at.find_sal()
        lines.append(f"  in {at.name()} {place.symtab.filename if place.symtab else '?'}:{place.line}")
        at = at.older()
    with open("naive.txt", "a", encoding="utf-8") as file:  # noqa: PTH123 - as one writes it at first
        file.write("\n".join(lines) + "\n")


class EmptyPass(gdb.Breakpoint):  # type: ignore[misc]
    """A breakpoint that never stops: what the interface itself costs."""

    def stop(self) -> bool:
        """Go on."""
        return False


class NaivePass(gdb.Breakpoint):  # type: ignore[misc]
    """A breakpoint that writes every local and the stack as text, and never stops."""

    def stop(self) -> bool:
        """Write it down and go on."""
        naive(None)
        return False
