//! `cross`: everything known of one function.

use anyhow::Result;
use clap::Args;

use super::args::{Function, Which};
use super::{Context, Form, Reply, Run};
use crate::query::cross::cross;
use crate::render;

/// Show everything known of one function
#[derive(Args)]
#[command(
    long_about = "Show everything known of one function\n\nIts hits with their places, \
                  callers and arguments, what it cost in each layer, the breakpoints in it, notes, and \
                  which source and machine code are kept. A function may be written short: \
                  `parse` for `ns::Parser::parse`, as long as that is the only one.",
    after_long_help = "Examples:\n  dbg-session cross parse\n  dbg-session cross ns::Parser::parse --json"
)]
pub(super) struct Cross {
    /// The function's name, as much of it as tells it apart
    pub symbol: Function,
    #[command(flatten)]
    pub which: Which,
}

impl Run for Cross {
    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let found = self
            .which
            .read(context, |session| cross(session, &self.symbol))?;
        Ok(render::cross::cross(&found, form).into())
    }
}
