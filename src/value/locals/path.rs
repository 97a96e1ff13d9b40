//! One value of a hit, found in the text of its `locals_json` without reading
//! the rest, so that a million hits can be asked in a second.
//!
//! ```text
//! {"n":{"type":"int","value":"3"},"p":{"type":"P","value":"{x = 7}","x":{"type":"int","value":"7"}}}
//!  └─ skipped ─────────────────┘  └─ entered ─────────────────────┘  └─ `p.x`, as it stands ────┘
//! ```

use std::borrow::Cow;

use memchr::memchr2;
use memchr::memmem::Finder;

use super::key;
use crate::value::number::Number;

/// A path to a value: `n`, `p.x`, `a[0].name`, `m["a.b"]`.
///
/// `->` separates as `.` does; a dot at the start changes nothing.
#[derive(Clone, Debug)]
pub struct Path {
    steps: Vec<String>,
    /// How the first step stands in JSON: a text without it has no such value.
    needle: Option<Box<Finder<'static>>>,
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.steps == other.steps
    }
}

impl Eq for Path {}

/// A value as it stands in a hit, its escapes resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found<'a> {
    /// One line, as a person reads it.
    pub text: Cow<'a, str>,
    /// The type's name; empty when it was not recorded.
    pub type_name: Cow<'a, str>,
    /// What is not whole about it: the text of a [`Status`](crate::value::Status).
    pub status: Option<Cow<'a, str>>,
}

impl Found<'_> {
    /// The same without the text that it was found in.
    #[must_use]
    pub fn into_owned(self) -> Found<'static> {
        Found {
            text: self.text.into_owned().into(),
            type_name: self.type_name.into_owned().into(),
            status: self.status.map(|status| status.into_owned().into()),
        }
    }

    /// The value as a number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<Number> {
        Number::read(&self.text)
    }

    /// For a person: what has no text says why.
    #[must_use]
    pub fn shown(&self) -> Cow<'_, str> {
        match &self.status {
            Some(status) if self.text.is_empty() => Cow::Owned(format!("<{status}>")),
            _ => Cow::Borrowed(&self.text),
        }
    }

    /// Whether something was read, be it only a part.
    #[must_use]
    pub fn was_read(&self) -> bool {
        let status = self.status.as_deref();
        !matches!(status, Some("optimized-out" | "unavailable" | "error"))
    }
}

impl Path {
    /// Reads a path. An empty one finds nothing in `locals_json`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self::of(steps(text))
    }

    fn of(steps: Vec<String>) -> Self {
        // Other characters can be written in more than one way.
        let plain = |name: &String| {
            name.bytes()
                .all(|b| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\')
        };
        let first = steps.first().filter(|name| plain(name));
        // With or without a dot before it.
        let needle = first.map(|name| match key::other_of_member(name) {
            None => format!("\"{name}\""),
            Some(_) => format!("{name}\""),
        });
        Self {
            needle: needle.map(|needle| Box::new(Finder::new(&needle).into_owned())),
            steps,
        }
    }

    /// The names on the way, outermost first.
    pub(crate) fn steps(&self) -> &[String] {
        &self.steps
    }

    /// The value in the text of a `locals_json`.
    ///
    /// Of two entries with one name, which no recorder writes, the first is
    /// meant. What comes behind the value is not looked at, whatever it is.
    #[must_use]
    pub fn find<'a>(&self, json: &'a str) -> Option<Found<'a>> {
        let (first, members) = self.steps.split_first()?;
        if let Some(needle) = &self.needle {
            needle.find(json.as_bytes())?;
        }
        let inside = Scanner::new(json).member(first)?;
        members
            .iter()
            .try_fold(inside, |inside, name| inside.member(name))?
            .value()
    }

    /// The value in the text of one value, as `watch_evals.value_json` has it;
    /// with an empty path, that value itself.
    #[must_use]
    pub fn find_within<'a>(&self, json: &'a str) -> Option<Found<'a>> {
        let steps = self.steps.iter();
        let mut steps = steps.map(String::as_str);
        steps
            .try_fold(Scanner::new(json), |inside, name| inside.member(name))?
            .value()
    }
}

