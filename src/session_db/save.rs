use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::lock::SessionLock;
use super::newfile::{NewFile, copy_file, is_temporary};
use super::paths::{make_folders, make_parents, refuse_links, sessions_dir};
use super::session::remove_logs;
use super::{Label, SessionDb, SessionError, utc_now};
use crate::interrupt;

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
        self.save_changed(path, forced, |_| Ok(()))?.put(forced)
    }

    /// As [`SessionDb::save_to`] in two steps, so that more can be made ready
    /// before anything is seen: `change` is done to the copy first.
    ///
    /// # Errors
    /// As [`SessionDb::save_to`], and what `change` says.
    pub(crate) fn save_changed(
        &self,
        path: &Path,
        forced: bool,
        change: impl FnOnce(&Connection) -> Result<()>,
    ) -> Result<Copied> {
        let folders = make_folders(path)?;
        if self.is_stored_at(path) && !self.has_moved() {
            change(&self.conn)?;
            // Already there: what remains is to make it survive a power cut.
            self.conn
                .query_row("PRAGMA wal_checkpoint(FULL)", [], |_| Ok(()))?;
            return Ok(Copied(None));
        }
        let copied = self.copy_to(path, forced, change);
        if copied.is_err() {
            folders.take_back();
        }
        copied
    }

    fn copy_to(
        &self,
        path: &Path,
        forced: bool,
        change: impl FnOnce(&Connection) -> Result<()>,
    ) -> Result<Copied> {
        // Whoever makes or replaces a session holds its lock: one wins, the other is told.
        let own = self.lock.as_ref().is_some_and(|lock| lock.is_of(path));
        let lock = if own {
            None
        } else {
            Some(SessionLock::take(path)?)
        };
        let replace = self.may_replace(path, forced)?;
        let failed = || format!("cannot save the session to {}", path.display());
        let file = NewFile::beside(path).with_context(failed)?;
        copy(&self.conn, file.path(), change).with_context(failed)?;
        Ok(Copied(Some(Beside {
            file,
            path: path.to_owned(),
            replace,
            _lock: lock,
        })))
    }

    fn is_stored_at(&self, path: &Path) -> bool {
        let real = |p: &Path| fs::canonicalize(p).ok();
        self.db_path
            .as_deref()
            .and_then(real)
            .is_some_and(|own| Some(own) == real(path))
    }

    /// Whether there is something that is to be replaced; an error: it is not.
    fn may_replace(&self, path: &Path, forced: bool) -> Result<bool> {
        if fs::symlink_metadata(path).is_err() {
            return Ok(false);
        }
        if forced {
            return Ok(true);
        }
        let why = match Self::open_read_only(path) {
            Ok(there) if there.session_id == self.session_id => return Ok(true),
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

/// A copy that is whole, and has not its name yet.
#[derive(Debug)]
pub(crate) struct Copied(Option<Beside>);

/// Under a temporary's name; none: the session was there already.
#[derive(Debug)]
struct Beside {
    file: NewFile,
    path: PathBuf,
    /// Something of that name is to go.
    replace: bool,
    _lock: Option<SessionLock>,
}

impl Copied {
    /// Gives it its name.
    ///
    /// # Errors
    /// [`SessionError::AlreadyExists`] when somebody was there first, or what
    /// the file system says.
    pub(crate) fn put(self, forced: bool) -> Result<()> {
        let Some(Beside {
            file,
            path,
            replace,
            _lock,
        }) = self.0
        else {
            return Ok(());
        };
        // A log left by whatever was here before would be read into the new file.
        remove_logs(&path);
        let put = if replace || forced {
            file.put_over()
        } else {
            file.put()
        };
        put.map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => SessionError::AlreadyExists {
                path: path.clone(),
                why: "somebody else was there first; save under another label".into(),
            }
            .into(),
            _ => anyhow::Error::new(e)
                .context(format!("cannot put the session at {}", path.display())),
        })?;
        sync_folder(&path);
        Ok(())
    }
}

