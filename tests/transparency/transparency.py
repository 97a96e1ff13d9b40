"""Other people's tests with and without the plugin: `make test-transparency`.

GDB's own tests (files of `gdb-tests.txt`) and LLDB scenarios of ours are run without the plugin, with
it as it is loaded by default, and with it quiet. What differs is run five times both ways; what then
still differs, and is not in `gdb-expected.txt` or told as admitted, is a failure.
`docs/transparency.md` says more.
"""

from __future__ import annotations

import argparse
import fnmatch
import shutil
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent / "tools"), str(HERE.parent / "python")]

import debuggers  # noqa: E402 - found by the line above
import gdb_run  # noqa: E402
import gdb_suite  # noqa: E402
from gdb_compare import EXPECTED, Comparison, Expected, Found, expected  # noqa: E402
from lldb_compare import Stage  # noqa: E402
from lldb_scenarios import LIST, scenarios  # noqa: E402

_LLDBS = ("lldb-system", "lldb-20", "lldb-23")
_QUICK_LLDB = ("lldb-system", "lldb-23")
_started = time.monotonic()


def say(text: str) -> None:
    """A line of progress."""
    print(f"{time.monotonic() - _started:6.0f} s  {text}", flush=True)


def options(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the small part that CI runs")
    parser.add_argument("--fresh", action="store_true", help="run again what was run before")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="files like 'gdb.mi/*', scenarios like 'step*'")
    parser.add_argument("--kind", choices=("gdb", "lldb"), help="only under this kind of debugger")
    parser.add_argument("--modes", default="default,quiet", help="how the plugin is loaded (default: both)")
    parser.add_argument("--jobs", type=int, default=2, help="how many run at once")
    parser.add_argument("--timeout", type=float, default=300, help="seconds for one file of tests")
    parser.add_argument("--gdb", default="gdb-system", help="which GDB of the matrix (tools/debuggers.py)")
    parser.add_argument("--lldb", default="", help="which LLDBs of the matrix, separated by commas")
    parser.add_argument(
        "--into",
        type=Path,
        default=debuggers.ROOT / "build" / "transparency",
        help="where results are kept: what is there already is not run again",
    )
    return parser.parse_args(arguments)


def gdb_part(chosen: argparse.Namespace) -> bool:
    """GDB's own tests; whether nothing unexpected differs."""
    program = debuggers.find(debuggers.by_name(chosen.gdb))
    if program is None:
        raise gdb_suite.MissingError(f"{chosen.gdb} is not on this machine: `make debuggers` fetches what can be.")
    into = chosen.into.resolve()
    results = into / ("quick" if chosen.quick else "all") / chosen.gdb
    if chosen.fresh:
        shutil.rmtree(results, ignore_errors=True)
    setup = gdb_run.Setup(gdb_suite.suite(into / "suite"), program, results, chosen.timeout)
    tests = [one for one in gdb_suite.listed() if one.quick or not chosen.quick]
    files = [one.name for one in tests if fnmatch.fnmatch(one.name, chosen.only)]
    if not files:
        return True
    found = Comparison(setup, chosen.jobs, say).all(files, chosen.modes.split(","))
    known = expected(EXPECTED.read_text())
    good = report(found, known)
    if found and not any(one.hits for one in found):
        print("No hit was recorded at all: the plugin was not loaded, and nothing is proven.")
        return False
    return good


def report(found: list[Found], known: list[Expected]) -> bool:
    """The table of what was found; whether nothing in it is unexpected."""
    surprises = [
        (one, difference)
        for one in found
        for difference in one.differences
        if not any(e.covers(one.mode, difference.test.name) for e in known)
    ]
    print(f"\n{'MODE':10}{'FILES':>7}{'TESTS':>8}{'HITS':>8}{'DIFFER':>8}{'EXPECTED':>10}{'FLAKY':>7}")
    for mode in dict.fromkeys(one.mode for one in found):
        of_mode = [one for one in found if one.mode == mode]
        differ = sum(len(one.differences) for one in of_mode)
        odd = sum(one.mode == mode for one, _ in surprises)
        tests, hits = sum(one.tests for one in of_mode), sum(one.hits for one in of_mode)
        flaky = sum(len(one.flaky) for one in of_mode)
        print(f"{mode:10}{len(of_mode):7}{tests:8}{hits:8}{differ:8}{differ - odd:10}{flaky:7}")
    for one, difference in surprises:
        print(f"DIFFERS ({one.mode}): {difference}")
    ran = {(one.mode, one.file) for one in found}
    for line in known:
        happened = any(line.covers(one.mode, d.test.name) for one in found for d in one.differences)
        if (line.mode, line.file) in ran and not happened:
            print(f"no longer differs: {line.mode} {line.test}")
    return not surprises


def lldb_part(chosen: argparse.Namespace) -> bool:
    """The LLDB scenarios; whether nothing differs."""
    names = chosen.lldb.split(",") if chosen.lldb else (_QUICK_LLDB if chosen.quick else _LLDBS)
    found = {name: debuggers.find(debuggers.by_name(name)) for name in names}
    here = {name: program for name, program in found.items() if program is not None}
    missing = sorted(set(found) - set(here))
    if missing:
        print(f"Not on this machine, so not compared: {', '.join(missing)} (`make debuggers` fetches what can be).")
    wanted = [one for one in scenarios(LIST.read_text()) if one.quick or not chosen.quick]
    wanted = [one for one in wanted if fnmatch.fnmatch(one.name, chosen.only)]
    if not (here and wanted):
        return not (missing and debuggers.IN_CI)
    stage = Stage(chosen.into.resolve() / "lldb", chosen.jobs, say)
    played = stage.all(here, wanted, chosen.modes.split(","))
    print(f"\n{'LLDB':14}{'MODE':10}{'SCENARIOS':>10}{'HITS':>7}{'DIFFER':>8}{'HEADER':>8}{'FLAKY':>7}")
    for name, mode in dict.fromkeys((one.debugger, one.mode) for one in played):
        of_mode = [one for one in played if (one.debugger, one.mode) == (name, mode)]
        told = [one.verdict for one in of_mode]
        hits = sum(one.hits for one in of_mode)
        differ, header, flaky = (told.count(verdict) for verdict in ("differs", "header", "flaky"))
        print(f"{name:14}{mode:10}{len(of_mode):10}{hits:7}{differ + header:8}{header:8}{flaky:7}")
    for one in played:
        if one.verdict in ("differs", "flaky"):
            print(f"\n{one.verdict.upper()}  {one.debugger}, {one.scenario} ({one.mode})\n{one.difference}")
    return not any(one.verdict in ("differs", "header") for one in played) and any(one.hits for one in played)


def main(arguments: list[str]) -> int:
    """The exit code: 0 if nothing unexpected differs."""
    chosen = options(arguments)
    good = True
    try:
        if chosen.kind != "lldb":
            good = gdb_part(chosen)
        if chosen.kind != "gdb":
            good = lldb_part(chosen) and good
    except gdb_suite.MissingError as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
