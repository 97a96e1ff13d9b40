"""The extension module: `SessionDb` and its helpers for everybody, the rest for the plugin."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, final, overload

from .json_shapes import Callers, Groups, HitDiff, HitTrend

__all__ = [
    "SCHEMA_VERSION",
    "Frame",
    "Hit",
    "Hits",
    "Plugin",
    "SessionDb",
    "Source",
    "Value",
    "Values",
    "auto_label",
    "complete",
    "compute_target_hash",
    "end_sessions_on",
    "group_key",
    "places",
    "prune",
    "raw_dir",
    "requests",
    "run",
    "sessions_dir",
    "verbs",
    "version",
    "within",
]

SCHEMA_VERSION: Final[int]
"""The version of the session file's format, kept in `PRAGMA user_version`."""

_Path = str | PathLike[str]
_Kind = Literal["debug", "profile"]
_T = TypeVar("_T")

@final
class SessionDb:
    """One session: its database, and what identifies it."""

    @classmethod
    def create(
        cls,
        kind: _Kind,
        target: str,
        target_class: str,
        cwd: _Path,
        db_path: _Path | None = None,
        label: str | None = None,
        target_hash: str | None = None,
    ) -> SessionDb:
        """Make a new session, in memory or in a new file.

        Args:
            kind: what it records.
            target: the program, as a path or a name; relative paths count from `cwd`.
            target_class: gpu, native-cpu, managed-dotnet, jvm, python, node, ruby or php.
            cwd: the folder that the session belongs to.
            db_path: the file to make; None keeps the session in memory.
            label: the session's name; None makes `{basename}-{yyyymmdd-hhmmss}` in UTC.
            target_hash: tells builds of the target apart; None makes `"{size}:{mtime in ns}"`.

        Raises:
            AlreadyExistsError: `db_path` is taken.
            SymbolicLinkError: it leads through a link.
            UnknownNameError: no such kind or target class.
        """

    @classmethod
    def open(cls, path: _Path) -> SessionDb:
        """Open a session to read it and to add to it; opening changes nothing.

        Raises:
            NotFoundError: no such file.
            SchemaMismatchError: a session of another schema version.
            NotASessionError: not an SQLite file, a damaged one, or not one session.
        """

    @classmethod
    def open_read_only(cls, path: _Path) -> SessionDb:
        """Open a session to ask it; raises as `open`."""

    def save_to(self, path: _Path, *, force: bool = False) -> None:
        """Copy the live session to a file, which shows the old or the whole new one.

        Raises:
            AlreadyExistsError: another session's file, and not `force`.
            LockedError: a live process is recording it.
            SymbolicLinkError: it is a link.
        """

    def has_captured_data(self) -> bool:
        """Whether there is some hit, or some layer."""

    def promote_to_user(self) -> None:
        """Mark the session as a person's, which prune leaves alone by default."""

    def set_meta(self, key: str, value: str) -> None:
        """Set a fact about the session, new or not."""

    def meta(self, key: str) -> str | None:
        """A fact about the session, if it was ever set."""

    def hits(self, location: str | None = None, *, where: str | None = None, thread: str | None = None) -> Hits:
        """Every hit, oldest first, read as the loop goes on.

        Args:
            location: a location as people write it: `t.c:10`, a function, a file; None means all.
            where: only hits that pass a condition, as in `i > 3 and p.name == "x"`; see docs/questions.md.
            thread: the debugger's number of a thread, its name, or the system's number.

        Raises:
            UnknownLocationError: no hit there, or several places are meant.
            ConditionError: the condition cannot be read.
        """

    def group_by(
        self,
        field: str,
        location: str | None = None,
        *,
        where: str | None = None,
        thread: str | None = None,
        top: int = 0,
    ) -> Groups:
        """Hits counted by a value, each value with its first and last hit, in the order they came up.

        Args:
            field: a name, a path, a watch, or what a condition knows besides, such as `caller`.
            location: only there.
            where: only hits that pass a condition.
            thread: only of this thread.
            top: how many values are listed, the most frequent ones; 0 means all.
        """

    def count_by(
        self,
        field: str,
        location: str | None = None,
        *,
        where: str | None = None,
        thread: str | None = None,
        top: int = 20,
    ) -> Groups:
        """Hits counted by a value, the most frequent first; as `group_by` otherwise."""

    def show(self, location: str | int | None = None, seq: int | None = None) -> Hit:
        """One hit.

        Args:
            location: a location, or the number of a hit in the session; None means the newest of all.
            seq: its number at the location, -1 for the newest there, which is the default.
        """

    def hit_diff(
        self,
        location: str | int,
        a: int,
        b: int | None = None,
        *,
        all: bool = False,  # noqa: A002 - as the command has it
    ) -> HitDiff:
        """What differs between two hits.

        Args:
            location: a location; or the number of a hit in the session, and `a` that of the other.
            a: the first hit at the location: 1, 2, 3 ..., or -1, -2 ... counted from the newest.
            b: the second; None means the newest.
            all: list what is the same as well.
        """

    def hit_trend(
        self, location: str, field: str, *, where: str | None = None, thread: str | None = None, limit: int = 20
    ) -> HitTrend:
        """One value over all hits of a location.

        Args:
            location: a location.
            field: a name, a path such as `p.x` or `a[0]`, or a watch expression.
            where: only of hits that pass a condition.
            thread: only of this thread.
            limit: how many of the different values are listed, the most frequent ones; 0 means all.
        """

    def callers(
        self,
        location: str,
        *,
        where: str | None = None,
        thread: str | None = None,
        depth: int = 0,
        limit: int = 20,
    ) -> Callers:
        """By which paths a location was reached, counted.

        Args:
            location: a location.
            where: only hits that pass a condition.
            thread: only by this thread.
            depth: how many callers are told apart; 0 means all.
            limit: how many paths are listed, the most frequent ones; 0 means all.
        """

    def diff(
        self, other: SessionDb, location: str | None = None, *, ignore: list[str] = ..., limit: int = 20
    ) -> dict[str, Any]:
        """What differs between two runs, and the first hit at which they part.

        Args:
            other: the second session.
            location: compare the hits there alone.
            ignore: names or paths of values that are not compared.
            limit: how many rows each list has at most; 0 means all.
        """

    def cross(self, symbol: str) -> dict[str, Any]:
        """Everything known of one function."""

    @property
    def session_id(self) -> str:
        """32 lower-case hex digits."""

    @property
    def label(self) -> str:
        """The session's name."""

    @property
    def kind(self) -> str:
        """`debug` or `profile`."""

    @property
    def target_class(self) -> str:
        """What the target is: `native-cpu`, ..."""

    @property
    def target(self) -> str:
        """The program, as it was given."""

    @property
    def db_path(self) -> Path | None:
        """The session's file; None while it lives in memory."""

