//! All hits in the order of recording, each as it is stored: for who looks at every value of each.

use std::borrow::Cow;

use anyhow::Result;
use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, Row, Statement};

use super::columns::{function_column, or_null};
use crate::ids::{HitId, StackId};
use crate::interrupt;
use crate::session_db::SessionDb;

/// A hit as it is stored; what another tool wrote in an unexpected type is absent.
pub(in crate::query) struct StoredHit<'r> {
    row: &'r Row<'r>,
    /// Its number in the session.
    pub id: HitId,
}

/// Hands over every hit of a session.
///
/// # Errors
/// What SQLite says, or `look`.
pub(in crate::query) fn each(
    session: &SessionDb,
    mut look: impl FnMut(&StoredHit<'_>) -> Result<()>,
) -> Result<()> {
    let columns = [
        "id",
        "location_key",
        "locals_json",
        "thread",
        or_null(session, "pid")?,
        or_null(session, "tid")?,
        or_null(session, "reason")?,
        or_null(session, "detail")?,
        or_null(session, "stack_id")?,
        function_column(session)?,
        or_null(session, "thread_name")?,
    ];
    let columns = columns.join(", ");
    let query = format!("SELECT {columns} FROM breakpoint_hits ORDER BY id");
    let mut statement = session.conn().prepare(&query)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        interrupt::check()?;
        let id = row.get(0)?;
        look(&StoredHit { row, id })?;
    }
    Ok(())
}

impl StoredHit<'_> {
    /// The location key.
    pub fn location(&self) -> &str {
        self.text(1)
    }

    /// Arguments and locals, as [`locals`](crate::value::locals) reads them.
    pub fn values(&self) -> &str {
        self.text(2)
    }

    /// The debugger's number of the thread; dbg's may be numbers.
    pub fn thread(&self) -> Cow<'_, str> {
        match self.row.get_ref(3) {
            Ok(ValueRef::Integer(n)) => Cow::Owned(n.to_string()),
            _ => Cow::Borrowed(self.text(3)),
        }
    }

    /// Of the process.
    pub fn pid(&self) -> Option<i64> {
        self.number(4)
    }

    /// The operating system's number of the thread.
    pub fn tid(&self) -> Option<i64> {
        self.number(5)
    }

    /// Why it stopped.
    pub fn reason(&self) -> &str {
        self.text(6)
    }

    /// The signal, the watched expression …
    pub fn detail(&self) -> &str {
        self.text(7)
    }

    /// The innermost node of its stack.
    pub fn stack(&self) -> Option<StackId> {
        self.number(8).map(StackId)
    }

    /// The innermost function.
    pub fn function(&self) -> &str {
        self.text(9)
    }

    /// What the thread calls itself.
    pub fn thread_name(&self) -> &str {
        self.text(10)
    }

    /// A text where it stands; what is no text is empty.
    fn text(&self, column: usize) -> &str {
        let value = self.row.get_ref(column).ok();
        value.and_then(|v| v.as_str().ok()).unwrap_or_default()
    }

    fn number(&self, column: usize) -> Option<i64> {
        self.row.get::<_, Option<i64>>(column).ok().flatten()
    }
}

/// Reads the values of single hits again.
pub(in crate::query) struct Values<'s>(Statement<'s>);

impl<'s> Values<'s> {
    pub fn new(session: &'s SessionDb) -> Result<Self> {
        let query = "SELECT locals_json FROM breakpoint_hits WHERE id = ?";
        Ok(Self(session.conn().prepare(query)?))
    }

    /// Those of the hit with a number, as they are stored; empty: it has none.
    pub fn of(&mut self, hit: HitId) -> Result<String> {
        let stored = self.0.query_row([hit], |row| row.get(0)).optional()?;
        Ok(stored.flatten().unwrap_or_default())
    }
}
