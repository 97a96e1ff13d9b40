//! The plugin's files: inside this program, or installed beside it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

// `PACKAGE`: the files of the Python package; `NATIVE`: the extension module, in self-contained programs.
include!(concat!(env!("OUT_DIR"), "/payload.rs"));

/// The extension module's file name, which every Python from 3.9 on looks for.
const NATIVE_NAME: &str = "_native.abi3.so";

/// Where the plugin comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plugin {
    /// This program carries it.
    Embedded,
    /// It is a folder `dbg_session` that something else put there (pip, or a build in the source tree).
    Installed(PathBuf),
}

impl Plugin {
    /// The plugin that belongs to the running program.
    ///
    /// # Errors
    /// When there is none: a development build before the extension module was built.
    pub fn current() -> Result<Self> {
        if let Some(package) = beside_this_library() {
            return Ok(Self::Installed(package));
        }
        if NATIVE.is_some() {
            return Ok(Self::Embedded);
        }
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/dbg_session");
        if source.join(NATIVE_NAME).exists() {
            return Ok(Self::Installed(source));
        }
        bail!(
            "this program was built without the plugin for the debuggers; install it with \
             `cargo install --path .`, or run `make build` to use the plugin of the source tree"
        )
    }
}

/// The Python package that this code was loaded from, when it runs as the extension module.
#[cfg(feature = "python")]
fn beside_this_library() -> Option<PathBuf> {
    use std::ffi::{CStr, OsStr};
    use std::os::unix::ffi::OsStrExt as _;

    // SAFETY: all zeros are a valid `Dl_info`.
    let mut info: libc::Dl_info = unsafe { std::mem::zeroed() };
    // SAFETY: `dladdr` takes any address and fills in `info`, whose strings live as long as the library.
    let found = unsafe { libc::dladdr((&raw const NATIVE).cast(), &raw mut info) };
    if found == 0 || info.dli_fname.is_null() {
        return None;
    }
    // SAFETY: not null, and a C string as `dladdr` promises.
    let file = unsafe { CStr::from_ptr(info.dli_fname) };
    let folder = Path::new(OsStr::from_bytes(file.to_bytes()))
        .canonicalize()
        .ok()?
        .parent()?
        .to_path_buf();
    folder.join("gdbinit.py").exists().then_some(folder)
}

#[cfg(not(feature = "python"))]
fn beside_this_library() -> Option<PathBuf> {
    None
}

/// Writes the plugin into `folder`, in place of an older one. Debuggers that run with the older one keep it: its
/// files are unlinked, never overwritten.
pub fn unpack(folder: &Path) -> Result<()> {
    let Some(native) = NATIVE else {
        bail!("this program does not carry the plugin for the debuggers");
    };
    let parent = folder
        .parent()
        .context("the plugin's folder has no parent")?;
    fs::create_dir_all(parent)
        .with_context(|| format!("{} could not be made", parent.display()))?;
    let fresh = parent.join(format!("dbg_session.{}.new", std::process::id()));
    let written = write_files(&fresh, native).and_then(|()| {
        remove(folder)?;
        fs::rename(&fresh, folder).map_err(Into::into)
    });
    if written.is_err() {
        // Half of a plugin is of no use; whether there is one does not matter.
        let _ = fs::remove_dir_all(&fresh);
    }
    written.with_context(|| format!("the plugin could not be written to {}", folder.display()))
}

fn write_files(folder: &Path, native: &[u8]) -> Result<()> {
    fs::create_dir_all(folder)?;
    for (name, content) in PACKAGE {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, content)?;
    }
    fs::write(folder.join(NATIVE_NAME), native)?;
    Ok(())
}

/// Deletes the plugin's folder, and the one around it once that is empty. What is not there is fine.
pub fn remove(folder: &Path) -> Result<()> {
    match folder.symlink_metadata() {
        Err(_) => return Ok(()),
        // Somebody's own arrangement: what it leads to is not ours to delete.
        Ok(metadata) if metadata.is_symlink() => fs::remove_file(folder),
        Ok(_) => fs::remove_dir_all(folder),
    }
    .with_context(|| format!("{} could not be deleted", folder.display()))?;
    if let Some(parent) = folder.parent() {
        // Fails when something else is in it, which then stays.
        let _ = fs::remove_dir(parent);
    }
    Ok(())
}
