//! From text to words, each with its column.

use super::{Compare, ExprError};
use crate::value::number::Number;
use crate::value::unescaped;

/// A word of the language.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Name(String),
    Number(String),
    Text(String),
    Time(String),
    Compare(Compare),
    Contains,
    Matches,
    MatchesNot,
    And,
    Or,
    Not,
    Exists,
    Missing,
    Open,
    Close,
    End,
}

impl Token {
    /// As an error names it.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Name(text) | Self::Number(text) | Self::Time(text) => format!("`{text}`"),
            Self::Text(text) => format!("\"{text}\""),
            Self::Compare(how) => format!("`{}`", how.sign()),
            Self::Contains => "`contains`".into(),
            Self::Matches => "`~`".into(),
            Self::MatchesNot => "`!~`".into(),
            Self::And => "`and`".into(),
            Self::Or => "`or`".into(),
            Self::Not => "`not`".into(),
            Self::Exists => "`exists`".into(),
            Self::Missing => "`missing`".into(),
            Self::Open => "`(`".into(),
            Self::Close => "`)`".into(),
            Self::End => "the end".into(),
        }
    }
}

/// All words of a text, with an [`Token::End`] behind them.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ExprError> {
    let mut lexer = Lexer {
        chars: text.chars().collect(),
        at: 0,
    };
    let mut tokens = Vec::new();
    loop {
        while lexer.peek(0).is_some_and(char::is_whitespace) {
            lexer.at += 1;
        }
        let column = lexer.at + 1;
        let token = lexer.token()?;
        let end = token == Token::End;
        tokens.push((column, token));
        if end {
            return Ok(tokens);
        }
    }
}

/// Whether a name can stand without backquotes.
pub(super) fn is_plain_name(name: &str) -> bool {
    let alone = |tokens: Vec<(usize, Token)>| matches!(tokens.as_slice(), [(1, Token::Name(read)), _] if read == name);
    tokens(name).is_ok_and(alone)
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
}

fn starts_name(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | '$' | '.')
}

