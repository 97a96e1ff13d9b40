//! New files, which appear under their names whole or not at all.
//!
//! ```text
//!  no name ─────────────┐
//!                       ├─ written, synced ─▶ link() ─▶ NAME
//!  .NAME.new-PID-N ─────┘                     (refuses what is there)
//! ```
//!
//! Where the file system has files without a name, a process that is killed
//! leaves nothing. Elsewhere, and for files that another library writes by their
//! path, there is a temporary beside the place, locked for as long as its process
//! lives: [`abandoned`] tells those that nobody will finish.

use std::ffi::{CString, OsStr, OsString};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek, Write};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::owner::ActingAsCaller;
use super::paths::sibling;

/// Files of ours are private, whatever the umask is.
const PRIVATE: u32 = 0o600;
/// What stands between a temporary's name and the number of its process.
const MARK: &[u8] = b".new-";
/// How the build before this one named a session's copy that was being made.
const OLD_MARK: &[u8] = b".db.tmp-";
/// What SQLite puts beside a file.
const LOGS: [&str; 3] = ["-journal", "-wal", "-shm"];

/// A file that is being made; removed when dropped before it is put in its place.
#[derive(Debug)]
pub(crate) struct NewFile {
    file: File,
    place: PathBuf,
    /// None: it has no name yet.
    temporary: Option<PathBuf>,
}

impl NewFile {
    /// A file to be written through its handle, for `place`.
    ///
    /// # Errors
    /// What the file system says.
    pub(crate) fn without_name(place: &Path) -> io::Result<Self> {
        let _acting = ActingAsCaller::at(place);
        let folder = place.parent().filter(|p| !p.as_os_str().is_empty());
        let unnamed = OpenOptions::new()
            .read(true)
            .write(true)
            .mode(PRIVATE)
            .custom_flags(libc::O_TMPFILE)
            .open(folder.unwrap_or(Path::new(".")));
        match unnamed {
            Ok(file) => Ok(Self {
                file: private(file)?,
                place: place.to_owned(),
                temporary: None,
            }),
            // Not every file system has them: the other way tells what is wrong.
            Err(_) => Self::beside(place),
        }
    }

    /// A file that another library can write by its path, beside `place`.
    ///
    /// # Errors
    /// What the file system says.
    pub(crate) fn beside(place: &Path) -> io::Result<Self> {
        let _acting = ActingAsCaller::at(place);
        loop {
            let temporary = temporary_name(place);
            let file = match claim(&temporary) {
                Ok(file) => file,
                // Of a process that died, and had our number.
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(e) => return Err(e),
            };
            // Whoever tidied up between the two lines saw it without its lock.
            let locked = !matches!(file.try_lock(), Err(TryLockError::WouldBlock));
            if locked && is_the_file_at(&file, &temporary) {
                return Ok(Self {
                    file,
                    place: place.to_owned(),
                    temporary: Some(temporary),
                });
            }
        }
    }

    /// Where it is written; only of one that was made [`beside`](Self::beside) its place.
    pub(crate) fn path(&self) -> &Path {
        self.temporary.as_deref().unwrap_or(&self.place)
    }

    /// Its handle, to write through.
    pub(crate) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Puts the file, which is whole, under its name: all of it is on the disk
    /// when others see it.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] when something is there, which stays as
    /// it is; what the file system says.
    pub(crate) fn put(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        self.link()
    }

    /// As [`put`](Self::put) under any name beside its place, and the temporary
    /// stays until the value is dropped: by then it is known whether the file is
    /// to stay.
    pub(crate) fn link_to(&mut self, place: &Path) -> io::Result<()> {
        place.clone_into(&mut self.place);
        self.file.sync_all()?;
        self.link()
    }

    pub(super) fn link(&mut self) -> io::Result<()> {
        let _acting = ActingAsCaller::at(&self.place);
        let linked = match &self.temporary {
            Some(temporary) => fs::hard_link(temporary, &self.place),
            None => link_unnamed(&self.file, &self.place),
        };
        match linked {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists && !is_full(&e) => {
                self.put_without_link()
            }
            linked => linked,
        }
    }