/// Copies a live database into the empty file at `to`, and changes the copy.
fn copy(
    from: &Connection,
    to: &Path,
    change: impl FnOnce(&Connection) -> Result<()>,
) -> Result<()> {
    let access = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // Nobody sees the copy before it has its name: it needs no journal, no lock, and one sync at the end.
    let mut target = Connection::open_with_flags_and_vfs(to, access, "unix-none")?;
    let set = |conn: &Connection, name, value| {
        conn.pragma_update_and_check(None, name, value, |_| Ok(()))
    };
    set(&target, "journal_mode", "OFF")?;
    // Else the mark of a log, which the copy inherits, would ask for shared memory.
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
    interrupt::check_between()?;
    // The copy inherits the mark of a log; it has none, and readers need none.
    set(&target, "journal_mode", "DELETE")?;
    set(&target, "journal_mode", "MEMORY")?;
    change(&target)?;
    target.close().map_err(|(_, e)| e)?;
    Ok(())
}

/// Makes a rename last; where a folder cannot be synced, it lasts soon enough.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
        let _ = folder.sync_all();
    }
}

/// Where a session is saved to.
#[derive(Clone, Debug, Default)]
pub struct SaveTo {
    /// None: under its own label, in its own folder.
    pub place: Option<SaveTarget>,
    /// Replace another session's file.
    pub force: bool,
}

/// A label, or a path written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveTarget {
    /// In the sessions folder, under this label.
    Label(Label),
    /// In this very file (absolute).
    Path(PathBuf),
}

/// A session that was persisted.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The label that it has there.
    pub label: String,
    /// The file.
    pub path: PathBuf,
}

/// Persists and promotes a session: in place, or as a copy with its raw files.
/// `cwd` is where a session in memory belongs.
///
/// # Errors
/// As [`SessionDb::save_to`]; what was at the place is then untouched.
pub fn save_session(session: &SessionDb, to: &SaveTo, cwd: &Path) -> Result<Saved> {
    let (path, label) = destination(session, to, cwd)?;
    if session.is_stored_at(&path) {
        session.save_to(&path)?;
        session.promote_to_user()?;
        return Ok(Saved { label, path });
    }
    // The copy is a finished record of its own: a reader must not take it for
    // an interrupted one.
    let copied = session.save_changed(&path, to.force, |copy| {
        copy.execute(
            "UPDATE sessions SET created_by = 'user', label = ?, ended_at = coalesce(ended_at, ?)",
            [&label, &utc_now()],
        )?;
        Ok(())
    })?;
    copied.put(to.force)?;
    if let Some(own) = session.db_path() {
        let raw = own.with_extension("").join("raw");
        copy_raw(&raw, &path.with_extension("").join("raw")).with_context(|| {
            format!(
                "the session is saved, without its raw files in {}",
                raw.display()
            )
        })?;
    }
    Ok(Saved { label, path })
}

/// The file, and the label that the session has there.
fn destination(session: &SessionDb, to: &SaveTo, cwd: &Path) -> Result<(PathBuf, String)> {
    let own_folder = session.db_path().and_then(Path::parent);
    let folder = own_folder.map_or_else(|| sessions_dir(cwd), Path::to_owned);
    let own_label = session.label().to_owned();
    Ok(match (&to.place, session.db_path()) {
        (None, Some(path)) => (path.to_owned(), own_label),
        (None, None) => {
            let label: Label = own_label.parse()?;
            (folder.join(label.file_name()), own_label)
        }
        (Some(SaveTarget::Label(label)), _) => (folder.join(label.file_name()), label.to_string()),
        (Some(SaveTarget::Path(path)), _) => {
            let stem = path.file_stem().and_then(OsStr::to_str);
            let label = stem.and_then(|stem| stem.parse::<Label>().ok());
            (
                path.clone(),
                label.map_or(own_label, |label| label.to_string()),
            )
        }
    })
}

/// Copies the plain files of a raw folder, each of which is seen when it is whole.
fn copy_raw(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy_raw(&source, &target)?;
        } else if kind.is_file() && !is_temporary(&source) {
            refuse_links(&target)?;
            make_parents(&target)?;
            copy_file(&source, &target)?;
        }
    }
    Ok(())
}
