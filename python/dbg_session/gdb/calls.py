"""What may be run now: commands of GDB's, and code in the program.  Part of the GDB face."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import gdb

from dbg_session.host.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Calls:
    """Forbids calls into the program, and knows where no command of GDB's may be run."""

    def __init__(self) -> None:
        self.passing = False  # inside a breakpoint's `stop()`
        self.commands_wait = False  # at a stop whose breakpoint has commands, which GDB has not run yet
        self._quiets = 0
        self._hushed = False

    def may_execute(self) -> bool:
        """Whether a command of GDB's may be run: at a stop it would run those of the breakpoint first.

        They may set the program going under our feet.
        """
        return self.passing or not self.commands_wait

    @contextlib.contextmanager
    def quiet(self) -> Iterator[None]:
        """Nothing is forbidden before something comes that could run code: see `hush`.

        What was forbidden stays so until the outermost of these ends: once at a stop will do.
        """
        self._quiets += 1
        try:
            yield
        finally:
            self._quiets -= 1
            if self._hushed and not self._quiets:
                self._hushed = False
                try:
                    self._call_functions("on")
                except KeyboardInterrupt:
                    self._call_functions("on")
                    raise

    def hush(self) -> None:
        """Forbid calls into the program until `quiet` ends; HostError if that cannot be."""
        if self._hushed:
            return
        try:
            if not gdb.parameter("may-call-functions"):
                return
        except RuntimeError:
            raise HostError("this GDB cannot keep code from being run") from None
        self._call_functions("off")
        self._hushed = True

    def _call_functions(self, value: str) -> None:
        try:
            if hasattr(gdb, "execute_mi"):  # GDB 14; a program that drives GDB is not told of it
                gdb.execute_mi("-gdb-set", "may-call-functions", value)
            elif self.may_execute():
                gdb.execute(f"set may-call-functions {value}", False, True)
            else:
                raise HostError("not at a breakpoint with commands, in a GDB before 14")
        except gdb.error as error:
            raise HostError(str(error)) from None
