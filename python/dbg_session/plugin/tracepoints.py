"""All tracepoints of a debugger, and the requests about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dbg_session.host.errors import HostError
from dbg_session.util.late import Kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbg_session._native import Plugin
    from dbg_session.host.breakpoints import Breakpoint

    from .recording import Recording
    from .tracepoint import Options, Shared, Tracepoint
    from .watches import Watches

# More functions than that are traced only when the user says so.
MANY = 100


class Tracepoints:
    """All tracepoints of a debugger, and the requests about them."""

    def __init__(self, recording: Recording, native: Plugin, watches: Watches, changed: Callable[[], None]) -> None:
        """`changed` is called when one came, went or changed."""
        self._recording = recording
        self._host = recording.host
        self._watches = watches
        self._native = native
        self._changed = changed
        self._all: list[Tracepoint] = []
        self._complained = False
        self._made_once: Shared | None = None

    def requests(self) -> dict[str, Callable[..., object]]:
        """What commands may ask."""
        return {
            "trace_add": self.add,
            "trace_list": self.rows,
            "trace_delete": self.delete,
            "trace_enable": lambda numbers: self._switch(numbers, True),
            "trace_disable": lambda numbers: self._switch(numbers, False),
        }

    @property
    def _shared(self) -> Shared:
        """What tracepoints share; the debugger's own part is loaded when first needed."""
        if self._made_once is None:
            with Kept():
                from dbg_session.snapshots.learning import SnapshotWay  # late: most sessions trace nothing

                from .tracepoint import Shared

                tracer = self._host.tracer()
            snapshots = SnapshotWay(self._native, self._host)
            self._made_once = Shared(self._recording, self._watches, snapshots, tracer, self._drop, self._complain)
        return self._made_once

    def add(
        self,
        location: str,
        kind: str = "location",
        yes: bool = False,
        place: dict[str, Any] | None = None,
        **asked: Any,
    ) -> list[dict[str, object]]:
        """Set tracepoints; answers their rows."""
        with Kept():
            from dbg_session.host.breakpoints import Place
            from dbg_session.values.conditions import refuse_changes

            from .tracepoint import Options

        asked["captures"] = tuple(asked.get("captures") or ())
        options = Options(location, kind, **asked, place=Place.of(place) if place else None)
        for expression in (options.condition, options.until, *options.captures):
            if expression:
                refuse_changes(expression)
        specs = self._functions(location, yes) if kind == "regex" else [options.place or location]
        return [self._set(options, spec) for spec in specs]

    def _functions(self, regex: str, yes: bool) -> list[Any]:
        count, specs = self._shared.tracer.functions(regex)
        if not count:
            raise HostError(f"no function with debug information matches {regex}")
        if count > MANY and not yes:
            answer = self._host.ask(f"{count} functions match {regex}. Trace them all?")
            if not answer:
                self._shared.tracer.refuse(specs)
            if answer is None:
                raise HostError(f"{count} functions match {regex}; narrow it, or say `--yes` to trace them all")
            if not answer:
                raise HostError("nothing is traced")
        return specs

    def _set(self, options: Options, spec: Any) -> dict[str, object]:
        if options.kind == "regex" and isinstance(spec, str):
            options = options._replace(spec=spec, kind="location", place=None)
        if options.kind == "return":
            with Kept():
                from .returns import Returns  # late: few trace returns

            made: Tracepoint = Returns(self._shared, options, spec)
        else:
            from .tracepoint import Tracepoint

            made = Tracepoint(self._shared, options, spec)
        self._host.user_breakpoints.own.add(made.number)
        self._changed()
        self._all.append(made)
        return made.row()

    def alive(self) -> list[Tracepoint]:
        """Those that the debugger still has: its user may delete them as any breakpoint."""
        gone = [one for one in self._all if not one.breakpoint.valid()]
        if gone:
            self._all = [one for one in self._all if one not in gone]
            self._changed()
            for one in gone:
                one.gone()
        return list(self._all)

    def standing(self) -> list[Breakpoint]:
        """Those, as the session keeps them; what one regular expression found is asked for once."""
        found: dict[object, Breakpoint] = {}
        for one in self.alive():
            key = one.options if one.options.kind == "regex" else one.number
            if key not in found:
                found[key] = one.standing()
        return list(found.values())

    def rows(self) -> list[dict[str, object]]:
        """What `trace list` shows."""
        return [one.row() for one in self.alive()]

    def _named(self, numbers: list[int]) -> list[Tracepoint]:
        """The tracepoints of these numbers; none of them: all."""
        alive = self.alive()
        if not alive:
            raise HostError("there are no tracepoints; `trace LOC` sets one")
        known = {one.number: one for one in alive}
        for number in numbers:
            if number not in known:
                raise HostError(f"there is no tracepoint {number}; `trace list` shows those there are")
        return [known[number] for number in numbers] or alive

    def delete(self, numbers: list[int]) -> list[int]:
        """Delete tracepoints; answers the numbers of those that are gone."""
        chosen = self._named(numbers)
        for one in chosen:
            self._drop(one)
            one.delete()
        return [one.number for one in chosen]

    def _drop(self, one: Tracepoint) -> None:
        """Know a tracepoint no longer."""
        self._changed()
        self._all = [other for other in self._all if other is not one]

    def _switch(self, numbers: list[int], on: bool) -> list[int]:
        chosen = self._named(numbers)
        for one in chosen:
            one.enable(on)
        self._changed()
        return [one.number for one in chosen]

    def _complain(self, one: Tracepoint, error: Exception) -> None:
        """Tell of a mistake of ours, once."""
        if not self._complained:
            self._complained = True
            self._recording.say([f"tracepoint {one.number} lost a hit: {type(error).__name__}: {error}"])
