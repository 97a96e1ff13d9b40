//! How things stand: the debugger, the recorder, the session.

use serde::Serialize;

use super::text::clean;
use super::{Answer, Form, answer, bytes, count, time};
use crate::query::status::{LiveStatus, Overview};

/// Places listed before the rest is summed up.
const PLACES: usize = 10;

/// How things stand.
#[derive(Debug, Serialize)]
pub struct Status {
    /// The debugger around us; none outside.
    pub debugger: Option<LiveStatus>,
    /// Whether `session` is the one being recorded here.
    pub active: bool,
    /// The active session, else the one asked for, else the newest; none if there is none.
    pub session: Option<Overview>,
    /// The active session's label, and why it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damaged: Option<String>,
}

/// Writes the status.
#[must_use]
pub fn status(status: &Status, form: Form) -> Answer {
    answer(status, form, || {
        let mut lines = Vec::new();
        if let Some(live) = &status.debugger {
            debugger(live, &mut lines);
        }
        match (&status.session, &status.damaged) {
            (Some(overview), _) => session(overview, status.active, &mut lines),
            (None, Some(damaged)) => lines.push(format!("session:  {damaged}")),
            (None, None) => lines.push(none(status.debugger.as_ref())),
        }
        let lines = lines.iter().map(|line| clean(line).into_owned() + "\n");
        Answer::new(lines.collect::<String>())
    })
}

fn debugger(live: &LiveStatus, lines: &mut Vec<String>) {
    let target = live.target.as_deref().unwrap_or("no program");
    lines.push(format!("debugger: {}, {target}", live.host));
    if live.lost > 0 {
        lines.push(format!(
            "lost:     {} could not be recorded",
            count(live.lost, "hit")
        ));
    }
    if let Some(error) = &live.last_error {
        lines.push(format!("trouble:  {error}"));
    }
    for unsaid in &live.unsaid {
        lines.push(format!(
            "unsaid:   {}: {}",
            time(&unsaid.ts, 0),
            unsaid.text
        ));
    }
}

fn none(live: Option<&LiveStatus>) -> String {
    match live {
        Some(live) if live.auto => "session:  none yet; the first hit starts one".into(),
        Some(_) => "session:  none; `dbg-session new` starts one".into(),
        None => {
            "session:  none here; load the plugin in a debugger and stop at a breakpoint".into()
        }
    }
}

fn session(overview: &Overview, active: bool, lines: &mut Vec<String>) {
    let session = &overview.session;
    let which = if active {
        "active"
    } else {
        session.state.as_str()
    };
    lines.push(format!(
        "session:  {} ({which}, {}, {})",
        session.label, session.created_by, session.kind
    ));
    lines.push(match &session.path {
        Some(path) => format!("file:     {}, {}", path.display(), bytes(session.bytes)),
        None => "file:     none, it is in memory; `dbg-session save` keeps it".into(),
    });
    lines.push(format!("target:   {}", session.target));
    let ended = session
        .ended_at
        .as_ref()
        .map(|ts| format!(", ended {}", time(ts, 0)));
    lines.push(format!(
        "started:  {}{} (UTC)",
        time(&session.started_at, 0),
        ended.unwrap_or_default()
    ));
    lines.push(format!(
        "recorded: {}, {}",
        count(session.hits, "hit"),
        count(session.layers, "layer")
    ));
    for place in overview.locations.iter().take(PLACES) {
        lines.push(format!("  {:>8}  {}", place.hits, place.location));
    }
    let more = overview.locations.len().saturating_sub(PLACES);
    if more > 0 {
        lines.push(format!("  {:>8}  more locations", more));
    }
    for note in &overview.notes {
        let hit = note.hit.map(|id| format!(" to hit number {id}"));
        lines.push(format!(
            "note:     {}{}: {}",
            time(&note.ts, 0),
            hit.unwrap_or_default(),
            note.text
        ));
    }
    for failure in &overview.failures {
        lines.push(format!("failure:  {failure}"));
    }
}
