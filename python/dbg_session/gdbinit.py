"""`source` this in GDB, or name it in `~/.gdbinit`, and the plugin is loaded."""

from __future__ import annotations


def _load() -> None:
    import os
    import sys

    # Sourced from a script of Python's, `__file__` is that script.
    here = os.path.abspath(sys._getframe().f_code.co_filename)  # noqa: SLF001
    folder = os.path.dirname(os.path.dirname(here))
    if folder not in sys.path:
        sys.path.insert(0, folder)
    from dbg_session.gdb.host import GdbHost
    from dbg_session.plugin.plugin import start

    start(GdbHost)


try:
    _load()
except Exception as error:  # noqa: BLE001 - loading never breaks the debugger
    import sys

    try:
        from dbg_session.unloaded import sentence

        sys.stderr.write(sentence(error))
    except ImportError:
        sys.stderr.write(f"[dbg-session] not loaded: {error}\n")
