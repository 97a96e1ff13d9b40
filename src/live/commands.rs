//! What commands ask of a live debugger.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value as Json;

use super::Debugger;
use super::active::{END_PATIENCE, farewell};
use super::debugger::{STOP_PATIENCE, lock};
use crate::command::{Live, LiveStatus, NewSession, SaveTo, Saved, Started, save_session};
use crate::config::Config;
use crate::session_db::SessionDb;

impl Live for Debugger {
    fn with_session(&self, ask: &mut dyn FnMut(&SessionDb) -> Result<()>) -> Result<bool> {
        let state = self.state();
        let Some(active) = &state.active else {
            return Ok(false);
        };
        // What could not be written yet was told at its stop; `status` tells it too.
        let _ = active.recorder.flush(STOP_PATIENCE);
        active.recorder.with_session(|session| ask(session))?;
        Ok(true)
    }

    fn start(&self, new: &NewSession) -> Result<Started> {
        let mut state = self.state();
        let options = state.options(Some(new));
        let before = state.active.take();
        let mut notice = match state.start(&options, false) {
            Ok(notice) => notice,
            Err(e) => {
                // The session before goes on as if nothing had been asked.
                state.active = before;
                return Err(e);
            }
        };
        let before = match before {
            Some(active) => {
                // The new one is active whatever became of the last hits of this one.
                match active.recorder.finish(END_PATIENCE) {
                    Ok(finished) => {
                        if finished.rest.is_some() || finished.lost > 0 {
                            notice = notice.or(farewell(&finished));
                        }
                        finished.kept.then_some(finished.label)
                    }
                    Err(e) => {
                        notice.get_or_insert_with(|| format!("session {}: {e:#}", active.label));
                        Some(active.label)
                    }
                }
            }
            None => None,
        };
        state.write_standing(self.kind());
        let (label, path) = state
            .active
            .as_ref()
            .map(|active| {
                active.recorder.with_session(|session| {
                    (
                        session.label().to_owned(),
                        session.db_path().map(Path::to_owned),
                    )
                })
            })
            .unwrap_or_default();
        Ok(Started {
            label,
            path,
            before,
            notice,
        })
    }

    fn save(&self, to: &SaveTo) -> Result<Saved> {
        let mut state = self.state();
        let cwd = state.surroundings.cwd.clone();
        let Some(active) = &mut state.active else {
            anyhow::bail!(
                "no session is active; the first hit starts one, or `dbg-session new` does"
            );
        };
        active.recorder.flush(END_PATIENCE)?;
        let saved = active.recorder.with_session(|session| -> Result<Saved> {
            let saved = save_session(session, to, &cwd)?;
            if session.db_path().is_none() {
                session.move_into(&saved.path, &saved.label)?;
                session.trust_references()?;
            }
            Ok(saved)
        })?;
        active.label.clone_from(&saved.label);
        active.auto = false;
        Ok(saved)
    }

    fn status(&self) -> LiveStatus {
        let state = self.state();
        let recorded = state.active.as_ref().map(|a| a.recorder.status());
        let recorded = recorded.unwrap_or_default();
        LiveStatus {
            host: self.name.clone(),
            target: state.surroundings.target.clone(),
            auto: state.config.auto,
            hits: recorded.recorded,
            lost: recorded.lost,
            last_error: recorded.error,
            unsaid: lock(&self.unsaid).iter().cloned().collect(),
        }
    }

    fn ask_host(&self, request: &str, arguments: &Json) -> Result<Json> {
        let host = self
            .host
            .get()
            .context("this debugger answers no requests")?;
        let answer = host.ask(request, &arguments.to_string())?;
        Ok(serde_json::from_str(&answer)?)
    }

    fn configure(&self, config: &Config) {
        self.state().config = config.clone();
    }
}
