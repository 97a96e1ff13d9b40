//! The values of a hit, taken apart into what can be compared: each by itself,
//! never the summaries in which they are repeated.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::hash;
use crate::interrupt;

/// No leaf: the parent of a variable.
const NONE: u32 = u32::MAX;
/// Stands for the index or key of an element where all are taken together.
pub(super) const ELEMENT: &str = "[…]";
/// Fewer digits inside a text may be any hexadecimal number.
const EMBEDDED_DIGITS: usize = 9;

/// What a value is to a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its text says it all.
    Plain,
    /// An address: it is null, or it is not.
    Pointer,
    /// Its members say it; of its own text only what stands before them counts.
    Parent,
}

/// How much of a value can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    Whole,
    /// Only its head was read.
    Cut,
    /// Optimized out, unavailable, failed, uninitialized: no difference to anything.
    Nothing,
}

/// One value, member or element.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// Of its path.
    pub path: u64,
    /// Of its path with all elements taken together.
    pub field: u64,
    /// Of what counts of its value.
    pub value: u64,
    pub kind: Kind,
    pub trust: Trust,
    name: Range<u32>,
    text: Range<u32>,
    type_name: Range<u32>,
    parent: u32,
}

/// The values of one hit; kept and filled again for the next.
#[derive(Debug, Default)]
pub(super) struct Leaves {
    pub list: Vec<Leaf>,
    scratch: String,
}

impl Leaves {
    /// Takes `locals_json` apart. What is no JSON object has no values.
    pub(super) fn read(&mut self, json: &str) {
        self.clear();
        self.add(json, None);
    }

    pub(super) fn clear(&mut self) {
        self.list.clear();
        self.scratch.clear();
    }

    /// Adds an object of values, or, with a name, one value.
    pub(super) fn add(&mut self, json: &str, name: Option<&str>) {
        let before = self.list.len();
        let mut reader = serde_json::Deserializer::from_str(json);
        let read = match name {
            None => reader.deserialize_map(Top(self)).is_ok(),
            Some(name) => Member::new(self, name, NONE)
                .deserialize(&mut reader)
                .is_ok_and(|own| own.is_none()),
        };
        if !read {
            self.list.truncate(before);
        }
        self.settle(before);
    }

    /// Adds a value of which only the text is known.
    pub(super) fn add_text(&mut self, name: &str, type_name: &str, text: &str) {
        let before = self.list.len();
        let at = self.open(name, NONE);
        self.list[at].text = self.keep(text);
        self.list[at].type_name = self.keep(type_name);
        self.settle(before);
    }

    pub(super) fn name(&self, leaf: &Leaf) -> &str {
        self.slice(&leaf.name)
    }

    pub(super) fn text(&self, leaf: &Leaf) -> &str {
        self.slice(&leaf.text)
    }

    pub(super) fn type_name(&self, leaf: &Leaf) -> &str {
        self.slice(&leaf.type_name)
    }

    pub(super) fn parent(&self, leaf: &Leaf) -> Option<&Leaf> {
        self.list.get(leaf.parent as usize)
    }

    /// Its address, if it is a pointer that is not null.
    pub(super) fn address(&self, leaf: &Leaf) -> Option<u64> {
        let text = self.text(leaf);
        let number = match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok()?,
            None => text.parse().ok()?,
        };
        (leaf.kind == Kind::Pointer && number != 0).then_some(number)
    }

    /// `p.x`, `a[0]`; with `elements` taken together, `a[…]`.
    pub(super) fn path(&self, leaf: &Leaf, elements: bool) -> String {
        let mut names = vec![self.name(leaf)];
        let mut at = leaf;
        while let Some(parent) = self.parent(at) {
            names.push(self.name(parent));
            at = parent;
        }
        let mut path = String::new();
        for name in names.into_iter().rev() {
            let element = name.starts_with('[');
            if !path.is_empty() && !element {
                path.push('.');
            }
            path.push_str(if element && elements { ELEMENT } else { name });
        }
        path
    }

    /// What counts of a value's text: nothing of an address but whether it is null.
    pub(super) fn canonical(&self, leaf: &Leaf) -> Cow<'_, str> {
        let text = self.text(leaf);
        match leaf.kind {
            Kind::Pointer if self.address(leaf).is_some() => Cow::Borrowed("0x…"),
            Kind::Pointer => Cow::Borrowed("0x0"),
            Kind::Parent => self.head(leaf),
            Kind::Plain => without_addresses(text),
        }
    }

    /// What counts of a value's text beside one that has members.
    pub(super) fn head(&self, leaf: &Leaf) -> Cow<'_, str> {
        without_addresses(head(self.text(leaf)))
    }

    fn slice(&self, range: &Range<u32>) -> &str {
        &self.scratch[range.start as usize..range.end as usize]
    }

    fn keep(&mut self, text: &str) -> Range<u32> {
        // A hit's values are far below 4 GB: SQLite's rows end at 1 GB.
        let at = |scratch: &str| u32::try_from(scratch.len()).unwrap_or(u32::MAX);
        let start = at(&self.scratch);
        self.scratch.push_str(text);
        start..at(&self.scratch)
    }

    fn open(&mut self, name: &str, parent: u32) -> usize {
        // A member that is itself called `type` or `value` has a dot before it.
        let shown = match name {
            ".type" | ".value" => &name[1..],
            name => name,
        };
        let (path, field) = self
            .list
            .get(parent as usize)
            .map_or((0, 0), |parent| (parent.path, parent.field));
        let name_hash = hash::text(shown);
        let field_hash = if shown.starts_with('[') {
            hash::text(ELEMENT)
        } else {
            name_hash
        };
        let leaf = Leaf {
            path: hash::pair(path, name_hash),
            field: hash::pair(field, field_hash),
            value: 0,
            kind: Kind::Plain,
            trust: Trust::Whole,
            name: self.keep(shown),
            text: 0..0,
            type_name: 0..0,
            parent,
        };
        self.list.push(leaf);
        self.list.len() - 1
    }

    /// Decides what each new value is, now that all of it is known.
    fn settle(&mut self, from: usize) {
        for i in from..self.list.len() {
            let leaf = &self.list[i];
            // What stands inside of something that cannot be trusted cannot be either.
            let lost = self.parent(leaf).is_some_and(|p| p.trust == Trust::Nothing);
            let text = self.text(leaf);
            let address = text.strip_prefix("0x").is_some_and(|digits| {
                !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit())
            });
            let parent = self
                .list
                .get(i + 1)
                .is_some_and(|next| next.parent as usize == i);
            let kind = if address || holds_address(self.type_name(leaf)) {
                Kind::Pointer
            } else if (parent && !text.starts_with('"')) || tells_nothing(text) {
                Kind::Parent
            } else {
                Kind::Plain
            };
            self.list[i].kind = kind;
            if lost {
                self.list[i].trust = Trust::Nothing;
            }
            let value = hash::text(&self.canonical(&self.list[i]));
            self.list[i].value = value;
        }
    }
}

