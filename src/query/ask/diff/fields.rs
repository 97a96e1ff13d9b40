//! What each value was over all hits of a place: its range, its few distinct
//! values, its types.

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Serialize, Serializer};

use super::Side;
use super::leaves::{ELEMENT, Kind, Leaf, Leaves, Trust};

/// A value of at most so many different ones is told by listing them.
const FEW: usize = 12;
/// Of a text as listed.
const SHOWN_CHARS: usize = 60;
/// More fields than this are not followed; elements of containers count as one.
const MOST_FIELDS: usize = 20_000;

/// A number, exact as long as it is an integer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// An integer.
    Int(i128),
    /// Any other number.
    Float(f64),
}

impl Number {
    fn parse(text: &str) -> Option<Self> {
        let first = *text.as_bytes().first()?;
        if !(first.is_ascii_digit() || first == b'-' || first == b'.') {
            return None;
        }
        if text.contains(['.', 'e']) {
            return text.parse().ok().map(Self::Float);
        }
        let small = text.parse::<i64>().map(i128::from);
        match small.or_else(|_| text.parse()) {
            Ok(n) => Some(Self::Int(n)),
            Err(_) => text.parse().ok().map(Self::Float),
        }
    }

    fn below(self, other: Self) -> bool {
        let float = |n| match n {
            Self::Int(n) => n as f64,
            Self::Float(x) => x,
        };
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a < b,
            _ => float(self) < float(other),
        }
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(n) => n.fmt(f),
            Self::Float(x) => x.fmt(f),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Int(n) => match (i64::try_from(*n), u64::try_from(*n)) {
                (Ok(n), _) => serializer.serialize_i64(n),
                (_, Ok(n)) => serializer.serialize_u64(n),
                // JSON has no wider integers that everybody reads.
                _ => serializer.collect_str(n),
            },
            Self::Float(x) => serializer.serialize_f64(*x),
        }
    }
}

/// What one value was over the hits of a place in one session.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FieldSummary {
    /// How often it was there, whole or not.
    pub count: u64,
    /// How often nothing was to be read: optimized out, failed, uninitialized.
    pub unread: u64,
    /// The least and the greatest, of numbers.
    pub min: Option<Number>,
    /// The greatest.
    pub max: Option<Number>,
    /// The distinct values, in the order of their first appearance; none when there are too many.
    pub values: Option<Vec<String>>,
    /// Its types.
    pub types: Vec<String>,
    #[serde(skip)]
    hashes: Vec<u64>,
    #[serde(skip)]
    last: Option<u64>,
    #[serde(skip)]
    many: bool,
    #[serde(skip)]
    cut: bool,
    /// It had members, or could have.
    #[serde(skip)]
    parent: bool,
    /// Members stood in its text alone.
    #[serde(skip)]
    flat: bool,
}

impl FieldSummary {
    fn add(&mut self, leaves: &Leaves, leaf: &Leaf) {
        self.count += 1;
        self.cut |= leaf.trust == Trust::Cut;
        self.parent |= leaf.kind == Kind::Parent;
        self.flat |= leaf.kind == Kind::Plain && leaves.text(leaf).starts_with('{');
        if leaf.trust == Trust::Nothing {
            self.unread += 1;
            return;
        }
        // Most values are what they were.
        if self.last == Some(leaf.value) {
            return;
        }
        self.last = Some(leaf.value);
        let type_name = leaves.type_name(leaf);
        if self.types.len() < FEW && !self.types.iter().any(|known| known == type_name) {
            self.types.push(type_name.to_owned());
        }
        if leaf.kind == Kind::Plain
            && let Some(n) = Number::parse(leaves.text(leaf))
        {
            self.min = Some(self.min.filter(|min| !n.below(*min)).unwrap_or(n));
            self.max = Some(self.max.filter(|max| !max.below(n)).unwrap_or(n));
        }
        if self.many || self.hashes.contains(&leaf.value) {
            return;
        }
        if self.hashes.len() == FEW {
            self.many = true;
            (self.hashes, self.values) = (Vec::new(), None);
            return;
        }
        self.hashes.push(leaf.value);
        let text = leaves.canonical(leaf);
        let short = match text.char_indices().nth(SHOWN_CHARS) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.into_owned(),
        };
        self.values.get_or_insert_default().push(short);
    }

    /// Always there and read to its end, so that what is not inside is not there.
    fn is_whole(&self) -> bool {
        self.count > 0 && self.unread == 0 && !self.cut
    }

    fn is_read(&self) -> bool {
        self.count > self.unread
    }

    /// Whether one was taken apart where the other is text alone.
    fn is_other_form(&self, other: &Self) -> bool {
        self.flat && other.parent || self.parent && other.flat
    }

    fn differs(&self, other: &Self) -> bool {
        if self.many != other.many {
            return true;
        }
        let sorted = |seen: &Self| {
            let mut hashes = seen.hashes.clone();
            hashes.sort_unstable();
            hashes
        };
        (self.min, self.max) != (other.min, other.max) || sorted(self) != sorted(other)
    }
}

