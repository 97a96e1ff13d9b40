//! `status`: how things stand.

use anyhow::Result;

use super::cli::Status;
use super::select::{Access, newest, with, with_active};
use super::{Context, Form};
use crate::interrupt::is_interruption;
use crate::query::overview::{Overview, overview};
use crate::render::{self, Answer};

pub(super) fn run(args: &Status, context: &Context<'_>, form: Form) -> Result<Answer> {
    let wanted = args.which.session.as_deref();
    // How the recorder is doing is told even if the file has been damaged under it.
    let active = with_active(wanted, context, &mut |session| {
        Ok((session.label().to_owned(), overview(session)))
    })?;
    let mut status = render::status::Status {
        debugger: context.live.map(super::Live::status),
        active: active.is_some(),
        session: None,
        damaged: None,
    };
    match active {
        Some((_, Ok(found))) => status.session = Some(found),
        Some((_, Err(e))) if is_interruption(&e) => return Err(e),
        Some((label, Err(e))) => {
            status.damaged = Some(format!("{label} (active), which cannot be read: {e:#}"));
        }
        None => status.session = stored(wanted, context)?,
    }
    Ok(render::status::status(&status, form))
}

/// Inside a debugger, no active session is an answer; outside, the newest is meant.
fn stored(wanted: Option<&str>, context: &Context<'_>) -> Result<Option<Overview>> {
    let nothing =
        || -> Result<bool> { Ok(context.live.is_some() || newest(&context.cwd)?.is_none()) };
    if wanted.is_none() && nothing()? {
        return Ok(None);
    }
    with(wanted, Access::Read, context, overview).map(Some)
}
