"""Readers of Rust's standard types (later)."""

from __future__ import annotations
from typing import Any
from .host import Type

def reader(kind: Type) -> Any:
    return None
