//! The file below a session that is recorded: when somebody deletes, replaces or cuts it, and when a
//! session that lived in memory moves into one.

use std::ffi::c_int;
use std::fs;
use std::path::Path;
use std::ptr;
use std::time::Duration;

use anyhow::{Result, bail};
use rusqlite::{Connection, OpenFlags, ffi};

use super::lock::SessionLock;
use super::paths::make_folders;
use super::{SessionDb, SessionError};
use crate::interrupt;

/// The first bytes of every file of SQLite's.
const HEAD: &[u8; 16] = b"SQLite format 3\0";
/// How long a statement waits for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

impl SessionDb {
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

    /// Refuses to go on in a file that somebody cut short or wrote over: what we
    /// know of its pages no longer fits to it.
    fn check_whole(&mut self, path: &Path) -> Result<()> {
        let length = fs::metadata(path).map_or(0, |metadata| metadata.len());
        // Nothing of ours makes it shorter.
        let harm = if length < self.length {
            "cut short"
        } else if self.has_lost_its_head() {
            "written over"
        } else {
            self.length = length;
            return Ok(());
        };
        bail!(
            "{} was {harm} by another program while it was recorded; what was written to it \
             before may be lost",
            path.display()
        )
    }

    /// Whether the file no longer begins as one of SQLite's. Read through SQLite: to
    /// open the file would, when it is closed again, drop the locks that are held on it.
    fn has_lost_its_head(&self) -> bool {
        let mut head = [0_u8; HEAD.len()];
        let mut file: *mut ffi::sqlite3_file = ptr::null_mut();
        // SAFETY: the handle and its file live as long as `self`, and as many bytes are
        // written as there is room for.
        let read = unsafe {
            let code = ffi::sqlite3_file_control(
                self.conn.handle(),
                c"main".as_ptr(),
                ffi::SQLITE_FCNTL_FILE_POINTER,
                (&raw mut file).cast(),
            );
            let methods = file.as_ref().and_then(|file| file.pMethods.as_ref());
            match methods.and_then(|methods| methods.xRead) {
                Some(read) if code == ffi::SQLITE_OK => {
                    let size = c_int::try_from(head.len()).unwrap_or(0);
                    read(file, head.as_mut_ptr().cast(), size, 0)
                }
                _ => return false,
            }
        };
        read == ffi::SQLITE_OK && head != *HEAD
    }

    /// Whether another file stands where this session's was.
    pub(crate) fn is_displaced(&self) -> bool {
        let path = self.db_path.as_deref();
        path.is_some_and(|path| fs::symlink_metadata(path).is_ok()) && self.has_moved()
    }

    /// Whether the file that is open is no longer the one at its path.
    pub(super) fn has_moved(&self) -> bool {
        let mut moved: c_int = 0;
        // SAFETY: the handle lives as long as `self`, and the call writes one int.
        let code = unsafe {
            ffi::sqlite3_file_control(
                self.conn.handle(),
                c"main".as_ptr(),
                ffi::SQLITE_FCNTL_HAS_MOVED,
                (&raw mut moved).cast(),
            )
        };
        code == ffi::SQLITE_OK && moved != 0
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

    pub(super) fn go_on_in(&mut self, path: &Path) -> Result<()> {
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
}

/// Settings of a connection that records into a file.
pub(super) fn prepare_file(conn: &Connection) -> rusqlite::Result<()> {
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
pub(super) fn prepare(conn: &mut Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY_TIMEOUT)?;
    interrupt::watch(conn)?; // It is asked as well.
    conn.set_prepared_statement_cache_capacity(32);
    conn.pragma_update(None, "foreign_keys", true)
}

#[cfg(test)]
mod tests {
    use rusqlite::OpenFlags;

    use super::*;
    use crate::session_db::{TargetClass, schema};

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
