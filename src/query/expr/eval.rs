//! Whether a hit passes a condition.

use std::borrow::Cow;
use std::cmp::Ordering;

use regex_lite::Regex;

use super::{Compare, Expr, Operand};
use crate::query::read::field::{Field, Own};
use crate::value::content;
use crate::value::locals::Found;
use crate::value::number::Number;

/// A condition put together for many hits: its fields are numbered.
#[derive(Clone, Debug)]
pub struct Where {
    node: Clause,
    fields: Vec<Field>,
}

/// What a field is in the hit that is looked at, by its number.
type Get<'g, 'a> = &'g dyn Fn(usize) -> Option<Found<'a>>;

#[derive(Clone, Debug)]
enum Clause {
    Or(Vec<Clause>),
    And(Vec<Clause>),
    Not(Box<Clause>),
    Exists(usize),
    True(usize),
    Compare(Compared, Compare, Compared),
    Contains(Compared, Compared),
    /// Whether it is to match comes last.
    Matches(Compared, Regex, bool),
    Time(usize, Compare, Time),
}

/// A time, and how many characters of a time stamp stand before it.
#[derive(Clone, Debug)]
struct Time {
    text: String,
    from: usize,
}

/// One side of a comparison.
#[derive(Clone, Debug)]
enum Compared {
    Field {
        field: usize,
        short: Short,
    },
    /// A thread goes by its number, or by its name.
    Thread {
        number: usize,
        name: usize,
    },
    /// A field where the hit has it, else the word.
    Word {
        field: usize,
        word: String,
    },
    /// What was written, a number too.
    Text(String),
}

/// How a name may be shortened from its front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Short {
    No,
    /// `parse` for `ns::parse`.
    Function,
    /// `t.c:10` for `src/t.c:10`.
    Location,
}

impl Where {
    /// Prepares a condition.
    #[must_use]
    pub fn new(expr: &Expr) -> Self {
        let mut fields = Vec::new();
        let node = node(expr, &mut fields);
        Self { node, fields }
    }

    /// The fields that it asks for, in the order of their numbers.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Whether a hit passes, of which `get` tells the fields.
    #[must_use]
    pub fn passes<'a>(&self, get: &dyn Fn(usize) -> Option<Found<'a>>) -> bool {
        self.node.passes(get)
    }
}

fn node(expr: &Expr, fields: &mut Vec<Field>) -> Clause {
    let mut all = |parts: &[Expr]| parts.iter().map(|part| node(part, fields)).collect();
    match expr {
        Expr::Or(parts) => Clause::Or(all(parts)),
        Expr::And(parts) => Clause::And(all(parts)),
        Expr::Not(part) => Clause::Not(Box::new(node(part, fields))),
        Expr::Exists(name) => Clause::Exists(number(name, fields)),
        Expr::Missing(name) => Clause::Not(Box::new(Clause::Exists(number(name, fields)))),
        Expr::True(name) => Clause::True(number(name, fields)),
        Expr::Compare(Operand::Name(name), how, Operand::Time(time)) => {
            Clause::Time(number(name, fields), *how, Time::new(time))
        }
        Expr::Compare(Operand::Time(time), how, Operand::Name(name)) => {
            Clause::Time(number(name, fields), how.turned(), Time::new(time))
        }
        Expr::Compare(a, how, b) => Clause::Compare(left(a, fields), *how, right(a, b, fields)),
        Expr::Contains(a, b) => Clause::Contains(left(a, fields), right(a, b, fields)),
        Expr::Matches(a, pattern) => Clause::Matches(left(a, fields), pattern.regex.clone(), true),
        Expr::MatchesNot(a, pattern) => {
            Clause::Matches(left(a, fields), pattern.regex.clone(), false)
        }
    }
}

/// The number of a field, a new one if it was not asked for yet.
fn number(name: &str, fields: &mut Vec<Field>) -> usize {
    of(Field::new(name), fields)
}

fn of(field: Field, fields: &mut Vec<Field>) -> usize {
    let known = fields.iter().position(|known| *known == field);
    known.unwrap_or_else(|| {
        fields.push(field);
        fields.len() - 1
    })
}

fn left(operand: &Operand, fields: &mut Vec<Field>) -> Compared {
    match operand {
        Operand::Name(name) => {
            let field = Field::new(name);
            let short = match field {
                Field::Own(Own::Thread) => {
                    return Compared::Thread {
                        number: of(field, fields),
                        name: of(Field::Own(Own::ThreadName), fields),
                    };
                }
                Field::Own(Own::Function | Own::Caller) => Short::Function,
                Field::Own(Own::Location) => Short::Location,
                _ => Short::No,
            };
            Compared::Field {
                field: of(field, fields),
                short,
            }
        }
        Operand::Number(text) | Operand::Text(text) | Operand::Time(text) => {
            Compared::Text(text.clone())
        }
    }
}

/// What stands behind a number or a text, as in `3 < n`, is no word but a field.
fn right(beside: &Operand, operand: &Operand, fields: &mut Vec<Field>) -> Compared {
    match (operand, left(operand, fields)) {
        (_, side) if !matches!(beside, Operand::Name(_)) => side,
        (
            Operand::Name(word),
            Compared::Field {
                field,
                short: Short::No,
            },
        ) if Own::named(word).is_none() => Compared::Word {
            field,
            word: word.clone(),
        },
        (_, side) => side,
    }
}

