//! Records what a debugger sees: every breakpoint hit, with its values and its
//! stack, in one session file that answers questions long after the debugger is
//! gone.
//!
//! [`session_db`] says what a session is; everything else builds on it.

pub mod command;
pub mod session_db;

pub use rusqlite;
pub use session_db::{
    APPLICATION_ID, CreateOptions, Label, PruneItem, PrunePlan, PrunePolicy, PruneReport,
    SCHEMA_VERSION, SessionDb, SessionError, SessionKind, TargetClass, auto_label,
    compute_target_hash, group_key, plan_prune, prune, raw_dir, sessions_dir,
};
