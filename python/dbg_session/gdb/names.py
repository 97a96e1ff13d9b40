"""Names of files, as GDB has them: bytes, which need not be text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gdb

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def named(read: Callable[[], str | None]) -> str | None:
    """What `read` gives; where GDB cannot make a text of it, as Python has such names of files."""
    try:
        return read()
    except UnicodeDecodeError as error:
        return error.object.decode("utf-8", "surrogateescape")


def full_name(symtab: Any) -> str | None:
    """The path of a source file."""
    return named(symtab.fullname)


def program(space: Any) -> str | None:
    """The program of a program space."""
    return named(lambda: getattr(space, "filename", None))


def library(pc: int) -> str | None:
    """The shared library at an address."""
    return named(lambda: gdb.solib_name(pc))


def main_file(space: Any) -> tuple[str | None, str | None]:
    """The program of a program space, and the build id of it as GDB read it."""
    name = program(space)
    for one in space.objfiles():
        if name is not None and named(lambda one=one: one.filename) == name:  # type: ignore[misc]
            return name, one.build_id
    return name, None
