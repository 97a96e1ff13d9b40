//! What may be typed: the one clap definition. Its texts are the help, and
//! the help is in `docs/commands.md`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use super::callers::Callers;
use super::hit_diff::HitDiff;
use super::hit_trend::HitTrend;
use crate::session_db::{Label, SessionKind, TargetClass};

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

/// Which session a query asks.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Which {
    /// Session to ask, by its label or its file [default: the active one, else the newest in
    /// `.dbg/sessions` of this folder or the nearest above it]
    #[arg(long, value_name = "LABEL|PATH")]
    pub session: Option<String>,
}

#[derive(Subcommand)]
pub(super) enum Verb {
    /// Start a session
    #[command(
        long_about = "Start a session\n\nInside a debugger, a session of the current target \
                      begins and becomes the active one; the one before is ended and kept. \
                      Outside, a session file is made, for profiles to be added to with \
                      `layer add`.",
        after_long_help = "Examples:\n  dbg-session new --label before-fix\n  dbg-session new \
                           ./server --label load-test"
    )]
    New(New),

    /// Persist and promote a session
    #[command(
        long_about = "Persist and promote a session\n\nWithout LABEL or PATH, the session is \
                      written out where it lives (a session in memory: to its folder, under its \
                      own label) and becomes a user session, which prune keeps. With one, a copy \
                      of all that was recorded so far is put there as a user session of that \
                      label, with its raw files; recording goes on in the first.",
        after_long_help = "Examples:\n  dbg-session save\n  dbg-session save \
                           crash-1\n  dbg-session save /tmp/for-anna.db"
    )]
    Save(Save),

    /// Keep a session from prune
    #[command(
        long_about = "Keep a session from prune\n\nIt becomes a user session, which prune \
                      deletes with `--all` alone.",
        after_long_help = "Examples:\n  dbg-session promote\n  dbg-session promote server-20261123-151617"
    )]
    Promote(Promote),

    /// Delete old sessions that nobody promoted
    #[command(
        long_about = "Delete old sessions that nobody promoted\n\nDeletes the auto sessions of \
                      `.dbg/sessions` (of this folder, else the nearest above it) that nothing \
                      was written to for a while, with their raw files. A session that is being \
                      recorded, and a file that is no session, is never deleted. What killed processes left \
                      there goes as well. Says what was kept, and why.",
        after_long_help = "Examples:\n  dbg-session prune --dry-run\n  dbg-session prune --older-than 12h"
    )]
    Prune(Prune),

    /// Merge hits rescued from a full disk into their session
    #[command(
        long_about = "Merge hits rescued from a full disk into their session\n\nHits that could not be \
                      written before the debugger ended, because the disk was full, another file stood in \
                      the session's place or the file was cut short, wait in the user's state folder; \
                      `list` names them. They go into their session, in their order and with their numbers, \
                      and the session is ended. Where its file is gone, they make it anew; another \
                      session's file is never touched. Doing it twice changes nothing. `prune` deletes \
                      rescued hits after 30 days.",
        after_long_help = "Examples:\n  dbg-session recover\n  dbg-session recover server-20261123-151617"
    )]
    Recover(Recover),

    /// Show the active session, or the newest
    #[command(
        long_about = "Show the active session, or the newest\n\nIts file, how often each location \
                      was hit, notes, and what went wrong; inside a debugger also how the \
                      recorder is doing.",
        after_long_help = "Examples:\n  dbg-session status\n  dbg-session status --session crash-1"
    )]
    Status(Status),

    /// List sessions, newest first
    #[command(
        long_about = "List sessions, newest first\n\nThose in `.dbg/sessions` of this folder, \
                      else the nearest above it. `live` is being recorded, `interrupted` lost its \
                      recorder and holds all that was written until then. `by` is `user` when a person \
                      made or promoted it. A terminal leaves out what is usual: an ended auto session of a \
                      debugger. Files there that are no sessions are named below.",
        after_long_help = "Examples:\n  dbg-session list\n  dbg-session list --group"
    )]
    List(List),

    /// Show what was recorded
    #[command(
        long_about = "Show what was recorded\n\nOne line per hit, oldest first; of many hits the \
                      newest. On a terminal times are UTC times of day, long values are cut, and \
                      columns that say nothing are left out; piped, all columns are there, \
                      separated by tabs, under one line of titles.",
        after_long_help = "A condition compares values, watches, and what is known of a hit: id, seq, \
                           location, fn, caller, thread, thread_name, tid, pid, time, elapsed, reason, \
                           detail, breakpoint, pc, error. It has ==, !=, <, <=, >, >=, contains, ~ \
                           (regular expression), !~, exists, missing, and, or, not and parentheses; a \
                           hit without the field passes no comparison. docs/questions.md tells all of it.\n\n\
                           Examples:\n  dbg-session hits\n  dbg-session hits t.c:10 --limit 100\n  \
                           dbg-session hits parse --fields len,p.x,buf[0]\n  dbg-session hits src/t.c --thread 2\n  \
                           dbg-session hits --where 'i > 3 and p.name == \"x\"'\n  dbg-session hits \
                           --where 'caller == retry and time > 10:00:02 and not ok'\n  dbg-session hits parse \
                           --group-by state\n  dbg-session hits --count-by len --top 5 --where 'len > 100'"
    )]
    Hits(super::hits::Hits),

    /// Show one hit in full
    #[command(
        long_about = "Show one hit in full\n\nIts values, watches, stack and notes, and the \
                      source as it was when it was recorded.",
        after_long_help = "Examples:\n  dbg-session show            the newest hit\n  dbg-session \
                           show 17         hit number 17 of the session\n  dbg-session show t.c:10 \
                           3   the third hit at t.c:10\n  dbg-session show parse      the newest hit in parse"
    )]
    Show(Show),

    /// Show what differs between two hits
    #[command(
        long_about = "Show what differs between two hits\n\nValues, watches, callers and threads, side by \
                      side. Members and elements are told one by one. Addresses that differ stand below \
                      the rest, since they may do so in every run; what is the same is counted and left \
                      out.",
        after_long_help = "Examples:\n  dbg-session hit-diff t.c:10              the last two hits at \
                           t.c:10\n  dbg-session hit-diff t.c:10 3 47         the third and the \
                           47th\n  dbg-session hit-diff parse first last    the first and the last \
                           in parse\n  dbg-session hit-diff 17 204              the hits of these \
                           numbers, wherever they were"
    )]
    HitDiff(HitDiff),

    /// Show one value over all hits, with a plot
    #[command(
        long_about = "Show one value over all hits, with a plot\n\nIts least and its greatest, its mean, how \
                      many different ones there are, when it changed first and last, and in how many \
                      hits it was missing. A roomy terminal gets a chart, a narrow one and a pipe one \
                      line. Values that are no numbers are listed with their counts, and plotted as \
                      letters.",
        after_long_help = "Examples:\n  dbg-session hit-trend t.c:10 len\n  dbg-session hit-trend parse \
                           p.x --thread 2\n  dbg-session hit-trend t.c:10 \"total / n\"   a watch expression"
    )]
    HitTrend(HitTrend),

    /// Show by which paths a location was reached
    #[command(
        long_about = "Show by which paths a location was reached\n\nThe recorded stacks, function by \
                      function from the innermost outwards, and how many hits came each way: a tree on \
                      a terminal, one path a line elsewhere.",
        after_long_help = "Examples:\n  dbg-session callers t.c:10\n  dbg-session callers malloc --depth 2"
    )]
    Callers(Callers),

    /// Record hits without stopping (inside a debugger)
    #[command(
        disable_help_subcommand = true,
        subcommand_value_name = "VERB",
        subcommand_help_heading = "Verbs",
        override_usage = "dbg-session trace [OPTIONS] <LOC>\n       dbg-session trace [OPTIONS] -r <REGEX>\n       \
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
    Trace(super::trace::Trace),

    /// Evaluate an expression at each hit (inside a debugger)
    #[command(
        disable_help_subcommand = true,
        subcommand_value_name = "VERB",
        subcommand_help_heading = "Verbs",
        override_usage = "dbg-session watch [OPTIONS] <EXPR>\n       dbg-session watch list|delete [N]...",
        long_about = "Evaluate an expression at each hit\n\nIts value is recorded with every hit from now on, \
                      at real stops and at tracepoints; `show` shows it. Where it is not in scope, the hit \
                      says so. No code is run in the program for it: what would need a call is refused, \
                      unless `--allow-calls` is given, which holds at real stops only.",
        after_long_help = "Examples:\n  dbg-session watch p->len\n  dbg-session watch \"a[i] + 1\"\n  \
                           dbg-session watch --allow-calls \"v.size()\"\n  dbg-session watch list\n  \
                           dbg-session watch delete 1"
    )]
    Watch(super::watch::Watch),

    /// Attach profiles to a session
    #[command(
        subcommand,
        disable_help_subcommand = true,
        subcommand_value_name = "VERB",
        subcommand_help_heading = "Verbs",
        long_about = "Attach profiles to a session\n\nA profile becomes a layer: its file is kept \
                      verbatim in the session's `raw` folder, its samples are indexed by function, \
                      so that `hotspots` and `cross` can ask them together with the hits.",
        after_long_help = "Examples:\n  dbg-session layer add perf.data\n  dbg-session layer list"
    )]
    Layer(Layer),

    /// Show the functions that cost most
    #[command(
        long_about = "Show the functions that cost most\n\nOf one layer, by what each function \
                      costs itself. `total` counts all that it calls as well, recursion once.",
        after_long_help = "Examples:\n  dbg-session hotspots\n  dbg-session hotspots --layer 2 --limit 50"
    )]
    Hotspots(Hotspots),

    /// Show everything known of one function
    #[command(
        long_about = "Show everything known of one function\n\nIts hits with their places, \
                      callers and arguments, what it cost in each layer, the breakpoints in it, notes, and \
                      which source and machine code are kept. A function may be written short: \
                      `parse` for `ns::Parser::parse`, as long as that is the only one.",
        after_long_help = "Examples:\n  dbg-session cross parse\n  dbg-session cross ns::Parser::parse --json"
    )]
    Cross(Cross),

    /// Compare two sessions, down to the first hit at which they part
    #[command(
        long_about = "Compare two sessions, down to the first hit at which they part\n\nTells where, thread by \
                      thread, the runs part, with the values on both sides; then how often each location \
                      was hit, which values had other ranges, and which functions only one of them reached. \
                      Addresses, the numbers and interleaving of threads, and times are no difference; \
                      locations of a rebuilt target are matched by function and source text. \
                      docs/diff.md says how.",
        after_long_help = "Examples:\n  dbg-session diff good bad\n  dbg-session diff yesterday          with \
                           the active session, or the newest\n  dbg-session diff good bad --loc parse --ignore \
                           now,req.id"
    )]
    Diff(super::diff::Diff),
    /// Show a function's machine code
    #[command(
        long_about = "Show a function's machine code\n\nInside a debugger the function is disassembled, \
                      in the flavor that the user chose there, and kept in the active session with its \
                      source; outside, and of sessions past, what was kept is shown. Places are bytes from \
                      the function's start, and code is called by name, so that the listing is the same \
                      wherever the program was loaded.",
        after_long_help = "Examples:\n  dbg-session disasm\n  dbg-session disasm ns::parse --bytes\n  \
                           dbg-session disasm parse --session crash-1"
    )]
    Disasm(super::code::Disasm),

    /// Show source as it was when it was recorded
    #[command(
        long_about = "Show source as it was when it was recorded\n\nOf a function, or around a location; \
                      how often each line was hit stands beside it. Source is kept where a hit was; inside a \
                      debugger also of each function that is asked for.",
        after_long_help = "Examples:\n  dbg-session source parse\n  dbg-session source t.c:10 --session crash-1"
    )]
    Source(super::code::Source),

    /// Show the instruction and the line that a hit was at
    #[command(
        long_about = "Show the instruction and the line that a hit was at\n\nWith the values that the line \
                      names, as they were then. Machine code is kept of functions that `disasm` or, inside a \
                      debugger, `at-hit` was asked for; recording a hit never waits for it.",
        after_long_help = "Examples:\n  dbg-session at-hit            the newest hit\n  dbg-session at-hit t.c:10 \
                           3   the third hit at t.c:10\n  dbg-session at-hit 17         hit number 17 of the session"
    )]
    AtHit(super::code::AtHit),

    /// Show a session's breakpoints, or set them again
    #[command(
        subcommand,
        disable_help_subcommand = true,
        subcommand_value_name = "VERB",
        subcommand_help_heading = "Verbs",
        long_about = "Show a session's breakpoints, or set them again\n\nA session keeps the user's \
                      breakpoints, watchpoints, catchpoints, tracepoints and watches as they stood at its \
                      last stop, with their conditions, ignore counts and commands.",
        after_long_help = "Examples:\n  dbg-session breakpoints list\n  dbg-session breakpoints restore"
    )]
    Breakpoints(super::breakpoints::Breakpoints),

    /// Write a note into a session
    #[command(
        long_about = "Write a note into a session\n\nThe note belongs to the session, or to one \
                      hit; `status` and `show` show it.",
        after_long_help = "Examples:\n  dbg-session note the second request is the slow one\n  \
                           dbg-session note --hit 17 len is wrong from here on"
    )]
    Note(Note),

    /// Show or change a setting
    #[command(
        long_about = "Show or change a setting\n\nWithout KEY, all settings with their defaults; \
                      without VALUE, one. Settings are the user's, for all sessions; they are kept \
                      in `$XDG_CONFIG_HOME/dbg-session/config`, by default below ~/.config.",
        after_long_help = "Examples:\n  dbg-session config\n  dbg-session config capture.children \
                           200\n  dbg-session config mask off\n  dbg-session config mask --unset"
    )]
    Config(Config),

    /// Ask a session in SQL
    #[command(
        long_about = "Ask a session in SQL\n\nOne query that reads; whatever it tries, nothing is \
                      changed. Inside a debugger it may take 30 seconds. The views `hit_values`, `hit_frames` and `layer_hotspots` are the \
                      easy way in; docs/format.md describes them.",
        after_long_help = "Examples:\n  dbg-session sql \"SELECT location_key, count(*) FROM \
                           hit_frames WHERE level = 0 GROUP BY 1\"\n  dbg-session sql \"SELECT hit_seq, number \
                           FROM hit_values WHERE name = 'len' ORDER BY 1\""
    )]
    Sql(Sql),

    /// Install the plugin into GDB and LLDB (outside of them)
    #[command(
        long_about = "Install the plugin into GDB and LLDB\n\nWrites one marked block into \
                      ~/.gdbinit and ~/.lldbinit, or whichever file the debugger reads instead; \
                      doing it again changes nothing. A self-contained program first writes the \
                      plugin to the user's data folder. Not available inside a debugger.",
        after_long_help = "Examples:\n  dbg-session setup --print\n  dbg-session setup\n  dbg-session setup --uninstall"
    )]
    Setup(Setup),

    /// Check that the plugin works (outside of debuggers)
    #[command(
        long_about = "Check that the plugin works\n\nStarts each debugger on the PATH, loads the \
                      plugin, records one hit of a tiny program, and says what works. Exit code 1 \
                      when something does not. Not available inside a debugger.",
        after_long_help = "Examples:\n  dbg-session doctor"
    )]
    Doctor(Doctor),
}

