//! The breakpoints and watches that a session keeps.

use anyhow::Result;
use serde::Serialize;

use crate::record::{Breakpoint, Watched};
use crate::session_db::SessionDb;

/// What a session knows of breakpoints.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BreakpointList {
    /// The session's label.
    pub session: String,
    /// The debugger that had them, `gdb` or `lldb`; none when there are none.
    pub debugger: Option<String>,
    /// As they stood at the last stop, in the order of their making.
    pub breakpoints: Vec<Breakpoint>,
    /// Expressions evaluated at each hit.
    pub watches: Vec<Watched>,
}

impl BreakpointList {
    /// Whether there is nothing to set again.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.breakpoints.is_empty() && self.watches.is_empty()
    }
}

/// What a session's user had set. A session of a version without breakpoints, and a file of dbg's, has none.
///
/// # Errors
/// What SQLite says.
pub fn breakpoints(session: &SessionDb) -> Result<BreakpointList> {
    let mut list = BreakpointList {
        session: session.label().to_owned(),
        debugger: None,
        breakpoints: Vec::new(),
        watches: Vec::new(),
    };
    if session.has_column("breakpoints", "spec")? {
        let mut statement = session.conn().prepare(BREAKPOINTS)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            list.debugger = row.get("host")?;
            list.breakpoints.push(read(row)?);
        }
    }
    if session.has_column("watches", "expr")? {
        let query = "SELECT number, expr, allow_calls FROM watches ORDER BY number";
        let mut statement = session.conn().prepare(query)?;
        let watches = statement.query_map([], |row| {
            Ok(Watched {
                number: row.get(0)?,
                expr: row.get(1)?,
                allow_calls: row.get(2)?,
            })
        })?;
        list.watches = watches.collect::<rusqlite::Result<_>>()?;
    }
    Ok(list)
}

// The debugger's count is as old as the row; the hits themselves are all there.
const BREAKPOINTS: &str = "
    WITH counts AS (
        SELECT reason, breakpoint, count(*) AS n FROM breakpoint_hits
        WHERE breakpoint IS NOT NULL GROUP BY reason, breakpoint
    )
    SELECT breakpoints.*, max(hits, coalesce((
        SELECT sum(n) FROM counts WHERE counts.breakpoint = breakpoints.number
            AND (counts.reason = 'watchpoint') = (breakpoints.kind = 'watchpoint')), 0)) AS passed
    FROM breakpoints ORDER BY id";

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Breakpoint> {
    let options: Option<String> = row.get("options")?;
    Ok(Breakpoint {
        number: row.get("number")?,
        kind: row.get("kind")?,
        form: row.get("form")?,
        spec: row.get("spec")?,
        file: row.get("file")?,
        line: row.get::<_, Option<u32>>("line")?.unwrap_or_default(),
        function: row.get("function")?,
        text: row.get("text")?,
        locations: row.get("locations")?,
        condition: row.get("condition")?,
        ignore_count: row.get("ignore_count")?,
        enabled: row.get("enabled")?,
        temporary: row.get("temporary")?,
        hardware: row.get("hardware")?,
        access: row.get("access")?,
        thread: row.get("thread")?,
        commands: row.get("commands")?,
        hits: row.get("passed")?,
        options: options.and_then(|text| serde_json::from_str(&text).ok()),
    })
}

/// What became of one breakpoint or watch of a recorded session.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Restored {
    /// `breakpoint`, `watchpoint`, `catchpoint`, `tracepoint`, `watch`.
    pub kind: String,
    /// As it was written when it was recorded.
    pub spec: String,
    /// Its number now; none when it is not set.
    pub number: Option<i64>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, or what the user should know.
    pub notes: Vec<String>,
}

impl Restored {
    /// Of something that is not set yet.
    pub(crate) fn of(kind: &str, spec: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            spec: spec.to_owned(),
            number: None,
            outcome: Outcome::Failed,
            notes: Vec::new(),
        }
    }
}

/// See [`Restored`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It stops as it did.
    Set,
    /// It is set, at the line where its source text is now.
    Moved,
    /// It is set and waits: nothing in the program is called that.
    Pending,
    /// The debugger had it already.
    Kept,
    /// It could not be set.
    Failed,
}

impl Outcome {
    /// As people read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Moved => "moved",
            Self::Pending => "pending",
            Self::Kept => "already there",
            Self::Failed => "not set",
        }
    }
}

/// What became of all of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Restoration {
    /// The label of the session that they are from.
    pub session: String,
    /// When that session began.
    pub started_at: String,
    /// In the order of their making; watches last.
    pub restored: Vec<Restored>,
}
