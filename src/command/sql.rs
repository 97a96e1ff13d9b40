//! `sql`: a person's own query.

use std::time::Duration;

use anyhow::Result;
use clap::Args;

use super::args::{Verbatim, Which, limit};
use super::{Context, Form, Reply, Run};
use crate::query::sql::sql;
use crate::render;

/// Ask a session in SQL
#[derive(Args)]
#[command(
    long_about = "Ask a session in SQL\n\nOne query that reads; whatever it tries, nothing is \
                  changed. Inside a debugger it may take 30 seconds. The views `hit_values`, `hit_frames` and `layer_hotspots` are the \
                  easy way in; docs/format.md describes them.",
    after_long_help = "Examples:\n  dbg-session sql \"SELECT location_key, count(*) FROM \
                       hit_frames WHERE level = 0 GROUP BY 1\"\n  dbg-session sql \"SELECT hit_seq, number \
                       FROM hit_values WHERE name = 'len' ORDER BY 1\""
)]
pub(super) struct Sql {
    /// The query; inside a debugger it needs no quotes
    #[arg(required = true, num_args = 1.., value_name = "QUERY")]
    pub query: Vec<Verbatim>,
    /// Most rows to show; 0 shows all
    #[arg(long, value_name = "N", default_value_t = 1000, allow_negative_numbers = true, value_parser = limit)]
    pub limit: usize,
    #[command(flatten)]
    pub which: Which,
}

/// Not everybody who talks to a debugger has a Ctrl-C, and it does nothing else meanwhile.
const PATIENCE: Duration = Duration::from_secs(30);

impl Run for Sql {
    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let query = self.query.join(" ");
        let patience = context.live.map(|_| PATIENCE);
        let rows = self.which.read(context, |session| {
            sql(session, &query, self.limit, patience)
        })?;
        Ok(render::sql::sql(&rows, form).into())
    }
}
