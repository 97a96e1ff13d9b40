"""The shapes of what a session answers: those of `--json`, which `docs/commands.md` describes.

They are for type checkers; nothing here is needed at run time.
"""

from __future__ import annotations

from typing import Literal, TypedDict

__all__ = [
    "CallPath",
    "Callers",
    "Change",
    "Fact",
    "FrameDict",
    "Group",
    "GroupHit",
    "Groups",
    "HitDiff",
    "HitDiffPart",
    "HitDiffSide",
    "HitTrend",
    "StackDiff",
    "TrendChange",
    "TrendNumbers",
    "TrendPoint",
    "TrendSeen",
    "TrendValue",
    "ValueSide",
]


class GroupHit(TypedDict):
    """Where and when a hit was."""

    id: int
    location: str
    seq: int
    ts: str


class _Counted(TypedDict):
    value: str
    hits: int
    share: float


class Group(_Counted, total=False):
    """A value with its hits; `first` and `last` are told by `group_by` alone."""

    first: GroupHit
    last: GroupHit


class Groups(TypedDict):
    """Hits counted by a value; there is also `where`, when a condition was given."""

    session: str
    locations: list[str]
    by: str
    total: int
    missing: int
    values: int
    groups: list[Group]


class TrendSeen(TypedDict):
    """A value and the hit that had it."""

    seq: int
    id: int
    value: str


class TrendNumbers(TypedDict):
    """What holds of values that are all numbers."""

    min: TrendSeen | None
    max: TrendSeen | None
    mean: float | None
    nan: int
    infinite: int


class TrendValue(TypedDict):
    """One of the different values."""

    value: str
    hits: int
    first: int
    last: int


# `from` is no name that a class may have in it.
TrendChange = TypedDict("TrendChange", {"seq": int, "id": int, "from": str, "to": str})


class TrendPoint(TypedDict):
    """Neighbouring hits in a plot."""

    first: int
    last: int
    hits: int
    min: float | None
    max: float | None
    mean: float | None


class HitTrend(TypedDict):
    """One value over all hits of a location."""

    session: str
    locations: list[str]
    function: str | None
    field: str
    hits: int
    read: int
    missing: int
    unread: dict[str, int]
    types: list[str]
    numbers: TrendNumbers | None
    distinct: int
    more_distinct: bool
    values: list[TrendValue]
    changes: int
    first_change: TrendChange | None
    last_change: TrendChange | None
    first: TrendSeen | None
    last: str | None
    x: Literal["seq", "id"]
    plot: list[TrendPoint]


class ValueSide(TypedDict):
    """What one of two hits holds."""

    type: str | None
    value: str | None
    status: str | None
    count: int | None
    addr: str | None


class Change(TypedDict):
    """A value that two hits do not share."""

    path: str
    kind: Literal["changed", "added", "removed", "address", "same"]
    a: ValueSide | None
    b: ValueSide | None


class HitDiffPart(TypedDict):
    """Values that differ, and how many do not."""

    changes: list[Change]
    same: int
    left_out: int


class Fact(TypedDict):
    """Something about a hit itself that differs."""

    name: str
    a: str | None
    b: str | None


class FrameDict(TypedDict):
    """A stack frame."""

    level: int
    function: str | None
    file: str | None
    line: int | None
    module: str | None
    module_offset: int | None
    inlined: bool


class StackDiff(TypedDict):
    """Frames that differ, between those that do not."""

    same: int
    a: list[FrameDict]
    b: list[FrameDict]


class HitDiffSide(TypedDict):
    """Which hit it is."""

    id: int
    location: str
    seq: int
    ts: str
    function: str | None


class HitDiff(TypedDict):
    """Two hits side by side."""

    session: str
    a: HitDiffSide
    b: HitDiffSide
    seconds: float | None
    facts: list[Fact]
    values: HitDiffPart
    watches: HitDiffPart
    stack: StackDiff


class CallPath(TypedDict):
    """One way to a location."""

    functions: list[str]
    cut: bool
    hits: int
    pct: float
    first: int
    last: int


class Callers(TypedDict):
    """By which paths a location was reached."""

    session: str
    locations: list[str]
    function: str | None
    hits: int
    without_stack: int
    total: int
    x: Literal["seq", "id"]
    paths: list[CallPath]
