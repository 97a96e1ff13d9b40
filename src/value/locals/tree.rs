//! A value as `locals_json` has it, read as a tree: its own text, and the members below it.

use serde_json::{Map, Value};

use super::key;
use super::path::Path;
use crate::value::number::Number;

/// A value with what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a>(pub &'a Value);

impl<'a> Node<'a> {
    /// Its text, if it has one.
    #[must_use]
    pub fn text(self) -> Option<&'a str> {
        self.0.get("value")?.as_str()
    }

    /// Its type, if known.
    #[must_use]
    pub fn type_name(self) -> Option<&'a str> {
        self.0.get("type")?.as_str()
    }

    /// Why it is not whole: `optimized-out`, `truncated`, …
    #[must_use]
    pub fn status(self) -> Option<&'a str> {
        self.fact("status")?.as_str()
    }

    /// How many elements there really are, where cut short.
    #[must_use]
    pub fn count(self) -> Option<u64> {
        self.fact("count")?.as_u64()
    }

    /// Where a C string is.
    #[must_use]
    pub fn addr(self) -> Option<&'a str> {
        self.fact("addr")?.as_str()
    }

    /// Whether it is an argument of the function.
    #[must_use]
    pub fn is_arg(self) -> bool {
        self.fact("arg") == Some(&Value::Bool(true))
    }

    /// The value as a number, if it is one and was read.
    #[must_use]
    pub fn number(self) -> Option<Number> {
        self.read().and_then(Number::read)
    }

    /// Its text, unless that only says why there is none.
    #[must_use]
    pub fn read(self) -> Option<&'a str> {
        let gone = matches!(
            self.status(),
            Some("optimized-out" | "unavailable" | "error")
        );
        self.text().filter(|_| !gone)
    }

    /// The member at a path; the value itself at an empty one.
    #[must_use]
    pub fn at(self, path: &str) -> Option<Self> {
        let path = Path::new(path);
        let mut steps = path.steps().iter();
        steps.try_fold(self, |node, step| {
            node.0.as_object().and_then(|of| member(of, step))
        })
    }

    /// What only some values have; where a member has its name, it stands under another key.
    fn fact(self, fact: &str) -> Option<&'a Value> {
        match self.0.get(fact) {
            Some(Value::Object(_)) => self.0.get(key::of_fact(fact, true)),
            found => found,
        }
    }

    /// Its members and elements, with the names that the program gives them.
    pub fn members(self) -> impl Iterator<Item = (&'a str, Node<'a>)> {
        self.0.as_object().into_iter().flat_map(members)
    }
}

/// The values of a hit, or the members of one of them: what describes the value itself is no object.
pub fn members(of: &Map<String, Value>) -> impl Iterator<Item = (&str, Node<'_>)> {
    let members = of.iter().filter(|(_, value)| value.is_object());
    members.map(|(key, value)| (key::name(key), Node(value)))
}

/// The values of a hit with the names that the program gives them, whatever stands there:
/// another tool may write bare values.
pub fn all(of: &Map<String, Value>) -> impl Iterator<Item = (&str, &Value)> {
    of.iter().map(|(key, value)| (key::name(key), value))
}

/// A value's text; `<optimized-out>` and the like when there is none.
#[must_use]
pub fn shown(value: &Value) -> String {
    let node = Node(value);
    match (node.text(), node.status()) {
        (Some("") | None, Some(status)) => format!("<{status}>"),
        (Some(text), _) => text.to_owned(),
        (None, None) => match value {
            Value::String(text) => text.clone(),
            Value::Object(_) => "{…}".to_owned(),
            other => other.to_string(),
        },
    }
}

/// One of them by its name.
fn member<'a>(of: &'a Map<String, Value>, name: &str) -> Option<Node<'a>> {
    let keys = [Some(key::of_member(name)), key::other_of_member(name)];
    let mut values = keys.into_iter().flatten().filter_map(|key| of.get(key));
    values.find(|value| value.is_object()).map(Node)
}

/// The value of a hit by its name or its path.
#[must_use]
pub fn find<'a>(values: &'a Map<String, Value>, path: &str) -> Option<Node<'a>> {
    member(values, path).or_else(|| {
        let path = Path::new(path);
        let (first, rest) = path.steps().split_first()?;
        let mut rest = rest.iter();
        rest.try_fold(member(values, first)?, |node, step| {
            node.0.as_object().and_then(|of| member(of, step))
        })
    })
}

/// The path of a member: `p` and `x` make `p.x`, `a` and `[0]` make `a[0]`.
#[must_use]
pub fn join(path: &str, name: &str) -> String {
    match (path, name) {
        ("", name) => name.to_owned(),
        (path, name) if name.starts_with('[') => format!("{path}{name}"),
        (path, name) => format!("{path}.{name}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_may_be_called_as_our_own_keys_are() {
        let value = json!({"type": "T", "value": "{…}", "status": {"type": "int", "value": "1"},
            ".status": "truncated", ".type": {"type": "int", "value": "2"}, "count": 7});
        let node = Node(&value);
        let names: Vec<&str> = node.members().map(|(name, _)| name).collect();
        assert_eq!(names, ["status", "type"]);
        assert_eq!(node.status(), Some("truncated"));
        assert_eq!((node.count(), node.type_name()), (Some(7), Some("T")));
        assert_eq!(join(&join("p", "a"), "[0]"), "p.a[0]");
        assert_eq!(node.at("status").and_then(Node::text), Some("1"));
        let values = Map::from_iter([("v".to_owned(), value)]);
        assert_eq!(find(&values, "v.type").and_then(Node::text), Some("2"));
        assert!(find(&values, "v.count").is_none() && find(&values, "").is_none());
    }
}
