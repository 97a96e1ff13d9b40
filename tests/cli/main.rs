//! The command language as people meet it: the real program in folders of its
//! own. What it prints is kept in `tests/golden`; `BLESS=1` rewrites it.

mod any_line;
mod ask;
mod bad_files;
mod bounded;
mod callers;
mod code;
mod config;
mod ctrl_c;
mod debugger;
mod diff;
mod docs;
mod hit_diff;
mod hit_trend;
mod hits;
mod hostile;
mod kept;
mod layers;
mod sessions;
mod setup;
mod sql;
mod trace;
mod version_3;
mod words;
mod world;
