//! What a list needs of a session, without opening it: for who looks at ten thousand files.
//!
//! Half a millisecond of opening a file is SQLite reading its schema, which is the same in all of
//! them. So the first file of each schema is opened as always, with everything that is looked at
//! then; of one that is at rest and has the very same schema, text by text, only a few pages are
//! read. What is any different (live, interrupted, damaged, of another tool or version, with
//! values of other types) is opened as always.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use super::guard::{Entry, whole};
use super::pages::{Cell, Pages};
use super::schema::SCHEMA_VERSION;
use super::{APPLICATION_ID, SessionKind, TargetClass};

/// What stands in a session's file about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glance {
    pub label: String,
    pub kind: SessionKind,
    pub class: TargetClass,
    pub target: String,
    pub target_hash: Option<String>,
    pub started_at: String,
    pub ended_at: Option<String>,
    pub created_by: String,
    pub group: Option<String>,
    pub cwd: Option<PathBuf>,
    pub hits: u64,
    pub layers: u64,
}

/// A schema that was opened by SQLite, and found to be a session's.
struct Known {
    text: Vec<u8>,
    class: TargetClass,
    sessions: Vec<String>,
    meta: Vec<String>,
}

static KNOWN: Mutex<Vec<Arc<Known>>> = Mutex::new(Vec::new());
/// More kinds of sessions than a folder has.
const MOST_KNOWN: usize = 32;
/// A schema of sixty entries is twenty pages; the rest is for counting hits.
const MOST_PAGES: u32 = 400;

/// Remembers the schema of a session that was opened.
pub(super) fn learn(conn: &Connection, text: Vec<u8>, class: TargetClass) -> rusqlite::Result<()> {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let same = |known: &Arc<Known>| known.class == class && known.text == text;
    if known.len() >= MOST_KNOWN || known.iter().any(same) {
        return Ok(());
    }
    let columns = |table: &str| -> rusqlite::Result<Vec<String>> {
        let mut names = conn.prepare("SELECT name FROM pragma_table_info(?) ORDER BY cid")?;
        names.query_map([table], |row| row.get(0))?.collect()
    };
    known.push(Arc::new(Known {
        sessions: columns("sessions")?,
        meta: columns("meta")?,
        text,
        class,
    }));
    Ok(())
}

impl Glance {
    /// None: open it, to know or to hear what is wrong.
    pub(crate) fn at(path: &Path) -> Option<Self> {
        let mut pages = Pages::open(path, MOST_PAGES)?;
        if pages.user_version() != SCHEMA_VERSION || pages.application_id() != APPLICATION_ID {
            return None;
        }
        let (text, roots) = schema(&mut pages)?;
        let known: Vec<Arc<Known>> = {
            let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
            known.iter().filter(|k| k.text == text).cloned().collect()
        };
        let any = known.first()?;
        let root = |table: &str| {
            let mut found = roots.iter().filter(|(name, _)| name == table);
            found.next().map(|(_, root)| *root)
        };
        let mut found = None;
        let mut count = 0;
        pages.rows(root("sessions")?, &mut |row| {
            count += 1;
            found = read(row, &any.sessions);
            Some(())
        })?;
        let (id, mut glance) = found.filter(|_| count == 1)?;
        // Another class may want other tables.
        known.iter().find(|k| k.class == glance.class)?;
        let column = |name: &str| any.meta.iter().position(|known| known == name);
        let places = [column("session_id")?, column("key")?, column("value")?];
        pages.rows(root("meta")?, &mut |row| {
            let [own, key, value] = places.map(|place| row.get(place).copied());
            if own?.text()? != id {
                return Some(());
            }
            match key?.text()? {
                "session_group_key" => glance.group = value?.text_or_null()?.map(str::to_owned),
                "cwd" => glance.cwd = value?.text_or_null()?.map(PathBuf::from),
                "cwd_bytes" => return None,
                _ => {}
            }
            Some(())
        })?;
        glance.hits = pages.count(root("breakpoint_hits")?)?;
        glance.layers = pages.count(root("layers")?)?;
        pages.is_unchanged(path).then_some(glance)
    }
}

/// Tables, each with its first page.
type Roots = Vec<(String, u32)>;

/// The schema as one text, and where each table begins.
fn schema(pages: &mut Pages) -> Option<(Vec<u8>, Roots)> {
    let mut entries = Vec::new();
    let mut roots = Vec::new();
    pages.rows(1, &mut |row| {
        let [kind, name, table, root, sql] = row.first_chunk()?;
        let entry = Entry {
            kind: kind.text()?.to_owned(),
            name: name.text()?.to_owned(),
            table: table.text()?.to_owned(),
            sql: sql.text_or_null()?.unwrap_or_default().to_owned(),
        };
        if let ("table", Cell::Integer(root)) = (&*entry.kind, root) {
            roots.push((entry.name.clone(), u32::try_from(*root).ok()?));
        }
        entries.push(entry);
        Some(())
    })?;
    Some((whole(&entries), roots))
}

/// The row of `sessions`, with its id.
fn read(row: &[Cell<'_>], columns: &[String]) -> Option<(String, Glance)> {
    let cell = |name: &str| {
        let place = columns.iter().position(|known| known == name)?;
        row.get(place).copied()
    };
    let text = |name: &str| cell(name)?.text().map(str::to_owned);
    let or_null = |name: &str| Some(cell(name)?.text_or_null()?.map(str::to_owned));
    let glance = Glance {
        label: text("label")?,
        kind: text("kind")?.parse().ok()?,
        class: text("target_class")?.parse().ok()?,
        target: text("target")?,
        target_hash: or_null("target_hash")?,
        started_at: text("started_at")?,
        ended_at: or_null("ended_at")?,
        created_by: text("created_by")?,
        group: None,
        cwd: None,
        hits: 0,
        layers: 0,
    };
    Some((text("id")?, glance))
}

#[cfg(test)]
#[path = "glance_tests.rs"]
mod tests;
