//! `new`: start a session.

use anyhow::{Result, bail};
use clap::Args;

use super::args::Text;
use super::live::{NewSession, Started};
use super::{Context, Form, Reply, Run};
use crate::interrupt::Reach;
use crate::record::{StartOptions, start_session};
use crate::render::{Answer, answer};
use crate::session_db::{Label, SessionKind, TargetClass};

/// Start a session
#[derive(Args)]
#[command(
    long_about = "Start a session\n\nInside a debugger, a session of the current target \
                  begins and becomes the active one; the one before is ended and kept. \
                  Outside, a session file is made, for profiles to be added to with \
                  `layer add`.",
    after_long_help = "Examples:\n  dbg-session new --label before-fix\n  dbg-session new \
                       ./server --label load-test"
)]
pub(super) struct New {
    /// Program that the session is of [default: the debugger's; outside, this folder's name]
    pub target: Option<Text>,
    /// Name of the session, and of its file; makes it a user session [default: the target's name and the time]
    #[arg(long)]
    pub label: Option<Label>,
    /// `debug` or `profile` [default: debug; outside a debugger, profile]
    #[arg(long)]
    pub kind: Option<SessionKind>,
    /// gpu, native-cpu, managed-dotnet, jvm, python, node, ruby or php
    #[arg(long, default_value_t = TargetClass::NativeCpu)]
    pub class: TargetClass,
    /// Make no file until `save` (inside a debugger)
    #[arg(long)]
    pub in_memory: bool,
}

impl Run for New {
    fn reach(&self) -> Reach {
        Reach::Nothing
    }

    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let new = NewSession {
            target: self.target.as_deref().map(str::to_owned),
            label: self.label.clone(),
            kind: self.kind,
            class: self.class,
            in_memory: self.in_memory,
        };
        let started = match context.live {
            Some(live) => live.start(&new)?,
            None => outside(&new, context)?,
        };
        let said = answer(&started, form, || Answer::new(sentence(&started)));
        Ok(said
            .noting(started.notice.as_deref().unwrap_or_default())
            .into())
    }
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
