"""Records what a debugger sees, in one session file."""

from dbg_session._native import version

__all__ = ["version"]
