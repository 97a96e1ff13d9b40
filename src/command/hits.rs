//! `hits`: what was recorded.

use anyhow::Result;
use clap::Args;

use super::args::{FieldName, LOC, Location, Narrow, Which, limit, whole_names};
use super::{Context, Form, Reply, Run};
use crate::interrupt::Answered;
use crate::query::groups::{Order, groups};
use crate::query::hits::{Filter, hits};
use crate::query::location::find;
use crate::render;
use crate::session_db::SessionDb;

/// Show what was recorded
#[derive(Args)]
#[command(
    mut_arg("passing", |arg| arg.help(
        "Only hits that pass a condition, as in i > 3 and p.name == \"x\"; see below"
    )),
    long_about = "Show what was recorded\n\nOne line per hit, oldest first; of many hits the \
                  newest. On a terminal times are UTC times of day, long values are cut, and \
                  columns that say nothing are left out; piped, all columns are there, \
                  separated by tabs, under one line of titles.",
    after_long_help = "A condition compares values, watches, and what is known of a hit: id, seq, \
                       location, fn, caller, thread, thread_name, tid, pid, time, elapsed, reason, \
                       detail, breakpoint, pc, error. It has ==, !=, <, <=, >, >=, contains, ~ \
                       (regular expression), !~, exists, missing, and, or, not and parentheses; a \
                       hit without the field passes no comparison. docs/questions.md tells all of it.\n\n\
                       Examples:\n  dbg-session hits\n  dbg-session hits t.c:10 --limit 100\n  \
                       dbg-session hits parse --fields len,p.x,buf[0]\n  dbg-session hits src/t.c --thread 2\n  \
                       dbg-session hits --where 'i > 3 and p.name == \"x\"'\n  dbg-session hits \
                       --where 'caller == retry and time > 10:00:02 and not ok'\n  dbg-session hits parse \
                       --group-by state\n  dbg-session hits --count-by len --top 5 --where 'len > 100'"
)]
pub(super) struct Hits {
    #[arg(value_name = "LOC", help = LOC)]
    pub location: Option<Location>,
    #[command(flatten)]
    pub narrow: Narrow,
    /// Count the hits by a value: each value with its first and last hit, in the order they came up
    #[arg(long, value_name = "FIELD", group = "by", conflicts_with_all = ["fields", "limit"])]
    pub group_by: Option<FieldName>,
    /// Count the hits by a value: the most frequent value first
    #[arg(long, value_name = "FIELD", group = "by", conflicts_with_all = ["fields", "limit"])]
    pub count_by: Option<FieldName>,
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
    pub fields: Vec<FieldName>,
    #[command(flatten)]
    pub which: Which,
}

/// Values shown unless it is said how many.
const TOP: usize = 20;
/// Hits that a terminal shows at most: nobody reads more of them there.
const MOST_ON_TERMINAL: usize = 10_000;

impl Run for Hits {
    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let by = match (&self.group_by, &self.count_by) {
            (Some(by), _) => Some((by, Order::ByFirst)),
            (None, Some(by)) => Some((by, Order::ByCount)),
            (None, None) => None,
        };
        self.which.read(context, |session| {
            let mut filter = self.filter(session, context)?;
            if form.width().is_some() && !(1..=MOST_ON_TERMINAL).contains(&filter.limit) {
                filter.limit = MOST_ON_TERMINAL;
            }
            let answer = match by {
                Some((by, order)) => {
                    let found = groups(session, &filter, by, order, self.top.unwrap_or(TOP))?;
                    render::groups::groups(&found, order, form)
                }
                None => {
                    let found = Answered::new(hits(session, &filter)?);
                    render::hits::hits(&found, &filter.fields, form)
                }
            };
            Ok(answer.into())
        })
    }
}

impl Hits {
    fn filter(&self, session: &SessionDb, context: &Context<'_>) -> Result<Filter> {
        let place = self.location.as_deref();
        let place = place.map(|asked| find(session, asked, &context.cwd));
        Ok(Filter {
            place: place.transpose()?,
            thread: self.narrow.thread.as_deref().map(str::to_owned),
            passing: self.narrow.passing.clone(),
            limit: self.limit,
            fields: whole_names(&self.fields),
        })
    }
}
