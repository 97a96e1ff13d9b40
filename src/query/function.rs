//! Which function of a session is meant.

use std::collections::BTreeSet;

use anyhow::Result;

use super::names::listed;
use super::read::places::functions;
use crate::session_db::SessionDb;
use crate::symbols::{Lookup, lookup};

/// Why a name is no function of the session.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FunctionError {
    /// Nothing is known of it.
    #[error(
        "no hit and no sample is known in a function `{0}`; `hotspots` and `hits` show what was recorded"
    )]
    NotFound(String),
    /// More than one fits.
    #[error("`{asked}` may be {}; write more of the name", listed(.candidates, "or"))]
    Ambiguous {
        /// As it was written.
        asked: String,
        /// All that fit, sorted.
        candidates: Vec<String>,
    },
}

/// The canonical name of the function that `symbol` names; see [`lookup`] for how it may be written.
///
/// # Errors
/// [`FunctionError`], or what SQLite says.
pub fn find_function(session: &SessionDb, symbol: &str) -> Result<String> {
    let mut symbols = session.conn().prepare("SELECT fqn FROM symbols")?;
    let symbols = symbols.query_map([], |row| row.get(0))?;
    let mut known: BTreeSet<String> = symbols.collect::<rusqlite::Result<_>>()?;
    known.extend(functions(session)?);
    match lookup(symbol, known.iter().map(String::as_str)) {
        Lookup::Found(function) => Ok(function),
        Lookup::Ambiguous(candidates) => Err(FunctionError::Ambiguous {
            asked: symbol.to_owned(),
            candidates,
        }
        .into()),
        Lookup::NotFound => Err(FunctionError::NotFound(symbol.to_owned()).into()),
    }
}
