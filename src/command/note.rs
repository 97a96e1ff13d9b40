//! `note`: what a person writes down.

use anyhow::{Result, bail};
use clap::Args;

use super::args::{Verbatim, Which};
use super::{Context, Form, Reply, Run};
use crate::ids::HitId;
use crate::interrupt::Reach;
use crate::query::notes::add;
use crate::render::{Answer, answer};

/// Write a note into a session
#[derive(Args)]
#[command(
    long_about = "Write a note into a session\n\nThe note belongs to the session, or to one \
                  hit; `status` and `show` show it.",
    after_long_help = "Examples:\n  dbg-session note the second request is the slow one\n  \
                       dbg-session note --hit 17 len is wrong from here on"
)]
pub(super) struct Note {
    /// The text; several words need no quotes
    #[arg(required = true, num_args = 1..)]
    pub text: Vec<Verbatim>,
    /// Number of the hit that it belongs to
    #[arg(long, value_name = "ID")]
    pub hit: Option<i64>,
    #[command(flatten)]
    pub which: Which,
}

impl Run for Note {
    fn reach(&self) -> Reach {
        Reach::Nothing
    }

    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let text = self.text.join(" ");
        if text.trim().is_empty() {
            bail!("the note is empty; write its text behind `note`");
        }
        let (label, note) = self.which.write(context, |session| {
            Ok((
                session.label().to_owned(),
                add(session, &text, self.hit.map(HitId))?,
            ))
        })?;
        Ok(answer(&note, form, || {
            let hit = note.hit.map(|id| format!(", hit number {id}"));
            Answer::new(super::line(&format!(
                "noted in session {label}{}",
                hit.unwrap_or_default()
            )))
        })
        .into())
    }
}