/// Integers that are addresses by their nature.
fn holds_address(type_name: &str) -> bool {
    matches!(
        type_name,
        "pthread_t" | "uintptr_t" | "intptr_t" | "std::thread::id"
    )
}

/// What has no members, or was not gone into. Other tools may write all of an
/// aggregate into its text, with no members below it.
fn tells_nothing(text: &str) -> bool {
    matches!(text, "{}" | "{...}")
}

/// What a summary says before its members: `Circle` of `Circle {r = 3}`.
fn head(text: &str) -> &str {
    let end = text.find(['{', '(']).unwrap_or(text.len());
    text[..end].trim_end()
}

/// The text with `0x…` for what must be an address.
fn without_addresses(text: &str) -> Cow<'_, str> {
    if !text.contains("0x") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("0x") {
        let (before, from) = rest.split_at(at + 2);
        let digits = from.bytes().take_while(u8::is_ascii_hexdigit).count();
        out.push_str(before);
        if (EMBEDDED_DIGITS..=16).contains(&digits) {
            out.push('…');
        } else {
            out.push_str(&from[..digits]);
        }
        rest = &from[digits..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Reads the outer object: every key is a variable.
struct Top<'a>(&'a mut Leaves);

impl<'de> Visitor<'de> for Top<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of values")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(Text(name)) = map.next_key()? {
            if let Some(text) = map.next_value_seed(Member::new(self.0, &name, NONE))? {
                // Another tool may write the bare value.
                let at = self.0.open(&name, NONE);
                self.0.list[at].text = self.0.keep(&text);
            }
        }
        Ok(())
    }
}

/// Reads what stands behind a key: a member, which is added, or a fact about
/// the value around it, of which the text is returned.
struct Member<'a> {
    leaves: &'a mut Leaves,
    name: &'a str,
    parent: u32,
}

impl<'a> Member<'a> {
    fn new(leaves: &'a mut Leaves, name: &'a str, parent: u32) -> Self {
        Self {
            leaves,
            name,
            parent,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        if interrupt::pressed() {
            return Err(M::Error::custom(interrupt::Interrupted));
        }
        let leaves = self.leaves;
        let at = leaves.open(self.name, self.parent);
        let index = u32::try_from(at).unwrap_or(NONE);
        while let Some(Text(key)) = map.next_key()? {
            let fact = map.next_value_seed(Member::new(leaves, &key, index))?;
            let Some(fact) = fact else { continue };
            match &*key {
                "value" => leaves.list[at].text = leaves.keep(&fact),
                "type" => leaves.list[at].type_name = leaves.keep(&fact),
                "status" | ".status" => {
                    leaves.list[at].trust = match &*fact {
                        "truncated" => Trust::Cut,
                        _ => Trust::Nothing,
                    };
                }
                _ => {}
            }
        }
        Ok(None)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Some(Cow::Borrowed("")))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, b: bool) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(if b { "true" } else { "false" })))
    }

    fn visit_i64<E>(self, n: i64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(n.to_string())))
    }

    fn visit_u64<E>(self, n: u64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(n.to_string())))
    }

    fn visit_f64<E>(self, x: f64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(x.to_string())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed("")))
    }
}

/// A text that is not copied where it stands in the JSON as it is.
struct Text<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Borrow;
        impl<'de> Visitor<'de> for Borrow {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        reader.deserialize_str(Borrow)
    }
}
