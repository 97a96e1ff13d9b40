"""`docs/story.md` is true: its commands, typed again, print what stands there."""

from __future__ import annotations
