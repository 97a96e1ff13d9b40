//! One session as it is open: what identifies it, what it holds, and how it ends.

use std::cell::RefCell;
use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::lock::SessionLock;
use super::paths::{refuse_links, sibling};
use super::{SessionKind, TargetClass, utc_now};

/// One session: its database, and what identifies it.
///
/// ```
/// use dbg_session::{CreateOptions, SessionDb, SessionKind, TargetClass};
///
/// # let folder = tempfile::tempdir()?;
/// let session = SessionDb::create(CreateOptions {
///     kind: SessionKind::Debug,
///     target: "/bin/true",
///     target_class: TargetClass::NativeCpu,
///     cwd: folder.path(),
///     db_path: None,
///     label: Some("monday".into()),
///     target_hash: None,
/// })?;
/// assert_eq!(session.label(), "monday");
/// assert!(!session.has_captured_data()?);
/// session.save_to(&folder.path().join("monday.db"))?;
/// # Ok::<(), anyhow::Error>(())
/// ```
#[derive(Debug)]
pub struct SessionDb {
    pub(super) conn: Connection,
    pub(super) session_id: String,
    pub(super) label: String,
    pub(super) kind: SessionKind,
    pub(super) target_class: TargetClass,
    pub(super) target: String,
    pub(super) db_path: Option<PathBuf>,
    /// Held by whoever records; dropped after the connection is closed.
    pub(super) lock: Option<SessionLock>,
    /// Bytes of the file when it was last looked at.
    pub(super) length: u64,
    /// What its tables have, once somebody has asked, and as of which version of its schema.
    pub(super) columns: RefCell<Option<Columns>>,
}

/// The version of a schema, and the table and name of each of its columns.
type Columns = (i64, HashSet<(String, String)>);

