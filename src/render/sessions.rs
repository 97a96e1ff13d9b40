//! Sessions as a table: one line each.

use std::path::Path;

use serde::Serialize;

use super::table::{Column, Table};
use super::{Answer, Form, answer, bytes, count, time};
use crate::query::sessions::{Listing, Session};

/// Sessions of the same target from the same folder.
#[derive(Serialize)]
struct Group<'a> {
    group: &'a str,
    target: &'a str,
    sessions: Vec<&'a Session>,
}

#[derive(Serialize)]
struct Grouped<'a> {
    #[serde(serialize_with = "crate::query::path_text")]
    folder: &'a std::path::Path,
    groups: Vec<Group<'a>>,
    others: &'a [crate::query::sessions::OtherFile],
    rescued: &'a [crate::query::rescued::Rescued],
}

/// Writes the sessions of a folder, under one heading per group if `grouped`.
#[must_use]
pub fn sessions(listing: &Listing, grouped: bool, form: Form) -> Answer {
    let shown = if grouped {
        let document = Grouped {
            folder: &listing.folder,
            groups: groups(listing),
            others: &listing.others,
            rescued: &listing.rescued,
        };
        answer(&document, form, || by_group(&document, form))
    } else {
        answer(listing, form, || {
            let mut table = table(form, false);
            for session in &listing.sessions {
                table.row(row(session, None, form));
            }
            text(&table, form)
        })
    };
    if matches!(form, Form::Json { .. }) {
        return shown;
    }
    let empty = if listing.sessions.is_empty() {
        format!("no session in {}", listing.folder.display())
    } else {
        String::new()
    };
    let rescued = listing.rescued.iter();
    let shown = rescued.fold(shown.noting(&empty), |shown, waiting| {
        shown.noting(&format!(
            "rescued: {} of session {} wait in {}; `dbg-session recover` merges them",
            count(waiting.hits, "hit"),
            waiting.label,
            waiting.path.display()
        ))
    });
    let others = listing.others.iter();
    others.fold(shown, |shown, other| {
        shown.noting(&format!(
            "not a session: {}: {}",
            other.path.display(),
            other.why
        ))
    })
}

/// In the order of their newest sessions.
fn groups(listing: &Listing) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for session in &listing.sessions {
        match groups.iter_mut().find(|group| group.group == session.group) {
            Some(group) => group.sessions.push(session),
            None => groups.push(Group {
                group: &session.group,
                target: &session.target,
                sessions: vec![session],
            }),
        }
    }
    groups
}

fn by_group(document: &Grouped<'_>, form: Form) -> Answer {
    let mut table = table(form, true);
    for (n, group) in (1..).zip(&document.groups) {
        for session in &group.sessions {
            table.row(row(session, Some(n), form));
        }
    }
    text(&table, form)
}

fn text(table: &Table, form: Form) -> Answer {
    if table.is_empty() && form.width().is_some() {
        return Answer::default();
    }
    Answer::new(table.text(form.width()))
}

fn table(form: Form, grouped: bool) -> Table {
    let started = if form.width().is_some() {
        "started (utc)"
    } else {
        "started"
    };
    let group = grouped.then_some(("group", Column::Number));
    Table::new(group.into_iter().chain([
        ("label", Column::Fixed),
        ("state", Column::Fixed),
        ("by", Column::Fixed),
        ("kind", Column::Fixed),
        ("hits", Column::Number),
        ("layers", Column::Number),
        (started, Column::Fixed),
        ("size", Column::Number),
        ("target", Column::Wide),
    ]))
}

fn row(session: &Session, group: Option<usize>, form: Form) -> Vec<String> {
    let mut row: Vec<String> = group.map(|n| n.to_string()).into_iter().collect();
    row.extend(if form.width().is_some() {
        shown(session)
    } else {
        whole(session)
    });
    row
}

/// For a program.
fn whole(session: &Session) -> [String; 9] {
    [
        name(session),
        session.state.as_str().to_owned(),
        session.created_by.clone(),
        session.kind.to_string(),
        session.hits.to_string(),
        session.layers.to_string(),
        session.started_at.clone(),
        session.bytes.to_string(),
        session.target.clone(),
    ]
}

/// For a person: what is usual need not be said, and what no session has
/// takes no column.
fn shown(session: &Session) -> [String; 9] {
    let unusual = |text: &str, usual: &str| {
        let text = if text == usual { "" } else { text };
        text.to_owned()
    };
    let name_of = |target: &str| {
        let name = target.rsplit('/').find(|part| !part.is_empty());
        name.unwrap_or(target).to_owned()
    };
    [
        name(session),
        unusual(session.state.as_str(), "ended"),
        unusual(&session.created_by, "auto"),
        unusual(session.kind.as_str(), "debug"),
        session.hits.to_string(),
        unusual(&session.layers.to_string(), "0"),
        time(&session.started_at, 0).chars().take(16).collect(),
        bytes(session.bytes),
        name_of(&session.target),
    ]
}

/// The label; of a file that was copied by hand, what tells it apart.
fn name(session: &Session) -> String {
    let stem = session.path.as_deref().and_then(Path::file_stem);
    match stem.map(|stem| stem.to_string_lossy()) {
        Some(stem) if stem != session.label => format!("{stem} ({})", session.label),
        _ => session.label.clone(),
    }
}
