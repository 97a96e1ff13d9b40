//! `status`: how things stand.

use anyhow::Result;

use super::cli::Status;
use super::select::{Access, newest, with, with_active};
use super::{Context, Form};
use crate::query::overview::{Overview, overview};
use crate::render::{self, Answer};

pub(super) fn run(args: &Status, context: &Context<'_>, form: Form) -> Result<Answer> {
    let wanted = args.which.session.as_deref();
    let active = with_active(wanted, context, &mut overview)?;
    let status = render::status::Status {
        debugger: context.live.map(super::Live::status),
        active: active.is_some(),
        session: match active {
            Some(active) => Some(active),
            None => stored(wanted, context)?,
        },
    };
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
