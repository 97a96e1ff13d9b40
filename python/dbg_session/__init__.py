"""Records what a debugger sees: every breakpoint hit, in one session file that answers questions.

In LLDB, `command script import` of this folder loads the plugin; in GDB, `source` of `gdbinit.py`.
In Python, `SessionDb` opens what was recorded::

    from dbg_session import SessionDb
    session = SessionDb.open_read_only(".dbg/sessions/monday.db")
    for hit in session.hits("t.c:10"):
        print(hit.seq, hit.values["len"].python)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._native import (
        SCHEMA_VERSION,
        Frame,
        Hit,
        Hits,
        SessionDb,
        Source,
        Value,
        Values,
        auto_label,
        compute_target_hash,
        group_key,
        prune,
        raw_dir,
        sessions_dir,
        version,
    )
    from .exceptions import (
        AlreadyExistsError,
        ConditionError,
        Error,
        InvalidLabelError,
        LockedError,
        NotASessionError,
        NotFoundError,
        SchemaMismatchError,
        SymbolicLinkError,
        UnknownLocationError,
        UnknownNameError,
        UnsafeFileError,
    )

__all__ = [
    "SCHEMA_VERSION",
    "AlreadyExistsError",
    "ConditionError",
    "Error",
    "Frame",
    "Hit",
    "Hits",
    "InvalidLabelError",
    "LockedError",
    "NotASessionError",
    "NotFoundError",
    "SchemaMismatchError",
    "SessionDb",
    "Source",
    "SymbolicLinkError",
    "UnknownLocationError",
    "UnknownNameError",
    "UnsafeFileError",
    "Value",
    "Values",
    "auto_label",
    "compute_target_hash",
    "group_key",
    "prune",
    "raw_dir",
    "sessions_dir",
    "version",
]


def __getattr__(name: str) -> Any:
    # Late, so that a debugger can load the plugin, and say in one sentence what is
    # missing, although the extension module cannot be loaded.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name.endswith("Error"):
        from . import exceptions as home
    else:
        from . import _native as home  # type: ignore[no-redef]
    return getattr(home, name)


def __lldb_init_module(debugger: Any, _session: dict[str, Any]) -> None:
    """LLDB calls this at `command script import`."""
    try:
        from .util.late import Kept

        with Kept():
            from .lldb.host import LldbHost
            from .plugin.plugin import start

            start(lambda: LldbHost(debugger), debugger.GetID())
    except Exception as error:  # noqa: BLE001 - loading never breaks the debugger
        from .unloaded import sentence

        print(sentence(error), end="")  # noqa: T201
