//! `recover`: hits rescued from a full disk go into their session.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::args::RescuedName;
use super::select::{Nearest, nearest};
use super::{Context, Form, Reply, Run};
use crate::interrupt::Reach;
use crate::query::path_text;
use crate::query::rescued::{Rescued, rescued};
use crate::record::{recover, rescue_dir};
use crate::render::{Answer, answer, count};

/// Merge hits rescued from a full disk into their session
#[derive(Args)]
#[command(
    long_about = "Merge hits rescued from a full disk into their session\n\nHits that could not be \
                  written before the debugger ended, because the disk was full, another file stood in \
                  the session's place or the file was cut short or written over, wait in the user's state folder; \
                  `list` names them. They go into their session, in their order and with their numbers, \
                  and the session is ended. Where its file is gone, they make it anew; another \
                  session's file is never touched. Doing it twice changes nothing. `prune` deletes \
                  rescued hits after 30 days.",
    after_long_help = "Examples:\n  dbg-session recover\n  dbg-session recover server-20261123-151617"
)]
pub(super) struct Recover {
    /// Session whose hits are meant, by its label or its file [default: all of this folder]
    #[arg(value_name = "LABEL|PATH")]
    pub label: Option<RescuedName>,
}

#[derive(Serialize)]
struct Document {
    recovered: Vec<Done>,
    refused: Vec<Refused>,
}

#[derive(Serialize)]
struct Done {
    label: String,
    #[serde(serialize_with = "path_text")]
    path: PathBuf,
    hits: u64,
    total: u64,
    remade: bool,
}

#[derive(Serialize)]
struct Refused {
    label: String,
    #[serde(serialize_with = "path_text")]
    path: PathBuf,
    hits: u64,
    why: String,
}

impl Run for Recover {
    fn reach(&self) -> Reach {
        Reach::Between
    }

    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let mut waiting = of_here(context)?;
        let wanted = self.label.as_deref();
        if let Some(wanted) = wanted {
            let file = context.cwd.join(wanted);
            waiting.retain(|one| one.label == *wanted || one.path == file || one.session == file);
        }
        let document = merge(waiting);
        Ok(Reply {
            code: u8::from(!document.refused.is_empty()),
            answer: answer(&document, form, || said(&document, wanted)),
        })
    }
}

/// Each into its session; what fails stays where it is.
fn merge(waiting: Vec<Rescued>) -> Document {
    let mut document = Document {
        recovered: Vec::new(),
        refused: Vec::new(),
    };
    for one in waiting {
        match recover(&one.path) {
            Ok(done) => document.recovered.push(Done {
                label: done.label,
                path: done.path,
                hits: done.hits,
                total: done.total,
                remade: done.remade,
            }),
            Err(e) => document.refused.push(Refused {
                label: one.label,
                path: one.path,
                hits: one.hits,
                why: format!("{e:#}"),
            }),
        }
    }
    document
}

/// The rescued hits of sessions that belong here.
pub(super) fn of_here(context: &Context<'_>) -> Result<Vec<Rescued>> {
    let Some(folder) = rescue_dir() else {
        return Ok(Vec::new());
    };
    let (Nearest::Folder(listed) | Nearest::Barred(listed)) = nearest(&context.cwd);
    rescued(&folder, &context.cwd, &listed)
}

fn said(document: &Document, wanted: Option<&str>) -> Answer {
    let done = document.recovered.iter().map(|done| {
        let hits = count(done.hits, "rescued hit");
        super::line(&if done.remade {
            format!(
                "session {} was gone; {hits} make it anew in {}",
                done.label,
                done.path.display()
            )
        } else {
            let total = count(done.total, "hit");
            format!("session {}: {hits} merged, {total} now", done.label)
        })
    });
    let nothing = document.recovered.is_empty() && document.refused.is_empty();
    let mut said = Answer::new(done.collect::<String>());
    if nothing {
        said = said.noting(&match wanted {
            Some(wanted) => format!(
                "no rescued hits of `{wanted}` wait here; `dbg-session list` shows those that do"
            ),
            None => "no rescued hits wait for a session of this folder".into(),
        });
    }
    document.refused.iter().fold(said, |said, refused| {
        said.noting(&format!(
            "session {}: {} stay in {}: {}",
            refused.label,
            count(refused.hits, "rescued hit"),
            refused.path.display(),
            refused.why
        ))
    })
}
