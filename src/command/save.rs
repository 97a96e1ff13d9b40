//! `save`: persist and promote a session.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::cli::Save;
use super::live::{Place, SaveTo, Saved};
use super::select::{Access, with};
use super::{Context, Form};
use crate::render::{Answer, answer};
use crate::session_db::{
    Label, SessionDb, copy_file, is_temporary, make_parents, refuse_links, sessions_dir, utc_now,
};

pub(super) fn run(args: &Save, context: &Context<'_>, form: Form) -> Result<Answer> {
    let to = SaveTo {
        place: args
            .to
            .as_deref()
            .map(|to| place(to, &context.cwd))
            .transpose()?,
        force: args.force,
    };
    let live = context.live.filter(|_| args.which.session.is_none());
    let saved = match live {
        Some(live) => live.save(&to)?,
        // A copy needs no more than reading; being promoted in place does.
        None => {
            let access = if to.place.is_some() {
                Access::Read
            } else {
                Access::Write
            };
            with(args.which.session.as_deref(), access, context, |session| {
                save_session(session, &to, &context.cwd)
            })?
        }
    };
    Ok(answer(&saved, form, || {
        let path = saved.path.display();
        Answer::new(super::line(&format!(
            "session {} saved to {path}",
            saved.label
        )))
    }))
}

fn place(to: &str, cwd: &Path) -> Result<Place> {
    Ok(
        if Path::new(to).extension().is_some_and(|end| end == "db") {
            Place::Path(cwd.join(to))
        } else {
            Place::Label(to.parse()?)
        },
    )
}

/// Persists and promotes a session: in place, or as a copy with its raw files.
/// `cwd` is where a session in memory belongs.
///
/// # Errors
/// As [`SessionDb::save_to`]; what was at the place is then untouched.
pub fn save_session(session: &SessionDb, to: &SaveTo, cwd: &Path) -> Result<Saved> {
    let (path, label) = destination(session, to, cwd)?;
    let own = session.db_path();
    if own.is_some_and(|own| same_place(own, &path)) {
        session.save_to(&path)?;
        session.promote_to_user()?;
        return Ok(Saved { label, path });
    }
    // The copy is a finished record of its own: a reader must not take it for
    // an interrupted one.
    let copied = session.save_changed(&path, to.force, |copy| {
        copy.execute(
            "UPDATE sessions SET created_by = 'user', label = ?, ended_at = coalesce(ended_at, ?)",
            [&label, &utc_now()],
        )?;
        Ok(())
    })?;
    copied.put(to.force)?;
    if let Some(own) = own {
        let raw = own.with_extension("").join("raw");
        copy_raw(&raw, &path.with_extension("").join("raw")).with_context(|| {
            format!(
                "the session is saved, without its raw files in {}",
                raw.display()
            )
        })?;
    }
    Ok(Saved { label, path })
}

/// The file, and the label that the session has there.
fn destination(session: &SessionDb, to: &SaveTo, cwd: &Path) -> Result<(PathBuf, String)> {
    let own_folder = session.db_path().and_then(Path::parent);
    let folder = own_folder.map_or_else(|| sessions_dir(cwd), Path::to_owned);
    let own_label = session.label().to_owned();
    Ok(match (&to.place, session.db_path()) {
        (None, Some(path)) => (path.to_owned(), own_label),
        (None, None) => {
            let label: Label = own_label.parse()?;
            (folder.join(label.file_name()), own_label)
        }
        (Some(Place::Label(label)), _) => (folder.join(label.file_name()), label.to_string()),
        (Some(Place::Path(path)), _) => {
            let stem = path.file_stem().and_then(OsStr::to_str);
            let label = stem.and_then(|stem| stem.parse::<Label>().ok());
            (
                path.clone(),
                label.map_or(own_label, |label| label.to_string()),
            )
        }
    })
}

fn same_place(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| fs::canonicalize(path).ok();
    real(a).is_some_and(|a| Some(a) == real(b))
}

/// Copies the plain files of a raw folder, each of which is seen when it is whole.
fn copy_raw(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy_raw(&source, &target)?;
        } else if kind.is_file() && !is_temporary(&source) {
            refuse_links(&target)?;
            make_parents(&target)?;
            copy_file(&source, &target)?;
        }
    }
    Ok(())
}
