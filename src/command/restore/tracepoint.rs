//! Tracepoints and watches, set again.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::breakpoint::why_pending;
use super::restorable::{self, shortened};
use super::{Restoring, refused};
use crate::command::Live;
use crate::command::requests::{AddTracepoint, AddWatch, DisableTracepoints, Watches, ask};
use crate::query::breakpoints::{Outcome, Restored};
use crate::query::tracepoints::Tracepoint;
use crate::record::{Breakpoint, Watched};

/// Debuggers count in 32 bits.
const MOST_COUNTED: u64 = i32::MAX as u64;

impl Restoring<'_> {
    /// A tracepoint is set as `trace` sets it; its options are that request's own.
    pub(super) fn trace_again(
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
        let made = ask(self.live, &request)?;
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
            ask(self.live, &DisableTracepoints { numbers: &numbers })?;
        }
        Ok(())
    }

    /// What `trace` would be asked for, nothing in it but what was understood: a tracepoint that
    /// lost its condition would record other hits than it did.
    fn trace_request(&self, wanted: &Breakpoint) -> Result<AddTracepoint> {
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
        Ok(AddTracepoint {
            location: wanted.spec.clone(),
            place: Some(place.map_err(refused)?),
            kind,
            condition: condition("condition", wanted.condition.as_deref())?,
            every: count(options, "every", 1)?.unwrap_or(1),
            most: count(options, "most", 1)?,
            captures: captures(options)?,
            stack: count(options, "stack", 0)?,
            until: condition("`--until-value`", until)?,
            yes: self.yes,
        })
    }
}

fn text<'a>(options: &'a Value, name: &str) -> Result<Option<&'a str>> {
    match options.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => bail!("its option `{name}` is no text"),
    }
}

fn count(options: &Value, name: &str, least: u64) -> Result<Option<u64>> {
    let number = match options.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value.as_u64(),
    };
    match number {
        Some(number) if (least..=MOST_COUNTED).contains(&number) => Ok(Some(number)),
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

/// Whether a tracepoint is just what a request would set: the same place with the same options.
fn is_traced(present: &Tracepoint, request: &AddTracepoint) -> bool {
    present.location == request.location
        && present.kind == request.kind
        && present.condition == request.condition
        && present.every == request.every
        && present.max == request.most
        && present.capture == request.captures
        && present.stack == request.stack
        && present.until == request.until
}

/// Sets a watch, unless it is there.
pub(super) fn watch_again(
    recorded: &Watched,
    live: &dyn Live,
    answer: &mut Restored,
) -> Result<()> {
    let present = ask(live, &Watches {}).unwrap_or_default();
    if let Some(twin) = present.iter().find(|p| p.expression == recorded.expr) {
        answer.number = Some(twin.number);
        answer.outcome = Outcome::Kept;
        return Ok(());
    }
    if restorable::row(&recorded.expr).is_err() {
        restorable::comparison(&recorded.expr).map_err(refused)?;
    }
    let request = AddWatch {
        expression: &recorded.expr,
        allow_calls: false,
    };
    let made = ask(live, &request)?;
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