/// A value of a place whose range, set or type is not the same in both sessions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldDiff {
    /// Its location key in A, or in B when A was never there.
    pub location: String,
    /// `p.x`, `a[…]`: all elements together.
    pub field: String,
    /// In A; none: never there.
    pub a: Option<FieldSummary>,
    /// In B; none: never there.
    pub b: Option<FieldSummary>,
}

#[derive(Debug)]
struct ComparedField {
    path: String,
    order: usize,
    /// The field that it is a part of.
    parent: Option<u64>,
    seen: [FieldSummary; 2],
}

/// All values of all places.
#[derive(Debug, Default)]
pub(super) struct Fields {
    all: FxHashMap<(u32, u64), ComparedField>,
    /// Whether some were left out because there were too many.
    pub full: bool,
}

impl Fields {
    pub(super) fn add(&mut self, side: Side, place: u32, leaves: &Leaves, leaf: &Leaf) {
        let key = (place, leaf.field);
        if let Some(field) = self.all.get_mut(&key) {
            field.seen[side as usize].add(leaves, leaf);
            return;
        }
        if self.all.len() >= MOST_FIELDS {
            self.full = true;
            return;
        }
        let mut field = ComparedField {
            path: leaves.path(leaf, true),
            order: self.all.len(),
            parent: leaves.parent(leaf).map(|parent| parent.field),
            seen: Default::default(),
        };
        field.seen[side as usize].add(leaves, leaf);
        self.all.insert(key, field);
    }

    /// Takes in what another scan saw in B.
    pub(super) fn join(&mut self, others: Self) {
        self.full |= others.full;
        let before = self.all.len();
        for (key, mut other) in others.all {
            match self.all.get_mut(&key) {
                Some(field) => field.seen[1] = std::mem::take(&mut other.seen[1]),
                None => {
                    other.order += before;
                    self.all.insert(key, other);
                }
            }
        }
    }

    /// Fields by place that two hits never differ in, as one session has none such or
    /// could never read it. An element that one lacks does tell something, unless its
    /// container tells nothing either.
    pub(super) fn untold(&self, both: impl Fn(u32) -> bool) -> FxHashSet<(u32, u64)> {
        if self.full {
            return FxHashSet::default(); // What is not followed may be there nevertheless.
        }
        let unread = |field: &ComparedField| field.seen.iter().any(|seen| !seen.is_read());
        let untold = self.all.iter().filter(|((place, _), field)| {
            let parent = field
                .parent
                .and_then(|parent| self.all.get(&(*place, parent)));
            let missed = field.path.ends_with(ELEMENT) && parent.is_some_and(|p| !unread(p));
            both(*place) && unread(field) && !missed
        });
        untold.map(|(key, _)| *key).collect()
    }

    /// Those that differ at places where both sessions were, as `(place, field, A, B)` in the
    /// order of their first appearance.
    pub(super) fn differing(
        &self,
        both: impl Fn(u32) -> bool,
        types_too: bool,
    ) -> Vec<(u32, String, [Option<FieldSummary>; 2])> {
        let differs = |(place, field): &(u32, &ComparedField)| {
            let [a, b] = &field.seen;
            let parent = field
                .parent
                .and_then(|parent| self.all.get(&(*place, parent)));
            match (a.count > 0, b.count > 0) {
                // Where one could not read it, nothing is known to differ.
                (true, true) if !a.is_read() || !b.is_read() => false,
                (true, true) if a.is_other_form(b) => false,
                (true, true) => a.differs(b) || types_too && a.types != b.types,
                // What is inside of what is missing need not be said.
                _ => {
                    (a.is_read() || b.is_read())
                        && parent.is_none_or(|parent| {
                            let [a, b] = &parent.seen;
                            a.is_whole() && b.is_whole() && !a.is_other_form(b)
                        })
                }
            }
        };
        let places = self.all.iter().map(|((place, _), field)| (*place, field));
        let found = places.filter(|row| both(row.0) && differs(row));
        let mut found: Vec<(u32, &ComparedField)> = found.collect();
        found.sort_by_key(|(place, field)| (*place, field.order));
        let seen = |seen: &FieldSummary| (seen.count > 0).then(|| seen.clone());
        let row = |(place, field): (u32, &ComparedField)| {
            (place, field.path.clone(), field.seen.each_ref().map(seen))
        };
        found.into_iter().map(row).collect()
    }
}
