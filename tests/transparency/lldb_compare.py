"""LLDB scenarios with and without the plugin: each that differs is played five times both ways."""

from __future__ import annotations

import difflib
import itertools
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import lldb_run
from sums import MORE_ROUNDS, ROUNDS, Case, Difference, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lldb_scenarios import Scenario

# What the plugin says by default: where a session is recorded, and that it was kept.
_ALLOWED = ("recording to", "kept session")
# Beside hooks of the user's, LLDB 23 heads the plugin's on two lines (docs/differences.md). That is a
# difference; where it is the only one, that is said.
_HEADER = {"lldb-23": re.compile(r"^- Hook \d+ \(Hook: \d+\n<unknown>\)\n", re.MULTILINE)}


class Played(NamedTuple):
    """What came of a scenario under one debugger in one mode."""

    debugger: str
    mode: str
    scenario: str
    hits: int
    verdict: str  # "same", "header" (nothing else differs), "flaky", "differs"
    difference: str  # lines as `diff` shows them


class Piece(NamedTuple):
    """A scenario under one debugger."""

    debugger: str
    program: Path
    scenario: Scenario


class Stage:
    """Plays scenarios, several at once, and compares."""

    def __init__(self, into: Path, jobs: int, say: Callable[[str], None]) -> None:
        self._into = into
        self._jobs = jobs
        self._say = say
        self._programs = lldb_run.build(into / "programs")
        self._count = itertools.count()

    def all(self, debuggers: dict[str, Path], scenarios: Sequence[Scenario], modes: Sequence[str]) -> list[Played]:
        """Play each scenario under each debugger, without the plugin and in each mode."""
        pieces = [Piece(name, program, one) for name, program in debuggers.items() for one in scenarios]
        with ThreadPoolExecutor(self._jobs) as pool:
            found = pool.map(lambda piece: self._compared(piece, modes), pieces)
            return [one for of_piece in found for one in of_piece]

    def _compared(self, piece: Piece, modes: Sequence[str]) -> list[Played]:
        without = [self._play(piece, "without")]
        out = []
        for mode in modes:
            with_plugin = [self._play(piece, mode)]
            told = self._decide(piece, mode, without, with_plugin)
            hits = sum(screen.hits for screen in with_plugin)
            headless = [_without_header(screen, piece.debugger) for screen in with_plugin]
            difference = "" if told in ("same", "header") else _difference(without, headless)
            out.append(Played(piece.debugger, mode, piece.scenario.name, hits, told, difference))
            self._say(f"{piece.debugger}, {piece.scenario.name} ({mode}): {told}")
        return out

    def _decide(
        self, piece: Piece, mode: str, without: list[lldb_run.Screen], with_plugin: list[lldb_run.Screen]
    ) -> str:
        """Play more often where the screens differ, until it is clear whether that was chance."""
        if any(_too_much(screen, mode) for screen in with_plugin):
            return "differs"
        for rounds in (1, ROUNDS, MORE_ROUNDS):
            for screens, how in ((without, "without"), (with_plugin, mode)):
                screens += [self._play(piece, how) for _ in range(len(screens), rounds)]
            headless = [_without_header(screen, piece.debugger) for screen in with_plugin]
            counts = [Counter(screen.text for screen in screens) for screens in (without, headless)]
            if len(counts[0] | counts[1]) == 1:
                return "same" if headless == with_plugin else "header"
            told = verdict(Difference(Case(piece.scenario.name, 1), *counts))
            if rounds > 1 and told != "undecided":
                return told
        return "flaky"

    def _play(self, piece: Piece, mode: str) -> lldb_run.Screen:
        folder = self._into / "work" / f"{next(self._count):06}"
        place = lldb_run.Place(piece.debugger, piece.program, self._programs, folder)
        return lldb_run.play(piece.scenario, mode, place)


def _without_header(screen: lldb_run.Screen, debugger: str) -> lldb_run.Screen:
    known = _HEADER.get(debugger)
    return screen._replace(text=known.sub("", screen.text)) if known else screen


def _too_much(screen: lldb_run.Screen, mode: str) -> bool:
    """Whether the plugin printed more than it may: two lines a session, nothing when it is quiet."""
    if mode == "quiet":
        return bool(screen.ours)
    return any(not any(allowed in line for allowed in _ALLOWED) for line in screen.ours)


def _difference(without: Sequence[lldb_run.Screen], with_plugin: Sequence[lldb_run.Screen]) -> str:
    (one, _), (other, _) = (
        Counter(screen.text for screen in screens).most_common(1)[0] for screens in (without, with_plugin)
    )
    lines = difflib.unified_diff(one.splitlines(), other.splitlines(), "without", "with", n=1, lineterm="")
    ours = [f"! {line}" for screen in with_plugin[:1] for line in screen.ours]
    return "\n".join([*lines, *ours])
