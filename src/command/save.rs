//! `save`: persist and promote a session.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::args::{Text, Which};
use super::{Context, Form, Reply, Run, SaveTarget, SaveTo, save_session};
use crate::interrupt::Reach;
use crate::query::path_text;
use crate::render::{Answer, answer};

/// Persist and promote a session
#[derive(Args)]
#[command(
    long_about = "Persist and promote a session\n\nWithout LABEL or PATH, the session is \
                  written out where it lives (a session in memory: to its folder, under its \
                  own label) and becomes a user session, which prune keeps. With one, a copy \
                  of all that was recorded so far is put there as a user session of that \
                  label, with its raw files; recording goes on in the first.",
    after_long_help = "Examples:\n  dbg-session save\n  dbg-session save \
                       crash-1\n  dbg-session save /tmp/for-anna.db"
)]
pub(super) struct Save {
    /// Where to: a label in the sessions folder, or a path that ends in `.db`
    #[arg(value_name = "LABEL|PATH")]
    pub to: Option<Text>,
    /// Replace another session's file
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub which: Which,
}

/// A session that was persisted.
#[derive(Serialize)]
struct Document {
    label: String,
    #[serde(serialize_with = "path_text")]
    path: PathBuf,
}

impl Run for Save {
    fn reach(&self) -> Reach {
        Reach::Between
    }

    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let place = self.to.as_deref().map(|to| place(to, &context.cwd));
        let to = SaveTo {
            place: place.transpose()?,
            force: self.force,
        };
        let saved = match context.live.filter(|_| self.which.session.is_none()) {
            Some(live) => live.save(&to)?,
            None => {
                let save = |session: &_| save_session(session, &to, &context.cwd);
                // A copy needs no more than reading; being promoted in place does.
                match to.place {
                    Some(_) => self.which.read(context, save)?,
                    None => self.which.write(context, save)?,
                }
            }
        };
        let document = Document {
            label: saved.label,
            path: saved.path,
        };
        Ok(answer(&document, form, || {
            let path = document.path.display();
            Answer::new(super::line(&format!(
                "session {} saved to {path}",
                document.label
            )))
        })
        .into())
    }
}

fn place(to: &str, cwd: &Path) -> Result<SaveTarget> {
    Ok(
        if Path::new(to).extension().is_some_and(|end| end == "db") {
            SaveTarget::Path(cwd.join(to))
        } else {
            SaveTarget::Label(to.parse()?)
        },
    )
}
