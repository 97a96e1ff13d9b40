//! Where sessions live, and the care that their folder needs: captured values
//! are private, and no symbolic link is followed.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};

use super::SessionError;
use super::names::path_text;
use super::newfile::NewFile;
use super::owner::ActingAsCaller;

const DOT_DBG: &str = ".dbg";
const GIT_IGNORE: &str = ".gitignore";

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
    format!("{}|{target_hash}", path_text(cwd))
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
///
/// # Errors
/// [`SessionError::SymbolicLink`], or what the file system says.
pub fn make_parents(path: &Path) -> Result<()> {
    make_folders(path).map(|_| ())
}

/// As [`make_parents`]; answers what was made, the outermost first.
pub(super) fn make_folders(path: &Path) -> Result<MadeFolders> {
    refuse_links(path)?;
    let mut all = MadeFolders::default();
    let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) else {
        return Ok(all);
    };
    let mut made = PathBuf::new();
    let mut private = false;
    for component in parent.components() {
        let above = made.clone();
        made.push(component);
        // The second is in the user's state folder.
        private |= component.as_os_str() == DOT_DBG || component.as_os_str() == "dbg-session";
        if !matches!(component, Component::Normal(_)) || made.is_dir() {
            continue;
        }
        // One whose making was cut off has none yet.
        let unfinished = above.file_name().is_some_and(|name| name == DOT_DBG);
        let ignored = if unfinished {
            ignore_in_git(&above)
        } else {
            Ok(())
        };
        if let Err(e) = ignored.and_then(|()| make_folder(&made, private)) {
            all.take_back();
            return Err(e).with_context(|| format!("cannot make the folder {}", made.display()));
        }
        all.0.push(made.clone());
    }
    Ok(all)
}

/// Folders that were made for a file.
#[derive(Debug, Default)]
pub(super) struct MadeFolders(Vec<PathBuf>);

impl MadeFolders {
    /// Nothing came of the file: what was made for it and is still empty goes.
    pub(super) fn take_back(self) {
        for folder in self.0.iter().rev() {
            if folder.file_name().is_some_and(|name| name == DOT_DBG) {
                let only = fs::read_dir(folder).is_ok_and(|entries| entries.count() == 1);
                let _ = only.then(|| fs::remove_file(folder.join(GIT_IGNORE)));
            }
            let _ = fs::remove_dir(folder);
        }
    }
}

fn make_folder(path: &Path, private: bool) -> io::Result<()> {
    let _acting = ActingAsCaller::at(path);
    let mode = if private { 0o700 } else { 0o777 };
    match DirBuilder::new().mode(mode).create(path) {
        Ok(()) => {}
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        Err(e) => return Err(e),
    }
    // The umask may have taken even the owner's rights. Not by its name: whoever
    // may write in the folder above could have put a link in its place by now.
    let folder = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_PATH | libc::O_NOFOLLOW | libc::O_DIRECTORY)
        .open(path)?;
    let given = folder.metadata()?.permissions().mode() & 0o777;
    let wanted = if private { 0o700 } else { given | 0o700 };
    if given != wanted {
        let place = format!("/proc/self/fd/{}", folder.as_raw_fd());
        fs::set_permissions(place, fs::Permissions::from_mode(wanted))?;
    }
    if path.file_name().is_some_and(|name| name == DOT_DBG) {
        ignore_in_git(path).inspect_err(|_| drop(fs::remove_dir(path)))?;
    }
    Ok(())
}

/// Puts a `.gitignore` into a `.dbg` that has nothing yet but perhaps a half of it.
fn ignore_in_git(dot_dbg: &Path) -> io::Result<()> {
    let path = dot_dbg.join(GIT_IGNORE);
    let mut others = fs::read_dir(dot_dbg)?.filter_map(io::Result::ok);
    if others.any(|entry| entry.file_name() != GIT_IGNORE) {
        return Ok(());
    }
    if fs::symlink_metadata(&path).is_ok_and(|m| m.is_file() && m.len() == 0) {
        fs::remove_file(&path)?;
    }
    let written = NewFile::without_name(&path).and_then(|mut new| {
        new.write_all(b"*\n")?;
        new.link()
    });
    match written {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        written => written,
    }
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
