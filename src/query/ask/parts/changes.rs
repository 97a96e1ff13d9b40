//! What differs between two sets of values, leaf by leaf.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::interrupt;
use crate::value::locals::{Node, join, members};

/// How a value differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It holds something else.
    Changed,
    /// Only the second has it.
    Added,
    /// Only the first has it.
    Removed,
    /// It points elsewhere, which it may do in every run.
    Address,
    /// It does not differ.
    Same,
}

/// A value of which two hits hold two things, or one none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its name, or its path: `p.x`, `a[0]`.
    pub path: String,
    /// How it differs.
    pub kind: Kind,
    /// What the first holds.
    pub a: Option<ValueThere>,
    /// What the second holds.
    pub b: Option<ValueThere>,
}

/// What one hit holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ValueThere {
    /// Its type.
    pub r#type: Option<String>,
    /// Its text.
    pub value: Option<String>,
    /// Why it is not whole.
    pub status: Option<String>,
    /// How many elements there really are, where cut short.
    pub count: Option<u64>,
    /// Where a C string is.
    pub addr: Option<String>,
}

impl ValueThere {
    fn new(node: Node<'_>) -> Self {
        Self {
            r#type: node.type_name().map(str::to_owned),
            value: node.text().map(str::to_owned),
            status: node.status().map(str::to_owned),
            count: node.count(),
            addr: node.addr().map(str::to_owned),
        }
    }
}

/// Compares two sets of values: every leaf with its [`Kind`], in the order of the first.
/// Addresses that differ come below what says more, and what is the same below them. Ctrl-C ends it
/// early, and the question fails.
#[must_use]
pub fn changes(a: &Map<String, Value>, b: &Map<String, Value>) -> Vec<Change> {
    let mut found = Vec::new();
    pairs("", members(a).collect(), members(b).collect(), &mut found);
    found.sort_by_key(|change| match change.kind {
        Kind::Changed | Kind::Added | Kind::Removed => 0,
        Kind::Address => 1,
        Kind::Same => 2,
    });
    found
}

fn pairs(path: &str, a: Vec<(&str, Node<'_>)>, b: Vec<(&str, Node<'_>)>, found: &mut Vec<Change>) {
    let other: HashMap<&str, Node<'_>> = b.iter().copied().collect();
    let mut seen = HashSet::new();
    for (name, node) in a {
        if interrupt::pressed() {
            return;
        }
        seen.insert(name);
        compare(
            &join(path, name),
            Some(node),
            other.get(name).copied(),
            found,
        );
    }
    for (name, node) in b {
        if !seen.contains(name) {
            compare(&join(path, name), None, Some(node), found);
        }
    }
}

fn compare(path: &str, a: Option<Node<'_>>, b: Option<Node<'_>>, found: &mut Vec<Change>) {
    let mut push = |kind| {
        found.push(Change {
            path: path.to_owned(),
            kind,
            a: a.map(ValueThere::new),
            b: b.map(ValueThere::new),
        });
    };
    match (a, b) {
        (Some(a), Some(b)) => {
            let own = own(a, b);
            let below = [a.members().collect::<Vec<_>>(), b.members().collect()];
            let names: HashSet<&str> = below[0].iter().map(|(name, _)| *name).collect();
            let alike = below[1].iter().any(|(name, _)| names.contains(name));
            if !alike && (own != Kind::Same || below.iter().all(Vec::is_empty)) {
                // A leaf; or null on one side, another variant: the text says it all.
                return push(own);
            }
            let before = found.len();
            let [below_a, below_b] = below;
            pairs(path, below_a, below_b, found);
            let told = found[before..].iter().any(|c| c.kind != Kind::Same);
            if facts(a) != facts(b) || own == Kind::Changed && !told {
                let (a, b) = (Some(ValueThere::new(a)), Some(ValueThere::new(b)));
                let path = path.to_owned();
                let kind = Kind::Changed;
                found.insert(before, Change { path, kind, a, b });
            }
        }
        (Some(_), None) => push(Kind::Removed),
        (None, Some(_)) => push(Kind::Added),
        (None, None) => {}
    }
}

/// What the members of a value do not tell.
fn facts(node: Node<'_>) -> (Option<&str>, Option<&str>, Option<u64>) {
    (node.type_name(), node.status(), node.count())
}

/// How two values differ, whatever is below them.
fn own(a: Node<'_>, b: Node<'_>) -> Kind {
    if facts(a) != facts(b) {
        return Kind::Changed;
    }
    match (a.text(), b.text()) {
        (x, y) if x == y && a.addr() == b.addr() => Kind::Same,
        (x, y) if x == y => Kind::Address,
        (Some(x), Some(y)) if without_addresses(x) == without_addresses(y) => Kind::Address,
        _ => Kind::Changed,
    }
}

