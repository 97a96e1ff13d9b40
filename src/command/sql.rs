//! `sql`: a person's own query.

use anyhow::Result;

use super::cli::Sql;
use super::select::{Access, with};
use super::{Context, Form};
use crate::query::sql::sql;
use crate::render::{self, Answer};

pub(super) fn run(args: &Sql, context: &Context<'_>, form: Form) -> Result<Answer> {
    let query = args.query.join(" ");
    let rows = with(
        args.which.session.as_deref(),
        Access::Read,
        context,
        |session| sql(session, &query, args.limit),
    )?;
    Ok(render::sql::sql(&rows, form))
}
