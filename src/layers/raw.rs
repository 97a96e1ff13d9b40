//! The raw folder: profilers' files kept verbatim, from which a layer can always be indexed again.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

use super::LayerError;
use crate::plain::open_plain;
use crate::session_db::{SessionDb, make_parents, raw_dir, refuse_links};

/// The session's raw folder: beside its file, or, while it lives in memory, where its file would be.
pub(super) fn folder(db: &SessionDb) -> Result<PathBuf> {
    if let Some(path) = db.db_path() {
        return Ok(path.with_extension("").join("raw"));
    }
    let cwd = db
        .meta("cwd")?
        .context("the session does not say which folder it belongs to")?;
    Ok(raw_dir(Path::new(&cwd), db.label()))
}

/// A kept file; taken back when dropped before [`Kept::commit`].
pub(super) struct Kept {
    pub path: PathBuf,
    committed: bool,
    is_copy: bool,
}

impl Kept {
    /// From here on the file stays.
    pub(super) fn commit(mut self) {
        self.committed = true;
    }

    /// The name in the raw folder.
    pub(super) fn name(&self) -> String {
        self.path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if self.committed || !self.is_copy {
            return;
        }
        let _ = fs::remove_file(&self.path);
        // Folders made for it go again; those with something in them stay.
        let raw = self.path.parent();
        let _ = raw.map(fs::remove_dir);
        let _ = raw.and_then(Path::parent).map(fs::remove_dir);
    }
}

/// Copies `file` into `folder` under its own name, or with `-2`, `-3` … appended where that is taken.
/// A file that lies there already stays as it is.
pub(super) fn keep(file: &Path, folder: &Path, cancelled: Option<&AtomicBool>) -> Result<Kept> {
    let canonical =
        fs::canonicalize(file).with_context(|| format!("cannot open {}", file.display()))?;
    if let (Some(parent), Ok(folder)) = (canonical.parent(), fs::canonicalize(folder))
        && parent == folder
    {
        return Ok(Kept {
            path: canonical,
            committed: false,
            is_copy: false,
        });
    }
    let name = plain_name(file);
    make_parents(&folder.join(&name))?;
    let (path, _claim) = claim_free(folder, &name)?;
    let kept = Kept {
        path,
        committed: false,
        is_copy: true,
    };
    let temporary = folder.join(format!(".{}.{}.tmp", kept.name(), std::process::id()));
    let _ = fs::remove_file(&temporary);
    let copied = copy(&canonical, &temporary, cancelled)
        .and_then(|()| Ok(fs::rename(&temporary, &kept.path)?));
    if copied.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    copied.with_context(|| {
        format!(
            "cannot keep a copy of {} under {}",
            file.display(),
            folder.display()
        )
    })?;
    Ok(kept)
}

/// A kept file, to be read again.
pub(super) fn kept(folder: &Path, name: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    let is_plain = Path::new(name).file_name().is_some_and(|file| file == name);
    anyhow::ensure!(
        is_plain,
        "the layer's raw file `{}` is no plain name",
        name.escape_default()
    );
    refuse_links(&path)?;
    anyhow::ensure!(
        path.is_file(),
        "the raw file {} is gone; add the profile again",
        path.display()
    );
    Ok(path)
}

/// Takes the first name that is free, with an empty file that nobody else can take.
fn claim_free(folder: &Path, name: &str) -> Result<(PathBuf, File)> {
    let names = std::iter::once(name.to_owned())
        .chain((2..10_000).map(|number| format!("{name}-{number}")));
    for name in names {
        let path = folder.join(name);
        match new_file(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot write {}", path.display()));
            }
        }
    }
    anyhow::bail!("{} has too many files called {name}", folder.display())
}

/// A private file that was not there before; links are not followed.
fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

fn copy(from: &Path, to: &Path, cancelled: Option<&AtomicBool>) -> Result<()> {
    const PIECE: u64 = 64 << 20;
    let mut source = open_plain(from)?;
    let mut target = new_file(to)?;
    loop {
        if cancelled.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Err(LayerError::Cancelled.into());
        }
        if io::copy(&mut io::Read::take(&mut source, PIECE), &mut target)? == 0 {
            break;
        }
    }
    target.sync_all()?;
    Ok(())
}

/// The file's name, if it is fit to be one of ours.
fn plain_name(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let is_plain = !name.is_empty()
        && !name.starts_with('.')
        && name.len() <= 200
        && !name.chars().any(char::is_control);
    if is_plain {
        name.into_owned()
    } else {
        "profile".to_owned()
    }
}
