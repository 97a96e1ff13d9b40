"""Work within a captured command: nothing of what GDB says meanwhile is seen.  Part of the GDB face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gdb

if TYPE_CHECKING:
    from collections.abc import Callable

# What is to be done, then (what it gave, what it raised).
_waiting: list[Any] = []


def captured(work: Callable[[], Any]) -> Any:
    """What `work` gives or raises, which GDB does within a command: its own warnings are captured too."""
    _waiting[:] = [work]
    gdb.execute(f"python __import__('sys').modules['{__name__}']._work()", False, True)
    done, error = _waiting.pop()
    if error is not None:
        raise error
    return done


def _work() -> None:
    work = _waiting.pop()
    try:
        _waiting.append((work(), None))
    except BaseException as error:
        _waiting[:] = [(None, error)]
