//! `breakpoints`: what was set when a session was recorded, and setting it again.

use anyhow::Result;
use clap::{Args, Subcommand};

use super::args::Which;
use super::restore::Restore;
use super::{Context, Form, Reply, Run};
use crate::interrupt::Reach;
use crate::query::breakpoints::breakpoints;
use crate::render;

/// Show a session's breakpoints, or set them again
#[derive(Args)]
#[command(
    disable_help_subcommand = true,
    subcommand_value_name = "VERB",
    subcommand_help_heading = "Verbs",
    long_about = "Show a session's breakpoints, or set them again\n\nA session keeps the user's \
                  breakpoints, watchpoints, catchpoints, tracepoints and watches as they stood at its \
                  last stop, with their conditions, ignore counts and commands.",
    after_long_help = "Examples:\n  dbg-session breakpoints list\n  dbg-session breakpoints restore"
)]
pub(super) struct Breakpoints {
    #[command(subcommand)]
    verb: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Show the breakpoints, tracepoints and watches that a session keeps
    #[command(
        after_long_help = "Examples:\n  dbg-session breakpoints list\n  dbg-session breakpoints list --session crash-1"
    )]
    List(Which),
    Restore(Restore),
}

impl Run for Breakpoints {
    fn reach(&self) -> Reach {
        match &self.verb {
            Action::List(_) => Reach::Anywhere,
            Action::Restore(args) => args.reach(),
        }
    }

    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        match &self.verb {
            Action::List(which) => {
                let list = which.read(context, breakpoints)?;
                Ok(render::breakpoints::list(&list, form).into())
            }
            Action::Restore(args) => args.run(context, form),
        }
    }
}
