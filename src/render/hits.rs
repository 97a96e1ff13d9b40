//! Hits as a table: one line each.

use serde_json::Value;

use super::table::{Column, Table};
use super::{Answer, Form, answer, count};
use crate::interrupt;
use crate::query::hits::{Hit, Hits};
use crate::value::locals;

/// Writes hits; with `fields`, these values have columns of their own.
#[must_use]
pub fn hits(hits: &Hits, fields: &[String], form: Form) -> Answer {
    answer(hits, form, || {
        let table = table(hits, fields, form.width());
        let shown = if hits.hits.is_empty() && form.width().is_some() {
            Answer::default()
        } else {
            Answer::new(table.text(form.width()))
        };
        shown.noting(&note(hits, form))
    })
}

/// Narrower terminals have room for the values or for the function.
const ROOMY: usize = 100;

fn table(hits: &Hits, fields: &[String], columns: Option<usize>) -> Table {
    let shown = ShownColumns::new(hits, columns);
    let mut table = Table::new(shown.pick([
        ("id", Column::Number),
        ("location", Column::Fixed),
        ("seq", Column::Number),
        ("time", Column::Fixed),
        ("thread", Column::Fixed),
        ("reason", Column::Fixed),
        ("function", Column::Wide),
    ]));
    table = match fields {
        [] => table.named(
            if columns.is_some() {
                "VALUES"
            } else {
                "values"
            },
            Column::Wide,
        ),
        fields => fields
            .iter()
            .fold(table, |table, name| table.named(name, Column::Wide)),
    };
    for hit in &hits.hits {
        if interrupt::pressed() {
            break; // Nobody sees it: the question fails.
        }
        let mut row: Vec<String> = shown
            .pick([
                hit.id.to_string(),
                hit.location.clone(),
                hit.seq.to_string(),
                time(hit, columns.is_some()),
                hit.thread.clone().unwrap_or_default(),
                reason(hit, columns.is_some()),
                hit.function.clone().unwrap_or_default(),
            ])
            .collect();
        match fields {
            [] => row.push(summary(hit)),
            fields => row.extend(fields.iter().map(|name| {
                let value = hit.fields.get(name).and_then(Value::as_str);
                value.unwrap_or_default().to_owned()
            })),
        }
        table.row(row);
    }
    table
}

/// Which of the columns before the values are shown: in a pipe all of them, on
/// a terminal those that tell the hits apart.
struct ShownColumns([bool; 7]);

impl ShownColumns {
    fn new(hits: &Hits, columns: Option<usize>) -> Self {
        let Some(columns) = columns else {
            return Self([true; 7]);
        };
        let one_place = hits.locations.len() == 1;
        let first = hits.hits.first();
        let threads = hits
            .hits
            .iter()
            .any(|hit| Some(&hit.thread) != first.map(|f| &f.thread));
        Self([
            true,
            !one_place,
            true,
            true,
            threads,
            true,
            !one_place && columns >= ROOMY,
        ])
    }

    fn pick<T>(&self, columns: [T; 7]) -> impl Iterator<Item = T> {
        let picked = columns.into_iter().zip(self.0);
        picked.filter_map(|(column, shown)| shown.then_some(column))
    }
}

/// A person who looks at a table wants the time of day; a program all of it.
fn time(hit: &Hit, terminal: bool) -> String {
    match hit.ts.split_once('T') {
        Some((_, clock)) if terminal => clock.trim_end_matches('Z').chars().take(12).collect(),
        _ => hit.ts.clone(),
    }
}

/// That it is a breakpoint need not be said to a person.
pub(super) fn reason(hit: &Hit, terminal: bool) -> String {
    match hit.reason.as_deref() {
        Some("breakpoint") if terminal => String::new(),
        reason => [reason, hit.detail.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" "),
    }
}

pub(super) fn summary(hit: &Hit) -> String {
    if let (Some(error), true) = (&hit.error, hit.values.is_empty()) {
        return format!("<{error}>");
    }
    let values =
        locals::all(&hit.values).map(|(name, value)| format!("{name} = {}", locals::shown(value)));
    values.collect::<Vec<_>>().join(", ")
}

/// How many hits there are, and of which kind.
pub(super) fn found(total: u64, locations: &[String], passing: Option<&str>) -> String {
    let mut found = count(total, "hit");
    if let [one] = locations {
        found += &format!(" at {one}");
    }
    if let Some(passing) = passing {
        found += &format!(" where `{passing}`");
    }
    found
}

fn note(hits: &Hits, form: Form) -> String {
    let found = format!(
        "session {}: {}",
        hits.session,
        found(hits.total, &hits.locations, hits.passing.as_deref())
    );
    match (hits.left_out(), form.width()) {
        (0, None) if hits.total > 0 => String::new(),
        (0, _) => found,
        (left_out, _) => format!(
            "{found}, the newest {} shown and {left_out} left out; `--limit N` shows more, \
             `--limit 0` all",
            hits.hits.len()
        ),
    }
}
