use std::cell::RefCell;
use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rusqlite::{
    Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params,
};

use super::label::first_free;
use super::lock::SessionLock;
use super::names::{path_text, place_of};
use super::newfile::NewFile;
use super::paths::{make_folders, refuse_links, sibling};
use super::{
    Label, SessionError, SessionKind, TargetClass, auto_label, compute_target_hash, group_key,
    schema, sessions_dir, utc_now,
};
use crate::interrupt;

/// How long a statement waits for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

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

/// What a new session is of.
#[derive(Clone, Debug)]
pub struct CreateOptions<'a> {
    /// Debugging or profiling.
    pub kind: SessionKind,
    /// The program, as a path or a name; relative paths count from `cwd`.
    pub target: &'a str,
    /// Which domain tables the session gets.
    pub target_class: TargetClass,
    /// The folder that the session belongs to.
    pub cwd: &'a Path,
    /// The file to make; none: the session lives in memory.
    pub db_path: Option<&'a Path>,
    /// The session's name; none: [`auto_label`].
    pub label: Option<String>,
    /// Tells builds of the target apart; none: [`compute_target_hash`] of it.
    pub target_hash: Option<String>,
}

impl SessionDb {
    /// Makes a new session, in memory or in a new file.
    ///
    /// A session in a file is locked for as long as it is open here, so that
    /// nobody prunes what is being recorded.
    ///
    /// # Errors
    /// [`SessionError::AlreadyExists`] when `db_path` is taken,
    /// [`SessionError::SymbolicLink`] when it leads through a link, or what the
    /// file system or SQLite says. A file that was begun is removed.
    pub fn create(options: CreateOptions<'_>) -> Result<Self> {
        Self::create_by(options, "auto")
    }

    /// As [`SessionDb::create`], made by `created_by` from the first moment on.
    fn create_by(options: CreateOptions<'_>, created_by: &str) -> Result<Self> {
        let Some(path) = options.db_path else {
            return Self::fill(options, created_by);
        };
        let folders = make_folders(path)?;
        let made = Self::create_file(path, options, created_by);
        if made.is_err() {
            folders.take_back();
        }
        made
    }

    /// The file has its name only when it is a whole session: whoever kills us
    /// before leaves nothing, and after it an empty session.
    fn create_file(path: &Path, options: CreateOptions<'_>, created_by: &str) -> Result<Self> {
        if fs::symlink_metadata(path).is_ok() {
            return Err(is_there(path).into());
        }
        let mut session = Self::fill(options, created_by)?;
        let lock = SessionLock::take(path)?;
        session
            .write_new(path)
            .map_err(|e| match e.downcast_ref().map(io::Error::kind) {
                Some(io::ErrorKind::AlreadyExists) => is_there(path).into(),
                _ => e.context(format!("cannot make the session DB {}", path.display())),
            })?;
        session.lock = Some(lock);
        session
            .go_on_in(path)
            .inspect_err(|_| remove_files(path))
            .with_context(|| format!("cannot open the session DB {}", path.display()))?;
        Ok(session)
    }

    /// Writes what is in memory to a new file.
    pub(super) fn write_new(&mut self, path: &Path) -> Result<()> {
        let image = self.conn.serialize("main")?;
        let mut file = NewFile::without_name(path)?;
        file.write_all(&image)?;
        // A log that somebody of this name left would be read into the new file.
        if fs::symlink_metadata(path).is_err() {
            remove_logs(path);
        }
        Ok(file.put()?)
    }

    /// Makes a new session in `folder`, its file named by its label.
    ///
    /// Without a label of the caller's, [`auto_label`] and the first free of
    /// `-2`, `-3` … is taken, whoever else makes sessions there meanwhile.
    ///
    /// # Errors
    /// As [`SessionDb::create`], and [`SessionError::InvalidLabel`].
    pub fn create_in(folder: &Path, options: &CreateOptions<'_>) -> Result<Self> {
        Self::create_in_by(folder, options, "auto")
    }

    /// As [`SessionDb::create_in`], a person's session from the first moment on.
    ///
    /// # Errors
    /// As [`SessionDb::create_in`].
    pub(crate) fn create_users_in(folder: &Path, options: &CreateOptions<'_>) -> Result<Self> {
        Self::create_in_by(folder, options, "user")
    }

