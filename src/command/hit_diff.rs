//! `hit-diff`: two hits side by side.

use anyhow::Result;
use clap::Args;

use super::cli::{Which as Asked, limit};
use super::select::{Access, with};
use super::{Context, Form};
use crate::query::hit_diff::{self, Listed, Nth, nth};
use crate::query::location::find;
use crate::query::show::Which;
use crate::render::{self, Answer};
use crate::session_db::SessionDb;

#[derive(Args)]
pub(super) struct HitDiff {
    #[arg(
        value_name = "LOC|ID",
        help = "A location (see `hits`), or the number of a hit, with another one behind it"
    )]
    pub place: String,
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

/// Reads which hit of a location is meant.
fn counted(text: &str) -> Result<Nth, &'static str> {
    let number: Option<i64> = text.parse().ok();
    match (text, number) {
        ("first", _) => Ok(Nth::First),
        ("last", _) => Ok(Nth::FromLast(1)),
        (_, Some(seq)) if seq > 0 => Ok(Nth::Seq(seq)),
        (_, Some(back)) if back < 0 => Ok(Nth::FromLast(
            u32::try_from(back.unsigned_abs()).unwrap_or(u32::MAX),
        )),
        _ => Err("it is 1, 2, 3 …, `first`, `last`, or -1, -2, … counted from the last"),
    }
}

pub(super) fn run(args: &HitDiff, context: &Context<'_>, form: Form) -> Result<Answer> {
    let session = args.which.session.as_deref();
    let diff = with(session, Access::Read, context, |session| {
        let (a, b) = both(args, session, context)?;
        let (all, limit) = (args.all, args.limit);
        hit_diff::hit_diff(session, &a, &b, Listed { all, limit })
    })?;
    Ok(render::hit_diff::hit_diff(&diff, form))
}

fn both(args: &HitDiff, session: &SessionDb, context: &Context<'_>) -> Result<(Which, Which)> {
    if let (Ok(a), Some(Nth::Seq(b)), None) = (args.place.parse(), args.a, args.b) {
        return Ok((Which::Id(a), Which::Id(b)));
    }
    let place = find(session, &args.place, &context.cwd)?;
    let a = args.a.unwrap_or(Nth::FromLast(2));
    let b = args.b.unwrap_or(Nth::FromLast(1));
    Ok((nth(session, &place, a)?, nth(session, &place, b)?))
}
