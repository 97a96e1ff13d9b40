//! `recover`: hits rescued from a full disk go into their session.

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;

use super::cli::Recover;
use super::select::{Nearest, nearest};
use super::{Context, Form, Reply};
use crate::query::path_text;
use crate::query::rescued::{Rescued, rescued};
use crate::record::{recover, rescue_dir};
use crate::render::{Answer, answer, count};

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

pub(super) fn run(args: &Recover, context: &Context<'_>, form: Form) -> Result<Reply> {
    let mut waiting = of_here(context)?;
    if let Some(wanted) = &args.label {
        let file = context.cwd.join(wanted);
        waiting.retain(|one| one.label == *wanted || one.path == file || one.session == file);
    }
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
    Ok(Reply {
        code: u8::from(!document.refused.is_empty()),
        answer: answer(&document, form, || said(&document, args.label.as_deref())),
    })
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
