//! `doctor`: checking that the plugin works.

use anyhow::Result;
use clap::Args;

use super::{Context, Form, Reply, Run};
use crate::render;
use crate::setup::{self, Checkup};

/// Check that the plugin works (outside of debuggers)
#[derive(Args)]
#[command(
    long_about = "Check that the plugin works\n\nStarts each debugger on the PATH, loads the \
                  plugin, records one hit of a tiny program, and says what works. Exit code 1 \
                  when something does not. Not available inside a debugger.",
    after_long_help = "Examples:\n  dbg-session doctor"
)]
pub(super) struct Doctor {}

impl Run for Doctor {
    /// Debuggers that it has started, and their folder, go first.
    fn may_end_anywhere(&self) -> bool {
        false
    }

    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        context.outside("doctor")?;
        let checkups = setup::Doctor::current()?.examine_all()?;
        let works = !checkups.is_empty() && checkups.iter().all(Checkup::works);
        Ok(Reply {
            code: u8::from(!works),
            answer: render::setup::doctor(&checkups, form),
        })
    }
}
