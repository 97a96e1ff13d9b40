//! Which session is active, when one begins by itself, and what becomes of it.

use std::time::Duration;

use anyhow::Result;

use super::Surroundings;
use crate::command::NewSession;
use crate::config::Config;
use crate::record::{
    Finished, Recorder, Rest, Standing, StartOptions, start_session, store_breakpoints,
};
use crate::render::count;
use crate::session_db::{SessionDb, SessionKind, TargetClass};

/// How long ending a session, or asking it, waits for hits still to be written.
pub(super) const END_PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) active: Option<Active>,
    pub(super) surroundings: Surroundings,
    pub(super) config: Config,
    /// Hits cannot be written at present, and the user knows.
    pub(super) failing: bool,
    /// The user's breakpoints and watches, for whichever session is active.
    pub(super) standing: Standing,
    /// The active session does not know `standing` yet.
    pub(super) standing_is_new: bool,
}

#[derive(Debug)]
pub(super) struct Active {
    pub(super) recorder: Recorder,
    pub(super) label: String,
    pub(super) target: String,
    /// Nobody asked for it: it goes with its target.
    pub(super) auto: bool,
}

impl State {
    /// Sees to it that the right session is active; false when nothing is to be recorded.
    pub(super) fn make_ready(&mut self, messages: &mut Vec<String>) -> bool {
        self.leave_other_target(messages);
        if self.active.is_none() && self.config.auto {
            self.start_auto(messages);
        }
        self.active.is_some()
    }

    /// An auto session is of one target: when that is gone from the debugger
    /// and another has come, the session is over.
    fn leave_other_target(&mut self, messages: &mut Vec<String>) {
        let now = &self.surroundings;
        let Some(active) = &self.active else {
            return;
        };
        let moved = now.target.as_ref().is_some_and(|t| *t != active.target);
        if active.auto && moved && !now.loaded.contains(&active.target) {
            self.finish(messages);
        }
    }

    fn start_auto(&mut self, messages: &mut Vec<String>) {
        let options = self.options(None);
        match self.start(&options, true) {
            Ok(notice) => {
                let active = self.active.as_ref().map(|a| a.recorder.with_session(place));
                messages.extend(active.map(|place| format!("recording to {place}")));
                messages.extend(notice);
            }
            Err(e) => {
                // Said once: the next hit would fail in the same way.
                self.config.auto = false;
                messages.push(format!(
                    "nothing is recorded: {e:#}; `dbg-session new` tries again"
                ));
            }
        }
    }

    /// What a session is started with, by itself or as asked for.
    pub(super) fn options(&self, new: Option<&NewSession>) -> StartOptions {
        let now = &self.surroundings;
        let target = new.and_then(|new| new.target.clone());
        StartOptions {
            kind: new.and_then(|new| new.kind).unwrap_or(SessionKind::Debug),
            class: new.map_or(TargetClass::NativeCpu, |new| new.class),
            target: target
                .or_else(|| now.target.clone())
                .unwrap_or_else(|| "unknown".into()),
            cwd: now.cwd.clone(),
            label: new.and_then(|new| new.label.as_ref().map(ToString::to_string)),
            in_memory: new.is_some_and(|new| new.in_memory),
        }
    }

    /// Makes a session active; answers what the user should know of its place.
    pub(super) fn start(&mut self, options: &StartOptions, auto: bool) -> Result<Option<String>> {
        let started = start_session(options)?;
        self.standing_is_new = true;
        let label = started.session.label().to_owned();
        self.active = Some(Active {
            recorder: Recorder::new(started.session)?,
            label,
            target: options.target.clone(),
            auto,
        });
        Ok(started.notice)
    }

    /// What cannot be written now is tried again at the next hit.
    pub(super) fn write_standing(&mut self, host: String) {
        if self.failing {
            return;
        }
        let Some(active) = &self.active else {
            return;
        };
        let stored = active
            .recorder
            .with_session(|session| store_breakpoints(session, &host, &self.standing));
        self.standing_is_new = stored.is_err();
    }

    pub(super) fn finish(&mut self, messages: &mut Vec<String>) {
        let Some(active) = self.active.take() else {
            return;
        };
        match active.recorder.finish(END_PATIENCE) {
            Ok(finished) => messages.extend(farewell(&finished)),
            Err(e) => messages.push(format!("session {}: {e:#}", active.label)),
        }
    }
}

pub(super) fn farewell(finished: &Finished) -> Option<String> {
    let Finished {
        label, path, hits, ..
    } = finished;
    match &finished.rest {
        Some(Rest::Rescued { hits, path, why }) => {
            return Some(format!(
                "session {label}: {} could not be written ({why}); they wait in {}, and `dbg-session \
                 recover` merges them when the cause is mended",
                count(*hits, "hit"),
                path.display()
            ));
        }
        Some(Rest::Lost { hits, why }) => {
            return Some(format!(
                "session {label}: {} are lost, because they could not be written ({why}); what was \
                 written before is kept",
                count(*hits, "hit")
            ));
        }
        None => {}
    }
    if !finished.kept {
        return None;
    }
    if let Some(path) = path
        && let Err(e) = SessionDb::open_read_only(path)
    {
        return Some(format!(
            "session {label}: its file was damaged by another program while it was recorded, and \
             cannot be opened: {e:#}"
        ));
    }
    let hits = count(*hits, "hit");
    let lost = match finished.lost {
        0 => String::new(),
        lost => format!("; {lost} more are lost, because nothing could be written for long"),
    };
    Some(if path.is_some() {
        format!("kept session {label} ({hits}); ask it with `dbg-session hits`{lost}")
    } else {
        format!("session {label} lived in memory and is gone, with its {hits}{lost}")
    })
}

/// Where a session is, for people.
fn place(session: &mut SessionDb) -> String {
    let Some(path) = session.db_path() else {
        return "memory".into();
    };
    let cwd = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&cwd)
        .unwrap_or(path)
        .display()
        .to_string()
}
