"""What can go wrong, as one tree under `Error`; Python's own kinds where they fit."""

from __future__ import annotations

__all__ = [
    "AlreadyExistsError",
    "ConditionError",
    "Error",
    "InvalidLabelError",
    "LockedError",
    "NotASessionError",
    "NotFoundError",
    "SchemaMismatchError",
    "SymbolicLinkError",
    "UnknownLocationError",
    "UnknownNameError",
    "UnsafeFileError",
]


class Error(Exception):
    """Any failure of dbg-session; its text is a sentence that says what to do."""


class NotFoundError(Error, FileNotFoundError):
    """No session file at that path."""


class SchemaMismatchError(Error):
    """A session file of another schema version: collect it again from its raw files."""


class NotASessionError(Error, ValueError):
    """Not an SQLite file, a damaged one, somebody else's, or not exactly one session."""


class AlreadyExistsError(Error, FileExistsError):
    """The file to be made is there already, and is not ours to replace."""


class InvalidLabelError(Error, ValueError):
    """A label that cannot name a file."""


class LockedError(Error):
    """A live process is recording the session."""


class SymbolicLinkError(Error):
    """A symbolic link where none is followed."""


class UnsafeFileError(Error, ValueError):
    """A session file that would run something, or beside which lies what is no plain file."""


class UnknownNameError(Error, ValueError):
    """A session kind or target class that there is not; its text names those there are."""


class UnknownLocationError(Error, LookupError):
    """A location at which no hit was recorded, or one that may mean several; its text names what there is."""


class ConditionError(Error, ValueError):
    """A condition that cannot be read; its text tells the column, and what was expected there."""
