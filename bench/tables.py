"""Numbers to Markdown."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are numbers."""
    rule = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (heads, rule, *rows)) + "\n"


def ratio(these: Sequence[float], those: Sequence[float]) -> str:
    """Median of the rounds' ratios, with the middle half of them."""
    quotients = sorted(a / b for a, b in zip(these, those))
    low, high = quotients[len(quotients) // 4], quotients[-1 - len(quotients) // 4]
    return f"**{median(quotients):.2f}** ({low:.2f} to {high:.2f})"


def number(value: float, unit: str = "") -> str:
    """A number of about three digits."""
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004
    return f"{text} {unit}".rstrip()


def machine() -> str:
    """What the numbers were taken on."""
    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    processor = names[0].partition(":")[2].strip() if names else platform.machine()
    return f"{os.cpu_count()} processors ({processor}), {platform.system()} {platform.release()}"


def load() -> str:
    """How busy the machine is: what waits for its processors, mean of the last minute."""
    return f"{os.getloadavg()[0]:.1f}"
