//! `breakpoints restore`: what a session keeps of breakpoints, set again in the debugger.
//!
//! Everything that is handed to the debugger has come through [`restorable`].

mod breakpoint;
mod commands;
mod moved;
mod past;
pub(super) mod restorable;
mod tracepoint;

use anyhow::{Error, Result, bail};
use clap::Args;

use super::args::SessionName;
use super::requests::{self, ask};
use super::{Context, Form, Live, Reply, Run};
use crate::interrupt::Reach;
use crate::query::breakpoints::{Restoration, Restored};
use crate::query::tracepoints::Tracepoint;
use crate::record::Breakpoint;
use crate::render;
use commands::allow_commands;
use past::{Past, past};
use restorable::cut;
use tracepoint::watch_again;

/// Set the breakpoints, tracepoints and watches of a recorded session again (inside a debugger)
#[derive(Args)]
#[command(
    long_about = "Set the breakpoints, tracepoints and watches of a recorded session again\n\n\
                  Says which no longer resolve, and why; what the debugger has already is left as it is. \
                  A session of GDB's can be restored in LLDB and the other way round, commands and what \
                  only one of them understands excepted. When the target was built anew and a line's text \
                  has moved inside its function, the breakpoint goes where the text is now.\n\n\
                  Nothing that stands in a session's file is carried out: places, paths of variables and \
                  comparisons are set again, what is more than that is named with the reason.",
    after_long_help = "Examples:\n  dbg-session breakpoints restore\n  dbg-session breakpoints restore crash-1\n  \
                       dbg-session breakpoints restore --with-commands"
)]
pub(super) struct Restore {
    /// Session to take them from, by its label or its file [default: the newest earlier one of this program
    /// that has any]
    #[arg(value_name = "LABEL|PATH")]
    label: Option<SessionName>,
    /// The same, as the verbs that ask a session have it
    #[arg(long, value_name = "LABEL|PATH", conflicts_with = "label", hide = true)]
    session: Option<SessionName>,
    /// Set breakpoints with the commands that they had: shows each and asks; never those of another user's file
    #[arg(long)]
    with_commands: bool,
    /// Do not ask before commands are set, nor before many functions are traced
    #[arg(long)]
    yes: bool,
}

impl Run for Restore {
    fn reach(&self) -> Reach {
        Reach::Nothing
    }

    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let live = context.debugger("breakpoints restore")?;
        let wanted = self.label.as_deref().or(self.session.as_deref());
        let past = past(wanted, live, context)?;
        let commands = self.with_commands && allow_commands(&past, live, self.yes)?;
        let restoring = Restoring {
            past: &past,
            live,
            with_commands: self.with_commands,
            commands,
            yes: self.yes,
        };
        let restoration = restoring.restore()?;
        Ok(render::breakpoints::restored(&restoration, form).into())
    }
}

/// More breakpoints than anybody set; a file may say what it will.
const MOST: usize = 10_000;
/// As much of a spec as the answer repeats.
const SPEC: usize = 4096;

/// What restoring goes by.
struct Restoring<'a> {
    past: &'a Past,
    live: &'a dyn Live,
    /// The commands of breakpoints are wanted.
    with_commands: bool,
    /// They are wanted, and the user has allowed them.
    commands: bool,
    /// The user need not be asked.
    yes: bool,
}

impl Restoring<'_> {
    fn restore(&self) -> Result<Restoration> {
        let list = &self.past.list;
        let count = list.breakpoints.len() + list.watches.len();
        if count > MOST {
            bail!(
                "the session keeps {count} breakpoints and watches; more than {MOST} are not set again"
            );
        }
        let present = ask(self.live, &requests::Breakpoints {})?;
        // As they were before: what is set here is the twin of nothing.
        let traced = ask(self.live, &requests::Tracepoints {}).unwrap_or_default();
        let breakpoints = list.breakpoints.iter().map(|recorded| {
            let mut answer = Restored::of(&cut(&recorded.kind, SPEC), &cut(&recorded.spec, SPEC));
            let set = self.any_again(recorded, &present, &traced, &mut answer);
            with_failure(answer, set)
        });
        let watches = list.watches.iter().map(|watch| {
            let mut answer = Restored::of("watch", &cut(&watch.expr, SPEC));
            let set = watch_again(watch, self.live, &mut answer);
            with_failure(answer, set)
        });
        Ok(Restoration {
            session: list.session.clone(),
            started_at: self.past.started_at.clone(),
            restored: breakpoints.chain(watches).collect(),
        })
    }

    fn any_again(
        &self,
        recorded: &Breakpoint,
        present: &[Breakpoint],
        traced: &[Tracepoint],
        answer: &mut Restored,
    ) -> Result<()> {
        match recorded.kind.as_str() {
            "tracepoint" => self.trace_again(recorded, traced, answer),
            _ => self.set_again(recorded, present, answer),
        }
    }
}

/// An answer, and why it is not more than that.
fn with_failure(mut answer: Restored, set: Result<()>) -> Restored {
    if let Err(e) = set {
        answer.notes.push(format!("{e:#}"));
    }
    answer
}

fn refused(why: restorable::Why) -> Error {
    Error::msg(why)
}
