//! `sql`: a person's own query.

use std::time::Duration;

use anyhow::Result;

use super::cli::Sql;
use super::select::{Access, with};
use super::{Context, Form};
use crate::query::sql::sql;
use crate::render::{self, Answer};

/// Not everybody who talks to a debugger has a Ctrl-C, and it does nothing else meanwhile.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn run(args: &Sql, context: &Context<'_>, form: Form) -> Result<Answer> {
    let query = args.query.join(" ");
    let patience = context.live.map(|_| PATIENCE);
    let rows = with(
        args.which.session.as_deref(),
        Access::Read,
        context,
        |session| sql(session, &query, args.limit, patience),
    )?;
    Ok(render::sql::sql(&rows, form))
}
