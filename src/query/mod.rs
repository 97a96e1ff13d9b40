//! Questions to sessions. They return data and print nothing.
//!
//! ```text
//! ask       one file a question ─┐
//! expr      conditions: i > 3    ├─▶ read   the one door to hits
//! location  t.c:10, main, t.c   ─┘
//! ```
//!
//! A file that `dbg` wrote has the same tables without our additions: each
//! question answers as far as the columns go.

mod ask;
pub mod expr;
pub mod function;
pub mod location;
pub mod moved;
mod names;
pub mod read;

/// As it was called before it had the verb's name.
pub use ask::{
    at_hit, breakpoints, buckets, callers, changes, cross, diff, disasm, groups, hit_diff,
    hit_trend, hits, hotspots, layer_list, notes, rescued, sessions, show, source, sql, status,
    tally, tracepoints,
};

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