    fn create_in_by(folder: &Path, options: &CreateOptions<'_>, created_by: &str) -> Result<Self> {
        let base = match &options.label {
            Some(label) => label.parse::<Label>()?.to_string(),
            None => auto_label(options.target)?,
        };
        loop {
            let label = match options.label {
                Some(_) => base.clone(),
                None => first_free(&base, |l| taken(folder, l)),
            };
            let path = folder.join(format!("{label}.db"));
            let new = CreateOptions {
                label: Some(label),
                db_path: Some(&path),
                ..options.clone()
            };
            let made = Self::create_by(new, created_by);
            match made {
                Err(e) if options.label.is_none() && is_taken(&e) => {}
                made => return made,
            }
        }
    }

    /// A session in memory.
    pub(super) fn fill(options: CreateOptions<'_>, created_by: &str) -> Result<Self> {
        let mut conn = Connection::open_in_memory()?;
        prepare(&mut conn)?;
        let cwd = fs::canonicalize(options.cwd).unwrap_or_else(|_| options.cwd.to_owned());
        let target_path = place_of(options.target, &cwd);
        let hash = match options.target_hash {
            Some(hash) => Some(hash),
            None if target_path.is_file() => Some(compute_target_hash(&target_path)?),
            None => None,
        };
        let label = match options.label {
            Some(label) => label,
            None => default_label(options.target, &cwd, options.db_path)?,
        };

        let tx = conn.transaction()?;
        schema::apply(&tx, options.target_class)?;
        let session_id: String = tx.query_row(
            "INSERT INTO sessions
                 (id, kind, target, target_class, target_hash, started_at, label, created_by)
             VALUES (lower(hex(randomblob(16))), ?, ?, ?, ?, ?, ?, ?)
             RETURNING id",
            params![
                options.kind.as_str(),
                options.target,
                options.target_class.as_str(),
                hash,
                utc_now(),
                label,
                created_by
            ],
            |row| row.get(0),
        )?;
        let group = group_key(&cwd, hash.as_deref().unwrap_or_default());
        for (key, value) in [
            ("session_group_key", group.as_str()),
            ("cwd", &path_text(&cwd)),
        ] {
            tx.execute(
                "INSERT INTO meta (session_id, key, value) VALUES (?, ?, ?)",
                params![session_id, key, value],
            )?;
        }
        if cwd.to_str().is_none() {
            tx.execute(
                "INSERT INTO meta (session_id, key, value) VALUES (?, 'cwd_bytes', ?)",
                params![session_id, cwd.as_os_str().as_bytes()],
            )?;
        }
        tx.commit()?;

        Ok(Self {
            conn,
            session_id,
            label,
            kind: options.kind,
            target_class: options.target_class,
            target: options.target.to_owned(),
            db_path: options.db_path.map(Path::to_owned),
            lock: None,
            length: 0,
            columns: RefCell::default(),
        })
    }

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

    /// Puts the session back into its file when somebody has deleted or
    /// replaced it; answers whether that was needed.
    pub(crate) fn restore_file(&mut self) -> Result<bool> {
        let Some(path) = self.db_path.clone() else {
            return Ok(false);
        };
        if !self.has_moved() {
            return self.check_whole(&path).map(|()| false);
        }
        // Read with our log beside it, it might even look like ours.
        if fs::symlink_metadata(&path).is_ok() {
            return Err(SessionError::AlreadyExists {
                path,
                why: "another file stands where this session is recorded; move it away, or save \
                      the session under another label"
                    .into(),
            }
            .into());
        }
        // Its lock may have gone with the folder.
        if !self.lock.as_ref().is_some_and(SessionLock::holds) {
            make_folders(&path)?;
            self.lock = Some(SessionLock::take(&path)?);
        }
        // The kernel keeps a deleted file for as long as we hold it open.
        self.save_to(&path)?;
        self.go_on_in(&path)?;
        Ok(true)
    }

    /// Refuses to go on in a file that somebody cut short: what we know of its
    /// pages no longer fits to it. By its length alone: to open the file would,
    /// when it is closed again, drop the locks that SQLite holds on it.
    fn check_whole(&mut self, path: &Path) -> Result<()> {
        let length = fs::metadata(path).map_or(0, |metadata| metadata.len());
        // Nothing of ours makes it shorter.
        if length < self.length {
            bail!(
                "{} was cut short by another program while it was recorded; what was written to \
                 it before may be lost",
                path.display()
            );
        }
        self.length = length;
        Ok(())
    }

