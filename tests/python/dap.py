"""A client of the debug adapter protocol, as editors have one: `gdb -i dap`.

Whatever the adapter writes that is no message of the protocol fails the test: an editor would lose track.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from typing import TYPE_CHECKING, Any

from drive import kill_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drive import Debugger

Message = dict[str, Any]
TIMEOUT_S = 60.0


class Adapter:
    """GDB as an editor starts it."""

    def __init__(self, debugger: Debugger) -> None:
        command = [str(debugger.program), "-q", "-iex", "set debuginfod enabled off", "-i", "dap"]
        self.process = subprocess.Popen(
            command,
            cwd=debugger.cwd,
            env=debugger.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._count = 0
        self._pending = b""
        self.events: list[Message] = []

    def close(self) -> None:
        """End it at once, if it still runs."""
        kill_tree(self.process)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def ask(self, command: str, **arguments: object) -> Message:
        """The answer to a request."""
        return self.answer_to(self.request(command, **arguments))

    def request(self, command: str, **arguments: object) -> int:
        """Send a request, without waiting for its answer; returns its number."""
        self._count += 1
        message = {"seq": self._count, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(message).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()
        return self._count

    def answer_to(self, number: int) -> Message:
        """Wait for the answer to a request."""
        return self._wait(lambda m: m.get("type") == "response" and m.get("request_seq") == number)

    def event(self, name: str, **body: object) -> Message:
        """Wait for the next event of that name and these parts."""
        return self._wait(lambda m: m.get("event") == name and body.items() <= m.get("body", {}).items())

    def output(self) -> str:
        """All that was told as output so far."""
        return "".join(event["body"]["output"] for event in self.events if event["event"] == "output")

    def wait_for_output(self, text: str) -> None:
        """Wait until something has been told as output."""
        if text not in self.output():
            self._wait(lambda _: text in self.output())

    def start(self, program: Path, source: str, line: int) -> None:
        """Start a program and wait until it stops at a line."""
        self.ask("initialize", adapterID="test", clientID="test")
        launched = self.request("launch", program=str(program))
        self.ask("setBreakpoints", source={"path": source}, breakpoints=[{"line": line}])
        self.ask("configurationDone")
        assert self.answer_to(launched)["success"]
        self.event("stopped", reason="breakpoint")

    def typed(self, command: str) -> str:
        """What comes of a command typed into the editor's console."""
        answer = self.ask("evaluate", expression=command, context="repl")
        return str(answer["body"]["result"] if answer["success"] else answer["message"])

    def quit(self) -> int:
        """End the debugger, look at all that it still says, and return its exit code."""
        self.request("disconnect", terminateDebuggee=True)
        while self._read_message(time.monotonic() + TIMEOUT_S) is not None:
            pass
        return self.process.wait(TIMEOUT_S)

    def _wait(self, wanted: Callable[[Message], bool]) -> Message:
        # An event may have come already, before the answer that was awaited; it is waited for once.
        deadline = time.monotonic() + TIMEOUT_S
        while (message := self._read_message(deadline)) is not None:
            if wanted(message):
                return message
        raise AssertionError(f"the debugger has ended; it told {self.events}")

    def _read_message(self, deadline: float) -> Message | None:
        """The next message; None when the adapter has ended."""
        while b"\r\n\r\n" not in self._pending:
            if not self._read_some(deadline):
                assert not self._pending, f"no message of the protocol: {self._pending!r}"
                return None
        head, _, rest = self._pending.partition(b"\r\n\r\n")
        name, _, length = head.partition(b": ")
        assert (name, length.isdigit()) == (b"Content-Length", True), f"no message of the protocol: {self._pending!r}"
        while len(rest) < int(length):
            assert self._read_some(deadline), "the adapter ended within a message"
            rest = self._pending.partition(b"\r\n\r\n")[2]
        self._pending = rest[int(length) :]
        message: Message = json.loads(rest[: int(length)])
        if message["type"] == "event":
            self.events.append(message)
        return message

    def _read_some(self, deadline: float) -> bool:
        assert self.process.stdout is not None
        number = self.process.stdout.fileno()
        ready, _, _ = select.select([number], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise AssertionError(f"the adapter did not answer within {TIMEOUT_S} s; it told {self.events}")
        data = os.read(number, 65536)
        self._pending += data
        return bool(data)
