//! Arguments that several verbs share, and the types that say what an argument means.
//!
//! [`complete`](mod@super::complete) goes by these types, so an argument that is a text has one of
//! them, and [`Text`] when nothing can stand for it.

use std::borrow::Borrow;
use std::num::ParseIntError;
use std::ops::Deref;
use std::str::FromStr;

use anyhow::Result;
use clap::Args;

use super::Context;
use super::select::{Access, with};
use crate::ids::{HitId, HitSeq};
use crate::query::expr::{Expr, parse};
use crate::query::hit_diff::{Nth, nth};
use crate::query::location::find;
use crate::query::show;
use crate::session_db::SessionDb;

/// Makes types of one text each.
macro_rules! texts {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug)]
        pub(super) struct $name(String);

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )+};
}

texts! {
    /// A session, by its label or its file.
    SessionName;
    /// A session that rescued hits wait for, by its label or its file.
    RescuedName;
    /// A place of hits: `file.c:10`, a function, a file; where that makes sense also a hit's number.
    Location;
    /// A function's name, or as much of it as tells it apart.
    Function;
    /// A value of hits, a watch, or what else is known of a hit.
    FieldName;
    /// The name of a setting.
    ConfigKey;
    /// What a setting shall be.
    ConfigValue;
    /// The name of a profiler's format.
    ProfileFormat;
    /// All the rest of a line inside a debugger, as it was typed.
    Verbatim;
    /// Whatever a person writes.
    Text;
}

/// The number of a layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct LayerNumber(pub i64);

impl FromStr for LayerNumber {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.parse().map(Self)
    }
}

/// Which session a query asks.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Which {
    /// Session to ask, by its label or its file [default: the active one, else the newest in
    /// `.dbg/sessions` of this folder or the nearest above it]
    #[arg(long, value_name = "LABEL|PATH")]
    pub session: Option<SessionName>,
}

impl Which {
    /// What was written, if anything was.
    pub(super) fn name(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// Asks the session that is meant.
    pub(super) fn read<T>(
        &self,
        context: &Context<'_>,
        ask: impl FnMut(&SessionDb) -> Result<T>,
    ) -> Result<T> {
        with(self.name(), Access::Read, context, ask)
    }

    /// Changes the session that is meant.
    pub(super) fn write<T>(
        &self,
        context: &Context<'_>,
        change: impl FnMut(&SessionDb) -> Result<T>,
    ) -> Result<T> {
        with(self.name(), Access::Write, context, change)
    }
}

/// Which hits of a place are asked about.
#[derive(Args, Clone, Debug)]
pub(super) struct Narrow {
    /// Only of this thread: the debugger's number, its name, or the system's number
    #[arg(long, value_name = "THREAD")]
    pub thread: Option<Text>,
    /// Only hits that pass a condition, as in i > 3 and p.name == "x"; see `hits`
    #[arg(long = "where", value_name = "EXPR", value_parser = parse)]
    pub passing: Option<Expr>,
}

/// One hit, by its place or its number.
#[derive(Args, Clone, Debug)]
pub(super) struct OneHit {
    /// A location (see `hits`), or the number of a hit [default: the newest hit]
    #[arg(value_name = "LOC|ID")]
    pub place: Option<Location>,
    /// Which hit at LOC: 1, 2, 3 …, `first`, `last`, or -2 for the last but one [default: the newest
    /// there]
    #[arg(value_name = "SEQ", allow_negative_numbers = true, value_parser = counted)]
    pub seq: Option<Nth>,
}

impl OneHit {
    /// The hit that is meant in a session.
    pub(super) fn meant(&self, session: &SessionDb, context: &Context<'_>) -> Result<show::Which> {
        Ok(match (self.place.as_deref(), self.seq) {
            (None, _) => show::Which::Newest,
            (Some(place), None) if place.parse::<i64>().is_ok() => {
                show::Which::Id(HitId(place.parse()?))
            }
            (Some(place), seq) => {
                let place = find(session, place, &context.cwd)?;
                match seq {
                    Some(seq) => nth(session, &place, seq)?,
                    None => show::Which::At(place, None),
                }
            }
        })
    }
}

/// Reads how many rows to show.
pub(super) fn limit(text: &str) -> Result<usize, &'static str> {
    text.parse().map_err(|_| "it is a number, and 0 shows all")
}

/// Reads which hit of a location is meant.
pub(super) fn counted(text: &str) -> Result<Nth, &'static str> {
    let number: Option<i64> = text.parse().ok();
    match (text, number) {
        ("first", _) => Ok(Nth::First),
        ("last", _) => Ok(Nth::FromLast(1)),
        (_, Some(seq)) if seq > 0 => Ok(Nth::Seq(HitSeq(seq))),
        (_, Some(back)) if back < 0 => Ok(Nth::FromLast(
            u32::try_from(back.unsigned_abs()).unwrap_or(u32::MAX),
        )),
        _ => Err("it is 1, 2, 3 …, `first`, `last`, or -1, -2, … counted from the last"),
    }
}

/// Names that were split at commas, those inside of a name put back: `m[{1, 'c'}]` is one.
pub(super) fn whole_names<T: Deref<Target = str>>(pieces: &[T]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut open = false;
    for piece in pieces {
        match names.last_mut().filter(|_| open) {
            Some(name) => {
                name.push(',');
                name.push_str(piece);
            }
            None => names.push(piece.to_string()),
        }
        open = names.last().is_some_and(|name| is_open(name));
    }
    if open {
        // A bracket that is never closed holds nothing together.
        return pieces.iter().map(|piece| piece.to_string()).collect();
    }
    names
}

/// Whether a bracket or a quote of a name waits for its partner.
fn is_open(name: &str) -> bool {
    let (mut depth, mut quote) = (0_usize, None);
    let mut chars = name.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', Some(_)) => drop(chars.next()),
            (c, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) => quote = Some(c),
            ('[' | '{' | '(', None) => depth += 1,
            (']' | '}' | ')', None) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    depth > 0 || quote.is_some()
}

/// How a location is written, said once.
pub(super) const LOC: &str =
    "A location: `file.c:10`, with as much of the path as tells it apart; a function; a file";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_inside_of_names_part_nothing() {
        let whole = |text: &str| {
            let pieces: Vec<String> = text.split(',').map(str::to_owned).collect();
            whole_names(&pieces)
        };
        assert_eq!(whole("len,p.x,buf[0]"), ["len", "p.x", "buf[0]"]);
        assert_eq!(whole("m[{1, 'c', 0.5}],n"), ["m[{1, 'c', 0.5}]", "n"]);
        assert_eq!(whole(r#"m["a,\",b"],m[',']"#), [r#"m["a,\",b"]"#, "m[',']"]);
        assert_eq!(whole("f(a, b),x"), ["f(a, b)", "x"]);
        assert_eq!(whole("m[1,n"), ["m[1", "n"]);
        assert!(whole_names::<String>(&[]).is_empty());
    }
}
