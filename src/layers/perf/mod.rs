//! perf: what `perf record` writes, and the text that `perf script` makes of it.

mod data;
mod frame;
mod header;
mod script;

pub(super) use data::PerfData;
pub(super) use script::PerfScript;
