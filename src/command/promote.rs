//! `promote`: keep a session from prune.

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::args::SessionName;
use super::select::{Access, with};
use super::{Context, Form, Reply, Run};
use crate::interrupt::Reach;
use crate::render::{Answer, answer};

/// Keep a session from prune
#[derive(Args)]
#[command(
    long_about = "Keep a session from prune\n\nIt becomes a user session, which prune \
                  deletes with `--all` alone.",
    after_long_help = "Examples:\n  dbg-session promote\n  dbg-session promote server-20261123-151617"
)]
pub(super) struct Promote {
    /// Session to keep, by its label or its file [default: the active one, else the newest]
    #[arg(value_name = "LABEL|PATH")]
    pub label: Option<SessionName>,
}

#[derive(Serialize)]
struct Promoted {
    label: String,
    created_by: &'static str,
}

impl Run for Promote {
    fn reach(&self) -> Reach {
        Reach::Nothing
    }

    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let promoted = with(self.label.as_deref(), Access::Write, context, |session| {
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
        })
        .into())
    }
}
