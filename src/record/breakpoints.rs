use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::Result;
use rusqlite::{Transaction, params};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::plain::read_plain;
use crate::session_db::{SessionDb, place_of, source_file};
use crate::symbols::Symbol;

/// A larger source file is not read for the text of a line.
pub(crate) const LARGEST_SOURCE: u64 = 8 * 1024 * 1024;

/// A breakpoint of any kind as it stands, with all that it takes to set it
/// again. The columns of the table `breakpoints` say what each word means.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Breakpoint {
    /// The debugger's number.
    pub number: i64,
    /// `breakpoint`, `watchpoint`, `catchpoint`, `tracepoint`.
    pub kind: String,
    /// What `spec` is: `line`, `function`, `regex`, `text`, `address`, `expression`, `event`, `other`.
    pub form: String,
    /// As the user wrote it, where the debugger knows.
    pub spec: String,
    /// Where it was set; in a session as in location keys.
    pub file: Option<String>,
    /// From 1; 0 where it is not known.
    pub line: u32,
    /// The function there; in a session its canonical name.
    pub function: Option<String>,
    /// The source text of the line.
    pub text: Option<String>,
    /// How many places it was set at; 0 when it waits for one.
    pub locations: u32,
    /// In the program's language.
    pub condition: Option<String>,
    /// Passes still to be ignored.
    pub ignore_count: i64,
    /// Whether it stops.
    pub enabled: bool,
    /// Whether it goes with its first stop.
    pub temporary: bool,
    /// Whether it takes the processor's help.
    pub hardware: bool,
    /// Of a watchpoint: `write`, `read`, `access`.
    pub access: Option<String>,
    /// The only thread that it is for.
    pub thread: Option<i64>,
    /// What is run at a stop, in the debugger's language.
    pub commands: Option<String>,
    /// How often it was hit.
    pub hits: i64,
    /// What only one kind has, an object.
    #[serde(deserialize_with = "object_or_its_text")]
    pub options: Option<Value>,
}

/// An expression that is evaluated at each hit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// As `watch list` shows it.
    pub number: i64,
    /// The expression.
    pub expr: String,
    /// Whether it may run code in the program.
    pub allow_calls: bool,
}

/// How everything that a user set stands at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// Breakpoints, watchpoints, catchpoints, tracepoints.
    pub breakpoints: Vec<Breakpoint>,
    /// Watches.
    pub watches: Vec<Watched>,
}

fn object_or_its_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Ok(match Option::<Value>::deserialize(from)? {
        Some(Value::String(text)) => serde_json::from_str(&text).ok(),
        value => value,
    })
}

/// Makes the session's `breakpoints` and `watches` what stands now.
///
/// # Errors
/// What SQLite says; nothing is changed then.
pub(crate) fn store(session: &mut SessionDb, host: &str, standing: &Standing) -> Result<()> {
    let cwd = session.cwd()?.unwrap_or_default();
    let id = session.session_id().to_owned();
    let tx = session.transaction()?;
    let mut texts = known_texts(&tx)?;
    tx.execute("DELETE FROM breakpoints", [])?;
    tx.execute("DELETE FROM watches", [])?;
    for breakpoint in &standing.breakpoints {
        insert(&tx, (&id, host), breakpoint, &cwd, &mut texts)?;
    }
    for watch in &standing.watches {
        tx.execute(
            "INSERT INTO watches (session_id, number, expr, allow_calls) VALUES (?, ?, ?, ?)",
            params![id, watch.number, watch.expr, watch.allow_calls],
        )?;
    }
    Ok(tx.commit()?)
}

type Texts = HashMap<(String, u32), Option<String>>;

/// The lines read before: as they were then, although the file may have changed.
fn known_texts(tx: &Transaction<'_>) -> rusqlite::Result<Texts> {
    let query = "SELECT file, line, text FROM breakpoints WHERE file IS NOT NULL AND line > 0";
    let mut statement = tx.prepare_cached(query)?;
    let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
    rows.collect()
}

fn insert(
    tx: &Transaction<'_>,
    (session, host): (&str, &str),
    b: &Breakpoint,
    cwd: &Path,
    texts: &mut Texts,
) -> Result<()> {
    let file = b.file.as_ref().map(|file| source_file(file, cwd));
    let text = file.clone().filter(|_| b.line > 0).and_then(|file| {
        let read = || line_of(&place_of(&file, cwd), b.line);
        texts
            .entry((file.clone(), b.line))
            .or_insert_with(read)
            .clone()
    });
    let function = b.function.as_ref().map(|f| Symbol::canonical(f, None).fqn);
    tx.prepare_cached(
        "INSERT INTO breakpoints (session_id, host, number, kind, form, spec, file, line, function,
             text, locations, condition, ignore_count, enabled, temporary, hardware, access, thread,
             commands, hits, options)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        session,
        host,
        b.number,
        b.kind,
        b.form,
        b.spec,
        file,
        (b.line > 0).then_some(b.line),
        function,
        text,
        b.locations,
        b.condition,
        b.ignore_count,
        b.enabled,
        b.temporary,
        b.hardware,
        b.access,
        b.thread,
        b.commands,
        b.hits,
        b.options.as_ref().map(ToString::to_string),
    ])?;
    Ok(())
}

/// One line of a source file, without the space around it.
fn line_of(path: &Path, line: u32) -> Option<String> {
    let meta = fs::metadata(path).ok()?;
    if !meta.is_file() || meta.len() > LARGEST_SOURCE {
        return None;
    }
    let text = read_plain(path).ok()?;
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().nth(line as usize - 1)?;
    Some(line.trim().to_owned())
}
