"""What a debugger tells of by itself: stops, and hits without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .data import FrameInfo, Thread
    from .frames import Frame


class Stop(NamedTuple):
    """One thread's real stop at one location.

    `breakpoints` holds only those that truly stopped here, with their hit counts as the
    debugger counts them; `detail` says what a number cannot (a signal's name, `throw`).
    """

    reason: str
    breakpoints: list[tuple[int, int | None]]
    detail: str | None
    thread: Thread
    pid: int
    frame: Frame | None


class PassedBy(NamedTuple):
    """Hits at one place that no stop told of: the program went on before anything could be read."""

    breakpoint: int
    place: FrameInfo
    times: int
    thread: Thread | None  # where only one can have passed
    pid: int
