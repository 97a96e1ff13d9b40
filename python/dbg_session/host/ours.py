"""Whether the process that the debugger works on may be read behind its back.

A debugger has a number for its process also where that is on another machine, in another pid
namespace, in an emulator, a recording or a core file; here the same number may be another process.
The native side proves that it is not, and is asked anew whenever the debugger has another process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbg_session._native import Plugin

    from .data import Whose


class Ours:
    """Asks for the proof, once for each process."""

    def __init__(self, native: Plugin, epoch: Callable[[], int], read: Callable[[int, int], bytes]) -> None:
        """`epoch` and `read` are the host's `epoch` and `read_memory`."""
        self._native = native
        self._epoch = epoch
        self._read = read
        self._asked: object = None
        self._doubt: str | None = None

    def doubt(self, whose: Whose) -> str | None:
        """Why only the debugger is to be asked; None: the process is proven to be on this machine."""
        key = (whose.key, self._epoch())
        if key != self._asked:
            program, build_id = whose.program()
            doubt = self._native.prove(whose.elsewhere, whose.pid, program, build_id, self._read)
            self._asked, self._doubt = key, doubt
        return self._doubt

    def module_base(self, whose: Whose, path: str) -> int | None:
        """Where a file is in memory; None: the debugger must tell."""
        return None if self.doubt(whose) is not None else self._native.module_base(whose.pid, path)
