"""A program that only seems to be on this machine is read through the debugger alone.

A server in another pid namespace has a program there whose number is that of another process of
the same program here: the worst case of another machine, an emulator or a container.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Build, at
from drive import Raw, kill_tree
from test_trace import tracepoints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drive import Debugger, Step

FLAGS = ("-static", "-no-pie")
SOURCE = "elsewhere.c"
# What the program holds at its twelve passings; the idle one has 7 for ever.
TRUE = [7] * 5 + [*range(1006, 1013)]
# With rights, and as an ordinary user.
NAMESPACES = (["unshare", "--pid", "--fork", "--mount-proc"], ["unshare", "-Urpf", "--mount-proc"])
LAST_PID = "/proc/sys/kernel/ns_last_pid"
# The next process of the namespace has the number that is asked for.
START = f'echo $(($1 - 1)) > {LAST_PID}; shift; env -i MODE=away "$1" & shift; exec "$@"'
CONNECTED = "GDB reaches the program through a connection"
DOUBT = (
    "from dbg_session.plugin import plugin; h = next(iter(plugin._loaded.values())).host; "
    "print('doubt:', h.ours.doubt(h.whose({})))"
)


def namespace() -> list[str]:
    """How to start something in a pid namespace of its own."""
    said = []
    for words in NAMESPACES:
        probe = [*words, "sh", "-c", f"echo 100 > {LAST_PID} && sh -c 'echo $$'"]
        try:
            done = subprocess.run(probe, capture_output=True, text=True, timeout=20, check=False)
        except FileNotFoundError:
            pytest.skip("there is no `unshare` on this machine")
        if done.returncode == 0 and done.stdout.strip() == "101":
            return words
        said.append(done.stderr.strip() or done.stdout.strip())
    pytest.skip(f"no pid namespace can be made here: {'; '.join(said)}")


@pytest.fixture
def idle(build: Build) -> Iterator[tuple[Path, int]]:
    """The program, and the number of a process of it that does nothing."""
    program = build(SOURCE, *FLAGS)
    process = subprocess.Popen([str(program)], env={"MODE": "idle"}, stdin=subprocess.DEVNULL)
    # It is the test's own program until then.
    exe = Path(f"/proc/{process.pid}/exe")
    while not exe.samefile(program):
        time.sleep(0.001)
    yield program, process.pid
    kill_tree(process)


def server(debugger: Debugger, port: int, pid: int) -> list[str]:
    """The debugger's server, which waits for it with a process attached."""
    if debugger.is_gdb:
        return ["gdbserver", "--once", "--attach", f"127.0.0.1:{port}", str(pid)]
    real = debugger.program.resolve().parent
    found = [path for path in (real / "lldb-server", debugger.program.parent / "lldb-server") if path.exists()]
    if not found:
        pytest.skip(f"{debugger.name} has no lldb-server beside it")
    return [str(found[0]), "gdbserver", "--attach", str(pid), f"127.0.0.1:{port}"]


def listens(port: int) -> bool:
    """Whether somebody waits at a port; to connect would be to take the place."""
    rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return any(row.split()[1].endswith(f":{port:04X}") and row.split()[3] == "0A" for row in rows)


@pytest.fixture
def remote(debugger: Debugger, idle: tuple[Path, int]) -> Iterator[tuple[Path, int, int]]:
    """(program, number, port) of a program elsewhere, and here of the idle one."""
    program, pid = idle
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [*namespace(), "sh", "-c", START, "sh", str(pid), str(program), *server(debugger, port, pid)]
    log = debugger.cwd / "server.txt"
    with log.open("wb") as output:
        try:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        except FileNotFoundError:
            pytest.skip("there is no gdbserver on this machine")
    try:
        deadline = time.monotonic() + 20
        while not listens(port):
            assert time.monotonic() < deadline, log.read_text(errors="replace")
            if process.poll() is not None:
                pytest.skip(f"the server does not run in a pid namespace here: {log.read_text(errors='replace')}")
            time.sleep(0.02)
        yield program, pid, port
    finally:
        with contextlib.suppress(OSError):
            kill_tree(process)


def held(hits: list[Any]) -> list[int]:
    """The values of `held`."""
    return [int(json.loads(hit["locals_json"])["held"]["value"]) for hit in hits]


def test_what_is_elsewhere_is_not_taken_from_here(debugger: Debugger, remote: tuple[Path, int, int]) -> None:
    program, pid, port = remote
    connect = Raw(f"target remote 127.0.0.1:{port}", f"process connect connect://127.0.0.1:{port}")
    steps: list[Step] = [
        Raw("set sysroot /", "version"),
        connect,
        f"dbg-session trace {at(SOURCE, 'here')}",
        f"break {at(SOURCE, 'end')}",
        "continue",
        "dbg-session trace list --json",
        "kill",
    ]
    done = debugger.run_script(program, steps)
    (one,) = tracepoints(done)
    hits = debugger.session().hits()
    passed = [hit for hit in hits if hit["reason"] == "tracepoint"]
    # All of it is of the number that the idle one has here.
    assert {hit["pid"] for hit in hits} == {pid}, done.output
    assert held(passed) == TRUE, done.output
    assert held([hit for hit in hits if hit["reason"] == "breakpoint"]) == TRUE[-1:]
    assert one["recorded"] == len(TRUE)
    assert one["raw"] == 0
    (note,) = one["notes"]
    expected = f"{CONNECTED} (remote)" if debugger.is_gdb else "here is another one"
    assert note.startswith("the debugger is asked at each hit: "), note
    assert expected in note, note


def test_what_is_here_is_proven(debugger: Debugger, build: Build) -> None:
    """The same program run as usual: else the other tests would hold of a rule that refuses all."""
    steps = [f"dbg-session trace {at(SOURCE, 'here')}", "run", "dbg-session trace list --json"]
    done = debugger.run_script(build(SOURCE, *FLAGS), steps)
    (one,) = tracepoints(done)
    assert held(debugger.session().hits()) == TRUE
    assert one["raw"] > 0, one


def test_a_core_file_is_nobody_here(debugger: Debugger, idle: tuple[Path, int]) -> None:
    """The process that the core file was made of still runs: its number is right, and means nothing."""
    program, pid = idle
    prefix = debugger.cwd / "core"
    words = ["gcore", "-o", str(prefix), str(pid)]
    made = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    core = Path(f"{prefix}.{pid}")
    if not core.exists():
        pytest.skip(f"gcore makes no core file here: {made.stderr}")
    ask = Raw(f"python {DOUBT.format('')}", f"script {DOUBT.format('lldb.process')}")
    load = Raw(f"core-file {core}", f"target create {program} --core {core}")
    done = debugger.run_script(program if debugger.is_gdb else None, [load, ask])
    assert "doubt: the program is a core file" in done.output, done.output


@pytest.mark.parametrize("wrong", ["program", "number"])
def test_a_number_alone_proves_nothing(debugger: Debugger, idle: tuple[Path, int], wrong: str) -> None:
    """Another program of the number that the debugger's process has; another process of its program."""
    program, pid = idle
    change = "pid=os.getppid()" if wrong == "program" else f"pid={pid}"
    code = DOUBT.replace("h.whose({})", "h.whose({})._replace(key=0, " + change + ")")
    assert os.getpid() != pid
    ask = Raw(f"python import os; {code.format('')}", f"script import os; {code.format('lldb.process')}")
    done = debugger.run_script(program, [f"break {at(SOURCE, 'end')}", "run", ask, "kill"])
    expected = "runs another program" if wrong == "program" else "here is another one"
    assert expected in done.output, done.output
