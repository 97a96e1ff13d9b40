//! `hits`: what was recorded.

use anyhow::Result;

use super::cli::Hits;
use super::select::{Access, with};
use super::{Context, Form};
use crate::query::hits::{Filter, hits};
use crate::query::location::find;
use crate::render::{self, Answer};

pub(super) fn run(args: &Hits, context: &Context<'_>, form: Form) -> Result<Answer> {
    let found = with(
        args.which.session.as_deref(),
        Access::Read,
        context,
        |session| {
            let place = args
                .location
                .as_deref()
                .map(|asked| find(session, asked, &context.cwd));
            let filter = Filter {
                place: place.transpose()?,
                thread: args.thread.clone(),
                limit: args.limit,
            };
            hits(session, &filter)
        },
    )?;
    Ok(render::hits::hits(&found, &args.fields, form))
}