/// `a[0].x` → `a`, `[0]`, `x`. A dot inside brackets separates nothing, nor
/// does a bracket inside quotes.
pub(crate) fn steps(path: &str) -> Vec<String> {
    let mut steps = vec![String::new()];
    let mut inside = false;
    let mut quote = None;
    let mut chars = path.chars().peekable();
    while let Some(c) = chars.next() {
        let last = steps.len() - 1;
        match c {
            '.' if !inside => steps.push(String::new()),
            '-' if !inside && chars.next_if_eq(&'>').is_some() => steps.push(String::new()),
            '[' if !inside => {
                inside = true;
                steps.push(c.to_string());
            }
            '\\' if quote.is_some() => {
                steps[last].push(c);
                steps[last].extend(chars.next());
            }
            c => {
                match quote {
                    Some(open) if open == c => quote = None,
                    None if inside && matches!(c, '"' | '\'') => quote = Some(c),
                    _ => {}
                }
                inside &= quote.is_some() || c != ']';
                steps[last].push(c);
            }
        }
    }
    steps.retain(|step| !step.is_empty());
    steps
}

/// A place in JSON text.
#[derive(Clone, Copy)]
struct Scanner<'a> {
    json: &'a str,
    at: usize,
}

/// A string between its quotes: where it is, its escapes as they stand.
#[derive(Clone, Copy)]
struct Quoted {
    start: usize,
    end: usize,
    escaped: bool,
}

impl<'a> Scanner<'a> {
    const fn new(json: &'a str) -> Self {
        Self { json, at: 0 }
    }

    fn member(self, name: &str) -> Option<Self> {
        let found = self.entry(key::of_member(name));
        // Most names have one key; the few others may stand for a fact.
        let Some(other) = key::other_of_member(name) else {
            return found;
        };
        let is_value = |mut found: Self| (found.peek() == Some(b'{')).then_some(found);
        found
            .and_then(is_value)
            .or_else(|| self.entry(other).and_then(is_value))
    }

    /// From before an object to before the value of one of its entries.
    fn entry(mut self, name: &str) -> Option<Self> {
        self.take(b'{')?;
        loop {
            let key = self.key()?;
            if self.is(key, name) {
                return Some(self);
            }
            self.skip()?;
            self.take(b',')?;
        }
    }

