"""What is said when the plugin cannot be loaded; needs nothing but Python."""

from __future__ import annotations

import os


def sentence(error: BaseException) -> str:
    """What to say, as a line; nothing with `config quiet on`, then `dbg-session doctor` tells."""
    return "" if _quiet() else f"[dbg-session] not loaded: {error}; `dbg-session doctor` says more\n"


def _quiet() -> bool:
    """As `src/config` reads it."""
    homes = os.environ.get("XDG_CONFIG_HOME", ""), os.path.join(os.environ.get("HOME", ""), ".config")
    folder = next((home for home in homes if os.path.isabs(home)), None)
    if folder is None:
        return False
    quiet = False
    try:
        with open(os.path.join(folder, "dbg-session", "config"), encoding="utf-8") as file:
            for line in file:
                key, _, value = line.partition("=")
                if key.strip() == "quiet" and value.strip() in ("on", "true", "yes", "1"):
                    quiet = True
                elif key.strip() == "quiet" and value.strip() in ("off", "false", "no", "0"):
                    quiet = False
    except (OSError, ValueError):
        return False
    return quiet
