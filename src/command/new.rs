//! `new`: start a session.

use anyhow::{Result, bail};

use super::cli::New;
use super::live::{NewSession, Started};
use super::{Context, Form};
use crate::record::{StartOptions, start_session};
use crate::render::{Answer, answer};
use crate::session_db::SessionKind;

pub(super) fn run(args: &New, context: &Context<'_>, form: Form) -> Result<Answer> {
    let new = NewSession {
        target: args.target.clone(),
        label: args.label.clone(),
        kind: args.kind,
        class: args.class,
        in_memory: args.in_memory,
    };
    let started = match context.live {
        Some(live) => live.start(&new)?,
        None => outside(&new, context)?,
    };
    Ok(answer(&started, form, || Answer::new(sentence(&started)))
        .noting(started.notice.as_deref().unwrap_or_default()))
}

/// Without a debugger nothing is recorded: the file is made for layers, and done.
fn outside(new: &NewSession, context: &Context<'_>) -> Result<Started> {
    if new.in_memory {
        bail!(
            "outside a debugger a session in memory would be gone at once; leave out `--in-memory`"
        );
    }
    let folder = || {
        context
            .cwd
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    let made = start_session(&StartOptions {
        kind: new.kind.unwrap_or(SessionKind::Profile),
        class: new.class,
        target: new
            .target
            .clone()
            .or_else(folder)
            .unwrap_or_else(|| "session".into()),
        cwd: context.cwd.clone(),
        label: new.label.as_ref().map(ToString::to_string),
        in_memory: false,
    })?;
    let started = Started {
        label: made.session.label().to_owned(),
        path: made.session.db_path().map(Into::into),
        before: None,
        notice: made.notice,
    };
    if started.path.is_none() {
        bail!("{}", started.notice.unwrap_or_default());
    }
    made.session.end()?;
    Ok(started)
}

fn sentence(started: &Started) -> String {
    let place = match &started.path {
        Some(path) => format!(" in {}", path.display()),
        None => " in memory; `dbg-session save` keeps it".to_owned(),
    };
    let before = started
        .before
        .as_ref()
        .map(|label| format!("; session {label} is ended and kept"));
    super::line(&format!(
        "session {}{place}{}",
        started.label,
        before.unwrap_or_default()
    ))
}
