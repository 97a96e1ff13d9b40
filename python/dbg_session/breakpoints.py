"""Keeps the session told of how the breakpoints stand, and sets recorded ones again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .host import Breakpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from . import _native
    from .host import Host


class Breakpoints:
    """The user's breakpoints, tracepoints and watches, as the active session has them."""

    def __init__(self, host: Host, native: _native.Plugin, requests: dict[str, Callable[..., object]]) -> None:
        self._host = host
        self._native = native
        self._changed = True
        # Whoever makes tracepoints (kind `tracepoint`) and watches (number, expression, whether
        # it may call functions) puts in here how to list them, and calls `changed`.  Breakpoints
        # that serve tracepoints are in `host.own`.
        self.tracepoints: Callable[[], list[Breakpoint]] = list
        self.watches: Callable[[], list[tuple[int, str, bool]]] = list
        requests["breakpoints"] = self._listed
        requests["breakpoint_set"] = self._set

    def changed(self) -> None:
        """A tracepoint or a watch came, went or changed."""
        self._changed = True

    def remember(self) -> None:
        """Tell the session if anything changed; after a stop, and before whatever asks."""
        if self._host.breakpoints_changed() or self._changed:
            self._changed = False
            self._native.remember(self._all(), self.watches())

    def _all(self) -> list[Breakpoint]:
        return [*self._host.breakpoints(), *self.tracepoints()]

    def _listed(self) -> list[dict[str, object]]:
        return [one._asdict() for one in self._all()]

    def _set(self, **wanted: object) -> dict[str, object]:
        import json  # late: most sessions never ask

        fields = {name: wanted[name] for name in Breakpoint._fields if name in wanted}
        options = fields.get("options")
        fields["options"] = options and json.dumps(options)
        made = self._host.set_breakpoint(Breakpoint(**fields))  # type: ignore[arg-type]
        self.changed()
        return made._asdict()
