//! Hits that wait in the user's state folder for room in their session.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;

use super::sessions::files;
use crate::query::path_text;
use crate::query::read::counts;
use crate::session_db::SessionDb;

/// A file of rescued hits.
#[derive(Clone, Debug, Serialize)]
pub struct Rescued {
    /// The session's name.
    pub label: String,
    /// The session's file, which may be gone.
    #[serde(serialize_with = "path_text")]
    pub session: PathBuf,
    /// Where the hits are.
    #[serde(serialize_with = "path_text")]
    pub path: PathBuf,
    /// How many.
    pub hits: u64,
    /// UTC, ISO 8601.
    pub rescued_at: String,
}

/// The rescued hits in `folder` of sessions that belong to `cwd`, to a folder
/// above it, or to the sessions folder `listed`; oldest first.
///
/// # Errors
/// When the folder is there and cannot be read.
pub fn rescued(folder: &Path, cwd: &Path, listed: &Path) -> Result<Vec<Rescued>> {
    let cwd = cwd.canonicalize().unwrap_or_else(|_| cwd.to_owned());
    let listed = listed.canonicalize().unwrap_or_else(|_| listed.to_owned());
    let mut found = Vec::new();
    for path in files(folder)? {
        // What is none of ours is nobody's hits.
        let Ok(session) = SessionDb::open_read_only(&path) else {
            continue;
        };
        let Some(from) = session.rescued_from()? else {
            continue;
        };
        let above = session.cwd()?.is_some_and(|owner| cwd.starts_with(owner));
        if above || from.path.parent().is_some_and(|p| p == listed) {
            found.push(Rescued {
                label: session.label().to_owned(),
                session: from.path,
                hits: counts::all(&session)?,
                rescued_at: from.at,
                path,
            });
        }
    }
    found.sort_by(|a, b| (&a.rescued_at, &a.path).cmp(&(&b.rescued_at, &b.path)));
    Ok(found)
}
