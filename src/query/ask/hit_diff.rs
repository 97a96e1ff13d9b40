//! Two hits side by side: what differs between them.

use anyhow::{Result, bail};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::hits::Hit;
use super::parts::changes::{Change, Kind, changes};
use super::show::{Frame, Which, find, stack};
use crate::ids::{HitId, HitSeq};
use crate::query::location::Place;
use crate::query::read::hit::{End, counted_from};
pub use crate::query::read::watches::values_of_hit as watches;
use crate::session_db::SessionDb;

/// One of two hits that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nth {
    /// By its number at the place, from 1.
    Seq(HitSeq),
    /// The oldest there.
    First,
    /// Counted from the newest: 1 is the newest itself.
    FromLast(u32),
}

/// Two hits, and what differs.
#[derive(Clone, Debug, Serialize)]
pub struct HitDiff {
    /// The session's label.
    pub session: String,
    /// The first.
    pub a: HitThere,
    /// The second.
    pub b: HitThere,
    /// Seconds from the first to the second, negative when it was before.
    pub seconds: Option<f64>,
    /// What differs of the hits themselves: `location`, `function`, `thread`, `process`, `reason`.
    pub facts: Vec<Fact>,
    /// Arguments and locals.
    pub values: Part,
    /// Watch expressions.
    pub watches: Part,
    /// From where they were reached.
    pub stack: StackDiff,
}

/// Which hit it is.
#[derive(Clone, Debug, Serialize)]
pub struct HitThere {
    /// Its number in the session.
    pub id: HitId,
    /// The location key.
    pub location: String,
    /// Its number there.
    pub seq: HitSeq,
    /// UTC, ISO 8601.
    pub ts: String,
    /// The innermost function.
    pub function: Option<String>,
}

/// Something about a hit that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What.
    pub name: &'static str,
    /// In the first.
    pub a: Option<String>,
    /// In the second.
    pub b: Option<String>,
}

/// The fact of a hit that says what is missing.
const NOT_WHOLE: &str = "not whole";

/// Values that differ.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Part {
    /// Those that do, addresses last; and those that do not, if they are wanted.
    pub changes: Vec<Change>,
    /// How many are the same, leaf by leaf.
    pub same: usize,
    /// How many more changes there are.
    pub left_out: usize,
}

/// Frames that differ, between those that are the same at both ends.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StackDiff {
    /// Frames that both have, at the inner and the outer end.
    pub same: usize,
    /// What only the first has between them, innermost first.
    pub a: Vec<Frame>,
    /// What only the second has.
    pub b: Vec<Frame>,
}

/// Finds the hit at a place that a person counted out.
///
/// # Errors
/// A sentence when there is no such hit, or what SQLite says.
pub fn nth(session: &SessionDb, place: &Place, nth: Nth) -> Result<Which> {
    let (end, back) = match nth {
        Nth::Seq(seq) => return Ok(Which::At(place.clone(), Some(seq))),
        Nth::First => (End::Oldest, 0),
        Nth::FromLast(n) => (End::Newest, n.saturating_sub(1)),
    };
    match counted_from(session, place, end, back)? {
        Some(id) => Ok(Which::Id(id)),
        None => bail!(
            "{} has no {} hits; see `dbg-session hits {0}`",
            place.keys.join(", "),
            back + 1
        ),
    }
}

/// How much of the values is listed.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    /// What is the same as well.
    pub all: bool,
    /// At most so many of the values and so many of the watches; 0: all.
    pub limit: usize,
}

/// Compares two hits.
///
/// # Errors
/// A sentence when there is no such hit, or what SQLite says.
pub fn hit_diff(session: &SessionDb, a: &Which, b: &Which, listed: Listed) -> Result<HitDiff> {
    let (a, b) = (find(session, a)?, find(session, b)?);
    Ok(HitDiff {
        session: session.label().to_owned(),
        seconds: seconds(&a.ts, &b.ts),
        facts: facts(&a, &b),
        values: part(&a.values, &b.values, listed),
        watches: part(&watches(session, a.id)?, &watches(session, b.id)?, listed),
        stack: stacks(stack(session, &a)?, stack(session, &b)?),
        a: side(a),
        b: side(b),
    })
}

fn side(hit: Hit) -> HitThere {
    HitThere {
        id: hit.id,
        location: hit.location,
        seq: hit.seq,
        ts: hit.ts,
        function: hit.function,
    }
}

fn part(a: &Map<String, Value>, b: &Map<String, Value>, listed: Listed) -> Part {
    let mut changes = changes(a, b);
    let same = changes.iter().filter(|c| c.kind == Kind::Same).count();
    changes.retain(|c| listed.all || c.kind != Kind::Same);
    let left_out = match listed.limit {
        0 => 0,
        limit => changes.len().saturating_sub(limit),
    };
    changes.truncate(changes.len() - left_out);
    Part {
        changes,
        same,
        left_out,
    }
}

fn seconds(a: &str, b: &str) -> Option<f64> {
    let (a, b): (Timestamp, Timestamp) = (a.parse().ok()?, b.parse().ok()?);
    Some(b.duration_since(a).as_secs_f64())
}

fn facts(a: &Hit, b: &Hit) -> Vec<Fact> {
    let facts = about(a).into_iter().zip(about(b));
    let facts = facts.map(|((name, a), (_, b))| Fact { name, a, b });
    // What is missing at both may differ all the same.
    let tells = |fact: &Fact| fact.a != fact.b || fact.name == NOT_WHOLE && fact.a.is_some();
    facts.filter(tells).collect()
}

fn about(hit: &Hit) -> [(&'static str, Option<String>); 6] {
    let thread = match (&hit.thread, &hit.thread_name) {
        (Some(number), Some(name)) => Some(format!("{number} \"{name}\"")),
        (number, _) => number.clone(),
    };
    let reason = match (&hit.reason, &hit.detail) {
        (Some(reason), Some(detail)) => Some(format!("{reason} {detail}")),
        (reason, detail) => reason.clone().or(detail.clone()),
    };
    [
        ("location", Some(hit.location.clone())),
        ("function", hit.function.clone()),
        ("thread", thread),
        ("process", hit.pid.map(|pid| pid.to_string())),
        ("reason", reason),
        (NOT_WHOLE, hit.error.clone()),
    ]
}

fn stacks(mut a: Vec<Frame>, mut b: Vec<Frame>) -> StackDiff {
    let alike = |(a, b): &(&Frame, &Frame)| place(a) == place(b);
    let inner = a.iter().zip(&b).take_while(alike).count();
    a.drain(..inner);
    b.drain(..inner);
    let outer = a.iter().rev().zip(b.iter().rev()).take_while(alike).count();
    a.truncate(a.len() - outer);
    b.truncate(b.len() - outer);
    StackDiff {
        same: inner + outer,
        a,
        b,
    }
}

/// What makes a frame the same at two hits. Several calls may stand on one line.
fn place(frame: &Frame) -> (Option<&str>, Option<&str>, Option<&str>, Option<i64>) {
    let lined = frame.line.is_some();
    (
        frame.function.as_deref(),
        frame.file.as_deref(),
        frame.module.as_deref(),
        if lined {
            frame.line
        } else {
            frame.module_offset
        },
    )
}
