//! `hits`: what was recorded.

use anyhow::Result;
use clap::Args;

use super::cli::{LOC, Which, limit};
use super::select::{Access, with};
use super::{Context, Form};
use crate::query::expr::{Expr, parse};
use crate::query::groups::{Order, groups};
use crate::query::hits::{Filter, hits};
use crate::query::location::find;
use crate::render::{self, Answer};
use crate::session_db::SessionDb;

#[derive(Args)]
pub(super) struct Hits {
    #[arg(value_name = "LOC", help = LOC)]
    pub location: Option<String>,
    /// Only of this thread: the debugger's number, its name, or the system's number
    #[arg(long, value_name = "THREAD")]
    pub thread: Option<String>,
    /// Only hits that pass a condition, as in i > 3 and p.name == "x"; see below
    #[arg(long = "where", value_name = "EXPR", value_parser = parse)]
    pub passing: Option<Expr>,
    /// Count the hits by a value: each value with its first and last hit, in the order they came up
    #[arg(long, value_name = "FIELD", group = "by", conflicts_with_all = ["fields", "limit"])]
    pub group_by: Option<String>,
    /// Count the hits by a value: the most frequent value first
    #[arg(long, value_name = "FIELD", group = "by", conflicts_with_all = ["fields", "limit"])]
    pub count_by: Option<String>,
    /// Most values to count, the most frequent; 0 shows all [default: 20]
    #[arg(long, value_name = "N", requires = "by", allow_negative_numbers = true, value_parser = limit)]
    pub top: Option<usize>,
    /// Most hits to show, the newest; 0 shows all, on a terminal 10,000
    #[arg(long, value_name = "N", default_value_t = 20, allow_negative_numbers = true, value_parser = limit)]
    pub limit: usize,
    /// Show these fields alone, each in its column: values, watches and what `--where` knows, as in
    /// len,p.x,buf[0],caller
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        conflicts_with = "top"
    )]
    pub fields: Vec<String>,
    #[command(flatten)]
    pub which: Which,
}

/// Values shown unless it is said how many.
const TOP: usize = 20;
/// Hits that a terminal shows at most: nobody reads more of them there.
const MOST_ON_TERMINAL: usize = 10_000;

pub(super) fn run(args: &Hits, context: &Context<'_>, form: Form) -> Result<Answer> {
    let by = match (&args.group_by, &args.count_by) {
        (Some(by), _) => Some((by, Order::ByFirst)),
        (None, Some(by)) => Some((by, Order::ByCount)),
        (None, None) => None,
    };
    let ask = |session: &SessionDb| {
        let mut filter = filter(args, session, context)?;
        if form.width().is_some() && !(1..=MOST_ON_TERMINAL).contains(&filter.limit) {
            filter.limit = MOST_ON_TERMINAL;
        }
        Ok(match by {
            Some((by, order)) => {
                let found = groups(session, &filter, by, order, args.top.unwrap_or(TOP))?;
                render::groups::groups(&found, order, form)
            }
            None => render::hits::hits(&hits(session, &filter)?, &args.fields, form),
        })
    };
    with(args.which.session.as_deref(), Access::Read, context, ask)
}

fn filter(args: &Hits, session: &SessionDb, context: &Context<'_>) -> Result<Filter> {
    let place = args.location.as_deref();
    let place = place.map(|asked| find(session, asked, &context.cwd));
    Ok(Filter {
        place: place.transpose()?,
        thread: args.thread.clone(),
        passing: args.passing.clone(),
        limit: args.limit,
        fields: args.fields.clone(),
    })
}
