//! The command language: one definition, spoken outside as the program
//! `dbg-session VERB …` and inside GDB and LLDB as the command of the same name.
//!
//! [`run`] parses, asks [`query`](crate::query), and has the answer written by
//! [`render`](crate::render). Each verb has a file of its own here.

mod breakpoints;
mod callers;
mod cli;
mod code;
mod complete;
mod config;
mod cross;
mod diff;
mod failure;
mod hit_diff;
mod hit_trend;
mod hits;
mod hotspots;
mod layer;
mod line;
mod list;
mod live;
mod new;
mod note;
mod promote;
mod prune;
mod recover;
mod restorable;
mod restore;
mod save;
mod select;
mod setup;
mod show;
mod sql;
mod status;
mod trace;
mod watch;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{CommandFactory, FromArgMatches};

pub use crate::query::overview::LiveStatus;
pub use complete::complete;
pub use line::run_line;
pub use live::{Live, NewSession, Place, SaveTo, Saved, Started};
pub use save::save_session;

use crate::interrupt::{self, Reach, listening};
use crate::render::{Answer, Form, text};
use breakpoints::Breakpoints;
use cli::{Cli, Layer, Verb as Chosen};
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

impl Context<'_> {
    /// The debugger around it, for a verb that makes no sense without one.
    fn debugger(&self, verb: &str) -> anyhow::Result<&dyn Live> {
        self.live
            .with_context(|| format!("`{verb}` needs a live debugger; type it inside GDB or LLDB"))
    }
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
    pub name: String,
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
    let form = form(args, context);
    let name = OsString::from("dbg-session");
    let parsed = definition(context.width.unwrap_or(100))
        .try_get_matches_from(std::iter::once(&name).chain(args))
        .and_then(|matches| Cli::from_arg_matches(&matches));
    match parsed {
        Ok(cli) => listening(reach(&cli.verb), || {
            let done = dispatch(&cli.verb, context, form);
            match done {
                Err(e) => Failure::from(&e).output(form),
                // A part of an answer is none.
                Ok(_) if interrupt::pressed() && only_asks(&cli.verb) => {
                    Failure::interrupted().output(form)
                }
                Ok(reply) => reply.output(form),
            }
        }),
        Err(e) => failure::usage(&e, args, form),
    }
}

/// What Ctrl-C ends: questions anywhere; what is done in the debugger is the debugger's own.
const fn reach(verb: &Chosen) -> Reach {
    match verb {
        Chosen::New(_)
        | Chosen::Promote(_)
        | Chosen::Note(_)
        | Chosen::Config(_)
        | Chosen::Trace(_)
        | Chosen::Watch(_)
        | Chosen::Breakpoints(Breakpoints::Restore(_)) => Reach::Nothing,
        Chosen::Save(_) | Chosen::Recover(_) => Reach::Between,
        _ => Reach::Anywhere,
    }
}

/// Whether nothing is done but to answer.
fn only_asks(verb: &Chosen) -> bool {
    let does = matches!(
        verb,
        Chosen::Prune(_) | Chosen::Layer(Layer::Add(_) | Layer::Reindex(_)) | Chosen::Setup(_)
    );
    !does && reach(verb) == Reach::Anywhere
}

/// How to answer, known before the line is understood: errors obey it too.
fn form(args: &[OsString], context: &Context<'_>) -> Form {
    let json = args
        .iter()
        .take_while(|arg| *arg != "--")
        .any(|arg| arg == "--json");
    match context.width {
        width if json => Form::Json {
            pretty: width.is_some(),
        },
        Some(width) => Form::Terminal(width.max(40)),
        None => Form::Plain,
    }
}

/// An answer, and whether all went well.
struct Reply {
    code: u8,
    answer: Answer,
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self { code: 0, answer }
    }
}

impl Reply {
    /// What is for a person goes below the table on a terminal; elsewhere it
    /// stays out of what is read by a program.
    fn output(self, form: Form) -> Output {
        let Answer { mut out, note } = self.answer;
        let mut err = String::new();
        match form {
            Form::Terminal(_) => out.push_str(&note),
            Form::Plain | Form::Json { .. } => err = note,
        }
        Output {
            code: self.code,
            out,
            err,
        }
    }
}

/// One line for a person.
fn line(sentence: &str) -> String {
    text::clean(sentence).into_owned() + "\n"
}

/// The clap definition, fitted to so many columns.
fn definition(columns: usize) -> clap::Command {
    let mut command = Cli::command().term_width(columns.clamp(40, 100));
    command.build();
    // What clap adds by itself, in our words.
    command.mut_subcommand("help", |help| {
        help.about("Print this message or the help of a verb")
    })
}

fn dispatch(verb: &Chosen, context: &Context<'_>, form: Form) -> anyhow::Result<Reply> {
    Ok(match verb {
        Chosen::New(args) => new::run(args, context, form)?.into(),
        Chosen::Save(args) => save::run(args, context, form)?.into(),
        Chosen::Promote(args) => promote::run(args, context, form)?.into(),
        Chosen::Prune(args) => prune::run(args, context, form)?,
        Chosen::Recover(args) => recover::run(args, context, form)?,
        Chosen::Status(args) => status::run(args, context, form)?.into(),
        Chosen::List(args) => list::run(args, context, form)?.into(),
        Chosen::Hits(args) => hits::run(args, context, form)?.into(),
        Chosen::Show(args) => show::run(args, context, form)?.into(),
        Chosen::HitDiff(args) => hit_diff::run(args, context, form)?.into(),
        Chosen::HitTrend(args) => hit_trend::run(args, context, form)?.into(),
        Chosen::Callers(args) => callers::run(args, context, form)?.into(),
        Chosen::Trace(args) => trace::run(args, context, form)?.into(),
        Chosen::Watch(args) => watch::run(args, context, form)?.into(),
        Chosen::Layer(verb) => layer::run(verb, context, form)?.into(),
        Chosen::Hotspots(args) => hotspots::run(args, context, form)?.into(),
        Chosen::Cross(args) => cross::run(args, context, form)?.into(),
        Chosen::Diff(args) => diff::run(args, context, form)?.into(),
        Chosen::Disasm(args) => code::disasm(args, context, form)?.into(),
        Chosen::Source(args) => code::source(args, context, form)?.into(),
        Chosen::AtHit(args) => code::run_at_hit(args, context, form)?.into(),
        Chosen::Breakpoints(verb) => breakpoints::run(verb, context, form)?.into(),
        Chosen::Note(args) => note::run(args, context, form)?.into(),
        Chosen::Config(args) => config::run(args, context, form)?.into(),
        Chosen::Sql(args) => sql::run(args, context, form)?.into(),
        Chosen::Setup(args) => setup::setup(args, context, form)?,
        Chosen::Doctor(args) => setup::doctor(args, context, form)?,
    })
}

/// Every verb, in the order of the help.
#[must_use]
pub fn verbs() -> Vec<Verb> {
    definition(80)
        .get_subcommands_mut()
        .filter(|verb| verb.get_name() != "help")
        .map(|verb| Verb {
            name: verb.get_name().to_owned(),
            about: verb
                .get_about()
                .map(ToString::to_string)
                .unwrap_or_default(),
            help: verb.render_long_help().to_string(),
            needs_debugger: false,
        })
        .collect()
}
