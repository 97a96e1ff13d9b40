//! The language of `hits --where`: `i > 3 and p.name == "x"`.
//!
//! ```text
//! text ── token ──▶ words ── parse ──▶ Expr ── eval ──▶ Condition ── a hit ──▶ does it pass?
//! ```
//!
//! `docs/questions.md` describes it for those who write it.

mod eval;
mod parse;
mod token;

use std::fmt;

pub use eval::Where;
pub use parse::parse;
use regex_lite::Regex;

/// A condition as it was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// One of at least two passes.
    Or(Vec<Expr>),
    /// All of at least two pass.
    And(Vec<Expr>),
    /// It does not pass.
    Not(Box<Expr>),
    /// The hit has a value of that name.
    Exists(String),
    /// It has none, or none that could be read.
    Missing(String),
    /// It is there, and not zero, false or null.
    True(String),
    /// Two things compare.
    Compare(Operand, Compare, Operand),
    /// A text contains another.
    Contains(Operand, Operand),
    /// A text matches a regular expression, somewhere.
    Matches(Operand, Pattern),
    /// A text is there, and matches it nowhere.
    MatchesNot(Operand, Pattern),
}

/// How two things compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A field of the hit; on the right, where the hit has no such field, the word itself.
    Name(String),
    /// A number, as it was written.
    Number(String),
    /// Text that stood in quotes.
    Text(String),
    /// A time of day or a date: what `ts` begins with, from one of its parts on.
    Time(String),
}

/// A regular expression.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

/// Why a text is no condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {message}")]
pub struct ExprError {
    /// Of the character that does not fit, from 1.
    pub column: usize,
    /// What was expected there.
    pub message: String,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Compare {
    const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl fmt::Display for Expr {
    /// As it could have been written: reading it gives the same again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Or(parts) => joined(parts, " or ", f),
            Self::And(parts) => joined(parts, " and ", f),
            Self::Not(part) => {
                f.write_str("not ")?;
                within(part, f)
            }
            Self::Exists(name) => write!(f, "exists {}", Name(name)),
            Self::Missing(name) => write!(f, "missing {}", Name(name)),
            Self::True(name) => write!(f, "{}", Name(name)),
            Self::Compare(a, how, b) => write!(f, "{a} {} {b}", how.sign()),
            Self::Contains(a, b) => write!(f, "{a} contains {b}"),
            Self::Matches(a, pattern) => write!(f, "{a} ~ {}", Quoted(&pattern.text)),
            Self::MatchesNot(a, pattern) => write!(f, "{a} !~ {}", Quoted(&pattern.text)),
        }
    }
}

fn joined(parts: &[Expr], word: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            f.write_str(word)?;
        }
        within(part, f)?;
    }
    Ok(())
}

/// What is itself joined needs parentheses.
fn within(part: &Expr, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match part {
        Expr::Or(_) | Expr::And(_) => write!(f, "({part})"),
        part => write!(f, "{part}"),
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => Name(name).fmt(f),
            Self::Number(text) | Self::Time(text) => f.write_str(text),
            Self::Text(text) => Quoted(text).fmt(f),
        }
    }
}

/// A name, in backquotes where it would be read as something else.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if token::is_plain_name(self.0) {
            f.write_str(self.0)
        } else {
            write!(f, "`{}`", self.0)
        }
    }
}

/// A text in quotes.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::value::quoted(self.0.as_bytes()))
    }
}

#[cfg(test)]
mod tests;
