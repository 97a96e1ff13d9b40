"""The folder that sessions belong to."""

from __future__ import annotations

import os


def working_folder() -> str:
    """The working folder; where it was, if somebody has deleted it."""
    try:
        return os.getcwd()
    except OSError:
        return os.environ.get("PWD", "/nonexistent")
