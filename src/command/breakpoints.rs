//! `breakpoints`: what was set when a session was recorded, and setting it again.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Value, json};

use super::cli::Which;
use super::select::{Access, elsewhere, named, with, with_active};
use super::{Context, Form, Live};
use crate::plain::read_plain;
use crate::query::breakpoints::{BreakpointList, Outcome, Restoration, Restored, breakpoints};
use crate::query::moved::{Line, line_now};
use crate::query::sessions::{files, folders, started_at};
use crate::query::tracepoints::{Tracepoint, Watch};
use crate::record::{Breakpoint, Watched, relative_to};
use crate::render::{self, Answer};
use crate::session_db::{SessionDb, compute_target_hash};
use crate::symbols::Symbol;

#[derive(Subcommand)]
pub(super) enum Breakpoints {
    /// Show the breakpoints, tracepoints and watches that a session keeps
    #[command(
        after_long_help = "Examples:\n  dbg-session breakpoints list\n  dbg-session breakpoints list --session crash-1"
    )]
    List(Which),
    /// Set the breakpoints, tracepoints and watches of a recorded session again (inside a debugger)
    #[command(
        long_about = "Set the breakpoints, tracepoints and watches of a recorded session again\n\n\
                      Says which no longer resolve, and why; what the debugger has already is left as it is. \
                      A session of GDB's can be restored in LLDB and the other way round, commands and what \
                      only one of them understands excepted. When the target was built anew and a line's text \
                      has moved inside its function, the breakpoint goes where the text is now.",
        after_long_help = "Examples:\n  dbg-session breakpoints restore\n  dbg-session breakpoints restore crash-1"
    )]
    Restore(Restore),
}

#[derive(Args)]
pub(super) struct Restore {
    /// Session to take them from, by its label or its file [default: the newest earlier one of this program
    /// that has any]
    #[arg(value_name = "LABEL|PATH")]
    pub label: Option<String>,
}

pub(super) fn run(verb: &Breakpoints, context: &Context<'_>, form: Form) -> Result<Answer> {
    match verb {
        Breakpoints::List(which) => {
            let wanted = which.session.as_deref();
            let list = with(wanted, Access::Read, context, breakpoints)?;
            Ok(render::breakpoints::list(&list, form))
        }
        Breakpoints::Restore(args) => {
            let live = context.debugger("breakpoints restore")?;
            let past = past(args.label.as_deref(), live, context)?;
            let restoration = restore(&past, live)?;
            Ok(render::breakpoints::restored(&restoration, form))
        }
    }
}

/// What a recorded session says of its breakpoints and its program.
struct Past {
    list: BreakpointList,
    started_at: String,
    /// Relative paths are relative to it.
    cwd: PathBuf,
    /// The program is another build now.
    rebuilt: bool,
}

impl Past {
    fn of(session: &SessionDb, live: &dyn Live) -> Result<Self> {
        let query = "SELECT target_hash FROM sessions";
        let hash: Option<String> = session.conn().query_row(query, [], |row| row.get(0))?;
        let target = live.status().target;
        let now = target.and_then(|target| compute_target_hash(Path::new(&target)).ok());
        Ok(Self {
            list: breakpoints(session)?,
            started_at: started_at(session)?,
            cwd: session.cwd()?.unwrap_or_default(),
            rebuilt: now.is_some() && now != hash,
        })
    }
}

fn past(label: Option<&str>, live: &dyn Live, context: &Context<'_>) -> Result<Past> {
    let Some(label) = label else {
        return newest_past(live, context);
    };
    let read = &mut |session: &SessionDb| Past::of(session, live);
    let past = match with_active(Some(label), context, read)? {
        Some(past) => past,
        None => Past::of(
            &SessionDb::open_read_only(&named(label, &context.cwd)?)?,
            live,
        )?,
    };
    if past.list.is_empty() {
        bail!("session {label} keeps no breakpoints; `dbg-session list` shows other sessions");
    }
    Ok(past)
}

