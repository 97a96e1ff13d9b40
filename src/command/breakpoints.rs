//! `breakpoints`: what was set when a session was recorded, and setting it again.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use super::cli::Which;
use super::restore::{allow_commands, restore};
use super::select::{Access, elsewhere, named, with, with_active};
use super::{Context, Form, Live};
use crate::query::breakpoints::{BreakpointList, breakpoints};
use crate::query::sessions::{files, folders, started_at};
use crate::render::{self, Answer};
use crate::session_db::{SessionDb, compute_target_hash};

#[derive(Subcommand)]
pub(super) enum Breakpoints {
    /// Show the breakpoints, tracepoints and watches that a session keeps
    #[command(
        after_long_help = "Examples:\n  dbg-session breakpoints list\n  dbg-session breakpoints list --session crash-1"
    )]
    List(Which),
    /// Set the breakpoints, tracepoints and watches of a recorded session again (inside a debugger)
    #[command(
        long_about = "Set the breakpoints, tracepoints and watches of a recorded session again\n\n\
                      Says which no longer resolve, and why; what the debugger has already is left as it is. \
                      A session of GDB's can be restored in LLDB and the other way round, commands and what \
                      only one of them understands excepted. When the target was built anew and a line's text \
                      has moved inside its function, the breakpoint goes where the text is now.\n\n\
                      Nothing that stands in a session's file is carried out: places, paths of variables and \
                      comparisons are set again, what is more than that is named with the reason.",
        after_long_help = "Examples:\n  dbg-session breakpoints restore\n  dbg-session breakpoints restore crash-1\n  \
                           dbg-session breakpoints restore --with-commands"
    )]
    Restore(Restore),
}

#[derive(Args)]
pub(super) struct Restore {
    /// Session to take them from, by its label or its file [default: the newest earlier one of this program
    /// that has any]
    #[arg(value_name = "LABEL|PATH")]
    pub label: Option<String>,
    /// The same, as the verbs that ask a session have it
    #[arg(long, value_name = "LABEL|PATH", conflicts_with = "label", hide = true)]
    pub session: Option<String>,
    /// Set breakpoints with the commands that they had: shows each and asks; never those of another user's file
    #[arg(long)]
    pub with_commands: bool,
    /// Do not ask before commands are set, nor before many functions are traced
    #[arg(long)]
    pub yes: bool,
}

pub(super) fn run(verb: &Breakpoints, context: &Context<'_>, form: Form) -> Result<Answer> {
    match verb {
        Breakpoints::List(which) => {
            let wanted = which.session.as_deref();
            let list = with(wanted, Access::Read, context, breakpoints)?;
            Ok(render::breakpoints::list(&list, form))
        }
        Breakpoints::Restore(args) => {
            let live = context.debugger("breakpoints restore")?;
            let wanted = args.label.as_deref().or(args.session.as_deref());
            let past = past(wanted, live, context)?;
            let commands = args.with_commands && allow_commands(&past, live, args.yes)?;
            let restoration = restore(&past, live, commands, args)?;
            Ok(render::breakpoints::restored(&restoration, form))
        }
    }
}

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
}

fn past(label: Option<&str>, live: &dyn Live, context: &Context<'_>) -> Result<Past> {
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
