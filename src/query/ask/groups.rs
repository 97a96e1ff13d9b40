//! Hits counted by the value of one field.

use std::hash::{BuildHasher, RandomState};

use anyhow::Result;
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::hits::Filter;
use crate::ids::{HitId, HitSeq};
use crate::query::expr::Where;
use crate::query::read::field::Field;
use crate::query::read::scan::{Row, Rows, fold};
use crate::session_db::SessionDb;

/// The values of a field, each with its hits.
#[derive(Clone, Debug, Serialize)]
pub struct Groups {
    /// The session's label.
    pub session: String,
    /// The location keys that were asked for; empty: all.
    pub locations: Vec<String>,
    /// The condition that the hits pass.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub passing: Option<String>,
    /// The field.
    pub by: String,
    /// How many hits were looked at: those that pass the filter.
    pub total: u64,
    /// Of these, hits that do not have the field.
    pub missing: u64,
    /// How many different values there are, shown or not.
    pub values: u64,
    /// The most frequent of them.
    pub groups: Vec<Group>,
}

/// A value with its hits.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// Its text.
    pub value: String,
    /// How many hits have it.
    pub hits: u64,
    /// Of all hits that were looked at, from 0 to 1.
    pub share: f64,
    /// The first hit that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<At>,
    /// And the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<At>,
}

/// Where and when a hit was.
#[derive(Clone, Debug, Serialize)]
pub struct At {
    /// Its number in the session.
    pub id: HitId,
    /// The location key.
    pub location: String,
    /// Its number there.
    pub seq: HitSeq,
    /// UTC, ISO 8601.
    pub ts: String,
}

/// What is told of each value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// With its first and last hit, in the order of the first ones.
    ByFirst,
    /// Its count alone, the most frequent first.
    ByCount,
}

/// What is kept of a value while hits are counted. The text is not: a million
/// different ones would fill the memory. It is read again from the first hit.
#[derive(Clone, Copy)]
struct Tally {
    hits: u64,
    first: HitId,
    last: HitId,
}

/// Hits counted so far.
#[derive(Default)]
struct Tallies {
    total: u64,
    values: FxHashMap<u64, Tally>,
}

impl Tallies {
    fn add(&mut self, value: u64, new: Tally) {
        let tally = self.values.entry(value).or_insert(Tally { hits: 0, ..new });
        tally.hits += new.hits;
        tally.first = tally.first.min(new.first);
        tally.last = tally.last.max(new.last);
    }

    /// Counts of two threads together, the fewer added to the more.
    fn with(mut self, mut other: Self) -> Self {
        if self.values.len() < other.values.len() {
            std::mem::swap(&mut self, &mut other);
        }
        self.total += other.total;
        for (value, tally) in other.values {
            self.add(value, tally);
        }
        self
    }
}

/// Counts hits by a field, of which the `top` most frequent values are told (0: all).
/// The filter's `limit` and `fields` mean nothing here.
///
/// # Errors
/// What SQLite says.
pub fn groups(
    session: &SessionDb,
    filter: &Filter,
    by: &str,
    order: Order,
    top: usize,
) -> Result<Groups> {
    let Tallies { total, values } = tally(session, filter, by)?;
    let tallies: Vec<Tally> = values.into_values().collect();
    let mut groups = Groups {
        session: session.label().to_owned(),
        locations: filter
            .place
            .as_ref()
            .map_or_else(Vec::new, |place| place.keys.clone()),
        passing: filter.passing.as_ref().map(ToString::to_string),
        by: by.to_owned(),
        total,
        missing: total - tallies.iter().map(|tally| tally.hits).sum::<u64>(),
        values: tallies.len() as u64,
        groups: Vec::new(),
    };
    let rows = Rows::new(session, &[by, "location", "seq", "time"].map(Field::new))?;
    for tally in most_frequent(tallies, order, top) {
        let (value, first) = read(&rows, tally.first)?;
        let mut group = Group {
            value,
            hits: tally.hits,
            share: tally.hits as f64 / total as f64,
            first: None,
            last: None,
        };
        if order == Order::ByFirst {
            group.first = Some(first);
            group.last = Some(read(&rows, tally.last)?.1);
        }
        groups.groups.push(group);
    }
    Ok(groups)
}

/// How many hits pass, and how many of them have each value.
fn tally(session: &SessionDb, filter: &Filter, by: &str) -> Result<Tallies> {
    let passing = filter.passing.as_ref().map(Where::new);
    let mut fields = passing
        .as_ref()
        .map_or_else(Vec::new, |passing| passing.fields().to_vec());
    fields.push(Field::new(by));
    let by = fields.len() - 1;
    // Two texts share 64 random bits once in thirty million questions to a million values.
    let random = RandomState::new();
    let look = |tallies: &mut Tallies, row: &Row<'_>| {
        let passes = |passing: &Where| passing.passes(&|field| row.get(field));
        if !passing.as_ref().is_none_or(passes) {
            return;
        }
        tallies.total += 1;
        if let Some(found) = row.get(by) {
            let id = row.id();
            let value = random.hash_one(&*found.shown());
            tallies.add(
                value,
                Tally {
                    hits: 1,
                    first: id,
                    last: id,
                },
            );
        }
    };
    let parts = fold(session, &fields, filter, Tallies::default, look)?;
    Ok(parts.into_iter().fold(Tallies::default(), Tallies::with))
}

fn most_frequent(mut tallies: Vec<Tally>, order: Order, top: usize) -> Vec<Tally> {
    let rank = |tally: &Tally| (std::cmp::Reverse(tally.hits), tally.first);
    if (1..tallies.len()).contains(&top) {
        tallies.select_nth_unstable_by_key(top, rank);
        tallies.truncate(top);
    }
    match order {
        Order::ByFirst => tallies.sort_unstable_by_key(|tally| tally.first),
        Order::ByCount => tallies.sort_unstable_by_key(rank),
    }
    tallies
}

/// A hit's value of the field, and where it was.
fn read(rows: &Rows<'_>, id: HitId) -> Result<(String, At)> {
    let mut value = String::new();
    let mut at = At {
        id,
        location: String::new(),
        seq: HitSeq(0),
        ts: String::new(),
    };
    rows.one(id, |row| {
        let text = |field| row.get(field).map(|found| found.shown().into_owned());
        value = text(0).unwrap_or_default();
        at.location = text(1).unwrap_or_default();
        let seq = text(2).and_then(|seq| seq.parse().ok());
        at.seq = HitSeq(seq.unwrap_or_default());
        at.ts = text(3).unwrap_or_default();
    })?;
    Ok((value, at))
}
