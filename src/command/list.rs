//! `list`: the sessions of a folder.

use anyhow::Result;
use clap::Args;

use super::recover::of_here;
use super::select::{Nearest, elsewhere, nearest, noting_barred, with_active};
use super::{Context, Form, Reply, Run};
use crate::query::sessions::{Listing, describe, list, list_files};
use crate::render;

/// List sessions, newest first
#[derive(Args)]
#[command(
    long_about = "List sessions, newest first\n\nThose in `.dbg/sessions` of this folder, \
                  else the nearest above it. `live` is being recorded, `interrupted` lost its \
                  recorder and holds all that was written until then. `by` is `user` when a person \
                  made or promoted it. A terminal leaves out what is usual: an ended auto session of a \
                  debugger. Files there that are no sessions are named below.",
    after_long_help = "Examples:\n  dbg-session list\n  dbg-session list --group"
)]
pub(super) struct List {
    /// Number the groups: sessions of the same build of a target, from the same folder
    #[arg(long)]
    pub group: bool,
}

impl Run for List {
    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let elsewhere = elsewhere(&context.cwd);
        let mut listing = match nearest(&context.cwd) {
            Nearest::Folder(folder) => list(&folder, elsewhere)?,
            Nearest::Barred(folder) => list_files(&folder, elsewhere)?,
        };
        add_active(&mut listing, context)?;
        listing.rescued = of_here(context)?;
        let shown = render::sessions::sessions(&listing, self.group, form);
        Ok(noting_barred(shown, context, form).into())
    }
}

/// The active session may live in memory, or elsewhere.
fn add_active(listing: &mut Listing, context: &Context<'_>) -> Result<()> {
    let Some(active) = with_active(None, context, &mut describe)? else {
        return Ok(());
    };
    let same = |a: &Option<std::path::PathBuf>, b: &Option<std::path::PathBuf>| match (a, b) {
        (Some(a), Some(b)) => a.canonicalize().ok() == b.canonicalize().ok(),
        _ => false,
    };
    if !listing
        .sessions
        .iter()
        .any(|session| same(&session.path, &active.path))
    {
        listing.sessions.insert(0, active);
    }
    Ok(())
}
