"""Conditions of tracepoints, evaluated by us in the language of the program.

What compares a variable with a number or a text is compared here, because a debugger may compile
whole expressions at each hit, or call the program's `malloc` for a text; everything else is the
debugger's to evaluate.
"""

from __future__ import annotations

import math
import operator
import struct
from typing import TYPE_CHECKING, Any

from dbg_session.host import types as h
from dbg_session.host.errors import HostError
from dbg_session.util.lazy_regex import Pattern

from .plans import reading
from .reader import GarbageError, Limits

if TYPE_CHECKING:
    import re

    from dbg_session.host.frames import Frame
    from dbg_session.host.protocol import Host
    from dbg_session.host.types import Value

_NAME = r"\**[A-Za-z_]\w*(?:(?:\.|->)\w+|\[\d+\])*"
_LITERAL = (
    r"-?\d+(?:\.\d+)?|0[xX][0-9a-fA-F]+|true|false|nullptr|NULL"
    r"|'(?:[ -&(-\[\]-~]|\\['\"\\0abfnrtv])'"
    r'|"(?:[^"\\]|\\.)*"'
)
_SIMPLE = Pattern(rf"\s*(!?)\s*({_NAME})\s*(?:(==|!=|<=|>=|<|>)\s*({_LITERAL}))?\s*")
# A text before the name, as some write it to be safe from `=`.
_TURNED = Pattern(r'\s*("(?:[^"\\]|\\.)*")\s*(==|!=)\s*' + rf"({_NAME})\s*")
_COMPARE = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_WORDS = {"true": 1, "false": 0, "nullptr": 0, "NULL": 0}
_WHOLE = (h.INT, h.CHAR, h.BOOL, h.POINTER)
# (negated, path, comparison, what it is compared with).
Simple = tuple[bool, str, str, "int | float | bytes"]
_ESCAPE = Pattern(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)")
_ESCAPES = {"a": 7, "b": 8, "e": 27, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
# A text beside a comparison: debuggers compare addresses there, or call the program's `malloc`.
_TEXT = Pattern(r"""(?:[=!]=|[<>]=?)\s*[\w&]*"|"\s*(?:[=!]=|[<>])""")


# Outside of quotes, an assignment: neither `==` nor `<=` nor Rust's `=>`.
_CHANGES = Pattern(r"(?<![=!<>])=(?![=>])|(?:<<|>>)=(?!=)|\+\+|--")
_QUOTED = Pattern(r'"(?:[^"\\]|\\.)*"|' + r"'(?:[^'\\]|\\.)+'")


def refuse_changes(expression: str) -> None:
    """HostError when an expression would change the program at each hit."""
    found = _CHANGES.search(_QUOTED.sub("", expression))
    if found is not None:
        advice = "; `==` compares" if found.group() == "=" else ""
        raise HostError(f"`{expression}` would change the program at each hit{advice}")


class Condition:
    """An expression that is true or false at a hit."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts = _simple(text)

    def holds(self, host: Host, frame: Frame) -> bool:
        """Whether it is true in `frame`; HostError when that cannot be told."""
        with host.quiet():
            answer = self._compared(host, frame)
            if answer is not None:
                return answer
            _refuse_texts(self.text)
            return bool(_number(host, host.evaluate(self.text, frame)) != 0)

    def _compared(self, host: Host, frame: Frame) -> bool | None:
        """The answer, where all of it is comparisons of ours."""
        if self._parts is None:
            return None
        any_of, parts = self._parts
        answer = False
        for part in parts:
            found = _compare(host, frame, part)
            if found is None:
                return None
            answer = found
            if answer is any_of:
                return answer
        return answer


_truths: dict[str, Condition] = {}


def truth(host: Host, frame: Frame, expression: str) -> bool | None:
    """Whether a comparison with a text is true; None where an expression is none."""
    if _TEXT.search(expression) is None:
        return None
    known = _truths.get(expression)
    if known is None:
        known = _truths[expression] = Condition(expression)
    return known.holds(host, frame)


def _simple(text: str) -> tuple[bool, list[Simple]] | None:
    """(whether one suffices, comparisons), if there is nothing else in it."""
    bare = _QUOTED.sub(lambda found: "q" * len(found.group()), text)
    if "&&" in bare and "||" in bare:
        return None
    parts: list[Simple] = []
    for one in _split(text, bare, "||" if "||" in bare else "&&"):
        part = _part(one)
        if part is None:
            return None
        parts.append(part)
    return "||" in bare, parts


def _split(text: str, bare: str, between: str) -> list[str]:
    """`text` cut where `bare`, which is as long and has no quotes, has the operator."""
    out, start = [], 0
    for one in bare.split(between):
        out.append(text[start : start + len(one)])
        start += len(one) + len(between)
    return out


def _part(text: str) -> Simple | None:
    turned = _TURNED.fullmatch(text)
    if turned is not None:
        literal, compare, path = turned.groups()
        return False, path, compare, _unescaped(literal[1:-1])
    found = _SIMPLE.fullmatch(text)
    if found is None:
        return None
    negated, path, compare, literal = found.groups()
    if negated and compare:
        return None
    value = _literal(literal or "0")
    if isinstance(value, bytes) and compare not in ("==", "!="):
        return None
    return bool(negated), path, compare or "!=", value


def _literal(text: str) -> int | float | bytes:
    if text[0] == '"':
        return _unescaped(text[1:-1])
    if text[0] == "'":
        return _unescaped(text[1:-1])[0]
    if text in _WORDS:
        return _WORDS[text]
    if "." in text:
        return float(text)
    digits = text.lstrip("-")
    if digits[:1] == "0" and digits.isdigit():
        return int(text, 8) if all(c in "01234567" for c in digits) else int(text)
    return int(text, 0)


def _unescaped(text: str) -> bytes:
    """What stands between quotes, as bytes."""

    def one(found: re.Match[str]) -> str:
        code = found.group(1)
        if code[0] == "x":
            number = int(code[1:], 16)
        elif code[0].isdigit():
            number = int(code, 8) & 0xFF
        else:
            return chr(_ESCAPES[code]) if code in _ESCAPES else code
        return bytes([number]).decode("utf-8", "surrogateescape")

    return _ESCAPE.sub(one, text).encode("utf-8", "surrogateescape")


def _refuse_texts(text: str) -> None:
    if _TEXT.search(text):
        raise HostError(f'`{text}` is not compared: a text is compared as in `name == "text"`, with && or || between')


def _compare(host: Host, frame: Frame, part: Simple) -> bool | None:
    """None: the debugger must say, because languages differ here."""
    negated, path, compare, literal = part
    value = _dereferenced(host.evaluate(path, frame))
    if isinstance(literal, bytes):
        return _same_text(host, path, value, literal) is (compare == "==")
    kind = value.type.kind
    if value.status is not None or (kind not in _WHOLE and kind != h.FLOAT):
        return None
    if kind in _WHOLE and isinstance(literal, int) and literal < 0 and not value.type.signed:
        return None  # C makes a large number of it
    answer = bool(_COMPARE[compare](_number(host, value), literal))
    return answer is not negated


def _same_text(host: Host, path: str, value: Value, literal: bytes) -> bool:
    """Whether a text of whatever type is this one; a null pointer is no text at all."""
    if value.status is not None:
        raise HostError(value.message or f"`{path}` is {value.status}")
    # One character more than must be there shows that it does not end where it should.
    limits = Limits(characters=len(literal) + 1)
    reader = reading(host, limits)
    try:
        kind, payload, _, _, _ = reader.show(value, 0)
    except GarbageError:
        raise HostError(f"`{path}` holds no text; it may not be constructed yet") from None
    if kind == "ptr" and payload == 0:
        return False
    if kind != "str":
        raise HostError(f"`{path}` is of type {value.type.name}, and no text can be read there")
    return literal == (payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else payload)


def _dereferenced(value: Value) -> Value:
    if value.type.kind == h.REFERENCE and value.data is not None:
        return h.Value(value.type.target(), int.from_bytes(value.data, "little"))
    return value


def _number(host: Host, value: Value) -> Any:
    value = _dereferenced(value)
    kind = value.type
    if value.status is not None:
        raise HostError(value.message or f"a value in it is {value.status}")
    if kind.kind not in (*_WHOLE, h.ENUM, h.FLOAT) or kind.size > 16:
        raise HostError(f"it is of type {kind.name}, which is neither true nor false")
    data = value.data
    if data is None:
        if value.address is None:
            raise HostError("the debugger gives no bytes for a value in it")
        data = host.read_memory(value.address, kind.size)
    if kind.kind != h.FLOAT:
        return int.from_bytes(data, "little", signed=kind.signed)
    if kind.size in (4, 8):
        return struct.unpack("<f" if kind.size == 4 else "<d", data)[0]
    if kind.size == 16 and "128" not in kind.plain:
        return _extended(data)
    raise HostError(f"numbers of type {kind.name} are not compared")


def _extended(data: bytes) -> float:
    """An x87 long double, as near as a double comes."""
    mantissa, top = struct.unpack("<QH", data[:10])
    exponent = top & 0x7FFF
    if exponent == 0x7FFF:
        return float("nan") if mantissa << 1 & (1 << 64) - 1 else float("-inf" if top >> 15 else "inf")
    try:
        number = math.ldexp(mantissa, exponent - 16383 - 63)
    except OverflowError:
        number = float("inf")
    return -number if top >> 15 else number
