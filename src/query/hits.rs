//! What was recorded: hits of a place, of a thread, the newest of all.

use anyhow::Result;
use rusqlite::{Row, ToSql};
use serde::Serialize;
use serde_json::{Map, Value};

use super::expr::{Expr, Where};
use super::fields::Field;
use super::location::{Place, function_column};
use super::rows::{Rows, fold};
use crate::session_db::SessionDb;
use crate::value::locals::{self, Locals};

/// One recorded stop of one thread.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// Its number in the session, in the order of recording.
    pub id: i64,
    /// The location key.
    pub location: String,
    /// 1, 2, 3 … per location.
    pub seq: i64,
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
    /// Names the stack; see [`show`](super::show).
    #[serde(skip)]
    pub stack_id: Option<i64>,
}

/// Which hits are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only here.
    pub place: Option<Place>,
    /// Only of the thread with this number, name, or system-wide number.
    pub thread: Option<String>,
    /// Only those that pass this.
    pub passing: Option<Expr>,
    /// At most so many, the newest; 0: all.
    pub limit: usize,
    /// Fields to tell of each, by their names.
    pub fields: Vec<String>,
}

impl Filter {
    /// The hits that it means, its expression left aside, each part with the
    /// column that an index orders it by: key by key, else by their numbers.
    pub(super) fn parts(&self, session: &SessionDb) -> Result<Vec<(Condition, &'static str)>> {
        let Some(place) = &self.place else {
            return Ok(vec![(Condition::new(session, &[], self)?, "id")]);
        };
        let keys = place.keys.chunks(1);
        let here = keys.map(|key| Ok((Condition::new(session, key, self)?, "hit_seq")));
        here.collect()
    }

    /// The same, without these columns.
    pub(super) fn conditions(&self, session: &SessionDb) -> Result<Vec<Condition>> {
        let parts = self.parts(session)?.into_iter();
        Ok(parts.map(|(condition, _)| condition).collect())
    }
}

/// Hits in the order of recording.
#[derive(Clone, Debug, Serialize)]
pub struct Hits {
    /// The session's label.
    pub session: String,
    /// The location keys that were asked for; empty: all.
    pub locations: Vec<String>,
    /// The condition that they pass.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub passing: Option<String>,
    /// How many hits there are, shown or not.
    pub total: u64,
    /// The newest of them, oldest first.
    pub hits: Vec<Hit>,
}

impl Hits {
    /// How many older hits were left out.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.total.saturating_sub(self.hits.len() as u64)
    }
}

/// The newest hits that pass a filter.
///
/// # Errors
/// What SQLite says.
pub fn hits(session: &SessionDb, filter: &Filter) -> Result<Hits> {
    let limit = match filter.limit {
        0 => usize::MAX,
        limit => limit,
    };
    let (total, mut hits) = match &filter.passing {
        Some(expr) => newest_passing(session, filter, expr, limit)?,
        None => newest(session, filter, limit)?,
    };
    if !filter.fields.is_empty() {
        let fields: Vec<Field> = filter.fields.iter().map(|name| Field::new(name)).collect();
        let rows = Rows::new(session, &fields)?;
        for hit in &mut hits {
            hit.fields = fields_of(hit.id, &rows, &filter.fields)?;
        }
    }
    Ok(Hits {
        session: session.label().to_owned(),
        locations: filter
            .place
            .as_ref()
            .map_or_else(Vec::new, |p| p.keys.clone()),
        passing: filter.passing.as_ref().map(ToString::to_string),
        total,
        hits,
    })
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
        newest.extend(here.newest(session, order, 1)?);
    }
    Ok(newest.into_iter().max_by_key(|hit| hit.id))
}

/// How many hits there are, and the newest of them, oldest first.
fn newest(session: &SessionDb, filter: &Filter, limit: usize) -> Result<(u64, Vec<Hit>)> {
    let mut total = 0;
    let mut hits = Vec::new();
    for (here, order) in filter.parts(session)? {
        total += here.count(session)?;
        hits.extend(here.newest(session, order, limit)?);
    }
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.id));
    hits.truncate(limit);
    hits.reverse();
    Ok((total, hits))
}

/// The same of those that pass an expression: all are looked at, the newest read whole.
fn newest_passing(
    session: &SessionDb,
    filter: &Filter,
    expr: &Expr,
    limit: usize,
) -> Result<(u64, Vec<Hit>)> {
    let passing = Where::new(expr);
    let ids = fold(session, passing.fields(), filter, Vec::new, |ids, row| {
        if passing.passes(&|field| row.get(field)) {
            ids.push(row.id());
        }
    })?;
    let mut ids = ids.concat();
    ids.sort_unstable();
    let left_out = ids.len().saturating_sub(limit);
    let mut hits = Vec::new();
    for id in &ids[left_out..] {
        hits.extend(by_id(session, *id)?);
    }
    Ok((ids.len() as u64, hits))
}

