//! `breakpoints restore`: what a session keeps of breakpoints, set again in the debugger.
//!
//! Everything that is handed to the debugger has come through [`super::restorable`].

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Live;
use super::breakpoints::{Past, Restore};
use super::restorable::{self, Place, cut, shortened};
use crate::plain::read_small;
use crate::query::breakpoints::{Outcome, Restoration, Restored};
use crate::query::moved::{Line, line_now};
use crate::query::tracepoints::{Tracepoint, Watch};
use crate::record::{Breakpoint, LARGEST_SOURCE, Watched};
use crate::render::text::clean;
use crate::session_db::source_file;
use crate::session_db::user;
use crate::symbols::Symbol;

/// More breakpoints than anybody set; a file may say what it will.
const MOST: usize = 10_000;
/// Bytes of commands that a person can be asked about.
const READ: usize = 64 * 1024;
/// As much of a spec as the answer repeats.
const SPEC: usize = 4096;

/// What restoring goes by.
struct Restoring<'a> {
    past: &'a Past,
    live: &'a dyn Live,
    /// With the commands of breakpoints.
    commands: bool,
    args: &'a Restore,
}

pub(super) fn restore(
    past: &Past,
    live: &dyn Live,
    commands: bool,
    args: &Restore,
) -> Result<Restoration> {
    let count = past.list.breakpoints.len() + past.list.watches.len();
    if count > MOST {
        bail!(
            "the session keeps {count} breakpoints and watches; more than {MOST} are not set again"
        );
    }
    let present: Vec<Breakpoint> =
        serde_json::from_value(live.ask_host("breakpoints", &json!({}))?)?;
    // As they were before: what is set here is the twin of nothing.
    let traced = tracepoints(live.ask_host("trace_list", &json!({}))).unwrap_or_default();
    let restoring = Restoring {
        past,
        live,
        commands,
        args,
    };
    let mut restored = Vec::new();
    for breakpoint in &past.list.breakpoints {
        let mut answer = Restored::of(&cut(&breakpoint.kind, SPEC), &cut(&breakpoint.spec, SPEC));
        let set = match breakpoint.kind.as_str() {
            "tracepoint" => restoring.trace_again(breakpoint, &traced, &mut answer),
            _ => restoring.set_again(breakpoint, &present, &mut answer),
        };
        if let Err(e) = set {
            answer.notes.push(format!("{e:#}"));
        }
        restored.push(answer);
    }
    for watch in &past.list.watches {
        let mut answer = Restored::of("watch", &cut(&watch.expr, SPEC));
        if let Err(e) = watch_again(watch, live, &mut answer) {
            answer.notes.push(format!("{e:#}"));
        }
        restored.push(answer);
    }
    Ok(Restoration {
        session: past.list.session.clone(),
        started_at: past.started_at.clone(),
        restored,
    })
}

// --- Commands -------------------------------------------------------------------------------------

/// Whether the commands of a session's breakpoints may be set: the user has seen them and said so.
pub(super) fn allow_commands(past: &Past, live: &dyn Live, yes: bool) -> Result<bool> {
    let with: Vec<&Breakpoint> = past
        .list
        .breakpoints
        .iter()
        .filter(|b| b.kind != "tracepoint" && b.commands.is_some() && past.is_of(live))
        .collect();
    if with.is_empty() {
        return Ok(true);
    }
    if let Some(path) = &past.path {
        refuse_others(path)?;
    }
    let length: usize = with
        .iter()
        .filter_map(|b| b.commands.as_ref())
        .map(String::len)
        .sum();
    if length > READ {
        bail!(
            "the commands in it are longer than anybody reads, so they are not set; restore without `--with-commands`"
        );
    }
    let lines: Vec<String> = with
        .iter()
        .flat_map(|b| {
            let commands = b.commands.as_deref().unwrap_or_default();
            commands
                .split('\n')
                .map(|line| format!("  {}: {}", clean(&cut(&b.spec, SPEC)), clean(line)))
        })
        .collect();
    if yes {
        return Ok(true);
    }
    let question = "Set these breakpoints with the commands above?";
    let asked = live.ask_host("confirm", &json!({ "lines": lines, "question": question }))?;
    match serde_json::from_value(asked)? {
        Some(answer) => Ok(answer),
        None => bail!(
            "these commands are in the file, and nobody is there to be asked: {}; say `--yes` to set them",
            lines.join(";").trim_start()
        ),
    }
}

