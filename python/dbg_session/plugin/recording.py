"""What hits are handed to, and what may be known of it: the one thing that all parts of the plugin share.

It knows nobody above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbg_session.util.working_folder import working_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dbg_session._native import Plugin
    from dbg_session.host.breakpoints import Breakpoint
    from dbg_session.host.protocol import Host
    from dbg_session.host.stops import PassedBy
    from dbg_session.values.reader import Limits
    from dbg_session.values.tuples import Captured


class Recording:
    """Joins one debugger (the host) and the recording (native)."""

    def __init__(self, native: Plugin, host: Host) -> None:
        self.host = host
        self._native = native
        self._limits: Limits | None = None
        # While an expression of the user's runs code in the program: then it is us who stop or pass somewhere.
        self.calling = False
        self._seen_pid = -1

    @property
    def limits(self) -> Limits:
        """How much of a hit is read."""
        if self._limits is None:
            from dbg_session.values.reader import Limits  # late: loading must not be felt

            self._limits = Limits(*self._native.limits())
        return self._limits

    def forget_limits(self) -> None:
        """The user may have set others."""
        self._limits = None

    def records(self) -> bool:
        """Whether a hit would be recorded now."""
        return not self.calling and self._native.records()

    def look_around(self) -> None:
        """See what the debugger works on."""
        self._native.set_surroundings(self.host.target(), sorted(self.host.targets()), working_folder())

    def hit(self, captured: Captured) -> None:
        """Record a real stop."""
        self.look_around()
        hit = self._native.hit(*captured)
        if hit is not None:
            self.say(hit[2])

    def trace_hit(self, captured: Captured) -> tuple[int, bool, list[str]] | None:
        """Take in a tracepoint's hit: (values cut, whether it is kept, messages)."""
        pid = captured.stop.pid
        # Once for each process that passes tracepoints.
        if pid != self._seen_pid:
            self.look_around()
            self._seen_pid = pid
        return self._native.trace_hit(*captured)

    def passed(self, by: PassedBy) -> None:
        """Record hits that can only be counted."""
        from dbg_session.values.tuples import Stopped  # late: loading must not be felt

        self.look_around()
        num, tid, name = by.thread or (0, 0, None)
        stop = Stopped("breakpoint", by.breakpoint, [by.breakpoint], None, num, tid, name, by.pid, None)
        self.say(self._native.passed(stop, by.place, by.times))

    def remember(self, breakpoints: list[Breakpoint], watches: list[tuple[int, str, bool]]) -> None:
        """Tell how the user's breakpoints and watches stand."""
        self._native.remember(breakpoints, watches)

    def say(self, messages: Iterable[str]) -> None:
        """One line each to the user, unless they want none: then `status` has them."""
        for message in self._native.to_say(list(messages)):
            self.host.write(f"[dbg-session] {message}")
