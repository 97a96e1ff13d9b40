"""Our own signs as ASCII, for a terminal that has no letters for them: arrows, trees, plots."""

from __future__ import annotations

_ROWS = ((0x09, "'"), (0x12, "-"), (0x24, "."), (0xC0, "_"))  # dots of a sign of Braille, from the top
_MANY = 4


def _dots(bits: int) -> str:
    """A likeness of a sign of Braille: where its dots are, or how many."""
    rows = [sign for mask, sign in _ROWS if bits & mask]
    if len(rows) > 1:
        return "#" if bin(bits).count("1") > _MANY else ":"
    return "".join(rows) or " "


_SIGNS = {
    0x2026: "...",  # an ellipsis
    0x2190: "<-",
    0x2192: "->",
    0x00D7: "x",
    0x2500: "-",  # lines of trees and axes
    0x2502: "|",
    0x2514: "`",
    0x251C: "|",
    0x2524: "|",
    **{0x2581 + height: sign for height, sign in enumerate("_.-=+*%#")},  # blocks
    **{0x2800 + bits: _dots(bits) for bits in range(256)},
}


def plain(text: str) -> str:
    """What ASCII can show of `text`; other letters are spelled out."""
    return text.translate(_SIGNS).encode("ascii", "backslashreplace").decode("ascii")
