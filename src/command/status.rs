//! `status`: how things stand.

use anyhow::Result;
use clap::Args;

use super::args::Which;
use super::select::{newest, with_active};
use super::{Context, Form, Reply, Run};
use crate::interrupt::is_interruption;
use crate::query::status::{Overview, overview};
use crate::render;

/// Show the active session, or the newest
#[derive(Args)]
#[command(
    long_about = "Show the active session, or the newest\n\nIts file, how often each location \
                  was hit, notes, and what went wrong; inside a debugger also how the \
                  recorder is doing.",
    after_long_help = "Examples:\n  dbg-session status\n  dbg-session status --session crash-1"
)]
pub(super) struct Status {
    #[command(flatten)]
    pub which: Which,
}

impl Run for Status {
    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        // How the recorder is doing is told even if the file has been damaged under it.
        let active = with_active(self.which.name(), context, &mut |session| {
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
            None => status.session = stored(&self.which, context)?,
        }
        Ok(render::status::status(&status, form).into())
    }
}

/// Inside a debugger, no active session is an answer; outside, the newest is meant.
fn stored(which: &Which, context: &Context<'_>) -> Result<Option<Overview>> {
    let nothing =
        || -> Result<bool> { Ok(context.live.is_some() || newest(&context.cwd)?.is_none()) };
    if which.session.is_none() && nothing()? {
        return Ok(None);
    }
    which.read(context, overview).map(Some)
}
