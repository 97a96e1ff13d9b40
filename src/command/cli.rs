//! What may be typed: the one clap definition, whose texts are the help and
//! `docs/commands.md`. Each verb defines its own arguments.

use clap::{Command, CommandFactory, Parser};

use super::{IN_DEBUGGERS, Verb};

/// Records what GDB and LLDB see, and answers questions about it
///
/// Every stop at a breakpoint, watchpoint, catchpoint or fatal signal is a hit,
/// written to a session file in `.dbg/sessions` of the folder that the debugger
/// runs in. The same commands work inside the debuggers, as `dbg-session VERB`,
/// and outside.
#[derive(Parser)]
#[command(
    name = "dbg-session",
    bin_name = "dbg-session",
    version,
    max_term_width = 100,
    subcommand_value_name = "VERB",
    subcommand_help_heading = "Verbs",
    after_help = "A query asks the active session; without one, the newest in `.dbg/sessions` of this \
                  folder or the nearest above it.\nExit codes: 0 fine, 1 error, 2 usage, 130 interrupted."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub verb: Verb,

    /// Answer in JSON, errors as {"error": …}; docs/commands.md has the shapes
    #[arg(long, global = true)]
    pub json: bool,
}

/// The definition, fitted to so many columns.
pub(super) fn definition(columns: usize) -> Command {
    let mut command = Cli::command().term_width(columns.clamp(40, 100));
    command.build();
    // What clap adds by itself, in our words.
    command.mut_subcommand("help", |help| {
        help.about("Print this message or the help of a verb")
    })
}

/// What a debugger registers of a verb.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerbHelp {
    /// The word itself.
    pub name: String,
    /// One line.
    pub about: String,
    /// The whole help text.
    pub help: String,
    /// Whether a debugger has it too.
    pub in_debuggers: bool,
}

/// Every verb, in the order of the help.
#[must_use]
pub fn verbs() -> Vec<VerbHelp> {
    let about = |verb: &Command| verb.get_about().map(ToString::to_string);
    definition(80)
        .get_subcommands_mut()
        .filter(|verb| verb.get_name() != "help")
        .enumerate()
        .map(|(number, verb)| VerbHelp {
            name: verb.get_name().to_owned(),
            about: about(verb).unwrap_or_default(),
            help: verb.render_long_help().to_string(),
            in_debuggers: number < IN_DEBUGGERS,
        })
        .collect()
}

/// Makes the choice of verbs out of a table, in the order of the help: each is a word, and the
/// arguments that know how to run it.
macro_rules! verbs {
    ($($verb:ident => $args:path),+; only in shells: $($outside:ident => $outside_args:path),+) => {
        /// A verb with its arguments.
        #[derive(clap::Subcommand)]
        enum Verb {
            $($verb($args),)+
            $($outside($outside_args),)+
        }

        /// How many of them debuggers have: the first so many.
        const IN_DEBUGGERS: usize = [$(stringify!($verb)),+].len();

        impl Verb {
            fn get(&self) -> &dyn context::Run {
                match self {
                    $(Self::$verb(args) => args,)+
                    $(Self::$outside(args) => args,)+
                }
            }
        }
    };
}