/// The texts of some fields of a hit; null for what it does not have.
fn fields_of(id: i64, rows: &Rows<'_>, names: &[String]) -> Result<Map<String, Value>> {
    let mut fields = Map::new();
    rows.each(&Condition::id(id), |row| {
        for (i, name) in names.iter().enumerate() {
            let text = row.get(i).map(|found| found.shown().into_owned());
            fields.insert(name.clone(), text.into());
        }
        Ok(())
    })?;
    Ok(fields)
}

/// The hit with a number.
///
/// # Errors
/// What SQLite says.
pub fn by_id(session: &SessionDb, id: i64) -> Result<Option<Hit>> {
    one(session, "id = ?", &[&id])
}

/// The hit at a location with a sequence number.
///
/// # Errors
/// What SQLite says.
pub fn by_seq(session: &SessionDb, key: &str, seq: i64) -> Result<Option<Hit>> {
    one(session, "location_key = ? AND hit_seq = ?", &[&key, &seq])
}

fn one(session: &SessionDb, condition: &str, params: &[&dyn ToSql]) -> Result<Option<Hit>> {
    let sql = format!("{} WHERE {condition} LIMIT 1", select(session)?);
    let mut statement = session.conn().prepare_cached(&sql)?;
    let mut rows = statement.query(params)?;
    Ok(rows.next()?.map(read).transpose()?)
}

/// A WHERE clause with its parameters.
pub(super) struct Condition {
    pub(super) sql: String,
    pub(super) params: Vec<String>,
}

impl Condition {
    /// The hits at some locations (none: at all) that pass a filter, its
    /// expression left aside.
    pub(super) fn new(session: &SessionDb, keys: &[String], filter: &Filter) -> Result<Self> {
        let mut terms = vec!["1"];
        let mut params = Vec::new();
        let function = format!("{} = ?", function_column(session)?);
        let marks = vec!["?"; keys.len()].join(", ");
        let here = format!("location_key IN ({marks})");
        if !keys.is_empty() {
            terms.push(&here);
            params.extend_from_slice(keys);
        }
        if let Some(Place {
            function: Some(name),
            ..
        }) = &filter.place
        {
            terms.push(&function);
            params.push(name.clone());
        }
        if let Some(thread) = &filter.thread {
            if session.has_column("breakpoint_hits", "thread_name")? {
                terms.push("? IN (thread, thread_name, CAST(tid AS TEXT))");
            } else {
                terms.push("thread = ?");
            }
            params.push(thread.clone());
        }
        Ok(Self {
            sql: terms.join(" AND "),
            params,
        })
    }

    /// Only those of which a column lies between two numbers.
    pub(super) fn between(&self, column: &str, from: i64, to: i64) -> Self {
        Self {
            sql: format!("{} AND {column} BETWEEN {from} AND {to}", self.sql),
            params: self.params.clone(),
        }
    }

    /// One hit.
    pub(super) fn id(id: i64) -> Self {
        Self {
            sql: "id = ?".into(),
            params: vec![id.to_string()],
        }
    }

    fn count(&self, session: &SessionDb) -> Result<u64> {
        let sql = format!("SELECT count(*) FROM breakpoint_hits WHERE {}", self.sql);
        let params = rusqlite::params_from_iter(&self.params);
        Ok(session.conn().query_row(&sql, params, |row| row.get(0))?)
    }

    /// In one location, `hit_seq` orders as `id` does, and has an index.
    fn newest(&self, session: &SessionDb, order: &str, limit: usize) -> Result<Vec<Hit>> {
        let limit = i64::try_from(limit).unwrap_or(-1); // SQLite: no limit
        let sql = format!(
            "{} WHERE {} ORDER BY {order} DESC LIMIT {limit}",
            select(session)?,
            self.sql,
        );
        let mut statement = session.conn().prepare(&sql)?;
        let hits = statement.query_map(rusqlite::params_from_iter(&self.params), read)?;
        Ok(hits.collect::<rusqlite::Result<_>>()?)
    }
}

/// `SELECT … FROM breakpoint_hits`, with null for what the file does not have.
pub(super) fn select(session: &SessionDb) -> Result<String> {
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
        let there = session.has_column("breakpoint_hits", column)?;
        columns.push(if there { column } else { "NULL" });
    }
    Ok(format!(
        "SELECT {} FROM breakpoint_hits",
        columns.join(", ")
    ))
}

/// Reads a row of [`select`]. What another tool wrote in an unexpected type is
/// read as text where it may be, else as absent.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Hit> {
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
        seq: number(2).unwrap_or_default(),
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
        stack_id: number(15),
        error: (!error.is_empty()).then(|| error.join("; ")),
    })
}

/// Text or bytes as they stand there; none for anything else.
pub(super) fn bytes_of<'r>(row: &'r Row<'_>, column: usize) -> Option<&'r [u8]> {
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
