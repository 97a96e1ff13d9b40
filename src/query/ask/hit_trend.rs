//! One value over all hits of a place.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde::Serialize;

use super::hits::{Filter, hits};
use super::parts::buckets::{Bucket, fitted};
use super::parts::tally::{Distinct, MOST_DISTINCT, Numbers, SeenAt, Tally, Turn};
use crate::ids::{HitId, HitSeq};
use crate::query::expr::{Expr, Where};
use crate::query::location::Place;
use crate::query::read::field::{Field, Own};
use crate::query::read::scan::{Row, fold_in_order};
use crate::query::read::watches;
use crate::session_db::SessionDb;
use crate::value::locals::Found;

/// Names of types that are told at most.
const MOST_TYPES: usize = 4;
/// Points of the plot in JSON at most.
const PLOTTED: usize = 100;

/// What a value was over all hits.
#[derive(Clone, Debug, Serialize)]
pub struct Trend {
    /// The session's label.
    pub session: String,
    /// The location keys that were asked for.
    pub locations: Vec<String>,
    /// The function, when one was asked for.
    pub function: Option<String>,
    /// The condition that the hits pass.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub passing: Option<String>,
    /// The name or path of the value, or the watch expression.
    pub field: String,
    /// Hits that were looked at.
    pub hits: u64,
    /// Those in which the value could be read.
    pub read: u64,
    /// Those that have no such value.
    pub missing: u64,
    /// Those in which it could not be read, by the reason: `optimized-out`, …
    pub unread: BTreeMap<String, u64>,
    /// The types it had, at most four.
    pub types: Vec<String>,
    /// When all values are numbers.
    pub numbers: Option<Numbers>,
    /// How many different values there are.
    pub distinct: usize,
    /// Whether there are more than that.
    pub more_distinct: bool,
    /// The most frequent ones.
    pub values: Vec<Distinct>,
    /// How often it was another one than at the hit before.
    pub changes: u64,
    /// The first of these changes.
    pub first_change: Option<Turn>,
    /// The last of them.
    pub last_change: Option<Turn>,
    /// The first value.
    pub first: Option<SeenAt>,
    /// The last one.
    pub last: Option<String>,
    /// What `plot` has on its x axis: `seq`, or `id` when the hits are of several locations.
    pub x: &'static str,
    /// Its course, in a bounded number of points.
    pub plot: Vec<Plotted>,
    /// The same in more detail, for a chart; its numbers are counted from `base`.
    #[serde(skip)]
    pub buckets: Vec<Bucket>,
    /// The first integer, else 0.
    #[serde(skip)]
    pub base: i128,
    /// The category of each of `values` in the buckets.
    #[serde(skip)]
    pub categories: Vec<u16>,
}

/// Neighbouring hits in a plot.
#[derive(Clone, Debug, Serialize)]
pub struct Plotted {
    /// The first of them.
    pub first: i64,
    /// The last of them.
    pub last: i64,
    /// How many.
    pub hits: u64,
    /// The least number among them.
    pub min: Option<f64>,
    /// The greatest.
    pub max: Option<f64>,
    /// Their mean.
    pub mean: Option<f64>,
}

/// Which hits are asked for which value.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// Where.
    pub place: &'a Place,
    /// The name or path of a value, or a watch expression.
    pub field: &'a str,
    /// Only of this thread.
    pub thread: Option<&'a str>,
    /// Only those that pass this.
    pub passing: Option<&'a Expr>,
    /// How many of the most frequent values are listed; 0: all that were told apart.
    pub limit: usize,
}

impl Question<'_> {
    fn filter(&self, limit: usize) -> Filter {
        Filter {
            place: Some(self.place.clone()),
            thread: self.thread.map(str::to_owned),
            passing: self.passing.cloned(),
            limit,
            ..Filter::default()
        }
    }
}

/// Looks at one value over all hits of a place.
///
/// # Errors
/// A sentence when no hit there has such a value, or what SQLite says.
pub fn hit_trend(session: &SessionDb, asked: &Question<'_>) -> Result<Trend> {
    let mut scan = Scan {
        one_place: asked.place.keys.len() == 1,
        ..Scan::default()
    };
    scan.run(session, asked)?;
    if scan.hits == 0 {
        bail!(no_hit(asked.place, asked.thread, asked.passing));
    }
    if scan.missing == scan.hits {
        bail!(unknown(session, asked)?);
    }
    Ok(scan.answer(session, asked))
}

/// That no hit at a place passes what else was asked for.
pub(super) fn no_hit(place: &Place, thread: Option<&str>, passing: Option<&Expr>) -> String {
    let of = thread.map(|thread| format!(" of thread `{thread}`"));
    let passing = passing.map(|expr| format!(" with {expr}"));
    format!(
        "the session has no hit{} at {}{}; see `dbg-session hits`",
        of.unwrap_or_default(),
        place.keys.join(", "),
        passing.unwrap_or_default()
    )
}

