use std::borrow::Cow;
use std::fmt::{self, Write as _};

use super::{Body, Status, Value, float};
use crate::escapes::{is_dangerous, spell};

/// The longest one-line summary of an aggregate, in bytes; `...` stands for the rest.
const SUMMARY_BYTES: usize = 200;

/// How aggregates are written.
#[derive(Clone, Copy)]
struct Style {
    /// So long a text gets no further members.
    limit: usize,
    /// Whether members of structs have their names.
    named: bool,
}

/// Appends the text of a value.
pub(super) fn write(value: &Value, out: &mut String) {
    let limit = out.len() + SUMMARY_BYTES;
    // Writing to a string does not fail.
    let _ = write_as(value, Style { limit, named: true }, out);
}

/// Appends the text of a map's key: whole, since it tells entries apart, and of structs no more
/// than a person would write.
pub(super) fn write_key(key: &Value, out: &mut String) {
    let style = Style {
        limit: usize::MAX,
        named: false,
    };
    // Writing to a string does not fail.
    let _ = write_as(key, style, out);
}

fn write_as(value: &Value, style: Style, out: &mut String) -> fmt::Result {
    match &value.body {
        Body::None(message) => write_missing(value.status, message.as_deref(), out),
        Body::Int(n) => {
            out.push_str(itoa::Buffer::new().format(*n));
            Ok(())
        }
        Body::Bool(b) => {
            out.push_str(if *b { "true" } else { "false" });
            Ok(())
        }
        Body::Char(c) => write_char(*c, out),
        Body::F32(x) => {
            float::write(x, out);
            Ok(())
        }
        Body::F64(x) => {
            float::write(x, out);
            Ok(())
        }
        Body::Text(text) | Body::Enum(text) => {
            escape(text, None, out);
            Ok(())
        }
        Body::Pointer(address) => write!(out, "{address:#x}"),
        Body::Str(bytes) => {
            push_quoted(bytes, out);
            if value.status == Some(Status::Truncated) {
                out.push_str("...");
            }
            Ok(())
        }
        Body::Struct => write_members(value, style.named, style, out),
        Body::Map => write_members(value, true, style, out),
        Body::Array => write_members(value, false, style, out),
        Body::Variant(name) => write_variant(name, value, style, out),
    }
}

fn write_missing(status: Option<Status>, message: Option<&str>, out: &mut String) -> fmt::Result {
    out.push('<');
    match (status, message) {
        (Some(Status::Error) | None, Some(message)) => escape(message, None, out),
        // What a watch says where a name in it means nothing.
        (Some(Status::Unavailable), Some("not in scope")) => out.push_str("not in scope"),
        (Some(Status::OptimizedOut), _) => out.push_str("optimized out"),
        (Some(Status::Uninitialized), _) => out.push_str("uninitialized"),
        (Some(Status::Truncated), _) => out.push_str("not read"),
        (Some(Status::Error), None) => out.push_str("error"),
        (Some(Status::Unavailable) | None, _) => out.push_str("unavailable"),
    }
    out.push('>');
    Ok(())
}

fn write_char(code: u32, out: &mut String) -> fmt::Result {
    out.push('\'');
    match char::from_u32(code) {
        Some(c) => escape_char(c, Some('\''), out),
        None => write!(out, "\\x{code:x}")?,
    }
    out.push('\'');
    Ok(())
}

/// `{x = 3, y = 0}`, or `{1, 2, 3}` without names.
fn write_members(value: &Value, named: bool, style: Style, out: &mut String) -> fmt::Result {
    let Some(children) = &value.children else {
        out.push_str("{...}");
        return Ok(());
    };
    out.push('{');
    let mut whole = value.status != Some(Status::Truncated);
    for (i, child) in children.iter().enumerate() {
        if out.len() >= style.limit {
            whole = false;
            break;
        }
        if i > 0 {
            out.push_str(", ");
        }
        if named {
            escape(&child.name, None, out);
            out.push_str(" = ");
        }
        write_as(child, style, out)?;
    }
    out.push_str(if whole { "}" } else { "...}" });
    Ok(())
}

