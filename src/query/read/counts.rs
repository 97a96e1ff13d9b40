//! How many hits there are, of what: counted by SQLite, of no hit is anything read.

use std::collections::HashMap;

use anyhow::Result;
use rusqlite::params_from_iter;
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::columns::{function_column, has_stacks};
use super::filter::Filter;
use crate::ids::{HitId, StackId};
use crate::session_db::SessionDb;

/// Some hits: how many, and the numbers of the first and the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// How many.
    pub hits: u64,
    /// The first of them.
    pub first: HitId,
    /// The last.
    pub last: HitId,
}

impl Span {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            hits: self.hits + other.hits,
            first: self.first.min(other.first),
            last: self.last.max(other.last),
        }
    }
}

/// The hits of a location, and when they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AtLocation {
    /// The location key.
    pub location: String,
    /// How many.
    pub hits: u64,
    /// UTC, ISO 8601.
    pub first_ts: String,
    /// UTC, ISO 8601.
    pub last_ts: String,
}

/// All hits of a session.
///
/// # Errors
/// What SQLite says.
pub fn all(session: &SessionDb) -> Result<u64> {
    let query = "SELECT count(*) FROM breakpoint_hits";
    Ok(session.conn().query_row(query, [], |row| row.get(0))?)
}

/// The locations with their hits, the most often hit first.
///
/// # Errors
/// What SQLite says.
pub fn by_location(session: &SessionDb) -> Result<Vec<(String, u64)>> {
    let mut places = session.conn().prepare_cached(
        "SELECT location_key, count(*) AS hits FROM breakpoint_hits
         GROUP BY location_key ORDER BY hits DESC, location_key",
    )?;
    let places = places.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(places.collect::<rusqlite::Result<_>>()?)
}

/// The locations of a function with their hits, the most often hit first.
///
/// # Errors
/// What SQLite says.
pub fn of_function(session: &SessionDb, function: &str) -> Result<Vec<AtLocation>> {
    let mut places = session.conn().prepare(&format!(
        "SELECT location_key, count(*), min(ts), max(ts) FROM breakpoint_hits
         WHERE {} = ? GROUP BY location_key ORDER BY count(*) DESC, location_key",
        function_column(session)?
    ))?;
    let places = places.query_map([function], |row| {
        Ok(AtLocation {
            location: row.get(0)?,
            hits: row.get(1)?,
            first_ts: row.get(2)?,
            last_ts: row.get(3)?,
        })
    })?;
    Ok(places.collect::<rusqlite::Result<_>>()?)
}

/// How many hits each line of a file had.
///
/// # Errors
/// What SQLite says.
pub fn by_line(session: &SessionDb, file: &str) -> Result<HashMap<u32, u64>> {
    // From `file:` up to `file;`, the next character: along the index.
    let mut statement = session.conn().prepare_cached(
        "SELECT location_key, max(hit_seq), count(*) FROM breakpoint_hits
         WHERE location_key >= ?1 || ':' AND location_key < ?1 || ';' GROUP BY location_key",
    )?;
    let mut rows = statement.query([file])?;
    let mut hits = HashMap::new();
    while let Some(row) = rows.next()? {
        let key: String = row.get(0)?;
        let line = key.rsplit_once(':').and_then(|(_, line)| line.parse().ok());
        if let Some(line) = line {
            hits.insert(line, row.get(2)?);
        }
    }
    Ok(hits)
}

/// The hits that pass a filter, its expression left aside, by their stacks; numbered by `hit_seq`
/// where they are of one location, else by `id`.
///
/// # Errors
/// What SQLite says.
pub fn by_stack(
    session: &SessionDb,
    filter: &Filter,
    by_seq: bool,
) -> Result<FxHashMap<Option<StackId>, Span>> {
    let x = if by_seq { "hit_seq" } else { "id" };
    let mut stacks: FxHashMap<Option<StackId>, Span> = FxHashMap::default();
    for condition in filter.conditions(session)? {
        let mut statement = session.conn().prepare(&format!(
            "SELECT stack_id, count(*), min({x}), max({x}) FROM breakpoint_hits
             WHERE {} GROUP BY stack_id",
            condition.sql
        ))?;
        let mut rows = statement.query(params_from_iter(&condition.params))?;
        while let Some(row) = rows.next()? {
            let span = Span {
                hits: row.get(1)?,
                first: row.get(2)?,
                last: row.get(3)?,
            };
            let known = stacks.entry(row.get(0)?);
            known
                .and_modify(|known| *known = known.and(span))
                .or_insert(span);
        }
    }
    Ok(stacks)
}

/// The stacks of all hits that have one, and how many hits have it.
///
/// # Errors
/// What SQLite says.
pub fn stacks(session: &SessionDb) -> Result<Vec<(StackId, u64)>> {
    if !has_stacks(session)? {
        return Ok(Vec::new());
    }
    let mut stacks = session.conn().prepare(
        "SELECT stack_id, count(*) FROM breakpoint_hits WHERE stack_id IS NOT NULL GROUP BY stack_id",
    )?;
    let stacks = stacks.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(stacks.collect::<rusqlite::Result<_>>()?)
}

/// The functions that called one at its hits, most hits first, at most ten.
///
/// # Errors
/// What SQLite says.
pub fn callers(session: &SessionDb, function: &str) -> Result<Vec<(String, u64)>> {
    if !has_stacks(session)? {
        return Ok(Vec::new());
    }
    let mut callers = session.conn().prepare(
        "SELECT symbols.fqn, count(*)
         FROM breakpoint_hits AS hits
         JOIN stacks AS own ON own.id = hits.stack_id
         JOIN stacks AS caller ON caller.id = own.parent_id
         JOIN frames ON frames.id = caller.frame_id
         JOIN symbols ON symbols.id = frames.symbol_id
         WHERE hits.function = ?
         GROUP BY symbols.fqn ORDER BY count(*) DESC, symbols.fqn LIMIT 10",
    )?;
    let callers = callers.query_map([function], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(callers.collect::<rusqlite::Result<_>>()?)
}

/// How often each breakpoint was hit, by what it is (`breakpoint`, `watchpoint` …) and its number.
///
/// # Errors
/// What SQLite says.
pub fn by_breakpoint(session: &SessionDb) -> Result<HashMap<(String, i64), i64>> {
    let mut counts = session.conn().prepare(
        "SELECT coalesce(reason, ''), breakpoint, count(*) FROM breakpoint_hits
         WHERE breakpoint IS NOT NULL GROUP BY reason, breakpoint",
    )?;
    let counts = counts.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
    Ok(counts.collect::<rusqlite::Result<_>>()?)
}
