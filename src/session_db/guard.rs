//! What a session file may not hold: whatever would run when it is read or written. A file comes
//! from anywhere, and SQLite runs what its schema says: triggers, views and virtual tables in the
//! place of tables, expressions in columns and indexes.
//!
//! The tables of ours must be plain ones. What else is in the file (tables and views of a person)
//! stays as it is: no question looks there.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::SessionError;
use super::paths::sibling;
use super::schema::table_names;
use super::sql_words::{Word, words};

/// Bytes of a row, a text or a blob: far more than the recorder writes, and no more than a
/// function of SQLite, which Ctrl-C does not reach, works through in a moment.
const MOST_BYTES: i32 = 256 << 20;
/// Characters of a pattern, of which matching takes the longer the more there are.
const MOST_PATTERN: i32 = 1000;

/// Takes from a connection what only a hostile file has a use for.
pub(super) fn distrust(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // Triggers are refused; one that comes later does not run.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    conn.set_limit(Limit::SQLITE_LIMIT_LENGTH, MOST_BYTES)?;
    conn.set_limit(Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, MOST_PATTERN)?;
    Ok(())
}

/// Refuses a session of which a file that SQLite would open is no plain one. To read, the file
/// itself may be a link to one; SQLite then looks for its log beside the real file.
pub(super) fn refuse_special_files(path: &Path) -> Result<(), SessionError> {
    let real = fs::symlink_metadata(path)
        .is_ok_and(|m| m.is_symlink())
        .then(|| fs::canonicalize(path).ok())
        .flatten();
    let real = real.as_deref().unwrap_or(path);
    for suffix in ["-wal", "-shm", "-journal"] {
        let beside = sibling(real, suffix);
        if let Ok(metadata) = fs::symlink_metadata(&beside)
            && !metadata.is_file()
        {
            return Err(SessionError::NotPlain { path: beside });
        }
    }
    Ok(())
}

/// One row of `sqlite_schema`.
pub(super) struct Entry {
    pub kind: String,
    pub name: String,
    pub table: String,
    pub sql: String,
}

/// Refuses a schema in which something of ours is more than a plain table or index. Answers the
/// schema as one text.
pub(super) fn refuse_what_runs(conn: &Connection, path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut statement = conn.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema")?;
    let text = |row: &Row<'_>, column| -> rusqlite::Result<String> {
        Ok(match row.get_ref(column)? {
            ValueRef::Text(text) | ValueRef::Blob(text) => {
                String::from_utf8_lossy(text).into_owned()
            }
            _ => String::new(),
        })
    };
    let entries = statement.query_map([], |row| {
        Ok(Entry {
            kind: text(row, 0)?,
            name: text(row, 1)?,
            table: text(row, 2)?,
            sql: text(row, 3)?,
        })
    })?;
    let entries: Vec<Entry> = entries.collect::<rusqlite::Result<_>>()?;
    Ok(refuse_entries(&entries, path)?)
}

fn refuse_entries(entries: &[Entry], path: &Path) -> Result<Vec<u8>, SessionError> {
    let text = whole(entries);
    if is_known(&text) {
        return Ok(text);
    }
    if let Some(why) = entries.iter().find_map(wrong) {
        let path = path.into();
        return Err(SessionError::Unsafe { path, why });
    }
    remember(text.clone());
    Ok(text)
}

/// Schemas that were looked at already: those of ten thousand sessions are mostly one.
static KNOWN: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// More kinds of sessions than a folder has.
const MOST_KNOWN: usize = 32;

/// The schema as one text.
pub(super) fn whole(entries: &[Entry]) -> Vec<u8> {
    let mut text = Vec::new();
    for entry in entries {
        for part in [&entry.kind, &entry.name, &entry.table, &entry.sql] {
            text.extend_from_slice(&part.len().to_le_bytes());
            text.extend_from_slice(part.as_bytes());
        }
    }
    text
}

fn is_known(text: &[u8]) -> bool {
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.iter().any(|known| known == text)
}

