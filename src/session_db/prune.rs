//! Deleting old sessions: first a plan that can be shown, then the deed.

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, OpenFlags};

use super::guard::distrust;
use super::leftovers::{self, half_made};
use super::lock::{Liveness, SessionLock, liveness};
use super::newfile::temporary_name;
use super::paths::{refuse_links, sibling};
use super::{Glance, SessionDb, SessionError};
use crate::{interrupt, many};

/// Which sessions may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrunePolicy {
    /// Only those that the plugin made by itself.
    AutoOnly,
    /// Those of a person as well.
    All,
}

/// What prune found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum What {
    /// A session, or a `.db` file that is none.
    Session,
    /// A file that a killed process was making.
    Temporary,
    /// The same in a raw folder: a profile on its way to become a layer.
    RawTemporary,
    /// Logs and locks whose session is gone.
    Orphan,
    /// A raw folder whose session is gone.
    RawFolder,
    /// Hits that nobody recovered for a month.
    Rescued,
    /// What was deleted by hand, and can be had back for a week.
    Trash,
}

impl What {
    /// Why it goes, where that is always the same.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Session => "a session",
            Self::Temporary => "a process that was killed was making it",
            Self::RawTemporary => "a `layer add` that was killed was making it",
            Self::Orphan => "its session is gone",
            Self::RawFolder => "its session is gone",
            Self::Rescued => "rescued hits that nobody recovered for 30 days",
            Self::Trash => "in the trash for a week",
        }
    }
}

/// One file of a sessions folder, and what is to become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PruneItem {
    /// The `.db` file; of a leftover, the file or folder itself.
    pub path: PathBuf,
    /// Bytes of all that goes with it: log, raw files.
    pub bytes: u64,
    /// Since anything was last written to it.
    pub age: Duration,
    /// Why it goes, stays, or could not go.
    pub reason: String,
    /// A session, or what is left of one.
    pub what: What,
}

/// What [`plan_prune`] found, before anything is deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrunePlan {
    /// Would be deleted.
    pub delete: Vec<PruneItem>,
    /// Would be kept, each with its reason.
    pub keep: Vec<PruneItem>,
}

/// What [`PrunePlan::carry_out`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PruneReport {
    /// Gone.
    pub deleted: Vec<PruneItem>,
    /// Kept, each with its reason.
    pub kept: Vec<PruneItem>,
    /// Should have gone, each with what went wrong.
    pub failed: Vec<PruneItem>,
}

/// Deletes the sessions in a folder that nothing was written to for
/// `older_than`, and returns their paths. A missing folder holds none.
///
/// # Errors
/// When the folder cannot be read, is a symbolic link, or a deletion failed.
pub fn prune(
    sessions_dir: &Path,
    older_than: Duration,
    policy: PrunePolicy,
) -> Result<Vec<PathBuf>> {
    let report = plan_prune(sessions_dir, older_than, policy)?.carry_out();
    if let Some(first) = report.failed.first() {
        bail!(
            "deleting session DB {} failed: {} ({} of {} sessions were deleted)",
            first.path.display(),
            first.reason,
            report.deleted.len(),
            report.deleted.len() + report.failed.len(),
        );
    }
    let sessions = report.deleted.into_iter();
    let sessions = sessions.filter(|item| item.what == What::Session);
    Ok(sessions.map(|item| item.path).collect())
}

/// What [`prune`] would do, file by file, in the order of their names.
///
/// # Errors
/// When the folder cannot be read or is a symbolic link.
pub fn plan_prune(
    sessions_dir: &Path,
    older_than: Duration,
    policy: PrunePolicy,
) -> Result<PrunePlan> {
    refuse_links(sessions_dir)?;
    let mut plan = PrunePlan::default();
    let entries = match fs::read_dir(sessions_dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(plan),
        Err(e) => {
            return Err(e)
                .with_context(|| format!("cannot read the folder {}", sessions_dir.display()));
        }
    };
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry?.path());
    }
    paths.sort();
    let (paths, others): (Vec<_>, Vec<_>) = paths
        .into_iter()
        .partition(|path| path.extension() == Some(OsStr::new("db")));
    let judged = many::map(&paths, |path| {
        // None: deleted by somebody else meanwhile.
        let metadata = fs::symlink_metadata(path).ok()?;
        let age = age(path, &metadata);
        let verdict = judge(path, &metadata, age, older_than, policy);
        Some((verdict, age, session_bytes(path)))
    })?;
    for (path, judged) in paths.into_iter().zip(judged) {
        let Some((verdict, age, bytes)) = judged else {
            continue;
        };
        let (list, reason) = match verdict {
            Ok(why) => (&mut plan.delete, why),
            Err(why) => (&mut plan.keep, why),
        };
        list.push(PruneItem {
            bytes,
            path,
            age,
            reason,
            what: What::Session,
        });
    }
    leftovers::plan(sessions_dir, &others, (older_than, policy), &mut plan);
    Ok(plan)
}

impl PrunePlan {
    /// Deletes what the plan says. A session that somebody began to record
    /// meanwhile is kept.
    #[must_use]
    pub fn carry_out(self) -> PruneReport {
        let mut report = PruneReport {
            kept: self.keep,
            ..PruneReport::default()
        };
        for mut item in self.delete {
            if interrupt::pressed() {
                item.reason = "prune was interrupted before".into();
                report.kept.push(item);
                continue;
            }
            let done = match item.what {
                What::Session => delete(&item.path),
                what => leftovers::delete(&item.path, what),
            };
            match done {
                Ok(()) => report.deleted.push(item),
                Err(e) if is_locked(&e) => {
                    item.reason = e.to_string();
                    report.kept.push(item);
                }
                Err(e) => {
                    item.reason = format!("{e:#}");
                    report.failed.push(item);
                }
            }
        }
        report
    }
}