    /// From before an object that stands for a value.
    fn value(mut self) -> Option<Found<'a>> {
        self.take(b'{')?;
        let (mut text, mut type_name, mut status) = (None, None, None);
        loop {
            let key = self.key()?;
            let slot = match key::fact(self.json.get(key.start..key.end)?) {
                Some("value") => &mut text,
                Some("type") => &mut type_name,
                Some("status") => &mut status,
                _ => &mut None,
            };
            match (self.peek()?, &slot) {
                (b'"', None) => *slot = Some(self.string()?),
                _ => self.skip()?,
            }
            if self.take(b',').is_none() {
                break;
            }
        }
        Some(Found {
            text: self.text(text?)?,
            type_name: type_name
                .and_then(|quoted| self.text(quoted))
                .unwrap_or_default(),
            status: status.and_then(|quoted| self.text(quoted)),
        })
    }

    const fn bytes(&self) -> &'a [u8] {
        self.json.as_bytes()
    }

    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes().get(self.at)?;
            if !byte.is_ascii_whitespace() {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn key(&mut self) -> Option<Quoted> {
        self.peek()?;
        let key = self.string()?;
        self.take(b':')?;
        Some(key)
    }

    /// From an opening quote to behind the closing one.
    #[inline]
    fn string(&mut self) -> Option<Quoted> {
        let bytes = self.bytes();
        if bytes.get(self.at) != Some(&b'"') {
            return None;
        }
        let start = self.at + 1;
        let mut end = start;
        let mut escaped = false;
        loop {
            end += quote_or_backslash(bytes.get(end..)?)?;
            if bytes[end] == b'"' {
                break;
            }
            escaped = true;
            end += 2;
        }
        self.at = end + 1;
        Some(Quoted {
            start,
            end,
            escaped,
        })
    }

    /// Over a value of any kind.
    fn skip(&mut self) -> Option<()> {
        self.peek()?;
        let mut depth = 0_usize;
        loop {
            match *self.bytes().get(self.at)? {
                b'"' => {
                    self.string()?;
                    if depth == 0 {
                        return Some(());
                    }
                    continue;
                }
                b'{' | b'[' => depth += 1,
                // The end of what a number or a word stands in.
                b',' | b'}' | b']' if depth == 0 => return Some(()),
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += 1;
                        return Some(());
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    fn is(&self, key: Quoted, name: &str) -> bool {
        match self.bytes().get(key.start..key.end) {
            Some(text) if !key.escaped => text == name.as_bytes(),
            Some(text) if text.len() > name.len() => {
                self.text(key).is_some_and(|text| text == name)
            }
            _ => false,
        }
    }

    fn text(&self, quoted: Quoted) -> Option<Cow<'a, str>> {
        let text = self.json.get(quoted.start..quoted.end)?;
        if quoted.escaped {
            unescape(text).map(Cow::Owned)
        } else {
            Some(Cow::Borrowed(text))
        }
    }
}

/// Where the first of them is. Nearly all strings are short, for which eight
/// bytes at a time are quicker than setting out to search.
#[inline]
fn quote_or_backslash(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    // Marks the first byte that is zero; behind it, marks mean nothing.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let (words, _) = bytes.as_chunks::<8>();
    for (i, word) in words.iter().take(4).enumerate() {
        let word = u64::from_le_bytes(*word);
        let marks = zero(word ^ (ONES * u64::from(b'"'))) | zero(word ^ (ONES * u64::from(b'\\')));
        if marks != 0 {
            return Some(i * 8 + marks.trailing_zeros() as usize / 8);
        }
    }
    let searched = words.len().min(4) * 8;
    Some(searched + memchr2(b'"', b'\\', &bytes[searched..])?)
}

fn unescape(inside: &str) -> Option<String> {
    serde_json::from_str(&format!("\"{inside}\"")).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;

    fn find(json: &str, path: &str) -> Option<String> {
        Path::new(path).find(json).map(|found| found.text.into())
    }

    #[test]
    fn a_field_is_found_by_its_path() {
        let json = r#" {"p": {"type": "P", "value": "{x = 3, type = 1}",
            "x": {"type": "int", "value": "3"}, ".type": {"type": "int", "value": "1"}},
            "a": {"type": "int [1]", "value": "{7}", "[0]": {"type": "int", "value": "7"}},
            "odd": 3, "list": [1, {"x": "]"}], "m": {"type": "map", "value": "..",
                "[\"a.b\"]": {"type": "int", "value": "9"}, "[\"]\\\"\"]": {"value": "10"}},
            "s": {"type": "char *", "value": "\"a\\\"b\u00e4\""}, ".value": {"value": "11"}}"#;
        for (path, expected) in [
            ("p.x", Some("3")),
            (".p.x", Some("3")),
            ("p->x", Some("3")),
            ("p.type", Some("1")),
            ("p", Some("{x = 3, type = 1}")),
            ("a[0]", Some("7")),
            ("m[\"a.b\"]", Some("9")),
            (r#"m["]\""]"#, Some("10")),
            ("s", Some("\"a\\\"bä\"")),
            ("value", Some("11")),
            ("p.y", None),
            ("p.value", None),
            ("odd", None),
            ("list", None),
            ("list.x", None),
            ("", None),
        ] {
            assert_eq!(find(json, path).as_deref(), expected, "{path}");
        }
        assert_eq!(find("not json", "p"), None);
        assert_eq!(
            find(r#"{"type": {"value": "dbg"}}"#, "type").as_deref(),
            Some("dbg")
        );
    }

    #[test]
    fn a_value_comes_with_its_type_and_status() {
        let json = r#"{"s":{"type":"S","value":"{}",".status":"truncated","status":{"value":"1"}},
            "gone":{"type":"int","value":"<optimized out>","status":"optimized-out"}}"#;
        let s = Path::new("s").find(json).unwrap();
        assert_eq!(
            (&*s.type_name, s.status.as_deref()),
            ("S", Some("truncated"))
        );
        assert!(s.was_read());
        assert_eq!(find(json, "s.status").as_deref(), Some("1"));
        assert!(!Path::new("gone").find(json).unwrap().was_read());
    }

    #[test]
    fn a_watch_is_one_value() {
        let json = r#"{"type":"P","value":"{x = 3}","x":{"type":"int","value":"3"}}"#;
        let text = |path| Path::new(path).find_within(json).map(|found| found.text);
        assert_eq!(text("").as_deref(), Some("{x = 3}"));
        assert_eq!(text(".x").as_deref(), Some("3"));
        assert_eq!(text("y"), None);
    }

    /// What the scanner must agree with.
    fn parsed(values: &Map<String, Value>, path: &Path) -> Option<String> {
        let mut inside: Option<&Value> = None;
        for step in &path.steps {
            let of = match inside {
                None => values,
                Some(value) => value.as_object()?,
            };
            inside = Some(match (step.as_str(), other_key(step)) {
                (_, None) => of.get(step)?,
                (name, Some(other)) => {
                    let first = if other == name {
                        format!(".{name}")
                    } else {
                        name.to_owned()
                    };
                    let found = [of.get(&first), of.get(other)];
                    found
                        .into_iter()
                        .flatten()
                        .find(|value| value.is_object())?
                }
            });
        }
        inside?.get("value")?.as_str().map(str::to_owned)
    }

    /// What else a member may be called, spelled out once more.
    fn other_key(name: &str) -> Option<&'static str> {
        let known = [
            ("type", "type"),
            ("value", "value"),
            ("status", ".status"),
            ("count", ".count"),
            ("addr", ".addr"),
            ("arg", ".arg"),
        ];
        let found = known.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, other)| other)
    }

    fn key() -> impl Strategy<Value = String> {
        const KNOWN: &[&str] = &[
            "a",
            "b",
            "type",
            "value",
            ".type",
            "status",
            ".status",
            "arg",
            "[0]",
            "[\"a.b\"]",
            "ä\n",
            "",
        ];
        let known = prop::sample::select(KNOWN).prop_map(str::to_owned);
        prop_oneof![4 => known, 1 => any::<String>()]
    }

    fn anything() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<String>().prop_map(Value::from),
            "[a-z\\\\\"{}\\[\\],:]{0,12}".prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            Just(json!(true)),
            Just(Value::Null),
        ];
        leaf.prop_recursive(4, 64, 6, |inner| {
            prop_oneof![
                1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                4 => prop::collection::vec((key(), inner), 0..6)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_scanner_says_what_a_parser_says(
            entries in prop::collection::vec((key(), anything()), 0..6),
            path in prop::collection::vec(key(), 0..4),
            pretty in any::<bool>(),
        ) {
            let values: Map<String, Value> = entries.into_iter().collect();
            let json = if pretty { serde_json::to_string_pretty(&values) } else { serde_json::to_string(&values) };
            let path = Path::of(path);
            let json = json.unwrap();
            let found = path.find(&json).map(|found| found.text.into_owned());
            prop_assert_eq!(found, parsed(&values, &path));
        }

        #[test]
        fn no_text_makes_it_panic(json in "[a\\\\\"{}\\[\\]:, ä]{0,30}", path in any::<String>()) {
            let _ = Path::new(&path).find(&json);
            let _ = Path::new("a").find(&json);
        }

        #[test]
        fn every_member_is_found_by_the_path_to_it(names in prop::collection::vec("[a-z_]{1,4}(\\[[0-9]\\]){0,2}", 1..4)) {
            let path = names.join(".");
            let mut json = r#"{"value":"here"}"#.to_owned();
            for step in steps(&path).iter().rev() {
                let name = if matches!(step.as_str(), "type" | "value") { format!(".{step}") } else { step.clone() };
                json = format!("{{{name:?}:{json}}}");
            }
            let found = find(&json, &path);
            prop_assert_eq!(found.as_deref(), Some("here"));
        }
    }
}
