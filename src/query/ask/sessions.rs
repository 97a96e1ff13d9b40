//! The sessions of a folder.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;

use super::rescued::Rescued;
use crate::many;
use crate::query::read::counts;
use crate::query::{path_or_null, path_text};
use crate::session_db::{
    APPLICATION_ID, Glance, Liveness, SessionDb, SessionError, SessionKind, TargetClass, group_key,
    liveness, owned_by_root, session_bytes, sessions_dir, wrong_type,
};

/// A session as `list` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Session {
    /// Its name.
    pub label: String,
    /// The file; none while it lives in memory.
    #[serde(serialize_with = "path_or_null")]
    pub path: Option<PathBuf>,
    /// Debugging or profiling.
    #[serde(serialize_with = "as_text")]
    pub kind: SessionKind,
    /// What the target is.
    #[serde(serialize_with = "as_text")]
    pub class: TargetClass,
    /// The program.
    pub target: String,
    /// Sessions of the same target from the same folder share it.
    pub group: String,
    /// `auto` or `user`.
    pub created_by: String,
    /// Live, ended, interrupted …
    pub state: State,
    /// Number of hits.
    pub hits: u64,
    /// Number of layers.
    pub layers: u64,
    /// UTC, ISO 8601.
    pub started_at: String,
    /// The same; none while live, and for good if interrupted.
    pub ended_at: Option<String>,
    /// On disk: the file, its log, its raw files.
    pub bytes: u64,
}

/// What became of a session's recorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// A live process records it.
    Live,
    /// It was ended properly.
    Ended,
    /// Its recorder died; all that it had written is there.
    Interrupted,
    /// Another tool wrote it, or the file system does not tell.
    Unknown,
}

impl State {
    /// As people read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Ended => "ended",
            Self::Interrupted => "interrupted",
            Self::Unknown => "unknown",
        }
    }
}

/// A `.db` file of the folder that is no session of this version.
#[derive(Clone, Debug, Serialize)]
pub struct OtherFile {
    /// The file.
    #[serde(serialize_with = "path_text")]
    pub path: PathBuf,
    /// Why it is not one.
    pub why: String,
}

/// A folder's sessions, newest first, and the files that are none.
#[derive(Clone, Debug, Serialize)]
pub struct Listing {
    /// The folder.
    #[serde(serialize_with = "path_text")]
    pub folder: PathBuf,
    /// Newest first.
    pub sessions: Vec<Session>,
    /// In the order of their names.
    pub others: Vec<OtherFile>,
    /// Hits that wait elsewhere for `recover`, oldest first.
    pub rescued: Vec<Rescued>,
}

fn as_text<S: serde::Serializer>(
    value: &impl std::fmt::Display,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// All sessions of a folder, and those in other files. One that is damaged does not hide the others; a
/// missing folder has none.
///
/// # Errors
/// When the folder cannot be read.
pub fn list(folder: &Path, elsewhere: Vec<PathBuf>) -> Result<Listing> {
    let mut paths = files(folder)?;
    paths.extend(elsewhere);
    list_files(folder, paths)
}

/// The sessions in files, of a folder or instead of it.
///
/// # Errors
/// When Ctrl-C was pressed.
pub fn list_files(folder: &Path, paths: Vec<PathBuf>) -> Result<Listing> {
    let mut listing = Listing {
        folder: folder.to_owned(),
        sessions: Vec::new(),
        others: Vec::new(),
        rescued: Vec::new(),
    };
    let described = many::map(&paths, |path| described(path))?;
    for (path, described) in paths.into_iter().zip(described) {
        match described {
            Ok(session) => listing.sessions.push(session),
            // Deleted by somebody else meanwhile.
            Err(e) if matches!(e.downcast_ref(), Some(SessionError::NotFound { .. })) => {}
            Err(e) => listing.others.push(OtherFile { why: why(&e), path }),
        }
    }
    // By start, then by label, so that the order never depends on the disk.
    let key = |s: &Session| (s.started_at.clone(), s.label.clone());
    listing.sessions.sort_by_key(|s| std::cmp::Reverse(key(s)));
    Ok(listing)
}

/// The reason alone, where the path is named beside it.
fn why(error: &anyhow::Error) -> String {
    match error.downcast_ref() {
        Some(SessionError::NotASession { why, .. }) => why.clone(),
        Some(SessionError::SchemaMismatch { found, .. }) => {
            format!("it has schema version {found}")
        }
        Some(SessionError::NotOneSession { count, .. }) => format!("it holds {count} sessions"),
        Some(SessionError::UnknownKind { kind, .. }) => format!("its kind `{kind}` is unknown"),
        Some(SessionError::UnknownTargetClass { class, .. }) => {
            format!("its target class `{class}` is unknown")
        }
        _ => wrong_type(error).unwrap_or_else(|| format!("{error:#}")),
    }
}

/// The `.db` files of a folder, in the order of their names.
///
/// # Errors
/// When the folder is there and cannot be read.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => {
            return Err(e).with_context(|| format!("cannot read the folder {}", folder.display()));
        }
    };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let mut paths: Vec<_> = paths
        .filter(|p| p.extension() == Some(OsStr::new("db")))
        .collect();
    paths.sort();
    Ok(paths)
}