    /// Whether another file stands where this session's was.
    pub(crate) fn is_displaced(&self) -> bool {
        let path = self.db_path.as_deref();
        path.is_some_and(|path| fs::symlink_metadata(path).is_ok()) && self.has_moved()
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

    /// Whether the file that is open is no longer the one at its path.
    pub(super) fn has_moved(&self) -> bool {
        let mut moved: std::ffi::c_int = 0;
        // SAFETY: the handle lives as long as `self`, and the call writes one int.
        let code = unsafe {
            rusqlite::ffi::sqlite3_file_control(
                self.conn.handle(),
                c"main".as_ptr(),
                rusqlite::ffi::SQLITE_FCNTL_HAS_MOVED,
                (&raw mut moved).cast(),
            )
        };
        code == rusqlite::ffi::SQLITE_OK && moved != 0
    }

    /// Lets a session that lived in memory go on in a file that it was saved to.
    pub(crate) fn move_into(&mut self, path: &Path, label: &str) -> Result<()> {
        self.go_on_in(path)?;
        self.db_path = Some(path.to_owned());
        label.clone_into(&mut self.label);
        // The copy was finished; it lives again.
        self.conn
            .execute("UPDATE sessions SET ended_at = NULL", [])?;
        Ok(())
    }

    fn go_on_in(&mut self, path: &Path) -> Result<()> {
        if !self.lock.as_ref().is_some_and(SessionLock::holds) {
            self.lock = Some(SessionLock::take(path)?);
        }
        // Never made anew: somebody may have deleted it this very moment.
        let access = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut conn = Connection::open_with_flags(path, access)?;
        prepare_file(&conn)?;
        prepare(&mut conn)?;
        self.conn = conn;
        self.length = fs::metadata(path)?.len();
        Ok(())
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

/// Settings of a connection that records into a file.
fn prepare_file(conn: &Connection) -> rusqlite::Result<()> {
    let set = |mode| conn.pragma_update_and_check(None, "journal_mode", mode, |_| Ok(()));
    // The change to a log is one page, the first, in one write: neither a journal
    // nor a wait for the disk makes it any safer.
    set("MEMORY")?;
    conn.pragma_update(None, "synchronous", "OFF")?;
    // Where a file system has no shared memory for the WAL, a rollback journal
    // is slower and just as safe.
    set("WAL").or_else(|_| set("TRUNCATE"))?;
    // 16 MB of log before it is folded into the file: pages that change with
    // every batch are then copied once, not every time.
    conn.pragma_update(None, "wal_autocheckpoint", 4096)?;
    conn.pragma_update(None, "synchronous", "NORMAL")
}

/// Settings of every connection that records.
fn prepare(conn: &mut Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY_TIMEOUT)?;
    interrupt::watch(conn)?; // It is asked as well.
    conn.set_prepared_statement_cache_capacity(32);
    conn.pragma_update(None, "foreign_keys", true)
}

/// The default label, numbered when its folder has it already.
fn default_label(target: &str, cwd: &Path, db_path: Option<&Path>) -> Result<String> {
    let folder = db_path
        .and_then(Path::parent)
        .map_or_else(|| sessions_dir(cwd), Path::to_owned);
    Ok(first_free(&auto_label(target)?, |label| {
        taken(&folder, label)
    }))
}

/// Whether a label has a session, or what is left of one, in a folder.
fn taken(folder: &Path, label: &str) -> bool {
    ["", ".db"]
        .into_iter()
        .any(|suffix| fs::symlink_metadata(folder.join(format!("{label}{suffix}"))).is_ok())
}

/// Whether creating failed because somebody was there first.
fn is_taken(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(SessionError::AlreadyExists { .. } | SessionError::Locked { .. })
    )
}

/// Removes a session's own files; those that are not there do not matter.
fn remove_files(path: &Path) {
    let _ = fs::remove_file(path);
    remove_logs(path);
}

/// Removes what SQLite keeps beside a file.
pub(super) fn remove_logs(path: &Path) {
    for suffix in ["-wal", "-shm", "-journal"] {
        let _ = fs::remove_file(sibling(path, suffix));
    }
}

fn is_there(path: &Path) -> SessionError {
    SessionError::AlreadyExists {
        path: path.into(),
        why: "a new session never reopens a file; choose another label".into(),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::OpenFlags;

    use super::*;

    #[test]
    fn a_file_system_without_shared_memory_gets_a_rollback_journal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        // SQLite's own stand-in for such file systems: it locks with files, and has no log.
        let conn = Connection::open_with_flags_and_vfs(&path, OpenFlags::default(), "unix-dotfile")
            .unwrap();
        prepare_file(&conn).unwrap();
        let mode: String = conn
            .query_row("PRAGMA journal_mode", [], |row| row.get(0))
            .unwrap();
        assert_ne!(mode, "wal");
        schema::apply(&conn, TargetClass::NativeCpu).unwrap();
    }
}
