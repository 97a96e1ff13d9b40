//! What processes that were killed left in a sessions folder: each kind is known
//! by what only we make, and nothing else is touched.
//!
//! | left | by |
//! |---|---|
//! | `.NAME.new-PID-N` | a file that was being made; in a raw folder a profile, with its copy if no layer has that |
//! | `LABEL.db-wal`, `-shm`, `-journal`, `-lock` without `LABEL.db` | a session that was being deleted |
//! | an empty `LABEL.db` beside its `-lock` | a session that an older build was making |
//! | `LABEL/` with nothing in it | the raw folder of one that was being deleted |

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use rusqlite::{Connection, OpenFlags};

use super::lock::{Liveness, SessionLock, liveness};
use super::newfile::{abandoned, is_temporary, remove_with_logs};
use super::paths::sibling;
use super::prune::{What, age_of, tree_bytes};
use super::session::remove_logs;
use super::{PruneItem, PrunePlan, PrunePolicy, SessionDb};

/// Puts into a plan what dead processes left beside the sessions of a folder.
pub(super) fn plan(
    folder: &Path,
    entries: &[PathBuf],
    (older_than, policy): (Duration, PrunePolicy),
    plan: &mut PrunePlan,
) {
    let mut orphans = HashSet::new();
    for path in entries {
        let Ok(metadata) = fs::symlink_metadata(path) else {
            continue; // Deleted by somebody else meanwhile.
        };
        if is_temporary(path) {
            if abandoned(path) {
                plan.delete.push(item(path, &metadata, What::Temporary));
            }
        } else if metadata.is_dir() {
            raw_folder(path, &metadata, (older_than, policy), plan);
        } else if let Some(db) = lost_its_session(path, &metadata)
            && age_of(&metadata) >= older_than
            && orphans.insert(db.clone())
        {
            plan.delete.push(item(&db, &metadata, What::Orphan));
        }
    }
    trash(folder, plan);
}

fn item(path: &Path, metadata: &Metadata, what: What) -> PruneItem {
    PruneItem {
        path: path.to_owned(),
        bytes: tree_bytes(path),
        age: age_of(metadata),
        reason: what.reason().to_owned(),
        what,
    }
}

/// The session that a log or lock belonged to, if that is gone.
fn lost_its_session(path: &Path, metadata: &Metadata) -> Option<PathBuf> {
    let whole = path.as_os_str().as_bytes();
    let (stem, suffix) = ["-wal", "-shm", "-journal", "-lock"]
        .iter()
        .find_map(|suffix| Some((whole.strip_suffix(suffix.as_bytes())?, *suffix)))?;
    let db = PathBuf::from(OsStr::from_bytes(stem));
    let ours = db.extension() == Some(OsStr::new("db"))
        && metadata.is_file()
        && fs::symlink_metadata(&db).is_err()
        && looks_like(path, metadata.len(), suffix);
    (ours && liveness(&db) == Liveness::Idle).then_some(db)
}

/// Whether a file begins as SQLite's of that kind do; a lock is empty.
fn looks_like(path: &Path, length: u64, suffix: &str) -> bool {
    let mut head = [0; 4];
    let mut read = || fs::File::open(path)?.read_exact(&mut head);
    match suffix {
        _ if length == 0 => true,
        "-lock" => false,
        _ if read().is_err() => false,
        "-wal" => head[..3] == [0x37, 0x7f, 0x06],
        "-journal" => head == [0xd9, 0xd5, 0x05, 0xf9] || head == [0; 4],
        _ => true,
    }
}

/// Whether a `.db` that holds no session is one that an older build began: it is
/// without any table, and the lock, whose name only we use, stands beside it.
pub(super) fn half_made(path: &Path, metadata: &Metadata) -> bool {
    let lock = fs::symlink_metadata(sibling(path, "-lock"));
    metadata.is_file()
        && lock.is_ok_and(|lock| lock.is_file() && lock.len() == 0 && lock.uid() == metadata.uid())
        && (metadata.len() == 0 || has_no_table(path))
}

fn has_no_table(path: &Path) -> bool {
    let count = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).and_then(
        |conn| -> rusqlite::Result<(i64, i64)> {
            conn.query_row(
                "SELECT count(*), (SELECT user_version FROM pragma_user_version) FROM sqlite_master",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
        },
    );
    matches!(count, Ok((0, 0)))
}

/// A session's own folder: what was being put into it, and itself when its
/// session is gone.
fn raw_folder(
    folder: &Path,
    metadata: &Metadata,
    (older_than, policy): (Duration, PrunePolicy),
    plan: &mut PrunePlan,
) {
    let db = with_db(folder);
    if fs::symlink_metadata(&db).is_ok() {
        for path in files(&folder.join("raw")) {
            if is_temporary(&path)
                && abandoned(&path)
                && let Ok(metadata) = fs::symlink_metadata(&path)
            {
                plan.delete.push(item(&path, &metadata, What::RawTemporary));
            }
        }
        return;
    }
    let raw = files(&folder.join("raw"));
    let left = raw.iter().all(|path| is_temporary(path) && abandoned(path));
    let only_raw = files(folder).iter().all(|path| path.ends_with("raw"));
    if only_raw && left {
        if age_of(metadata) >= older_than && liveness(&db) == Liveness::Idle {
            plan.delete.push(item(folder, metadata, What::RawFolder));
        }
    } else if folder.join("raw").is_dir() {
        let mut item = item(folder, metadata, What::RawFolder);
        if policy == PrunePolicy::All && item.age >= older_than {
            plan.delete.push(item);
        } else {
            item.reason = "raw files without their session; `--all` deletes them".into();
            plan.keep.push(item);
        }
    }
}

