//! One value over all hits of a place.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator;
use rusqlite::{Row, params_from_iter};
use serde::Serialize;

use super::buckets::{Bucket, fitted};
use super::field::{Found, Path};
use super::hits::{Condition, Filter, hits};
use super::location::Place;
use super::rows::{watch_column, watched};
use super::tally::{Distinct, MOST_DISTINCT, Numbers, Seen, Tally, Turn};
use crate::session_db::SessionDb;

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
    pub first: Option<Seen>,
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
    /// How many of the most frequent values are listed; 0: all that were told apart.
    pub limit: usize,
}

/// Looks at one value over all hits of a place.
///
/// # Errors
/// A sentence when no hit there has such a value, or what SQLite says.
pub fn hit_trend(session: &SessionDb, asked: &Question<'_>) -> Result<Trend> {
    let mut scan = Scan::new(session, asked)?;
    scan.run(session, asked)?;
    if scan.hits == 0 {
        let of = asked.thread.map(|thread| format!(" of thread `{thread}`"));
        bail!(
            "the session has no hit{} at {}; see `dbg-session hits`",
            of.unwrap_or_default(),
            asked.place.keys.join(", ")
        );
    }
    if scan.missing == scan.hits {
        bail!(unknown(session, asked)?);
    }
    Ok(scan.answer(session, asked))
}

/// One pass over the hits.
struct Scan {
    path: Path,
    /// A watch expression that the field is, or is a member of, and what is below it.
    watch: Option<(String, Path)>,
    one_place: bool,
    hits: u64,
    missing: u64,
    unread: BTreeMap<String, u64>,
    types: Vec<String>,
    tally: Tally,
}

impl Scan {
    fn new(session: &SessionDb, asked: &Question<'_>) -> Result<Self> {
        Ok(Self {
            path: Path::new(asked.field),
            watch: watched(session, asked.field)?,
            one_place: asked.place.keys.len() == 1,
            hits: 0,
            missing: 0,
            unread: BTreeMap::new(),
            types: Vec::new(),
            tally: Tally::default(),
        })
    }

    /// Location by location along the index, merged by the hits' numbers.
    fn run(&mut self, session: &SessionDb, asked: &Question<'_>) -> Result<()> {
        let filter = Filter {
            place: Some(asked.place.clone()),
            thread: asked.thread.map(str::to_owned),
            ..Filter::default()
        };
        let mut statements = Vec::new();
        for key in &asked.place.keys {
            let condition = Condition::new(session, std::slice::from_ref(key), &filter)?;
            let query = format!(
                "SELECT id, hit_seq, locals_json, {} FROM breakpoint_hits
                 WHERE {} ORDER BY hit_seq",
                self.watch_column(session)?,
                condition.sql
            );
            statements.push((session.conn().prepare(&query)?, condition.params));
        }
        let expr = self.watch.as_ref().map(|(expr, _)| expr.clone());
        let mut cursors = Vec::new();
        for (statement, params) in &mut statements {
            let mut rows = statement.query(params_from_iter(expr.iter().chain(&*params)))?;
            rows.advance()?;
            cursors.push(rows);
        }
        loop {
            let id = |row: &Row<'_>| row.get::<_, i64>(0).unwrap_or_default();
            let heads = cursors.iter_mut().filter(|rows| rows.get().is_some());
            let Some(next) = heads.min_by_key(|rows| rows.get().map(id)) else {
                return Ok(());
            };
            if let Some(row) = next.get() {
                self.look_at(row);
            }
            next.advance()?;
        }
    }

    fn watch_column(&self, session: &SessionDb) -> Result<String> {
        match self.watch {
            Some(_) => watch_column(session, "?"),
            None => Ok("NULL".into()),
        }
    }

    fn look_at(&mut self, row: &Row<'_>) {
        let number = |i| row.get::<_, i64>(i).unwrap_or_default();
        let (id, seq) = (number(0), number(1));
        let x = if self.one_place { seq } else { id };
        self.hits += 1;
        let text = |i| row.get_ref(i).ok().and_then(|value| value.as_str().ok());
        let local = text(2).and_then(|json| self.path.find(json));
        let found = local.or_else(|| {
            let (_, below) = self.watch.as_ref()?;
            below.find_within(text(3)?)
        });
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

#[allow(clippy::cast_precision_loss)] // In a plot, floats do.
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
    let filter = Filter {
        place: Some(asked.place.clone()),
        thread: asked.thread.map(str::to_owned),
        limit: 1,
        ..Filter::default()
    };
    let last = hits(session, &filter)?.hits.pop();
    let mut names: Vec<String> = Vec::new();
    if let Some(hit) = last {
        names.extend(hit.values.keys().cloned());
        let mut watched = session
            .conn()
            .prepare("SELECT expr FROM watch_evals WHERE hit_id = ? ORDER BY id")?;
        for expr in watched.query_map([hit.id], |row| row.get(0))? {
            names.push(expr?);
        }
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