impl SessionDb {
    /// Whether the session is worth keeping: some hit, or some layer.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn has_captured_data(&self) -> Result<bool> {
        Ok(self.conn.query_row(
            "SELECT EXISTS (SELECT 1 FROM breakpoint_hits) OR EXISTS (SELECT 1 FROM layers)",
            [],
            |row| row.get(0),
        )?)
    }

    /// Marks the session as a person's, which prune leaves alone by default.
    ///
    /// # Errors
    /// What SQLite says; a session opened read-only cannot be promoted.
    pub fn promote_to_user(&self) -> Result<()> {
        self.conn
            .execute("UPDATE sessions SET created_by = 'user'", [])?;
        Ok(())
    }

    /// Whether a person made or promoted it.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn is_user(&self) -> Result<bool> {
        Ok(self
            .conn
            .query_row("SELECT created_by = 'user' FROM sessions", [], |row| {
                row.get(0)
            })?)
    }

    /// Sets a fact about the session, new or not.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn set_meta(&self, key: &str, value: &str) -> Result<()> {
        self.conn.execute(
            "INSERT INTO meta (session_id, key, value) VALUES (?, ?, ?)
             ON CONFLICT (session_id, key) DO UPDATE SET value = excluded.value",
            params![self.session_id, key, value],
        )?;
        Ok(())
    }

    /// A fact about the session, if it was ever set.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn meta(&self, key: &str) -> Result<Option<String>> {
        let value: Option<Option<String>> = self
            .conn
            .query_row(
                "SELECT value FROM meta WHERE session_id = ? AND key = ?",
                params![self.session_id, key],
                |row| row.get(0),
            )
            .optional()?;
        Ok(value.flatten())
    }

    /// Writes down what went wrong while recording.
    pub(crate) fn note_failure(&self, error: &str) -> rusqlite::Result<()> {
        // A disk that is full may have room where a log was.
        self.conn.execute(
            "INSERT INTO failures (session_id, phase, error) VALUES (?, 'record', ?)",
            [&self.session_id, error],
        )?;
        Ok(())
    }

    /// The live connection, for questions of one's own.
    #[must_use]
    pub fn conn(&self) -> &Connection {
        &self.conn
    }

    /// A transaction that has its write lock from the start, so that it waits
    /// for another writer at its first statement or not at all.
    pub(crate) fn transaction(&mut self) -> rusqlite::Result<Transaction<'_>> {
        self.conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
    }

    /// For a recorder, whose references are right by the way it makes them:
    /// looking each of them up again would be a quarter of its work.
    pub(crate) fn trust_references(&self) -> rusqlite::Result<()> {
        self.conn.pragma_update(None, "foreign_keys", false)
    }

    /// The folder that the session belongs to.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn cwd(&self) -> Result<Option<PathBuf>> {
        let query = "SELECT value FROM meta WHERE key = 'cwd_bytes' AND typeof(value) = 'blob'";
        let bytes = self
            .conn
            .query_row(query, [], |row| row.get(0))
            .optional()?;
        Ok(match bytes {
            Some(bytes) => Some(PathBuf::from(OsString::from_vec(bytes))),
            None => self.meta("cwd")?.map(PathBuf::from),
        })
    }

    /// 32 lower-case hex digits.
    #[must_use]
    pub fn session_id(&self) -> &str {
        &self.session_id
    }

    /// The session's name.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Debugging or profiling.
    #[must_use]
    pub fn kind(&self) -> SessionKind {
        self.kind
    }

    /// What the target is.
    #[must_use]
    pub fn target_class(&self) -> TargetClass {
        self.target_class
    }

    /// The program, as it was given.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The session's file; none while it lives in memory.
    #[must_use]
    pub fn db_path(&self) -> Option<&Path> {
        self.db_path.as_deref()
    }

    /// Whether the file has this column: our additions are looked for, never
    /// assumed, so that files of dbg can be asked as well.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn has_column(&self, table: &str, column: &str) -> Result<bool> {
        let mut version = self.conn.prepare_cached("PRAGMA schema_version")?;
        let version = version.query_row([], |row| row.get(0))?;
        let mut known = self.columns.borrow_mut();
        let columns = match known.take() {
            Some((read, columns)) if read == version => columns,
            _ => self.read_columns()?,
        };
        let found = columns.contains(&(table.to_owned(), column.to_owned()));
        *known = Some((version, columns));
        Ok(found)
    }

    fn read_columns(&self) -> Result<HashSet<(String, String)>> {
        let mut columns = self.conn.prepare(
            "SELECT tables.name, columns.name FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
             WHERE tables.type = 'table'",
        )?;
        let columns = columns.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(columns.collect::<rusqlite::Result<_>>()?)
    }

    /// Ends a recorded session: `ended_at` is set, everything is moved from the
    /// log into the one file, and the lock is given back.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn end(self) -> Result<()> {
        self.conn
            .execute("UPDATE sessions SET ended_at = ?", [utc_now()])?;
        Ok(())
    }

    /// Deletes a session that is not worth keeping, with all that belongs to it.
    ///
    /// # Errors
    /// What the file system says.
    pub fn discard(mut self) -> Result<()> {
        let moved = self.has_moved();
        if let Some(path) = self.db_path.take().filter(|_| !moved) {
            refuse_links(&path)?;
            remove_files(&path);
        }
        Ok(())
    }
}

impl Drop for SessionDb {
    /// Leaves one plain file behind a recording: one with a log cannot be read
    /// without touching the folder that it is in.
    fn drop(&mut self) {
        if self.lock.is_some() && self.db_path.is_some() {
            // A reader may hold the log open; then the last one out folds it in.
            // What remains to be changed is one page, in one write: a journal of it
            // would, if we are killed then, keep everybody from reading the file.
            let _ = self
                .conn
                .pragma_update_and_check(None, "journal_mode", "MEMORY", |_| Ok(()));
        }
    }
}

/// Removes a session's own files; those that are not there do not matter.
pub(super) fn remove_files(path: &Path) {
    let _ = fs::remove_file(path);
    remove_logs(path);
}

/// Removes what SQLite keeps beside a file.
pub(super) fn remove_logs(path: &Path) {
    for suffix in ["-wal", "-shm", "-journal"] {
        let _ = fs::remove_file(sibling(path, suffix));
    }
}
