//! `note`: what a person writes down.

use anyhow::{Result, bail};

use super::cli::Note;
use super::select::{Access, with};
use super::{Context, Form};
use crate::query::notes::add;
use crate::render::{Answer, answer};

pub(super) fn run(args: &Note, context: &Context<'_>, form: Form) -> Result<Answer> {
    let text = args.text.join(" ");
    if text.trim().is_empty() {
        bail!("the note is empty; write its text behind `note`");
    }
    let (label, note) = with(
        args.which.session.as_deref(),
        Access::Write,
        context,
        |session| Ok((session.label().to_owned(), add(session, &text, args.hit)?)),
    )?;
    Ok(answer(&note, form, || {
        let hit = note.hit.map(|id| format!(", hit number {id}"));
        Answer::new(super::line(&format!(
            "noted in session {label}{}",
            hit.unwrap_or_default()
        )))
    }))
}
