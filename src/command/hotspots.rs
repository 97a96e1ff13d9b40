//! `hotspots`: the functions that cost most.

use anyhow::Result;

use super::cli::Hotspots;
use super::select::{Access, with};
use super::{Context, Form};
use crate::query::hotspots::hotspots;
use crate::render::{self, Answer};

pub(super) fn run(args: &Hotspots, context: &Context<'_>, form: Form) -> Result<Answer> {
    let wanted = args.which.session.as_deref();
    let found = with(wanted, Access::Read, context, |session| {
        hotspots(session, args.layer, args.limit)
    })?;
    Ok(render::layers::hotspots(&found, form))
}
