//! Two hits side by side, as one table.

use super::show::frame;
use super::table::{Column, Table};
use super::text::clean;
use super::{Answer, Form, answer, count};
use crate::query::changes::{Change, Kind, ValueThere};
use crate::query::hit_diff::{HitDiff, Part};

/// Writes what differs between two hits.
#[must_use]
pub fn hit_diff(diff: &HitDiff, form: Form) -> Answer {
    answer(diff, form, || {
        let shown = match form.width() {
            Some(columns) => page(diff, columns),
            None => separated(diff).text(None),
        };
        Answer::new(shown).noting(&note(diff))
    })
}

/// A row of either form.
struct Row {
    part: &'static str,
    kind: Kind,
    path: String,
    a: String,
    b: String,
    remark: String,
}

fn rows(diff: &HitDiff) -> Vec<Row> {
    let mut rows = Vec::new();
    rows.extend(diff.values.changes.iter().map(|c| of_value("values", c)));
    rows.extend(diff.watches.changes.iter().map(|c| of_value("watches", c)));
    rows.extend(frames(diff));
    rows.extend(diff.facts.iter().map(|fact| Row {
        part: "hit",
        kind: kind(fact.a.is_some(), fact.b.is_some()),
        path: fact.name.to_owned(),
        a: fact.a.clone().unwrap_or_default(),
        b: fact.b.clone().unwrap_or_default(),
        remark: String::new(),
    }));
    rows
}

const fn kind(a: bool, b: bool) -> Kind {
    match (a, b) {
        (true, false) => Kind::Removed,
        (false, true) => Kind::Added,
        _ => Kind::Changed,
    }
}

fn of_value(part: &'static str, change: &Change) -> Row {
    Row {
        part,
        kind: change.kind,
        path: change.path.clone(),
        a: text(change, change.a.as_ref()),
        b: text(change, change.b.as_ref()),
        remark: remark(change),
    }
}

/// A value's text, with what else differs: a string's address, the true number of elements.
fn text(change: &Change, side: Option<&ValueThere>) -> String {
    let Some(side) = side else {
        return String::new();
    };
    let mut text = match (side.value.as_deref(), &side.status) {
        (Some("") | None, Some(status)) => format!("<{status}>"),
        (text, _) => text.unwrap_or_default().to_owned(),
    };
    let (Some(a), Some(b)) = (&change.a, &change.b) else {
        return text;
    };
    if let (true, Some(addr)) = (a.value == b.value && a.addr != b.addr, &side.addr) {
        text = format!("{addr} {text}");
    }
    if let (true, Some(count)) = (a.count != b.count, side.count) {
        text += &format!(" ({count} in all)");
    }
    text
}

fn remark(change: &Change) -> String {
    let mut remarks = Vec::new();
    if change.kind != Kind::Changed {
        remarks.push(word(change.kind).to_owned());
    }
    if let (Some(a), Some(b)) = (&change.a, &change.b) {
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".into());
        if a.r#type != b.r#type {
            remarks.push(format!(
                "type {}, then {}",
                or_none(&a.r#type),
                or_none(&b.r#type)
            ));
        }
        let whole = |text: &Option<String>| text.clone().unwrap_or_else(|| "whole".into());
        if a.status != b.status {
            remarks.push(format!("{}, then {}", whole(&a.status), whole(&b.status)));
        }
    }
    remarks.join(", ")
}

const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Changed => "changed",
        Kind::Added => "added",
        Kind::Removed => "removed",
        Kind::Address => "address",
        Kind::Same => "same",
    }
}

/// Frames side by side: the callers that differ.
fn frames(diff: &HitDiff) -> Vec<Row> {
    let (a, b) = (&diff.stack.a, &diff.stack.b);
    let rows = (0..a.len().max(b.len())).map(|i| {
        let level = a.get(i).or(b.get(i)).map_or(0, |frame| frame.level);
        let side = |frames: &[_]| {
            frames.get(i).map_or_else(String::new, |at| {
                let (function, place) = frame(at);
                format!("{function} {place}").trim_end().to_owned()
            })
        };
        Row {
            part: "stack",
            kind: kind(i < a.len(), i < b.len()),
            path: format!("#{level}"),
            a: side(a),
            b: side(b),
            remark: String::new(),
        }
    });
    rows.collect()
}

