"""What is asked of whoever sits at the terminal."""

from __future__ import annotations

import sys


def asked(question: str) -> bool | None:
    """A yes or no from the terminal; Ctrl-C and Ctrl-D are no."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    question = question.encode(encoding, "backslashreplace").decode(encoding)
    try:
        return input(f"{question} (y or n) ").strip().lower() in ("y", "yes")
    except (EOFError, KeyboardInterrupt):
        return False
