"""Printers of the user's that take too long at a stop: ended, told once, and not asked again."""

from __future__ import annotations

# A pretty-printer of the user's that takes longer at a stop is not asked again.
LONGEST_PRINTER_S = 0.5
OVERDUE = "a pretty-printer of {} takes longer than half a second; it is not asked any more"


class OverdueError(BaseException):
    """Raised in a printer that takes too long; no `except Exception` of its own is to stop that."""
