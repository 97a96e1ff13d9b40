"""What is read at a hit: the stop, the stack, the values, the watches.

Nothing here ever raises: a value that fails is a value that says so, and a capture that
fails is a hit with an error text.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from dbg_session.host import types as h
from dbg_session.host.data import MOST_NAMES
from dbg_session.host.errors import ScopeError
from dbg_session.host.types import Value
from dbg_session.util.interruptions import noted
from dbg_session.util.lazy_regex import Pattern
from dbg_session.values import tuples
from dbg_session.values.conditions import truth
from dbg_session.values.plans import reading
from dbg_session.values.reader import Limits
from dbg_session.values.tuples import Captured, Stopped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dbg_session.host.data import FrameInfo, Variable
    from dbg_session.host.frames import Frame
    from dbg_session.host.protocol import Host
    from dbg_session.host.stops import Stop
    from dbg_session.values.reader import Reader
    from dbg_session.values.tuples import Tuple

# Frames that are taken even if that takes longer than they should, and how long (seconds).
_SURE_FRAMES = 4
_PATIENCE = 0.5
_GRACE = 0.01
_BIG = frozenset((h.STRUCT, h.UNION, h.ARRAY, h.VARIANT, h.REFERENCE))

# What called main is the runtime's business: GDB leaves it out by itself, LLDB does not.
_MAIN = Pattern(r"main(\(.*\))?|_ZN\d+\w+4main17h[0-9a-f]{16}E|_RNvC\w+4main")


def capture(
    host: Host,
    stop: Stop,
    limits: Limits | None = None,
    watches: Sequence[str] = (),
    only: Sequence[str] | None = None,
) -> Captured:
    """What there is to read as plain data, within the limits' time.

    Instead of all arguments and locals, `only` names the expressions to be read.
    """
    limits = limits or Limits()
    reader = reading(host, limits)
    deadline = reader.deadline
    errors: list[str] = []
    frames: list[FrameInfo] = []
    values: list[Tuple] = []
    watched: list[tuple[str, Tuple]] = []
    try:
        with host.quiet():
            if stop.frame is None:
                errors.append("the thread has no frame")
            else:
                frames = _attempt(errors, _frames, stop.frame, limits.frames, deadline, errors) or []
                frame = stop.frame
                if only is None:
                    values = _attempt(errors, _values, frame, frames, reader) or []
                else:
                    values = [watch(host, frame, text, reader) for text in only]
                watched.extend((text, watch(host, frame, text, reader)) for text in watches)
    except (Exception, KeyboardInterrupt) as error:  # Ctrl-C costs a value, never the hit
        errors.append(_sentence(error))
    numbers = [number for number, _ in stop.breakpoints]
    thread = stop.thread
    described = Stopped(
        stop.reason, numbers[0] if numbers else None, numbers, stop.detail,
        thread.num, thread.tid, thread.name, stop.pid, "; ".join(errors) or None,
    )  # fmt: skip
    return Captured(described, frames, values, watched)


def _attempt(errors: list[str], work: Any, *arguments: Any) -> Any:
    try:
        return work(*arguments)
    except (Exception, KeyboardInterrupt) as error:  # Ctrl-C costs a value, never the hit
        errors.append(_sentence(error))
        return None


def _sentence(error: BaseException) -> str:
    noted(error)
    return f"{type(error).__name__}: {error}"


def _frames(frame: Frame, most: int, deadline: float, errors: list[str]) -> list[FrameInfo]:
    """Up to `most` frames; half of the time belongs to the values.

    The debugger's first step out of a library takes it 0.1 s, and is what tells who called:
    the first few frames are taken all the same.
    """
    start = time.monotonic()
    half = start + (deadline - start) / 2
    patient = max(half, start + _PATIENCE)
    out: list[FrameInfo] = []
    at: Frame | None = frame
    while at is not None and len(out) < most:
        info = at.info()
        out.append(info)
        if info.function is not None and _MAIN.fullmatch(info.function):
            break
        at = at.older()
        enough = half if len(out) >= _SURE_FRAMES else patient
        if at is not None and len(out) < most and time.monotonic() > enough:
            errors.append(f"there was time for {len(out)} frames only")
            break
    return out


def _values(frame: Frame, frames: list[FrameInfo], reader: Reader) -> list[Tuple]:
    """All names in scope, in order.

    Numbers and pointers are read before anything big, so that time running out costs the
    insides of a container, not the counter beside it.
    """
    line = frames[0].line if frames else 0
    variables = list(frame.variables())
    # To list ten thousand names may take LLDB all the time there is: then a little more, so
    # that the hit holds values and not only names.
    reader.deadline = max(reader.deadline, reader.now() + _GRACE)
    more = len(variables) > MOST_NAMES
    del variables[MOST_NAMES:]
    out: list[Tuple | None] = [None] * len(variables)
    later: list[tuple[int, Value]] = []
    for place, variable in enumerate(variables):
        value = _place(variable, reader)
        if isinstance(value, Value) and value.type.kind in _BIG and value.status is None:
            later.append((place, value))
        elif isinstance(value, Value):
            out[place] = _value(variable, value, line, reader)
        else:
            out[place] = value
    whole = reader.deadline
    for place, value in later:
        # None may use more than half of what is left: those behind it are owed the rest.
        now = reader.now()
        reader.deadline = min(whole, now + (whole - now) / 2) if whole > now else whole
        out[place] = _value(variables[place], value, line, reader)
    reader.deadline = whole
    values = [shown for shown in out if shown is not None]
    if more:
        values.append(tuples.cut("..."))
    return values


def _place(variable: Variable, reader: Reader) -> Value | Tuple:
    """Where a variable is, or the tuple that says why that is not known."""
    name, arg = variable.name, variable.is_arg
    if reader.late():
        return tuples.cut(name, is_arg=arg)
    try:
        return variable.value()
    except (Exception, KeyboardInterrupt) as error:  # Ctrl-C costs a value, never the hit
        return tuples.failed(name, _sentence(error), is_arg=arg)


def _value(variable: Variable, value: Value, line: int, reader: Reader) -> Tuple:
    shown = reader.read(variable.name, value, 0, variable.is_arg)
    if variable.declared > line > 0 and not variable.is_arg and shown[tuples.STATUS] is None:
        return tuples.marked(shown, tuples.UNINITIALIZED)
    return shown


def watch(host: Host, frame: Frame, expression: str, reader: Reader, calls: bool = False) -> Tuple:
    """The value of an expression; with `calls` it may run code in the program."""
    try:
        same = truth(host, frame, expression)
        if same is not None:
            return tuples.truth(expression, same)
        value = host.evaluate(expression, frame, calls)
        # What somebody asked for by name is read also when everything else took all the time.
        reader.deadline = max(reader.deadline, reader.now() + _GRACE)
        return reader.read(expression, value)
    except ScopeError:
        return tuples.missing(expression, tuples.UNAVAILABLE, "not in scope")
    except (Exception, KeyboardInterrupt) as error:  # Ctrl-C costs a value, never the hit
        return tuples.failed(expression, str(noted(error)))
