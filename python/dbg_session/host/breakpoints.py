"""Breakpoints as they stand, and the places where they are set again."""

from __future__ import annotations

from typing import Any, NamedTuple


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
