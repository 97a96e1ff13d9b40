//! A session at a glance: where it was hit, and what was noted.

use anyhow::Result;
use serde::Serialize;

use super::notes::{Note, all};
use super::sessions::{Session, describe};
use crate::query::read::counts;
use crate::session_db::SessionDb;

/// A session with its places and notes.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// The session.
    #[serde(flatten)]
    pub session: Session,
    /// Every location with its number of hits, the most often hit first.
    pub locations: Vec<Location>,
    /// Notes to the session and to its hits, oldest first.
    pub notes: Vec<Note>,
    /// What went wrong while recording.
    pub failures: Vec<String>,
}

/// A location with its hits.
#[derive(Clone, Debug, Serialize)]
pub struct Location {
    /// The location key.
    pub location: String,
    /// How often it was hit.
    pub hits: u64,
}

/// Looks at a session.
///
/// # Errors
/// What SQLite says.
pub fn overview(session: &SessionDb) -> Result<Overview> {
    let locations = counts::by_location(session)?.into_iter();
    let locations = locations.map(|(location, hits)| Location { location, hits });
    let mut failures = session
        .conn()
        .prepare_cached("SELECT concat_ws(': ', phase, error) FROM failures ORDER BY rowid")?;
    let failures = failures.query_map([], |row| row.get(0))?;
    Ok(Overview {
        session: describe(session)?,
        locations: locations.collect(),
        notes: all(session)?,
        failures: failures.collect::<rusqlite::Result<_>>()?,
    })
}

/// How the recorder is doing.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LiveStatus {
    /// The debugger, with its version: `GDB 16.3`.
    pub host: String,
    /// The program being debugged, as the debugger names it.
    pub target: Option<String>,
    /// Whether the next hit starts a session by itself.
    pub auto: bool,
    /// Hits recorded in the active session.
    pub hits: u64,
    /// Hits that could not be recorded.
    pub lost: u64,
    /// The last thing that went wrong, as a sentence.
    pub last_error: Option<String>,
    /// What would have been said but for `config quiet on`: the last sentences.
    pub unsaid: Vec<Unsaid>,
}

/// A sentence that was kept from the screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unsaid {
    /// When it would have been said, UTC.
    pub ts: String,
    /// The sentence.
    pub text: String,
}
