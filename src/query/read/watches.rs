//! The watches of hits, which are values that were asked for by expressions.

use anyhow::Result;
use rusqlite::{Row, Rows, Statement};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::hit::bytes_of;
use crate::ids::HitId;
use crate::session_db::SessionDb;
use crate::value::locals;

/// A watch expression at a hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Watch {
    /// As it was typed.
    pub expr: String,
    /// The value's type.
    pub r#type: Option<String>,
    /// The value as text.
    pub value: Option<String>,
}

/// The watches of a hit as text, in the order of their evaluation.
///
/// # Errors
/// What SQLite says.
pub fn of_hit(session: &SessionDb, hit: HitId) -> Result<Vec<Watch>> {
    let mut statement = session.conn().prepare_cached(
        "SELECT expr, type_name, value FROM watch_evals WHERE hit_id = ? ORDER BY id",
    )?;
    let watches = statement.query_map([hit], |row| {
        Ok(Watch {
            expr: row.get(0)?,
            r#type: row.get(1)?,
            value: row
                .get::<_, Option<String>>(2)?
                .map(|text| locals::short(&text).into_owned()),
        })
    })?;
    Ok(watches.collect::<rusqlite::Result<_>>()?)
}

/// The watches of a hit as if they were its values, by their expressions.
///
/// # Errors
/// What SQLite says.
pub fn values_of_hit(session: &SessionDb, hit: HitId) -> Result<Map<String, Value>> {
    let mut statement = session.conn().prepare_cached(&format!(
        "SELECT expr, type_name, value, {} FROM watch_evals WHERE hit_id = ? ORDER BY id",
        whole(session)?
    ))?;
    let mut rows = statement.query([hit])?;
    let mut watches = Map::new();
    while let Some(row) = rows.next()? {
        let text = |i| row.get::<_, Option<String>>(i).ok().flatten();
        let whole = locals::read_value(bytes_of(row, 3))?.values;
        let value = if whole.is_empty() {
            json!({"type": text(1), "value": text(2).map(|text| locals::short(&text).into_owned())})
        } else {
            Value::Object(whole)
        };
        watches.insert(text(0).unwrap_or_default(), value);
    }
    Ok(watches)
}

/// Expressions that were watched, looked for in the first ten thousand values.
///
/// # Errors
/// What SQLite says.
pub fn expressions(session: &SessionDb) -> Result<Vec<String>> {
    let mut watches = session
        .conn()
        .prepare_cached("SELECT DISTINCT expr FROM (SELECT expr FROM watch_evals LIMIT 10000)")?;
    let watches = watches.query_map([], |row| row.get(0))?;
    Ok(watches.collect::<rusqlite::Result<_>>()?)
}

/// The column with a value's members, which a file of dbg does not have.
pub(super) fn whole(session: &SessionDb) -> Result<&'static str> {
    let there = session.has_column("watch_evals", "value_json")?;
    Ok(if there { "value_json" } else { "NULL" })
}

/// A watch expression's value at a hit, as it is stored.
pub(in crate::query) struct StoredWatch {
    pub hit: HitId,
    pub expr: String,
    pub type_name: Option<String>,
    pub text: Option<String>,
    /// With its members, as [`locals`] reads them.
    pub whole: Option<String>,
}

/// The watches of hit after hit, in their order: with [`InOrder::of`] each hit gets its own.
pub(in crate::query) struct InOrder<'r> {
    rows: Option<Rows<'r>>,
    ahead: Option<StoredWatch>,
}

/// Prepares to ask for all watches; none when there are no watches.
pub(in crate::query) fn prepare_all(session: &SessionDb) -> Result<Option<Statement<'_>>> {
    let any = "SELECT EXISTS (SELECT 1 FROM watch_evals)";
    if !session.conn().query_row(any, [], |row| row.get(0))? {
        return Ok(None);
    }
    let sql = format!("{} ORDER BY hit_id, id", select(session)?);
    Ok(Some(session.conn().prepare(&sql)?))
}

/// Prepares to ask for the watches of one hit.
pub(in crate::query) fn prepare_one(session: &SessionDb) -> Result<Statement<'_>> {
    let sql = format!("{} AND hit_id = ? ORDER BY id", select(session)?);
    Ok(session.conn().prepare(&sql)?)
}

/// What such a statement finds.
pub(in crate::query) fn of(statement: &mut Statement<'_>, hit: HitId) -> Result<Vec<StoredWatch>> {
    let found = statement.query_map([hit], read)?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

impl<'r> InOrder<'r> {
    pub(in crate::query) fn new(statement: Option<&'r mut Statement<'_>>) -> Result<Self> {
        let mut watches = Self {
            rows: statement.map(|statement| statement.query([])).transpose()?,
            ahead: None,
        };
        watches.ahead = watches.next()?;
        Ok(watches)
    }

    /// Hands over the watches of a hit; those of hits before it are passed by.
    pub(in crate::query) fn of(
        &mut self,
        hit: HitId,
        mut take: impl FnMut(&StoredWatch),
    ) -> Result<()> {
        while let Some(watch) = self.ahead.take_if(|watch| watch.hit <= hit) {
            if watch.hit == hit {
                take(&watch);
            }
            self.ahead = self.next()?;
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<StoredWatch>> {
        let Some(rows) = &mut self.rows else {
            return Ok(None);
        };
        Ok(rows.next()?.map(read).transpose()?)
    }
}

fn select(session: &SessionDb) -> Result<String> {
    Ok(format!(
        "SELECT hit_id, expr, type_name, value, {} FROM watch_evals WHERE hit_id IS NOT NULL",
        whole(session)?
    ))
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredWatch> {
    Ok(StoredWatch {
        hit: row.get(0)?,
        expr: row.get(1)?,
        type_name: row.get(2)?,
        text: row.get(3)?,
        whole: row.get(4)?,
    })
}