#[derive(Subcommand)]
pub(super) enum Layer {
    /// Add a profile: perf.data, the text of `perf script`, callgrind's output, folded stacks
    #[command(
        after_long_help = "Examples:\n  dbg-session layer add perf.data\n  dbg-session layer add \
                                 callgrind.out.4711 --session load-test"
    )]
    Add(LayerAdd),
    /// List the layers of a session, oldest first
    List(Which),
    /// Index layers again from their raw files
    Reindex(LayerReindex),
}

#[derive(Args)]
pub(super) struct LayerAdd {
    /// The profiler's file
    pub file: PathBuf,
    /// perf-data, perf-script, callgrind or folded [default: found by looking into the file]
    #[arg(long)]
    pub format: Option<String>,
    #[command(flatten)]
    pub which: Which,
}

#[derive(Args)]
pub(super) struct LayerReindex {
    /// Number of the layer [default: all of them]
    pub layer: Option<i64>,
    #[command(flatten)]
    pub which: Which,
}

#[derive(Args)]
pub(super) struct Hotspots {
    /// Number of the layer [default: the newest]
    #[arg(long, value_name = "N")]
    pub layer: Option<i64>,
    /// Most functions to show; 0 shows all
    #[arg(long, value_name = "N", default_value_t = 20, allow_negative_numbers = true, value_parser = limit)]
    pub limit: usize,
    #[command(flatten)]
    pub which: Which,
}

