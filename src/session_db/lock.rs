//! Who records: an advisory lock on a file beside the session's, released by
//! the kernel when its holder dies, however it dies.
//!
//! Not a lock on the database file itself: closing any second handle of it
//! would drop the locks that SQLite holds there.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use super::SessionError;
use super::newfile::{is_the_file_at, private};
use super::owner::ActingAsCaller;
use super::paths::sibling;
use crate::plain::open_plain_as;

/// Held while a process records a session; gone with it.
#[derive(Debug)]
pub(super) struct SessionLock {
    path: PathBuf,
    /// Open for its lock, which ends when the file is closed.
    file: File,
}

/// What may be said of a session's recorder from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liveness {
    /// A live process records it.
    Live,
    /// Nobody does.
    Idle,
    /// The file system does not tell.
    Unknown,
}

fn lock_path(db: &Path) -> PathBuf {
    sibling(db, "-lock")
}

impl SessionLock {
    /// Takes the lock of the session at `db`.
    ///
    /// Where the file system has no locks, the lock file alone stands for it,
    /// and [`liveness`] answers [`Liveness::Unknown`].
    pub(super) fn take(db: &Path) -> Result<Self> {
        let path = lock_path(db);
        let _acting = ActingAsCaller::at(&path);
        let mut tries = 0;
        loop {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(false).mode(0o600);
            let file = open_plain_as(&mut options, &path, libc::O_NOFOLLOW)
                .and_then(private)
                .with_context(|| format!("cannot make {}", path.display()))?;
            match file.try_lock() {
                Ok(()) => {}
                // Somebody who only asks for liveness holds it for an instant.
                Err(TryLockError::WouldBlock) if tries < 5 => {
                    tries += 1;
                    thread::sleep(Duration::from_millis(1));
                    continue;
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(SessionError::Locked { path: db.into() }.into());
                }
                Err(TryLockError::Error(_)) => return Ok(Self { path, file }),
            }
            // The one before us may have removed the file between our open and
            // our lock: then ours is a lock on nothing.
            if is_the_file_at(&file, &path) {
                return Ok(Self { path, file });
            }
        }
    }
}

impl SessionLock {
    /// Whether the lock file is still there for others to see.
    pub(super) fn holds(&self) -> bool {
        is_the_file_at(&self.file, &self.path)
    }

    /// Whether this is the lock of the session at `db`, and others see it.
    pub(super) fn is_of(&self, db: &Path) -> bool {
        self.path == lock_path(db) && self.holds()
    }
}

impl Drop for SessionLock {
    fn drop(&mut self) {
        // Removed while still held, and only if it is ours: after somebody has
        // deleted it, another's may stand there.
        if self.holds() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether a live process records the session at `db`.
#[must_use]
pub fn liveness(db: &Path) -> Liveness {
    let mut options = OpenOptions::new();
    let opened = open_plain_as(options.read(true), &lock_path(db), libc::O_NOFOLLOW);
    let file = match opened {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Liveness::Idle,
        Err(_) => return Liveness::Unknown,
    };
    match file.try_lock_shared() {
        Ok(()) => Liveness::Idle,
        Err(TryLockError::WouldBlock) => Liveness::Live,
        Err(TryLockError::Error(_)) => Liveness::Unknown,
    }
}
