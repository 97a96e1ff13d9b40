//! Where a line of source is now.

use std::ops::RangeInclusive;

/// What became of a recorded line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineNow {
    /// It reads as it did.
    Same,
    /// Its text is at this line now.
    At(u32),
    /// Its text is nowhere; the line reads like this now, or is no more.
    Changed(Option<String>),
}

/// Looks for the text that line `line` had, in the source as it is now and inside the lines
/// `within` of its function, where those are known. Of several lines that read the same, the
/// nearest to the old one counts.
///
/// ```
/// use dbg_session::query::moved::{LineNow, line_now};
/// let now = "int f(void) {\n    int a = 1;\n    int n = 2;\n    return n;\n}\n";
/// assert_eq!(line_now(now, 2, "int n = 2;", None), LineNow::At(3));
/// assert_eq!(line_now(now, 3, "int n = 2;", None), LineNow::Same);
/// assert_eq!(line_now(now, 9, "int z;", None), LineNow::Changed(None));
/// ```
#[must_use]
pub fn line_now(
    source: &str,
    line: u32,
    text: &str,
    within: Option<RangeInclusive<u32>>,
) -> LineNow {
    let numbered = || (1u32..).zip(source.lines().map(str::trim));
    let here = numbered().find(|(n, _)| *n == line).map(|(_, text)| text);
    let inside = |n: u32| within.as_ref().is_none_or(|lines| lines.contains(&n));
    // The same text at the old line counts, unless that is another function's now.
    if here == Some(text) && inside(line) {
        return LineNow::Same;
    }
    // A lone bracket is everywhere, and says nothing.
    let telling = text.contains(char::is_alphanumeric);
    let found = numbered()
        .filter(|(n, now)| telling && *now == text && inside(*n))
        .min_by_key(|(n, _)| n.abs_diff(line));
    match found {
        Some((n, _)) => LineNow::At(n),
        None if here == Some(text) => LineNow::Same,
        None => LineNow::Changed(here.map(str::to_owned)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "f {\n  x();\n}\ng {\n  x();\n  y();\n  x();\n}\n";

    #[test]
    fn it_is_looked_for_in_its_function() {
        assert_eq!(line_now(NOW, 2, "x();", None), LineNow::Same);
        assert_eq!(line_now(NOW, 2, "x();", Some(4..=8)), LineNow::At(5));
        assert_eq!(line_now(NOW, 8, "x();", Some(4..=8)), LineNow::At(7));
        assert_eq!(line_now(NOW, 1, "y();", Some(4..=8)), LineNow::At(6));
        assert_eq!(line_now(NOW, 2, "x();", Some(6..=6)), LineNow::Same);
    }

    #[test]
    fn brackets_say_nothing() {
        assert_eq!(
            line_now(NOW, 5, "}", None),
            LineNow::Changed(Some("x();".into()))
        );
    }
}
