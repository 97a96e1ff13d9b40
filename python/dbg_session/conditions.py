"""Conditions of tracepoints, evaluated by us in the language of the program.

What compares a variable with a number is compared here, because a debugger may compile
whole expressions at each hit; everything else is the debugger's to evaluate.
"""

# ruff: noqa: PLR2004 - sizes are sizes
from __future__ import annotations

import math
import operator
import struct
from typing import TYPE_CHECKING, Any

from . import host as h
from .host import HostError
from .patterns import Pattern

if TYPE_CHECKING:
    from .host import Frame, Host, Value

_SIMPLE = Pattern(
    r"\s*(!?)\s*([A-Za-z_]\w*(?:(?:\.|->)[A-Za-z_]\w*)*)\s*"
    r"(?:(==|!=|<=|>=|<|>)\s*(-?\d+(?:\.\d+)?|0[xX][0-9a-fA-F]+|true|false|nullptr|NULL))?\s*"
)
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
Simple = tuple[bool, str, str, "int | float"]


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
        if self._parts is not None:
            any_of, parts = self._parts
            answer = False
            for part in parts:
                found = _compare(host, frame, part)
                if found is None:
                    break
                answer = found
                if answer is any_of:
                    return answer
            else:
                return answer
        with host.quiet():
            return bool(_number(host, host.evaluate(self.text, frame)) != 0)


def _simple(text: str) -> tuple[bool, list[Simple]] | None:
    """(whether one suffices, comparisons), if there is nothing else in it."""
    if '"' in text or "'" in text or ("&&" in text and "||" in text):
        return None
    any_of = "||" in text
    parts: list[Simple] = []
    for one in text.split("||" if any_of else "&&"):
        found = _SIMPLE.fullmatch(one)
        if found is None:
            return None
        negated, path, compare, literal = found.groups()
        if negated and compare:
            return None
        parts.append((bool(negated), path, compare or "!=", _literal(literal or "0")))
    return any_of, parts


def _literal(text: str) -> int | float:
    if text in _WORDS:
        return _WORDS[text]
    if "." in text:
        return float(text)
    digits = text.lstrip("-")
    if digits[:1] == "0" and digits.isdigit():
        return int(text, 8) if all(c in "01234567" for c in digits) else int(text)
    return int(text, 0)


def _compare(host: Host, frame: Frame, part: Simple) -> bool | None:
    """None: the debugger must say, because languages differ here."""
    negated, path, compare, literal = part
    value = _dereferenced(host.evaluate(path, frame))
    kind = value.type.kind
    if value.status is not None or (kind not in _WHOLE and kind != h.FLOAT):
        return None
    if kind in _WHOLE and isinstance(literal, int) and literal < 0 and not value.type.signed:
        return None  # C makes a large number of it
    answer = bool(_COMPARE[compare](_number(host, value), literal))
    return answer is not negated


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
