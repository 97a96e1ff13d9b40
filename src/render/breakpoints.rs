//! Breakpoints as tables.

use super::table::{Column, Table};
use super::{Answer, Form, answer, count, time};
use crate::query::breakpoints::{BreakpointList, Outcome, Restoration, Restored};
use crate::record::Breakpoint;

/// Writes what a session keeps.
#[must_use]
pub fn list(list: &BreakpointList, form: Form) -> Answer {
    answer(list, form, || {
        let mut table = Table::new([
            ("num", Column::Number),
            ("kind", Column::Fixed),
            ("what", Column::Wide),
            ("place", Column::Wide),
            ("condition", Column::Wide),
            ("hits", Column::Number),
            ("remarks", Column::Wide),
        ]);
        for b in &list.breakpoints {
            table.row([
                &b.number.to_string(),
                &b.kind,
                &b.spec,
                &place(b),
                b.condition.as_deref().unwrap_or_default(),
                &b.hits.to_string(),
                &remarks(b).join(", "),
            ]);
        }
        for watch in &list.watches {
            let calls = if watch.allow_calls {
                "may call functions"
            } else {
                ""
            };
            table.row([
                &watch.number.to_string(),
                "watch",
                &watch.expr,
                "",
                "",
                "",
                calls,
            ]);
        }
        let debugger = list
            .debugger
            .as_ref()
            .map(|d| format!(" of {}", d.to_uppercase()));
        let note = format!("session {}{}", list.session, debugger.unwrap_or_default());
        if table.is_empty() {
            return Answer::default().noting(&format!("{note}: it keeps no breakpoints"));
        }
        Answer::new(table.text(form.width())).noting(&note)
    })
}

fn place(b: &Breakpoint) -> String {
    match (&b.file, &b.function) {
        (Some(file), Some(function)) if b.line > 0 => format!("{file}:{} in {function}", b.line),
        (Some(file), None) if b.line > 0 => format!("{file}:{}", b.line),
        (_, Some(function)) => function.clone(),
        _ => String::new(),
    }
}

fn remarks(b: &Breakpoint) -> Vec<String> {
    let mut remarks = Vec::new();
    let mut remark = |says: bool, what: &str| {
        if says {
            remarks.push(what.to_owned());
        }
    };
    remark(!b.enabled, "disabled");
    remark(b.locations == 0, "pending");
    remark(b.temporary, "temporary");
    remark(b.hardware && b.kind == "breakpoint", "hardware");
    remark(b.access.as_deref() == Some("read"), "reads");
    remark(b.access.as_deref() == Some("access"), "reads and writes");
    if b.locations > 1 {
        remarks.push(format!("{} places", b.locations));
    }
    if b.ignore_count > 0 {
        remarks.push(format!("ignores {} more", b.ignore_count));
    }
    remarks.extend(b.thread.map(|thread| format!("only thread {thread}")));
    if let Some(commands) = &b.commands {
        let lines = commands.lines().count();
        remarks.push(format!("runs {}", count(lines as u64, "command")));
    }
    if let Some(serde_json::Value::Object(options)) = &b.options {
        for (key, value) in options {
            let nothing = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            let usual = value == "location" || (key == "every" && *value == 1);
            if !nothing && !usual {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                remarks.push(format!("{} {text}", key.replace('_', " ")));
            }
        }
    }
    remarks
}

/// Writes what became of a session's breakpoints.
#[must_use]
pub fn restored(restoration: &Restoration, form: Form) -> Answer {
    answer(restoration, form, || {
        let mut table = Table::new([
            ("num", Column::Number),
            ("kind", Column::Fixed),
            ("what", Column::Wide),
            ("outcome", Column::Fixed),
            ("why", Column::Wide),
        ]);
        // Why something failed, or was left out, is worth more than a straight table.
        let unfitted = |r: &Restored| {
            matches!(r.outcome, Outcome::Failed | Outcome::Pending) || !r.notes.is_empty()
        };
        let mut notes = String::new();
        for r in &restoration.restored {
            let number = r.number.map(|n| n.to_string()).unwrap_or_default();
            let why = r.notes.join("; ");
            let in_table = form.width().is_none() || !unfitted(r);
            let shown = if in_table { why.as_str() } else { "" };
            table.row([&number, &r.kind, &r.spec, r.outcome.as_str(), shown]);
            if !in_table {
                notes.push_str(&super::text::clean(&format!(
                    "{} {}: {why}",
                    r.kind, r.spec
                )));
                notes.push('\n');
            }
        }
        let started = time(&restoration.started_at, 0);
        let session = format!("of session {}, begun {started} UTC", restoration.session);
        let mut answer = Answer::new(table.text(form.width()));
        answer.note = notes;
        answer.noting(&session)
    })
}
