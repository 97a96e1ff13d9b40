//! `show`: one hit in full.

use anyhow::Result;
use clap::Args;

use super::args::{OneHit, Which};
use super::{Context, Form, Reply, Run};
use crate::query::show::show;
use crate::render;

/// Show one hit in full
#[derive(Args)]
#[command(
    long_about = "Show one hit in full\n\nIts values, watches, stack and notes, and the \
                  source as it was when it was recorded.",
    after_long_help = "Examples:\n  dbg-session show            the newest hit\n  dbg-session \
                       show 17         hit number 17 of the session\n  dbg-session show t.c:10 \
                       3   the third hit at t.c:10\n  dbg-session show parse      the newest hit in parse"
)]
pub(super) struct Show {
    #[command(flatten)]
    pub hit: OneHit,
    #[command(flatten)]
    pub which: Which,
}

impl Run for Show {
    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let shown = self.which.read(context, |session| {
            show(session, &self.hit.meant(session, context)?)
        })?;
        Ok(render::show::show(&shown, form).into())
    }
}
