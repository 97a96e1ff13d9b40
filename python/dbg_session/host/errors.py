"""What a debugger says when it cannot do what was asked."""

from __future__ import annotations


class HostError(Exception):
    """The debugger could not do what was asked; the text is one plain sentence."""


class ScopeError(HostError):
    """A name in an expression is not known at this place."""


class CallError(HostError):
    """An expression would have to run code in the program."""

    def __init__(self) -> None:
        super().__init__("it would call a function of the program")
