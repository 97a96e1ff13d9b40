//! The questions: one file each, which has what is asked, the answer as data, and how it is found.

pub mod at_hit;
pub mod breakpoints;
pub mod buckets;
mod callees;
pub mod callers;
pub mod changes;
pub mod cross;
pub mod diff;
pub mod disasm;
pub mod groups;
pub mod hit_diff;
pub mod hits;
pub mod hotspots;
pub mod layer_list;
pub mod notes;
pub mod overview;
pub mod rescued;
pub mod sessions;
pub mod show;
pub mod source;
pub mod sql;
pub mod tally;
pub mod tracepoints;
pub mod trend;
