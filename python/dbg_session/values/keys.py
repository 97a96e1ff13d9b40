"""Keys of maps, as they stand in brackets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .floats import float_text
from .tuples import CHILDREN, KIND, PAYLOAD

if TYPE_CHECKING:
    from .tuples import Tuple


def key_text(shown: Tuple) -> str:
    """A map's key as it stands in brackets: `"a"`, `3`, `{1, 2}`."""
    kind, payload, children = shown[KIND], shown[PAYLOAD], shown[CHILDREN]
    if kind == "str":
        return quoted(payload)
    if kind == "char":
        return "'" + quoted(chr(payload) if payload < 0x110000 else "?")[1:-1] + "'"
    if kind == "bool":
        return "true" if payload else "false"
    if kind == "ptr":
        return f"{payload:#x}"
    if kind in ("f32", "f64"):
        return float_text(payload, kind)
    if children is not None:
        inside = ", ".join(map(key_text, children))
        if kind == "variant":
            return f"{payload}({inside})" if inside else str(payload)
        return "{" + inside + "}"
    return "?" if payload is None else str(payload)


_ESCAPES = {34: '\\"', 92: "\\\\", 10: "\\n", 9: "\\t", 13: "\\r", 0: "\\0"}


def quoted(text: bytes | str) -> str:
    """A string in quotes, with everything that is not plain text escaped."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    out = []
    for char in text:
        code = ord(char)
        if code in _ESCAPES:
            out.append(_ESCAPES[code])
        elif code < 32 or 127 <= code < 160:
            out.append(f"\\x{code:02x}")
        else:
            out.append(char)
    return '"' + "".join(out) + '"'