fn remember(text: Vec<u8>) {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() < MOST_KNOWN {
        known.push(text);
    }
}

/// What is wrong with an entry, as the end of a sentence.
fn wrong(entry: &Entry) -> Option<String> {
    let Entry {
        kind, name, table, ..
    } = entry;
    let shown = name.escape_default();
    if kind == "index" && entry.sql.is_empty() {
        return None; // Of a PRIMARY KEY or UNIQUE.
    }
    let words = words(&entry.sql);
    if kind == "trigger" || is_word(words.get(1), "TRIGGER") {
        return Some(format!(
            "it has a trigger, `{shown}`, which would run when it is written"
        ));
    }
    // SQLite goes by the text alone, whatever stands beside it.
    let (said, rest) = head(&words);
    let named = rest.first().and_then(Word::name);
    let made = if said == "VIRTUAL" { "table" } else { said };
    if !made.eq_ignore_ascii_case(kind)
        || !named.is_some_and(|named| named.eq_ignore_ascii_case(name))
    {
        return Some(format!(
            "its schema is forged: `{shown}` is not what its text says"
        ));
    }
    let ours = |name: &str| table_names().any(|own| own.eq_ignore_ascii_case(name));
    let why = match kind.as_str() {
        "table" if ours(name) && said == "VIRTUAL" => "it is a virtual table",
        "table" if ours(name) => wrong_in_table(&rest[1..])?,
        "view" if ours(name) => "it is a view",
        "index" if ours(table) => wrong_in_index(&rest[1..])?,
        _ => return None,
    };
    Some(format!(
        "`{shown}` is no plain {}: {why}",
        if kind == "index" { "index" } else { "table" }
    ))
}