@final
class Hits(Iterator[Hit]):
    """Hits one after the other, oldest first; a million of them take no more memory than a few."""

    def __iter__(self) -> Hits: ...
    def __next__(self) -> Hit: ...

@final
class Hit:
    """One recorded stop of one thread."""

    @property
    def id(self) -> int:
        """Its number in the session, in the order of recording."""

    @property
    def location(self) -> str:
        """The location key."""

    @property
    def seq(self) -> int:
        """1, 2, 3 ... per location."""

    @property
    def ts(self) -> datetime:
        """When it was, in UTC."""

    @property
    def thread(self) -> str | None:
        """The debugger's number of the thread."""

    @property
    def thread_name(self) -> str | None:
        """What the thread calls itself."""

    @property
    def tid(self) -> int | None:
        """The operating system's number of the thread."""

    @property
    def pid(self) -> int | None:
        """Number of the process."""

    @property
    def pc(self) -> int | None:
        """Address of the instruction."""

    @property
    def reason(self) -> str | None:
        """`breakpoint`, `watchpoint`, `catchpoint`, `tracepoint`, `signal`, `exception`."""

    @property
    def breakpoints(self) -> list[int]:
        """The debugger's numbers of the breakpoints that stopped here."""

    @property
    def detail(self) -> str | None:
        """The signal, the watched expression ..."""

    @property
    def function(self) -> str | None:
        """The innermost function."""

    @property
    def error(self) -> str | None:
        """Why the capture is not whole."""

    @property
    def values(self) -> Values:
        """Arguments and locals."""

    @property
    def watches(self) -> Values:
        """Watches, by their expressions."""

    @property
    def stack(self) -> list[Frame]:
        """Frames, the innermost first."""

    @property
    def source(self) -> Source | None:
        """The lines around it as they were then; None when they were not kept."""

