//! At which places there are hits, and in which functions.

use anyhow::Result;

use super::columns::function_column;
use crate::session_db::SessionDb;

/// A function hit at a location of a session; several can share one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The location key.
    pub key: String,
    /// The function that it lies in, if recorded.
    pub function: Option<String>,
}

/// Every location key of a session, in order.
///
/// # Errors
/// What SQLite says.
pub fn keys(session: &SessionDb) -> Result<Vec<String>> {
    // From key to key along the index, however many hits each has. A file of another tool may
    // have none; then each step would look at all hits.
    let indexed: bool = session.conn().query_row(
        "SELECT EXISTS (SELECT 1 FROM pragma_index_list('breakpoint_hits') AS own,
             pragma_index_info(own.name) AS part WHERE part.seqno = 0 AND part.name = 'location_key')",
        [],
        |row| row.get(0),
    )?;
    let mut keys = session.conn().prepare_cached(if !indexed {
        "SELECT DISTINCT location_key FROM breakpoint_hits WHERE location_key IS NOT NULL ORDER BY 1"
    } else {
        "WITH RECURSIVE keys (key) AS (
             SELECT min(location_key) FROM breakpoint_hits
             UNION ALL
             SELECT (SELECT min(location_key) FROM breakpoint_hits WHERE location_key > key)
             FROM keys WHERE key IS NOT NULL
         )
         SELECT key FROM keys WHERE key IS NOT NULL"
    })?;
    let keys = keys.query_map([], |row| row.get(0))?;
    Ok(keys.collect::<rusqlite::Result<_>>()?)
}

/// Every location of a session with each function hit there, in the order of the keys.
///
/// # Errors
/// What SQLite says.
pub fn known(session: &SessionDb) -> Result<Vec<Known>> {
    let mut functions = session.conn().prepare_cached(&format!(
        // Templates, lambdas and inlined functions share lines; the first hits tell which.
        "SELECT DISTINCT function FROM
             (SELECT {} AS function FROM breakpoint_hits WHERE location_key = ? LIMIT 1000)",
        function_column(session)?
    ))?;
    let mut known = Vec::new();
    for key in keys(session)? {
        for function in functions.query_map([&key], |row| row.get(0))? {
            known.push(Known {
                key: key.clone(),
                function: function?,
            });
        }
    }
    Ok(known)
}

/// Every function in which there are hits.
///
/// # Errors
/// What SQLite says.
pub fn functions(session: &SessionDb) -> Result<Vec<String>> {
    let function = function_column(session)?;
    let mut functions = session.conn().prepare(&format!(
        "SELECT DISTINCT {function} FROM breakpoint_hits WHERE {function} IS NOT NULL"
    ))?;
    let functions = functions.query_map([], |row| row.get(0))?;
    Ok(functions.collect::<rusqlite::Result<_>>()?)
}
