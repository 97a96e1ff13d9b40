//! The questions: one file each, which has what is asked, the answer as data, and how it is found.
//!
//! A file is called as its verb. What several verbs ask is called as what it is about: `groups` (`hits`
//! counted), `notes`, `rescued` and `sessions` (`list`, and whoever looks for a session), `tracepoints` (what
//! a live debugger tells of its own and of watches). `parts` has what questions are made of.

pub mod at_hit;
pub mod breakpoints;
pub mod callers;
pub mod cross;
pub mod diff;
pub mod disasm;
pub mod groups;
pub mod hit_diff;
pub mod hit_trend;
pub mod hits;
pub mod hotspots;
pub mod layer_list;
pub mod notes;
mod parts;
pub mod rescued;
pub mod sessions;
pub mod show;
pub mod source;
pub mod sql;
pub mod status;
pub mod tracepoints;

pub use parts::{buckets, changes, tally};
