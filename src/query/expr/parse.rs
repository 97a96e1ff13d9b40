//! From words to a condition.
//!
//! ```text
//! any    = all { "or" all }
//! all    = one { "and" one }
//! one    = "not" one | "(" any ")" | ( "exists" | "missing" ) name
//!        | operand ( == | != | < | <= | > | >= | contains | ~ | !~ ) operand
//!        | name
//! ```

use regex_lite::Regex;

use super::token::{Token, time, tokens};
use super::{Expr, ExprError, Operand, Pattern};

/// Conditions may be nested so deep.
const DEEPEST: usize = 100;

/// Reads a condition.
///
/// # Errors
/// Where it is not understood, and what was expected there.
pub fn parse(text: &str) -> Result<Expr, ExprError> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
    };
    let expr = parser.any()?;
    match parser.peek() {
        Token::End => Ok(expr),
        Token::Compare(_) => parser
            .error("one comparison was read already; join two with `and`, as in `1 < i and i < 5`"),
        _ => parser.expected("`and`, `or` or the end"),
    }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        // The last one is the end, and is never taken.
        &self.tokens[self.at].1
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        if token != Token::End {
            self.at += 1;
        }
        token
    }

    fn taken(&mut self, token: &Token) -> bool {
        let taken = self.peek() == token;
        if taken {
            self.at += 1;
        }
        taken
    }

    fn error<T>(&self, message: &str) -> Result<T, ExprError> {
        Err(ExprError {
            column: self.tokens[self.at].0,
            message: message.to_owned(),
        })
    }

    fn expected<T>(&self, what: &str) -> Result<T, ExprError> {
        self.error(&format!("expected {what}, found {}", self.peek().told()))
    }

    fn any(&mut self) -> Result<Expr, ExprError> {
        let mut parts = vec![self.all()?];
        while self.taken(&Token::Or) {
            parts.push(self.all()?);
        }
        Ok(alone_or(parts, Expr::Or))
    }

    fn all(&mut self) -> Result<Expr, ExprError> {
        let mut parts = vec![self.one()?];
        while self.taken(&Token::And) {
            parts.push(self.one()?);
        }
        Ok(alone_or(parts, Expr::And))
    }

    fn one(&mut self) -> Result<Expr, ExprError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.error("this is nested too deep; write it flatter");
        }
        let expr = match self.peek() {
            Token::Not => {
                self.take();
                Expr::Not(Box::new(self.one()?))
            }
            Token::Open => {
                self.take();
                let inner = self.any()?;
                if !self.taken(&Token::Close) {
                    return self.expected("`and`, `or` or `)`");
                }
                inner
            }
            Token::Exists => {
                self.take();
                Expr::Exists(self.name()?)
            }
            Token::Missing => {
                self.take();
                Expr::Missing(self.name()?)
            }
            _ => self.comparison()?,
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn name(&mut self) -> Result<String, ExprError> {
        match self.peek() {
            Token::Name(_) => {}
            _ => return self.expected("the name of a field"),
        }
        match self.take() {
            Token::Name(name) => Ok(name),
            _ => unreachable!("it was looked at"),
        }
    }

    fn comparison(&mut self) -> Result<Expr, ExprError> {
        let left = self.operand()?;
        match self.peek() {
            Token::Compare(how) => {
                let how = *how;
                self.take();
                let column = self.tokens[self.at].0;
                let right = self.operand()?;
                let (left, right) = times(left, right).map_err(|message| ExprError {
                    column,
                    message: message.into(),
                })?;
                Ok(Expr::Compare(left, how, right))
            }
            Token::Contains => {
                self.take();
                Ok(Expr::Contains(left, self.operand()?))
            }
            Token::Matches => {
                self.take();
                Ok(Expr::Matches(left, self.pattern()?))
            }
            Token::MatchesNot => {
                self.take();
                Ok(Expr::MatchesNot(left, self.pattern()?))
            }
            _ => match left {
                Operand::Name(name) => Ok(Expr::True(name)),
                _ => self.expected("a comparison, as in `i > 3`"),
            },
        }
    }

    fn operand(&mut self) -> Result<Operand, ExprError> {
        let operand = match self.peek().clone() {
            Token::Name(name) => Operand::Name(name),
            Token::Number(text) => Operand::Number(text),
            Token::Text(text) => Operand::Text(text),
            Token::Time(text) => Operand::Time(text),
            _ => return self.expected("a field, a number or a text in quotes"),
        };
        self.at += 1;
        Ok(operand)
    }

    fn pattern(&mut self) -> Result<Pattern, ExprError> {
        let (Token::Text(text) | Token::Name(text) | Token::Number(text)) = self.peek().clone()
        else {
            return self.expected("a regular expression in quotes");
        };
        match Regex::new(&text) {
            Ok(regex) => {
                self.at += 1;
                Ok(Pattern { text, regex })
            }
            Err(e) => self.error(&format!("this is no regular expression: {e}")),
        }
    }
}

/// What `time` is compared with is a time, and a time is compared with nothing else.
fn times(left: Operand, right: Operand) -> Result<(Operand, Operand), &'static str> {
    const TIME: &str =
        "`time` compares with a time, as in 10:00:02.5 or 2026-11-23T10:00, and nothing else does";
    let is_time = |operand: &Operand| matches!(operand, Operand::Name(name) if name == "time");
    let read = |operand: Operand| match operand {
        Operand::Time(text) | Operand::Text(text) => time(&text).map(Operand::Time).ok_or(TIME),
        _ => Err(TIME),
    };
    match (is_time(&left), is_time(&right)) {
        (true, false) => Ok((left, read(right)?)),
        (false, true) => Ok((read(left)?, right)),
        _ if matches!(left, Operand::Time(_)) || matches!(right, Operand::Time(_)) => Err(TIME),
        _ => Ok((left, right)),
    }
}

fn alone_or(mut parts: Vec<Expr>, join: impl Fn(Vec<Expr>) -> Expr) -> Expr {
    match (parts.len(), parts.pop()) {
        (1, Some(alone)) => alone,
        (_, last) => {
            parts.extend(last);
            join(parts)
        }
    }
}
