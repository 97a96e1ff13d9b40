//! `trace`: tracepoints of the debugger around us.

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use super::args::Text;
use super::requests::{
    AddTracepoint, DeleteTracepoints, DisableTracepoints, EnableTracepoints, Tracepoints, ask,
};
use super::{Context, Form, Reply, Run};
use crate::interrupt::Reach;
use crate::render;

/// Record hits without stopping (inside a debugger)
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    subcommand_value_name = "VERB",
    subcommand_help_heading = "Verbs",
    override_usage = "dbg-session trace [OPTIONS] <LOC> [if <COND>]\n       dbg-session trace [OPTIONS] -r <REGEX>\n       \
                      dbg-session trace [OPTIONS] --return <FUNC>\n       \
                      dbg-session trace list|delete|disable|enable [N]...",
    long_about = "Record hits without stopping\n\nA tracepoint is a breakpoint that records and \
                  goes on: the program never stops visibly. Its number is that of the debugger's \
                  breakpoint, which may be deleted, disabled and enabled there as well. It may \
                  be set before the program runs, or, without `--return`, on a function that is \
                  not loaded yet. A condition that cannot be evaluated counts as false. A child \
                  process is traced only if the debugger follows it.",
    after_long_help = "Examples:\n  dbg-session trace t.c:10\n  dbg-session trace parse --if \"len > 100\" --max 50\n  \
                       dbg-session trace loop.c:12 --every 1000 --capture i --capture buf[0] --stack 0\n  \
                       dbg-session trace step --until-value \"state == 3\"\n  \
                       dbg-session trace -r '^Parser::'\n  dbg-session trace --return parse\n  \
                       dbg-session trace list\n  dbg-session trace delete 2 3"
)]
pub(super) struct Trace {
    #[command(subcommand)]
    verb: Option<Action>,
    #[command(flatten)]
    set: Set,
}

#[derive(Subcommand)]
enum Action {
    /// Show tracepoints, what they saw and what they cost
    List,
    /// Delete tracepoints
    Delete(Numbers),
    /// Switch tracepoints off
    Disable(Numbers),
    /// Switch tracepoints on again
    Enable(Numbers),
}

#[derive(Args)]
struct Numbers {
    /// Numbers of tracepoints, as `trace list` shows them
    #[arg(value_name = "N", required_unless_present = "all")]
    numbers: Vec<i64>,
    /// All of them
    #[arg(long, conflicts_with = "numbers")]
    all: bool,
}

#[derive(Args)]
struct Set {
    /// Where: whatever the debugger's own `break` takes
    #[arg(value_name = "LOC", required_unless_present_any = ["regex", "returns"])]
    location: Vec<Text>,
    /// Trace all functions with debug information whose names match
    #[arg(short, long, value_name = "REGEX", conflicts_with = "location")]
    regex: Option<Text>,
    /// Record what a function returns, with its arguments as they were at entry
    #[arg(long = "return", value_name = "FUNC", conflicts_with_all = ["location", "regex"])]
    returns: Option<Text>,
    /// Record only when this is true, in the language of the program
    #[arg(long = "if", value_name = "COND", allow_hyphen_values = true)]
    condition: Option<Text>,
    /// Record one of N passings
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Remove the tracepoint after N recorded hits
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max: Option<u64>,
    /// Record this expression instead of all arguments and locals; may be given several times
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    capture: Vec<Text>,
    /// Most frames of the stack to record; 0 records the location alone
    #[arg(long, value_name = "N")]
    stack: Option<u64>,
    /// Stop the program, as a breakpoint does, at the first passing at which this is true
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    until_value: Option<Text>,
    /// Trace more than 100 functions without being asked
    #[arg(long, requires = "regex")]
    yes: bool,
}

impl Run for Trace {
    fn reach(&self) -> Reach {
        Reach::Nothing
    }

    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let live = context.debugger("trace")?;
        let (numbers, done) = match &self.verb {
            None => {
                let set = ask(live, &self.set.request()?)?;
                return Ok(render::trace::set(&set, form).into());
            }
            Some(Action::List) => {
                let list = ask(live, &Tracepoints {})?;
                return Ok(render::trace::list(&list, form).into());
            }
            Some(Action::Delete(Numbers { numbers, .. })) => {
                (ask(live, &DeleteTracepoints { numbers })?, "deleted")
            }
            Some(Action::Disable(Numbers { numbers, .. })) => {
                (ask(live, &DisableTracepoints { numbers })?, "disabled")
            }
            Some(Action::Enable(Numbers { numbers, .. })) => {
                (ask(live, &EnableTracepoints { numbers })?, "enabled")
            }
        };
        Ok(render::trace::changed(&numbers, done, form).into())
    }
}

impl Set {
    fn request(&self) -> Result<AddTracepoint> {
        // As in the debuggers' own commands.
        let behind = self
            .location
            .iter()
            .skip(1)
            .position(|word| &**word == "if");
        let behind = behind.map(|at| at + 1);
        if behind.is_some() && self.condition.is_some() {
            bail!("a condition stands behind `if` and behind `--if`; give one of them");
        }
        let (kind, location) = match (&self.regex, &self.returns) {
            (Some(regex), _) => ("regex", regex.to_string()),
            (_, Some(function)) => ("return", function.to_string()),
            _ => (
                "location",
                self.location[..behind.unwrap_or(self.location.len())].join(" "),
            ),
        };
        if location.trim().is_empty() {
            bail!("a tracepoint needs a place, such as `t.c:10` or a function's name");
        }
        let text = |text: &Option<Text>| text.as_deref().map(str::to_owned);
        Ok(AddTracepoint {
            location,
            place: None,
            kind,
            condition: match behind {
                Some(at) => Some(self.location[at + 1..].join(" ")),
                None => text(&self.condition),
            },
            every: self.every,
            most: self.max,
            captures: self.capture.iter().map(|one| one.to_string()).collect(),
            stack: self.stack,
            until: text(&self.until_value),
            yes: self.yes,
        })
    }
}
