//! The command language: one definition, spoken outside as the program
//! `dbg-session VERB …` and inside GDB and LLDB as the command of the same name.
//!
//! [`run`] parses, asks [`query`](crate::query), and has the answer written by
//! [`render`](crate::render). Each verb has a file of its own here, with its arguments,
//! its help, and how it is run.

mod args;
#[macro_use]
mod cli;
mod complete;
mod context;
mod failure;
mod function_code;
mod line;
mod live;
pub mod requests;
mod select;

mod at_hit;
mod breakpoints;
mod callers;
mod config;
mod cross;
mod diff;
mod disasm;
mod doctor;
mod hit_diff;
mod hit_trend;
mod hits;
mod hotspots;
mod layer;
mod list;
mod new;
mod note;
mod promote;
mod prune;
mod recover;
mod restore;
mod save;
mod setup;
mod show;
mod source;
mod sql;
mod status;
mod trace;
mod watch;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::FromArgMatches;

pub use crate::query::status::LiveStatus;
pub use crate::session_db::{SaveTarget, SaveTo, Saved, save_session};
pub use cli::{VerbHelp, verbs};
pub use complete::complete;
pub use context::{Context, Output};
pub use line::run_line;
pub use live::{Live, NewSession, Started};
pub use requests::REQUESTS;

use crate::interrupt::{self, LastWords, listening};
use crate::render::Form;
use cli::{Cli, definition};
use context::{Reply, Run, line};
use failure::Failure;

verbs! {
    New => new::New,
    Save => save::Save,
    Promote => promote::Promote,
    Prune => prune::Prune,
    Recover => recover::Recover,
    Status => status::Status,
    List => list::List,
    Hits => hits::Hits,
    Show => show::Show,
    HitDiff => hit_diff::HitDiff,
    HitTrend => hit_trend::HitTrend,
    Callers => callers::Callers,
    Trace => trace::Trace,
    Watch => watch::Watch,
    Layer => layer::Layer,
    Hotspots => hotspots::Hotspots,
    Cross => cross::Cross,
    Diff => diff::Diff,
    Disasm => disasm::Disasm,
    Source => source::Source,
    AtHit => at_hit::AtHit,
    Breakpoints => breakpoints::Breakpoints,
    Note => note::Note,
    Config => config::Config,
    Sql => sql::Sql;
    // They change what debuggers read when they start, or start some.
    only in shells:
    Setup => setup::Setup,
    Doctor => doctor::Doctor
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
    let form = context.form(args);
    let name = OsString::from("dbg-session");
    let parsed = definition(context.width.unwrap_or(100))
        .try_get_matches_from(std::iter::once(&name).chain(args))
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(e) => return failure::usage(&e, args, form),
    };
    let verb = cli.verb.get();
    let ends_at_once = (verb.may_end_anywhere() && context.live.is_none()).then(|| {
        let Output { out, err, .. } = Failure::interrupted().output(form);
        LastWords::new(&out, &err)
    });
    let output = listening(verb.reach(), || match verb.run(context, form) {
        Err(e) => Failure::from(&e).output(form),
        // A part of an answer is none.
        Ok(_) if interrupt::pressed() && verb.only_asks() => Failure::interrupted().output(form),
        Ok(reply) => reply.output(form),
    });
    drop(ends_at_once);
    output
}
