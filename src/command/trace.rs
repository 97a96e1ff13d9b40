//! `trace`: tracepoints of the debugger around us.

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;

use super::{Context, Form};
use crate::query::tracepoints::Tracepoint;
use crate::render::{self, Answer};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Trace {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    set: Set,
}

#[derive(Subcommand)]
enum Verb {
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
    location: Vec<String>,
    /// Trace all functions with debug information whose names match
    #[arg(short, long, value_name = "REGEX", conflicts_with = "location")]
    regex: Option<String>,
    /// Record what a function returns, with its arguments as they were at entry
    #[arg(long = "return", value_name = "FUNC", conflicts_with_all = ["location", "regex"])]
    returns: Option<String>,
    /// Record only when this is true, in the language of the program
    #[arg(long = "if", value_name = "COND", allow_hyphen_values = true)]
    condition: Option<String>,
    /// Record one of N passings
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Remove the tracepoint after N recorded hits
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max: Option<u64>,
    /// Record this expression instead of all arguments and locals; may be given several times
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    capture: Vec<String>,
    /// Most frames of the stack to record; 0 records the location alone
    #[arg(long, value_name = "N")]
    stack: Option<u64>,
    /// Stop the program, as a breakpoint does, at the first passing at which this is true
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    until_value: Option<String>,
    /// Trace more than 100 functions without being asked
    #[arg(long, requires = "regex")]
    yes: bool,
}

pub(super) fn run(args: &Trace, context: &Context<'_>, form: Form) -> Result<Answer> {
    let debugger = context.debugger("trace")?;
    let change = |request: &str, done: &'static str, which: &Numbers| {
        let numbers = debugger.ask_host(request, &json!({ "numbers": which.numbers }))?;
        let numbers: Vec<i64> = serde_json::from_value(numbers)?;
        Ok(render::trace::changed(&numbers, done, form))
    };
    match &args.verb {
        None => {
            let set = debugger.ask_host("trace_add", &args.set.request()?)?;
            let set: Vec<Tracepoint> = serde_json::from_value(set)?;
            Ok(render::trace::set(&set, form))
        }
        Some(Verb::List) => {
            let list = debugger.ask_host("trace_list", &json!({}))?;
            let list: Vec<Tracepoint> = serde_json::from_value(list)?;
            Ok(render::trace::list(&list, form))
        }
        Some(Verb::Delete(which)) => change("trace_delete", "deleted", which),
        Some(Verb::Disable(which)) => change("trace_disable", "disabled", which),
        Some(Verb::Enable(which)) => change("trace_enable", "enabled", which),
    }
}

impl Set {
    fn request(&self) -> Result<serde_json::Value> {
        let (kind, location) = match (&self.regex, &self.returns) {
            (Some(regex), _) => ("regex", regex.clone()),
            (_, Some(function)) => ("return", function.clone()),
            _ => ("location", self.location.join(" ")),
        };
        if location.trim().is_empty() {
            bail!("a tracepoint needs a place, such as `t.c:10` or a function's name");
        }
        Ok(json!({
            "location": location,
            "kind": kind,
            "condition": self.condition,
            "every": self.every,
            "most": self.max,
            "captures": self.capture,
            "stack": self.stack,
            "until": self.until_value,
            "yes": self.yes,
        }))
    }
}