/// `text` with every address but null as `0x`. What stands in quotes is the program's own text.
fn without_addresses(text: &str) -> Vec<u8> {
    let text = text.as_bytes();
    let mut plain: Vec<u8> = Vec::with_capacity(text.len());
    let mut quote = None;
    let mut at = 0;
    while at < text.len() {
        let from = at;
        at += 1;
        match (text[from], quote) {
            (b'\\', Some(_)) => at = text.len().min(at + 1),
            (c, Some(open)) if c == open => quote = None,
            (c @ (b'"' | b'\''), None) => quote = Some(c),
            (b'0', None)
                if text[at..].starts_with(b"x")
                    && !plain.last().is_some_and(u8::is_ascii_alphanumeric) =>
            {
                let digits = &text[at + 1..];
                let digits = digits.iter().take_while(|d| d.is_ascii_hexdigit());
                let null = digits.clone().all(|d| *d == b'0');
                at += 1 + digits.count();
                plain.extend_from_slice(if null { b"0x0" } else { b"0x" });
                continue;
            }
            _ => {}
        }
        plain.extend_from_slice(&text[from..at]);
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    fn int(n: i64) -> Value {
        json!({"type": "int", "value": n.to_string()})
    }

    /// `kind path` of what is not the same.
    fn told(a: Value, b: Value) -> Vec<String> {
        let changes = changes(&map(a), &map(b));
        let changes = changes.iter().filter(|c| c.kind != Kind::Same);
        changes
            .map(|c| format!("{:?} {}", c.kind, c.path))
            .collect()
    }

    #[test]
    fn leaves_are_told_by_their_paths() {
        let point = |x, y| json!({"type": "P", "value": format!("{{x = {x}, y = {y}}}"), "x": int(x), "y": int(y)});
        assert_eq!(
            told(json!({"p": point(1, 2)}), json!({"p": point(1, 3)})),
            ["Changed p.y"]
        );
        let vector = |n: i64| {
            let mut v = map(json!({"type": "V", "value": format!("{n} elements")}));
            v.extend((0..n).map(|i| (format!("[{i}]"), int(i))));
            Value::Object(v)
        };
        assert_eq!(
            told(json!({"v": vector(2)}), json!({"v": vector(4)})),
            ["Added v[2]", "Added v[3]"]
        );
        assert_eq!(
            told(json!({"v": vector(0)}), json!({"v": vector(4)})),
            ["Changed v"]
        );
        assert_eq!(
            told(json!({"a": int(1), "b": int(2)}), json!({"b": int(2)})),
            ["Removed a"]
        );
        let cut = |n| json!({"type": "V", "value": "{0...}", "status": "truncated", "count": n, "[0]": int(0)});
        assert_eq!(
            told(json!({"v": cut(9)}), json!({"v": cut(10)})),
            ["Changed v"]
        );
        let some = json!({"type": "O", "value": "Some(1)", "0": int(1)});
        assert_eq!(
            told(
                json!({"o": some}),
                json!({"o": {"type": "O", "value": "None"}})
            ),
            ["Changed o"]
        );
    }

    #[test]
    fn addresses_come_last_and_null_is_none() {
        let pointer = |text: &str| json!({"type": "T *", "value": text});
        let a = json!({"p": pointer("0x7f01"), "n": int(1), "q": pointer("0x0"), "s": pointer("{next = 0x10, c = \"0x1\"}")});
        let b = json!({"p": pointer("0x7f02"), "n": int(2), "q": pointer("0x1"), "s": pointer("{next = 0x20, c = \"0x1\"}")});
        assert_eq!(
            told(a, b),
            ["Changed n", "Changed q", "Address p", "Address s"]
        );
        let text = |inside: &str| json!({"s": {"type": "char *", "value": inside, "addr": "0x1"}});
        assert_eq!(told(text("\"0x1\""), text("\"0x2\"")), ["Changed s"]);
        let moved = json!({"s": {"type": "char *", "value": "\"0x1\"", "addr": "0x9"}});
        assert_eq!(told(text("\"0x1\""), moved), ["Address s"]);
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = (
            "[a-c]",
            prop_oneof![Just("0x0"), Just("0x12"), Just("7"), Just("\"a\\\"0")],
        );
        let leaf = leaf.prop_map(|(t, v)| json!({"type": t, "value": v}));
        leaf.prop_recursive(3, 20, 4, |inner| {
            (
                prop::collection::btree_map("[a-c]|\\[[0-2]\\]", inner, 0..4),
                "[a-b]",
            )
                .prop_map(|(below, text)| {
                    let mut value = map(json!({"type": "T", "value": text}));
                    value.extend(below);
                    Value::Object(value)
                })
        })
    }

    fn values() -> impl Strategy<Value = Map<String, Value>> {
        prop::collection::btree_map("[a-d]", value(), 0..4)
            .prop_map(|all| all.into_iter().collect())
    }

    proptest! {
        #[test]
        fn it_reads_the_same_from_both_sides(a in values(), b in values()) {
            let turned = |change: Change| {
                let kind = match change.kind {
                    Kind::Added => Kind::Removed,
                    Kind::Removed => Kind::Added,
                    kind => kind,
                };
                (change.path, kind, format!("{:?} {:?}", change.b, change.a))
            };
            let mut there: Vec<_> = changes(&a, &b).into_iter().map(|c| (c.path, c.kind, format!("{:?} {:?}", c.a, c.b))).collect();
            let mut back: Vec<_> = changes(&b, &a).into_iter().map(turned).collect();
            there.sort();
            back.sort();
            prop_assert_eq!(there, back);
        }

        #[test]
        fn nothing_differs_only_where_nothing_does(a in values(), b in values()) {
            prop_assert!(changes(&a, &a).iter().all(|c| c.kind == Kind::Same));
            if Value::Object(a.clone()) != Value::Object(b.clone()) {
                prop_assert!(changes(&a, &b).iter().any(|c| c.kind != Kind::Same));
            }
        }

        #[test]
        fn any_text_is_looked_through(text in "\\PC{0,20}") {
            let _ = without_addresses(&text);
        }
    }
}
