//! Which session is meant.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Result, bail};
use jiff::Timestamp;

use super::{Context, Form};
use crate::many;
use crate::query::sessions::{self, folders};
use crate::record::state_dir;
use crate::render::Answer;
use crate::session_db::{Label, SessionDb, sessions_dir};

/// What a verb does with the session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// Runs `ask` on the session that is wanted: by its label or file, else the
/// active one, else the newest.
pub(super) fn with<T>(
    wanted: Option<&str>,
    access: Access,
    context: &Context<'_>,
    mut ask: impl FnMut(&SessionDb) -> Result<T>,
) -> Result<T> {
    if let Some(answer) = with_active(wanted, context, &mut ask)? {
        return Ok(answer);
    }
    let path = match wanted {
        Some(name) => named(name, &context.cwd)?,
        None => match newest(&context.cwd)? {
            Some(path) => path,
            None => bail!(
                "{}no session is recorded in {} or above it; stop at a breakpoint with the plugin \
                 loaded, name one with `--session`, or make one with `dbg-session new`",
                sessions::barred(&context.cwd).map_or_else(String::new, |barred| barred + "; "),
                context.cwd.display()
            ),
        },
    };
    let session = match access {
        Access::Read => SessionDb::open_read_only(&path)?,
        Access::Write => SessionDb::open(&path)?,
    };
    ask(&session)
}

/// Runs `ask` on the active session, if there is one and it is the one wanted.
pub(super) fn with_active<T>(
    wanted: Option<&str>,
    context: &Context<'_>,
    ask: &mut dyn FnMut(&SessionDb) -> Result<T>,
) -> Result<Option<T>> {
    let Some(live) = context.live else {
        return Ok(None);
    };
    let mut answer = None;
    live.with_session(&mut |session| {
        if wanted.is_none_or(|wanted| is_meant(session, wanted, &context.cwd)) {
            answer = Some(ask(session));
        }
        Ok(())
    })?;
    answer.transpose()
}

fn is_meant(session: &SessionDb, wanted: &str, cwd: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    session.label() == wanted
        || session.db_path().is_some_and(|path| {
            path.file_stem().is_some_and(|stem| stem == wanted)
                || real(path).is_some_and(|path| Some(path) == real(&cwd.join(wanted)))
        })
}

/// The file of a session by its label, its file's stem, or its path.
pub(super) fn named(name: &str, cwd: &Path) -> Result<PathBuf> {
    if is_path(name) {
        let path = cwd.join(name);
        if path.exists() || name.contains('/') {
            return Ok(path); // What is wrong with it is said when it is opened.
        }
    }
    let stem = name.strip_suffix(".db").unwrap_or(name);
    for folder in folders(cwd).into_iter().chain(state_folder()) {
        if let Ok(label) = stem.parse::<Label>() {
            let path = folder.join(label.file_name());
            if path.exists() {
                return Ok(path);
            }
        }
        for path in sessions::files(&folder)? {
            if SessionDb::open_read_only(&path).is_ok_and(|session| session.label() == name) {
                return Ok(path);
            }
        }
    }
    bail!(
        "there is no session `{name}` in {} or above it; `dbg-session list` shows those there are",
        cwd.display()
    )
}

/// Whether a person wrote a path, not a label.
fn is_path(name: &str) -> bool {
    name.contains('/') || Path::new(name).extension().is_some_and(|end| end == "db")
}

/// The newest session of the nearest folder that has any, or of this folder's
/// in the user's state folder.
pub(super) fn newest(cwd: &Path) -> Result<Option<PathBuf>> {
    let elsewhere = elsewhere(cwd);
    let mut unreadable = None;
    for folder in folders(cwd) {
        let here = sessions::files(&folder)?;
        let is_empty = here.is_empty();
        let newest = newest_of(here.into_iter().chain(elsewhere.clone()))?;
        if newest.is_none() && !is_empty {
            unreadable.get_or_insert(folder);
            continue;
        }
        match (&newest, &unreadable) {
            (None, _) => {}
            (Some(_), None) => return Ok(newest),
            // It would be taken for the answer of a run that was recorded here.
            (Some(above), Some(here)) => bail!(
                "none of the files in {} can be read as a session, and `dbg-session list` says why; \
                 the next one is {}, which `--session` asks",
                here.display(),
                above.display()
            ),
        }
    }
    newest_of(elsewhere.into_iter())
}

