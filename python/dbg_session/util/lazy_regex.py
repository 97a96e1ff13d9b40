"""Regular expressions that are compiled at their first use: loading must not be felt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Pattern:
    """As `re.Pattern`, as far as it is needed here."""

    __slots__ = ("_compiled", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._compiled: re.Pattern[str] | None = None

    def _ready(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self._text)
        return self._compiled

    def search(self, text: str) -> re.Match[str] | None:
        """The first match anywhere."""
        return self._ready().search(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """A match of the whole text."""
        return self._ready().fullmatch(text)

    def findall(self, text: str) -> list[str]:
        """The text of every match."""
        return self._ready().findall(text)

    def sub(self, with_: str | Callable[[re.Match[str]], str], text: str) -> str:
        """The text with every match replaced."""
        return self._ready().sub(with_, text)
