//! `callers`: by which paths a place was reached.

use anyhow::Result;
use clap::Args;

use super::args::{LOC, Location, Narrow, Which, limit};
use super::{Context, Form, Reply, Run};
use crate::query::callers::{self, Question};
use crate::query::location::find;
use crate::render;

/// Show by which paths a location was reached
#[derive(Args)]
#[command(
    long_about = "Show by which paths a location was reached\n\nThe recorded stacks, function by \
                  function from the innermost outwards, and how many hits came each way: a tree on \
                  a terminal, one path a line elsewhere.",
    after_long_help = "Examples:\n  dbg-session callers t.c:10\n  dbg-session callers malloc --depth 2"
)]
pub(super) struct Callers {
    #[arg(value_name = "LOC", help = LOC)]
    pub location: Location,
    /// Tell only so many callers apart, from the innermost; 0 tells all
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, allow_negative_numbers = true, value_parser = limit)]
    pub depth: usize,
    #[command(flatten)]
    pub narrow: Narrow,
    /// Most paths to show, the most frequent; 0 shows all
    #[arg(long, value_name = "N", default_value_t = 20, allow_negative_numbers = true, value_parser = limit)]
    pub limit: usize,
    #[command(flatten)]
    pub which: Which,
}

impl Run for Callers {
    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let found = self.which.read(context, |session| {
            let asked = Question {
                place: &find(session, &self.location, &context.cwd)?,
                thread: self.narrow.thread.as_deref(),
                passing: self.narrow.passing.as_ref(),
                depth: self.depth,
                limit: self.limit,
            };
            callers::callers(session, &asked)
        })?;
        Ok(render::callers::callers(&found, form).into())
    }
}