    /// Puts the file in the place of whatever is there.
    pub(crate) fn put_over(mut self) -> io::Result<()> {
        let _acting = ActingAsCaller::at(&self.place);
        self.file.sync_all()?;
        match self.temporary.take() {
            Some(temporary) => fs::rename(&temporary, &self.place)
                .inspect_err(|_| self.temporary = Some(temporary)),
            None => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// For file systems without links.
    fn put_without_link(&mut self) -> io::Result<()> {
        if let Some(temporary) = &self.temporary {
            match rename_if_free(temporary, &self.place) {
                Err(e) if is_unknown(&e) => {}
                Err(e) => return Err(e),
                Ok(()) => {
                    self.temporary = None;
                    return Ok(());
                }
            }
        }
        let mut target = claim(&self.place)?;
        self.file.rewind()?;
        io::copy(&mut self.file, &mut target)
            .and_then(|_| target.sync_all())
            .inspect_err(|_| drop(fs::remove_file(&self.place)))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            remove_with_logs(temporary);
        }
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Copies a file to `place`, over whatever plain file is there, which shows the
/// old one or the whole new one at any moment.
///
/// # Errors
/// What the file system says.
pub(crate) fn copy_file(from: &Path, place: &Path) -> io::Result<()> {
    let mut new = NewFile::beside(place)?;
    io::copy(&mut File::open(from)?, new.file())?;
    new.put_over()
}

/// Whether a file is one that is being made, or was when its maker died.
pub(crate) fn is_temporary(path: &Path) -> bool {
    maker(path.file_name().unwrap_or_default().as_bytes()).is_some()
}

/// Claims a new, private, empty file; fails when anything is there.
pub(super) fn claim(path: &Path) -> io::Result<File> {
    let _acting = ActingAsCaller::at(path);
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(PRIVATE)
        .open(path)?;
    private(file).inspect_err(|_| drop(fs::remove_file(path)))
}

/// The umask may have taken even the owner's rights.
pub(super) fn private(file: File) -> io::Result<File> {
    let mode = file.metadata()?.mode() & 0o777;
    if mode != PRIVATE {
        file.set_permissions(fs::Permissions::from_mode(PRIVATE))?;
    }
    Ok(file)
}

/// Removes a temporary, and what SQLite left beside it.
pub(super) fn remove_with_logs(temporary: &Path) {
    let _ = fs::remove_file(temporary);
    for suffix in LOGS {
        let _ = fs::remove_file(sibling(temporary, suffix));
    }
}

/// `.NAME.new-PID-N`, another one each time, short enough for every file system.
pub(super) fn temporary_name(place: &Path) -> PathBuf {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let nth = MADE.fetch_add(1, Ordering::Relaxed);
    let name = match place.extension() {
        Some(end) if end == "db" => place.file_stem(),
        _ => place.file_name(),
    };
    let name = name.unwrap_or_default().as_bytes();
    let mut temporary = OsString::from(".");
    temporary.push(OsStr::from_bytes(&name[..name.len().min(200)]));
    temporary.push(OsStr::from_bytes(MARK));
    temporary.push(format!("{}-{nth}", std::process::id()));
    place.with_file_name(temporary)
}

/// Whether `path` is a temporary of ours whose process will not finish it.
pub(super) fn abandoned(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_bytes();
    let Some((process, is_old)) = maker(name) else {
        return false;
    };
    // Logs are as alive as the file that they belong to.
    let whose = without_log(path);
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(whose.as_deref().unwrap_or(path));
    match opened.map(|file| file.try_lock()) {
        Ok(Ok(())) if !is_old => true,
        Ok(Err(TryLockError::WouldBlock)) => false,
        _ => !lives(process),
    }
}

/// The number of the process that made a temporary of this name, and whether an
/// older build did, which held no lock.
fn maker(name: &[u8]) -> Option<(i32, bool)> {
    let name = LOGS
        .iter()
        .find_map(|log| name.strip_suffix(log.as_bytes()))
        .unwrap_or(name);
    let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse::<i32>().ok();
    let after = |mark: &[u8]| {
        let at = name.windows(mark.len()).rposition(|part| part == mark)?;
        let (process, nth) = split_at_dash(&name[at + mark.len()..])?;
        number(nth)?;
        number(process).filter(|process| *process > 0)
    };
    if name.starts_with(b".") {
        if let Some(process) = after(MARK) {
            return Some((process, false));
        }
        // `.NAME.PID.tmp`: a profile on its way into the raw folder, as it was named once.
        let rest = name.strip_suffix(b".tmp")?;
        let dot = rest.iter().rposition(|byte| *byte == b'.')?;
        let process = number(&rest[dot + 1..]).filter(|process| *process > 0)?;
        return Some((process, true));
    }
    Some((after(OLD_MARK)?, true))
}

fn split_at_dash(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| *byte == b'-')?;
    Some((&text[..at], &text[at + 1..]))
}

fn without_log(path: &Path) -> Option<PathBuf> {
    let whole = path.as_os_str().as_bytes();
    let file = LOGS
        .iter()
        .find_map(|log| whole.strip_suffix(log.as_bytes()))?;
    let file = PathBuf::from(OsString::from_vec(file.to_vec()));
    fs::symlink_metadata(&file).is_ok().then_some(file)
}

fn lives(process: i32) -> bool {
    // SAFETY: signal 0 asks, and does nothing.
    let answer = unsafe { libc::kill(process, 0) };
    answer == 0 || io::Error::last_os_error().raw_os_error() == Some(libc::EPERM)
}

/// Whether an open file is the one at a path.
pub(super) fn is_the_file_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(a), Ok(b)) => a.dev() == b.dev() && a.ino() == b.ino(),
        _ => false,
    }
}

