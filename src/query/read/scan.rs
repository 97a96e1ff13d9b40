//! Hits row by row, of each only what is asked: nothing is kept in memory.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use anyhow::{Result, bail};
use jiff::Timestamp;
use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator;
use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, params_from_iter};
use rustc_hash::FxHashMap;

use super::columns::{function_column, or_null};
use super::field::{Field, Named, Own};
use super::filter::{Condition, Filter};
use super::watches;
use crate::ids::{HitId, StackId};
use crate::interrupt::{self, within};
use crate::session_db::SessionDb;
use crate::signals::with_signals_blocked;
use crate::value::locals::{Found, Path};

/// A question to many hits, put together once.
pub struct Rows<'s> {
    session: &'s SessionDb,
    columns: Vec<String>,
    params: Vec<String>,
    fields: Vec<FieldSource>,
    started: Option<Timestamp>,
    callers: RefCell<Callers>,
}

/// Where a field is in a row.
enum FieldSource {
    /// As it is.
    Text(usize),
    /// An address, stored signed.
    Address(usize),
    /// Seconds since the session began.
    Elapsed(usize),
    /// By the stack's number.
    Caller(usize),
    /// In `locals_json`; where it is not there, below a watch.
    Value {
        path: Path,
        locals: usize,
        watch: Option<(usize, Path)>,
    },
}

/// More threads would wait for each other.
const MOST_THREADS: usize = 8;
/// Hits that a thread takes at a time, at least.
const PIECE: i64 = 10_000;
/// Pieces of a location, or of all hits, at most.
const MOST_PIECES: i64 = 1000;

