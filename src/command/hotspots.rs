//! `hotspots`: the functions that cost most.

use anyhow::Result;
use clap::Args;

use super::args::{LayerNumber, Which, limit};
use super::{Context, Form, Reply, Run};
use crate::query::hotspots::hotspots;
use crate::render;

/// Show the functions that cost most
#[derive(Args)]
#[command(
    long_about = "Show the functions that cost most\n\nOf one layer, by what each function \
                  costs itself. `total` counts all that it calls as well, recursion once.",
    after_long_help = "Examples:\n  dbg-session hotspots\n  dbg-session hotspots --layer 2 --limit 50"
)]
pub(super) struct Hotspots {
    /// Number of the layer [default: the newest]
    #[arg(long, value_name = "N")]
    pub layer: Option<LayerNumber>,
    /// Most functions to show; 0 shows all
    #[arg(long, value_name = "N", default_value_t = 20, allow_negative_numbers = true, value_parser = limit)]
    pub limit: usize,
    #[command(flatten)]
    pub which: Which,
}

impl Run for Hotspots {
    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let layer = self.layer.map(|layer| layer.0);
        let found = self
            .which
            .read(context, |session| hotspots(session, layer, self.limit))?;
        Ok(render::layers::hotspots(&found, form).into())
    }
}