/// `None`, `Some(3)`, `Circle {r = 3}`.
fn write_variant(name: &str, value: &Value, style: Style, out: &mut String) -> fmt::Result {
    escape(name, None, out);
    let Some(children) = value.children.as_deref().filter(|c| !c.is_empty()) else {
        return Ok(());
    };
    let tuple = children
        .iter()
        .all(|child| child.name.bytes().all(|b| b.is_ascii_digit()));
    if !tuple && style.named {
        out.push(' ');
        return write_members(value, true, style, out);
    }
    out.push('(');
    for (i, child) in children.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write_as(child, style, out)?;
    }
    out.push(')');
    Ok(())
}

/// A string as C would write it: in double quotes, what cannot be shown escaped.
#[must_use]
pub fn quoted(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    push_quoted(bytes, &mut out);
    out
}

fn push_quoted(bytes: &[u8], out: &mut String) {
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        escape(chunk.valid(), Some('"'), out);
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out.push('"');
}

/// Appends text with everything escaped that a terminal would act on.
fn escape(text: &str, quote: Option<char>, out: &mut String) {
    let plain = |b: u8| (b' '..0x7f).contains(&b) && b != b'\\' && Some(char::from(b)) != quote;
    if text.bytes().all(plain) {
        out.push_str(text);
        return;
    }
    for c in text.chars() {
        escape_char(c, quote, out);
    }
}

fn escape_char(c: char, quote: Option<char>, out: &mut String) {
    match c {
        // Without quotes a backslash is the text's own.
        '\\' if quote.is_some() => out.push_str("\\\\"),
        c if Some(c) == quote => out.extend(['\\', c]),
        c if is_dangerous(c) => spell(c, out),
        c => out.push(c),
    }
}

/// What stands in the quotes of a string or a character, its escapes undone:
/// `"a\"b"` → `a"b`, cut `"begin"...` → `begin...`. Any other text is itself.
#[must_use]
pub fn content(text: &str) -> Cow<'_, str> {
    let Some(quote @ ('"' | '\'')) = text.chars().next() else {
        return Cow::Borrowed(text);
    };
    match text[1..].rfind(quote) {
        Some(end) if end + 2 == text.len() => unescaped(&text[1..=end]),
        Some(end) => Cow::Owned(unescaped(&text[1..=end]).into_owned() + &text[end + 2..]),
        None => Cow::Borrowed(text),
    }
}

/// Undoes what is done to the inside of a quoted text. What is no escape of
/// ours stays as it is.
#[must_use]
pub fn unescaped(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('\\') else {
        return Cow::Borrowed(text);
    };
    let mut out = text[..first].to_owned();
    let mut rest = &text[first..];
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let (c, length) = escaped_char(rest).unwrap_or(('\\', 0));
        out.push(c);
        rest = &rest[length..];
    }
    Cow::Owned(out + rest)
}

/// The character that stands behind a backslash, and how long it is written.
fn escaped_char(text: &str) -> Option<(char, usize)> {
    let hex = |digits: &str| char::from_u32(u32::from_str_radix(digits, 16).ok()?);
    Some(match text.chars().next()? {
        'n' => ('\n', 1),
        't' => ('\t', 1),
        'r' => ('\r', 1),
        c @ ('\\' | '"' | '\'') => (c, 1),
        'x' => (hex(text.get(1..3)?)?, 3),
        'u' => {
            let digits = text[1..].strip_prefix('{')?;
            let end = digits.find('}')?;
            (hex(&digits[..end])?, end + 3)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_stands_in_quotes() {
        for (text, inside) in [
            (r#""a\"b\n""#, "a\"b\n"),
            (r"'\''", "'"),
            (r"'\x1b'", "\u{1b}"),
            (r#""begin"..."#, "begin..."),
            (r#""\u{202e}\q\""#, "\u{202e}\\q\\"),
            ("{x = 3}", "{x = 3}"),
            ("\"", "\""),
            ("", ""),
        ] {
            assert_eq!(content(text), inside, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_quoted_text_has_its_content(text in any::<String>()) {
            let quoted = quoted(text.as_bytes());
            prop_assert_eq!(content(&quoted), text);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[\"'\\\\xu{}0-9a-fä]{0,12}") {
            let _ = content(&text);
        }
    }
}
