//! One hit in full.

use anyhow::{Result, bail};
use rusqlite::{OptionalExtension, params};
use serde::Serialize;

use super::hits::{Hit, by_id, by_seq, last};
use super::notes::{Note, of_hit};
use crate::ids::{HitId, HitSeq};
use crate::query::location::Place;
use crate::query::read::watches;
pub use crate::query::read::watches::Watch;
use crate::session_db::SessionDb;

/// Source lines shown before and after the hit's own.
const AROUND: usize = 5;

/// A hit with all that belongs to it.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// The session's label.
    pub session: String,
    /// The hit itself.
    pub hit: Hit,
    /// Watch expressions, in the order of their evaluation.
    pub watches: Vec<Watch>,
    /// Innermost first.
    pub stack: Vec<Frame>,
    /// What persons wrote to it.
    pub notes: Vec<Note>,
    /// The lines around it, as they were then; none when they were not kept.
    pub source: Option<Source>,
}

/// A stack frame.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Frame {
    /// 0 is the innermost.
    pub level: u64,
    /// Canonical name.
    pub function: Option<String>,
    /// As in a location key.
    pub file: Option<String>,
    /// From 1.
    pub line: Option<i64>,
    /// Base name of the object file.
    pub module: Option<String>,
    /// Bytes from the function's start, or the module's without a function.
    pub module_offset: Option<i64>,
    /// Whether it is inlined into the next outer frame.
    pub inlined: bool,
}

/// Source text as it was when it was recorded.
#[derive(Clone, Debug, Serialize)]
pub struct Source {
    /// As in a location key.
    pub file: String,
    /// Number of the first line shown.
    pub first_line: usize,
    /// Number of the hit's line.
    pub line: usize,
    /// The lines.
    pub lines: Vec<String>,
}

/// Which hit.
#[derive(Clone, Debug)]
pub enum Which {
    /// The newest of the session.
    Newest,
    /// By its number in the session.
    Id(HitId),
    /// By its number at a place; none: the newest there.
    At(Place, Option<HitSeq>),
}

/// Finds a hit and gathers what belongs to it.
///
/// # Errors
/// A sentence when there is no such hit, or what SQLite says.
pub fn show(session: &SessionDb, which: &Which) -> Result<Shown> {
    let hit = find(session, which)?;
    Ok(Shown {
        session: session.label().to_owned(),
        watches: watches::of_hit(session, hit.id)?,
        stack: stack(session, &hit)?,
        notes: of_hit(session, hit.id)?,
        source: source(session, &hit)?,
        hit,
    })
}

/// The hit that is meant.
///
/// # Errors
/// A sentence when there is no such hit, or what SQLite says.
pub fn find(session: &SessionDb, which: &Which) -> Result<Hit> {
    match which {
        Which::Id(id) => match by_id(session, *id)? {
            Some(hit) => Ok(hit),
            None => {
                bail!("the session has no hit number {id}; `dbg-session hits` shows what it has")
            }
        },
        Which::Newest => match last(session, None)? {
            Some(hit) => Ok(hit),
            None => {
                bail!("the session has no hits yet; stop at a breakpoint with the plugin loaded")
            }
        },
        Which::At(place, None) => match last(session, Some(place))? {
            Some(hit) => Ok(hit),
            None => bail!("the session has no hit at {}", place.keys.join(", ")),
        },
        Which::At(place, Some(seq)) => at(session, place, *seq),
    }
}

fn at(session: &SessionDb, place: &Place, seq: HitSeq) -> Result<Hit> {
    let mut found = Vec::new();
    for key in &place.keys {
        found.extend(by_seq(session, key, seq)?);
    }
    if found.len() > 1 {
        let keys: Vec<String> = found
            .iter()
            .map(|hit| format!("`{}`", hit.location))
            .collect();
        bail!(
            "{} each have a hit {seq}; name one of them",
            keys.join(" and ")
        );
    }
    match found.pop() {
        Some(hit) => Ok(hit),
        None => {
            let newest = last(session, Some(place))?.map_or(HitSeq(0), |hit| hit.seq);
            bail!(
                "{} has no hit {seq}; choose from 1 to {newest}, or see `dbg-session hits {0}`",
                place.keys.join(", ")
            )
        }
    }
}

/// From the innermost frame up to the root; without a recorded stack, the
/// innermost function alone.
///
/// # Errors
/// What SQLite says.
pub fn stack(session: &SessionDb, hit: &Hit) -> Result<Vec<Frame>> {
    let Some(stack) = hit.stack_id else {
        let alone = hit.function.as_ref().map(|function| Frame {
            function: Some(function.clone()),
            ..Frame::default()
        });
        return Ok(alone.into_iter().collect());
    };
    // The depth becomes less at each step, so that a circle in a damaged file has an end.
    let mut statement = session.conn().prepare_cached(
        "WITH RECURSIVE walk (level, frame, depth, parent) AS (
             SELECT 0, frame_id, depth, parent_id FROM stacks WHERE id = ?1
             UNION ALL
             SELECT walk.level + 1, stacks.frame_id, stacks.depth, stacks.parent_id
             FROM walk JOIN stacks ON stacks.id = walk.parent
             WHERE stacks.depth < walk.depth AND walk.level < 100000
         )
         SELECT walk.level, symbols.fqn, frames.file, frames.line,
                frames.module, frames.module_offset, frames.inlined
         FROM walk
         JOIN frames ON frames.id = walk.frame
         LEFT JOIN symbols ON symbols.id = frames.symbol_id
         ORDER BY walk.level",
    )?;
    let frames = statement.query_map(params![stack], |row| {
        Ok(Frame {
            level: row.get(0)?,
            function: row.get(1)?,
            file: row.get(2)?,
            line: row.get(3)?,
            module: row.get(4)?,
            module_offset: row.get(5)?,
            inlined: row.get(6)?,
        })
    })?;
    Ok(frames.collect::<rusqlite::Result<_>>()?)
}

/// The lines around a hit, from the newest snapshot that is not younger than
/// it, else from the oldest.
///
/// # Errors
/// What SQLite says.
pub fn source(session: &SessionDb, hit: &Hit) -> Result<Option<Source>> {
    let Some((file, line)) = hit.location.rsplit_once(':') else {
        return Ok(None);
    };
    let Ok(line) = line.parse::<usize>() else {
        return Ok(None);
    };
    let kept: Option<(usize, String)> = session
        .conn()
        .query_row(
            "SELECT line_start, text FROM source_snapshots
             WHERE file = ?1 AND line_start <= ?2 AND line_end >= ?2 AND text IS NOT NULL
             ORDER BY collected_at > ?3,
                      CASE WHEN collected_at > ?3 THEN collected_at END,
                      collected_at DESC
             LIMIT 1",
            params![file, i64::try_from(line)?, hit.ts],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    Ok(kept.map(|(start, text)| {
        let first_line = line.saturating_sub(AROUND).max(start);
        let lines = text.lines().skip(first_line - start);
        let lines = lines.take(line + AROUND + 1 - first_line);
        Source {
            file: file.to_owned(),
            first_line,
            line,
            lines: lines.map(str::to_owned).collect(),
        }
    }))
}
