"""The user's own formatters in LLDB: whether there are any, and what they say.  Part of the LLDB face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dbg_session.host.data import Printed
from dbg_session.host.overdue import Overdue

from .types import value_of
from .values import native_of

if TYPE_CHECKING:
    from dbg_session.host.types import Type, Value

# Categories of formatters that come with LLDB; whatever is in others is the user's.
_BUILT_IN = frozenset(
    [
        "system",
        "gnu-libstdc++",
        "libcxx",
        "libstdcxx",
        "msvcstl",
        "cplusplus",
        "VectorTypes",
        "CoreFoundation",
        "CoreGraphics",
        "CoreServices",
        "AppKit",
        "objc",
        "swift",
        "runtime-synthetics",
    ]
)


class Formats:
    """Asks them."""

    def __init__(self, debugger: Any) -> None:
        self._debugger = debugger
        self._count: int | None = None
        self.overdue = Overdue()

    def forget(self) -> None:
        """There may be others at the next stop."""
        self._count = None

    def any(self) -> bool:
        """Whether there are some that did not come with LLDB."""
        if self._count is None:
            self._count = self._counted()
        return self._count > 0

    def user_text(self, value: Value, limit: int, target: Any) -> Printed | None:
        """See `Host`."""
        native = native_of(value, target) if self.any() else None
        return None if native is None else self.text(native, value.type, limit)

    def text(self, native: Any, kind: Type, limit: int) -> Printed | None:
        """What they say of a value; None where there is none for it."""
        native.SetPreferSyntheticValue(False)  # else its provider is made here, and may print
        synthetic = native.GetTypeSynthetic()
        if not native.GetTypeSummary().IsValid() and not synthetic.IsValid():
            return None
        from .printers import unseen  # late: most users have none

        rust = kind.rust

        def ask() -> Printed | None:
            return self._printed(native, synthetic, rust, limit)

        return self.overdue.ask(kind.name, ask, lambda work: unseen(self._debugger, work))

    def _printed(self, native: Any, synthetic: Any, rust: bool, limit: int) -> Printed | None:
        text = native.GetSummary()
        if not synthetic.IsValid():
            return Printed(text, None, None, False) if text else None
        shown = native.GetSyntheticValue()
        count = shown.GetNumChildren(limit + 1)
        children: list[tuple[str, Value | str]] = []
        for i in range(min(count, limit)):
            child = shown.GetChildAtIndex(i)
            children.append((child.GetName() or f"[{i}]", value_of(child, None, rust)))
        array = bool(children) and children[0][0] == "[0]"
        return Printed(text, "array" if array else None, children or None, count > limit)

    def _counted(self) -> int:
        count = 0
        for i in range(self._debugger.GetNumCategories()):
            category = self._debugger.GetCategoryAtIndex(i)
            if category.GetEnabled() and category.GetName() not in _BUILT_IN:
                count += category.GetNumSummaries() + category.GetNumSynthetics()
        return count
