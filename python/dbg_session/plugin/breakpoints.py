"""Keeps the session told of how the breakpoints stand, and sets recorded ones again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dbg_session.host.data import Breakpoint, HostError, Place

from . import restored

if TYPE_CHECKING:
    from .plugin import Recorder
    from .tracepoints import Tracepoint


class Breakpoints:
    """The user's breakpoints, tracepoints and watches, as the active session has them."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._host = recorder.host
        self._changed = True
        recorder.requests["breakpoints"] = self._listed
        recorder.requests["breakpoint_set"] = self._set
        recorder.requests["confirm"] = self._confirm

    def changed(self) -> None:
        """A tracepoint or a watch came, went or changed."""
        self._changed = True

    def remember(self) -> None:
        """Tell the session if anything changed: after a stop, before and after a command."""
        if self._host.breakpoints_changed() or self._changed:
            self._changed = False
            watches: list[tuple[int, str, bool]] = [(one[0], one[1], one[2]) for one in self._recorder.watches.alive()]
            self._recorder.native.remember(self._all(), watches)

    def _all(self) -> list[Breakpoint]:
        tracepoints = self._recorder.tracepoints.alive()
        found: dict[object, Breakpoint] = {}
        for one in tracepoints:
            # What one regular expression found is asked for once.
            key = one.options if one.options.kind == "regex" else one.number
            found.setdefault(key, self._tracepoint(one))
        return [*self._host.breakpoints(), *found.values()]

    def _tracepoint(self, one: Tracepoint) -> Breakpoint:
        import json  # late: only where there are tracepoints

        asked = one.options
        options = {
            "kind": asked.kind,
            "every": asked.every,
            "most": asked.most,
            "captures": asked.captures,
            "stack": asked.stack,
            "until": asked.until,
        }
        forms = {"regex": "regex", "return": "function"}
        form = forms.get(asked.kind, "line" if asked.spec.rpartition(":")[2].isdigit() else "function")
        told = self._host.breakpoint(one.number) or Breakpoint(one.number, "", "", "")
        return told._replace(
            kind="tracepoint",
            form=form,
            spec=asked.spec,
            condition=asked.condition,
            enabled=one.mark.enabled(),
            hits=one.recorded,
            options=json.dumps(options),
        )

    def _listed(self) -> list[dict[str, object]]:
        return [one._asdict() for one in self._all()]

    def _set(self, wanted: dict[str, Any], place: dict[str, Any], reads: list[str]) -> dict[str, object]:
        import json  # late: most sessions never ask

        fields = {name: wanted[name] for name in Breakpoint._fields if name in wanted}
        options = fields.get("options")
        fields["options"] = options and json.dumps(options)
        asked = Breakpoint(**fields)
        notes: list[str] = []
        made = self._host.set_breakpoint(asked, Place.of(place))
        if asked.condition:
            # A breakpoint that stops too often is better than none.
            try:
                restored.refuse_calls(self._host, made, reads)
                made = self._host.set_condition(made._replace(condition=asked.condition))
            except HostError as error:
                notes.append(f"its condition was left out: {error}")
        self.changed()
        return {**made._asdict(), "notes": notes}

    def _confirm(self, lines: list[str], question: str) -> bool | None:
        """What stands there, line for line, then a yes or no; None: nobody is there to be asked."""
        return self._host.ask("\n".join([*lines, question]))
