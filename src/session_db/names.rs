//! Paths as text. A path is bytes, a session's columns and JSON are Unicode: bytes
//! that are none stand as `\xff`, so that two names never become one.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// A path as text.
///
/// ```
/// use std::{ffi::OsStr, os::unix::ffi::OsStrExt, path::Path};
/// use dbg_session::session_db::{path_of_text, path_text};
/// let path = Path::new(OsStr::from_bytes(b"/src/caf\xe9/t.c"));
/// assert_eq!(path_text(path), r"/src/caf\xe9/t.c");
/// assert_eq!(path_of_text(r"/src/caf\xe9/t.c"), path);
/// ```
#[must_use]
pub fn path_text(path: &Path) -> Cow<'_, str> {
    if let Some(text) = path.to_str() {
        return Cow::Borrowed(text);
    }
    let mut text = String::new();
    for part in path.as_os_str().as_bytes().utf8_chunks() {
        text.push_str(part.valid());
        for byte in part.invalid() {
            // Writing to a string does not fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    Cow::Owned(text)
}

/// The path that a text stands for, if its name is not Unicode; a path that really
/// has such a text for its name is another one.
#[must_use]
pub fn path_of_text(text: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let digits = more.strip_prefix(b"x").and_then(|hex| hex.get(..2));
        let byte = digits
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())
            .filter(|byte| *first == b'\\' && *byte >= 0x80);
        match byte {
            Some(byte) => {
                bytes.push(byte);
                rest = &more[3..];
            }
            None => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    PathBuf::from(OsString::from_vec(bytes))
}

/// Where a file is that a session names, as seen from its folder.
#[must_use]
pub fn place_of(file: &str, cwd: &Path) -> PathBuf {
    let path = cwd.join(file);
    if file.contains("\\x") && !path.exists() {
        return cwd.join(path_of_text(file));
    }
    path
}
