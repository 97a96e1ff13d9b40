//! The debugger's side of the command language: what a verb may ask of the
//! host that it runs in.

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use crate::config::Config;
use crate::query::path_or_null;
use crate::query::status::LiveStatus;
use crate::session_db::{Label, SaveTo, Saved, SessionDb, SessionKind, TargetClass};

/// A live debugger with the recorder in it.
///
/// Outside a debugger there is none, and [`Context::live`](super::Context) is empty.
pub trait Live {
    /// Runs `ask` on the active session, with everything recorded so far in
    /// it. False, and nothing run, when no session is active.
    ///
    /// # Errors
    /// What `ask` returned, or what kept the session from being shown.
    fn with_session(&self, ask: &mut dyn FnMut(&SessionDb) -> Result<()>) -> Result<bool>;

    /// Starts a session for the debugger's current target and makes it the
    /// active one. The one before is ended and kept.
    ///
    /// # Errors
    /// A label that is taken, a folder that cannot be written.
    fn start(&self, new: &NewSession) -> Result<Started>;

    /// Persists and promotes the active session.
    /// [`save_session`](crate::session_db::save_session) does the work on the session itself.
    ///
    /// # Errors
    /// No active session, or what kept it from being saved.
    fn save(&self, to: &SaveTo) -> Result<Saved>;

    /// How the recorder is doing. Never waits for the database.
    fn status(&self) -> LiveStatus;

    /// Has the debugger itself do something, by the name of a [request](super::requests) and its
    /// arguments as a JSON object. No session is held meanwhile.
    ///
    /// # Errors
    /// What the debugger says, as one sentence.
    fn ask_host(&self, request: &str, arguments: &Value) -> Result<Value>;

    /// The user's settings were changed by `config`, and are now these.
    fn configure(&self, config: &Config) {
        let _ = config;
    }
}

/// What `new` asks for.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The program; none: the debugger's.
    pub target: Option<String>,
    /// The label that a person gave: makes it a user session.
    pub label: Option<Label>,
    /// None: `debug` inside a debugger, `profile` outside.
    pub kind: Option<SessionKind>,
    /// Which domain tables it gets.
    pub class: TargetClass,
    /// Keep it in memory until `save`.
    pub in_memory: bool,
}

/// A session that `new` started.
#[derive(Clone, Debug, Serialize)]
pub struct Started {
    /// Its label.
    pub label: String,
    /// Its file; none while it lives in memory.
    #[serde(serialize_with = "path_or_null")]
    pub path: Option<PathBuf>,
    /// The label of the session that it took over from, which was ended and kept.
    pub before: Option<String>,
    /// Why it is not where it should be.
    pub notice: Option<String>,
}

/// `gdb`, `lldb`: the debugger as sessions have it, without its version.
pub(super) fn kind_of(live: &dyn Live) -> String {
    let name = live.status().host;
    name.split(' ').next().unwrap_or_default().to_lowercase()
}