/// The session in a file in a line, opened only where it must be.
fn described(path: &Path) -> Result<Session> {
    let Some(found) = Glance::at(path) else {
        return describe(&SessionDb::open_read_only(path)?);
    };
    let ended = found.ended_at.is_some();
    Ok(Session {
        group: found.group.unwrap_or_else(|| {
            let cwd = found.cwd.unwrap_or_default();
            group_key(&cwd, found.target_hash.as_deref().unwrap_or_default())
        }),
        label: found.label,
        path: Some(path.to_owned()),
        kind: found.kind,
        class: found.class,
        target: found.target,
        created_by: found.created_by,
        // Only files of ours are glanced at, and only those that nobody records.
        state: if ended {
            State::Ended
        } else {
            State::Interrupted
        },
        hits: found.hits,
        layers: found.layers,
        started_at: found.started_at,
        ended_at: found.ended_at,
        bytes: session_bytes(path),
    })
}

/// When the session in a file began; none when it is no session.
///
/// # Errors
/// What SQLite says.
pub(crate) fn began(path: &Path) -> Result<Option<String>> {
    if let Some(found) = Glance::at(path) {
        return Ok(Some(found.started_at));
    }
    let session = SessionDb::open_read_only(path).ok();
    session.as_ref().map(started_at).transpose()
}

/// The folder that the session in a file belongs to.
pub(crate) fn belongs_to(path: &Path) -> Option<PathBuf> {
    match Glance::at(path) {
        Some(found) => found.cwd,
        None => SessionDb::open_read_only(path).ok()?.cwd().ok()?,
    }
}

/// One session in a line.
///
/// # Errors
/// What SQLite says.
pub fn describe(session: &SessionDb) -> Result<Session> {
    let conn = session.conn();
    let (hash, started_at, ended_at, created_by): (Option<String>, String, Option<String>, String) =
        conn.query_row(
            "SELECT target_hash, started_at, ended_at, created_by FROM sessions",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )?;
    let count = |table: &str| {
        conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
            row.get(0)
        })
    };
    let group = match session.meta("session_group_key")? {
        Some(group) => group,
        None => {
            let cwd = session.meta("cwd")?.unwrap_or_default();
            group_key(Path::new(&cwd), hash.as_deref().unwrap_or_default())
        }
    };
    let path = session.db_path().map(Path::to_owned);
    Ok(Session {
        label: session.label().to_owned(),
        kind: session.kind(),
        class: session.target_class(),
        target: session.target().to_owned(),
        group,
        created_by,
        state: state(session, ended_at.is_some())?,
        hits: counts::all(session)?,
        layers: count("layers")?,
        started_at,
        ended_at,
        bytes: path.as_deref().map_or(0, session_bytes),
        path,
    })
}

fn state(session: &SessionDb, ended: bool) -> Result<State> {
    if ended {
        return Ok(State::Ended);
    }
    let Some(path) = session.db_path() else {
        return Ok(State::Live); // Only its own process can see it.
    };
    let pragma = "PRAGMA application_id";
    let id: i64 = session.conn().query_row(pragma, [], |row| row.get(0))?;
    Ok(match liveness(path) {
        Liveness::Live => State::Live,
        Liveness::Idle if id == APPLICATION_ID => State::Interrupted,
        _ => State::Unknown,
    })
}

/// `.dbg/sessions` of `cwd` and of the folders above it, as far as they exist, nearest first.
#[must_use]
pub fn folders(cwd: &Path) -> Vec<PathBuf> {
    let candidates = cwd.ancestors().map(sessions_dir);
    let readable = |folder: &PathBuf| folder.is_dir() && fs::read_dir(folder).is_ok();
    candidates.filter(readable).collect()
}

/// Of the folders that would be nearer than the first of [`folders`], one that cannot be read, and
/// how that is mended.
#[must_use]
pub fn barred(cwd: &Path) -> Option<String> {
    for (i, folder) in cwd.ancestors().map(sessions_dir).enumerate() {
        let error = fs::read_dir(&folder).err()?;
        let why = match error.kind() {
            ErrorKind::PermissionDenied => owned_by_root(&folder).unwrap_or(error.to_string()),
            // Further up it is somebody else's file.
            ErrorKind::NotADirectory if i == 0 => "a file is in its place".into(),
            ErrorKind::NotFound | ErrorKind::NotADirectory => continue,
            _ => error.to_string(),
        };
        return Some(format!("cannot read {}: {why}", folder.display()));
    }
    None
}

/// When a session began: UTC, ISO 8601.
///
/// # Errors
/// What SQLite says.
pub fn started_at(session: &SessionDb) -> Result<String> {
    let sql = "SELECT started_at FROM sessions";
    Ok(session.conn().query_row(sql, [], |row| row.get(0))?)
}
