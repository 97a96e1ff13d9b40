"""`source` this in GDB, or name it in `~/.gdbinit`, and the plugin is loaded."""

from __future__ import annotations


def _load() -> None:
    import os
    import sys

    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib loads slowly
    if folder not in sys.path:
        sys.path.insert(0, folder)
    from dbg_session.gdb_host import GdbHost
    from dbg_session.recorder import start

    start(GdbHost)


try:
    _load()
except Exception as error:  # noqa: BLE001 - loading never breaks the debugger
    import sys

    sys.stderr.write(f"[dbg-session] not loaded: {error}; `dbg-session doctor` says more\n")
