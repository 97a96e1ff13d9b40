"""DejaGnu's results: reading them, and telling a difference from a test that is moody by itself."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_RESULT = re.compile(r"(PASS|FAIL|XPASS|XFAIL|KPASS|KFAIL|UNRESOLVED|UNTESTED|UNSUPPORTED|ERROR|WARNING): (.*)")
# In GDB's tests this says how a test failed, and is no part of its name.
_TRAILING = re.compile(r" \([^()]*\)$")
# What changes from run to run without meaning anything.
_VOLATILE = ((re.compile(r"0x[0-9a-f]{5,}"), "0x…"), (re.compile(r"\b\d{4,}\b"), "N"))
ABSENT = "absent"
# How often tests are run both ways where results differ: first, and where that does not tell.
ROUNDS, MORE_ROUNDS = 5, 20
# Two samples of results that come from one distribution look as different as this one time in twenty.
_SURE = 0.05


class Case(NamedTuple):
    """One test of a file: its name, and which of several of the same name."""

    name: str
    nth: int

    def __str__(self) -> str:
        return self.name if self.nth == 1 else f"{self.name} (number {self.nth} of this name)"


Results = dict[Case, str]


def read_sum(text: str, folder: str) -> Results:
    """The results in a `.sum`; `folder`, where the tests ran, is no part of their names."""
    seen: Counter[str] = Counter()
    out: Results = {}
    for line in text.replace(folder, "…").splitlines():
        found = _RESULT.match(line)
        if found is None:
            continue
        name = _TRAILING.sub("", found[2].strip())
        for volatile, instead in _VOLATILE:
            name = volatile.sub(instead, name)
        seen[name] += 1
        out[Case(name, seen[name])] = found[1]
    return out


class Difference(NamedTuple):
    """A test whose results differ, and how often it had which."""

    test: Case
    without: Counter[str]
    with_plugin: Counter[str]

    def __str__(self) -> str:
        return f"{self.test}: {_shown(self.without)} without, {_shown(self.with_plugin)} with"


def _shown(results: Counter[str]) -> str:
    return ", ".join(f"{count} x {result}" for result, count in results.most_common())


def differing(without: Sequence[Results], with_plugin: Sequence[Results]) -> list[Difference]:
    """The tests that had another result at least once."""
    tests = {test: None for results in (*without, *with_plugin) for test in results}
    counted = [Difference(test, _counts(without, test), _counts(with_plugin, test)) for test in tests]
    return [one for one in counted if len(one.without | one.with_plugin) > 1]


def _counts(runs: Iterable[Results], test: Case) -> Counter[str]:
    return Counter(results.get(test, ABSENT) for results in runs)


def verdict(one: Difference) -> str:
    """`differs`, `flaky` (as moody without the plugin) or `undecided` (more runs would tell)."""
    chances = [_chance(one.without, one.with_plugin, result) for result in one.without | one.with_plugin]
    if min(chances) < _SURE:
        return "differs"
    news = set(one.with_plugin) - set(one.without)
    return "undecided" if news else "flaky"


def _chance(without: Counter[str], with_plugin: Counter[str], result: str) -> float:
    """How likely it is that `result` is this unevenly spread by chance (Fisher's exact test)."""
    runs, others = without.total(), with_plugin.total()
    found = without[result] + with_plugin[result]

    def likelihood(in_first: int) -> float:
        return math.comb(runs, in_first) * math.comb(others, found - in_first) / math.comb(runs + others, found)

    seen = likelihood(without[result])
    possible = range(max(0, found - others), min(runs, found) + 1)
    return sum(chance for n in possible if (chance := likelihood(n)) <= seen * (1 + 1e-9))