#[derive(Args)]
pub(super) struct Cross {
    /// The function's name, as much of it as tells it apart
    pub symbol: String,
    #[command(flatten)]
    pub which: Which,
}

#[derive(Args)]
pub(super) struct Setup {
    /// Only GDB
    #[arg(long)]
    pub gdb: bool,
    /// Only LLDB
    #[arg(long)]
    pub lldb: bool,
    /// Say what would be changed, and change nothing
    #[arg(long)]
    pub print: bool,
    /// Take everything out again
    #[arg(long)]
    pub uninstall: bool,
}

#[derive(Args)]
pub(super) struct Doctor {}

#[derive(Args)]
pub(super) struct New {
    /// Program that the session is of [default: the debugger's; outside, this folder's name]
    pub target: Option<String>,
    /// Name of the session, and of its file; makes it a user session [default: the target's name and the time]
    #[arg(long)]
    pub label: Option<Label>,
    /// `debug` or `profile` [default: debug; outside a debugger, profile]
    #[arg(long)]
    pub kind: Option<SessionKind>,
    /// gpu, native-cpu, managed-dotnet, jvm, python, node, ruby or php
    #[arg(long, default_value_t = TargetClass::NativeCpu)]
    pub class: TargetClass,
    /// Make no file until `save` (inside a debugger)
    #[arg(long)]
    pub in_memory: bool,
}