@final
class Frame:
    """A stack frame."""

    @property
    def level(self) -> int:
        """0 is the innermost."""

    @property
    def function(self) -> str | None:
        """Its canonical name."""

    @property
    def file(self) -> str | None:
        """As in a location key."""

    @property
    def line(self) -> int | None:
        """From 1."""

    @property
    def module(self) -> str | None:
        """Base name of the object file."""

    @property
    def module_offset(self) -> int | None:
        """Bytes from the function's start, or the module's without a function."""

    @property
    def inlined(self) -> bool:
        """Whether it is inlined into the next outer frame."""

@final
class Source:
    """Source lines as they were when the hit was recorded."""

    @property
    def file(self) -> str:
        """As in a location key."""

    @property
    def first_line(self) -> int:
        """Number of the first of `lines`."""

    @property
    def line(self) -> int:
        """Number of the hit's own line."""

    @property
    def lines(self) -> list[str]:
        """The lines."""

@final
class Values(Mapping[str, Value]):
    """Values by their names; a path such as `p.x` or `a[0]` leads into them."""

    def __getitem__(self, path: str, /) -> Value: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    @overload
    def get(self, path: str, default: None = None, /) -> Value | None: ...
    @overload
    def get(self, path: str, default: Value | _T, /) -> Value | _T: ...

@final
class Value:
    """One recorded value.

    Its members are attributes, `value.x`, or items, `value["x"]`, `value[0]`, `value["a[0].b"]`; as items also
    those that have the name of a property. It compares as `python` does.
    """

    @property
    def type(self) -> str | None:
        """Its type."""

    @property
    def value(self) -> str | None:
        """Its text, as `show` has it."""

    @property
    def status(self) -> str | None:
        """None when it is whole, else `optimized-out`, `unavailable`, `error`, `truncated`, `uninitialized?`."""

    @property
    def count(self) -> int | None:
        """How many elements or characters there really are, where cut short."""

    @property
    def addr(self) -> int | None:
        """Where a C string is."""

    @property
    def is_arg(self) -> bool:
        """Whether it is an argument."""

    @property
    def number(self) -> int | float | None:
        """As a number, if it is one."""

    @property
    def python(self) -> Any:
        """As Python has it.

        An int, float, bool or str; a dict or list of what is below it; None when it could not be read.
        """

    @property
    def members(self) -> Values:
        """Members and elements by their names."""

    def __getitem__(self, key: str | int, /) -> Value: ...
    def __getattr__(self, name: str, /) -> Value: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __lt__(self, other: Any, /) -> bool: ...
    def __le__(self, other: Any, /) -> bool: ...
    def __gt__(self, other: Any, /) -> bool: ...
    def __ge__(self, other: Any, /) -> bool: ...

def version() -> str:
    """The version of dbg-session."""

def sessions_dir(cwd: _Path) -> Path:
    """`<cwd>/.dbg/sessions`."""

def raw_dir(cwd: _Path, label: str) -> Path:
    """`<cwd>/.dbg/sessions/<label>/raw`."""

def group_key(cwd: _Path, target_hash: str) -> str:
    """`"{cwd}|{hash}"`: sessions of the same target from the same folder share it."""

def compute_target_hash(target: _Path) -> str:
    """`"{size in bytes}:{mtime in ns}"`."""

def auto_label(target: str) -> str:
    """`{basename}-{yyyymmdd-hhmmss}` in UTC."""

def prune(sessions_dir: _Path, older_than: float, policy: Literal["auto-only", "all"] = "auto-only") -> list[Path]:
    """Delete sessions that nothing was written to for `older_than` seconds; return their paths."""

def run(args: list[str], cwd: _Path, width: int | None) -> tuple[int, str, str]:
    """Run a command line outside a debugger: (exit code, standard output, standard error)."""

def complete(line: str, cwd: _Path) -> list[str]:
    """Completions of the last word of a line, outside a debugger."""

def end_sessions_on(signals: Sequence[int]) -> None:
    """Have all sessions of the process ended before one of these signals (SIGTERM, SIGHUP) ends it."""

def places(file: str, pc: int) -> list[tuple[str, str, int]]:
    """Where variables lie that can be seen from a file's address: name, from where (cfa, rsp, rbp, static), bytes."""

def verbs() -> list[tuple[str, str, str]]:
    """Every verb of a debugger as (name, one line, help text)."""

def requests() -> list[str]:
    """What commands may ask of the debugger: the words that the function given to `Plugin.serve` gets."""

