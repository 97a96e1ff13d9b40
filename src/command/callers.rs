//! `callers`: by which paths a place was reached.

use anyhow::Result;
use clap::Args;

use super::cli::{LOC, Which, limit};
use super::select::{Access, with};
use super::{Context, Form};
use crate::query::callers::{self, Question};
use crate::query::expr::{Expr, parse};
use crate::query::location::find;
use crate::render::{self, Answer};

#[derive(Args)]
pub(super) struct Callers {
    #[arg(value_name = "LOC", help = LOC)]
    pub location: String,
    /// Tell only so many callers apart, from the innermost; 0 tells all
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, allow_negative_numbers = true, value_parser = limit)]
    pub depth: usize,
    /// Only of this thread: the debugger's number, its name, or the system's number
    #[arg(long, value_name = "THREAD")]
    pub thread: Option<String>,
    /// Only hits that pass a condition, as in i > 3 and p.name == "x"; see `hits`
    #[arg(long = "where", value_name = "EXPR", value_parser = parse)]
    pub passing: Option<Expr>,
    /// Most paths to show, the most frequent; 0 shows all
    #[arg(long, value_name = "N", default_value_t = 20, allow_negative_numbers = true, value_parser = limit)]
    pub limit: usize,
    #[command(flatten)]
    pub which: Which,
}

pub(super) fn run(args: &Callers, context: &Context<'_>, form: Form) -> Result<Answer> {
    let session = args.which.session.as_deref();
    let found = with(session, Access::Read, context, |session| {
        let asked = Question {
            place: &find(session, &args.location, &context.cwd)?,
            thread: args.thread.as_deref(),
            passing: args.passing.as_ref(),
            depth: args.depth,
            limit: args.limit,
        };
        callers::callers(session, &asked)
    })?;
    Ok(render::callers::callers(&found, form))
}
