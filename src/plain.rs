//! Files are opened only where they are plain ones: a FIFO, a socket or a device that lies under
//! a name that we read would make us wait for ever, or do something.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens a plain file to read it; whatever else is there is an error, at once.
///
/// # Errors
/// What the file system says, or that it is no plain file.
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    open_plain_as(options.read(true), path, 0)
}

/// The whole content of a plain file.
///
/// # Errors
/// As [`open_plain`].
pub(crate) fn read_plain(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open_plain(path)?.read_to_end(&mut content)?;
    Ok(content)
}

/// The content of a plain file of at most `most` bytes; a larger one is an error.
///
/// # Errors
/// As [`open_plain`].
pub(crate) fn read_small(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open_plain(path)?.take(most + 1).read_to_end(&mut content)?;
    if content.len() as u64 <= most {
        return Ok(content);
    }
    Err(io::Error::new(
        io::ErrorKind::FileTooLarge,
        format!("{} is larger than {most} bytes", path.display()),
    ))
}

/// The same with options and flags of one's own.
pub(crate) fn open_plain_as(
    options: &mut OpenOptions,
    path: &Path,
    flags: libc::c_int,
) -> io::Result<File> {
    // O_NONBLOCK: a FIFO is opened at once, a device does not wait. Plain files know no such thing.
    let flags = flags | libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = options.custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        format!("{} is no plain file", path.display()),
    ))
}
