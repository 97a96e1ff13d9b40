//! Hides what looks like a credential before it is recorded.
//!
//! Only text is ever hidden: a number called `key` is no secret, and
//! `token_count` is a count.

mod by_content;
mod by_name;
mod random;

use std::borrow::Cow;
use std::cell::RefCell;

use rustc_hash::FxHashMap;

use self::by_content::{is_secret, option_is_secret};
use self::by_name::{Holds, words};
use self::random::looks_random;
use super::{Body, Value};

/// What stands for a hidden text.
const MASKED: &str = "<masked>";
/// Names remembered; they are the same at every hit.
const NAMES: usize = 4096;

/// Hides every text in a value that its name or its content gives away;
/// `name` is what a person calls it, where that is not its own.
pub fn mask(value: &mut Value, name: Option<&str>) {
    hide(value, name, Holds::Other);
}

fn hide(value: &mut Value, name: Option<&str>, outside: Holds) {
    let holds = match (outside, by_name(name.unwrap_or(&value.name))) {
        (Holds::Secret, _) | (_, Holds::Secret) => Holds::Secret,
        (Holds::Perhaps, _) | (_, Holds::Perhaps) => Holds::Perhaps,
        (Holds::Other, Holds::Other) => Holds::Other,
    };
    if let Some(text) = text_of(value) {
        let secret = match holds {
            Holds::Secret => !text.is_empty(),
            Holds::Perhaps => looks_random(&text) || is_secret(&text),
            Holds::Other => is_secret(&text),
        };
        drop(text);
        if secret {
            return conceal(value);
        }
    }
    if holds == Holds::Secret && is_bytes(value) {
        return conceal(value);
    }
    let map = matches!(value.body, Body::Map);
    let mut given = false;
    for child in value.children.iter_mut().flatten() {
        // `--token`, and behind it what it is.
        let option = text_of(child).is_some_and(|text| option_is_secret(&text));
        hide(child, None, if given { Holds::Secret } else { holds });
        given = option;
        // A map's entry is named after its key, which may itself be the secret.
        if map && is_secret(&child.name) {
            child.name = format!("[{MASKED}]").into();
        }
    }
}

fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match &value.body {
        Body::Str(bytes) => Some(String::from_utf8_lossy(bytes)),
        Body::Text(text) => Some(text.as_str().into()),
        _ => None,
    }
}

fn conceal(value: &mut Value) {
    value.body = Body::Text(MASKED.into());
    value.status = None;
    value.count = None;
    value.children = None;
}

/// Whether these are elements of one byte each, or characters.
fn is_bytes(value: &Value) -> bool {
    const BYTES: [&str; 7] = ["char", "byte", "u8", "i8", "uint8", "int8", "uchar"];
    let Some([first, ..]) = value.children.as_deref() else {
        return false;
    };
    let kind = first.type_name.to_ascii_lowercase();
    first.children.is_none()
        && match first.body {
            Body::Char(_) => true,
            Body::Int(_) | Body::Text(_) | Body::Enum(_) => {
                BYTES.iter().any(|byte| kind.contains(byte))
            }
            _ => false,
        }
}

/// What something of this name holds.
fn by_name(name: &str) -> Holds {
    thread_local! {
        static KNOWN: RefCell<FxHashMap<String, Holds>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        if let Some(holds) = known.get(name) {
            return *holds;
        }
        if known.len() >= NAMES {
            known.clear();
        }
        let holds = by_name::holds(&words(name));
        known.insert(name.to_owned(), holds);
        holds
    })
}

#[cfg(test)]
mod tests;
