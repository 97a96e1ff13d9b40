//! Rust names, from both mangling schemes and from tools that demangled them in part.

/// The demangled text of a Rust linkage name, without its hash; `None` if `name` is not one.
pub(super) fn demangle(name: &str) -> Option<String> {
    // A legacy name is also a valid C++ name: only the hash tells it apart, and rustc-demangle insists on it.
    let is_mangled =
        name.starts_with("_R") || (name.starts_with("_ZN") && ends_with_mangled_hash(name));
    let demangled = rustc_demangle::try_demangle(name)
        .ok()
        .filter(|_| is_mangled)?;
    Some(format!("{demangled:#}"))
}

/// `…17h0123456789abcdefE`
fn ends_with_mangled_hash(name: &str) -> bool {
    name.strip_suffix('E')
        .and_then(|rest| rest.rfind("17h").map(|at| &rest[at + 3..]))
        .is_some_and(is_hash)
}

fn is_hash(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn strip_hash(name: &str) -> Option<&str> {
    let (head, hash) = name.rsplit_once("::h")?;
    (!head.is_empty() && is_hash(hash)).then_some(head)
}

/// Does demangled text prove that it names a Rust function?
pub(super) fn looks_like(name: &str) -> bool {
    let marks = [
        "{{closure}}",
        "{closure#",
        "{impl#",
        "{{impl}}",
        "{{vtable.shim}}",
        "{shim:",
        "$LT$",
        "$u20$",
        "$u7b$",
    ];
    strip_hash(name).is_some()
        || marks.iter().any(|mark| name.contains(mark))
        || (name.starts_with('<') && name.contains("::"))
}

/// Weaker: paths that the Rust library has and C++ does not.
pub(super) fn starts_like(name: &str) -> bool {
    const PATHS: [&str; 13] = [
        "core::",
        "alloc::",
        "std::rt::",
        "std::sys::",
        "std::sys_common::",
        "std::panicking::",
        "std::panic::",
        "std::io::",
        "std::env::",
        "std::process::",
        "std::fs::",
        "hashbrown::",
        "rust_",
    ];
    PATHS.iter().any(|path| name.starts_with(path)) || name.starts_with("__rust_")
}

/// One step towards the canonical name; the caller repeats it until nothing changes.
pub(super) fn canonical(name: &str) -> String {
    let unescaped = if name.contains('$') {
        unescape(name)
    } else {
        name.to_owned()
    };
    let bare = strip_hash(&unescaped).unwrap_or(&unescaped);
    let text = bare.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = merge_numbered(&text, "{closure#", "{{closure}}");
    let text = merge_numbered(&text, "{shim:vtable#", "{{vtable.shim}}");
    let text = without_turbofish(&text);
    inherent_path(&text).unwrap_or(text)
}

/// `$LT$prog..Circle$u20$as$u20$prog..Shape$GT$` as older tools leave it.
fn unescape(name: &str) -> String {
    const ESCAPES: [(&str, &str); 8] = [
        ("SP", "@"),
        ("BP", "*"),
        ("RF", "&"),
        ("LT", "<"),
        ("GT", ">"),
        ("LP", "("),
        ("RP", ")"),
        ("C", ","),
    ];
    let mut out = String::with_capacity(name.len());
    let mut found = false;
    let mut rest = name;
    while let Some(start) = rest.find('$') {
        let (before, after) = rest.split_at(start);
        let escape = after[1..]
            .find('$')
            .map(|end| (&after[1..=end], &after[end + 2..]));
        let decoded = escape.and_then(|(word, tail)| {
            let known = ESCAPES
                .iter()
                .find(|(key, _)| *key == word)
                .map(|(_, text)| (*text).to_owned());
            known
                .or_else(|| unicode_escape(word))
                .map(|text| (text, tail))
        });
        match decoded {
            Some((text, tail)) => {
                found = true;
                // A component that starts with an escape is mangled with a leading underscore.
                out.push_str(
                    before
                        .strip_suffix('_')
                        .filter(|b| b.is_empty() || b.ends_with("::"))
                        .unwrap_or(before),
                );
                out.push_str(&text);
                rest = tail;
            }
            None => {
                out.push_str(before);
                out.push('$');
                rest = &after[1..];
            }
        }
    }
    out.push_str(rest);
    if found { out.replace("..", "::") } else { out }
}

fn unicode_escape(word: &str) -> Option<String> {
    let code = u32::from_str_radix(word.strip_prefix('u')?, 16).ok()?;
    char::from_u32(code)
        .filter(|c| !c.is_control())
        .map(String::from)
}

/// `{closure#3}` becomes `{{closure}}`: the older scheme has no numbers, so the newer one gives them up.
fn merge_numbered(text: &str, open: &str, merged: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(open) {
        let after = &rest[start + open.len()..];
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        out.push_str(&rest[..start]);
        if after[digits..].starts_with('}') {
            out.push_str(merged);
            rest = &after[digits + 1..];
        } else {
            out.push_str(open);
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// `f::<u8>` becomes `f<u8>`; the `::<` of `a::<T as Trait>::f` does not occur after a word.
fn without_turbofish(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("::<") {
        let before = &rest[..start];
        out.push_str(before);
        let after_word = out.ends_with(|c: char| c.is_alphanumeric() || "_}".contains(c));
        out.push_str(if after_word { "<" } else { "::<" });
        rest = &rest[start + 3..];
    }
    out.push_str(rest);
    out
}

/// `<prog::Stack<u8>>::push` becomes `prog::Stack<u8>::push`; `<T as Trait>::f` and `<[T]>::f` stay.
fn inherent_path(text: &str) -> Option<String> {
    let end = closing_angle(text)?;
    let (inner, rest) = (&text[1..end], &text[end + 1..]);
    let is_path = inner.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let is_plain = !inner.starts_with("dyn ") && !has_as(inner);
    (is_path && is_plain && rest.starts_with("::")).then(|| format!("{inner}{rest}"))
}

/// Where the `<` that `text` starts with is closed.
pub(super) fn closing_angle(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'<') {
        return None;
    }
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'<' => depth += 1,
            b'>' if bytes[at - 1] != b'-' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Is there an ` as ` outside of inner angle brackets?
fn has_as(inner: &str) -> bool {
    split_as(inner).is_some()
}

/// The type of `Type as Trait`, the `as` being outside of angle brackets.
pub(super) fn split_as(inner: &str) -> Option<&str> {
    let mut depth = 0i32;
    for (at, c) in inner.char_indices() {
        match c {
            '<' => depth += 1,
            '>' if !inner[..at].ends_with('-') => depth -= 1,
            ' ' if depth == 0 && inner[at..].starts_with(" as ") => return Some(&inner[..at]),
            _ => {}
        }
    }
    None
}
