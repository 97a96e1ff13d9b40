//! Breakpoints, watchpoints and catchpoints, set again.

use anyhow::{Result, bail};
use serde_json::json;

use super::past::Past;
use super::restorable::{self, BreakpointPlace, shortened};
use super::{Restoring, refused};
use crate::command::requests::{SetBreakpoint, Spot, ask};
use crate::query::breakpoints::{Outcome, Restored};
use crate::record::Breakpoint;
use crate::session_db::source_file;
use crate::symbols::Symbol;

impl Restoring<'_> {
    /// Sets a breakpoint, watchpoint or catchpoint, unless it is there.
    pub(super) fn set_again(
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
        let request = SetBreakpoint {
            wanted: &wanted,
            place,
            reads: reads.unwrap_or_default(),
        };
        let made = ask(self.live, &request)?;
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
    fn placed(&self, wanted: &mut Breakpoint, notes: &mut Vec<String>) -> Result<(Spot, bool)> {
        let spec = wanted.spec.as_str();
        match wanted.kind.as_str() {
            "watchpoint" => {
                let path = spec.strip_prefix("-location ");
                let read = restorable::path(path.unwrap_or(spec)).map_err(refused)?;
                let place = Spot::Variable {
                    form: "path",
                    path: read.to_owned(),
                    location: path.is_some(),
                };
                Ok((place, false))
            }
            "catchpoint" => {
                let event = restorable::event(spec).map_err(refused)?;
                Ok((Spot::Event(event), false))
            }
            "breakpoint" => {
                place_of(wanted, notes)?;
                let moved = self.past.rebuilt && self.follow(wanted, notes);
                Ok((Spot::Place(place_of(wanted, notes)?), moved))
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
        notes.push(match self.with_commands {
            true => "its commands were left out, as you said".into(),
            false if commands.is_empty() => return,
            false => "its commands were left out; `--with-commands` shows them and asks".into(),
        });
    }
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
fn place_of(wanted: &Breakpoint, notes: &mut Vec<String>) -> Result<BreakpointPlace> {
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
            Ok(BreakpointPlace::Line { file, line })
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

pub(super) fn why_pending(wanted: &Breakpoint) -> String {
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
