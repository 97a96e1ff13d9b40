//! What a file has: one that `dbg` wrote has the same tables without our additions.

use anyhow::Result;

use crate::session_db::SessionDb;

/// Where a hit's function stands, ours or dbg's way.
pub(super) fn function_column(session: &SessionDb) -> Result<&'static str> {
    const DBG: &str = "CASE WHEN json_valid(stack_json) THEN stack_json ->> '$.frame_symbol' END";
    Ok(if has(session, "function")? {
        "function"
    } else {
        DBG
    })
}

/// A column of hits, or null where the file does not have it.
pub(super) fn or_null(session: &SessionDb, column: &'static str) -> Result<&'static str> {
    Ok(if has(session, column)? {
        column
    } else {
        "NULL"
    })
}

/// Whether hits have that column.
pub(super) fn has(session: &SessionDb, column: &str) -> Result<bool> {
    session.has_column("breakpoint_hits", column)
}

/// Whether hits have stacks: dbg keeps the innermost function alone.
///
/// # Errors
/// What SQLite says.
pub(in crate::query) fn has_stacks(session: &SessionDb) -> Result<bool> {
    has(session, "stack_id")
}
