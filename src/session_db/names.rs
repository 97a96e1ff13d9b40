//! Paths as text. A path is bytes, a session's columns and JSON are Unicode: bytes
//! that are none stand as `\xff`, so that two names never become one.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

/// A path without `.` and `..`, as far as that goes without asking the disk: links are not followed,
/// for the path may be another machine's.
///
/// ```
/// use dbg_session::session_db::clean_path;
/// assert_eq!(clean_path("sub/../src/./t.c".as_ref()).to_str(), Some("src/t.c"));
/// assert_eq!(clean_path("../t.c".as_ref()).to_str(), Some("../t.c"));
/// ```
#[must_use]
pub fn clean_path(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if clean.file_name().is_some() => {
                clean.pop();
            }
            Component::ParentDir if clean.has_root() => {}
            other => clean.push(other),
        }
    }
    clean
}

/// A source file as a session of the folder `cwd` has it, whoever names it: cleaned, relative to
/// the folder when inside it, and one line.
///
/// ```
/// use dbg_session::session_db::source_file;
/// assert_eq!(source_file("/src/app/lib/../t.c", "/src/app".as_ref()), "t.c");
/// assert_eq!(source_file("lib/../t.c", "/src/app".as_ref()), "t.c");
/// assert_eq!(source_file("/usr/t.c", "/src/app".as_ref()), "/usr/t.c");
/// ```
#[must_use]
pub fn source_file(file: &str, cwd: &Path) -> String {
    let clean = clean_path(Path::new(file));
    let cwd = path_text(cwd);
    let inside = clean
        .strip_prefix(&*cwd)
        .ok()
        .filter(|rest| !rest.as_os_str().is_empty() && !cwd.is_empty());
    one_line(&inside.unwrap_or(&clean).to_string_lossy())
}

/// Control characters do not belong into keys that people type and read.
#[must_use]
pub(crate) fn one_line(text: &str) -> String {
    if text.chars().any(char::is_control) {
        text.replace(char::is_control, "?")
    } else {
        text.to_owned()
    }
}

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