/// Of the newest session of this program, other than the active one, that has any.
fn newest_past(live: &dyn Live, context: &Context<'_>) -> Result<Past> {
    let Some(target) = live.status().target else {
        bail!(
            "the debugger has no program; load one, or name a session: `breakpoints restore LABEL`"
        );
    };
    let mut active = None;
    live.with_session(&mut |session| {
        active = session.db_path().map(Path::to_owned);
        Ok(())
    })?;
    let in_folders = folders(&context.cwd)
        .into_iter()
        .map(|folder| files(&folder));
    let mut paths: Vec<PathBuf> = in_folders.collect::<Result<Vec<_>>>()?.concat();
    paths.extend(elsewhere(&context.cwd));
    paths.retain(|path| active.as_ref() != Some(path));
    let mut newest: Option<Past> = None;
    for path in paths {
        let Ok(session) = SessionDb::open_read_only(&path) else {
            continue; // `list` says why.
        };
        let started = started_at(&session)?;
        let newer = newest.as_ref().is_none_or(|past| past.started_at < started);
        if newer && session.target() == target {
            let past = Past::of(&session, live)?;
            if !past.list.is_empty() {
                newest = Some(past);
            }
        }
    }
    match newest {
        Some(past) => Ok(past),
        None => bail!(
            "no earlier session of {target} keeps breakpoints; `dbg-session list` shows the sessions there \
             are, `breakpoints restore LABEL` takes those of another program"
        ),
    }
}

fn restore(past: &Past, live: &dyn Live) -> Result<Restoration> {
    let present: Vec<Breakpoint> =
        serde_json::from_value(live.ask_host("breakpoints", &json!({}))?)?;
    // As they were before: what is set here is the twin of nothing.
    let traced = tracepoints(live.ask_host("trace_list", &json!({}))).unwrap_or_default();
    let mut restored = Vec::new();
    for breakpoint in &past.list.breakpoints {
        restored.push(if breakpoint.kind == "tracepoint" {
            trace_again(breakpoint, past, &traced, live)
        } else {
            set_again(breakpoint, past, &present, live)
        });
    }
    for watch in &past.list.watches {
        restored.push(watch_again(watch, live));
    }
    Ok(Restoration {
        session: past.list.session.clone(),
        started_at: past.started_at.clone(),
        restored,
    })
}

fn set_again(
    recorded: &Breakpoint,
    past: &Past,
    present: &[Breakpoint],
    live: &dyn Live,
) -> Restored {
    let mut answer = Restored::of(&recorded.kind, &recorded.spec);
    let same_host = past.list.debugger.as_deref() == Some(host(live).as_str());
    let mut wanted = recorded.clone();
    if !same_host {
        leave_out_foreign(&mut wanted, &mut answer.notes);
    }
    if past.rebuilt && recorded.form == "address" && recorded.kind == "breakpoint" {
        answer
            .notes
            .push("the program was built anew, and an address means nothing in it".into());
        return answer;
    }
    let moved = past.rebuilt && follow(&mut wanted, past, live, &mut answer.notes);
    if let Some(twin) = present.iter().find(|b| is_twin(b, &wanted, past)) {
        answer.number = Some(twin.number);
        answer.outcome = Outcome::Kept;
        return answer;
    }
    let asked = live.ask_host("breakpoint_set", &json!(wanted));
    match asked.and_then(|made| Ok(serde_json::from_value::<Breakpoint>(made)?)) {
        Ok(made) => {
            answer.number = Some(made.number);
            answer.outcome = match made.locations {
                0 => Outcome::Pending,
                _ if moved => Outcome::Moved,
                _ => Outcome::Set,
            };
            if made.locations == 0 {
                answer.notes.push(why_pending(&wanted));
            } else {
                note_other_function(recorded, &made, &mut answer.notes);
            }
            if made.thread != wanted.thread {
                answer.notes.push("it is for all threads now".into());
            }
        }
        Err(e) => answer.notes.push(format!("{e:#}")),
    }
    answer
}

