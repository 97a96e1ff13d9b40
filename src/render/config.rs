//! Settings as a table.

use serde::Serialize;

use super::table::{Column, Table};
use super::{Answer, Form, answer};

/// A setting as it is.
#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    /// Its key.
    pub key: &'static str,
    /// Its value.
    pub value: String,
    /// The value that it has unless set.
    pub default: String,
    /// What it is for.
    pub about: &'static str,
}

/// The settings, and the file that they are kept in.
#[derive(Clone, Debug, Serialize)]
pub struct Settings {
    /// The file; it need not be there.
    pub file: String,
    /// All settings.
    pub settings: Vec<Setting>,
    /// Lines of the file that were not understood.
    pub problems: Vec<String>,
}

/// Writes all settings.
#[must_use]
pub fn config(settings: &Settings, form: Form) -> Answer {
    let shown = answer(settings, form, || {
        let mut table = Table::new([
            ("key", Column::Fixed),
            ("value", Column::Number),
            ("default", Column::Number),
            ("about", Column::Wide),
        ]);
        for s in &settings.settings {
            table.row([s.key, &s.value, &s.default, s.about]);
        }
        let shown = Answer::new(table.text(form.width()));
        match form.width() {
            Some(_) => shown.noting(&format!("kept in {}", settings.file)),
            None => shown,
        }
    });
    match form {
        Form::Json { .. } => shown,
        _ => settings
            .problems
            .iter()
            .fold(shown, |shown, p| shown.noting(p)),
    }
}
