//! The one gate between foreign text and the terminal.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use serde::Serialize;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub use crate::escapes::is_dangerous;
use crate::escapes::spell;
use crate::interrupt;

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

/// A document as JSON without dangerous characters; line ends between its tokens stay.
///
/// # Errors
/// When Ctrl-C was pressed, or when the document is none that JSON can say.
pub fn clean_json(document: &impl Serialize, pretty: bool) -> serde_json::Result<String> {
    let mut clean = CleanJson::default();
    if pretty {
        serde_json::to_writer_pretty(&mut clean, document)?;
    } else {
        serde_json::to_writer(&mut clean, document)?;
    }
    Ok(clean.text)
}

/// Cleans JSON while it is written; large documents look at Ctrl-C.
#[derive(Default)]
struct CleanJson {
    text: String,
    looked: usize,
}

/// Bytes between two looks at Ctrl-C: far less than a millisecond.
const LOOK: usize = 1 << 16;

impl io::Write for CleanJson {
    /// Gets whole characters: a serializer has texts, and splits them where it escapes.
    fn write(&mut self, json: &[u8]) -> io::Result<usize> {
        let text = str::from_utf8(json).map_err(io::Error::other)?;
        if text.contains(is_dangerous) {
            text.chars().for_each(|c| self.push(c));
        } else {
            self.text.push_str(text);
        }
        if self.text.len() - self.looked > LOOK {
            self.looked = self.text.len();
            interrupt::check().map_err(io::Error::other)?;
        }
        Ok(json.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl CleanJson {
    fn push(&mut self, c: char) {
        if c == '\n' || !is_dangerous(c) {
            self.text.push(c);
            return;
        }
        // Outside of strings JSON is ASCII, so this is inside one.
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(self.text, "\\u{unit:04x}");
        }
    }
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
            let clean = clean_json(&document, false).unwrap();
            prop_assert!(!clean.contains(is_dangerous));
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&clean).unwrap(), document);
        }

        #[test]
        fn a_cut_text_fits(text in "[ -~漢ü]{0,40}", columns in 1usize..50) {
            prop_assert!(width(&elide(&text, columns)) <= columns);
        }
    }
}
