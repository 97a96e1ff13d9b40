//! What a recorded session says of its breakpoints, and which session is meant.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::command::live::kind_of;
use crate::command::select::{elsewhere, named, with_active};
use crate::command::{Context, Live};
use crate::query::breakpoints::{BreakpointList, breakpoints};
use crate::query::sessions::{files, folders, started_at};
use crate::session_db::{SessionDb, compute_target_hash};

/// What a recorded session says of its breakpoints and its program.
pub(super) struct Past {
    pub list: BreakpointList,
    pub started_at: String,
    /// Relative paths are relative to it.
    pub cwd: PathBuf,
    /// The program is another build now.
    pub rebuilt: bool,
    /// Its file; none where it is this debugger's own, in memory.
    pub path: Option<PathBuf>,
}

impl Past {
    fn of(session: &SessionDb, live: &dyn Live) -> Result<Self> {
        let query = "SELECT target_hash FROM sessions";
        let hash: Option<String> = session.conn().query_row(query, [], |row| row.get(0))?;
        let target = live.status().target;
        let now = target.and_then(|target| compute_target_hash(Path::new(&target)).ok());
        Ok(Self {
            list: breakpoints(session)?,
            started_at: started_at(session)?,
            cwd: session.cwd()?.unwrap_or_default(),
            rebuilt: now.is_some() && now != hash,
            path: session.db_path().map(Path::to_owned),
        })
    }

    /// Whether it was recorded in a debugger of this kind.
    pub(super) fn is_of(&self, live: &dyn Live) -> bool {
        self.list.debugger == Some(kind_of(live))
    }
}

/// Of the session that is named, or of the newest that has any breakpoints.
pub(super) fn past(label: Option<&str>, live: &dyn Live, context: &Context<'_>) -> Result<Past> {
    let Some(label) = label else {
        return newest_past(live, context);
    };
    let read = &mut |session: &SessionDb| Past::of(session, live);
    let past = match with_active(Some(label), context, read)? {
        Some(past) => past,
        None => Past::of(
            &SessionDb::open_read_only(&named(label, &context.cwd)?)?,
            live,
        )?,
    };
    if past.list.is_empty() {
        bail!("session {label} keeps no breakpoints; `dbg-session list` shows other sessions");
    }
    Ok(past)
}

/// Of the newest session of this program, other than the active one, that has any.
fn newest_past(live: &dyn Live, context: &Context<'_>) -> Result<Past> {
    let Some(target) = live.status().target else {
        bail!(
            "the debugger has no program; load one, or name a session: `breakpoints restore LABEL`"
        );
    };
    let mut active = None;
    live.with_session(&mut |session| {
        active = session.db_path().map(Path::to_owned);
        Ok(())
    })?;
    let in_folders = folders(&context.cwd)
        .into_iter()
        .map(|folder| files(&folder));
    let mut paths: Vec<PathBuf> = in_folders.collect::<Result<Vec<_>>>()?.concat();
    paths.extend(elsewhere(&context.cwd));
    paths.retain(|path| active.as_ref() != Some(path));
    let mut newest: Option<Past> = None;
    for path in paths {
        let Ok(session) = SessionDb::open_read_only(&path) else {
            continue; // `list` says why.
        };
        let started = started_at(&session)?;
        let newer = newest.as_ref().is_none_or(|past| past.started_at < started);
        if newer && session.target() == target {
            let past = Past::of(&session, live)?;
            if !past.list.is_empty() {
                newest = Some(past);
            }
        }
    }
    match newest {
        Some(past) => Ok(past),
        None => bail!(
            "no earlier session of {target} keeps breakpoints; `dbg-session list` shows the sessions there \
             are, `breakpoints restore LABEL` takes those of another program"
        ),
    }
}
