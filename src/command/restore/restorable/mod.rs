//! What a session file may say of a breakpoint.
//!
//! A file can come from anywhere, and debuggers run what they are told: commands in a location's
//! second line, functions of the program in a condition. So nothing of a file is handed on but
//! what is read here, to its last character, as a place, a path of a variable, a comparison, or
//! an event; everything else is not restored, and named with the reason.

mod comparison;
mod event;
mod function;
mod place;

pub(in crate::command) use comparison::{comparison, path, row};
pub(in crate::command) use event::{Event, event};
pub(in crate::command) use function::function;
pub(in crate::command) use place::{BreakpointPlace, file, place, written};

use crate::escapes::{is_dangerous, spell};

/// Why something is not restored: half a sentence that goes on from what it is about.
pub(in crate::command) type Why = String;

/// Longer than any that a person wrote or a compiler made.
const LONGEST: usize = 4096;
/// As much of it as is shown.
const SHOWN: usize = 60;

/// Refuses what nobody could read, before it is looked at more closely.
fn readable(text: &str) -> Result<&str, Why> {
    if text.is_empty() {
        return Err("it is empty".into());
    }
    if text.len() > LONGEST {
        return Err(format!("it has more than {LONGEST} characters"));
    }
    match text.chars().find(|c| is_dangerous(*c)) {
        Some(c) => {
            let mut spelled = String::new();
            spell(c, &mut spelled);
            Err(format!(
                "it has a character in it that hides or acts, `{spelled}`"
            ))
        }
        None => Ok(text),
    }
}

/// As much of a text as a sentence bears.
pub(in crate::command) fn shortened(text: &str) -> String {
    cut(text, SHOWN)
}

/// `text`, and `…` where it was longer.
pub(in crate::command) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
    }
}

/// Letters, digits and `_`: what names are made of, in every language that is debugged.
fn of_a_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn begins_a_name(c: char) -> bool {
    of_a_name(c) && !c.is_numeric()
}

#[cfg(test)]
mod tests;
