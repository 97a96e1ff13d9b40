"""One spelling of type names for both debuggers.

GDB and LLDB print the same type differently (`int [3]`, `struct p`, `long unsigned int`,
template arguments left out or not).  What comes out here is what a programmer would write.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dbg_session.host.types import FUNCTION
from dbg_session.util.lazy_regex import Pattern

if TYPE_CHECKING:
    from dbg_session.host.types import Type

_WORDS = {
    "long unsigned int": "unsigned long",
    "long int": "long",
    "long long int": "long long",
    "long long unsigned int": "unsigned long long",
    "short int": "short",
    "short unsigned int": "unsigned short",
    "__int128 unsigned": "unsigned __int128",
    "_Bool": "bool",
    "_Complex": "complex",
}
_RUST = {
    "signed char": "i8",
    "char": "i8",
    "unsigned char": "u8",
    "short": "i16",
    "unsigned short": "u16",
    "int": "i32",
    "unsigned int": "u32",
    "long": "i64",
    "unsigned long": "u64",
    "__int128": "i128",
    "unsigned __int128": "u128",
    "float": "f32",
    "double": "f64",
    "char32_t": "char",
    "void": "()",
}
_RUST_WORDS = Pattern(
    r"(?<=[<, (])(?:"
    + "|".join(sorted((word for word in _RUST if word != "char"), key=len, reverse=True))
    + r")(?=[>,) ;])"
)
_WORD_PATTERN = Pattern(r"\b(?:" + "|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True)) + r")\b")
_TAG = Pattern(r"\b(?:struct|union|enum|class) ")
_UNNAMED = Pattern(r"\((?:unnamed|anonymous) (?:struct|union|enum|class)[^)]*\)|\((?:unnamed|anonymous) ?\)")
_SUFFIX = Pattern(r"(?<=[<, ])(-?\d+)[uUlL]+(?=[,>])")
_CALL = Pattern(r"(?<=[\w>*&]) \((?![*&])")
_STAR = Pattern(r"(?<=[\w>])(?=[*&])")
_EAST_CONST = Pattern(r"((?:(?:unsigned|signed|long|short) )*[\w:]+) const(?=\s*[,>*&]|$)")
_CHARACTERS = ("char", "wchar_t", "char8_t", "char16_t", "char32_t")
_WIDE = _CHARACTERS[1:]
_DEFAULTS = ("std::allocator<", "std::less<", "std::hash<", "std::equal_to<",
             "std::char_traits<", "std::default_delete<")  # fmt: skip
_RUST_DEFAULTS = (", alloc::alloc::Global", ", std::hash::random::RandomState")
_STRINGS = {
    "std::basic_string<char>": "std::string",
    "std::basic_string<wchar_t>": "std::wstring",
    "std::basic_string_view<char>": "std::string_view",
    "std::basic_string_view<wchar_t>": "std::wstring_view",
}


_known: dict[str, str] = {}


def normalise(name: str) -> str:
    """The shared spelling of a type name."""
    known = _known.get(name)
    if known is None:
        if len(_known) > 20_000:
            _known.clear()
        known = _known[name] = _normalise(name)
    return known


def _normalise(name: str) -> str:
    name = _TAG.sub("", name.strip())
    if "(" in name:
        name = _UNNAMED.sub("{...}", name)
    if "long" in name or "short" in name or "_" in name:
        name = _WORD_PATTERN.sub(lambda m: _WORDS[m.group()], name)
    if "<" in name:
        name = _template(name)
    if " const" in name:
        name = _EAST_CONST.sub(r"const \1", name)
    if "[" in name:
        name = name.replace(" [", "[")
    if "*" in name or "&" in name:
        name = _STAR.sub(" ", name)
    if "* const" in name:
        name = name.replace("* const", "*const")
    return name


def _template(name: str) -> str:
    name = name.replace("__cxx11::", "")
    while "> >" in name:
        name = name.replace("> >", ">>")
    name = _SUFFIX.sub(r"\1", name)
    name = _CALL.sub("(", name)
    for default in _RUST_DEFAULTS:
        name = name.replace(default, "")
    for default in _DEFAULTS:
        start = name.find(", " + default)
        while start >= 0:
            name = name[:start] + name[_closing(name, start + 2 + len(default)) :]
            start = name.find(", " + default)
    for long, short in _STRINGS.items():
        if long in name:
            name = name.replace(long, short)
    return name


def _closing(name: str, start: int) -> int:
    """The place after the `>` that closes the bracket opened just before `start`."""
    depth = 1
    for place in range(start, len(name)):
        if name[place] == "<":
            depth += 1
        elif name[place] == ">":
            depth -= 1
            if depth == 0:
                return place + 1
    return len(name)


def rust(name: str) -> str:
    """A Rust type's name from the C++ one that LLDB makes of it."""
    name = normalise(name)
    if name in _RUST:
        return _RUST[name]
    if name.endswith(" *"):
        return "&" + rust(name[:-2])
    array = re.fullmatch(r"(.*?)((?:\[\d+\])+)", name)
    if array:
        inner = rust(array.group(1))
        for count in re.findall(r"\d+", array.group(2))[::-1]:
            inner = f"[{inner}; {count}]"
        return inner
    if "<" in name:
        name = _RUST_WORDS.sub(lambda m: _RUST[m.group()], name)
    return name


def rust_pointer(target: Type) -> str:
    """`&T`: neither debugger tells references, raw pointers and boxes apart."""
    return "fn" if target.kind == FUNCTION else "&" + target.name


def is_character_name(name: str, plain: str) -> bool:
    """Whether an integer type of this name holds characters (C's wchar_t is only a typedef)."""
    return plain in _CHARACTERS or name.rpartition(" ")[2] in _WIDE


def base(name: str) -> str:
    """`std::vector` of `std::vector<int>`: the name without template arguments."""
    cut = name.find("<")
    return name if cut < 0 else name[:cut]