/// A file was written last after its session began, or a clock was wrong by no more than this.
const CLOCKS: Duration = Duration::from_secs(24 * 60 * 60);
/// Files that are looked at before it is asked whether older ones can matter.
const FIRST_LOOKED_AT: usize = 64;

/// The session that began last. Of a folder of thousands only the files written last are read.
fn newest_of(files: impl Iterator<Item = PathBuf>) -> Result<Option<PathBuf>> {
    let mut files: Vec<(Option<SystemTime>, PathBuf)> =
        files.map(|path| (written(&path), path)).collect();
    files.sort_unstable_by(|a, b| b.cmp(a));
    let mut newest = None;
    let (mut rest, mut count) = (&files[..], FIRST_LOOKED_AT);
    while let Some((time, _)) = rest.first() {
        let latest = time.and_then(|time| Timestamp::try_from(time + CLOCKS).ok());
        let enough = |(began, _): &(String, &PathBuf)| {
            let began: Option<Timestamp> = began.parse().ok();
            began
                .zip(latest)
                .is_some_and(|(began, latest)| began > latest)
        };
        if newest.as_ref().is_some_and(enough) {
            break;
        }
        let (these, later) = rest.split_at(count.min(rest.len()));
        (rest, count) = (later, count * 2);
        let began = many::map(these, |(_, path)| sessions::began(path))?;
        for ((_, path), began) in these.iter().zip(began) {
            // What is no session is not asked, and `list` says why.
            if let Some(began) = began? {
                newest = newest.max(Some((began, path)));
            }
        }
    }
    Ok(newest.map(|(_, path)| path.clone()))
}

/// When a session was written last: its log may be younger than its file.
fn written(path: &Path) -> Option<SystemTime> {
    let modified = |path: &Path| fs::metadata(path).ok()?.modified().ok();
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    modified(path).max(modified(Path::new(&log)))
}

/// The folder whose sessions are meant by `list`, `prune`, `recover`.
pub(super) enum Nearest {
    /// It can be read, or is not there yet.
    Folder(PathBuf),
    /// It cannot be read, which [`noting_barred`] says.
    Barred(PathBuf),
}

/// The nearest folder of sessions that can be read, else this folder's.
pub(super) fn nearest(cwd: &Path) -> Nearest {
    match folders(cwd).into_iter().next() {
        Some(folder) => Nearest::Folder(folder),
        None if sessions::barred(cwd).is_some() => Nearest::Barred(sessions_dir(cwd)),
        None => Nearest::Folder(sessions_dir(cwd)),
    }
}

/// With a line of a folder whose sessions could not be looked at.
pub(super) fn noting_barred(shown: Answer, context: &Context<'_>, form: Form) -> Answer {
    match sessions::barred(&context.cwd) {
        Some(barred) if !matches!(form, Form::Json { .. }) => shown.noting(&barred),
        _ => shown,
    }
}

/// Where the recorder keeps the sessions of folders that it cannot write to.
fn state_folder() -> Option<PathBuf> {
    state_dir().map(|state| state.join("sessions"))
}

/// The sessions there that belong to `cwd` or to a folder above it.
pub(super) fn elsewhere(cwd: &Path) -> Vec<PathBuf> {
    let files = state_folder().and_then(|folder| sessions::files(&folder).ok());
    let mut files = files.unwrap_or_default();
    let cwd = cwd.canonicalize().unwrap_or_else(|_| cwd.to_owned());
    let owners = many::map(&files, |path| sessions::belongs_to(path));
    let mut owners = owners.unwrap_or_default().into_iter();
    files.retain(|_| {
        let owner = owners.next().flatten();
        owner.is_some_and(|owner| cwd.starts_with(owner))
    });
    files
}
