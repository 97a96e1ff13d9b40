//! Questions to sessions. They return data and print nothing.
//!
//! A file that `dbg` wrote has the same tables without our additions: each
//! question answers as far as the columns go.

pub mod cross;
pub mod hits;
pub mod hotspots;
pub mod layer_list;
pub mod location;
pub mod notes;
pub mod overview;
pub mod sessions;
pub mod show;
pub mod sql;
