//! Records what a debugger sees: every breakpoint hit, with its values and its
//! stack, in one session file that answers questions long after the debugger is
//! gone.
//!
//! Data flows one way: a hit goes from the debugger through [`record`] into
//! [`session_db`], a question from the command line to a query and back to text.

// Tests may: a panic is how they fail.
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

pub mod command;
pub mod config;
mod escapes;
pub mod ids;
mod interrupt;
pub mod layers;
pub mod live;
mod many;
mod plain;
#[cfg(feature = "python")]
mod python;
pub mod query;
pub mod record;
pub mod render;
pub mod session_db;
pub mod setup;
mod signals;
pub mod snapshots;
pub mod symbols;
pub mod value;

pub use rusqlite;
pub use session_db::{
    APPLICATION_ID, CreateOptions, Label, PruneItem, PrunePlan, PrunePolicy, PruneReport,
    SCHEMA_VERSION, SessionDb, SessionError, SessionKind, TargetClass, What, auto_label,
    compute_target_hash, group_key, plan_prune, prune, raw_dir, sessions_dir,
};