#[derive(Args)]
pub(super) struct Save {
    /// Where to: a label in the sessions folder, or a path that ends in `.db`
    #[arg(value_name = "LABEL|PATH")]
    pub to: Option<String>,
    /// Replace another session's file
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub which: Which,
}

#[derive(Args)]
pub(super) struct Promote {
    /// Session to keep, by its label or its file [default: the active one, else the newest]
    #[arg(value_name = "LABEL|PATH")]
    pub label: Option<String>,
}

#[derive(Args)]
pub(super) struct Prune {
    /// Least time since anything was written: a number with s, m, h, d or w, as in 30s, 5m, 12h, 7d, 2w
    #[arg(long, value_name = "AGE", default_value = "7d", value_parser = super::prune::age)]
    pub older_than: Duration,
    /// Delete user sessions as well
    #[arg(long)]
    pub all: bool,
    /// Say what would be deleted, and delete nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Args)]
pub(super) struct Recover {
    /// Session whose hits are meant, by its label or its file [default: all of this folder]
    #[arg(value_name = "LABEL|PATH")]
    pub label: Option<String>,
}

#[derive(Args)]
pub(super) struct Status {
    #[command(flatten)]
    pub which: Which,
}

#[derive(Args)]
pub(super) struct List {
    /// Number the groups: sessions of the same build of a target, from the same folder
    #[arg(long)]
    pub group: bool,
}

/// Reads how many rows to show.
pub(super) fn limit(text: &str) -> Result<usize, &'static str> {
    text.parse().map_err(|_| "it is a number, and 0 shows all")
}

