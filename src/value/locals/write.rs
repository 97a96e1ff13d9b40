//! Values to text.

use std::fmt::Write as _;

use super::key;
use crate::value::text::write;
use crate::value::{Body, Value};

/// The `locals_json` of a hit: `{name: {"type": ..., "value": ..., members ...}}`.
///
/// Of two values with the same name the first keeps it, the next is `name#2`.
#[must_use]
pub fn locals_json(values: &[Value]) -> String {
    let mut json = String::with_capacity(values.len() * 64 + 2);
    json.push('{');
    push_members(values, &mut json);
    json.push('}');
    json
}

/// One value as an object.
#[must_use]
pub fn value_json(value: &Value) -> String {
    let mut json = String::with_capacity(48);
    push_value(value, &mut json);
    json
}

fn push_members(values: &[Value], json: &mut String) {
    for (i, value) in values.iter().enumerate() {
        if i > 0 {
            json.push(',');
        }
        let twins = values[..i].iter().filter(|v| v.name == value.name).count();
        let name = &*value.name;
        if twins > 0 {
            push_string(&format!("{name}#{}", twins + 1), json);
        } else {
            push_string(key::of_member(name), json);
        }
        json.push(':');
        push_value(value, json);
    }
}

fn push_value(value: &Value, json: &mut String) {
    json.push_str(r#"{"type":"#);
    push_string(&value.type_name, json);
    json.push_str(r#","value":"#);
    match value.body {
        // Nothing in these needs to be escaped.
        Body::Int(_) | Body::Bool(_) | Body::F32(_) | Body::F64(_) | Body::Pointer(_) => {
            json.push('"');
            write(value, json);
            json.push('"');
        }
        _ => push_string(&value.text(), json),
    }
    if value.arg {
        push_fact(value, "arg", json);
        json.push_str("true");
    }
    if let Some(status) = value.status {
        push_fact(value, "status", json);
        push_string(status.as_str(), json);
    }
    if let Some(count) = value.count {
        push_fact(value, "count", json);
        let _ = write!(json, "{count}");
    }
    if let (Some(addr), Body::Str(_)) = (value.addr, &value.body) {
        push_fact(value, "addr", json);
        let _ = write!(json, "\"{addr:#x}\"");
    }
    if let Some(children) = value.children.as_deref().filter(|c| !c.is_empty()) {
        json.push(',');
        push_members(children, json);
    }
    json.push('}');
}

/// What only some values have gives way to a member of the same name.
fn push_fact(value: &Value, fact: &str, json: &mut String) {
    let member = value
        .children
        .as_ref()
        .is_some_and(|members| members.iter().any(|m| &*m.name == fact));
    let _ = write!(json, ",\"{}\":", key::of_fact(fact, member));
}

fn push_string(text: &str, json: &mut String) {
    if text.bytes().all(|b| b >= b' ' && b != b'"' && b != b'\\') {
        json.push('"');
        json.push_str(text);
        json.push('"');
        return;
    }
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            c if c < ' ' => drop(write!(json, "\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
    json.push('"');
}
