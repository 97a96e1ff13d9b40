//! What can be asked of a hit by a name: its values, its watches, and what is
//! known of the hit itself.

use std::collections::BTreeSet;

use anyhow::Result;

use super::hit::newest_values;
use super::places::keys;
use super::watches;
use crate::session_db::SessionDb;
use crate::value::locals::{Node, Path, join, members};

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
    for key in keys(session)? {
        for (name, value) in members(&newest_values(session, &key)?) {
            add_names(name.to_owned(), value, &mut names);
        }
    }
    names.extend(watches::expressions(session)?);
    Ok(names)
}

/// The paths of a value and of its members. Elements are too many.
fn add_names(path: String, value: Node<'_>, names: &mut BTreeSet<String>) {
    for (name, member) in value.members() {
        if !name.starts_with('[') {
            add_names(join(&path, name), member, names);
        }
    }
    if value.text().is_some() {
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