fn link_unnamed(file: &File, place: &Path) -> io::Result<()> {
    let from = CString::new(format!("/proc/self/fd/{}", file.as_raw_fd()))?;
    let to = CString::new(place.as_os_str().as_bytes())?;
    // SAFETY: both are texts that end in 0 and live longer than the call.
    let code = unsafe {
        libc::linkat(
            libc::AT_FDCWD,
            from.as_ptr(),
            libc::AT_FDCWD,
            to.as_ptr(),
            libc::AT_SYMLINK_FOLLOW,
        )
    };
    if code == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

fn rename_if_free(from: &Path, to: &Path) -> io::Result<()> {
    let from = CString::new(from.as_os_str().as_bytes())?;
    let to = CString::new(to.as_os_str().as_bytes())?;
    // SAFETY: as above. By its number: not every C library has a function for it.
    let code = unsafe {
        libc::syscall(
            libc::SYS_renameat2,
            libc::AT_FDCWD,
            from.as_ptr(),
            libc::AT_FDCWD,
            to.as_ptr(),
            libc::RENAME_NOREPLACE,
        )
    };
    if code == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Whether the file system does not know how.
fn is_unknown(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::EINVAL | libc::ENOSYS | libc::EOPNOTSUPP)
    )
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<OsString> {
        let entries = fs::read_dir(folder).unwrap().map(|e| e.unwrap());
        entries.map(|entry| entry.file_name()).collect()
    }

    #[test]
    fn a_new_file_is_seen_when_it_is_put_and_refuses_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a.db");
        for make in [NewFile::without_name, NewFile::beside] {
            let mut new = make(&place).unwrap();
            new.write_all(b"whole").unwrap();
            assert!(!place.exists());
            new.put().unwrap();
            assert_eq!(fs::read(&place).unwrap(), b"whole");
            let mut second = make(&place).unwrap();
            second.write_all(b"other").unwrap();
            let error = second.put().unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(fs::read(&place).unwrap(), b"whole");
            assert_eq!(names(folder.path()), ["a.db"]);
            fs::remove_file(&place).unwrap();
        }
    }

    #[test]
    fn without_links_a_new_file_is_put_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a.db");
        for make in [NewFile::without_name, NewFile::beside] {
            let mut new = make(&place).unwrap();
            new.write_all(b"whole").unwrap();
            new.put_without_link().unwrap();
            drop(new);
            let mut second = make(&place).unwrap();
            let error = second.put_without_link().unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            drop(second);
            assert_eq!(fs::read(&place).unwrap(), b"whole");
            assert_eq!(names(folder.path()), ["a.db"]);
            fs::remove_file(&place).unwrap();
        }
    }

    #[test]
    fn temporaries_are_known_by_their_names_and_their_locks() {
        let folder = tempfile::tempdir().unwrap();
        let mine = NewFile::beside(&folder.path().join("a.db")).unwrap();
        assert!(!abandoned(mine.path()));
        let left = |name: &str| {
            let path = folder.path().join(name);
            fs::write(&path, "").unwrap();
            abandoned(&path)
        };
        let gone = i32::MAX; // More than the kernel gives to anybody.
        assert!(left(&format!(".a.new-{gone}-0")));
        assert!(left(&format!(".a.new-{gone}-0-journal")));
        assert!(left(&format!("a.db.tmp-{gone}-3")));
        assert!(left(&format!(".perf.data.{gone}.tmp")));
        // A process of the same number proves nothing where the lock is free.
        assert!(left(&format!(".a.new-{}-77", std::process::id())));
        assert!(!left(&format!("a.db.tmp-{}-3", std::process::id())));
        for others in [
            "a.db",
            ".hidden",
            ".a.new-x-1",
            ".a.new-12",
            "b.new-1-1",
            ".tmp",
            ".a.tmp",
        ] {
            assert!(!left(others), "{others}");
        }
    }
}
