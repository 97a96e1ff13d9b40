//! The command language as people meet it: the real program in folders of its
//! own. What it prints is kept in `tests/golden`; `BLESS=1` rewrites it.

mod any_line;
mod bad_files;
mod code;
mod config;
mod debugger;
mod docs;
mod hits;
mod layers;
mod sessions;
mod setup;
mod sql;
mod world;