fn separated(diff: &HitDiff) -> Table {
    let titles = ["part", "change", "name", "type", "a", "b"];
    let mut table = Table::new(titles.map(|title| (title, Column::Fixed)));
    let changes = diff.values.changes.iter().chain(&diff.watches.changes);
    let types = changes.map(|change| {
        let of = |side: &Option<ValueThere>| side.as_ref().and_then(|side| side.r#type.clone());
        of(&change.b).or_else(|| of(&change.a)).unwrap_or_default()
    });
    let types = types.chain(std::iter::repeat(String::new()));
    for (row, type_name) in rows(diff).into_iter().zip(types) {
        table.row([
            row.part,
            word(row.kind),
            &row.path,
            &type_name,
            &row.a,
            &row.b,
        ]);
    }
    table
}

fn page(diff: &HitDiff, columns: usize) -> String {
    let (a, b) = (&diff.a, &diff.b);
    let one_place = a.location == b.location;
    let title = if one_place {
        let function = a.function.as_ref().map(|f| format!(" in {f}"));
        let place = format!("{}{}", a.location, function.unwrap_or_default());
        format!(
            "{place}, hits {} and {} (numbers {} and {})",
            a.seq, b.seq, a.id, b.id
        )
    } else {
        format!(
            "{} hit {} and {} hit {}",
            a.location, a.seq, b.location, b.seq
        )
    };
    let apart = diff.seconds.map_or_else(String::new, |s| match s {
        s if s < 0.0 => format!(", the second {} s before the first", micros(-s)),
        s => format!(", {} s apart", micros(s)),
    });
    let mut page = clean(&format!("{title}{apart}")).into_owned() + "\n";
    let rows = rows(diff);
    if rows.is_empty() {
        return page + "\nNothing differs.\n";
    }
    let (first, second) = if one_place {
        (format!("HIT {}", a.seq), format!("HIT {}", b.seq))
    } else {
        (format!("NUMBER {}", a.id), format!("NUMBER {}", b.id))
    };
    let mut table = Table::new([("", Column::Wide)])
        .named(&first, Column::Wide)
        .named(&second, Column::Wide)
        .named("", Column::Wide);
    let mut part = "";
    for row in &rows {
        if row.part != part {
            part = row.part;
            if !table.is_empty() {
                table.row([""; 4]);
            }
            table.row([title_of(part)]);
        }
        table.row([&format!("  {}", row.path), &row.a, &row.b, &row.remark]);
    }
    page.push('\n');
    page + &table.text(Some(columns))
}

/// Seconds to the microsecond, as short as that can be said.
fn micros(seconds: f64) -> String {
    let text = format!("{seconds:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn title_of(part: &str) -> &'static str {
    match part {
        "values" => "Values",
        "watches" => "Watches",
        "stack" => "Stack",
        _ => "Hit",
    }
}

fn note(diff: &HitDiff) -> String {
    let parts = [&diff.values, &diff.watches];
    let mut notes = Vec::new();
    let left_out: usize = parts.iter().map(|part| part.left_out).sum();
    if left_out > 0 {
        let rows = count(left_out as u64, "more row");
        notes.push(format!("{rows} left out, `--limit 0` shows all"));
    }
    let listed = |part: &Part| part.changes.iter().any(|c| c.kind == Kind::Same);
    let hidden = parts.iter().filter(|part| !listed(part));
    let values: usize = hidden.map(|part| part.same).sum();
    let mut same = Vec::new();
    if values > 0 {
        same.push(count(values as u64, "value"));
    }
    if diff.stack.same > 0 {
        same.push(count(diff.stack.same as u64, "frame"));
    }
    if !same.is_empty() {
        let all = if values > 0 {
            "; `--all` lists the values"
        } else {
            ""
        };
        notes.push(format!("the same: {}{all}", same.join(", ")));
    }
    notes.join("; ")
}