/// Refuses a file that another user has written, or may have: what it says would be run as us.
fn refuse_others(path: &Path) -> Result<()> {
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    // SQLite reads what lies beside it as a part of it.
    for suffix in ["", "-wal", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let part = PathBuf::from(name);
        let about = match fs::metadata(&part) {
            Ok(about) => about,
            Err(e) if e.kind() == io::ErrorKind::NotFound && !suffix.is_empty() => continue,
            Err(e) => return Err(e).with_context(|| part.display().to_string()),
        };
        if about.uid() != user() {
            bail!(
                "{} belongs to another user, so the commands in it are not set; restore without \
                 `--with-commands`",
                part.display()
            );
        }
        if about.mode() & WRITABLE_BY_OTHERS != 0 {
            bail!(
                "others may write to {}, so the commands in it are not set; restore without \
                 `--with-commands`, or see to its mode first",
                part.display()
            );
        }
    }
    Ok(())
}

impl Past {
    /// Whether it was recorded in a debugger of this kind.
    fn is_of(&self, live: &dyn Live) -> bool {
        let name = live.status().host;
        let host = name.split(' ').next().unwrap_or_default().to_lowercase();
        self.list.debugger.as_deref() == Some(host.as_str())
    }
}

// --- Breakpoints ----------------------------------------------------------------------------------

impl Restoring<'_> {
    fn set_again(
        &self,
        recorded: &Breakpoint,
        present: &[Breakpoint],
        answer: &mut Restored,
    ) -> Result<()> {
        let mut wanted = allowed(recorded, &mut answer.notes)?;
        if !self.past.is_of(self.live) {
            leave_out_foreign(&mut wanted, &mut answer.notes);
        }
        if self.past.rebuilt && recorded.form == "address" && recorded.kind == "breakpoint" {
            bail!("the program was built anew, and an address means nothing in it");
        }
        let (place, moved) = self.placed(&mut wanted, &mut answer.notes)?;
        if let Some(twin) = present.iter().find(|b| is_twin(b, &wanted, self.past)) {
            answer.number = Some(twin.number);
            answer.outcome = Outcome::Kept;
            return Ok(());
        }
        self.mind_commands(&mut wanted, &mut answer.notes);
        let condition = wanted.condition.as_deref().map(restorable::comparison);
        let reads = condition.and_then(Result::ok).map(|read| read.paths);
        let request =
            json!({ "wanted": wanted, "place": place, "reads": reads.unwrap_or_default() });
        let made = self.live.ask_host("breakpoint_set", &request)?;
        let made: Made = serde_json::from_value(made)?;
        answer.notes.extend(made.notes);
        let made = made.breakpoint;
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
        Ok(())
    }

    /// Where it is to be set, in parts for the debugger's interface, and whether that is elsewhere than it was.
    fn placed(&self, wanted: &mut Breakpoint, notes: &mut Vec<String>) -> Result<(Value, bool)> {
        let spec = wanted.spec.as_str();
        match wanted.kind.as_str() {
            "watchpoint" => {
                let path = spec.strip_prefix("-location ");
                let read = restorable::path(path.unwrap_or(spec)).map_err(refused)?;
                let place = json!({ "form": "path", "path": read, "location": path.is_some() });
                Ok((place, false))
            }
            "catchpoint" => {
                let event = restorable::event(spec).map_err(refused)?;
                Ok((json!(event), false))
            }
            "breakpoint" => {
                place_of(wanted, notes)?;
                let moved = self.past.rebuilt && self.follow(wanted, notes);
                Ok((json!(place_of(wanted, notes)?), moved))
            }
            other => Err(refused(format!(
                "`{}` is no kind of breakpoint",
                shortened(other)
            ))),
        }
    }

    fn mind_commands(&self, wanted: &mut Breakpoint, notes: &mut Vec<String>) {
        let Some(commands) = wanted.commands.take_if(|_| !self.commands) else {
            if let Some(commands) = &wanted.commands {
                let lines: Vec<String> = commands.split('\n').map(|l| format!("`{l}`")).collect();
                notes.push(format!("it runs {}", lines.join(", ")));
            }
            return;
        };
        notes.push(match self.args.with_commands {
            true => "its commands were left out, as you said".into(),
            false if commands.is_empty() => return,
            false => "its commands were left out; `--with-commands` shows them and asks".into(),
        });
    }

    /// Goes after a line of source that has moved since; answers whether it has.
    fn follow(&self, wanted: &mut Breakpoint, notes: &mut Vec<String>) -> bool {
        let (Some(file), Some(text), "line") = (&wanted.file, &wanted.text, wanted.form.as_str())
        else {
            return false;
        };
        let Ok(source) = read_small(&self.past.cwd.join(file), LARGEST_SOURCE) else {
            notes.push(format!(
                "{file} is not there any more, so nobody knows whether its lines moved"
            ));
            return false;
        };
        let source = String::from_utf8_lossy(&source);
        let function = wanted.function.as_ref();
        let lines = function.and_then(|name| self.function_lines(name, file));
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

    /// The lines that a function has now, when it is in that file.
    fn function_lines(&self, name: &str, file: &str) -> Option<std::ops::RangeInclusive<u32>> {
        #[derive(Deserialize)]
        struct Lines {
            file: Option<String>,
            first_line: u32,
            last_line: u32,
        }
        let name = restorable::function(name).ok()?;
        let asked = self
            .live
            .ask_host("function", &json!({ "name": name }))
            .ok()?;
        let lines: Lines = serde_json::from_value(asked).ok()?;
        let same = lines
            .file
            .is_some_and(|now| source_file(&now, &self.past.cwd) == file);
        (same && lines.last_line > 0).then_some(lines.first_line..=lines.last_line)
    }
}

