//! Questions to sessions. They return data and print nothing.
//!
//! A file that `dbg` wrote has the same tables without our additions: each
//! question answers as far as the columns go.

pub mod at_hit;
pub mod breakpoints;
pub mod buckets;
mod callees;
pub mod callers;
pub mod changes;
pub mod cross;
pub mod diff;
pub mod disasm;
pub mod expr;
pub mod function;
pub mod groups;
pub mod hit_diff;
pub mod hits;
pub mod hotspots;
pub mod layer_list;
pub mod location;
pub mod moved;
pub mod notes;
pub mod overview;
pub mod read;
pub mod rescued;
pub mod sessions;
pub mod show;
pub mod source;
pub mod sql;
pub mod tally;
pub mod tracepoints;
pub mod trend;

use std::path::{Path, PathBuf};

use serde::Serializer;

/// Writes a path, which need not be Unicode, as text, which must be.
pub(crate) fn path_text<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&crate::session_db::path_text(path))
}

/// The same for a path that may be missing.
pub(crate) fn path_or_null<S: Serializer>(
    path: &Option<PathBuf>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match path {
        Some(path) => path_text(path, serializer),
        None => serializer.serialize_none(),
    }
}