fn host(live: &dyn Live) -> String {
    let name = live.status().host;
    name.split(' ').next().unwrap_or_default().to_lowercase()
}

/// What the other debugger alone understands; its commands above all.
fn leave_out_foreign(wanted: &mut Breakpoint, notes: &mut Vec<String>) {
    if wanted.commands.take().is_some() {
        notes.push("its commands are of another debugger and were left out".into());
    }
    if wanted.options.take().is_some() {
        notes.push("that it goes on by itself was left out".into());
    }
    if wanted.thread.take().is_some() {
        notes.push("it is for all threads now".into());
    }
}

/// Goes after a line of source that has moved since; answers whether it has.
fn follow(wanted: &mut Breakpoint, past: &Past, live: &dyn Live, notes: &mut Vec<String>) -> bool {
    let (Some(file), Some(text), "line") = (&wanted.file, &wanted.text, wanted.form.as_str())
    else {
        return false;
    };
    let Ok(source) = read_plain(&past.cwd.join(file)) else {
        notes.push(format!(
            "{file} is not there any more, so nobody knows whether its lines moved"
        ));
        return false;
    };
    let source = String::from_utf8_lossy(&source);
    let lines = wanted
        .function
        .as_ref()
        .and_then(|name| function_lines(name, file, past, live));
    let old = wanted.line;
    match line_now(&source, old, text, lines) {
        Line::Same => false,
        Line::At(line) => {
            notes.push(format!(
                "line {old} is line {line} now: `{}`",
                shortened(text)
            ));
            let path = wanted
                .spec
                .rsplit_once(':')
                .map_or(file.as_str(), |(path, _)| path);
            wanted.spec = format!("{path}:{line}");
            wanted.line = line;
            true
        }
        Line::Changed(now) => {
            let now = now.map_or("is no more".into(), |now| {
                format!("reads `{}` now", shortened(&now))
            });
            notes.push(format!("line {old} was `{}` and {now}", shortened(text)));
            false
        }
    }
}

fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN - 1).chain(['…']).collect()
}

/// The lines that a function has now, when it is in that file.
fn function_lines(
    name: &str,
    file: &str,
    past: &Past,
    live: &dyn Live,
) -> Option<std::ops::RangeInclusive<u32>> {
    #[derive(Deserialize)]
    struct Lines {
        file: Option<String>,
        first_line: u32,
        last_line: u32,
    }
    let asked = live.ask_host("function", &json!({ "name": name })).ok()?;
    let lines: Lines = serde_json::from_value(asked).ok()?;
    let same = lines
        .file
        .is_some_and(|now| relative_to(&now, &past.cwd) == file);
    (same && lines.last_line > 0).then_some(lines.first_line..=lines.last_line)
}

/// Whether the debugger has it already.
fn is_twin(present: &Breakpoint, wanted: &Breakpoint, past: &Past) -> bool {
    let place = |b: &Breakpoint| {
        let file = b
            .file
            .as_ref()
            .filter(|_| b.line > 0 && b.kind == "breakpoint");
        file.map(|file| (relative_to(file, &past.cwd), b.line))
    };
    let same_place = match (place(present), place(wanted)) {
        (Some(present), Some(wanted)) if wanted == present => true,
        _ => present.spec == wanted.spec && present.form == wanted.form,
    };
    let condition = |b: &Breakpoint| b.condition.clone().unwrap_or_default();
    same_place
        && present.kind == wanted.kind
        && present.access == wanted.access
        && condition(present) == condition(wanted)
}

fn why_pending(wanted: &Breakpoint) -> String {
    match wanted.form.as_str() {
        "line" => format!(
            "no code is known at `{}`; it waits for a library that has it",
            wanted.spec
        ),
        "function" => format!(
            "no function `{}` is known; it waits for a library that has one",
            wanted.spec
        ),
        _ => format!("nothing matches `{}` yet", wanted.spec),
    }
}

