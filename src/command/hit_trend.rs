//! `hit-trend`: one value over all hits.

use anyhow::Result;
use clap::Args;

use super::args::{FieldName, LOC, Location, Narrow, Which, limit};
use super::{Context, Form, Reply, Run};
use crate::query::hit_trend::{self, Question};
use crate::query::location::find;
use crate::render;

/// Show one value over all hits, with a plot
#[derive(Args)]
#[command(
    long_about = "Show one value over all hits, with a plot\n\nIts least and its greatest, its mean, how \
                  many different ones there are, when it changed first and last, and in how many \
                  hits it was missing. A roomy terminal gets a chart, a narrow one and a pipe one \
                  line. Values that are no numbers are listed with their counts, and plotted as \
                  letters.",
    after_long_help = "Examples:\n  dbg-session hit-trend t.c:10 len\n  dbg-session hit-trend parse \
                       p.x --thread 2\n  dbg-session hit-trend t.c:10 \"total / n\"   a watch expression"
)]
pub(super) struct HitTrend {
    #[arg(value_name = "LOC", help = LOC)]
    pub location: Location,
    /// The value: a name, a path such as p.x or a[0], a watch expression, or what else `hits --where` knows,
    /// such as caller
    pub field: FieldName,
    #[command(flatten)]
    pub narrow: Narrow,
    /// Most of the different values to list, the most frequent; 0 lists all
    #[arg(long, value_name = "N", default_value_t = 20, allow_negative_numbers = true, value_parser = limit)]
    pub limit: usize,
    #[command(flatten)]
    pub which: Which,
}

impl Run for HitTrend {
    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let trend = self.which.read(context, |session| {
            let asked = Question {
                place: &find(session, &self.location, &context.cwd)?,
                field: &self.field,
                thread: self.narrow.thread.as_deref(),
                passing: self.narrow.passing.as_ref(),
                limit: self.limit,
            };
            hit_trend::hit_trend(session, &asked)
        })?;
        Ok(render::hit_trend::hit_trend(&trend, form).into())
    }
}
