"""LLDB's stop hooks: ours has no say beside the user's own, and comes back when it is deleted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from conftest import Build, at
from drive import Raw

if TYPE_CHECKING:
    from drive import Debugger, Step

HERE = at("loop.c", "squared")
HOOKS = """
import lldb

class Stay:
    def __init__(self, target, extra, session):
        pass

    def handle_stop(self, exe_ctx, stream):
        return True

class Go(Stay):
    def handle_stop(self, exe_ctx, stream):
        return False

def stops(debugger, program, place, own, inherited):
    if not inherited:
        debugger.HandleCommand(f"target create {program}")
    result = lldb.SBCommandReturnObject()
    for command in own:
        # Newer LLDBs run hooks as soon as there is a process, where saying "go on" confuses them.
        debugger.GetCommandInterpreter().HandleCommand(command + " -I false", result)
        if not result.Succeeded():
            debugger.HandleCommand(command)
    if inherited:
        debugger.HandleCommand(f"target create {program}")
    target = debugger.GetSelectedTarget()
    target.BreakpointCreateByLocation(*place)
    count = 0
    process = target.LaunchSimple(None, None, ".")
    while process.GetState() == lldb.eStateStopped and count < 9:
        count += 1
        process.Continue()
    process.Kill()
    debugger.DeleteTarget(target)
    return count
"""
GO = "target stop-hook add -P hooks.Go"
STAY = "target stop-hook add -P hooks.Stay"
AUTO = "target stop-hook add -G true -o 'script 1'"
PLAIN = "target stop-hook add -o 'script 1'"
# The user's own hooks.  What they lead to differs from one LLDB to the next.
OWN = {
    "go": [GO],
    "stop": [STAY],
    "auto": [AUTO],
    "plain": [PLAIN],
    "auto and stop": [f"{STAY} -G true"],
    "go, auto": [GO, AUTO],
    "go, stop": [GO, STAY],
    "auto, stop": [AUTO, STAY],
    "plain, go": [PLAIN, GO],
    "disabled": [GO, "target stop-hook disable"],
    "function": [f"{GO} -n square"],
    "other function": [f"{GO} -n main", f"{AUTO} -n nowhere"],
    "file": [f"{AUTO} -f loop.c"],
    "other file": [f"{GO} -f other.c", f"{AUTO} -f elsewhere/loop.c"],
    "module": [f"{GO} -s loop"],
    "other module": [f"{GO} -s libother.so"],
    "lines": [f"{AUTO} -l 1 -e 2"],
    "until line": [f"{GO} -e 1"],
    "thread": [f"{GO} -x 99"],
    "thread of function": [f"{GO} -n square -x 99"],
    "this thread": [f"{GO} -n square -x 1"],
    "class": [f"{GO} -c Nothing"],
}


def stops(lldb: Debugger, build: Build, inherited: bool) -> dict[str, int]:
    """How often the program stops, by the hooks that the user has."""
    file, line = at("loop.c", "squared").split(":")
    (lldb.cwd / "hooks.py").write_text(HOOKS)
    steps: list[Step] = [Raw("", "command script import hooks.py"), Raw("", "script lldb.debugger.SetAsync(False)")]
    for name, own in OWN.items():
        call = f"hooks.stops(lldb.debugger, {str(build('loop.c'))!r}, ({file!r}, {line}), {own}, {inherited})"
        steps.append(Raw("", f"script print({name!r}, '=', {call})"))
    output = lldb.run_script(None, steps).output
    assert "Traceback" not in output, output
    found = {name: int(count) for name, count in re.findall(r"^([\w ,]+) = (\d+)$", output, re.MULTILINE)}
    assert found.keys() == OWN.keys(), output
    return found


@pytest.mark.parametrize("inherited", [False, True], ids=["on_target", "inherited"])
def test_the_users_hooks_decide(lldb: Debugger, build: Build, inherited: bool) -> None:
    with_us = stops(lldb, build, inherited)
    lldb.without_plugin()
    without = stops(lldb, build, inherited)
    assert with_us == without
    assert {0, 5} <= set(with_us.values())


@pytest.mark.parametrize("gone", ["delete", "disable"])
def test_a_hook_that_is_gone_comes_back(lldb: Debugger, build: Build, gone: str) -> None:
    go: Step = Raw("", f"target {'hook' if lldb.name == 'lldb-23' else 'stop-hook'} {gone}")
    steps: list[Step] = [f"break {HERE}", "run", *[go, "dbg-session status", "continue"] * 2]
    result = lldb.run_script(build("loop.c"), steps)
    said = [line for line in result.output.splitlines() if "stop hook" in line and line.startswith("[dbg-session]")]
    assert said == ["[dbg-session] the stop hook that recording needs had been deleted or disabled; it is set again"]
    assert [hit["hit_seq"] for hit in lldb.session().hits()] == [1, 2, 3]
