//! What may be typed: the one clap definition.

use clap::{Parser, Subcommand};

/// The verbs' names, in the order of the help.
pub(super) const NAMES: [&str; 1] = ["status"];

/// Records what GDB and LLDB see, and answers questions about it.
#[derive(Parser)]
#[command(name = "dbg-session", version, max_term_width = 100)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub verb: Verb,

    /// Answer in JSON
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Subcommand)]
pub(super) enum Verb {
    /// Show the active session
    Status,
}
