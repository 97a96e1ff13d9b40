//! Everything known of one function, as a page.

use super::layers::weight;
use super::table::{Column, Table};
use super::text::clean;
use super::{Answer, Form, answer, count, time};
use crate::query::cross::{Cross, CrossLayer, HitNeighbour, LayerNeighbour};

/// Writes what is known of a function.
#[must_use]
pub fn cross(cross: &Cross, form: Form) -> Answer {
    answer(cross, form, || Answer::new(page(cross, form.width())))
}

fn page(cross: &Cross, columns: Option<usize>) -> String {
    let langs: Vec<&str> = cross
        .langs
        .iter()
        .map(String::as_str)
        .filter(|l| *l != "unknown")
        .collect();
    let lang = if langs.is_empty() {
        String::new()
    } else {
        format!(" ({})", langs.join(", "))
    };
    let title = format!("{}{lang} in session {}", cross.function, cross.session);
    let mut page = clean(&title).into_owned() + "\n\n" + &hits(cross, columns);
    for part in [arguments(cross, columns), kept(cross, columns)] {
        if !part.is_empty() {
            page.push('\n');
            page.push_str(&part);
        }
    }
    if cross.layers.is_empty() {
        page.push_str("\nIn no layer: no sample was taken in it\n");
    }
    for layer in &cross.layers {
        page.push('\n');
        page.push_str(&in_layer(layer, columns));
    }
    page
}

fn hits(cross: &Cross, columns: Option<usize>) -> String {
    let hits = &cross.hits;
    let span = match (&hits.first_ts, &hits.last_ts) {
        (Some(first), Some(last)) => format!(", {} to {} UTC", time(first, 3), time(last, 3)),
        _ => String::new(),
    };
    let mut table = rows();
    for place in &hits.locations {
        table.row(["at", &place.hits.to_string(), &place.location]);
    }
    add_hits(&mut table, "called from", &hits.callers);
    add_hits(&mut table, "calls", &hits.callees);
    format!(
        "{}{span}\n{}",
        count(hits.count, "hit"),
        body(&table, columns)
    )
}

fn arguments(cross: &Cross, columns: Option<usize>) -> String {
    if cross.arguments.is_empty() {
        return String::new();
    }
    let mut table = Table::new([("", Column::Fixed), ("", Column::Wide), ("", Column::Fixed)]);
    for argument in &cross.arguments {
        let range = match (argument.min, argument.max) {
            (Some(min), Some(max)) if min < max => {
                format!("{min} to {max}, last {}", argument.last)
            }
            _ if argument.distinct > 1 => format!("last {}", argument.last),
            _ => format!("always {}", argument.last),
        };
        let distinct = match argument.distinct {
            0 | 1 => String::new(),
            n => format!("{n} different"),
        };
        table.row([&argument.name, &range, &distinct]);
    }
    format!("Arguments\n{}", body(&table, columns))
}

/// Breakpoints, notes, source and code.
fn kept(cross: &Cross, columns: Option<usize>) -> String {
    let mut table = Table::new([("", Column::Fixed), ("", Column::Wide)]);
    for b in &cross.breakpoints {
        let condition = b.condition.as_ref().map(|c| format!(" if {c}"));
        let state = if b.enabled { "" } else { ", disabled" };
        let what = format!(
            "{} {}{}{state}",
            b.number,
            b.spec,
            condition.unwrap_or_default()
        );
        table.row([b.kind.as_str(), &what]);
    }
    for note in &cross.notes {
        let hit = note.hit.map(|hit| format!(" (to hit number {hit})"));
        table.row(["note", &format!("{}{}", note.text, hit.unwrap_or_default())]);
    }
    if let Some(source) = &cross.source {
        let place = format!("{}:{}-{}", source.file, source.first_line, source.last_line);
        table.row([
            "source",
            &format!("{place}; `source {}` shows it", cross.function),
        ]);
    }
    if let Some(code) = &cross.code {
        let size = count(code.instructions as u64, "instruction");
        let from = code.source.to_uppercase();
        table.row([
            "code",
            &format!("{size} from {from}; `disasm {}` shows them", cross.function),
        ]);
    }
    body(&table, columns)
}

fn in_layer(seen: &CrossLayer, columns: Option<usize>) -> String {
    let unit = &seen.layer.unit;
    let mut title = format!(
        "Layer {} from {}: {:.2} % of all {unit} in itself ({} {unit})",
        seen.layer.id,
        seen.layer.source,
        seen.self_pct,
        weight(seen.self_weight)
    );
    if let Some(pct) = seen.total_pct {
        title += &format!(", {pct:.2} % with all that it calls");
    }
    if let Some(calls) = seen.calls {
        title += &format!(", {}", count(calls, "call"));
    }
    let mut table = rows();
    add_costs(&mut table, "called from", &seen.callers);
    add_costs(&mut table, "calls", &seen.callees);
    format!("{}\n{}", clean(&title), body(&table, columns))
}

fn rows() -> Table {
    Table::new([
        ("", Column::Fixed),
        ("", Column::Number),
        ("", Column::Wide),
    ])
}

fn add_hits(table: &mut Table, what: &'static str, neighbours: &[HitNeighbour]) {
    for neighbour in neighbours {
        table.row([what, &neighbour.hits.to_string(), &neighbour.function]);
    }
}

fn add_costs(table: &mut Table, what: &'static str, neighbours: &[LayerNeighbour]) {
    for neighbour in neighbours {
        table.row([
            what,
            &format!("{:.2} %", neighbour.pct),
            &neighbour.function,
        ]);
    }
}

/// The rows, without titles, indented by two.
fn body(table: &Table, columns: Option<usize>) -> String {
    let text = table.aligned_text(columns.map(|columns| columns.saturating_sub(2)));
    text.lines()
        .skip(1)
        .map(|line| format!("  {line}\n"))
        .collect()
}
