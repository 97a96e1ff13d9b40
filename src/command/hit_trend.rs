//! `hit-trend`: one value over all hits.

use anyhow::Result;
use clap::Args;

use super::cli::{LOC, Which, limit};
use super::select::{Access, with};
use super::{Context, Form};
use crate::query::expr::{Expr, parse};
use crate::query::location::find;
use crate::query::trend::{self, Question};
use crate::render::{self, Answer};

#[derive(Args)]
pub(super) struct HitTrend {
    #[arg(value_name = "LOC", help = LOC)]
    pub location: String,
    /// The value: a name, a path such as p.x or a[0], a watch expression, or what else `hits --where` knows,
    /// such as caller
    pub field: String,
    /// Only of this thread: the debugger's number, its name, or the system's number
    #[arg(long, value_name = "THREAD")]
    pub thread: Option<String>,
    /// Only hits that pass a condition, as in i > 3 and p.name == "x"; see `hits`
    #[arg(long = "where", value_name = "EXPR", value_parser = parse)]
    pub passing: Option<Expr>,
    /// Most of the different values to list, the most frequent; 0 lists all
    #[arg(long, value_name = "N", default_value_t = 20, allow_negative_numbers = true, value_parser = limit)]
    pub limit: usize,
    #[command(flatten)]
    pub which: Which,
}

pub(super) fn run(args: &HitTrend, context: &Context<'_>, form: Form) -> Result<Answer> {
    let session = args.which.session.as_deref();
    let trend = with(session, Access::Read, context, |session| {
        let asked = Question {
            place: &find(session, &args.location, &context.cwd)?,
            field: &args.field,
            thread: args.thread.as_deref(),
            passing: args.passing.as_ref(),
            limit: args.limit,
        };
        trend::hit_trend(session, &asked)
    })?;
    Ok(render::trend::hit_trend(&trend, form))
}
