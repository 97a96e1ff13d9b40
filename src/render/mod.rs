//! Answers made readable: tables and sentences for people, JSON for programs.
//!
//! A file is called as its verb. `code` (`source`, `disasm`, `at-hit`), `groups` (`hits` counted), `layers` (`layer`,
//! `hotspots`) and `sessions` (`list`) write what belongs together; `plot`, `table` and `text` are for all.
//!
//! Nothing here asks a question. Every text that came from the debugged
//! program or from a file passes [`clean`](text::clean) on its way out.

pub mod breakpoints;
pub mod callers;
pub mod code;
pub mod config;
pub mod cross;
pub mod diff;
pub mod groups;
pub mod hit_diff;
pub mod hit_trend;
pub mod hits;
pub mod layers;
pub mod plot;
pub mod prune;
pub mod sessions;
pub mod setup;
pub mod show;
pub mod sql;
pub mod status;
pub mod table;
pub mod text;
pub mod trace;

use serde::Serialize;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For programs; indented when a person may read along.
    Json {
        /// Whether to indent.
        pretty: bool,
    },
    /// Tab-separated lines under one line of titles: the output is not a terminal.
    Plain,
    /// Fitted to a terminal of so many columns.
    Terminal(usize),
}

impl Form {
    /// Columns to fit in, on a terminal.
    #[must_use]
    pub const fn width(self) -> Option<usize> {
        match self {
            Self::Terminal(width) => Some(width),
            _ => None,
        }
    }
}

/// What a verb answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The answer itself.
    pub out: String,
    /// What a person should know beside it: left-out rows, files that are no
    /// sessions. Never part of what a program reads.
    pub note: String,
}

impl Answer {
    /// An answer with nothing beside it.
    #[must_use]
    pub fn new(out: impl Into<String>) -> Self {
        Self {
            out: out.into(),
            note: String::new(),
        }
    }

    /// Adds a line for a person.
    #[must_use]
    pub fn noting(mut self, note: &str) -> Self {
        if !note.is_empty() {
            self.note.push_str(&text::clean(note));
            self.note.push('\n');
        }
        self
    }
}

/// A document of one of the shapes in `docs/commands.md`.
#[must_use]
pub fn json(document: &impl Serialize, pretty: bool) -> Answer {
    match text::clean_json(document, pretty) {
        Ok(text) => Answer::new(text + "\n"),
        // Our documents are plain data, with string keys and without cycles: Ctrl-C was pressed,
        // the question fails, and nobody sees this.
        Err(e) => Answer::new(serde_json::json!({ "error": e.to_string() }).to_string() + "\n"),
    }
}

/// `json` when JSON was asked for, else what `readable` makes.
pub fn answer(document: &impl Serialize, form: Form, readable: impl FnOnce() -> Answer) -> Answer {
    match form {
        Form::Json { pretty } => json(document, pretty),
        _ => readable(),
    }
}

/// Where hits are, as people read it: `parse at t.c:7 and 2 more`.
#[must_use]
pub fn place(locations: &[String], function: Option<&str>) -> String {
    let keys = match locations {
        [] => String::new(),
        [one] => one.clone(),
        [first, ..] => format!("{first} and {} more", locations.len() - 1),
    };
    match function {
        Some(function) => format!("{function} at {keys}"),
        None => keys,
    }
}

/// A number with its noun: `1 hit`, `3 hits`.
#[must_use]
pub fn count(n: u64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// Bytes as people read them: `812 B`, `3.4 MB`.
#[must_use]
pub fn bytes(n: u64) -> String {
    let mut size = n as f64;
    if n < 1000 {
        return format!("{n} B");
    }
    for unit in ["kB", "MB", "GB"] {
        size /= 1000.0;
        if size < 999.95 {
            return format!("{size:.1} {unit}");
        }
    }
    format!("{:.1} TB", size / 1000.0)
}

/// A time as people read it: `2026-11-23 15:16:17.123`.
#[must_use]
pub fn time(ts: &str, digits: usize) -> String {
    let (date, rest) = ts.split_once('T').unwrap_or((ts, ""));
    let rest = rest.trim_end_matches('Z');
    let (clock, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let fraction: String = fraction.chars().take(digits).collect();
    match (clock.is_empty(), fraction.is_empty()) {
        (true, _) => date.to_owned(),
        (false, true) => format!("{date} {clock}"),
        (false, false) => format!("{date} {clock}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_for_people() {
        assert_eq!(bytes(812), "812 B");
        assert_eq!(bytes(3_400_000), "3.4 MB");
        assert_eq!(bytes(999_960), "1.0 MB");
        assert_eq!(
            time("2026-11-23T15:16:17.123456Z", 3),
            "2026-11-23 15:16:17.123"
        );
        assert_eq!(
            time("2026-11-23T15:16:17.123456Z", 0),
            "2026-11-23 15:16:17"
        );
        assert_eq!(time("yesterday", 3), "yesterday");
    }
}