/// What is made, and what follows: its name first.
fn head<'w, 's>(words: &'w [Word<'s>]) -> (&'static str, &'w [Word<'s>]) {
    const KINDS: [&str; 3] = ["TABLE", "INDEX", "VIEW"];
    if !is_word(words.first(), "CREATE") {
        return ("", &[]);
    }
    let unique = usize::from(is_word(words.get(1), "UNIQUE"));
    if is_word(words.get(1), "VIRTUAL") && is_word(words.get(2), "TABLE") {
        return ("VIRTUAL", &words[3..]);
    }
    let kind = words.get(1 + unique);
    match KINDS.into_iter().find(|known| is_word(kind, known)) {
        Some(known) => (known, &words[2 + unique..]),
        None => ("", &[]),
    }
}

fn is_word(word: Option<&Word<'_>>, text: &str) -> bool {
    matches!(word, Some(Word::Bare(bare)) if bare.eq_ignore_ascii_case(text))
}

fn wrong_in_table(words: &[Word<'_>]) -> Option<&'static str> {
    let is = |at: usize, text: &str| is_word(words.get(at), text);
    let sign = |at: usize, sign: char| words.get(at) == Some(&Word::Sign(sign));
    (0..words.len()).find_map(|at| {
        if is(at, "AS") {
            Some("a column of it is computed")
        } else if is(at, "COLLATE") {
            Some("a column of it has a collation")
        } else if is(at, "DEFAULT") && sign(at + 1, '(') {
            Some("a DEFAULT of it is an expression")
        } else if is(at, "CHECK") && !is_plain_check(&words[at + 1..]) {
            Some("a CHECK of it is more than a list of words")
        } else {
            None
        }
    })
}

/// `(kind IN ('debug', 'profile'))`: what version 3 has.
fn is_plain_check(words: &[Word<'_>]) -> bool {
    let [Word::Sign('('), name, list_word, Word::Sign('('), rest @ ..] = words else {
        return false;
    };
    let in_list = is_word(Some(list_word), "IN") && name.name().is_some();
    let mut end = rest
        .iter()
        .skip_while(|word| matches!(word, Word::Text(_) | Word::Number | Word::Sign(',')));
    in_list && end.next() == Some(&Word::Sign(')')) && end.next() == Some(&Word::Sign(')'))
}

/// Behind the name: `ON table (a, b DESC)`, and nothing more.
fn wrong_in_index(words: &[Word<'_>]) -> Option<&'static str> {
    let [on, _table, Word::Sign('('), columns @ .., Word::Sign(')')] = words else {
        return Some("it is more than a list of columns");
    };
    let plain = is_word(Some(on), "ON")
        && columns
            .split(|word| *word == Word::Sign(','))
            .all(|column| {
                let order = |word| is_word(Some(word), "ASC") || is_word(Some(word), "DESC");
                match column {
                    [name] => name.name().is_some(),
                    [name, by] => name.name().is_some() && order(by),
                    _ => false,
                }
            });
    (!plain).then_some("it is more than a list of columns")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(kind: &str, name: &str, table: &str, sql: &str) -> Option<String> {
        let own = |text: &str| text.to_owned();
        wrong(&Entry {
            kind: own(kind),
            name: own(name),
            table: own(table),
            sql: own(sql),
        })
    }

    #[test]
    fn plain_tables_and_indexes_pass() {
        for (kind, name, sql) in [
            (
                "table",
                "meta",
                "CREATE TABLE meta (a, \"check\" TEXT DEFAULT 'AS (', b INTEGER DEFAULT -1)",
            ),
            (
                "table",
                "meta",
                "CREATE TABLE \"meta\" (a -- AS, CHECK\n, b /* COLLATE */ VARCHAR(3))",
            ),
            (
                "table",
                "meta",
                "CREATE TABLE meta (kind CHECK (kind IN ('debug', 'profile'))) WITHOUT ROWID",
            ),
            ("index", "i", "CREATE UNIQUE INDEX i ON meta (a, [b] DESC)"),
            ("index", "i", ""),
            ("view", "mine", "CREATE VIEW mine AS SELECT 1"),
            ("view", "hit_values", "CREATE VIEW hit_values AS SELECT 1"),
            ("table", "own", "CREATE TABLE own (a AS (1))"),
        ] {
            assert_eq!(why(kind, name, "meta", sql), None, "{sql}");
        }
    }

    #[test]
    fn what_runs_is_refused() {
        for (kind, name, sql) in [
            (
                "trigger",
                "t",
                "CREATE TRIGGER t AFTER INSERT ON own BEGIN SELECT 1; END",
            ),
            (
                "table",
                "meta",
                "CREATE TRIGGER meta AFTER INSERT ON own BEGIN SELECT 1; END",
            ),
            ("view", "meta", "CREATE VIEW meta AS SELECT 1"),
            ("table", "META", "CREATE VIEW META AS SELECT 1"),
            ("table", "own", "CREATE TABLE meta (a AS (1))"),
            ("table", "meta", "CREATE VIRTUAL TABLE meta USING fts5 (a)"),
            (
                "table",
                "meta",
                "CREATE TABLE meta (a GENERATED ALWAYS AS (1))",
            ),
            ("table", "meta", "CREATE TABLE meta (a AS (b) STORED, b)"),
            ("table", "meta", "CREATE TABLE meta (a COLLATE NOCASE)"),
            (
                "table",
                "meta",
                "CREATE TABLE meta (a DEFAULT (randomblob(9)))",
            ),
            ("table", "meta", "CREATE TABLE meta (a CHECK (hex(a)))"),
            (
                "table",
                "meta",
                "CREATE TABLE meta (a CHECK (a IN (SELECT 1)))",
            ),
            (
                "table",
                "meta",
                "CREATE TABLE meta (a CHECK (a IN ('b') OR hex(a)))",
            ),
            ("index", "i", "CREATE INDEX i ON meta (hex(a))"),
            ("index", "i", "CREATE INDEX i ON meta (a) WHERE hex(a)"),
            ("index", "i", "CREATE INDEX i ON meta (a COLLATE x)"),
        ] {
            assert!(why(kind, name, "meta", sql).is_some(), "{sql}");
        }
    }
}