@final
class Plugin:
    """What a debugger's plugin holds: the active session, and the way into it."""

    def __new__(cls, host: str) -> Plugin:
        """A plugin of the debugger called `host`, with its version."""

    def serve(self, answer: Callable[[str, str], str]) -> None:
        """Have `answer(request, arguments)` do what only the debugger can; both texts are JSON."""

    def limits(self) -> tuple[int, int, int, float, int]:
        """What a capture may take: (depth, children, characters, milliseconds, frames)."""

    def records(self) -> bool:
        """Whether a hit would be recorded now."""

    def set_surroundings(self, target: str | None, loaded: list[str], cwd: str) -> None:
        """Tell what the debugger works on."""

    def hit(self, stop: Any, frames: Any, values: Any, watches: Any) -> tuple[str, int, list[str]] | None:
        """Record the hit of a real stop: (location, sequence, messages)."""

    def passed(self, stop: Any, frame: Any, count: int) -> list[str]:
        """Record `count` hits of a place that was passed without a chance to read anything."""

    def trace_hit(self, stop: Any, frames: Any, values: Any, watches: Any) -> tuple[int, bool, list[str]] | None:
        """Take in a tracepoint's hit without waiting: (values cut, whether it is kept, messages)."""

    def prove(
        self,
        elsewhere: str | None,
        pid: int,
        program: str | None,
        build_id: str | None,
        read: Callable[[int, int], bytes],
    ) -> str | None:
        """Find out whether the debugger's process may be read without asking it; return why not.

        Args:
            elsewhere: what the debugger itself has against it.
            pid: its number.
            program: the file that the debugger has, and
            build_id: the file's build id in hexadecimal.
            read: gives `size` bytes at an address of the process through the debugger, or raises.
        """

    def module_base(self, pid: int, file: str) -> int | None:
        """Where the process has loaded a file; None where it is not proven, or has not."""

    def snapshot_hit(
        self, trace: int, ids: tuple[int, int, int], registers: Sequence[int]
    ) -> tuple[int, bool, list[str]] | bool:
        """Take in a tracepoint's hit as a snapshot, as `trace_hit`; else whether to learn from it.

        Args:
            trace: the debugger's number of the tracepoint.
            ids: the thread's number, its system's id, and that of its process.
            registers: the pc, then rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp, r8 … r15; empty when this
                thread traces that one, so that the kernel tells them.
        """

    def snapshot_learn(
        self,
        trace: int,
        ids: tuple[int, int, int],
        registers: Sequence[int],
        frames: Any,
        values: Any,
        described: list[Any] | str,
        most: int,
    ) -> list[int] | str:
        """Learn from what the debugger read at the same stop.

        Returns the numbers of the registers that it will want of such a hit besides pc, rbp and rsp;
        or why that cannot be.

        `described` are the variables with their shapes (see `snapshots/learning.py`), or why there are none; `most`
        frames were wanted.  The others are as for `snapshot_hit` and `trace_hit`.
        """

    def snapshot_refusals(self, trace: int) -> list[str]:
        """Why the debugger is asked for hits of a tracepoint, where it is."""

    def snapshot_cut(self, trace: int) -> int:
        """Hits of a tracepoint, taken as snapshots and written by now, with a value that was cut short."""

    def snapshot_forget(self) -> None:
        """Forget what was learnt of snapshots."""
    def remember(self, breakpoints: list[Any], watches: list[tuple[int, str, bool]]) -> None:
        """Tell how the user's breakpoints (`host.breakpoints.Breakpoint`) and watches stand."""

    def to_say(self, sentences: list[str]) -> list[str]:
        """Return which of these sentences are to be printed now; the others wait for `status`."""

    def finish(self) -> list[str]:
        """End the active session; return what to tell the user."""

    def run_line(self, line: str, cwd: _Path, width: int | None) -> tuple[int, str, str]:
        """Run a command line as it was typed: (exit code, standard output, standard error)."""

    def complete(self, line: str, cwd: _Path) -> list[str]:
        """Completions of the last word of a line."""

def within(seconds: float, raised: type[BaseException], work: Callable[[], _T]) -> _T:
    """Call `work` and answer what it does.

    Args:
        seconds: how long it may take.
        raised: raised in it then, and here; what waits outside of Python is not ended, only noticed.
        work: called without arguments.
    """
