//! `setup`: install the plugin into the debuggers, or take it back.

use anyhow::{Result, bail};
use serde::Serialize;

use super::cli::Setup as Args;
use super::{Context, Form};
use crate::render::{Answer, answer};
use crate::setup::{Change, Host, Places, Plugin, Setup, carry_out};

#[derive(Serialize)]
struct Report<'a> {
    done: bool,
    changes: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    action: &'static str,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<&'a str>,
}

pub(super) fn run(args: &Args, context: &Context<'_>, form: Form) -> Result<Answer> {
    if context.live.is_some() {
        bail!("`setup` changes what debuggers read when they start; run it in a shell");
    }
    let setup = Setup {
        places: Places::from_env()?,
        plugin: Plugin::current()?,
    };
    let hosts = hosts(args);
    let changes = if args.uninstall {
        setup.uninstall(&hosts)?
    } else {
        setup.install(&hosts)?
    };
    if !args.print {
        carry_out(&changes)?;
    }
    let report = Report {
        done: !args.print,
        changes: changes.iter().map(item).collect(),
    };
    let answer = answer(&report, form, || {
        Answer::new(
            changes
                .iter()
                .map(|change| super::lines(&change.describe(!args.print)))
                .collect::<String>(),
        )
    });
    Ok(match (args.uninstall, changes.is_empty(), args.print) {
        (true, true, _) => answer.noting("nothing of dbg-session is set up here"),
        (false, _, false) => answer.noting("`dbg-session doctor` checks that it works"),
        _ => answer,
    })
}

/// Those named, or both.
fn hosts(args: &Args) -> Vec<Host> {
    let chosen = [(args.gdb, Host::Gdb), (args.lldb, Host::Lldb)];
    Host::ALL
        .into_iter()
        .filter(|&host| args.gdb == args.lldb || chosen.contains(&(true, host)))
        .collect()
}

fn item(change: &Change) -> Item<'_> {
    Item {
        action: change.action(),
        path: change.path().display().to_string(),
        block: match change {
            Change::Write { block, .. } if !block.is_empty() => Some(block),
            _ => None,
        },
    }
}
