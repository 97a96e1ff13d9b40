//! Two hits value by value.

use anyhow::Result;
use rusqlite::Statement;
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::ignore::Ignored;
use super::leaves::{Kind, Leaf, Leaves, Trust};
use super::scan::add_watch;
use crate::ids::HitId;
use crate::query::read::pass::Values;
use crate::query::read::watches;
use crate::session_db::SessionDb;

/// A value that two hits do not share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ValueDiff {
    /// `p.x`, `a[0]`; `watch EXPR` for a watched expression.
    pub field: String,
    /// At the hit before at the same place, where both had the same.
    pub before: Option<String>,
    /// In A; none: not there.
    pub a: Option<String>,
    /// In B; none: not there.
    pub b: Option<String>,
}

/// Reads single hits again, once it is known which matter.
pub(super) struct Reader<'a> {
    values: Values<'a>,
    watches: Statement<'a>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(session: &'a SessionDb) -> Result<Self> {
        Ok(Self {
            values: Values::new(session)?,
            watches: watches::prepare_one(session)?,
        })
    }

    /// The values of the hit with a number.
    pub(super) fn values(&mut self, id: HitId) -> Result<Leaves> {
        let mut leaves = Leaves::default();
        leaves.read(&self.values.of(id)?);
        for watch in watches::of(&mut self.watches, id)? {
            add_watch(&mut leaves, &watch);
        }
        Ok(leaves)
    }
}

/// The values in which two hits of one place differ, in the order of A, then of B.
pub(super) fn differences(a: &Leaves, b: &Leaves, ignored: &Ignored) -> Vec<ValueDiff> {
    let (in_a, in_b) = (by_path(a), by_path(b));
    let mut found = Vec::new();
    let mut differs = |field: String, a: Option<String>, b: Option<String>| {
        if ignored.is_empty() || !ignored.covers(&field) {
            let before = None;
            found.push(ValueDiff {
                field,
                before,
                a,
                b,
            });
        }
    };
    for leaf in &a.list {
        let (path, text) = (|| a.path(leaf, false), Some(a.text(leaf).to_owned()));
        match in_b.get(&leaf.path) {
            Some(other) if !same(a, leaf, b, other) => {
                differs(path(), text, Some(b.text(other).to_owned()));
            }
            None if is_missed(a, leaf, b, &in_b) => differs(path(), text, None),
            _ => {}
        }
    }
    for leaf in &b.list {
        if !in_a.contains_key(&leaf.path) && is_missed(b, leaf, a, &in_a) {
            let text = Some(b.text(leaf).to_owned());
            differs(b.path(leaf, false), None, text);
        }
    }
    found
}

fn by_path(leaves: &Leaves) -> FxHashMap<u64, &Leaf> {
    leaves.list.iter().map(|leaf| (leaf.path, leaf)).collect()
}

/// The text of the value at a path that another hit has.
pub(super) fn text_at(leaves: &Leaves, path: &str) -> Option<String> {
    let leaf = leaves
        .list
        .iter()
        .find(|leaf| leaves.path(leaf, false) == path)?;
    Some(leaves.text(leaf).to_owned())
}

fn same(a: &Leaves, leaf: &Leaf, b: &Leaves, other: &Leaf) -> bool {
    if leaf.trust == Trust::Nothing || other.trust == Trust::Nothing || leaf.value == other.value {
        return true;
    }
    // One has members, the other, another tool's perhaps, only its text.
    if (leaf.kind == Kind::Parent) != (other.kind == Kind::Parent) && is_braced(a, leaf, b, other) {
        return a.head(leaf) == b.head(other);
    }
    if leaf.trust == Trust::Whole && other.trust == Trust::Whole {
        return false;
    }
    // A text that was cut says nothing of what comes behind.
    let (a, b) = (a.canonical(leaf), b.canonical(other));
    match (begun(&a, leaf), begun(&b, other)) {
        ((a, true), (b, true)) => a.starts_with(b) || b.starts_with(a),
        ((a, true), (b, false)) => b.starts_with(a),
        ((a, false), (b, true)) => a.starts_with(b),
        ((a, false), (b, false)) => a == b,
    }
}

fn is_braced(a: &Leaves, leaf: &Leaf, b: &Leaves, other: &Leaf) -> bool {
    a.text(leaf).starts_with('{') && b.text(other).starts_with('{')
}

/// A string without its end, and whether there is more of it.
fn begun<'a>(text: &'a str, leaf: &Leaf) -> (&'a str, bool) {
    match text.strip_suffix("...") {
        Some(head) if leaf.trust == Trust::Cut => (head.strip_suffix('"').unwrap_or(head), true),
        _ => (text, leaf.trust == Trust::Cut),
    }
}

/// Whether it tells something that `into` has no such value: a container there
/// has fewer elements. Variables and members that only one build has, or that
/// lie deeper than was read, tell nothing.
fn is_missed(from: &Leaves, leaf: &Leaf, into: &Leaves, there: &FxHashMap<u64, &Leaf>) -> bool {
    let container = from.parent(leaf).and_then(|parent| there.get(&parent.path));
    let Some(container) = container else {
        return false;
    };
    leaf.trust != Trust::Nothing
        && container.trust == Trust::Whole
        && into.text(container) != "{...}"
        && from.name(leaf).starts_with('[')
}
