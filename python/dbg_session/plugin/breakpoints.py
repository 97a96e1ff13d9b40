"""Keeps the session told of how the breakpoints stand, and sets recorded ones again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dbg_session.host.errors import HostError
from dbg_session.util.late import Kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbg_session.host.breakpoints import Breakpoint

    from .recording import Recording


class Breakpoints:
    """The user's breakpoints, and beside them tracepoints and watches, as the active session has them."""

    def __init__(
        self,
        recording: Recording,
        tracepoints: Callable[[], list[Breakpoint]],
        watches: Callable[[], list[tuple[int, str, bool]]],
    ) -> None:
        """`tracepoints` and `watches` tell how those stand."""
        self._recording = recording
        self._host = recording.host
        self._users = recording.host.user_breakpoints
        self._tracepoints = tracepoints
        self._watches = watches
        self._changed = True

    def requests(self) -> dict[str, Callable[..., object]]:
        """What commands may ask."""
        return {"breakpoints": self._listed, "breakpoint_set": self._set, "confirm": self._confirm}

    def changed(self) -> None:
        """A tracepoint or a watch came, went or changed."""
        self._changed = True

    def remember(self) -> None:
        """Tell the session if anything changed: after a stop, before and after a command."""
        if self._users.changed() or self._changed:
            self._changed = False
            watches = self._watches()
            self._recording.remember(self._all(), watches)

    def _all(self) -> list[Breakpoint]:
        tracepoints = self._tracepoints()
        return [*self._users.all(), *tracepoints]

    def _listed(self) -> list[dict[str, object]]:
        return [one._asdict() for one in self._all()]

    def _set(self, wanted: dict[str, Any], place: dict[str, Any], reads: list[str]) -> dict[str, object]:
        import json  # late: most sessions never ask

        with Kept():
            from dbg_session.host.breakpoints import Breakpoint, Place

            from . import restored

        fields = {name: wanted[name] for name in Breakpoint._fields if name in wanted}
        options = fields.get("options")
        fields["options"] = options and json.dumps(options)
        asked = Breakpoint(**fields)
        notes: list[str] = []
        made = self._users.set(asked, Place.of(place))
        if asked.condition:
            # A breakpoint that stops too often is better than none.
            try:
                restored.refuse_calls(self._users.names_at(made), reads)
                made = self._users.set_condition(made._replace(condition=asked.condition))
            except HostError as error:
                notes.append(f"its condition was left out: {error}")
        self.changed()
        return {**made._asdict(), "notes": notes}

    def _confirm(self, lines: list[str], question: str) -> bool | None:
        """What stands there, line for line, then a yes or no; None: nobody is there to be asked."""
        return self._host.ask("\n".join([*lines, question]))
