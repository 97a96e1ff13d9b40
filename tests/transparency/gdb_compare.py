"""GDB's tests with and without the plugin: each that differs is run five times both ways."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import gdb_run
from sums import MORE_ROUNDS, ROUNDS, Difference, differing, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

EXPECTED = Path(__file__).resolve().parent / "gdb-expected.txt"


class Expected(NamedTuple):
    """A difference that is known, and why it must be."""

    mode: str
    test: str  # `*` stands for anything
    reason: str

    @property
    def file(self) -> str:
        """The file of the test, as `gdb-tests.txt` names it."""
        return self.test.partition(": ")[0]

    def covers(self, mode: str, test: str) -> bool:
        """Whether this is the difference."""
        pattern = ".*".join(re.escape(part) for part in self.test.split("*"))
        return mode == self.mode and re.fullmatch(pattern, test) is not None


def expected(text: str) -> list[Expected]:
    """What stands in `gdb-expected.txt`: lines `MODE TEST` below the comment with their reason."""
    out: list[Expected] = []
    reason: list[str] = []
    in_comment = False
    for line in text.splitlines():
        if line.startswith("#"):
            reason = [*(reason if in_comment else []), line.lstrip("# ")]
        elif line.strip():
            mode, _, test = line.partition(" ")
            out.append(Expected(mode, test, " ".join(reason)))
        in_comment = line.startswith("#")
    return out


class Found(NamedTuple):
    """What came of one file in one mode."""

    mode: str
    file: str
    tests: int
    hits: int
    differences: list[Difference]  # that are none of chance
    flaky: list[Difference]


class Comparison:
    """Runs files of tests, several at once, and compares."""

    def __init__(self, setup: gdb_run.Setup, jobs: int, say: Callable[[str], None]) -> None:
        self._setup = setup
        self._jobs = jobs
        self._say = say

    def all(self, files: Sequence[str], modes: Sequence[str]) -> list[Found]:
        """Compare each file in each mode."""
        with ThreadPoolExecutor(self._jobs) as pool:
            found = pool.map(lambda file: [self._compared(file, mode) for mode in modes], files)
            return [one for of_file in found for one in of_file]

    def _compared(self, file: str, mode: str) -> Found:
        rounds, wanted = 0, 1
        differences: list[Difference] = []
        while rounds < wanted:
            rounds = wanted
            without = [self._run("without", file, number) for number in range(1, rounds + 1)]
            with_plugin = [self._run(mode, file, number) for number in range(1, rounds + 1)]
            differences = differing([run.results for run in without], [run.results for run in with_plugin])
            wanted = _wanted(rounds, differences)
        real = [one for one in differences if verdict(one) == "differs"]
        flaky = [one for one in differences if verdict(one) != "differs"]
        self._say(f"{file} ({mode}): {len(without[0].results)} tests, {_told(real, flaky)}")
        hits = sum(run.hits for run in with_plugin)
        return Found(mode, file, len(without[0].results), hits, real, flaky)

    def _run(self, mode: str, file: str, number: int) -> gdb_run.Run:
        return gdb_run.run(self._setup, mode, file, number)


def _wanted(rounds: int, differences: Iterable[Difference]) -> int:
    verdicts = Counter(verdict(one) for one in differences)
    if rounds < ROUNDS:
        return ROUNDS if verdicts else rounds
    return MORE_ROUNDS if verdicts["undecided"] else rounds


def _told(real: Sequence[Difference], flaky: Sequence[Difference]) -> str:
    if not (real or flaky):
        return "all the same"
    lines = [f"\n    DIFFERS {one}" for one in real] + [f"\n    flaky   {one}" for one in flaky]
    return "".join(["", *lines]).lstrip("\n")
