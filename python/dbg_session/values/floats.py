"""Floats as the shortest text that reads back as the same number."""

from __future__ import annotations

import struct


def shortest(sign: int, mantissa: int, exponent: int, infinite: bool, point: int) -> str:
    """The shortest decimal that reads back as `mantissa` * 2 ** (exponent - bias - point)."""
    minus = "-" if sign else ""
    if exponent == 0x7FFF:
        return minus + "inf" if infinite else "nan"
    if mantissa == 0:
        return minus + "0"
    power = max(exponent, 1) - 16383 - point
    # value = top / bottom exactly; a neighbour is 2 ** power away, half of it rounds to us.
    top = mantissa << power if power > 0 else mantissa
    bottom = 1 << -power if power < 0 else 1
    half_top, half_bottom = (1 << power, 2) if power > 0 else (1, bottom * 2)
    # floor(log10(value)), by way of the number of bits; one step of correction is enough.
    tens = (top.bit_length() - bottom.bit_length()) * 30103 // 100000
    while _tens(top, bottom, tens) < 0:
        tens -= 1
    while _tens(top, bottom, tens + 1) >= 0:
        tens += 1
    for digits in range(1, 40):
        scale = digits - 1 - tens
        up, down = (top * 10**scale, bottom) if scale >= 0 else (top, bottom * 10**-scale)
        whole = (2 * up + down) // (2 * down)
        # |whole / 10**scale - value| < half a step, all in integers
        a, b = (whole, 10**scale) if scale >= 0 else (whole * 10**-scale, 1)
        if abs(a * bottom - top * b) * half_bottom < half_top * b * bottom:
            break
    return minus + _decimal(str(whole), tens + (len(str(whole)) - digits))


def _tens(top: int, bottom: int, tens: int) -> int:
    """Sign of top/bottom - 10**tens."""
    return top - bottom * int(10**tens) if tens >= 0 else top * int(10**-tens) - bottom


def _decimal(digits: str, tens: int) -> str:
    digits = digits.rstrip("0") or "0"
    if -5 <= tens < 0:
        return "0." + "0" * (-tens - 1) + digits
    if 0 <= tens < 16:
        digits = digits.ljust(tens + 1, "0")
        rest = digits[tens + 1 :]
        return digits[: tens + 1] + ("." + rest if rest else "")
    rest = "." + digits[1:] if len(digits) > 1 else ""
    return f"{digits[0]}{rest}e{'+' if tens >= 0 else '-'}{abs(tens):02d}"


def float_text(number: float, kind: str) -> str:
    """A `kind` "f32" or "f64" as text."""
    if kind == "f32":
        for digits in range(1, 10):
            text = f"{number:.{digits}g}"
            if struct.pack("<f", float(text)) == struct.pack("<f", number):
                return text
    text = repr(number)
    return text.removesuffix(".0")
