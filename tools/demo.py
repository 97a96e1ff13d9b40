"""Debugs `examples/shop.c` in GDB and LLDB with the plugin set up, then asks what was recorded.

    python3 tools/demo.py PROGRAM      the built `dbg-session`

Everything happens in a temporary folder with a home of its own: nothing of yours is touched.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import debuggers

SOURCE = debuggers.ROOT / "examples" / "shop.c"
LINE = next(n for n, line in enumerate(SOURCE.read_text().splitlines(), start=1) if line.endswith("mark: store"))
CONTINUES = 16
TIMEOUT_S = 120
SCRIPTS = {
    "gdb": [f"break shop.c:{LINE}", "run", *["continue"] * CONTINUES],
    "lldb": [f"breakpoint set --file shop.c --line {LINE}", "run", *["continue"] * CONTINUES],
}


class Stage:
    """The temporary folder in which it all happens."""

    def __init__(self, folder: Path, program: Path) -> None:
        self.home = folder / "home"
        self.cwd = folder / "shop"
        self.home.mkdir()
        self.cwd.mkdir()
        names = ("PATH", "LANG", "LC_ALL", "TMPDIR")
        self.environment = {name: os.environ[name] for name in names if name in os.environ}
        self.environment.update(HOME=str(self.home), TERM="dumb")
        self.environment["PATH"] = f"{program.parent}{os.pathsep}{self.environment['PATH']}"

    def run(self, *words: str) -> None:
        """Show a command, and let it print: as tables if this is a terminal."""
        print(f"\n$ {shlex.join(words)}", flush=True)
        subprocess.run(
            words,
            cwd=self.cwd,
            env=self.environment,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT_S,
            check=True,
        )

    def debug(self, kind: str, debugger: Path) -> None:
        """One run of the shop under a debugger that stops at every order."""
        script = self.cwd / f"orders.{kind}"
        script.write_text("\n".join(SCRIPTS[kind]) + "\n")
        options = {
            "gdb": [
                "-q",
                "-batch",
                "-iex",
                "set debuginfod enabled off",
                "-x",
                script.name,
                "shop",
            ],
            "lldb": ["--batch", "--source", script.name, "shop"],
        }[kind]
        print(f"\n$ {kind} shop        # break shop.c:{LINE}, run, continue …", flush=True)
        done = subprocess.run(
            [debugger, *options],
            cwd=self.cwd,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            check=True,
        )
        # A debugger says much at each stop; of interest are the plugin's lines and the shop's own.
        lines = done.stdout.splitlines()
        print(
            "\n".join(line for line in lines if line.startswith(("[dbg-session]", "paid for"))),
            flush=True,
        )


def main(arguments: list[str]) -> int:
    """Run the demonstration; 1 if it failed or a debugger is missing."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    program = Path(arguments[0]).resolve()
    found = {kind: debuggers.resolve(kind) for kind in SCRIPTS}
    with tempfile.TemporaryDirectory(prefix="dbg-session-demo-") as folder:
        stage = Stage(Path(folder), program)
        shutil.copy(SOURCE, stage.cwd)
        print(f"A shop whose books do not balance (examples/shop.c), in {stage.cwd}")
        stage.run("cc", "-g", "-O0", "shop.c", "-o", "shop")
        stage.run("./shop")
        stage.run("dbg-session", "setup")
        for kind, debugger in found.items():
            if debugger is None:
                print(f"\nNo {kind.upper()} is here: `make debuggers` fetches one.")
                continue
            print(f"\n--- {debuggers.version(debugger)}")
            stage.debug(kind, debugger)
            stage.run("dbg-session", "hits", f"shop.c:{LINE}", "--fields", "order.id,used,place")
            stage.run("dbg-session", "show", f"shop.c:{LINE}", "9")
        stage.run("dbg-session", "list")
    print(
        "\nHit 9 has it: 8 orders waited (used = 8) in a ring of 8 places, and order 9 went to"
        "\nplace 0, over order 1, which was never shipped."
        "\nNo single stop shows that; the row of hits does."
    )
    return 0 if all(found.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