/// Reads a hit's number at its location.
pub(super) fn seq(text: &str) -> Result<i64, &'static str> {
    let seq = text.parse().ok().filter(|seq| *seq > 0);
    seq.ok_or("the hits at a location are numbered 1, 2, 3 …")
}

/// How a location is written, said once.
pub(super) const LOC: &str =
    "A location: `file.c:10`, with as much of the path as tells it apart; a function; a file";

#[derive(Args)]
pub(super) struct Show {
    #[arg(
        value_name = "LOC|ID",
        help = "A location (see `hits`), or the number of a hit [default: the newest hit]"
    )]
    pub place: Option<String>,
    /// Which hit at LOC: 1, 2, 3 … [default: the newest there]
    #[arg(value_name = "SEQ", allow_negative_numbers = true, value_parser = seq)]
    pub seq: Option<i64>,
    #[command(flatten)]
    pub which: Which,
}

#[derive(Args)]
pub(super) struct Note {
    /// The text; several words need no quotes
    #[arg(required = true, num_args = 1..)]
    pub text: Vec<String>,
    /// Number of the hit that it belongs to
    #[arg(long, value_name = "ID")]
    pub hit: Option<i64>,
    #[command(flatten)]
    pub which: Which,
}

#[derive(Args)]
pub(super) struct Config {
    /// Name of the setting
    pub key: Option<String>,
    /// What it shall be
    pub value: Option<String>,
    /// Put it back to its default
    #[arg(long, requires = "key", conflicts_with = "value")]
    pub unset: bool,
}

#[derive(Args)]
pub(super) struct Sql {
    /// The query; inside a debugger it needs no quotes
    #[arg(required = true, num_args = 1.., value_name = "QUERY")]
    pub query: Vec<String>,
    /// Most rows to show; 0 shows all
    #[arg(long, value_name = "N", default_value_t = 1000, allow_negative_numbers = true, value_parser = limit)]
    pub limit: usize,
    #[command(flatten)]
    pub which: Which,
}
