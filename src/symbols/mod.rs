//! Canonical names of functions: the key on which hits and samples join.
//!
//! GDB and LLDB know a function by its linkage name (`_ZN3geo4areaEi`), perf prints it demangled without
//! parameters (`geo::area`), callgrind demangled with them (`geo::area(int)`). [`Symbol::canonical`] turns each of
//! these into the same fully qualified name, `geo::area`:
//!
//! - parameter lists, ` const` and other qualifiers, and the return type of templates are dropped, so **overloads
//!   merge**, as do the closures of one Rust function;
//! - what a compiler or linker appended is dropped: `[clone .isra.0]`, `.constprop.0`, `.part.0`, `.cold`, `@plt`,
//!   `[abi:cxx11]`, Rust's `::h0123456789abcdef`;
//! - `std::__cxx11::` and `std::__1::` are `std::`, and the spelled out `std::basic_string<char, …>` is
//!   `std::string`;
//! - template arguments stay, with one way to write them (`a<b<c>, d*>`). Rust's two mangling schemes are brought
//!   together as far as they say the same (`<Stack<u8>>::push::<T>` is `Stack<u8>::push<T>`).
//!
//! Canonicalising a canonical name changes nothing.

mod cpp;
mod intern;
mod lookup;
mod rust;
mod suffix;

pub use intern::{FrameKey, Interner, StackNode};
pub use lookup::{Lookup, lookup};

use std::fmt;
use std::str::FromStr;

/// The language a function was written in, as far as its name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lang {
    /// C, and whatever else has plain names.
    C,
    /// C++.
    Cpp,
    /// Rust.
    Rust,
    /// The name does not tell.
    Unknown,
}

impl Lang {
    /// The word stored in `symbols.lang`.
    pub fn as_str(self) -> &'static str {
        match self {
            Lang::C => "c",
            Lang::Cpp => "cpp",
            Lang::Rust => "rust",
            Lang::Unknown => "unknown",
        }
    }

    /// The language that a source file's ending stands for; headers (`.h`) say nothing.
    pub fn of_file(file: &str) -> Option<Lang> {
        let (_, ending) = file.rsplit_once('.')?;
        match ending {
            "c" => Some(Lang::C),
            "cc" | "cpp" | "cxx" | "c++" | "C" | "hpp" | "hh" | "hxx" | "tcc" | "ipp" => {
                Some(Lang::Cpp)
            }
            "rs" => Some(Lang::Rust),
            _ => None,
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Lang {
    type Err = std::convert::Infallible;

    /// Anything that is not a language we know is [`Lang::Unknown`].
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "c" => Lang::C,
            "cpp" | "c++" => Lang::Cpp,
            "rust" => Lang::Rust,
            _ => Lang::Unknown,
        })
    }
}

/// One function, under the name that all tools agree on.
///
/// ```
/// use dbg_session::symbols::{Lang, Symbol};
/// let by_gdb = Symbol::canonical("_ZNK3geo5PointIiE3dotERKS1_", None);
/// let by_callgrind = Symbol::canonical("geo::Point<int>::dot(geo::Point<int> const&) const", None);
/// assert_eq!(by_gdb.fqn, "geo::Point<int>::dot");
/// assert_eq!((by_gdb.lang, by_gdb.fqn), (by_callgrind.lang, by_callgrind.fqn));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// The language, proven by the name, told by the hint, or guessed.
    pub lang: Lang,
    /// The canonical name; never empty.
    pub fqn: String,
    /// The name for people, with parameters if they are known.
    pub demangled: String,
    /// The name as it was given.
    pub raw: String,
    /// Made by a compiler, or a stand-in for a function whose name is not known: `[unknown]`, `[libc.so.6]`, thunks.
    pub is_synthetic: bool,
    /// `lang` is a guess from the look of the name: another source that knows better may overrule it.
    pub lang_is_guess: bool,
}

impl Symbol {
    /// The canonical symbol for `raw`: a mangled name (`_Z…`, `_R…`) or one already demangled by some tool.
    ///
    /// `hint` is the language that the source of the name believes in; evidence in the name itself is stronger.
    pub fn canonical(raw: &str, hint: Option<Lang>) -> Symbol {
        let trimmed = raw.trim();
        let name = suffix::strip(trimmed);
        let known = hint.filter(|lang| *lang != Lang::Unknown);
        let (evidence, demangled) = demangle(name, known);
        let full = demangled.as_deref().unwrap_or(name);
        let mut lang = evidence.or(known).unwrap_or_else(|| guess(full));
        let mut fqn = settle(full, lang);
        // What was taken off may have hidden what the name proves.
        for _ in 0..4 {
            match demangle(&fqn, Some(lang)) {
                (Some(proven), None) if proven != lang => {
                    lang = proven;
                    fqn = settle(&fqn, lang);
                }
                _ => break,
            }
        }
        Symbol {
            lang,
            is_synthetic: is_synthetic(&fqn),
            fqn,
            demangled: demangled.unwrap_or_else(|| trimmed.to_owned()),
            raw: raw.to_owned(),
            lang_is_guess: evidence.is_none() && known.is_none(),
        }
    }
}

/// Demangles `name` if it is mangled, and says which language the name itself proves.
fn demangle(name: &str, hint: Option<Lang>) -> (Option<Lang>, Option<String>) {
    if let Some(text) = rust::demangle(name) {
        return (Some(Lang::Rust), Some(text));
    }
    if let Some(text) = cpp::demangle(name) {
        return (Some(Lang::Cpp), Some(text));
    }
    let evidence = match hint {
        // `core::fmt::write` looks like C++ only to those who do not know better.
        Some(Lang::Rust) => None,
        _ if rust::looks_like(name) => Some(Lang::Rust),
        _ if cpp::looks_like(name) => Some(Lang::Cpp),
        _ => None,
    };
    (evidence, None)
}

/// What a demangled name without further evidence probably is.
fn guess(name: &str) -> Lang {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_.$@".contains(c);
    if rust::starts_like(name) {
        Lang::Rust
    } else if name.contains("::") {
        Lang::Cpp
    } else if !name.is_empty() && name.chars().all(is_word) {
        Lang::C
    } else {
        Lang::Unknown
    }
}

/// Applies the rules of `lang` until they change nothing more, which is what makes canonical names canonical.
fn settle(name: &str, lang: Lang) -> String {
    let mut current = name.to_owned();
    for _ in 0..16 {
        let next = suffix::strip(&match lang {
            Lang::Rust => rust::canonical(&current),
            Lang::C | Lang::Cpp | Lang::Unknown => cpp::canonical(&current),
        })
        .to_owned();
        if next == current {
            break;
        }
        current = next;
    }
    if current.is_empty() {
        "[unknown]".to_owned()
    } else {
        current
    }
}

fn is_synthetic(fqn: &str) -> bool {
    let made_by_compiler = ["{{vtable.shim}}", "{shim:", "{{constant}}"];
    fqn.starts_with('[')
        || cpp::is_special(fqn)
        || made_by_compiler.iter().any(|part| fqn.contains(part))
}

#[cfg(test)]
mod tests;