fn note_other_function(recorded: &Breakpoint, made: &Breakpoint, notes: &mut Vec<String>) {
    let now = made
        .function
        .as_ref()
        .map(|name| Symbol::canonical(name, None).fqn);
    if let (Some(was), Some(now)) = (&recorded.function, now)
        && *was != now
    {
        notes.push(format!("it was in `{was}` and is in `{now}` now"));
    }
}

/// A tracepoint is set as `trace` sets it; its options are that request's own.
fn trace_again(
    recorded: &Breakpoint,
    past: &Past,
    present: &[Tracepoint],
    live: &dyn Live,
) -> Restored {
    let mut answer = Restored::of(&recorded.kind, &recorded.spec);
    let mut wanted = recorded.clone();
    let moved = past.rebuilt && follow(&mut wanted, past, live, &mut answer.notes);
    let request = trace_request(&wanted);
    if let Some(twin) = present.iter().find(|p| is_traced(p, &request)) {
        answer.number = Some(twin.number);
        answer.outcome = Outcome::Kept;
        return answer;
    }
    match tracepoints(live.ask_host("trace_add", &request)) {
        Ok(made) => {
            answer.number = made.first().map(|made| made.number);
            answer.outcome = match made.iter().all(|made| made.places.is_empty()) {
                true => Outcome::Pending,
                false if moved => Outcome::Moved,
                false => Outcome::Set,
            };
            if answer.outcome == Outcome::Pending {
                answer.notes.push(why_pending(&wanted));
            }
            if !recorded.enabled {
                let numbers: Vec<i64> = made.iter().map(|made| made.number).collect();
                let off = live.ask_host("trace_disable", &json!({ "numbers": numbers }));
                answer.notes.extend(off.err().map(|e| format!("{e:#}")));
            }
        }
        Err(e) => answer.notes.push(format!("{e:#}")),
    }
    answer
}

fn tracepoints(asked: Result<Value>) -> Result<Vec<Tracepoint>> {
    Ok(serde_json::from_value(asked?)?)
}

/// Whether a tracepoint is just what a request would set: the same place with the same options.
fn is_traced(present: &Tracepoint, request: &Value) -> bool {
    let options = json!({
        "location": present.location,
        "kind": present.kind,
        "condition": present.condition,
        "every": present.every,
        "most": present.max,
        "captures": present.capture,
        "stack": present.stack,
        "until": present.until,
    });
    let usual = json!({ "kind": "location", "every": 1, "captures": [] });
    options.as_object().is_some_and(|options| {
        options
            .iter()
            .all(|(name, value)| request.get(name).unwrap_or(&usual[name]) == value)
    })
}

fn trace_request(wanted: &Breakpoint) -> Value {
    let mut request = match &wanted.options {
        Some(Value::Object(options)) => options.clone(),
        _ => serde_json::Map::new(),
    };
    request.insert("location".into(), json!(wanted.spec));
    request.insert("condition".into(), json!(wanted.condition));
    // Whoever traced so many functions was asked then.
    request.insert("yes".into(), json!(true));
    Value::Object(request)
}

fn watch_again(recorded: &Watched, live: &dyn Live) -> Restored {
    let mut answer = Restored::of("watch", &recorded.expr);
    let present = live.ask_host("watch_list", &json!({}));
    let present = present.and_then(|rows| Ok(serde_json::from_value::<Vec<Watch>>(rows)?));
    let present = present.unwrap_or_default();
    if let Some(twin) = present.iter().find(|p| p.expression == recorded.expr) {
        answer.number = Some(twin.number);
        answer.outcome = Outcome::Kept;
        return answer;
    }
    let request = json!({ "expression": recorded.expr, "allow_calls": recorded.allow_calls });
    let made = live.ask_host("watch_add", &request);
    match made.and_then(|row| Ok(serde_json::from_value::<Watch>(row)?)) {
        Ok(made) => {
            answer.outcome = Outcome::Set;
            answer.number = Some(made.number);
        }
        Err(e) => answer.notes.push(format!("{e:#}")),
    }
    answer
}
