//! `hit-diff`: two hits side by side.

use anyhow::Result;
use clap::Args;

use super::args::{Location, Which as Asked, counted, limit};
use super::{Context, Form, Reply, Run};
use crate::ids::HitId;
use crate::query::hit_diff::{self, Listed, Nth, nth};
use crate::query::location::find;
use crate::query::show::Which;
use crate::render;
use crate::session_db::SessionDb;

/// Show what differs between two hits
#[derive(Args)]
#[command(
    long_about = "Show what differs between two hits\n\nValues, watches, callers and threads, side by \
                  side. Members and elements are told one by one. Addresses that differ stand below \
                  the rest, since they may do so in every run; what is the same is counted and left \
                  out.",
    after_long_help = "Examples:\n  dbg-session hit-diff t.c:10              the last two hits at \
                       t.c:10\n  dbg-session hit-diff t.c:10 3 47         the third and the \
                       47th\n  dbg-session hit-diff parse first last    the first and the last \
                       in parse\n  dbg-session hit-diff 17 204              the hits of these \
                       numbers, wherever they were"
)]
pub(super) struct HitDiff {
    #[arg(
        value_name = "LOC|ID",
        help = "A location (see `hits`), or the number of a hit, with another one behind it"
    )]
    pub place: Location,
    /// The first hit at LOC: 1, 2, 3 …, `first`, `last`, or -2 for the last but one [default: -2]
    #[arg(value_name = "A", allow_negative_numbers = true, value_parser = counted)]
    pub a: Option<Nth>,
    /// The second [default: last]
    #[arg(value_name = "B", allow_negative_numbers = true, value_parser = counted)]
    pub b: Option<Nth>,
    /// List what is the same as well
    #[arg(long)]
    pub all: bool,
    /// Most values to list; 0 lists all
    #[arg(long, value_name = "N", default_value_t = 100, allow_negative_numbers = true, value_parser = limit)]
    pub limit: usize,
    #[command(flatten)]
    pub which: Asked,
}

impl Run for HitDiff {
    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let diff = self.which.read(context, |session| {
            let (a, b) = self.both(session, context)?;
            let (all, limit) = (self.all, self.limit);
            hit_diff::hit_diff(session, &a, &b, Listed { all, limit })
        })?;
        Ok(render::hit_diff::hit_diff(&diff, form).into())
    }
}

impl HitDiff {
    fn both(&self, session: &SessionDb, context: &Context<'_>) -> Result<(Which, Which)> {
        if let (Ok(a), Some(Nth::Seq(b)), None) = (self.place.parse(), self.a, self.b) {
            return Ok((Which::Id(HitId(a)), Which::Id(HitId(b.0))));
        }
        let place = find(session, &self.place, &context.cwd)?;
        let a = self.a.unwrap_or(Nth::FromLast(2));
        let b = self.b.unwrap_or(Nth::FromLast(1));
        Ok((nth(session, &place, a)?, nth(session, &place, b)?))
    }
}
