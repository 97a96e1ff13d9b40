use std::fmt;
use std::path::Path;
use std::str::FromStr;

use anyhow::Result;
use jiff::Timestamp;

use super::SessionError;

/// A session's name that may also name its file: a plain stem.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(String);

/// Leaves room for `.db-journal` and a temporary's suffix within the 255 bytes of a file name.
const MAX_BYTES: usize = 200;

impl Label {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The file's name in a sessions folder.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}.db", self.0)
    }
}

impl FromStr for Label {
    type Err = SessionError;

    fn from_str(label: &str) -> Result<Self, SessionError> {
        let why = if label.trim().is_empty() {
            "it is empty"
        } else if label.len() > MAX_BYTES {
            "it is longer than 200 bytes"
        } else if label.contains(['/', '\\']) {
            "it names a file in the sessions folder, so it holds no `/` or `\\`"
        } else if label.contains("..") {
            "it holds `..`"
        } else if label.starts_with('.') {
            "it starts with a dot"
        } else if label.chars().any(char::is_control) {
            "it holds a control character"
        } else {
            return Ok(Self(label.to_owned()));
        };
        Err(SessionError::InvalidLabel {
            label: label.to_owned(),
            why,
        })
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `{basename}-{yyyymmdd-hhmmss}` in UTC, for a target given as a path or a name.
///
/// The result is always a valid [`Label`]: what a stem cannot hold becomes `_`.
///
/// # Errors
/// None today; the signature leaves room for targets that have no name.
pub fn auto_label(target: &str) -> Result<String> {
    let name = Path::new(target)
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let stamp = Timestamp::now().strftime("%Y%m%d-%H%M%S");
    Ok(format!("{}-{stamp}", stem(&name)))
}

/// What a plain stem may hold of `name`, and never nothing.
fn stem(name: &str) -> String {
    let mut stem = String::new();
    for c in name.trim_start_matches('.').replace("..", "_").chars() {
        if stem.len() + c.len_utf8() > MAX_BYTES - 40 {
            break;
        }
        stem.push(if c.is_control() || c == '\\' { '_' } else { c });
    }
    if stem.trim().is_empty() {
        "session".to_owned()
    } else {
        stem
    }
}

/// `label`, or the first of `label-2`, `label-3` … that is not taken.
pub(super) fn first_free(label: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(label) {
        return label.to_owned();
    }
    (2u64..)
        .map(|n| format!("{label}-{n}"))
        .find(|candidate| !taken(candidate))
        .unwrap_or_else(|| unreachable!("some number is free"))
}