/// What the debugger made of it.
#[derive(Deserialize)]
struct Made {
    #[serde(flatten)]
    breakpoint: Breakpoint,
    /// What the user should know of it.
    #[serde(default)]
    notes: Vec<String>,
}

fn refused(why: String) -> anyhow::Error {
    anyhow::Error::msg(why)
}

/// What of a recorded breakpoint may be handed on, its place aside.
fn allowed(recorded: &Breakpoint, notes: &mut Vec<String>) -> Result<Breakpoint> {
    let mut wanted = recorded.clone();
    let counts = i64::from(i32::MAX);
    if !(0..=counts).contains(&wanted.ignore_count) {
        notes.push(format!(
            "it cannot ignore {} passes, and ignores none",
            wanted.ignore_count
        ));
        wanted.ignore_count = 0;
    }
    if let Some(thread) = wanted
        .thread
        .filter(|thread| !(1..=counts).contains(thread))
    {
        notes.push(format!("there is no thread {thread}"));
        wanted.thread = None;
    }
    if let Some(access) = wanted
        .access
        .take_if(|a| !matches!(a.as_str(), "write" | "read" | "access"))
    {
        bail!("`{}` is no way of watching", shortened(&access));
    }
    let condition = wanted
        .condition
        .take()
        .filter(|text| !text.trim().is_empty());
    match condition.as_deref().map(restorable::comparison) {
        Some(Ok(read)) if read.texts => notes.push(format!(
            "its condition was left out: for the text in `{}` debuggers call the program's functions; \
             `trace --if` compares texts without",
            condition.as_deref().map(shortened).unwrap_or_default()
        )),
        Some(Err(why)) => notes.push(format!("its condition was left out: {why}")),
        _ => wanted.condition = condition,
    }
    let goes_on = wanted
        .options
        .take()
        .is_some_and(|options| options["auto_continue"] == true);
    wanted.options = goes_on.then(|| json!({ "auto_continue": true }));
    Ok(wanted)
}

/// The place of a breakpoint or tracepoint; where only its debugger understands how it was
/// written, the line that it led to.
fn place_of(wanted: &Breakpoint, notes: &mut Vec<String>) -> Result<Place> {
    let in_file = wanted.file.as_deref();
    let read = restorable::place(&wanted.form, &wanted.spec, in_file);
    let led_to = in_file.filter(|_| wanted.form == "other" && wanted.line > 0);
    match (read, led_to) {
        (Ok(place), _) => Ok(place),
        (Err(_), Some(file)) => {
            let file = restorable::file(file).map_err(refused)?;
            let note = format!("it is set where it was, at {file}:{}", wanted.line);
            if !notes.contains(&note) {
                notes.push(note);
            }
            let line = i32::try_from(wanted.line)?;
            Ok(Place::Line { file, line })
        }
        (Err(why), None) => Err(refused(why)),
    }
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

/// Whether the debugger has it already.
fn is_twin(present: &Breakpoint, wanted: &Breakpoint, past: &Past) -> bool {
    let place = |b: &Breakpoint| {
        let file = b
            .file
            .as_ref()
            .filter(|_| b.line > 0 && b.kind == "breakpoint");
        file.map(|file| (source_file(file, &past.cwd), b.line))
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
            shortened(&wanted.spec)
        ),
        "function" => format!(
            "no function `{}` is known; it waits for a library that has one",
            shortened(&wanted.spec)
        ),
        _ => format!("nothing matches `{}` yet", shortened(&wanted.spec)),
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
        notes.push(format!(
            "it was in `{}` and is in `{now}` now",
            shortened(was)
        ));
    }
}

// --- Tracepoints and watches ----------------------------------------------------------------------

