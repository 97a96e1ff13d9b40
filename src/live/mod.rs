//! The debugger's side without its Python.
//!
//! ```text
//!   python ─▶ debugger ─▶ active     hits go to the session that is active
//!                 │  └──▶ snapshots  or are taken without asking the debugger
//!   command ─▶ commands             what `dbg-session VERB` asks of it
//!              ending               sessions end with the debugger, however it goes
//! ```

mod active;
mod commands;
mod debugger;
mod ending;
mod snapshots;
mod threads;

pub use debugger::{Debugger, Host, Passing, Recorded, Surroundings, Traced};
pub use ending::end_sessions_on;
pub use snapshots::{Ask, Described, Lesson};