/// One pass over the hits.
#[derive(Default)]
struct Scan {
    one_place: bool,
    hits: u64,
    missing: u64,
    unread: BTreeMap<String, u64>,
    types: Vec<String>,
    tally: Tally,
}

impl Scan {
    fn run(&mut self, session: &SessionDb, asked: &Question<'_>) -> Result<()> {
        let passing = asked.passing.map(Where::new);
        let mut fields = passing
            .as_ref()
            .map_or_else(Vec::new, |p| p.fields().to_vec());
        let value = fields.len();
        let seq = value + 1;
        fields.extend([Field::new(asked.field), Field::Own(Own::Seq)]);
        let make = |row: &Row<'_>| {
            let passes = |passing: &Where| passing.passes(&|field| row.get(field));
            passing.as_ref().is_none_or(passes).then(|| {
                let seq = HitSeq(row.integer(seq).unwrap_or_default());
                (row.id(), seq, row.get(value).map(Found::into_owned))
            })
        };
        fold_in_order(
            session,
            &fields,
            &asked.filter(0),
            make,
            |(id, seq, found)| {
                self.look_at(id, seq, found);
            },
        )
    }

    fn look_at(&mut self, id: HitId, seq: HitSeq, found: Option<Found<'_>>) {
        let x = if self.one_place { seq.0 } else { id.0 };
        self.hits += 1;
        let Some(found) = found else {
            self.missing += 1;
            return self.tally.miss(x);
        };
        self.note_type(&found);
        if found.was_read() {
            self.tally.add(x, id, seq, &found);
        } else {
            let status = found.status.unwrap_or_default().into_owned();
            *self.unread.entry(status).or_default() += 1;
            self.tally.miss(x);
        }
    }

    fn note_type(&mut self, found: &Found<'_>) {
        let name = &*found.type_name;
        if !name.is_empty()
            && self.types.len() < MOST_TYPES
            && !self.types.iter().any(|known| known == name)
        {
            self.types.push(name.to_owned());
        }
    }

    fn answer(self, session: &SessionDb, asked: &Question<'_>) -> Trend {
        let tally = self.tally;
        let limit = match asked.limit {
            0 => MOST_DISTINCT,
            limit => limit,
        };
        let (values, categories) = tally.most_frequent(limit).into_iter().unzip();
        let mut trend = Trend {
            session: session.label().to_owned(),
            locations: asked.place.keys.clone(),
            function: asked.place.function.clone(),
            passing: asked.passing.map(ToString::to_string),
            field: asked.field.to_owned(),
            hits: self.hits,
            read: tally.read,
            missing: self.missing,
            unread: self.unread,
            types: self.types,
            numbers: tally.numbers(),
            distinct: tally.distinct(),
            more_distinct: tally.overflown,
            values,
            changes: tally.changes,
            first_change: tally.first_change.clone(),
            last_change: tally.last_change.clone(),
            first: tally.first.clone(),
            last: tally.last().map(str::to_owned),
            x: if self.one_place { "seq" } else { "id" },
            plot: Vec::new(),
            buckets: Vec::new(),
            base: 0,
            categories,
        };
        (trend.buckets, trend.base) = tally.buckets();
        let points = fitted(&trend.buckets, PLOTTED).into_iter();
        trend.plot = points.map(|point| plotted(&point, trend.base)).collect();
        trend
    }
}

fn plotted(bucket: &Bucket, base: i128) -> Plotted {
    let number = |x| (bucket.numbers > 0).then_some(x + base as f64);
    Plotted {
        first: bucket.first,
        last: bucket.last,
        hits: bucket.points,
        min: number(bucket.min),
        max: number(bucket.max),
        mean: number(bucket.mean),
    }
}

/// That no hit has such a value, with those that the last one has.
fn unknown(session: &SessionDb, asked: &Question<'_>) -> Result<String> {
    let last = hits(session, &asked.filter(1))?.hits.pop();
    let mut names: Vec<String> = Vec::new();
    if let Some(hit) = last {
        names.extend(hit.values.keys().cloned());
        let watches = watches::of_hit(session, hit.id)?;
        names.extend(watches.into_iter().map(|watch| watch.expr));
    }
    let names: Vec<String> = names
        .iter()
        .take(12)
        .map(|name| format!("`{name}`"))
        .collect();
    Ok(format!(
        "no hit at {} has a value `{}`; the last one has {}",
        asked.place.keys.join(", "),
        asked.field,
        if names.is_empty() {
            "none".into()
        } else {
            names.join(", ")
        }
    ))
}
