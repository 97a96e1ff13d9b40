//! The rows of a person's own SQL.

use serde_json::Value;

use super::table::{Column, Table};
use super::{Answer, Form, answer};
use crate::query::sql::QueryResult;

/// Writes rows.
#[must_use]
pub fn sql(rows: &QueryResult, form: Form) -> Answer {
    let shown = answer(rows, form, || {
        let numeric = |i| {
            rows.rows.iter().all(|row| {
                row.get(i)
                    .is_none_or(|v: &Value| v.is_number() || v.is_null())
            })
        };
        let table = Table::new([]);
        let titles = rows.columns.iter().enumerate();
        let mut table = titles.fold(table, |table, (i, title)| {
            let column = if numeric(i) {
                Column::Number
            } else {
                Column::Wide
            };
            table.named(title, column)
        });
        for row in &rows.rows {
            table.row(row.iter().map(|value| cell(value, form)));
        }
        Answer::new(table.text(form.width()))
    });
    if rows.more && !matches!(form, Form::Json { .. }) {
        return shown.noting("there are more rows; `--limit N` shows more, `--limit 0` all");
    }
    shown
}

/// On a terminal a null is told from an empty text.
fn cell(value: &Value, form: Form) -> String {
    match value {
        Value::Null if form.width().is_some() => "NULL".into(),
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
