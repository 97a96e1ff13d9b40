//! The words of an SQL text as SQLite splits it, as far as a schema must be understood.

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word<'a> {
    /// A keyword or a name.
    Bare(&'a str),
    /// A name in `"`, `[]` or backquotes; what is in them.
    Quoted(&'a str),
    /// A text in `'`; what is in it.
    Text(&'a str),
    /// A number.
    Number,
    /// Anything else.
    Sign(char),
}

impl Word<'_> {
    /// The name that it may be. (SQLite takes texts for names as well.)
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Bare(name) | Self::Quoted(name) | Self::Text(name) => Some(name),
            _ => None,
        }
    }
}

/// Splits a text; remarks are left out.
pub(super) fn words(sql: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            c if c.is_ascii_whitespace() => 1,
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
            '\'' | '"' | '`' | '[' => {
                let close = if first == '[' { ']' } else { first };
                let length = quoted(rest, close);
                let inside = rest[1..length]
                    .strip_suffix(close)
                    .unwrap_or(&rest[1..length]);
                words.push(if first == '\'' {
                    Word::Text(inside)
                } else {
                    Word::Quoted(inside)
                });
                length
            }
            c if c.is_ascii_digit() => {
                words.push(Word::Number);
                run(rest)
            }
            c if in_name(c) => {
                words.push(Word::Bare(&rest[..run(rest)]));
                run(rest)
            }
            c => {
                words.push(Word::Sign(c));
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    words
}

fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

/// Bytes up to what is no part of a name or number.
fn run(text: &str) -> usize {
    text.find(|c| !in_name(c)).unwrap_or(text.len())
}

/// Bytes of a quoted text with its quotes; a doubled one stands for itself.
fn quoted(text: &str, close: char) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        if char::from(*byte) == close {
            if close == ']' || bytes.get(at) != Some(byte) {
                break;
            }
            at += 1;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_split_as_sqlite_does() {
        assert_eq!(
            words("CREATE \"a\"\"b\"('it''s', [x], 1.5) -- end\n/* y"),
            [
                Word::Bare("CREATE"),
                Word::Quoted("a\"\"b"),
                Word::Sign('('),
                Word::Text("it''s"),
                Word::Sign(','),
                Word::Quoted("x"),
                Word::Sign(','),
                Word::Number,
                Word::Sign('.'),
                Word::Number,
                Word::Sign(')'),
            ]
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = words(&text);
        }
    }
}