impl Restoring<'_> {
    /// A tracepoint is set as `trace` sets it; its options are that request's own.
    fn trace_again(
        &self,
        recorded: &Breakpoint,
        present: &[Tracepoint],
        answer: &mut Restored,
    ) -> Result<()> {
        let mut wanted = recorded.clone();
        let moved = self.past.rebuilt
            && restorable::written(&wanted.spec).is_ok()
            && self.follow(&mut wanted, &mut answer.notes);
        let request = self.trace_request(&wanted)?;
        if let Some(twin) = present.iter().find(|p| is_traced(p, &request)) {
            answer.number = Some(twin.number);
            answer.outcome = Outcome::Kept;
            return Ok(());
        }
        let made = tracepoints(self.live.ask_host("trace_add", &request))?;
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
            self.live
                .ask_host("trace_disable", &json!({ "numbers": numbers }))?;
        }
        Ok(())
    }

    /// What `trace` would be asked for, nothing in it but what was understood: a tracepoint that
    /// lost its condition would record other hits than it did.
    fn trace_request(&self, wanted: &Breakpoint) -> Result<Value> {
        let nothing = json!({});
        let options = wanted.options.as_ref().unwrap_or(&nothing);
        let kind = match options.get("kind").and_then(Value::as_str) {
            None | Some("location") => "location",
            Some("regex") => "regex",
            Some("return") => "return",
            Some(other) => bail!("`{}` is no kind of tracepoint", shortened(other)),
        };
        let place = match kind {
            "regex" => restorable::place("regex", &wanted.spec, None),
            "return" => restorable::place("function", &wanted.spec, None),
            _ => restorable::written(&wanted.spec),
        };
        let condition = |name: &str, text: Option<&str>| match text.map(restorable::comparison) {
            Some(Err(why)) => bail!("its {name} is not set again: {why}"),
            _ => Ok(text.map(str::to_owned)),
        };
        let until = text(options, "until")?;
        Ok(json!({
            "location": wanted.spec,
            "place": place.map_err(refused)?,
            "kind": kind,
            "condition": condition("condition", wanted.condition.as_deref())?,
            "every": count(options, "every", 1)?.unwrap_or(1),
            "most": count(options, "most", 1)?,
            "captures": captures(options)?,
            "stack": count(options, "stack", 0)?,
            "until": condition("`--until-value`", until)?,
            "yes": self.args.yes,
        }))
    }
}

fn text<'a>(options: &'a Value, name: &str) -> Result<Option<&'a str>> {
    match options.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => bail!("its option `{name}` is no text"),
    }
}

fn count(options: &Value, name: &str, least: i32) -> Result<Option<i32>> {
    let number = match options.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value.as_u64(),
    };
    match number.and_then(|n| i32::try_from(n).ok()) {
        Some(number) if number >= least => Ok(Some(number)),
        _ => bail!("its option `{name}` is no number from {least} on"),
    }
}

fn captures(options: &Value) -> Result<Vec<String>> {
    const MOST: usize = 1000;
    let all = match options.get("captures") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(all)) if all.len() <= MOST => all,
        Some(_) => bail!("its option `captures` is no list of paths"),
    };
    let read = all
        .iter()
        .map(|one| match one.as_str().map(restorable::row) {
            Some(Ok(path)) => Ok(path.to_owned()),
            Some(Err(why)) => bail!("what it captures is not set again: {why}"),
            None => bail!("its option `captures` is no list of paths"),
        });
    read.collect()
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
    options
        .as_object()
        .is_some_and(|options| options.iter().all(|(name, value)| request[name] == *value))
}

fn watch_again(recorded: &Watched, live: &dyn Live, answer: &mut Restored) -> Result<()> {
    let present = live.ask_host("watch_list", &json!({}));
    let present = present.and_then(|rows| Ok(serde_json::from_value::<Vec<Watch>>(rows)?));
    let present = present.unwrap_or_default();
    if let Some(twin) = present.iter().find(|p| p.expression == recorded.expr) {
        answer.number = Some(twin.number);
        answer.outcome = Outcome::Kept;
        return Ok(());
    }
    if restorable::row(&recorded.expr).is_err() {
        restorable::comparison(&recorded.expr).map_err(refused)?;
    }
    let request = json!({ "expression": recorded.expr, "allow_calls": false });
    let made: Watch = serde_json::from_value(live.ask_host("watch_add", &request)?)?;
    answer.outcome = Outcome::Set;
    answer.number = Some(made.number);
    if recorded.allow_calls {
        answer.notes.push(
            "it may not call functions of the program now; `watch EXPR --allow-calls` lets it"
                .into(),
        );
    }
    Ok(())
}
