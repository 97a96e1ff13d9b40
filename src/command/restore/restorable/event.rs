//! What a catchpoint catches.

use serde::Serialize;

use super::{Why, readable, shortened};

/// Those that take no more words.
const PLAIN: [&str; 8] = [
    "throw", "catch", "rethrow", "fork", "vfork", "exec", "load", "unload",
];

/// An event, by a word of ours, and which of its kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::command) struct Event {
    /// Always `event`.
    form: &'static str,
    /// The kind.
    event: &'static str,
    /// Signals or system calls; none: all that the debugger means by it.
    names: Vec<String>,
}

/// Reads what a session says of a catchpoint.
pub(in crate::command) fn event(spec: &str) -> Result<Event, Why> {
    readable(spec)?;
    let mut words = spec.split([' ', ',']).filter(|word| !word.is_empty());
    let kind = words.next().unwrap_or_default();
    let names: Vec<&str> = words.collect();
    let refused = |what: &str| Err(format!("`{}` {what}", shortened(spec)));
    if let Some(plain) = PLAIN.into_iter().find(|plain| *plain == kind) {
        let said_of_its_last = matches!(plain, "fork" | "vfork" | "exec");
        return match names.is_empty() || said_of_its_last {
            true => Ok(Event::of(plain, &[])),
            false => refused("has a regular expression, and is set again only by hand"),
        };
    }
    match kind {
        "signal" | "signals" if names == ["<standard", "signals>"] => Ok(Event::of("signal", &[])),
        "signal" | "signals" if names.iter().all(|n| is_signal(n)) => {
            Ok(Event::of("signal", &names))
        }
        "syscall" | "syscalls" if names == ["<any", "syscall>"] => Ok(Event::of("syscall", &[])),
        "syscall" | "syscalls" if names.iter().all(|n| is_syscall(n)) => {
            Ok(Event::of("syscall", &names))
        }
        _ => refused("is no event that is set again"),
    }
}

impl Event {
    fn of(event: &'static str, names: &[&str]) -> Self {
        Self {
            form: "event",
            event,
            names: names.iter().map(ToString::to_string).collect(),
        }
    }
}

fn is_signal(name: &str) -> bool {
    name == "all"
        || name.strip_prefix("SIG").is_some_and(|rest| {
            !rest.is_empty()
                && rest
                    .bytes()
                    .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        })
}

fn is_syscall(name: &str) -> bool {
    let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_';
    name.bytes().all(fits) && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
}
