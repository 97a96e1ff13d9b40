"""The user's pretty-printers in GDB: whether there are any, and what they say.  Part of the GDB face.

A printer is a program of the user's.  It is asked once more than it would be without us, so
nothing of that may be seen: what it prints is swallowed, and what would leave a trace in the
debugger (a `$1` in the history, a setting) is refused, which the printer sees as an error.
"""

from __future__ import annotations

import contextlib
import re
import sys
from typing import TYPE_CHECKING, Any

import gdb

from dbg_session.host import types as h
from dbg_session.host.data import Printed
from dbg_session.host.errors import HostError
from dbg_session.host.overdue import Overdue
from dbg_session.util.nowhere import Nowhere
from dbg_session.values.conditions import refuse_changes

from .captured import captured
from .events import hand_back
from .types import plainly, value_of
from .values import native_of, reaching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dbg_session.host.types import Type, Value

    from .calls import Calls

# Printers that come with GDB (of a few types of processors) and with libstdc++ (of types that
# readers of ours read): they know nothing of a program's own types.
_BUILT_IN = "builtin"
_LIBRARY = "libstdcxx."
# The first words of commands that only tell something.
_TELLING = frozenset(["echo", "output", "printf", "ptype", "show", "whatis"])
_PRINT = re.compile(r"\s*(?:p|pr|pri|prin|print|inspect)(?![\w-])\s*(/\w+)?\s*(?!-)(\S.*)")
# Of `info`: these change what a bare `x` or `list` shows next.
_MOVING = ("breakpoints", "line", "source", "watchpoints")
_CHANGING = ("add_history", "set_convenience_variable")


class Printers:
    """Asks them."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self.epoch: tuple[int, ...] = ()
        self.any = False  # whether there are printers of the user's own
        self.overdue = Overdue()

    def look(self) -> None:
        """See whether somebody has registered a printer."""
        objfiles = gdb.objfiles()
        lists = [gdb.pretty_printers, gdb.current_progspace().pretty_printers]
        lists += [objfile.pretty_printers for objfile in objfiles]
        epoch = tuple(map(len, lists))
        if epoch != self.epoch:
            self.epoch = epoch
            self.overdue.forget()
            self.any = any(_own(printer) for registered in lists for printer in registered)

    def user_text(self, value: Value, limit: int) -> Printed | None:
        """See `Host`."""
        other = value.type.kind == h.OTHER
        native = native_of(value) if self.any or other else None
        if native is None:
            return None
        printed = self._asked(native, value.type, limit)
        if printed is None and other:
            with contextlib.suppress(gdb.error, RuntimeError, ValueError):
                return Printed(plainly(native, max_elements=16), None, None, False)
        return printed

    def _asked(self, native: Any, kind: Type, limit: int) -> Printed | None:
        """What a printer of the user's says; types without one are remembered."""
        if not self.any or kind.cache.get("printers") == self.epoch:
            return None
        if reaching(kind) is not None:
            return None
        try:
            self._calls.hush()  # to look a printer up is to make it, which is the user's code as well
            printed = self._text(native, kind.name, limit)
        except KeyboardInterrupt:
            hand_back()  # Ctrl-C costs what the printer would have said
            return None
        except BaseException:
            # A printer may raise anything, SystemExit too; the value itself can still be read.
            return None
        if printed is None:
            kind.cache["printers"] = self.epoch
        return printed

    def _text(self, native: Any, name: str, limit: int) -> Printed | None:
        """What the printer of a value of the type `name` says; None without one.  May raise anything."""

        def ask() -> Printed | None:
            printer = gdb.default_visualizer(native)
            return None if printer is None else _printed(printer, limit)

        return self.overdue.ask(name, ask, self._unseen)

    def _unseen(self, work: Callable[[], Printed | None]) -> Printed | None:
        """Do something that shows nothing and leaves nothing behind."""
        if not self._calls.may_execute():
            with _hands_off(_refused), _silence():
                return work()

        def with_hands_off() -> Printed | None:
            with _hands_off(_told):
                return work()

        return captured(with_hands_off)  # type: ignore[no-any-return]


