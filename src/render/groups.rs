//! Counted values as a table: one line each.

use super::hits::found;
use super::table::{Column, Table};
use super::{Answer, Form, answer};
use crate::query::groups::{At, Group, Groups, Order};

/// Writes the values of a field with their hits.
#[must_use]
pub fn groups(groups: &Groups, order: Order, form: Form) -> Answer {
    answer(groups, form, || {
        let shown = if groups.groups.is_empty() && form.width().is_some() {
            Answer::default()
        } else {
            Answer::new(table(groups, order, form).text(form.width()))
        };
        shown.noting(&note(groups))
    })
}

fn table(groups: &Groups, order: Order, form: Form) -> Table {
    // A number at a location says something where there is but one.
    let seqs = form.width().is_none() || groups.locations.len() == 1;
    let mut titles = vec![("hits", Column::Number), ("share", Column::Number)];
    if order == Order::ByFirst {
        titles.push(("first", Column::Number));
        titles.extend(seqs.then_some(("first seq", Column::Number)));
        titles.push(("last", Column::Number));
        titles.extend(seqs.then_some(("last seq", Column::Number)));
    }
    let mut table = Table::new(titles).named(&groups.by, Column::Wide);
    for group in &groups.groups {
        table.row(cells(group, seqs));
    }
    table
}

fn cells(group: &Group, seqs: bool) -> Vec<String> {
    let mut cells = vec![group.hits.to_string(), share(group.share)];
    for At { id, seq, .. } in [&group.first, &group.last].into_iter().flatten() {
        cells.push(id.to_string());
        cells.extend(seqs.then(|| seq.to_string()));
    }
    cells.push(group.value.clone());
    cells
}

fn share(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

fn note(groups: &Groups) -> String {
    let mut note = format!(
        "session {}: {}; {} of `{}`",
        groups.session,
        found(groups.total, &groups.locations, groups.passing.as_deref()),
        match groups.values {
            1 => "1 value".to_owned(),
            n => format!("{n} different values"),
        },
        groups.by,
    );
    if groups.missing > 0 {
        note += &format!(
            ", which {} not have",
            match groups.missing {
                1 => "1 hit does".to_owned(),
                n => format!("{n} hits do"),
            }
        );
    }
    let left_out = groups.values.saturating_sub(groups.groups.len() as u64);
    if left_out > 0 {
        note += &format!(
            "; the {} most frequent shown and {left_out} left out; `--top N` shows more, `--top 0` all",
            groups.groups.len()
        );
    }
    note
}
