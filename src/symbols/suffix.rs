//! What compilers, linkers and tools append to a function's name.

/// Words that a compiler appends after a dot, each possibly followed by `.NUMBER`.
const CLONES: [&str; 12] = [
    "isra",
    "constprop",
    "part",
    "cold",
    "lto_priv",
    "llvm",
    "clone",
    "localalias",
    "specialized",
    "resolver",
    "simdclone",
    "warm",
];

/// `name` without clone suffixes, `@plt`, `@GLIBC_2.2.5` and surrounding blanks.
pub(super) fn strip(name: &str) -> &str {
    let mut rest = name.trim();
    while let Some(shorter) = strip_once(rest) {
        rest = shorter.trim_end();
    }
    rest
}

fn strip_once(name: &str) -> Option<&str> {
    strip_bracketed_clone(name)
        .or_else(|| strip_at(name))
        .or_else(|| strip_dotted(name))
        .filter(|rest| !rest.is_empty())
}

/// `f(int) [clone .isra.0]`
fn strip_bracketed_clone(name: &str) -> Option<&str> {
    let open = name.strip_suffix(']')?.rfind("[clone ")?;
    Some(&name[..open])
}

/// `memcpy@plt`, `memcpy@@GLIBC_2.14`
fn strip_at(name: &str) -> Option<&str> {
    let at = name.find('@')?;
    let version = name[at..].trim_start_matches('@');
    let plain = !version.is_empty()
        && version
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_.+-".contains(c));
    plain.then(|| &name[..at])
}

/// `f.isra.0`, `f.cold`, `f.llvm.123`
fn strip_dotted(name: &str) -> Option<&str> {
    let (mut head, mut word) = name.rsplit_once('.')?;
    if !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()) {
        (head, word) = head.rsplit_once('.')?;
    }
    CLONES.contains(&word).then_some(head)
}
