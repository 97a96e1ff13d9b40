//! `watch`: expressions that are evaluated at each hit.

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;

use super::{Context, Form};
use crate::query::tracepoints::Watch as Row;
use crate::render::{self, Answer};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Watch {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// The expression, in the language of the program
    #[arg(value_name = "EXPR", required = true, num_args = 1..)]
    expression: Vec<String>,
    /// Let it run code in the program; at real stops only, never at tracepoints
    #[arg(long)]
    allow_calls: bool,
}

#[derive(Subcommand)]
enum Verb {
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

pub(super) fn run(args: &Watch, context: &Context<'_>, form: Form) -> Result<Answer> {
    let debugger = context.debugger("watch")?;
    match &args.verb {
        None => {
            let expression = args.expression.join(" ");
            if expression.trim().is_empty() {
                bail!("a watch needs an expression, such as `p->len`");
            }
            let asked = json!({ "expression": expression, "allow_calls": args.allow_calls });
            let set: Row = serde_json::from_value(debugger.ask_host("watch_add", &asked)?)?;
            Ok(render::trace::watching(&set, form))
        }
        Some(Verb::List) => {
            let list = debugger.ask_host("watch_list", &json!({}))?;
            let list: Vec<Row> = serde_json::from_value(list)?;
            Ok(render::trace::watches(&list, form))
        }
        Some(Verb::Delete(which)) => {
            let gone = debugger.ask_host("watch_delete", &json!({ "numbers": which.numbers }))?;
            let gone: Vec<i64> = serde_json::from_value(gone)?;
            Ok(render::trace::unwatched(&gone, form))
        }
    }
}
