"""Loading modules only when they are needed, as fast as at the start."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


class Kept:
    """Within it, what is imported is kept compiled.

    LLDB has Python compile every module at each start; as GDB does, and any Python, ours are kept
    compiled, unless the user's environment says not to.
    """

    __slots__ = ("_before",)

    def __enter__(self) -> None:
        self._before = sys.dont_write_bytecode
        sys.dont_write_bytecode = bool(sys.flags.dont_write_bytecode)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        sys.dont_write_bytecode = self._before
