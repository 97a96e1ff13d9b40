//! Reads `locals_json` back, and no more of it than a question can bear.
//!
//! A hit as the recorder's usual settings make it is read whole. A file may come from anywhere,
//! and hold a hit of a million values or of a text that fills the memory: of such a hit the first
//! values are read, and it is said how much is not.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::key;
use crate::interrupt::{self, Interrupted};

/// Values of a hit, members and elements included.
const MOST_VALUES: usize = 100_000;
/// Bytes of one text.
const MOST_TEXT: usize = 1 << 20;
/// Bytes of all texts of a hit, names and types included.
const MOST_TEXTS: usize = 32 << 20;
/// Members of members. Deeper than anybody reads, and what a thread's stack bears.
const MOST_DEPTH: usize = 100;
/// Values between two looks at Ctrl-C.
const LOOK: usize = 1024;

/// The values of a hit, or the members of one value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Locals {
    /// Name → `{"type", "value", …}`.
    pub values: Map<String, Value>,
    /// What is not there and why, as a sentence's part.
    pub problem: Option<String>,
}

/// Reads an object of values; null and an empty text have none.
///
/// # Errors
/// When Ctrl-C was pressed.
pub(crate) fn read(json: Option<&[u8]>) -> Result<Locals, Interrupted> {
    read_at(0, json)
}

/// Reads one value: its facts and members.
///
/// # Errors
/// When Ctrl-C was pressed.
pub(crate) fn read_value(json: Option<&[u8]>) -> Result<Locals, Interrupted> {
    read_at(1, json)
}

fn read_at(depth: usize, json: Option<&[u8]>) -> Result<Locals, Interrupted> {
    let Some(json) = json.filter(|json| !json.is_empty()) else {
        return Ok(Locals::default());
    };
    let mut budget = Budget::default();
    let mut reader = serde_json::Deserializer::from_slice(json);
    let read = Part {
        budget: &mut budget,
        depth,
    }
    .deserialize(&mut reader);
    interrupt::check()?;
    let damaged = |why: String| Locals {
        values: Map::new(),
        problem: Some(format!("its values cannot be read: {why}")),
    };
    Ok(match read.and_then(|value| reader.end().map(|()| value)) {
        Ok(Value::Object(values)) => Locals {
            values,
            problem: budget.problem(),
        },
        Ok(_) => damaged("no JSON object".into()),
        Err(e) => damaged(e.to_string()),
    })
}

/// A text, cut where it is longer than anybody reads.
pub(crate) fn short(text: &str) -> Cow<'_, str> {
    if text.len() <= MOST_TEXT {
        return text.into();
    }
    let mut end = MOST_TEXT;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (text[..end].to_owned() + CUT).into()
}

/// Stands where a text goes on.
const CUT: &str = "...";

/// What was read, and what was not.
#[derive(Default)]
struct Budget {
    values: usize,
    texts: usize,
    left_out: usize,
    cut: usize,
}

impl Budget {
    /// Whether one more value may be read.
    fn has_room(&self, depth: usize) -> bool {
        self.values <= MOST_VALUES && self.texts < MOST_TEXTS && depth < MOST_DEPTH
    }

    /// As much of a text as may be kept.
    fn keep(&mut self, text: &str) -> String {
        self.texts += text.len().min(MOST_TEXT);
        self.cut += usize::from(text.len() > MOST_TEXT);
        short(text).into_owned()
    }

    fn problem(&self) -> Option<String> {
        let mut parts = Vec::new();
        match self.left_out {
            0 => {}
            1 => parts.push("one value is left out".to_owned()),
            n => parts.push(format!("{n} values with all below them are left out")),
        }
        match self.cut {
            0 => {}
            1 => parts.push("one text is cut".to_owned()),
            n => parts.push(format!("{n} texts are cut")),
        }
        (!parts.is_empty())
            .then(|| parts.join(", ") + ", for there is too much; `sql` reads it all")
    }
}

