//! What a session is: one SQLite file that holds the record of one run.
//!
//! [`SessionDb`] makes, opens, saves and ends sessions; [`prune`](mod@prune) deletes old
//! ones. Nothing here knows of debuggers, values or questions.

mod create;
mod displaced;
mod error;
mod glance;
mod guard;
mod kinds;
mod label;
mod leftovers;
mod lock;
mod names;
mod newfile;
mod open;
mod owner;
mod pages;
mod paths;
mod prune;
mod rescue;
mod save;
mod schema;
mod session;
mod sql_words;

pub use create::CreateOptions;
pub use error::SessionError;
pub(crate) use error::wrong_type;
pub(crate) use glance::Glance;
pub use kinds::{SessionKind, TargetClass, UnknownName};
pub use label::{Label, auto_label};
pub(crate) use leftovers::{plan_prune_rescued, tidy_raw};
pub use lock::{Liveness, liveness};
pub(crate) use names::one_line;
pub use names::{clean_path, path_of_text, path_text, place_of, source_file};
pub(crate) use newfile::NewFile;
pub(crate) use owner::{caller, owned_by_root, user};
pub use paths::{
    compute_target_hash, group_key, make_parents, raw_dir, refuse_links, sessions_dir,
};
pub use prune::{
    PruneItem, PrunePlan, PrunePolicy, PruneReport, What, plan_prune, prune, session_bytes,
};
pub(crate) use rescue::Identity;
pub use rescue::RescuedFrom;
pub use save::{SaveTarget, SaveTo, Saved, save_session};
pub(crate) use schema::shadow_views;
pub use schema::{APPLICATION_ID, SCHEMA_VERSION};
pub use session::SessionDb;

use jiff::Timestamp;

/// Now, as session files have it: UTC, ISO 8601, microseconds.
#[must_use]
pub fn utc_now() -> String {
    utc_text(Timestamp::now().as_microsecond())
}

/// Microseconds since 1970 as session files have them.
#[must_use]
pub fn utc_text(micros: i64) -> String {
    let time = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX);
    format!("{time:.6}")
}
