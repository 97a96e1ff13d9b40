//! What was recorded: hits of a place, of a thread, the newest of all.

use anyhow::Result;
use rusqlite::{Row, ToSql};
use serde::Serialize;
use serde_json::{Map, Value};

use super::location::{Place, function_column};
use crate::session_db::SessionDb;

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
    /// At most so many, the newest; 0: all.
    pub limit: usize,
}

/// Hits in the order of recording.
#[derive(Clone, Debug, Serialize)]
pub struct Hits {
    /// The session's label.
    pub session: String,
    /// The location keys that were asked for; empty: all.
    pub locations: Vec<String>,
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
    let limit = if filter.limit == 0 {
        usize::MAX
    } else {
        filter.limit
    };
    let mut total = 0;
    let mut hits = Vec::new();
    let keys: Vec<Option<&str>> = match &filter.place {
        Some(place) => place.keys.iter().map(|key| Some(key.as_str())).collect(),
        None => vec![None],
    };
    // Key by key, so that each uses the index from its newest hit downwards.
    for key in keys {
        let condition = Condition::new(session, key, filter)?;
        total += condition.count(session)?;
        hits.extend(condition.newest(session, limit)?);
    }
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.id));
    hits.truncate(limit);
    hits.reverse();
    Ok(Hits {
        session: session.label().to_owned(),
        locations: filter
            .place
            .as_ref()
            .map_or_else(Vec::new, |p| p.keys.clone()),
        total,
        hits,
    })
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
    pub sql: String,
    pub params: Vec<String>,
    order: &'static str,
}

impl Condition {
    pub fn new(session: &SessionDb, key: Option<&str>, filter: &Filter) -> Result<Self> {
        let mut terms = vec!["1"];
        let mut params = Vec::new();
        let function = format!("{} = ?", function_column(session)?);
        if let Some(key) = key {
            terms.push("location_key = ?");
            params.push(key.to_owned());
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
            order: if key.is_some() { "hit_seq" } else { "id" },
        })
    }

    fn count(&self, session: &SessionDb) -> Result<u64> {
        let sql = format!("SELECT count(*) FROM breakpoint_hits WHERE {}", self.sql);
        let params = rusqlite::params_from_iter(&self.params);
        Ok(session.conn().query_row(&sql, params, |row| row.get(0))?)
    }

    fn newest(&self, session: &SessionDb, limit: usize) -> Result<Vec<Hit>> {
        let limit = i64::try_from(limit).unwrap_or(-1); // SQLite: no limit
        let sql = format!(
            "{} WHERE {} ORDER BY {} DESC LIMIT {limit}",
            select(session)?,
            self.sql,
            self.order
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
    Ok(Hit {
        id: row.get(0)?,
        location: text(1).unwrap_or_default(),
        seq: number(2).unwrap_or_default(),
        ts: text(3).unwrap_or_default(),
        thread: text(4),
        values: values(text(5).as_deref()),
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
        error: text(16),
    })
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

/// The values of a hit; none when the text is no JSON object.
fn values(json: Option<&str>) -> Map<String, Value> {
    match json.map(serde_json::from_str) {
        Some(Ok(Value::Object(values))) => values,
        _ => Map::new(),
    }
}

/// The text of the value at a path such as `p.x` or `a[0].name`.
#[must_use]
pub fn field<'a>(values: &'a Map<String, Value>, path: &str) -> Option<&'a str> {
    let mut names = steps(path).into_iter();
    let mut value = values.get(&names.next()?)?;
    for name in names {
        // A member that is itself called `type` or `value` has a dot before it.
        let reserved = matches!(name.as_str(), "type" | "value");
        let name = if reserved { format!(".{name}") } else { name };
        value = value.get(&name)?;
    }
    value.get("value")?.as_str()
}

/// `a[0].x` → `a`, `[0]`, `x`. A dot inside brackets separates nothing.
pub(super) fn steps(path: &str) -> Vec<String> {
    let mut steps = vec![String::new()];
    let mut inside = false;
    for c in path.chars() {
        let last = steps.len() - 1;
        match c {
            '.' if !inside => steps.push(String::new()),
            '[' if !inside => {
                inside = true;
                if steps[last].is_empty() {
                    steps[last].push(c);
                } else {
                    steps.push(c.to_string());
                }
            }
            c => {
                inside &= c != ']';
                steps[last].push(c);
            }
        }
    }
    steps.retain(|step| !step.is_empty());
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_path() {
        let json = r#"{"p": {"type": "P", "value": "{x = 3, type = 1}",
            "x": {"type": "int", "value": "3"}, ".type": {"type": "int", "value": "1"}},
            "a": {"type": "int [1]", "value": "{7}", "[0]": {"type": "int", "value": "7"}},
            "m": {"type": "map", "value": "..", "[\"a.b\"]": {"type": "int", "value": "9"}}}"#;
        let values = values(Some(json));
        assert_eq!(field(&values, "p.x"), Some("3"));
        assert_eq!(field(&values, "p.type"), Some("1"));
        assert_eq!(field(&values, "p"), Some("{x = 3, type = 1}"));
        assert_eq!(field(&values, "a[0]"), Some("7"));
        assert_eq!(field(&values, "m[\"a.b\"]"), Some("9"));
        assert_eq!(field(&values, "p.y"), None);
        assert_eq!(field(&values, ""), None);
        assert!(super::values(Some("not json")).is_empty());
    }
}
