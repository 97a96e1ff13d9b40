//! What can be asked of a hit by a name: its values, its watches, and what is
//! known of the hit itself.

use std::collections::BTreeSet;

use anyhow::Result;
use rusqlite::Row;
use serde_json::Value;

use super::field::Path;
use super::hits::bytes_of;
use super::location::keys;
use crate::session_db::SessionDb;
use crate::value::locals;

/// Something that a hit has, or has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// A property of the hit.
    Own(Own),
    /// A value or a watch.
    Value(Named),
}

/// A value by its path, or a watch by its expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// As it was written.
    pub text: String,
    /// The path, if it is one.
    pub path: Path,
}

/// What is known of a hit besides its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// Its number in the session.
    Id,
    /// Its number at its location.
    Seq,
    /// The debugger's number of the thread.
    Thread,
    /// What the thread calls itself.
    ThreadName,
    /// The operating system's number of the thread.
    Tid,
    /// Of the process.
    Pid,
    /// Address of the instruction.
    Pc,
    /// UTC, ISO 8601.
    Time,
    /// Seconds since the session began.
    Elapsed,
    /// The innermost function.
    Function,
    /// The function that called it.
    Caller,
    /// The location key.
    Location,
    /// The number of its stack, which nobody asks for by a name.
    Stack,
    /// Why it stopped.
    Reason,
    /// The signal, the watched expression …
    Detail,
    /// The debugger's number of the (first) breakpoint.
    Breakpoint,
    /// Why the capture is not whole.
    Error,
}

impl Own {
    /// Each with its name.
    pub const ALL: [(&'static str, Self); 16] = [
        ("id", Self::Id),
        ("seq", Self::Seq),
        ("thread", Self::Thread),
        ("thread_name", Self::ThreadName),
        ("tid", Self::Tid),
        ("pid", Self::Pid),
        ("pc", Self::Pc),
        ("time", Self::Time),
        ("elapsed", Self::Elapsed),
        ("fn", Self::Function),
        ("caller", Self::Caller),
        ("location", Self::Location),
        ("reason", Self::Reason),
        ("detail", Self::Detail),
        ("breakpoint", Self::Breakpoint),
        ("error", Self::Error),
    ];

    /// Finds a property by its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, own)| own)
    }
}

impl Field {
    /// Reads a field's name. A property of the hit goes before a value of the
    /// same name, which is meant with a dot before it: `.thread`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        match Own::named(text) {
            Some(own) => Self::Own(own),
            None => Self::Value(Named {
                text: text.to_owned(),
                path: Path::new(text),
            }),
        }
    }
}

/// The names of all that can be asked: what every hit has, what the newest hit
/// of each location has, and the watches.
///
/// # Errors
/// What SQLite says.
pub fn names(session: &SessionDb) -> Result<BTreeSet<String>> {
    let mut names: BTreeSet<String> = Own::ALL.iter().map(|(name, _)| (*name).into()).collect();
    let mut newest = session.conn().prepare_cached(
        "SELECT locals_json FROM breakpoint_hits WHERE location_key = ? ORDER BY hit_seq DESC LIMIT 1",
    )?;
    for key in keys(session)? {
        let read = |row: &Row<'_>| Ok(locals::read(bytes_of(row, 0))?.values);
        for (name, value) in &newest.query_row([key], read)? {
            add_names(name.clone(), value, &mut names);
        }
    }
    let mut watches = session
        .conn()
        .prepare_cached("SELECT DISTINCT expr FROM (SELECT expr FROM watch_evals LIMIT 10000)")?;
    for expr in watches.query_map([], |row| row.get(0))? {
        names.insert(expr?);
    }
    Ok(names)
}

/// The paths of a value and of its members. Elements are too many.
fn add_names(path: String, value: &Value, names: &mut BTreeSet<String>) {
    let Value::Object(members) = value else {
        return;
    };
    for (name, member) in members {
        if !name.starts_with('[') {
            add_names(
                format!("{path}.{}", name.trim_start_matches('.')),
                member,
                names,
            );
        }
    }
    if members.contains_key("value") {
        // A property of the hit goes before a value of the same name.
        let dot = if Own::named(&path).is_some() { "." } else { "" };
        names.insert(format!("{dot}{path}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_goes_before_a_value() {
        assert_eq!(Field::new("thread"), Field::Own(Own::Thread));
        let Field::Value(named) = Field::new(".thread") else {
            panic!("a dot means the value");
        };
        assert_eq!(named.path, Path::new("thread"));
    }
}
