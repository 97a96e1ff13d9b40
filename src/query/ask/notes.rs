//! What persons wrote down.

use anyhow::{Result, bail};
use rusqlite::{Row, ToSql, params};
use serde::Serialize;

use super::hits::by_id;
use crate::ids::HitId;
use crate::session_db::{SessionDb, utc_now};

/// A note to a session, or to one of its hits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Its number.
    pub id: i64,
    /// The hit that it belongs to; none: the session.
    pub hit: Option<HitId>,
    /// UTC, ISO 8601.
    pub ts: String,
    /// The text.
    pub text: String,
}

/// Writes a note into a session that was opened for writing.
///
/// # Errors
/// A sentence when there is no such hit or no place for notes; what SQLite says.
pub fn add(session: &SessionDb, text: &str, hit: Option<HitId>) -> Result<Note> {
    if !has_notes(session)? {
        bail!(
            "session {} was written by another tool and has no place for notes; \
             nothing was changed",
            session.label()
        );
    }
    if let Some(id) = hit
        && by_id(session, id)?.is_none()
    {
        bail!("the session has no hit number {id}; `dbg-session hits` shows what it has");
    }
    Ok(session.conn().query_row(
        "INSERT INTO notes (session_id, hit_id, ts, text) VALUES (?, ?, ?, ?)
         RETURNING id, hit_id, ts, text",
        params![session.session_id(), hit, utc_now(), text],
        read,
    )?)
}

/// The notes to one hit, oldest first.
///
/// # Errors
/// What SQLite says.
pub fn of_hit(session: &SessionDb, hit: HitId) -> Result<Vec<Note>> {
    select(session, "WHERE hit_id = ?1", hit)
}

/// All notes of a session, oldest first.
///
/// # Errors
/// What SQLite says.
pub fn all(session: &SessionDb) -> Result<Vec<Note>> {
    select(session, "WHERE ?1 = 0", 0)
}

/// The notes to the hits in a function, oldest first.
///
/// # Errors
/// What SQLite says.
pub fn of_function(session: &SessionDb, function: &str) -> Result<Vec<Note>> {
    let mut of_it = Vec::new();
    for note in all(session)? {
        let Some(hit) = note.hit else { continue };
        let hit = by_id(session, hit)?;
        if hit.is_some_and(|hit| hit.function.as_deref() == Some(function)) {
            of_it.push(note);
        }
    }
    Ok(of_it)
}

fn select(session: &SessionDb, condition: &str, value: impl ToSql) -> Result<Vec<Note>> {
    if !has_notes(session)? {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT id, hit_id, ts, text FROM notes {condition} ORDER BY id");
    let mut statement = session.conn().prepare_cached(&sql)?;
    let notes = statement.query_map([value], read)?;
    Ok(notes.collect::<rusqlite::Result<_>>()?)
}

fn has_notes(session: &SessionDb) -> Result<bool> {
    session.has_column("notes", "text")
}

fn read(row: &Row<'_>) -> rusqlite::Result<Note> {
    Ok(Note {
        id: row.get(0)?,
        hit: row.get(1)?,
        ts: row.get(2)?,
        text: row.get(3)?,
    })
}
