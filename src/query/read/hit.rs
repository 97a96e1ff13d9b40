//! One hit read whole, and the newest of those that pass a filter.

use anyhow::Result;
use rusqlite::{OptionalExtension, Row, ToSql, params_from_iter};
use serde::Serialize;
use serde_json::{Map, Value};

use super::columns::{function_column, or_null};
use super::filter::{Condition, Filter, Place};
use crate::ids::{HitId, HitSeq, StackId};
use crate::interrupt::Answered;
use crate::session_db::SessionDb;
use crate::value::locals::{self, Locals};

/// One recorded stop of one thread.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// Its number in the session, in the order of recording.
    pub id: HitId,
    /// The location key.
    pub location: String,
    /// 1, 2, 3 … per location.
    pub seq: HitSeq,
    /// UTC, ISO 8601, microseconds.
    pub ts: String,
    /// The debugger's number of the thread.
    pub thread: Option<String>,
    /// What the thread calls itself.
    pub thread_name: Option<String>,
    /// The operating system's number of the thread.
    pub tid: Option<i64>,
    /// Of the process.
    pub pid: Option<i64>,
    /// Address of the instruction.
    pub pc: Option<String>,
    /// `breakpoint`, `watchpoint`, `catchpoint`, `tracepoint`, `signal`, `exception`.
    pub reason: Option<String>,
    /// The debugger's numbers of the breakpoints that stopped here.
    pub breakpoints: Vec<i64>,
    /// The signal, the watched expression …
    pub detail: Option<String>,
    /// The innermost function.
    pub function: Option<String>,
    /// Why the capture is not whole.
    pub error: Option<String>,
    /// Arguments and locals: name → `{"type", "value", …}`, members nested inside.
    pub values: Map<String, Value>,
    /// The fields that were asked for by name: text, or null where there is none.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub fields: Map<String, Value>,
    /// Names the stack; see [`show`](crate::query::show).
    #[serde(skip)]
    pub stack_id: Option<StackId>,
}

/// The newest hit of all, or of a place.
///
/// # Errors
/// What SQLite says.
pub fn last(session: &SessionDb, place: Option<&Place>) -> Result<Option<Hit>> {
    let filter = Filter {
        place: place.cloned(),
        ..Filter::default()
    };
    let mut newest = Vec::new();
    for (here, order) in filter.parts(session)? {
        here.newest(session, order, 1, &mut newest)?;
    }
    Ok(newest.into_iter().max_by_key(|hit| hit.id))
}

/// How many hits there are, and the newest of them, oldest first.
pub(in crate::query) fn newest(
    session: &SessionDb,
    filter: &Filter,
    limit: usize,
) -> Result<(u64, Vec<Hit>)> {
    let mut total = 0;
    let mut hits: Answered<Vec<Hit>> = Answered::default();
    for (here, order) in filter.parts(session)? {
        total += here.count(session)?;
        here.newest(session, order, limit, &mut hits)?;
    }
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.id));
    hits.truncate(limit);
    hits.reverse();
    Ok((total, hits.into_inner()))
}

/// The hit with a number.
///
/// # Errors
/// What SQLite says.
pub fn by_id(session: &SessionDb, id: HitId) -> Result<Option<Hit>> {
    one(session, "id = ?", &[&id])
}

/// The hit at a location with a sequence number.
///
/// # Errors
/// What SQLite says.
pub fn by_seq(session: &SessionDb, key: &str, seq: HitSeq) -> Result<Option<Hit>> {
    one(session, "location_key = ? AND hit_seq = ?", &[&key, &seq])
}

fn one(session: &SessionDb, condition: &str, params: &[&dyn ToSql]) -> Result<Option<Hit>> {
    let sql = format!("{} WHERE {condition} LIMIT 1", select(session)?);
    let mut statement = session.conn().prepare_cached(&sql)?;
    let mut rows = statement.query(params)?;
    Ok(rows.next()?.map(read).transpose()?)
}

/// From which end hits are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The first that was recorded.
    Oldest,
    /// The last.
    Newest,
}

/// The number of the hit at a place that is so many from one end; 0: the one at the end.
///
/// # Errors
/// What SQLite says.
pub fn counted_from(
    session: &SessionDb,
    place: &Place,
    end: End,
    back: u32,
) -> Result<Option<HitId>> {
    let marks = vec!["?"; place.keys.len()].join(", ");
    // One key's hits stand in the index in their order.
    let column = match place.keys.len() {
        1 => "hit_seq",
        _ => "id",
    };
    let mut condition = format!("location_key IN ({marks})");
    if place.function.is_some() {
        condition += &format!(" AND {} = ?", function_column(session)?);
    }
    let order = match end {
        End::Oldest => "ASC",
        End::Newest => "DESC",
    };
    let query = format!(
        "SELECT id FROM breakpoint_hits WHERE {condition} ORDER BY {column} {order} LIMIT 1 OFFSET {back}"
    );
    let values = params_from_iter(place.keys.iter().chain(&place.function));
    let id = session.conn().query_row(&query, values, |row| row.get(0));
    Ok(id.optional()?)
}