def _own(printer: Any) -> bool:
    module = str(getattr(printer, "__module__", None) or type(printer).__module__)
    return getattr(printer, "name", None) != _BUILT_IN and not module.startswith(_LIBRARY)


# ---------------------------------------------------------------- what a printer may do


_execute = gdb.execute
_evaluate = gdb.parse_and_eval


def _refused(*_arguments: Any, **_named: Any) -> None:
    raise gdb.error("a printer that is asked by a plugin cannot do that")


def _evaluated(expression: str, *arguments: Any) -> Any:
    try:
        refuse_changes(expression)
    except HostError as error:
        raise gdb.error(str(error)) from None
    return _evaluate(expression, *arguments)


def _told(command: str, _from_tty: bool = False, to_string: bool = False, **_named: Any) -> str | None:
    """In the place of `gdb.execute`: what only tells something is carried out."""
    said = "".join(_said(line) for line in command.splitlines() if line.strip())
    return said if to_string else None


def _said(line: str) -> str:
    shown = _PRINT.fullmatch(line)
    if shown is not None:
        # As `print` does it, but for the entry in the history.
        value = _execute(f"output{shown.group(1) or ''} {shown.group(2)}", False, True)
        return f"${_next_number()} = {value}\n"
    word, _, rest = line.strip().partition(" ")
    topic = rest.strip().partition(" ")[0]
    telling = word.partition("/")[0] in _TELLING
    if word in ("i", "inf", "info"):
        telling = bool(topic) and not any(name.startswith(topic) for name in _MOVING)
    if not telling:
        _refused()
    return str(_execute(line, False, True))


def _next_number() -> int:
    count = getattr(gdb, "history_count", None)  # GDB 14
    return int(count()) + 1 if count is not None else 1


@contextlib.contextmanager
def _hands_off(execute: Callable[..., Any]) -> Iterator[None]:
    """While it lasts printers cannot change anything in GDB."""
    instead = {"execute": execute, "parse_and_eval": _evaluated, **dict.fromkeys(_CHANGING, _refused)}
    own = {name: getattr(gdb, name) for name in instead if hasattr(gdb, name)}
    # Also where somebody wrote `from gdb import execute`.
    places = [
        (module, name)
        for module in map(vars, [one for one in sys.modules.values() if hasattr(one, "__dict__")])
        for name, function in own.items()
        if module.get(name) is function
    ]
    try:
        for module, name in places:
            module[name] = instead[name]
        yield
    finally:
        for module, name in places:
            module[name] = own[name]


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Swallow what Python prints; GDB's own warnings are not caught this way."""
    out, error, write = sys.stdout, sys.stderr, gdb.write
    sys.stdout = sys.stderr = Nowhere()
    gdb.write = lambda *_arguments, **_named: None
    try:
        yield
    finally:
        sys.stdout, sys.stderr, gdb.write = out, error, write


# ---------------------------------------------------------------- what it says


def _printed(printer: Any, limit: int) -> Printed:
    text = None
    if hasattr(printer, "to_string"):
        got = printer.to_string()
        if got is not None:
            text = got if isinstance(got, str) else _text(got, limit)
    hint = printer.display_hint() if hasattr(printer, "display_hint") else None
    children: list[tuple[str, Value | str]] = []
    more = False
    if hasattr(printer, "children"):
        most = limit * 2 if hint == "map" else limit
        for name, child in printer.children():
            if len(children) == most:
                more = True
                break
            plain = isinstance(child, (str, gdb.Value))
            native = child if plain else gdb.Value(child)
            children.append((str(name), child if isinstance(child, str) else value_of(native)))
    return Printed(text, hint, children or None, more)


def _text(got: Any, limit: int) -> str:
    if isinstance(got, gdb.Value):
        return str(got.format_string(max_elements=limit))
    if hasattr(got, "value"):  # a lazy string
        return str(got.value().format_string(max_elements=limit))
    return str(got)