impl Clause {
    fn passes(&self, get: Get<'_, '_>) -> bool {
        let both = |a: &Compared, b: &Compared, fit: &dyn Fn(&Thing<'_>, &Thing<'_>) -> bool| {
            let (a, b) = (a.thing(get, b), b.thing(get, a));
            a.zip(b).is_some_and(|(a, b)| fit(&a, &b))
        };
        match self {
            Self::Or(parts) => parts.iter().any(|part| part.passes(get)),
            Self::And(parts) => parts.iter().all(|part| part.passes(get)),
            Self::Not(part) => !part.passes(get),
            Self::Exists(field) => get(*field).is_some_and(|found| found.was_read()),
            Self::True(field) => get(*field).is_some_and(|found| is_true(&found)),
            Self::Compare(a, how, b) => both(a, b, &|a, b| a.compares(*how, b)),
            Self::Contains(a, b) => both(a, b, &|a, b| a.content.contains(&*b.content)),
            Self::Matches(a, regex, wanted) => {
                let thing = a.thing(get, &Compared::Text(String::new()));
                thing.is_some_and(|thing| regex.is_match(&thing.content) == *wanted)
            }
            Self::Time(field, how, time) => {
                get(*field).is_some_and(|found| how.holds(Some(time.against(&found.text))))
            }
        }
    }
}

impl Time {
    fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            // A time of day stands behind `2026-11-23T`.
            from: if text.find(':') == Some(2) { 11 } else { 0 },
        }
    }

    /// How a time stamp compares, as far as the time was written.
    fn against(&self, ts: &str) -> Ordering {
        let ts = ts.as_bytes().iter().skip(self.from);
        let ts = ts.map(|byte| if *byte == b' ' { b'T' } else { *byte });
        ts.take(self.text.len()).cmp(self.text.bytes())
    }
}

/// What stands on one side for the hit that is looked at.
struct Thing<'a> {
    /// A string without its quotes.
    content: Cow<'a, str>,
    number: Option<Number>,
    short: Short,
}

impl Compared {
    fn thing<'t, 'a: 't>(&'t self, get: Get<'_, 'a>, other: &Compared) -> Option<Thing<'t>> {
        let read = |field: usize, short| {
            let found = get(field).filter(Found::was_read)?;
            Some(Thing::read(found.text, short))
        };
        match self {
            Self::Field { field, short } => read(*field, *short),
            Self::Thread { number, name } => match other {
                Self::Text(text) | Self::Word { word: text, .. }
                    if Number::read(text).is_none() =>
                {
                    read(*name, Short::No)
                }
                _ => read(*number, Short::No),
            },
            Self::Word { field, word } => match get(*field) {
                // It is the field, of which nothing is known.
                Some(found) if !found.was_read() => None,
                Some(found) => Some(Thing::read(found.text, Short::No)),
                None => Some(Thing::literal(word)),
            },
            Self::Text(text) => Some(Thing::literal(text)),
        }
    }
}

impl<'a> Thing<'a> {
    /// As a debugger writes it.
    fn read(text: Cow<'a, str>, short: Short) -> Self {
        Self {
            number: number_of(&text),
            content: match text {
                Cow::Borrowed(text) => content(text),
                Cow::Owned(text) => Cow::Owned(content(&text).into_owned()),
            },
            short,
        }
    }

    /// As it was written in the condition.
    fn literal(text: &'a str) -> Self {
        Self {
            number: number_of(text),
            content: Cow::Borrowed(text),
            short: Short::No,
        }
    }

    fn compares(&self, how: Compare, other: &Self) -> bool {
        match how {
            Compare::Equal => self.equals(other),
            Compare::Unequal => !self.equals(other),
            how => how.holds(match (self.number, other.number) {
                (Some(a), Some(b)) => a.partial_cmp(&b),
                (None, None) => Some(self.content.cmp(&other.content)),
                // A number is neither less nor greater than what is none.
                _ => None,
            }),
        }
    }

    fn equals(&self, other: &Self) -> bool {
        let numbers = self.number.zip(other.number);
        numbers.is_some_and(|(a, b)| a == b)
            || self.content == other.content
            || self.short.ends(&self.content, &other.content)
            || other.short.ends(&other.content, &self.content)
    }
}

impl Short {
    /// Whether `whole` may be written as `short`.
    fn ends(self, whole: &str, short: &str) -> bool {
        let before = whole.strip_suffix(short).filter(|_| !short.is_empty());
        before.is_some_and(|before| match self {
            Self::No => false,
            Self::Function => before.ends_with("::"),
            Self::Location => before.ends_with(['/', '!']),
        })
    }
}

impl Compare {
    fn holds(self, ordering: Option<Ordering>) -> bool {
        ordering.is_some_and(|ordering| match self {
            Self::Equal => ordering.is_eq(),
            Self::Unequal => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        })
    }

    /// With its sides exchanged.
    const fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }
}

/// Truth is a number, as it is in C.
fn number_of(text: &str) -> Option<Number> {
    match text {
        "true" => Some(Number::Int(1)),
        "false" => Some(Number::Int(0)),
        text => Number::read(text),
    }
}

/// Whether a value would pass an `if`.
fn is_true(found: &Found<'_>) -> bool {
    found.was_read() && number_of(&found.text).is_none_or(Number::is_nonzero)
}
