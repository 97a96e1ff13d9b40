use std::path::PathBuf;

use super::SCHEMA_VERSION;

/// The failures that a caller must be able to tell apart.
///
/// They travel inside [`anyhow::Error`]; find them with
/// [`downcast_ref`](anyhow::Error::downcast_ref).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// No file at that path.
    #[error("session DB not found: {}", .path.display())]
    NotFound {
        /// Where it was looked for.
        path: PathBuf,
    },

    /// A session database of another schema version.
    #[error(
        "session DB schema_version={found}, expected {expected} at {path}. No migration path: \
         re-collect against the raw files in {raw}, or delete the file",
        expected = SCHEMA_VERSION,
        path = .path.display(),
        raw = .path.with_extension("").join("raw").display(),
    )]
    SchemaMismatch {
        /// The file.
        path: PathBuf,
        /// Its `user_version`.
        found: i64,
    },

    /// Not an SQLite file, a damaged one, or somebody else's.
    #[error("{} is not a session DB: {why}", .path.display())]
    NotASession {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        why: String,
    },

    /// The `sessions` table must hold exactly one row.
    #[error("session DB {} must hold exactly one session, found {count}", .path.display())]
    NotOneSession {
        /// The file.
        path: PathBuf,
        /// Rows in `sessions`.
        count: i64,
    },

    /// A session whose schema would run something when it is read or written.
    #[error("session DB {} is refused: {why}; ask whoever made the file for one that a recorder wrote", .path.display())]
    Unsafe {
        /// The file.
        path: PathBuf,
        /// What would run.
        why: String,
    },

    /// A FIFO, a socket, a device, a folder or a link where a plain file belongs.
    #[error("{} is no plain file; move it away, and ask again", .path.display())]
    NotPlain {
        /// What lies there.
        path: PathBuf,
    },

    /// A `kind` that this version does not know.
    #[error("unknown session kind `{kind}` in {}", .path.display())]
    UnknownKind {
        /// The file.
        path: PathBuf,
        /// As it stands there.
        kind: String,
    },

    /// A `target_class` that this version does not know.
    #[error("unknown target class `{class}` in {}", .path.display())]
    UnknownTargetClass {
        /// The file.
        path: PathBuf,
        /// As it stands there.
        class: String,
    },

    /// The file to be made is there already, and is not ours to replace.
    #[error("{} already exists: {why}", .path.display())]
    AlreadyExists {
        /// The file.
        path: PathBuf,
        /// Whose it is, and what to do.
        why: String,
    },

    /// A label that cannot name a file.
    #[error("invalid label `{}`: {why}", .label.escape_default())]
    InvalidLabel {
        /// As it was given.
        label: String,
        /// The rule that it breaks.
        why: &'static str,
    },

    /// A live process is recording the session.
    #[error("session {} is being recorded by a live process; end it there first", .path.display())]
    Locked {
        /// The session's file.
        path: PathBuf,
    },

    /// A symbolic link where only a plain file or folder is followed.
    #[error("{} is a symbolic link, and none is followed here; name the real place", .path.display())]
    SymbolicLink {
        /// The link.
        path: PathBuf,
    },
}

/// What is wrong when a column holds a value of a type that no recorder writes there.
pub(crate) fn wrong_type(error: &anyhow::Error) -> Option<String> {
    use rusqlite::Error;
    let sqlite = error.chain().find_map(|cause| cause.downcast_ref())?;
    let what = match sqlite {
        Error::InvalidColumnType(_, name, found) => format!("`{name}` is of the type {found}"),
        Error::FromSqlConversionFailure(_, found, _) => {
            format!("a value of the type {found} is not what its column is for")
        }
        Error::IntegralValueOutOfRange(_, found) => format!("the number {found} is out of range"),
        Error::Utf8Error(..) => "a text is not Unicode".to_owned(),
        _ => return None,
    };
    Some(format!(
        "the session's file is not as it was recorded: {what}; another program has written to it, \
         or it is damaged"
    ))
}
