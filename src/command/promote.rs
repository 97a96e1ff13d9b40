//! `promote`: keep a session from prune.

use anyhow::Result;
use serde::Serialize;

use super::cli::Promote;
use super::select::{Access, with};
use super::{Context, Form};
use crate::render::{Answer, answer};

#[derive(Serialize)]
struct Promoted {
    label: String,
    created_by: &'static str,
}

pub(super) fn run(args: &Promote, context: &Context<'_>, form: Form) -> Result<Answer> {
    let promoted = with(args.label.as_deref(), Access::Write, context, |session| {
        session.promote_to_user()?;
        Ok(Promoted {
            label: session.label().to_owned(),
            created_by: "user",
        })
    })?;
    Ok(answer(&promoted, form, || {
        let label = &promoted.label;
        Answer::new(super::line(&format!(
            "session {label} is a user session now; prune keeps it"
        )))
    }))
}