/// The values of the newest hit at a location.
pub(super) fn newest_values(session: &SessionDb, key: &str) -> Result<Map<String, Value>> {
    let mut newest = session.conn().prepare_cached(
        "SELECT locals_json FROM breakpoint_hits WHERE location_key = ? ORDER BY hit_seq DESC LIMIT 1",
    )?;
    Ok(newest.query_row([key], |row| Ok(locals::read(bytes_of(row, 0))?.values))?)
}

/// Hands over the newest hits in a function, the newest first.
///
/// # Errors
/// What SQLite says.
pub(in crate::query) fn newest_in(
    session: &SessionDb,
    function: &str,
    most: usize,
    mut look: impl FnMut(&Hit),
) -> Result<()> {
    let query = format!(
        "{} WHERE {} = ? ORDER BY id DESC LIMIT {most}",
        select(session)?,
        function_column(session)?
    );
    let mut statement = session.conn().prepare(&query)?;
    let mut rows = statement.query([function])?;
    while let Some(row) = rows.next()? {
        look(&read(row)?);
    }
    Ok(())
}

impl Condition {
    fn count(&self, session: &SessionDb) -> Result<u64> {
        let sql = format!("SELECT count(*) FROM breakpoint_hits WHERE {}", self.sql);
        let params = params_from_iter(&self.params);
        Ok(session.conn().query_row(&sql, params, |row| row.get(0))?)
    }

    /// In one location, `hit_seq` orders as `id` does, and has an index.
    fn newest(
        &self,
        session: &SessionDb,
        order: &str,
        limit: usize,
        hits: &mut Vec<Hit>,
    ) -> Result<()> {
        let limit = i64::try_from(limit).unwrap_or(-1); // SQLite: no limit
        let sql = format!(
            "{} WHERE {} ORDER BY {order} DESC LIMIT {limit}",
            select(session)?,
            self.sql,
        );
        let mut statement = session.conn().prepare(&sql)?;
        for hit in statement.query_map(params_from_iter(&self.params), read)? {
            hits.push(hit?);
        }
        Ok(())
    }
}

/// `SELECT … FROM breakpoint_hits`, with null for what the file does not have.
pub(in crate::query) fn select(session: &SessionDb) -> Result<String> {
    const ADDITIONS: [&str; 10] = [
        "thread_name",
        "tid",
        "pid",
        "pc",
        "reason",
        "breakpoint",
        "breakpoints",
        "detail",
        "stack_id",
        "error",
    ];
    let mut columns = vec![
        "id",
        "location_key",
        "hit_seq",
        "ts",
        "thread",
        "locals_json",
    ];
    columns.push(function_column(session)?);
    for column in ADDITIONS {
        columns.push(or_null(session, column)?);
    }
    Ok(format!(
        "SELECT {} FROM breakpoint_hits",
        columns.join(", ")
    ))
}

/// Reads a row of [`select`]. What another tool wrote in an unexpected type is
/// read as text where it may be, else as absent.
pub(in crate::query) fn read(row: &Row<'_>) -> rusqlite::Result<Hit> {
    let number = |i| row.get::<_, Option<i64>>(i).ok().flatten();
    let text = |i| text_of(row, i);
    let first: Option<i64> = number(12);
    let all: Option<String> = text(13);
    let Locals { values, problem } = locals::read(bytes_of(row, 5))?;
    let errors = [text(16), problem];
    let error: Vec<String> = errors.into_iter().flatten().collect();
    Ok(Hit {
        id: row.get(0)?,
        location: text(1).unwrap_or_default(),
        seq: HitSeq(number(2).unwrap_or_default()),
        ts: text(3).unwrap_or_default(),
        thread: text(4),
        values,
        fields: Map::new(),
        function: text(6),
        thread_name: text(7),
        tid: number(8),
        pid: number(9),
        // Stored signed; an address is not.
        pc: number(10).map(|pc| format!("{:#x}", pc.cast_unsigned())),
        reason: text(11),
        breakpoints: match all {
            Some(all) => all
                .split_whitespace()
                .filter_map(|n| n.parse().ok())
                .collect(),
            None => first.into_iter().collect(),
        },
        detail: text(14),
        stack_id: number(15).map(StackId),
        error: (!error.is_empty()).then(|| error.join("; ")),
    })
}

/// Text or bytes as they stand there; none for anything else.
pub(in crate::query) fn bytes_of<'r>(row: &'r Row<'_>, column: usize) -> Option<&'r [u8]> {
    row.get_ref(column).ok()?.as_bytes_or_null().ok()?
}

fn text_of(row: &Row<'_>, column: usize) -> Option<String> {
    use rusqlite::types::ValueRef;
    match row.get_ref(column).ok()? {
        ValueRef::Null => None,
        ValueRef::Integer(n) => Some(n.to_string()),
        ValueRef::Real(n) => Some(n.to_string()),
        ValueRef::Text(text) | ValueRef::Blob(text) => {
            Some(String::from_utf8_lossy(text).into_owned())
        }
    }
}
