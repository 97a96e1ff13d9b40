//! `list`: the sessions of a folder.

use anyhow::Result;

use super::cli::List;
use super::recover::of_here;
use super::select::{Nearest, elsewhere, nearest, noting_barred, with_active};
use super::{Context, Form};
use crate::query::sessions::{Listing, describe, list, list_files};
use crate::render::{self, Answer};

pub(super) fn run(args: &List, context: &Context<'_>, form: Form) -> Result<Answer> {
    let elsewhere = elsewhere(&context.cwd);
    let mut listing = match nearest(&context.cwd) {
        Nearest::Folder(folder) => list(&folder, elsewhere)?,
        Nearest::Barred(folder) => list_files(&folder, elsewhere)?,
    };
    add_active(&mut listing, context)?;
    listing.rescued = of_here(context)?;
    let shown = render::sessions::sessions(&listing, args.group, form);
    Ok(noting_barred(shown, context, form))
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
