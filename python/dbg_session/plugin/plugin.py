"""The plugin: stops become hits, commands are answered, sessions begin and end by themselves."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING

from dbg_session import _native
from dbg_session.host.ours import Ours
from dbg_session.util.late import Kept
from dbg_session.util.working_folder import working_folder

from .breakpoints import Breakpoints
from .recording import Recording
from .tracepoints import Tracepoints
from .watches import Watches

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbg_session.host.protocol import Host
    from dbg_session.host.stops import PassedBy, Stop

# By what tells the debuggers of one process apart.
_loaded: dict[object, Plugin] = {}


class Plugin:
    """All parts of one debugger's plugin, joined."""

    def __init__(self, host: Host, debugger: object = None) -> None:
        """Add the commands, and listen for stops and for the end."""
        self.host = host
        self._debugger = debugger
        self._native = native = _native.Plugin(host.version())
        host.ours = Ours(native, lambda: host.epoch, host.read_memory)
        self._recording = recording = Recording(native, host)
        self._watches = Watches(recording, self._changed)
        self._tracepoints = Tracepoints(recording, native, self._watches, self._changed)
        self._breakpoints = Breakpoints(recording, self._tracepoints.standing, self._watches.standing)
        # What commands may ask of the debugger: arguments and answers are what JSON can hold.
        self._requests: dict[str, Callable[..., object]] = {
            **self._breakpoints.requests(),
            **self._watches.requests(),
            **self._tracepoints.requests(),
            "function": self._function,
        }
        native.serve(self._answer)
        overview = native.run_line("--help", working_folder(), None)[1]
        host.add_command("", overview, partial(self.command, ""), partial(self.complete, ""))
        for verb, _about, text in _native.verbs():
            host.add_command(verb, text, partial(self.command, verb), partial(self.complete, verb))
        host.on_stop(self.stopped, lambda trouble: recording.say([trouble]))
        host.on_passed(self.passed)
        host.on_exit(self.exiting)

    def _changed(self) -> None:
        """A tracepoint or a watch came, went or changed."""
        self._breakpoints.changed()

    def stopped(self, stop: Stop) -> None:
        """Record one thread's real stop."""
        recording = self._recording
        if not recording.records():
            return
        with Kept():
            from .capture import capture  # late: loading must not be felt

        captured = capture(self.host, stop, recording.limits, self._watches.quiet)
        self._watches.call(captured, stop)
        recording.hit(captured)
        self._breakpoints.remember()

    def passed(self, by: PassedBy) -> None:
        """Record hits that can only be counted."""
        if self._recording.records():
            self._recording.passed(by)

    def exiting(self) -> None:
        """End the active session; the debugger is about to go."""
        # It may have let go of them already: then what was known stays.
        with contextlib.suppress(Exception):
            self._breakpoints.remember()
        self._recording.say(self._native.finish())
        _loaded.pop(self._debugger, None)

    def command(self, verb: str, arguments: str, width: int | None) -> tuple[int, str, str]:
        """Run `dbg-session VERB ARGUMENTS`: (exit code, output, errors)."""
        recording = self._recording
        recording.say(self.host.refresh())
        recording.look_around()
        self._tracepoints.alive()
        self._breakpoints.remember()
        answer = self._native.run_line(f"{verb} {arguments}".lstrip(), working_folder(), width)
        recording.forget_limits()
        self._breakpoints.remember()
        return answer

    def complete(self, verb: str, text: str) -> list[str]:
        """Completions of the last word of `text`, which follows the verb."""
        return self._native.complete(f"{verb} {text}".lstrip(), working_folder())

    def _answer(self, request: str, arguments: str) -> str:
        import json  # late: most sessions never ask

        return json.dumps(self._requests[request](**json.loads(arguments)))

    def _function(self, name: str | None = None) -> dict[str, object]:
        code = self.host.function(name)
        return {**code._asdict(), "instructions": [one._asdict() for one in code.instructions]}


def start(make_host: Callable[[], Host], debugger: object = None) -> None:
    """Load the plugin into a debugger, once: sourcing it again changes nothing.

    A process may hold several debuggers, which `debugger` tells apart; each has a plugin of its own.
    """
    if debugger not in _loaded:
        _loaded[debugger] = Plugin(make_host(), debugger)