/// One value, or whatever else stands in its place.
struct Part<'b> {
    budget: &'b mut Budget,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(self.budget.keep(text).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        // Nothing of ours; but another tool's, which `--json` passes on.
        let mut read = Vec::new();
        while self.budget.has_room(self.depth) {
            let next = list.next_element_seed(Part {
                budget: self.budget,
                depth: self.depth + 1,
            })?;
            let Some(value) = next else {
                return Ok(read.into());
            };
            self.budget.values += 1;
            read.push(value);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            self.budget.left_out += 1;
        }
        Ok(read.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let Self { budget, depth } = self;
        let mut read = Map::new();
        let mut is_whole = true;
        while let Some(name) = members.next_key::<String>()? {
            let is_fact = key::fact(&name).is_some();
            budget.values += usize::from(!is_fact);
            if budget.values.is_multiple_of(LOOK) && interrupt::pressed() {
                return Err(A::Error::custom(Interrupted));
            }
            if !is_fact && !budget.has_room(depth) {
                members.next_value::<IgnoredAny>()?;
                budget.left_out += 1;
                is_whole = false;
                continue;
            }
            let cut = budget.cut;
            let value = members.next_value_seed(Part {
                budget,
                depth: depth + 1,
            })?;
            is_whole &= !value.is_string() || budget.cut == cut;
            let name = budget.keep(&name);
            // Of two of one name the first counts, as for SQLite and for paths.
            read.entry(name).or_insert(value);
        }
        if !is_whole && depth > 0 {
            mark(&mut read);
        }
        Ok(read.into())
    }
}

/// Marks a value as not whole, as the recorder would have.
fn mark(value: &mut Map<String, Value>) {
    let member = value.get("status").is_some_and(Value::is_object);
    let key = key::of_fact("status", member);
    value.entry(key).or_insert("truncated".into());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_all(json: &Value) -> Locals {
        read(Some(json.to_string().as_bytes())).unwrap()
    }

    fn int(n: usize) -> Value {
        json!({"type": "int", "value": n.to_string()})
    }

    #[test]
    fn what_the_recorder_writes_is_read_whole() {
        let members = json!({"type": "T", "value": "{…}", "arg": true, "count": 3,
            ".status": "truncated", "status": int(1), "[0]": int(2), "list": [1, 2.5, null, "x"]});
        for values in [json!({}), json!({"a": int(1), "t": members})] {
            let found = read_all(&values);
            assert_eq!((Value::Object(found.values), found.problem), (values, None));
        }
        assert_eq!(read(None).unwrap(), Locals::default());
        assert_eq!(read(Some(b"")).unwrap(), Locals::default());
    }

    #[test]
    fn of_two_of_one_name_the_first_counts() {
        let found = read(Some(br#"{"a": {"value": "1"}, "a": {"value": "2"}}"#)).unwrap();
        assert_eq!(found.values["a"], json!({"value": "1"}));
    }

    #[test]
    fn too_many_values_are_left_out_and_counted() {
        let mut array: Map<String, Value> = (0..MOST_VALUES + 10)
            .map(|i| (format!("[{i}]"), int(i)))
            .collect();
        array.insert("status".into(), int(0));
        let found = read_all(&json!({"a": array, "b": int(1)}));
        let a = found.values["a"].as_object().unwrap();
        assert_eq!(
            (a.len(), &a[".status"]),
            (MOST_VALUES + 1, &json!("truncated"))
        );
        let problem = found.problem.unwrap();
        assert!(
            problem.starts_with("12 values with all below them are left out,"),
            "{problem}"
        );
        assert!(!found.values.contains_key("b"));
    }

    #[test]
    fn long_texts_are_cut_and_marked() {
        let text = "é".repeat(MOST_TEXT);
        let found = read_all(&json!({"a": {"type": "char *", "value": text}, "b": int(1)}));
        let a = found.values["a"].as_object().unwrap();
        assert_eq!(a["status"], "truncated");
        assert_eq!(a["value"].as_str().unwrap().len(), MOST_TEXT + 3);
        assert_eq!(found.values["b"], int(1));
        assert!(found.problem.unwrap().starts_with("one text is cut,"));
        let many: Map<String, Value> = (0..40)
            .map(|i| (i.to_string(), json!({"value": "x".repeat(MOST_TEXT)})))
            .collect();
        let found = read_all(&many.into());
        assert_eq!(found.values.len(), MOST_TEXTS / MOST_TEXT);
        assert!(found.problem.unwrap().starts_with("8 values"));
    }

    #[test]
    fn deep_members_are_left_out_and_counted() {
        let (open, close) = (r#"{"type":"T","value":"v","next":"#, "}");
        let json = format!(r#"{{"a":{}null{}}}"#, open.repeat(5000), close.repeat(5000));
        let found = read(Some(json.as_bytes())).unwrap();
        assert!(found.problem.unwrap().starts_with("one value is left out"));
        assert_eq!(found.values["a"]["next"]["value"], "v");
    }

    #[test]
    fn what_is_no_object_is_said() {
        for json in ["[1]", "3", "{\"a\": ", "{} {}", "\u{fffd}"] {
            let found = read(Some(json.as_bytes())).unwrap();
            assert!(found.values.is_empty());
            assert!(
                found
                    .problem
                    .unwrap()
                    .starts_with("its values cannot be read: "),
                "{json}"
            );
        }
    }
}
