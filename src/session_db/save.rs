use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::lock::{Liveness, liveness};
use super::paths::{claim, make_parents, sibling};
use super::{SessionDb, SessionError};

/// How long another connection's write may keep a save waiting.
const PATIENCE: Duration = Duration::from_secs(5);

impl SessionDb {
    /// Copies the live session to `path`, which shows the old file or the whole
    /// new one at any moment. The session stays usable, and stays where it is.
    ///
    /// # Errors
    /// [`SessionError::AlreadyExists`] when the file there is not an older copy
    /// of this very session, [`SessionError::Locked`] when it is being recorded,
    /// [`SessionError::SymbolicLink`], or what the file system or SQLite says.
    /// Whatever was at `path` is then untouched.
    pub fn save_to(&self, path: &Path) -> Result<()> {
        self.save(path, false)
    }

    /// As [`SessionDb::save_to`], over whatever file is there, unless a live
    /// process records it.
    ///
    /// # Errors
    /// As [`SessionDb::save_to`], without `AlreadyExists`.
    pub fn save_to_forced(&self, path: &Path) -> Result<()> {
        self.save(path, true)
    }

    fn save(&self, path: &Path, forced: bool) -> Result<()> {
        make_parents(path)?;
        if self.is_stored_at(path) && !self.has_moved() {
            // Already there: what remains is to make it survive a power cut.
            self.conn
                .query_row("PRAGMA wal_checkpoint(FULL)", [], |_| Ok(()))?;
            return Ok(());
        }
        self.refuse_to_replace(path, forced)?;
        let temporary = Temporary::beside(path)?;
        copy(&self.conn, &temporary.0)
            .with_context(|| format!("cannot save the session to {}", path.display()))?;
        // A log left by whatever was here before would be read into the new file.
        for suffix in ["-wal", "-shm"] {
            let _ = fs::remove_file(sibling(path, suffix));
        }
        fs::rename(&temporary.0, path)
            .with_context(|| format!("cannot put the session at {}", path.display()))?;
        sync_folder(path);
        Ok(())
    }

    fn is_stored_at(&self, path: &Path) -> bool {
        let real = |p: &Path| fs::canonicalize(p).ok();
        self.db_path
            .as_deref()
            .and_then(real)
            .is_some_and(|own| Some(own) == real(path))
    }

    fn refuse_to_replace(&self, path: &Path, forced: bool) -> Result<()> {
        if !path.exists() {
            return Ok(());
        }
        if liveness(path) == Liveness::Live {
            return Err(SessionError::Locked { path: path.into() }.into());
        }
        if forced {
            return Ok(());
        }
        let why = match Self::open_read_only(path) {
            Ok(there) if there.session_id == self.session_id => return Ok(()),
            Ok(there) => format!(
                "it holds session `{}`; save under another label, or force it",
                there.label
            ),
            Err(_) => "it is not a copy of this session; save elsewhere, or force it".into(),
        };
        Err(SessionError::AlreadyExists {
            path: path.into(),
            why,
        }
        .into())
    }
}

/// Copies a live database into the empty file at `to`, and syncs it.
fn copy(from: &Connection, to: &Path) -> Result<()> {
    let mut target = Connection::open(to)?;
    // Nobody sees the copy before its rename: it needs no journal, no lock, and one sync at the end.
    let set = |conn: &Connection, name, value| {
        conn.pragma_update_and_check(None, name, value, |_| Ok(()))
    };
    set(&target, "journal_mode", "OFF")?;
    set(&target, "locking_mode", "EXCLUSIVE")?;
    target.pragma_update(None, "synchronous", "OFF")?;
    let deadline = Instant::now() + PATIENCE;
    let backup = Backup::new(from, &mut target)?;
    loop {
        match backup.step(-1)? {
            StepResult::Done => break,
            _ if Instant::now() > deadline => {
                bail!("the session is locked by another process; try again when it is done")
            }
            _ => std::thread::yield_now(),
        }
    }
    drop(backup);
    // The copy inherits the mark of a log; it has none, and readers need none.
    set(&target, "journal_mode", "DELETE")?;
    target.close().map_err(|(_, e)| e)?;
    File::open(to)?.sync_all()?;
    Ok(())
}

/// Makes a rename last; where a folder cannot be synced, it lasts soon enough.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
        let _ = folder.sync_all();
    }
}

/// A file that is removed unless it was renamed away.
struct Temporary(PathBuf);

impl Temporary {
    fn beside(path: &Path) -> Result<Self> {
        static SAVES: AtomicU64 = AtomicU64::new(0);
        let nth = SAVES.fetch_add(1, Ordering::Relaxed);
        let temporary = sibling(path, &format!(".tmp-{}-{nth}", std::process::id()));
        // What a process of our number left when it died is nobody's.
        let _ = fs::remove_file(&temporary);
        claim(&temporary).with_context(|| format!("cannot write {}", temporary.display()))?;
        Ok(Self(temporary))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        for suffix in ["", "-journal"] {
            let _ = fs::remove_file(sibling(&self.0, suffix));
        }
    }
}