/// How long what was deleted by hand can be had back.
const TRASH: Duration = Duration::from_secs(7 * 86_400);

/// What lies in the trash beside the sessions folder for longer than a week.
fn trash(folder: &Path, plan: &mut PrunePlan) {
    let dot_dbg = folder.parent();
    let dot_dbg = dot_dbg.filter(|p| p.file_name() == Some(OsStr::new(".dbg")));
    for path in dot_dbg.map_or_else(Vec::new, |p| files(&p.join("trash"))) {
        if let Ok(metadata) = fs::symlink_metadata(&path)
            && age_of(&metadata) >= TRASH
        {
            plan.delete.push(item(&path, &metadata, What::Trash));
        }
    }
}

/// How long rescued hits wait for `recover`.
const RESCUED: Duration = Duration::from_secs(30 * 86_400);

/// The rescued hits that nobody wanted, and files that were being made there.
pub(crate) fn plan_prune_rescued(folder: &Path) -> Vec<PruneItem> {
    let mut items = Vec::new();
    for path in files(folder) {
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            continue;
        };
        if is_temporary(&path) && abandoned(&path) {
            items.push(item(&path, &metadata, What::Temporary));
        } else if path.extension() == Some(OsStr::new("db"))
            && metadata.is_file()
            && age_of(&metadata) >= RESCUED
        {
            items.push(item(&path, &metadata, What::Rescued));
        }
    }
    items
}

/// Deletes what [`plan`] found, if it is still so.
pub(super) fn delete(path: &Path, what: What) -> Result<()> {
    match what {
        What::Session => {}
        What::Temporary if abandoned(path) => {
            if path.is_dir() {
                fs::remove_dir_all(path)?;
            } else {
                remove_with_logs(path);
            }
        }
        What::RawTemporary if abandoned(path) => forget_copy(path)?,
        What::Temporary | What::RawTemporary => {}
        What::Orphan => {
            // Held so that nobody makes a session of this name meanwhile; it goes with its file.
            let _lock = SessionLock::take(path)?;
            if fs::symlink_metadata(path).is_err() {
                remove_logs(path);
            }
        }
        What::RawFolder => {
            let db = with_db(path);
            let _lock = SessionLock::take(&db)?;
            if fs::symlink_metadata(&db).is_err() {
                fs::remove_dir_all(path)?;
            }
        }
        What::Rescued => {
            let _lock = SessionLock::take(path)?;
            fs::remove_file(path)?;
            remove_logs(path);
        }
        What::Trash if fs::symlink_metadata(path)?.is_dir() => fs::remove_dir_all(path)?,
        What::Trash => fs::remove_file(path)?,
    }
    Ok(())
}

/// A profile whose adding was cut off: its temporary goes, and the copy, which is
/// the same file under its own name, unless a layer was made of it.
fn forget_copy(temporary: &Path) -> Result<()> {
    let Ok(mark) = fs::symlink_metadata(temporary) else {
        return Ok(()); // Gone with its session.
    };
    let raw = temporary.parent().unwrap_or(Path::new(""));
    for path in files(raw) {
        let same = fs::symlink_metadata(&path)
            .is_ok_and(|m| (m.dev(), m.ino()) == (mark.dev(), mark.ino()));
        if same && path != temporary && !is_a_layers(&path)? {
            fs::remove_file(&path)?;
        }
    }
    remove_with_logs(temporary);
    // Folders that were made for it, unless something else is in them.
    let _ = fs::remove_dir(raw);
    let _ = raw.parent().map(fs::remove_dir);
    Ok(())
}

fn is_a_layers(file: &Path) -> Result<bool> {
    let Some(folder) = file.parent().and_then(Path::parent) else {
        return Ok(true);
    };
    let session = SessionDb::open_read_only(&with_db(folder))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let query = "SELECT EXISTS (SELECT 1 FROM layers WHERE file = ?)";
    Ok(session.conn().query_row(query, [name], |row| row.get(0))?)
}

/// Tidies a raw folder before something is put into it.
pub(crate) fn tidy_raw(raw: &Path) {
    for path in files(raw) {
        if is_temporary(&path) && abandoned(&path) {
            // What cannot be done now prune does later.
            let _ = forget_copy(&path);
        }
    }
}

/// `LABEL/` → `LABEL.db`; a label may hold dots.
fn with_db(folder: &Path) -> PathBuf {
    sibling(folder, ".db")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    // A link is not followed, whatever it leads to.
    if fs::symlink_metadata(folder).is_ok_and(|m| !m.is_dir()) {
        return Vec::new();
    }
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries
        .filter_map(io::Result::ok)
        .map(|entry| entry.path())
        .collect()
}
