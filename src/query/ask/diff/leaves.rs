//! The values of a hit, taken apart into what can be compared: each by itself,
//! never the summaries in which they are repeated.

use std::borrow::Cow;
use std::ops::Range;

use super::hash;
use crate::value::locals::{self, Sink};

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
    /// Takes the values of a hit apart. What cannot be read has none.
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
        let read = match name {
            None => locals::visit(json, self),
            Some(name) => locals::visit_value(json, name, self),
        };
        if !read {
            self.list.truncate(before);
        }
        self.settle(before);
    }

    /// Adds a value of which only the text is known.
    pub(super) fn add_text(&mut self, name: &str, type_name: &str, text: &str) {
        let before = self.list.len();
        let at = self.open(name, None);
        self.set_text(at, text);
        self.set_type(at, type_name);
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

impl Sink for Leaves {
    fn open(&mut self, name: &str, parent: Option<u32>) -> u32 {
        let parent = parent.unwrap_or(NONE);
        let (path, field) = self
            .list
            .get(parent as usize)
            .map_or((0, 0), |parent| (parent.path, parent.field));
        let name_hash = hash::text(name);
        let field_hash = if name.starts_with('[') {
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
            name: self.keep(name),
            text: 0..0,
            type_name: 0..0,
            parent,
        };
        self.list.push(leaf);
        u32::try_from(self.list.len() - 1).unwrap_or(NONE)
    }

    fn set_text(&mut self, of: u32, text: &str) {
        self.list[of as usize].text = self.keep(text);
    }

    fn set_type(&mut self, of: u32, text: &str) {
        self.list[of as usize].type_name = self.keep(text);
    }

    fn set_status(&mut self, of: u32, text: &str) {
        self.list[of as usize].trust = match text {
            "truncated" => Trust::Cut,
            _ => Trust::Nothing,
        };
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
