"""Which LLDB this is.  Part of the LLDB face."""

from __future__ import annotations

import re
from typing import Any


def major(debugger: Any) -> int:
    """The first number of a debugger's version; 0 where it has none."""
    found = re.search(r"version (\d+)", str(debugger.GetVersionString()))
    return int(found.group(1)) if found else 0
