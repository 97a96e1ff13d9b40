//! The raw folder: profilers' files kept verbatim, from which a layer can always be indexed again.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};

use super::LayerError;
use crate::plain::open_plain;
use crate::session_db::{NewFile, SessionDb, make_parents, raw_dir, refuse_links, tidy_raw};

/// The session's raw folder: beside its file, or, while it lives in memory, where its file would be.
pub(super) fn folder(db: &SessionDb) -> Result<PathBuf> {
    if let Some(path) = db.db_path() {
        return Ok(path.with_extension("").join("raw"));
    }
    let cwd = db
        .cwd()?
        .context("the session does not say which folder it belongs to")?;
    Ok(raw_dir(&cwd, db.label()))
}

/// A copy of a profile that is whole and has not its name yet, or a file that
/// lies in the raw folder already.
///
/// ```text
///  .NAME.new-PID-N     the copy; of a process that is killed, prune takes it
///  … and NAME          the same file, just before its layer is committed: prune
///                      takes it too, unless the layer is there
///  NAME                when all is done
/// ```
pub(super) struct Kept {
    copy: Option<NewFile>,
    folder: PathBuf,
    /// The name in the raw folder; of a copy, the one that is wanted.
    name: String,
}

impl Kept {
    /// Where it can be read now.
    pub(super) fn path(&self) -> PathBuf {
        match &self.copy {
            Some(copy) => copy.path().to_owned(),
            None => self.folder.join(&self.name),
        }
    }

    /// Gives the copy its name, or with `-2`, `-3` … appended where that is
    /// taken. It goes again unless [`Settled::commit`] says that it is to stay.
    pub(super) fn settle(mut self) -> Result<Settled> {
        let Some(mut copy) = self.copy.take() else {
            let name = std::mem::take(&mut self.name);
            return Ok(Settled { name, copy: None });
        };
        let names = std::iter::once(self.name.clone())
            .chain((2..10_000).map(|number| format!("{}-{number}", self.name)));
        for name in names {
            let path = self.folder.join(&name);
            match copy.link_to(&path) {
                Ok(()) => {
                    let copy = Some((copy, path));
                    return Ok(Settled { name, copy });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot write {}", path.display()));
                }
            }
        }
        bail!(
            "{} has too many files called {}",
            self.folder.display(),
            self.name
        )
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if self.copy.take().is_some() {
            remove_empty(&self.folder);
        }
    }
}

/// A file under its name in the raw folder; taken back when dropped before
/// [`Settled::commit`].
pub(super) struct Settled {
    name: String,
    copy: Option<(NewFile, PathBuf)>,
}

impl Settled {
    /// The name in the raw folder.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// From here on the file stays.
    pub(super) fn commit(mut self) -> String {
        self.copy = None;
        std::mem::take(&mut self.name)
    }
}

impl Drop for Settled {
    fn drop(&mut self) {
        if let Some((copy, path)) = self.copy.take() {
            let _ = fs::remove_file(&path);
            drop(copy);
            path.parent().map(remove_empty);
        }
    }
}

/// Folders made for a file go again; those with something in them stay.
fn remove_empty(raw: &Path) {
    let _ = fs::remove_dir(raw);
    let _ = raw.parent().map(fs::remove_dir);
}

/// Copies `file` into `folder`, to be there under its own name.
/// A file that lies there already stays as it is.
pub(super) fn keep(file: &Path, folder: &Path, cancelled: Option<&AtomicBool>) -> Result<Kept> {
    let canonical =
        fs::canonicalize(file).with_context(|| format!("cannot open {}", file.display()))?;
    if let (Some(parent), Ok(real), Some(name)) = (
        canonical.parent(),
        fs::canonicalize(folder),
        canonical.file_name().and_then(OsStr::to_str),
    ) && parent == real
    {
        return Ok(Kept {
            copy: None,
            folder: real,
            name: name.to_owned(),
        });
    }
    let name = plain_name(file);
    tidy_raw(folder);
    make_parents(&folder.join(&name))?;
    let mut kept = Kept {
        copy: Some(NewFile::beside(&folder.join(&name))?),
        folder: folder.to_owned(),
        name,
    };
    let copied = match &mut kept.copy {
        Some(copy) => copy_into(&canonical, copy, cancelled),
        None => Ok(()),
    };
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

fn copy_into(from: &Path, to: &mut NewFile, cancelled: Option<&AtomicBool>) -> Result<()> {
    const PIECE: u64 = 64 << 20;
    let mut source = open_plain(from)?;
    loop {
        if cancelled.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Err(LayerError::Cancelled.into());
        }
        if io::copy(&mut io::Read::take(&mut source, PIECE), to.file())? == 0 {
            break;
        }
    }
    to.file().sync_all()?;
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
