//! The command language: one definition, spoken outside as the program
//! `dbg-session VERB …` and inside GDB and LLDB as the command of the same name.
//!
//! [`run`] parses, asks [`query`](crate::query), and has the answer written by
//! [`render`](crate::render). Each verb has a file of its own here.

mod cli;
mod complete;
mod failure;
mod live;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches};

pub use complete::complete;
pub use live::{Live, LiveStatus, NewSession, Place, SaveTo, Saved, Started};

use cli::{Cli, Verb as Chosen};
use failure::Failure;

/// What a command may know of where it was typed.
pub struct Context<'a> {
    /// The folder whose sessions are meant.
    pub cwd: PathBuf,
    /// The debugger around it, if any.
    pub live: Option<&'a dyn Live>,
    /// Columns of the terminal; none when the output is not one: plain text then.
    pub width: Option<usize>,
}

/// What a command printed, and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// 0 fine, 1 error, 2 usage.
    pub code: u8,
    /// For standard output.
    pub out: String,
    /// For standard error.
    pub err: String,
}

/// A verb, as a debugger registers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verb {
    /// The word itself.
    pub name: &'static str,
    /// One line.
    pub about: String,
    /// The whole help text.
    pub help: String,
    /// Whether it makes no sense without a live debugger.
    pub needs_debugger: bool,
}

/// Runs one command line, given without the program's name. Never panics,
/// never exits, never prints.
#[must_use]
pub fn run(args: &[OsString], context: &Context<'_>) -> Output {
    // A panic here is a mistake of ours; in a debugger it must not be more.
    catch_unwind(AssertUnwindSafe(|| parse_and_run(args, context))).unwrap_or_else(|_| Output {
        code: 1,
        err: "dbg-session: this command failed inside; please report it with what you typed.\n"
            .into(),
        ..Output::default()
    })
}

fn parse_and_run(args: &[OsString], context: &Context<'_>) -> Output {
    let json = args.iter().any(|arg| arg == "--json");
    let mut command = definition(context);
    let name = OsString::from("dbg-session");
    let parsed = command
        .try_get_matches_from_mut(std::iter::once(&name).chain(args))
        .and_then(|matches| Cli::from_arg_matches(&matches));
    match parsed {
        Ok(cli) => match dispatch(&cli, context) {
            Ok(output) => output,
            Err(e) => Failure::from(e).output(json),
        },
        Err(e) => failure::usage(&e, json),
    }
}

/// The clap definition, fitted to where it is shown.
fn definition(context: &Context<'_>) -> clap::Command {
    Cli::command().term_width(context.width.unwrap_or(100).clamp(40, 100))
}

fn dispatch(cli: &Cli, _context: &Context<'_>) -> anyhow::Result<Output> {
    match &cli.verb {
        Chosen::Status => anyhow::bail!("`status` is not there yet"),
    }
}

/// Every verb, in the order of the help.
#[must_use]
pub fn verbs() -> Vec<Verb> {
    let mut command = Cli::command();
    command.build();
    command
        .get_subcommands_mut()
        .filter(|verb| verb.get_name() != "help")
        .filter_map(|verb| {
            let name = cli::NAMES.iter().find(|name| **name == verb.get_name())?;
            Some(Verb {
                name,
                about: verb
                    .get_about()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                help: verb.render_long_help().to_string(),
                needs_debugger: false,
            })
        })
        .collect()
}
