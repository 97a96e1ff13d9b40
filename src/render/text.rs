//! The one gate between foreign text and the terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub use crate::escapes::is_dangerous;
use crate::escapes::spell;

/// `text` with every dangerous character spelled out: `\n`, `\t`, `\x1b`, `\u{202e}`.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_dangerous(c) {
            spell(c, &mut clean);
        } else {
            clean.push(c);
        }
    }
    Cow::Owned(clean)
}

/// [`clean`] for several lines: their ends stay, tabs become spaces.
#[must_use]
pub fn clean_lines(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let line = line.replace('\t', "    ");
        clean(&line).into_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// JSON text that says the same without dangerous characters. Line ends
/// between its tokens stay.
#[must_use]
pub fn clean_json(json: &str) -> String {
    let mut clean = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || !is_dangerous(c) {
            clean.push(c);
            continue;
        }
        // Outside of strings JSON is ASCII, so this is inside one.
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(clean, "\\u{unit:04x}");
        }
    }
    clean
}

/// Columns that `text` takes on a terminal.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// `text` cut to `columns`, with `…` where it was cut.
#[must_use]
pub fn elide(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut cut = String::new();
    let mut used = 1; // the ellipsis
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        cut.push(c);
    }
    cut.push('…');
    Cow::Owned(cut)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escape_sequences_are_spelled_out() {
        assert_eq!(
            clean("a\x1b[31mb\u{9b}c\u{202e}d\n"),
            "a\\x1b[31mb\\x9bc\\u{202e}d\\n"
        );
        assert_eq!(clean("plain ü 漢"), "plain ü 漢");
    }

    #[test]
    fn cutting_counts_columns() {
        assert_eq!(elide("abcdef", 4), "abc…");
        assert_eq!(elide("漢字漢字", 5), "漢字…");
        assert_eq!(elide("abcd", 4), "abcd");
    }

    proptest! {
        #[test]
        fn nothing_dangerous_is_left(text in any::<String>()) {
            prop_assert!(!clean(&text).contains(is_dangerous));
            prop_assert!(!clean_lines(&text).contains(|c| c != '\n' && is_dangerous(c)));
        }

        #[test]
        fn clean_json_says_the_same(text in any::<String>(), key in any::<String>()) {
            let document = serde_json::json!({ key: text });
            let clean = clean_json(&document.to_string());
            prop_assert!(!clean.contains(is_dangerous));
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&clean).unwrap(), document);
        }

        #[test]
        fn a_cut_text_fits(text in "[ -~漢ü]{0,40}", columns in 1usize..50) {
            prop_assert!(width(&elide(&text, columns)) <= columns);
        }
    }
}
