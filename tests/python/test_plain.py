"""What a terminal without UTF-8 gets of our signs."""

from __future__ import annotations

from dbg_session.util.ascii_signs import plain


def test_signs_have_a_likeness_in_ascii() -> None:
    assert plain("t.c:10 'a' 1 \u2192 2 \u2190 main \u00d73 \u2026") == "t.c:10 'a' 1 -> 2 <- main x3 ..."
    assert plain("\u251c\u2500 \u2514\u2500 \u2502 \u2524") == "|- `- | |"
    assert plain("".join(map(chr, range(0x2581, 0x2589)))) == "_.-=+*%#"
    assert plain("\u2809\u2812\u2824\u28c0\u2800\u28ff\u2847") == "'-._ #:"
    assert plain("\u00fc \u6f22") == "\\xfc \\u6f22"


def test_any_sign_of_a_chart_is_one_letter() -> None:
    assert all(len(plain(chr(code))) == 1 for code in range(0x2800, 0x2900))
