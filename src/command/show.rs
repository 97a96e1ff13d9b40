//! `show`: one hit in full.

use anyhow::Result;

use super::cli::Show;
use super::select::{Access, with};
use super::{Context, Form};
use crate::query::location::find;
use crate::query::show::{Which, show};
use crate::render::{self, Answer};
use crate::session_db::SessionDb;

pub(super) fn run(args: &Show, context: &Context<'_>, form: Form) -> Result<Answer> {
    let shown = with(
        args.which.session.as_deref(),
        Access::Read,
        context,
        |session| {
            let which = which(args.place.as_deref(), args.seq, session, context)?;
            show(session, &which)
        },
    )?;
    Ok(render::show::show(&shown, form))
}

/// The hit that LOC and SEQ, or an id, name.
pub(super) fn which(
    place: Option<&str>,
    seq: Option<i64>,
    session: &SessionDb,
    context: &Context<'_>,
) -> Result<Which> {
    Ok(match (place, seq) {
        (None, _) => Which::Newest,
        (Some(place), None) if place.parse::<i64>().is_ok() => Which::Id(place.parse()?),
        (Some(place), seq) => Which::At(find(session, place, &context.cwd)?, seq),
    })
}
