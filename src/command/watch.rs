//! `watch`: expressions that are evaluated at each hit.

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use super::args::Verbatim;
use super::requests::{AddWatch, DeleteWatches, Watches, ask};
use super::{Context, Form, Reply, Run};
use crate::interrupt::Reach;
use crate::render;

/// Evaluate an expression at each hit (inside a debugger)
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    subcommand_value_name = "VERB",
    subcommand_help_heading = "Verbs",
    override_usage = "dbg-session watch [OPTIONS] <EXPR>\n       dbg-session watch list|delete [N]...",
    long_about = "Evaluate an expression at each hit\n\nIts value is recorded with every hit from now on, \
                  at real stops and at tracepoints; `show` shows it. Where it is not in scope, the hit \
                  says so. No code is run in the program for it: what would need a call is refused, \
                  unless `--allow-calls` is given, which holds at real stops only.",
    after_long_help = "Examples:\n  dbg-session watch p->len\n  dbg-session watch a[i] + 1\n  \
                       dbg-session watch --allow-calls v.size()\n  dbg-session watch list\n  \
                       dbg-session watch delete 1"
)]
pub(super) struct Watch {
    #[command(subcommand)]
    verb: Option<Action>,
    /// The expression, in the language of the program
    #[arg(value_name = "EXPR", required = true, num_args = 1..)]
    expression: Vec<Verbatim>,
    /// Let it run code in the program; at real stops only, never at tracepoints
    #[arg(long)]
    allow_calls: bool,
}

#[derive(Subcommand)]
enum Action {
    /// Show the watches
    List,
    /// Delete watches
    Delete(Numbers),
}

#[derive(Args)]
struct Numbers {
    /// Numbers of watches, as `watch list` shows them
    #[arg(value_name = "N", required_unless_present = "all")]
    numbers: Vec<i64>,
    /// All of them
    #[arg(long, conflicts_with = "numbers")]
    all: bool,
}

impl Run for Watch {
    fn reach(&self) -> Reach {
        Reach::Nothing
    }

    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let live = context.debugger("watch")?;
        let answer = match &self.verb {
            None => render::trace::watching(
                &ask(live, &self.request(&self.expression.join(" "))?)?,
                form,
            ),
            Some(Action::List) => render::trace::watches(&ask(live, &Watches {})?, form),
            Some(Action::Delete(Numbers { numbers, .. })) => {
                render::trace::unwatched(&ask(live, &DeleteWatches { numbers })?, form)
            }
        };
        Ok(answer.into())
    }
}

impl Watch {
    fn request<'a>(&self, expression: &'a str) -> Result<AddWatch<'a>> {
        if expression.trim().is_empty() {
            bail!("a watch needs an expression, such as `p->len`");
        }
        let allow_calls = self.allow_calls;
        Ok(AddWatch {
            expression,
            allow_calls,
        })
    }
}
