"""The plugin: stops become hits, commands are answered, sessions begin and end by themselves."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING

from dbg_session import _native
from dbg_session.host.ours import Ours
from dbg_session.util.working_folder import working_folder
from dbg_session.values.reader import Limits

from .breakpoints import Breakpoints
from .capture import capture
from .tracepoints import Tracepoints
from .watches import Watches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dbg_session.host.data import PassedBy, Stop
    from dbg_session.host.protocol import Host

# By what tells the debuggers of one process apart.
_loaded: dict[object, Recorder] = {}


class Recorder:
    """What joins one debugger (the host) and the recording (native)."""

    def __init__(self, host: Host, debugger: object = None) -> None:
        """Add the commands, and listen for stops and for the end."""
        self.host = host
        self._debugger = debugger
        self.native = _native.Plugin(host.version())
        host.ours = Ours(host, self.native)
        self.limits = Limits(*self.native.limits())
        # What commands may ask of the debugger: arguments and answers are what JSON can hold.
        self.requests: dict[str, Callable[..., object]] = {}
        self.native.serve(self._answer)
        self.breakpoints = Breakpoints(self)
        self.watches = Watches(self)
        self.tracepoints = Tracepoints(self)
        self._seen_pid = -1
        self.requests["function"] = self._function
        overview = self.native.run_line("--help", working_folder(), None)[1]
        host.add_command("", overview, partial(self.command, ""), partial(self.complete, ""))
        for verb, _about, text in _native.verbs():
            host.add_command(verb, text, partial(self.command, verb), partial(self.complete, verb))
        host.on_stop(self.stopped, lambda trouble: self.say([trouble]))
        host.on_passed(self.passed)
        host.on_exit(self.exiting)

    def stopped(self, stop: Stop) -> None:
        """Record one thread's real stop."""
        if self.watches.calling or not self.native.records():
            return
        captured = capture(self.host, stop, self.limits, self.watches.quiet)
        if self.watches.loud:
            self.watches.call(captured, stop)
        self._look_around()
        hit = self.native.hit(*captured)
        if hit is not None:
            self.say(hit[2])
        self.breakpoints.remember()

    def passed(self, by: PassedBy) -> None:
        """Record hits that can only be counted."""
        if self.watches.calling or not self.native.records():
            return
        self._look_around()
        num, tid, name = by.thread or (0, 0, None)
        stop = ("breakpoint", by.breakpoint, [by.breakpoint], None, num, tid, name, by.pid, None)
        self.say(self.native.passed(stop, by.place, by.times))

    def exiting(self) -> None:
        """End the active session; the debugger is about to go."""
        # It may have let go of them already: then what was known stays.
        with contextlib.suppress(Exception):
            self.breakpoints.remember()
        self.say(self.native.finish())
        _loaded.pop(self._debugger, None)

    def command(self, verb: str, arguments: str, width: int | None) -> tuple[int, str, str]:
        """Run `dbg-session VERB ARGUMENTS`: (exit code, output, errors)."""
        self.say(self.host.refresh())
        self._look_around()
        self.tracepoints.tidy()
        self.breakpoints.remember()
        answer = self.native.run_line(f"{verb} {arguments}".lstrip(), working_folder(), width)
        self.limits = Limits(*self.native.limits())
        self.breakpoints.remember()
        return answer

    def complete(self, verb: str, text: str) -> list[str]:
        """Completions of the last word of `text`, which follows the verb."""
        return self.native.complete(f"{verb} {text}".lstrip(), working_folder())

    def _answer(self, request: str, arguments: str) -> str:
        import json  # late: most sessions never ask

        return json.dumps(self.requests[request](**json.loads(arguments)))

    def _function(self, name: str | None = None) -> dict[str, object]:
        code = self.host.function(name)
        return {**code._asdict(), "instructions": [one._asdict() for one in code.instructions]}

    def _look_around(self) -> None:
        self.native.set_surroundings(self.host.target(), sorted(self.host.targets()), working_folder())

    def look_around_at(self, pid: int) -> None:
        """See what the debugger works on, once for each process that passes tracepoints."""
        if pid != self._seen_pid:
            self._look_around()
            self._seen_pid = pid

    def say(self, messages: Iterable[str]) -> None:
        """One line each to the user, unless they want none: then `status` has them."""
        for message in self.native.to_say(list(messages)):
            self.host.write(f"[dbg-session] {message}")


def start(make_host: Callable[[], Host], debugger: object = None) -> None:
    """Load the plugin into a debugger, once: sourcing it again changes nothing.

    A process may hold several debuggers, which `debugger` tells apart; each has a plugin of its own.
    """
    if debugger not in _loaded:
        _loaded[debugger] = Recorder(make_host(), debugger)
