//! A person's own SQL: reads whatever it likes, changes nothing.
//!
//! Three walls stand behind each other: an authorizer that allows reading
//! alone, SQLite's `query_only`, and a connection of its own that was opened
//! read-only (on a copy, where the session lives in memory).

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, ErrorCode};
use serde::Serialize;
use serde_json::Value;

use crate::interrupt::{self, Interrupted};
use crate::session_db::{SessionDb, shadow_views};

/// The rows of a query.
#[derive(Clone, Debug, Serialize)]
pub struct QueryResult {
    /// Names, as SQLite gives them.
    pub columns: Vec<String>,
    /// null, number, text; a blob as text in the form `x'00ff'`.
    pub rows: Vec<Vec<Value>>,
    /// Whether there were more rows than wanted.
    pub more: bool,
}

/// Steps of SQLite's machine between two looks at the clock: some microseconds.
const STEPS: i32 = 10_000;

/// Pragmas that only tell.
const TELLING: [&str; 15] = [
    "application_id",
    "collation_list",
    "compile_options",
    "database_list",
    "encoding",
    "foreign_key_list",
    "freelist_count",
    "index_info",
    "index_list",
    "index_xinfo",
    "page_count",
    "page_size",
    "table_info",
    "table_list",
    "table_xinfo",
];

/// Bytes of one value at most: a query must not eat a debugger's memory.
const LONGEST: i32 = 64 << 20;

/// Bytes of a whole answer inside a debugger.
const MOST_BYTES: usize = 64 << 20;

const REFUSED: &str = "only a query that reads is run here (SELECT, WITH, VALUES, EXPLAIN, \
                       PRAGMA table_info …); nothing was changed";

/// Runs one query and returns at most `limit` of its rows (0: all). With some
/// `patience`, one that takes longer is stopped.
///
/// # Errors
/// A sentence for what is refused, and for what SQLite does not understand.
pub fn sql(
    session: &SessionDb,
    query: &str,
    limit: usize,
    patience: Option<Duration>,
) -> Result<QueryResult> {
    let mut conn = own_connection(session)?;
    conn.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
    let deadline = patience.and_then(|patience| Instant::now().checked_add(patience));
    if let Some(deadline) = deadline {
        let over = move || interrupt::pressed() || Instant::now() > deadline;
        conn.progress_handler(STEPS, Some(over))?;
    }
    let mut statement = conn.prepare(query).map_err(sentence)?;
    if statement.column_count() == 0 || !statement.readonly() {
        bail!(REFUSED);
    }
    let mut found = QueryResult {
        columns: statement.column_names().map(str::to_owned).collect(),
        rows: Vec::new(),
        more: false,
    };
    let mut size = 0;
    let limit = if limit == 0 { usize::MAX } else { limit };
    let mut rows = statement.query([]).map_err(sentence)?;
    while let Some(row) = rows.next().map_err(sentence)? {
        if found.rows.len() == limit {
            found.more = true;
            break;
        }
        let mut cells = Vec::with_capacity(found.columns.len());
        for i in 0..found.columns.len() {
            let cell = row.get_ref(i)?;
            if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = cell {
                size += bytes.len();
            }
            cells.push(value(cell));
        }
        interrupt::check()?;
        // One row can take long, and all of them a debugger's memory.
        if deadline.is_some_and(|deadline| Instant::now() > deadline || size > MOST_BYTES) {
            bail!("the answer is too big or takes too long here; ask for less, or ask in a shell");
        }
        found.rows.push(cells);
    }
    Ok(found)
}

/// A connection that nobody else uses and that only reads: on the session's
/// file, or on a copy of a session in memory.
fn own_connection(session: &SessionDb) -> Result<Connection> {
    let mut conn = match session.db_path() {
        Some(path) => SessionDb::open_read_only(path)?.into_conn()?,
        None => {
            let mut copy = Connection::open_in_memory()?;
            let backup = Backup::new(session.conn(), &mut copy)?;
            while backup.step(-1)? != StepResult::Done {}
            drop(backup);
            copy
        }
    };
    shadow_views(&conn)?;
    conn.pragma_update(None, "query_only", true)?;
    conn.authorizer(Some(authorize))?;
    Ok(conn)
}

fn authorize(context: AuthContext<'_>) -> Authorization {
    let allowed = match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => true,
        AuthAction::Function { function_name } => !["load_extension", "fts3_tokenizer"]
            .contains(&function_name.to_ascii_lowercase().as_str()),
        AuthAction::Pragma {
            pragma_name,
            pragma_value,
        } => {
            let name = pragma_name.to_ascii_lowercase();
            let tells = TELLING.contains(&name.as_str());
            // With a value, these would set something.
            let sets = ["application_id", "encoding", "page_size"].contains(&name.as_str());
            // And without one this tells, which with one it sets.
            let version = ["user_version", "schema_version"].contains(&name.as_str());
            (tells && !(sets && pragma_value.is_some())) || (version && pragma_value.is_none())
        }
        _ => false,
    };
    if allowed {
        Authorization::Allow
    } else {
        Authorization::Deny
    }
}

/// What SQLite says, as a sentence.
fn sentence(error: Error) -> anyhow::Error {
    match &error {
        Error::MultipleStatement => anyhow!("only one statement is run at a time; nothing was run"),
        Error::SqlInputError { msg, .. }
            if msg == "not authorized" || msg.starts_with("not authorized") =>
        {
            anyhow!(REFUSED)
        }
        Error::SqlInputError { msg, .. } => anyhow!(
            "SQLite does not understand the query: {msg}; `dbg-session sql \"PRAGMA table_list\"` \
             shows the tables and views"
        ),
        _ => match error.sqlite_error_code() {
            Some(ErrorCode::AuthorizationForStatementDenied | ErrorCode::ReadOnly) => {
                anyhow!(REFUSED)
            }
            Some(ErrorCode::OperationInterrupted) if interrupt::pressed() => Interrupted.into(),
            Some(ErrorCode::OperationInterrupted) => anyhow!(
                "the query took too long for a debugger that waits for it, and was stopped; run \
                 it outside, as `dbg-session sql …` in a shell"
            ),
            _ => anyhow!("the query failed: {error}"),
        },
    }
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => n.into(),
        // JSON has no infinities.
        ValueRef::Real(x) => serde_json::Number::from_f64(x)
            .map_or_else(|| Value::String(x.to_string()), Value::Number),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
        ValueRef::Blob(bytes) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("x'{hex}'").into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session_db::{CreateOptions, SessionKind, TargetClass};

    #[test]
    fn a_query_without_end_is_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let session = SessionDb::create(CreateOptions {
            kind: SessionKind::Debug,
            target: "t",
            target_class: TargetClass::NativeCpu,
            cwd: folder.path(),
            db_path: None,
            label: None,
            target_hash: None,
        })
        .unwrap();
        let endless = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) \
                       SELECT count(*) FROM n";
        let error = sql(&session, endless, 0, Some(Duration::from_millis(50))).unwrap_err();
        assert!(error.to_string().contains("was stopped"), "{error}");
    }
}
