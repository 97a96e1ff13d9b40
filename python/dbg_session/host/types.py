"""Types and values, as a debugger knows them: how a type is laid out, and where a value lives."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

# Kinds of `Type`.
INT = "int"
BOOL = "bool"
CHAR = "char"
FLOAT = "float"
ENUM = "enum"
POINTER = "pointer"
REFERENCE = "reference"
STRUCT = "struct"
UNION = "union"
ARRAY = "array"
VARIANT = "variant"
FUNCTION = "function"
VOID = "void"
OTHER = "other"
# The types of nullptr, of which nothing need be read.
NULL = frozenset(("decltype(nullptr)", "std::nullptr_t", "nullptr_t"))


class Field(NamedTuple):
    """A member of a struct, union or variant; `bits` > 0 makes it a bit-field.

    `name` is "" for anonymous members; `base` marks a base class, named after its type.
    `bit_offset` counts from the start of the object; None where only the debugger knows
    (virtual base classes).
    """

    name: str
    type: Type
    bit_offset: int | None
    bits: int
    base: bool


class _Learning:
    """A clock that runs while a debugger reads a type's debug information.

    That is done once for each type, and can take LLDB longer than all the reading of values
    that follows: it is no part of what one hit costs.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0
        self._began = 0.0

    def __enter__(self) -> None:
        if self._depth == 0:
            self._began = time.monotonic()
        self._depth += 1

    def __exit__(self, *_error: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            self.seconds += time.monotonic() - self._began


_LEARNING = _Learning()


def learning() -> AbstractContextManager[None]:
    """Within it something is worked out that is done once, not at each hit."""
    return _LEARNING


def learning_seconds() -> float:
    """How long types have been learnt so far, in all."""
    return _LEARNING.seconds


class Type:
    """A type's layout, read from the debugger when first asked for, then kept.

    Typedefs and qualifiers are resolved, except in `name`, which is as the program
    wrote it, in the spelling that both debuggers share.  `plan` and `paths` belong to
    `values/reader.py`, which keeps there what it worked out about the type.
    """

    __slots__ = (
        "_size",
        "cache",
        "count",
        "handle",
        "kind",
        "name",
        "paths",
        "plain",
        "plan",
        "rust",
        "signed",
    )

    def __init__(self, kind: str, name: str, size: int | None, handle: object) -> None:
        self.kind = kind
        self.name = name
        self.plain = name  # the name with typedefs and qualifiers resolved
        self._size = size
        self.handle = handle
        self.signed = False
        self.rust = False
        self.count = 0  # elements of an array
        self.plan: Callable[..., object] | None = None
        self.paths: dict[str, tuple[int, Type] | None] | None = None
        self.cache: dict[str, object] = {}

    @property
    def size(self) -> int:
        """Bytes; asked for late, because to tell it a debugger must read the whole type."""
        if self._size is None:
            with _LEARNING:
                self._size = self._load_size()
        return self._size

    @size.setter
    def size(self, size: int) -> None:
        self._size = size

    def fields(self) -> list[Field]:
        """Members and base classes in the order of declaration, no static ones."""
        got = self.cache.get("fields")
        if got is None:
            with _LEARNING:
                got = self.cache["fields"] = self._load_fields()
        return got  # type: ignore[return-value]

    def target(self) -> Type:
        """What a pointer or reference points to, or an array's element."""
        got = self.cache.get("target")
        if got is None:
            with _LEARNING:
                got = self.cache["target"] = self._load_target()
        return got  # type: ignore[return-value]

    def enumerators(self) -> list[tuple[str, int]]:
        """Unqualified names and values of an enum."""
        got = self.cache.get("enumerators")
        if got is None:
            with _LEARNING:
                got = self.cache["enumerators"] = self._load_enumerators()
        return got  # type: ignore[return-value]

    def argument(self, index: int) -> Type | None:
        """The type that is the template's argument `index`, or None."""
        key = f"argument{index}"
        if key not in self.cache:
            with _LEARNING:
                self.cache[key] = self._load_argument(index)
        return self.cache[key]  # type: ignore[return-value]

    @property
    def alignment(self) -> int:
        """Bytes, as the debugger tells it; of what has members see `values.layout.alignment`."""
        if "alignment" not in self.cache:
            with _LEARNING:
                self.cache["alignment"] = self._load_alignment()
        return self.cache["alignment"]  # type: ignore[return-value]

    def _load_size(self) -> int:
        raise NotImplementedError

    def _load_alignment(self) -> int:
        return 1

    def _load_fields(self) -> list[Field]:
        raise NotImplementedError

    def _load_target(self) -> Type:
        raise NotImplementedError

    def _load_enumerators(self) -> list[tuple[str, int]]:
        raise NotImplementedError

    def _load_argument(self, index: int) -> Type | None:
        raise NotImplementedError


class Value:
    """Something of a type, somewhere: in memory at `address`, or as `data` bytes.

    A value that is neither (optimized out, failed) says why in `status` and `message`.
    `handle` is the debugger's own value where there is one; it dies when the program
    goes on, and so must this.
    """

    __slots__ = ("address", "data", "handle", "message", "status", "type")

    def __init__(
        self,
        type: Type,  # noqa: A002 - the natural word
        address: int | None,
        data: bytes | None = None,
        handle: object = None,
        status: str | None = None,
        message: str | None = None,
    ) -> None:
        self.type = type
        self.address = address
        self.data = data
        self.handle = handle
        self.status = status
        self.message = message
