//! `list`: the sessions of a folder.

use anyhow::Result;

use super::cli::List;
use super::recover::of_here;
use super::select::{elsewhere, with_active};
use super::{Context, Form};
use crate::query::sessions::{Listing, describe, folders, list};
use crate::render::{self, Answer};
use crate::session_db::sessions_dir;

pub(super) fn run(args: &List, context: &Context<'_>, form: Form) -> Result<Answer> {
    let nearest = folders(&context.cwd).into_iter().next();
    let mut listing = list(
        &nearest.unwrap_or_else(|| sessions_dir(&context.cwd)),
        elsewhere(&context.cwd),
    )?;
    add_active(&mut listing, context)?;
    listing.rescued = of_here(context)?;
    Ok(render::sessions::sessions(&listing, args.group, form))
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
