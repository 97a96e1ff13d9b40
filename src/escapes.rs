//! The one list of characters that are never shown as they are: they could move the cursor, change
//! the terminal, turn text around, or hide in it.

use std::fmt::Write as _;

/// Unicode's format characters (Cf), its default-ignorable ones, the controls of direction, and
/// the separators of lines and paragraphs; control characters (Cc) come on top.
const UNSEEN: [(char, char); 32] = [
    ('\u{ad}', '\u{ad}'),       // soft hyphen
    ('\u{34f}', '\u{34f}'),     // grapheme joiner
    ('\u{600}', '\u{605}'),     // Arabic number signs
    ('\u{61c}', '\u{61c}'),     // Arabic letter mark
    ('\u{6dd}', '\u{6dd}'),     // end of ayah
    ('\u{70f}', '\u{70f}'),     // Syriac abbreviation mark
    ('\u{890}', '\u{891}'),     // Arabic marks above
    ('\u{8e2}', '\u{8e2}'),     // Arabic disputed end of ayah
    ('\u{115f}', '\u{1160}'),   // Hangul fillers
    ('\u{17b4}', '\u{17b5}'),   // Khmer inherent vowels
    ('\u{180b}', '\u{180f}'),   // Mongolian selectors
    ('\u{200b}', '\u{200f}'),   // zero-width space, joiners, marks of direction
    ('\u{2028}', '\u{2029}'),   // line and paragraph separators
    ('\u{202a}', '\u{202e}'),   // embeddings and overrides
    ('\u{2060}', '\u{206f}'),   // word joiner, invisible operators, isolates
    ('\u{3164}', '\u{3164}'),   // Hangul filler
    ('\u{fe00}', '\u{fe0f}'),   // variation selectors
    ('\u{feff}', '\u{feff}'),   // byte order mark
    ('\u{ffa0}', '\u{ffa0}'),   // Hangul filler, half width
    ('\u{fff0}', '\u{fffb}'),   // unassigned, annotations
    ('\u{110bd}', '\u{110bd}'), // Kaithi number signs
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'), // Egyptian joiners
    ('\u{16fe4}', '\u{16fe4}'), // Khitan filler
    ('\u{1bca0}', '\u{1bca3}'), // shorthand controls
    ('\u{1d173}', '\u{1d17a}'), // musical controls
    ('\u{e0000}', '\u{e0fff}'), // tags, more variation selectors
    // What is no character at all: fonts show nothing, or a box.
    ('\u{fdd0}', '\u{fdef}'),
    ('\u{fffe}', '\u{ffff}'),
    ('\u{1fffe}', '\u{1ffff}'),
    ('\u{2fffe}', '\u{2ffff}'),
    ('\u{10fffe}', '\u{10ffff}'),
];

/// Whether a character could move the cursor, change the terminal, turn text around, or is not seen.
#[must_use]
pub fn is_dangerous(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || UNSEEN
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&c))
}

/// Spells a dangerous character out: `\n`, `\t`, `\x1b`, `\u{202e}`.
pub(crate) fn spell(c: char, out: &mut String) {
    // Writing to a string does not fail.
    let _ = match c {
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        c if u32::from(c) < 0x100 => write!(out, "\\x{:02x}", u32::from(c)),
        c => write!(out, "\\u{{{:x}}}", u32::from(c)),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::text::{clean, clean_json};
    use crate::value::quoted;

    /// From Unicode 16: DerivedCoreProperties (Default_Ignorable_Code_Point), PropList
    /// (Bidi_Control), and the categories Cc, Cf, Zl and Zp.
    const DANGEROUS: &str = "0-1f 7f-9f ad 34f 600-605 61c 6dd 70f 890-891 8e2 115f-1160 17b4-17b5 \
        180b-180f 200b-200f 2028-202e 2060-206f 3164 fe00-fe0f feff ffa0 fff0-fffb 110bd 110cd \
        13430-1343f 1bca0-1bca3 1d173-1d17a e0000-e0fff";

    #[test]
    fn each_is_spelled_out_everywhere() {
        for range in DANGEROUS.split_whitespace() {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let code = |hex| u32::from_str_radix(hex, 16).unwrap();
            for c in (code(first)..=code(last)).filter_map(char::from_u32) {
                let text = format!("a{c}b");
                assert!(is_dangerous(c), "{c:?}");
                for shown in [
                    clean(&text).into_owned(),
                    clean_json(&[&text], false).unwrap(),
                ] {
                    assert!(!shown.contains(c) || c == '\n', "{shown:?}");
                }
                assert!(!quoted(text.as_bytes()).contains(c), "{c:?}");
                assert_eq!(
                    quoted(text.as_bytes()),
                    format!("\"{}\"", clean(&text)),
                    "{c:?}"
                );
            }
        }
    }

    #[test]
    fn what_is_read_stays() {
        for c in "aé漢字 ~\u{a0}\u{3000}\u{301}ب😀€\u{fffd}".chars() {
            assert!(!is_dangerous(c), "{c:?}");
            assert_eq!(clean(&c.to_string()), c.to_string());
        }
    }
}
