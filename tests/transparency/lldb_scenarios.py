"""Reads `lldb-scenarios.txt`: what is typed to LLDB with and without the plugin."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

LIST = Path(__file__).resolve().parent / "lldb-scenarios.txt"
_HEAD = re.compile(r"== ([^\[]+?)(?: \[(.*)\])?")


class Scenario(NamedTuple):
    """What somebody types, and to what."""

    name: str
    lines: list[str]
    program: str
    quick: bool
    batch: bool
    attach: bool


def scenarios(text: str) -> list[Scenario]:
    """The scenarios of the file, in its order."""
    out: list[Scenario] = []
    for line in text.splitlines():
        head = _HEAD.fullmatch(line)
        if head:
            words = (head[2] or "").split()
            program = next((word for word in words if "." in word), "tour.c")
            out.append(Scenario(head[1], [], program, "quick" in words, "batch" in words, "attach" in words))
        elif out and not line.startswith("# "):
            out[-1].lines.append(line)
    # An empty line between two scenarios is none that is typed.
    return [one._replace(lines=_trimmed(one.lines)) for one in out]


def _trimmed(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and not lines[end - 1]:
        end -= 1
    return lines[:end]
