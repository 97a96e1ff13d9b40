"""The judgement of `make test-transparency`: what is a difference, what is chance, what is expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gdb_suite
import lldb_scenarios
from gdb_compare import EXPECTED, expected
from sums import Case, differing, read_sum, verdict

if TYPE_CHECKING:
    from sums import Results

SUM = """
Running /somewhere/gdb.base/break.exp ...
PASS: gdb.base/break.exp: run until function breakpoint
FAIL: gdb.base/break.exp: continue (timeout)
PASS: gdb.base/break.exp: list
PASS: gdb.base/break.exp: list
PASS: gdb.base/break.exp: at 0x555555555131 in /somewhere/run-1/program, process 12345
# of expected passes 4
"""


def results(*outcomes: str) -> Results:
    return {Case(f"test {number}", 1): outcome for number, outcome in enumerate(outcomes)}


def test_results_are_known_by_name_whatever_folder_address_or_way_to_fail() -> None:
    read = read_sum(SUM, "/somewhere/run-1")
    assert read == {
        Case("gdb.base/break.exp: run until function breakpoint", 1): "PASS",
        Case("gdb.base/break.exp: continue", 1): "FAIL",
        Case("gdb.base/break.exp: list", 1): "PASS",
        Case("gdb.base/break.exp: list", 2): "PASS",
        Case("gdb.base/break.exp: at 0x… in …/program, process N", 1): "PASS",
    }


def test_what_always_fails_with_the_plugin_differs() -> None:
    (found,) = differing([results("PASS", "PASS")] * 5, [results("PASS", "FAIL")] * 5)
    assert verdict(found) == "differs"
    assert str(found) == "test 1: 5 x PASS without, 5 x FAIL with"


def test_a_test_that_never_runs_with_the_plugin_differs() -> None:
    (found,) = differing([results("PASS", "PASS")] * 5, [results("PASS")] * 5)
    assert verdict(found) == "differs"


def test_a_test_that_is_moody_by_itself_is_no_difference() -> None:
    moody = [results("PASS"), results("FAIL"), results("PASS")]
    (found,) = differing([*moody, *moody], [*moody, results("PASS"), results("FAIL")])
    assert verdict(found) == "flaky"


def test_one_failure_of_five_needs_more_runs() -> None:
    (found,) = differing([results("PASS")] * 5, [results("PASS")] * 4 + [results("FAIL")])
    assert verdict(found) == "undecided"


def test_a_rare_failure_is_found_with_more_runs() -> None:
    (found,) = differing([results("PASS")] * 20, [results("PASS")] * 14 + [results("FAIL")] * 6)
    assert verdict(found) == "differs"


def test_an_expected_difference_holds_for_its_file_and_mode_alone() -> None:
    (line,) = expected("# GDB's test allows\n# no line there.\ndefault gdb.mi/a.exp: mi runto *\n")
    assert line.reason == "GDB's test allows no line there."
    assert line.covers("default", "gdb.mi/a.exp: mi runto main")
    assert not line.covers("quiet", "gdb.mi/a.exp: mi runto main")
    assert not line.covers("default", "gdb.mi/b.exp: mi runto main")
    assert not line.covers("default", "gdb.mi/a.exp: step over")


def test_every_expected_difference_has_a_reason_and_is_run() -> None:
    names = {one.name for one in gdb_suite.listed()}
    for line in expected(EXPECTED.read_text()):
        assert line.reason
        assert line.file in names
        assert line.mode in ("default", "quiet")


def test_the_lists_are_as_long_as_promised() -> None:
    tests = gdb_suite.listed()
    assert len({one.name for one in tests}) == len(tests) >= 300
    assert any(one.quick for one in tests)
    played = lldb_scenarios.scenarios(lldb_scenarios.LIST.read_text())
    assert len({one.name for one in played}) == len(played) >= 60
    assert any(one.quick for one in played)
    assert all(one.lines for one in played)
