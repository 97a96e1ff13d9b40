//! Where sessions live, and the care that their folder needs: captured values
//! are private, and no symbolic link is followed.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};

use super::SessionError;

const DOT_DBG: &str = ".dbg";

/// `<cwd>/.dbg/sessions`: where a folder's sessions live.
#[must_use]
pub fn sessions_dir(cwd: &Path) -> PathBuf {
    cwd.join(DOT_DBG).join("sessions")
}

/// `<cwd>/.dbg/sessions/<label>/raw`: profilers' files, kept verbatim.
#[must_use]
pub fn raw_dir(cwd: &Path, label: &str) -> PathBuf {
    sessions_dir(cwd).join(label).join("raw")
}

/// `"{cwd}|{hash}"`: sessions of the same target from the same folder share it.
/// `cwd` is expected canonical, `target_hash` is empty when there is none.
#[must_use]
pub fn group_key(cwd: &Path, target_hash: &str) -> String {
    format!("{}|{target_hash}", cwd.display())
}

/// `"{size in bytes}:{mtime in ns}"`: tells a rebuilt target from the old one.
///
/// # Errors
/// When the target cannot be read.
pub fn compute_target_hash(target: &Path) -> Result<String> {
    let metadata =
        fs::metadata(target).with_context(|| format!("cannot read {}", target.display()))?;
    let modified = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_nanos());
    Ok(format!("{}:{modified}", metadata.len()))
}

/// `path` with another suffix glued on: `x.db` → `x.db-wal`.
pub(super) fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes the missing folders above `path`: private ones from `.dbg` downwards,
/// with a `.gitignore` in a new `.dbg`.
pub fn make_parents(path: &Path) -> Result<()> {
    refuse_links(path)?;
    let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) else {
        return Ok(());
    };
    let mut made = PathBuf::new();
    let mut private = false;
    for component in parent.components() {
        made.push(component);
        private |= component.as_os_str() == DOT_DBG;
        if !matches!(component, Component::Normal(_)) {
            continue;
        }
        let mode = if private { 0o700 } else { 0o777 };
        match DirBuilder::new().mode(mode).create(&made) {
            Ok(()) if component.as_os_str() == DOT_DBG => {
                write_new(&made.join(".gitignore"), b"*\n")
            }
            Ok(()) => Ok(()),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(_) if made.is_dir() => Ok(()),
            Err(e) => Err(e),
        }
        .with_context(|| format!("cannot make the folder {}", made.display()))?;
    }
    Ok(())
}

/// Refuses a path that passes a symbolic link at or below its `.dbg`, or is one itself.
pub fn refuse_links(path: &Path) -> Result<(), SessionError> {
    let below = path
        .ancestors()
        .take_while(|p| p.components().any(|c| c.as_os_str() == DOT_DBG));
    for place in below.chain([path]) {
        if fs::symlink_metadata(place).is_ok_and(|m| m.file_type().is_symlink()) {
            return Err(SessionError::SymbolicLink {
                path: place.to_owned(),
            });
        }
    }
    Ok(())
}

/// Claims a new, private, empty file; fails when anything is there.
pub(super) fn claim(path: &Path) -> io::Result<fs::File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

fn write_new(path: &Path, text: &[u8]) -> io::Result<()> {
    claim(path)?.write_all(text)
}
