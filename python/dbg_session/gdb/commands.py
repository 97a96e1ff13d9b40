"""`dbg-session` as a command of GDB.  Part of the GDB face."""

from __future__ import annotations

import contextlib
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import gdb

if TYPE_CHECKING:
    from collections.abc import Callable


# An editor's console tells no width.
_EDITORS_WIDTH = 100


def in_editor() -> bool:
    """Whether an editor drives this GDB by its debug adapter, `gdb -i dap`."""
    server = getattr(sys.modules.get("gdb.dap"), "server", None)
    return server is not None and not isinstance(server, ModuleType)


def tell(text: str) -> None:
    """Print a line that nobody asked for.

    Under the adapter what GDB prints while the program runs goes to the log of whatever had it run.
    What comes to the standard output, which is a pipe there, is told to the editor.
    """
    if in_editor():
        with contextlib.suppress(OSError):
            os.write(1, (showable(text) + "\n").encode(errors="replace"))
    else:
        gdb.write(showable(text) + "\n")


def _width() -> int | None:
    """How wide tables may be; None: they are for programs, not for people."""
    return gdb.parameter("width") or (_EDITORS_WIDTH if in_editor() else None)


def showable(text: str) -> str:
    """As GDB can print it: it raises at what the user's locale has no letter for."""
    charset = getattr(gdb, "host_charset", lambda: "ascii")()
    try:
        text.encode(charset)
    except (UnicodeError, LookupError):
        from dbg_session.util.ascii_signs import plain

        return plain(text)
    return text


class Command(gdb.Command):  # type: ignore[misc]
    """A `dbg-session` command; nothing that happens inside may end as a traceback."""

    def __init__(
        self,
        name: str,
        prefix: bool,
        invoke: Callable[[str, int | None], tuple[int, str, str]],
        complete: Callable[[str], list[str]],
    ) -> None:
        super().__init__(name, gdb.COMMAND_DATA, prefix=prefix)
        self._invoke = invoke
        self._complete = complete

    def invoke(self, argument: str, _from_tty: bool) -> None:
        self.dont_repeat()
        try:
            code, out, err = self._invoke(argument or "", _width())
        except SystemExit as error:
            code, out, err = (error.code or 0) if isinstance(error.code, int) else 1, "", ""
        except KeyboardInterrupt:  # before or after the question, which knows Ctrl-C itself
            code, out, err = 130, "", "dbg-session: interrupted."
        except Exception as error:
            code, out, err = 1, "", f"dbg-session: {type(error).__name__}: {error}"
        if out:
            gdb.write(showable(out if out.endswith("\n") else out + "\n"))
        err = err.rstrip("\n")
        if code:
            raise gdb.GdbError(showable(err) or "dbg-session failed.")
        if err:
            gdb.write(showable(err) + "\n", gdb.STDERR)

    def complete(self, text: str, word: str | None) -> list[str]:
        try:
            found = self._complete(text or "")
        except Exception:
            return []
        # GDB breaks words where we do not (at `-`, `/` …): give only what it asks for.
        token = (text or "").rpartition(" ")[2]
        cut = len(token) - len(word or "")
        return [c[cut:] for c in found if c.startswith(token)] if cut > 0 else found