/// Why a file may go (`Ok`) or must stay (`Err`).
fn judge(
    path: &Path,
    metadata: &Metadata,
    age: Duration,
    older_than: Duration,
    policy: PrunePolicy,
) -> Result<String, String> {
    if metadata.file_type().is_symlink() {
        return Err("it is a symbolic link".into());
    }
    match liveness(path) {
        Liveness::Live => return Err("a live process is recording it".into()),
        Liveness::Unknown => return Err("its lock cannot be read here".into()),
        Liveness::Idle => {}
    }
    let maker = match maker(path) {
        Err(_) if half_made(path, metadata) => Maker::CutOff,
        maker => maker?,
    };
    if maker == Maker::User && policy == PrunePolicy::AutoOnly {
        return Err("a user's session".into());
    }
    if age < older_than {
        return Err("it is too young".into());
    }
    Ok(match maker {
        Maker::Auto => "an auto session".into(),
        Maker::User => "a user's session".into(),
        Maker::AutoOfVersion(v) => format!("an auto session of schema version {v}"),
        Maker::CutOff => "a session whose making was cut off".into(),
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Maker {
    Auto,
    User,
    AutoOfVersion(i64),
    /// An older build was killed before there was a session in it.
    CutOff,
}

/// Who made the session in a file; `Err` when it is no session at all.
fn maker(path: &Path) -> Result<Maker, String> {
    if let Some(found) = Glance::at(path) {
        return Ok(match &*found.created_by {
            "user" => Maker::User,
            _ => Maker::Auto,
        });
    }
    let error = match SessionDb::open_read_only(path) {
        Ok(session) => {
            return match session.is_user() {
                Ok(true) => Ok(Maker::User),
                Ok(false) => Ok(Maker::Auto),
                Err(e) => Err(format!("{e:#}")),
            };
        }
        Err(e) => e,
    };
    match error.downcast_ref() {
        Some(SessionError::SchemaMismatch { found, .. }) => match user_of_other_version(path) {
            Ok(true) => Ok(Maker::User),
            Ok(false) => Ok(Maker::AutoOfVersion(*found)),
            Err(_) => Err(format!(
                "it has schema version {found}, and is not recognisably a session"
            )),
        },
        Some(SessionError::NotASession { why, .. }) => Err(format!("not a session DB: {why}")),
        _ => Err(format!("{error:#}")),
    }
}

/// Whether a session of another version is a user's; an error when its
/// `sessions` table is not ours.
fn user_of_other_version(path: &Path) -> rusqlite::Result<bool> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    distrust(&conn)?;
    conn.query_row(
        "SELECT count(*) FILTER (WHERE created_by IS NOT 'auto') > 0 FROM sessions
         WHERE id IS NOT NULL AND kind IS NOT NULL AND target IS NOT NULL
         HAVING count(*) > 0",
        [],
        |row| row.get(0),
    )
}

/// Since the last write to a file.
pub(super) fn age_of(metadata: &Metadata) -> Duration {
    let written = metadata.modified().unwrap_or(SystemTime::now());
    SystemTime::now()
        .duration_since(written)
        .unwrap_or_default()
}

/// Since the newest write to the file or its log. A time to come counts as now.
fn age(path: &Path, metadata: &Metadata) -> Duration {
    let log = fs::symlink_metadata(sibling(path, "-wal"));
    let newest = [metadata.modified(), log.and_then(|m| m.modified())]
        .into_iter()
        .filter_map(io::Result::ok)
        .max()
        .unwrap_or(SystemTime::now());
    SystemTime::now().duration_since(newest).unwrap_or_default()
}

/// Deletes a session. Whoever kills us on the way leaves the session without its
/// raw files, or nothing but what [`leftovers`] knows.
fn delete(path: &Path) -> Result<()> {
    // Held so that nobody starts to record under this name meanwhile.
    let _lock = SessionLock::take(path)?;
    let folder = path.with_extension("");
    let raw = fs::symlink_metadata(&folder)
        .is_ok_and(|m| m.is_dir()) // Else it is not a folder of ours.
        .then(|| temporary_name(path));
    if let Some(doomed) = &raw {
        fs::rename(&folder, doomed)
            .with_context(|| format!("its folder {} stays", folder.display()))?;
    }
    if let Err(e) = fs::remove_file(path) {
        if let Some(doomed) = &raw {
            let _ = fs::rename(doomed, &folder);
        }
        return Err(e.into());
    }
    for suffix in ["-wal", "-shm", "-journal"] {
        remove_if_there(&sibling(path, suffix))?;
    }
    match raw {
        Some(doomed) => fs::remove_dir_all(&doomed)
            .with_context(|| format!("its folder stays as {}", doomed.display())),
        None => Ok(()),
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

fn is_locked(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(SessionError::Locked { .. }))
}

/// Bytes that a session takes, and deleting it sets free: the file at `path`,
/// its log, its folder with the raw files.
#[must_use]
pub fn session_bytes(path: &Path) -> u64 {
    let files = ["", "-wal", "-shm"].map(|suffix| tree_bytes(&sibling(path, suffix)));
    files.iter().sum::<u64>() + tree_bytes(&path.with_extension(""))
}

pub(super) fn tree_bytes(path: &Path) -> u64 {
    match fs::symlink_metadata(path) {
        Ok(m) if m.is_dir() => fs::read_dir(path)
            .into_iter()
            .flatten()
            .filter_map(io::Result::ok)
            .map(|entry| tree_bytes(&entry.path()))
            .sum(),
        Ok(m) => m.len(),
        Err(_) => 0,
    }
}
