//! `source`: source as it was when it was recorded.

use anyhow::Result;
use clap::Args;

use super::args::{Location, Which};
use super::function_code::live_or_kept;
use super::{Context, Form, Reply, Run};
use crate::query::source::{self, SourceText};
use crate::render;
use crate::session_db::SessionDb;

/// Show source as it was when it was recorded
#[derive(Args)]
#[command(
    long_about = "Show source as it was when it was recorded\n\nOf a function, or around a location; \
                  how often each line was hit stands beside it. Source is kept where a hit was; inside a \
                  debugger also of each function that is asked for.",
    after_long_help = "Examples:\n  dbg-session source parse\n  dbg-session source t.c:10 --session crash-1"
)]
pub(super) struct Source {
    /// A function, or a location [default: the selected frame's function (inside a debugger)]
    #[arg(value_name = "SYMBOL|LOC")]
    pub place: Option<Location>,
    #[command(flatten)]
    pub which: Which,
}

impl Run for Source {
    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let (text, note) = self.text(context)?;
        Ok(render::code::source(&text, form).noting(&note).into())
    }
}

impl Source {
    /// The text, and what a person should know beside it.
    fn text(&self, context: &Context<'_>) -> Result<(SourceText, String)> {
        let place = self.place.as_deref();
        let kept = |place: &str| -> Result<(SourceText, String)> {
            let text = self.which.read(context, |session| {
                source::source(session, place, &context.cwd)
            })?;
            Ok((text, String::new()))
        };
        // A location need not lie in a function that is known.
        if let (Some(place), true) = (
            place,
            context.live.is_none() || self.which.session.is_some(),
        ) {
            return kept(place);
        }
        let line = place.and_then(|place| place.rsplit_once(':')?.1.parse().ok());
        let question = |session: &SessionDb, function: &str| -> Result<SourceText> {
            let mut text = source::of_function(session, function)?;
            text.line = line;
            Ok(text)
        };
        let found = live_or_kept("source", place, &self.which, context, question);
        match (found, place) {
            (Err(e), Some(place)) => kept(place).map_err(|_| e),
            (found, _) => found,
        }
    }
}
