//! `at-hit`: the instruction and the line that a hit was at.

use anyhow::Result;
use clap::Args;

use super::args::{OneHit, Which};
use super::function_code::{ask_code, keep_live};
use super::select::with_active;
use super::{Context, Form, Reply, Run};
use crate::query::at_hit::at_hit;
use crate::render;
use crate::session_db::SessionDb;

/// Show the instruction and the line that a hit was at
#[derive(Args)]
#[command(
    long_about = "Show the instruction and the line that a hit was at\n\nWith the values that the line \
                  names, as they were then. Machine code is kept of functions that `disasm` or, inside a \
                  debugger, `at-hit` was asked for; recording a hit never waits for it.",
    after_long_help = "Examples:\n  dbg-session at-hit            the newest hit\n  dbg-session at-hit t.c:10 \
                       3   the third hit at t.c:10\n  dbg-session at-hit 17         hit number 17 of the session"
)]
pub(super) struct AtHit {
    #[command(flatten)]
    pub hit: OneHit,
    #[command(flatten)]
    pub which: Which,
}

impl Run for AtHit {
    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let ask = |session: &SessionDb| at_hit(session, &self.hit.meant(session, context)?);
        let mut found = self.which.read(context, ask)?;
        if let (Some(live), None, Some(function)) =
            (context.live, found.offset, &found.hit.function)
        {
            // A line is in one of several overloads.
            let place = match found.source {
                Some(_) => &found.hit.location,
                None => function,
            };
            // Only the active session is of the program that is loaded.
            let mut is_active = |session: &SessionDb| Ok(session.label() == found.session);
            if with_active(self.which.name(), context, &mut is_active)?.unwrap_or(false)
                && let Ok(code) = ask_code(live, context, Some(place))
            {
                keep_live(live, context, &code, "at-hit", |_, _| Ok(()))?;
                found = self.which.read(context, ask)?;
            }
        }
        Ok(render::code::at_hit(&found, form).into())
    }
}
