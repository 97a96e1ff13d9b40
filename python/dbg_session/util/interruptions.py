"""How often Ctrl-C was pressed while something was captured, which it does not end.

A real stop has stopped already, and who runs through tracepoints looks here afterwards.
"""

from __future__ import annotations

_count = 0


def count() -> int:
    """How often so far."""
    return _count


def noted(error: BaseException) -> BaseException:
    """Count it if that is what an error is; the error."""
    global _count  # noqa: PLW0603 - Ctrl-C is the whole debugger's
    _count += isinstance(error, KeyboardInterrupt)
    return error