/// Looks at each hit that passes a filter (its expression left aside), with
/// several threads where that is worth it: each has a state of its own, and
/// all of these are returned.
///
/// # Errors
/// What SQLite says, in whichever thread.
pub(in crate::query) fn fold<S: Send>(
    session: &SessionDb,
    fields: &[Field],
    filter: &Filter,
    new: impl Fn() -> S + Sync,
    look: impl Fn(&mut S, &Row<'_>) + Sync,
) -> Result<Vec<S>> {
    let pieces = pieces(session, filter)?;
    let work = |session: &SessionDb, next: &AtomicUsize| -> Result<S> {
        let rows = Rows::new(session, fields)?;
        let mut state = new();
        while let Some(piece) = pieces.get(next.fetch_add(1, Relaxed)) {
            rows.each(piece, |row| {
                look(&mut state, row);
                Ok(())
            })?;
        }
        Ok(state)
    };
    let next = AtomicUsize::new(0);
    let sessions = if pieces.len() > 2 {
        own_sessions(session)
    } else {
        Vec::new()
    };
    if sessions.is_empty() {
        return Ok(vec![work(session, &next)?]);
    }
    in_threads(sessions, &|own| work(own, &next))
}

/// Looks at each hit that passes a filter (its expression left aside), in the
/// order of recording: `make` takes what is wanted of it, in several threads
/// where that is worth it, and `take` gets it in this one.
///
/// # Errors
/// What SQLite says.
pub(in crate::query) fn fold_in_order<T: Send>(
    session: &SessionDb,
    fields: &[Field],
    filter: &Filter,
    make: impl Fn(&Row<'_>) -> Option<T> + Sync,
    mut take: impl FnMut(T),
) -> Result<()> {
    let parts = filter.parts(session)?;
    // Of one part each piece comes after the one before; several are interleaved.
    let pieces = match &parts[..] {
        [(condition, column)] => {
            let mut pieces = cut(session, condition, column)?;
            for piece in &mut pieces {
                piece.sql += &format!(" ORDER BY {column}"); // as the index has them
            }
            pieces
        }
        _ => Vec::new(),
    };
    let sessions = if pieces.len() > 2 {
        own_sessions(session)
    } else {
        Vec::new()
    };
    if sessions.is_empty() {
        let rows = Rows::new(session, fields)?;
        return rows.in_order(&parts, |row| make(row).into_iter().for_each(&mut take));
    }
    pieces_in_order(sessions, fields, &pieces, make, take)
}

/// The same with several threads, each with a session of its own; the pieces are in order.
fn pieces_in_order<T: Send>(
    sessions: Vec<SessionDb>,
    fields: &[Field],
    pieces: &[Condition],
    make: impl Fn(&Row<'_>) -> Option<T> + Sync,
    mut take: impl FnMut(T),
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let work = |session: &SessionDb, done: &SyncSender<(usize, Vec<T>)>| -> Result<()> {
        let rows = Rows::new(session, fields)?;
        loop {
            let index = next.fetch_add(1, Relaxed);
            let Some(piece) = pieces.get(index) else {
                return Ok(());
            };
            let mut made = Vec::new();
            rows.each(piece, |row| {
                made.extend(make(row));
                Ok(())
            })?;
            if done.send((index, made)).is_err() {
                return Ok(()); // Nobody waits any more.
            }
        }
    };
    thread::scope(|scope| {
        let reach = interrupt::reach();
        let (done, ready) = sync_channel(sessions.len());
        let threads: Vec<_> = with_signals_blocked(|| {
            let starts = sessions.into_iter().map(|own| {
                let (done, work) = (done.clone(), &work);
                scope.spawn(move || within(reach, || work(&own, &done)))
            });
            starts.collect()
        });
        drop(done);
        let mut early = BTreeMap::new();
        let mut expected = 0;
        for (index, made) in ready {
            early.insert(index, made);
            while let Some(made) = early.remove(&expected) {
                made.into_iter().for_each(&mut take);
                expected += 1;
            }
        }
        for thread in threads {
            thread
                .join()
                .unwrap_or_else(|_| bail!("a thread of this question failed"))?;
        }
        Ok(())
    })
}

/// The same session opened for each of several threads: a connection belongs to
/// one. None for one in memory, or whose file cannot be opened again: it was deleted or replaced
/// while it is recorded. That is the only failure that one thread makes up for.
fn own_sessions(session: &SessionDb) -> Vec<SessionDb> {
    let count = thread::available_parallelism().map_or(1, |n| n.get().min(MOST_THREADS));
    let (Some(path), 2..) = (session.db_path(), count) else {
        return Vec::new();
    };
    let open = || {
        let own = SessionDb::open_read_only(path).ok()?;
        (own.session_id() == session.session_id()).then_some(own)
    };
    let all: Option<Vec<SessionDb>> = (0..count).map(|_| open()).collect();
    all.unwrap_or_default()
}

/// What each of several threads makes of the same work, each with a session of its own.
fn in_threads<S: Send>(
    sessions: Vec<SessionDb>,
    work: &(impl Fn(&SessionDb) -> Result<S> + Sync),
) -> Result<Vec<S>> {
    let reach = interrupt::reach();
    thread::scope(|scope| {
        let threads: Vec<_> = with_signals_blocked(|| {
            let starts = sessions.into_iter();
            starts
                .map(|own| scope.spawn(move || within(reach, || work(&own))))
                .collect()
        });
        let done = threads.into_iter().map(|thread| thread.join());
        done.map(|state| state.unwrap_or_else(|_| bail!("a thread of this question failed")))
            .collect()
    })
}

/// The hits that pass a filter, in pieces that an index finds: of each location
/// by `hit_seq`, without one by `id`.
fn pieces(session: &SessionDb, filter: &Filter) -> Result<Vec<Condition>> {
    let mut pieces = Vec::new();
    for (condition, column) in filter.parts(session)? {
        pieces.extend(cut(session, &condition, column)?);
    }
    Ok(pieces)
}

fn cut(session: &SessionDb, condition: &Condition, column: &str) -> Result<Vec<Condition>> {
    let end = |end| -> Result<Option<i64>> {
        let sql = format!(
            "SELECT {end}({column}) FROM breakpoint_hits WHERE {}",
            condition.sql
        );
        let params = params_from_iter(&condition.params);
        Ok(session.conn().query_row(&sql, params, |row| row.get(0))?)
    };
    let (Some(first), Some(last)) = (end("min")?, end("max")?) else {
        return Ok(Vec::new());
    };
    let step = PIECE.max(last.saturating_sub(first) / MOST_PIECES);
    let mut pieces = Vec::new();
    let mut from = first;
    while from <= last {
        let to = from.saturating_add(step - 1).min(last);
        pieces.push(condition.between(column, from, to));
        from = to.saturating_add(1);
        if to == i64::MAX {
            break;
        }
    }
    Ok(pieces)
}

type Callers = FxHashMap<StackId, Option<String>>;

/// One hit.
pub struct Row<'r> {
    rows: &'r Rows<'r>,
    row: &'r rusqlite::Row<'r>,
}

impl<'s> Rows<'s> {
    /// Prepares to ask for these fields; they are numbered from 0.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn new(session: &'s SessionDb, fields: &[Field]) -> Result<Self> {
        let mut rows = Self {
            session,
            columns: vec!["id".into()],
            params: Vec::new(),
            fields: Vec::new(),
            started: None,
            callers: RefCell::default(),
        };
        for field in fields {
            let source = match field {
                Field::Own(own) => rows.own(*own)?,
                Field::Value(named) => rows.value(named)?,
            };
            rows.fields.push(source);
        }
        Ok(rows)
    }

    /// Looks at each hit that passes a condition, in no promised order.
    ///
    /// # Errors
    /// What SQLite says, or `look`.
    pub(in crate::query) fn each(
        &self,
        condition: &Condition,
        mut look: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let sql = format!(
            "SELECT {} FROM breakpoint_hits WHERE {}",
            self.columns.join(", "),
            condition.sql
        );
        let mut statement = self.session.conn().prepare_cached(&sql)?;
        let mut found = statement.query(params_from_iter(
            self.params.iter().chain(&condition.params),
        ))?;
        while let Some(row) = found.next()? {
            interrupt::check()?;
            look(&Row { rows: self, row })?;
        }
        Ok(())
    }

    /// Looks at one hit.
    ///
    /// # Errors
    /// What SQLite says.
    pub(in crate::query) fn one(&self, id: HitId, mut look: impl FnMut(&Row<'_>)) -> Result<()> {
        self.each(&Condition::id(id), |row| {
            look(row);
            Ok(())
        })
    }

    /// Looks at each hit of the parts of a filter in the order of recording: each part along the
    /// index that its column names, the parts merged by the hits' numbers.
    ///
    /// # Errors
    /// What SQLite says.
    pub(in crate::query) fn in_order(
        &self,
        parts: &[(Condition, &'static str)],
        mut look: impl FnMut(&Row<'_>),
    ) -> Result<()> {
        let columns = self.columns.join(", ");
        let mut statements = Vec::new();
        for (Condition { sql, .. }, column) in parts {
            statements.push(self.session.conn().prepare(&format!(
                "SELECT {columns} FROM breakpoint_hits WHERE {sql} ORDER BY {column}"
            ))?);
        }
        let mut cursors = Vec::new();
        for (statement, (condition, _)) in statements.iter_mut().zip(parts) {
            let params = self.params.iter().chain(&condition.params);
            let mut found = statement.query(params_from_iter(params))?;
            found.advance()?;
            cursors.push(found);
        }
        loop {
            let id = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0).unwrap_or_default();
            let heads = cursors.iter_mut().filter(|rows| rows.get().is_some());
            let Some(next) = heads.min_by_key(|rows| rows.get().map(id)) else {
                return Ok(());
            };
            interrupt::check()?;
            if let Some(row) = next.get() {
                look(&Row { rows: self, row });
            }
            next.advance()?;
        }
    }

    fn column(&mut self, sql: &str) -> usize {
        let known = self.columns.iter().position(|column| column == sql);
        known.unwrap_or_else(|| {
            self.columns.push(sql.to_owned());
            self.columns.len() - 1
        })
    }

    /// A column of ours, which a file of dbg does not have.
    fn addition(&mut self, name: &'static str) -> Result<usize> {
        let column = or_null(self.session, name)?;
        Ok(self.column(column))
    }

    fn own(&mut self, own: Own) -> Result<FieldSource> {
        Ok(FieldSource::Text(match own {
            Own::Id => 0,
            Own::Seq => self.column("hit_seq"),
            Own::Thread => self.column("thread"),
            Own::Time => self.column("ts"),
            Own::Location => self.column("location_key"),
            Own::Function => self.column(function_column(self.session)?),
            Own::ThreadName => self.addition("thread_name")?,
            Own::Tid => self.addition("tid")?,
            Own::Pid => self.addition("pid")?,
            Own::Reason => self.addition("reason")?,
            Own::Detail => self.addition("detail")?,
            Own::Breakpoint => self.addition("breakpoint")?,
            Own::Error => self.addition("error")?,
            Own::Stack => self.addition("stack_id")?,
            Own::Pc => return Ok(FieldSource::Address(self.addition("pc")?)),
            Own::Caller => return Ok(FieldSource::Caller(self.addition("stack_id")?)),
            Own::Elapsed => {
                let began: String = self.session.conn().query_row(
                    "SELECT started_at FROM sessions",
                    [],
                    |row| row.get(0),
                )?;
                self.started = began.parse().ok();
                return Ok(FieldSource::Elapsed(self.column("ts")));
            }
        }))
    }

    fn value(&mut self, named: &Named) -> Result<FieldSource> {
        let locals = self.column("locals_json");
        let watch = match watched(self.session, &named.text)? {
            Some((expr, below)) => {
                self.params.push(expr);
                let sql = watch_column(self.session, &format!("?{}", self.params.len()))?;
                Some((self.column(&sql), below))
            }
            None => None,
        };
        Ok(FieldSource::Value {
            path: named.path.clone(),
            locals,
            watch,
        })
    }

    fn caller(&self, stack: StackId) -> Option<String> {
        if let Some(known) = self.callers.borrow().get(&stack) {
            return known.clone();
        }
        let caller = self
            .session
            .conn()
            .prepare_cached(
                "SELECT symbols.fqn FROM stacks
                 JOIN stacks AS outer ON outer.id = stacks.parent_id
                 JOIN frames ON frames.id = outer.frame_id
                 JOIN symbols ON symbols.id = frames.symbol_id
                 WHERE stacks.id = ?",
            )
            .and_then(|mut statement| statement.query_row([stack], |row| row.get(0)).optional());
        let caller = caller.ok().flatten();
        self.callers.borrow_mut().insert(stack, caller.clone());
        caller
    }
}

/// The watch that `field` names, and what is below it: the longest expression
/// that the field is, or begins with.
fn watched(session: &SessionDb, field: &str) -> Result<Option<(String, Path)>> {
    let marks = [".", "[", "->"].into_iter();
    let ends = marks.flat_map(|mark| field.match_indices(mark).map(|(at, _)| at));
    let heads: Vec<&str> = ends.chain([field.len()]).map(|end| &field[..end]).collect();
    // One look at all of them: there is no index on what was watched.
    let query = format!(
        "SELECT expr FROM watch_evals WHERE expr IN ({}) ORDER BY length(expr) DESC LIMIT 1",
        vec!["?"; heads.len()].join(", ")
    );
    let mut known = session.conn().prepare(&query)?;
    let expr: Option<String> = known
        .query_row(params_from_iter(heads), |row| row.get(0))
        .optional()?;
    Ok(expr.map(|expr| {
        let below = Path::new(&field[expr.len()..]);
        (expr, below)
    }))
}

/// A column of `breakpoint_hits` in SQL that is the watch as one value in JSON;
/// `expr` stands for its expression.
fn watch_column(session: &SessionDb, expr: &str) -> Result<String> {
    let plain = "json_object('type', type_name, 'value', CAST(value AS TEXT))";
    let value = format!("coalesce({}, {plain})", watches::whole(session)?);
    Ok(format!(
        "(SELECT {value} FROM watch_evals
          WHERE hit_id = breakpoint_hits.id AND expr = {expr} LIMIT 1)"
    ))
}

impl Row<'_> {
    /// The hit's number in the session.
    #[must_use]
    pub fn id(&self) -> HitId {
        self.row.get(0).unwrap_or_default()
    }

    /// A property of the hit that is stored as an integer, without making text of it.
    #[must_use]
    pub fn integer(&self, field: usize) -> Option<i64> {
        match self.rows.fields.get(field)? {
            FieldSource::Text(column) => self.row.get(*column).ok(),
            _ => None,
        }
    }

    /// The field with a number, if the hit has it.
    #[must_use]
    pub fn get(&self, field: usize) -> Option<Found<'_>> {
        match self.rows.fields.get(field)? {
            FieldSource::Text(column) => self.text(*column).map(plain),
            FieldSource::Address(column) => {
                let address: i64 = self.row.get(*column).ok()?;
                Some(plain(format!("{:#x}", address.cast_unsigned()).into()))
            }
            FieldSource::Elapsed(column) => self.elapsed(*column).map(|text| plain(text.into())),
            FieldSource::Caller(column) => {
                let stack = self.row.get(*column).ok()?;
                self.rows.caller(stack).map(|caller| plain(caller.into()))
            }
            FieldSource::Value {
                path,
                locals,
                watch,
            } => {
                let found = self.json(*locals, |json| path.find(json));
                found.or_else(|| {
                    let (column, path) = watch.as_ref()?;
                    self.json(*column, |json| path.find_within(json))
                })
            }
        }
    }

    /// What another tool wrote in an unexpected type is read as text where it may be.
    fn text(&self, column: usize) -> Option<Cow<'_, str>> {
        match self.row.get_ref(column).ok()? {
            ValueRef::Null => None,
            ValueRef::Integer(n) => Some(n.to_string().into()),
            ValueRef::Real(x) => Some(x.to_string().into()),
            ValueRef::Text(text) | ValueRef::Blob(text) => Some(String::from_utf8_lossy(text)),
        }
    }

    fn json<'a>(
        &'a self,
        column: usize,
        find: impl Fn(&'a str) -> Option<Found<'a>>,
    ) -> Option<Found<'a>> {
        match self.row.get_ref(column).ok()? {
            // Text that is not Unicode is no JSON.
            ValueRef::Text(text) | ValueRef::Blob(text) => find(std::str::from_utf8(text).ok()?),
            _ => None,
        }
    }

    fn elapsed(&self, column: usize) -> Option<String> {
        let ts: Timestamp = self.text(column)?.parse().ok()?;
        let elapsed = ts.duration_since(self.rows.started?);
        let micros = elapsed.as_micros();
        let sign = if micros < 0 { "-" } else { "" };
        let micros = micros.unsigned_abs();
        Some(format!(
            "{sign}{}.{:06}",
            micros / 1_000_000,
            micros % 1_000_000
        ))
    }
}

fn plain(text: Cow<'_, str>) -> Found<'_> {
    Found {
        text,
        ..Found::default()
    }
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
