//! The keys of a value's object. What describes the value itself stands beside its members, under
//! names that a member may have too: then one of the two has a dot before it.
//!
//! | key | beside a member of that name |
//! |---|---|
//! | `type`, `value` | keep it; the member is `.type`, `.value` |
//! | `status`, `count`, `addr`, `arg` | are `.status` …; the member keeps its name |
//!
//! A fact is no object and a member always is, so a reader tells them apart whichever has the dot.

/// What a key says of the value itself, unless an object stands behind it: then it is a member.
pub(super) fn fact(key: &str) -> Option<&'static str> {
    Some(match key {
        "type" => "type",
        "value" => "value",
        "status" | ".status" => "status",
        "count" | ".count" => "count",
        "addr" | ".addr" => "addr",
        "arg" | ".arg" => "arg",
        _ => return None,
    })
}

/// The key of a fact that has no dot before it, or has one because a member has its name.
pub(super) fn of_fact(fact: &str, member_has_its_name: bool) -> String {
    let dot = if member_has_its_name { "." } else { "" };
    format!("{dot}{fact}")
}

/// The key of the member with a name, as the recorder writes it.
pub(super) fn of_member(name: &str) -> &str {
    match name {
        "type" => ".type",
        "value" => ".value",
        name => name,
    }
}

/// Another key that a member with that name may have in a file: dbg puts no dot before `type`.
pub(super) fn other_of_member(name: &str) -> Option<&'static str> {
    Some(match name {
        "type" => "type",
        "value" => "value",
        "status" => ".status",
        "count" => ".count",
        "addr" => ".addr",
        "arg" => ".arg",
        _ => return None,
    })
}

/// The name of the member with a key.
pub(super) fn name(key: &str) -> &str {
    match key {
        ".type" | ".value" | ".status" | ".count" | ".addr" | ".arg" => &key[1..],
        key => key,
    }
}
