"""The alternatives to the plugin inside LLDB: a stop hook that does nothing, and a naive one."""

from __future__ import annotations

from typing import Any


class Empty:
    """What the interface itself costs."""

    def __init__(self, target: Any, extra: Any, session: Any) -> None:
        """LLDB makes one for `target stop-hook add -P`."""

    def handle_stop(self, _context: Any, _stream: Any) -> bool:
        """Stay stopped."""
        return True


class Naive(Empty):
    """What one writes at first: every local and the stack, as text at the end of a file."""

    def handle_stop(self, context: Any, _stream: Any) -> bool:
        """Write it down and stay stopped."""
        thread = context.GetThread()
        frame = thread.GetFrameAtIndex(0)
        lines = [f"hit {frame.GetFunctionName()}"]
        # `str` shows elements and members too; `GetValue` and `GetSummary` would show "size=500".
        lines += [f"  {value}" for value in frame.GetVariables(True, True, False, True)]
        for at in thread:
            place = at.GetLineEntry()
            lines.append(f"  in {at.GetFunctionName()} {place.GetFileSpec().fullpath}:{place.GetLine()}")
        with open("naive.txt", "a", encoding="utf-8") as file:  # noqa: PTH123 - as one writes it at first
            file.write("\n".join(lines) + "\n")
        return True


def empty_pass(_frame: Any, _location: Any, _session: Any) -> bool:
    """A callback that never stops: what the interface itself costs."""
    return False


def naive_pass(frame: Any, _location: Any, _session: Any) -> bool:
    """Write every local and the stack as text, and never stop."""
    lines = [f"hit {frame.GetFunctionName()}"]
    lines += [f"  {value}" for value in frame.GetVariables(True, True, False, True)]
    for at in frame.GetThread():
        place = at.GetLineEntry()
        lines.append(f"  in {at.GetFunctionName()} {place.GetFileSpec().fullpath}:{place.GetLine()}")
    with open("naive.txt", "a", encoding="utf-8") as file:  # noqa: PTH123 - as one writes it at first
        file.write("\n".join(lines) + "\n")
    return False
