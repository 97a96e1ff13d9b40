"""Where text goes that nobody is to see."""

from __future__ import annotations


class Nowhere:
    """A stream that drops what is written to it."""

    def write(self, text: str) -> int:
        """Take it."""
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""
