//! `cross`: everything known of one function.

use anyhow::Result;

use super::cli::Cross;
use super::select::{Access, with};
use super::{Context, Form};
use crate::query::cross::cross;
use crate::render::{self, Answer};

pub(super) fn run(args: &Cross, context: &Context<'_>, form: Form) -> Result<Answer> {
    let wanted = args.which.session.as_deref();
    let found = with(wanted, Access::Read, context, |session| {
        cross(session, &args.symbol)
    })?;
    Ok(render::cross::cross(&found, form))
}