fn goes_on(c: char) -> bool {
    starts_name(c) || c.is_numeric() || matches!(c, ':' | '/' | '#')
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn error<T>(&self, column: usize, message: impl Into<String>) -> Result<T, ExprError> {
        Err(ExprError {
            column,
            message: message.into(),
        })
    }

    fn token(&mut self) -> Result<Token, ExprError> {
        let Some(c) = self.peek(0) else {
            return Ok(Token::End);
        };
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let signed = if matches!(c, '-' | '+') { 1 } else { 0 };
        let pointed = usize::from(self.peek(signed) == Some('.'));
        if digit(self.peek(signed + pointed)) {
            return self.number();
        }
        match c {
            '"' | '\'' => self.text(c),
            '`' => self.backquoted(),
            c if starts_name(c) => self.name(),
            _ => self.sign(c),
        }
    }

    fn sign(&mut self, c: char) -> Result<Token, ExprError> {
        let (length, token) = match (c, self.peek(1)) {
            ('=', Some('=')) => (2, Token::Compare(Compare::Equal)),
            ('=', Some('~')) => (2, Token::Matches),
            ('=', _) => (1, Token::Compare(Compare::Equal)),
            ('!', Some('=')) => (2, Token::Compare(Compare::Unequal)),
            ('!', Some('~')) => (2, Token::MatchesNot),
            ('!', _) => (1, Token::Not),
            ('<', Some('=')) => (2, Token::Compare(Compare::LessOrEqual)),
            ('<', _) => (1, Token::Compare(Compare::Less)),
            ('>', Some('=')) => (2, Token::Compare(Compare::GreaterOrEqual)),
            ('>', _) => (1, Token::Compare(Compare::Greater)),
            ('~', _) => (1, Token::Matches),
            ('&', Some('&')) => (2, Token::And),
            ('|', Some('|')) => (2, Token::Or),
            ('(', _) => (1, Token::Open),
            (')', _) => (1, Token::Close),
            (c, _) => {
                let message = format!(
                    "`{c}` means nothing here; a text with such characters stands in quotes, a name in backquotes"
                );
                return self.error(self.at + 1, message);
            }
        };
        self.at += length;
        Ok(token)
    }

    /// A number or a time: whatever begins with a digit.
    fn number(&mut self) -> Result<Token, ExprError> {
        let start = self.at;
        self.at += 1;
        while let Some(c) = self.peek(0) {
            let read = &self.chars[start..self.at];
            let date = read.iter().all(|c| c.is_ascii_digit() || *c == '-');
            let hex = read.iter().take(3).any(|c| matches!(c, 'x' | 'X'));
            let exponent = !hex && matches!(read.last(), Some('e' | 'E'));
            let goes_on = c.is_alphanumeric()
                || matches!(c, '.' | ':' | '_')
                || (c == '-' && (date || exponent))
                || (c == '+' && exponent);
            if !goes_on {
                break;
            }
            self.at += 1;
        }
        let text: String = self.chars[start..self.at].iter().collect();
        if Number::read(&text).is_some() {
            return Ok(Token::Number(text));
        }
        match time(&text) {
            Some(time) => Ok(Token::Time(time)),
            None => self.error(
                start + 1,
                format!("`{text}` is no number and no time; numbers are written as in 3, -2.5, 0x1f, times as in 10:00:02 or 2026-11-23T10:00"),
            ),
        }
    }

    fn text(&mut self, quote: char) -> Result<Token, ExprError> {
        let start = self.at;
        loop {
            self.at += 1;
            match self.peek(0) {
                None => {
                    let message = format!("this {quote} is never closed");
                    return self.error(start + 1, message);
                }
                Some('\\') => self.at += 1,
                Some(c) if c == quote => break,
                Some(_) => {}
            }
        }
        self.at += 1;
        let inside: String = self.chars[start + 1..self.at - 1].iter().collect();
        Ok(Token::Text(unescaped(&inside).into_owned()))
    }

    fn backquoted(&mut self) -> Result<Token, ExprError> {
        let start = self.at + 1;
        let Some(length) = self.chars[start..].iter().position(|c| *c == '`') else {
            return self.error(start, "this ` is never closed");
        };
        if length == 0 {
            return self.error(start, "between the backquotes a name was expected");
        }
        self.at = start + length + 1;
        Ok(Token::Name(
            self.chars[start..start + length].iter().collect(),
        ))
    }

    fn name(&mut self) -> Result<Token, ExprError> {
        let start = self.at;
        while let Some(c) = self.peek(0) {
            match c {
                '[' => self.index()?,
                '-' if self.peek(1) == Some('>') && self.peek(2).is_some_and(starts_name) => {
                    self.at += 2
                }
                c if goes_on(c) => self.at += 1,
                _ => break,
            }
        }
        let name: String = self.chars[start..self.at].iter().collect();
        Ok(match name.as_str() {
            "and" => Token::And,
            "or" => Token::Or,
            "not" => Token::Not,
            "exists" => Token::Exists,
            "missing" => Token::Missing,
            "contains" => Token::Contains,
            "true" | "false" => Token::Text(name),
            "null" | "nullptr" | "NULL" | "nil" => Token::Number("0".into()),
            _ => Token::Name(name),
        })
    }

    /// `[0]`, `["a.b"]`: to the bracket that is in no quotes.
    fn index(&mut self) -> Result<(), ExprError> {
        let start = self.at;
        let mut quoted = false;
        loop {
            match self.peek(0) {
                None => return self.error(start + 1, "this [ is never closed"),
                Some(']') if !quoted => break,
                Some('\\') if quoted => self.at += 1,
                Some('"') => quoted = !quoted,
                Some(_) => {}
            }
            self.at += 1;
        }
        self.at += 1;
        Ok(())
    }
}

/// A time in the form of the beginning or the middle of a `ts`: `10:00`,
/// `10:00:02.5`, `2026-11-23`, `2026-11-23T10`.
pub(super) fn time(text: &str) -> Option<String> {
    let text = text.trim_end_matches('Z');
    let (date, clock) = match text.split_once(['T', ' ']) {
        Some((date, clock)) => (Some(date), Some(clock)),
        None if text.contains(':') => (None, Some(text)),
        None => (Some(text), None),
    };
    let date_fits = |date: &str| matches_shape(date, "dddd-dd-dd");
    let mut clock = clock.map(str::to_owned);
    if let Some(clock) = &mut clock {
        if clock.find(':') == Some(1) {
            clock.insert(0, '0');
        }
        if !matches_shape(clock, "dd:dd:dd.dddddd")
            || clock.ends_with([':', '.'])
            || clock.len() < 2
        {
            return None;
        }
    }
    match (date, clock) {
        (Some(date), None) if date_fits(date) && date.len() == 10 => Some(date.to_owned()),
        (Some(date), Some(clock)) if date_fits(date) && date.len() == 10 => {
            Some(format!("{date}T{clock}"))
        }
        (None, Some(clock)) if clock.len() >= 5 => Some(clock),
        _ => None,
    }
}

/// Whether `text` is a beginning of `shape`, where `d` is a digit.
fn matches_shape(text: &str, shape: &str) -> bool {
    text.len() <= shape.len()
        && text.bytes().zip(shape.bytes()).all(|(c, d)| {
            if d == b'd' {
                c.is_ascii_digit()
            } else {
                c == d
            }
        })
}
