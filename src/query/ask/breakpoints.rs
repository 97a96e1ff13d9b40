//! The breakpoints and watches that a session keeps.

use std::collections::HashMap;

use anyhow::Result;
use serde::Serialize;

use crate::query::read::counts;
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
        let counts = counts::by_breakpoint(session)?;
        let query = "SELECT * FROM breakpoints ORDER BY id";
        let mut statement = session.conn().prepare(query)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            list.debugger = row.get("host")?;
            let mut breakpoint = read(row)?;
            // The debugger's count is as old as the row; the hits themselves are all there.
            breakpoint.hits = breakpoint.hits.max(recorded(&breakpoint, &counts));
            list.breakpoints.push(breakpoint);
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

/// The hits of a breakpoint; watchpoints have numbers of their own in some debuggers.
fn recorded(breakpoint: &Breakpoint, counts: &HashMap<(String, i64), i64>) -> i64 {
    let is_watchpoint = |kind: &str| kind == "watchpoint";
    let of_it = counts.iter().filter(|((reason, number), _)| {
        *number == breakpoint.number && is_watchpoint(reason) == is_watchpoint(&breakpoint.kind)
    });
    of_it.map(|(_, hits)| hits).sum()
}

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
        hits: row.get("hits")?,
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
