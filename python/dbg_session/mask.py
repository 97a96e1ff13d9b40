"""Hides what looks like a credential before it is recorded.

Only text is ever hidden: a number called `key` is no secret, and `token_count` is a count.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from .patterns import Pattern

if TYPE_CHECKING:
    from .values import Tuple

MASKED = "<masked>"

# Words of a name, `apiKey` and `API_KEY` both being `api key`.
_WORDS = Pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET = Pattern(
    r"(?:^| )(?:password|passwd|passphrase|pwd|secrets?|credentials?|(?:auth|access|api|refresh"
    r"|session|bearer|csrf|id)? ?token|api ?key|access ?key|private ?key|secret ?key|auth ?key"
    r"|authorization|bearer)(?: (?:hash|value|string|str|text|buf|buffer|data|hex|b 64|base 64|\d+))?$"
)
_CONTENT = Pattern(
    r"-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|(?i:\bbearer\s+[a-z0-9._~+/=-]{8,})"
    r"|://[^/\s:@]+:[^/\s@]+@"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}"
    r"|\bsk-[A-Za-z0-9_-]{20,}"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\."
    r"|(?i:\b(?:password|passwd|secret|api[_-]?key|access[_-]?token)\s*[=:]\s*\S)"
)


@lru_cache(maxsize=4096)  # names are the same at every hit
def secret_name(name: str) -> bool:
    """Whether something of this name holds a credential."""
    last = re.split(r"\.|->", name)[-1].strip("[]\"'")
    words = " ".join(word.lower() for word in _WORDS.findall(last))
    return _SECRET.search(words) is not None


def secret_text(text: object) -> bool:
    """Whether a text holds a credential, whatever it is called."""
    if isinstance(text, bytes):
        text = text.decode("latin-1")
    return isinstance(text, str) and _CONTENT.search(text) is not None


def mask(value: Tuple, name: str | None = None, inside: bool = False) -> Tuple:
    """The value with every text in it hidden that its name or content gives away."""
    named, type_name, kind, payload, status, count, addr, arg, children = value
    inside = inside or secret_name(name or named)
    text = kind == "str" or (kind == "text" and isinstance(payload, str))
    if text and payload and (inside or secret_text(payload)):
        return (named, type_name, "text", MASKED, None, None, addr, arg, None)
    if not children:
        return value
    if kind == "map":
        shown = [_entry(child, inside) for child in children]
    else:
        shown = [mask(child, None, inside) for child in children]
    return (named, type_name, kind, payload, status, count, addr, arg, shown)


def _entry(child: Tuple, inside: bool) -> Tuple:
    """A map's entry: its name is its key, which may itself be what must not be seen."""
    masked = mask(child, None, inside)
    if secret_text(child[0]):
        masked = (f"[{MASKED}]", *masked[1:])
    return masked
