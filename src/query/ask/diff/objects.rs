//! Whether pointers lead to the same objects in two runs that are otherwise alike.
//!
//! Addresses say nothing by themselves: the same object lies elsewhere in every
//! run. What can be compared is which earlier hit showed the same address first.

use anyhow::Result;
use serde::Serialize;

use super::Side;
use super::leaves::Leaves;
use super::parting::Both;
use super::scan::{First, Scanned};
use crate::ids::{HitId, HitSeq};
use crate::query::hits::Hit;

/// Sums that differ by nothing that can be told are passed over, so many times.
const PATIENCE: usize = 1000;

/// The first hit at which a pointer leads to another object.
#[derive(Clone, Debug, Serialize)]
pub struct Objects {
    /// The hit in A.
    pub a: Hit,
    /// The hit in B.
    pub b: Hit,
    /// The pointers that differ there.
    pub pointers: Vec<PointerDiff>,
}

/// A pointer that leads to another object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PointerDiff {
    /// `p`, `list.head`.
    pub field: String,
    /// Where A showed its object first; none: here.
    pub a: Option<FirstSeen>,
    /// Where B did.
    pub b: Option<FirstSeen>,
}

/// Where an object was shown first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FirstSeen {
    /// The location key.
    pub location: String,
    /// The hit there.
    pub seq: HitSeq,
    /// By which value.
    pub field: String,
}

/// Looks for it in the first `alike` hits of the only threads of both sessions.
/// Several threads share a heap, and who gets which piece again is chance.
pub(super) fn objects(
    both: &mut Both<'_>,
    scanned: [&Scanned; 2],
    alike: usize,
) -> Result<Option<Objects>> {
    let ([a], [b]) = (both.lanes[0], both.lanes[1]) else {
        return Ok(None);
    };
    let known = |side: usize, id: HitId| scanned[side].objects.full.is_none_or(|full| id < full);
    let events = a.events.iter().zip(&b.events).enumerate().take(alike);
    let differing = events
        .take_while(|(_, (x, y))| known(0, x.id) && known(1, y.id))
        .filter(|(_, (x, y))| x.objects != y.objects)
        .take(PATIENCE);
    for (at, (x, y)) in differing {
        let (in_a, in_b) = (both.readers[0].values(x.id)?, both.readers[1].values(y.id)?);
        let found = pointers(both, scanned, at, (&in_a, &in_b))?;
        let hit = |side| Ok::<_, anyhow::Error>(both.hits(side, Some(0), at, at + 1)?.pop());
        if let (false, Some(a), Some(b)) = (found.is_empty(), hit(Side::A)?, hit(Side::B)?) {
            let pointers = found;
            return Ok(Some(Objects { a, b, pointers }));
        }
    }
    Ok(None)
}

fn pointers(
    both: &mut Both<'_>,
    scanned: [&Scanned; 2],
    at: usize,
    (a, b): (&Leaves, &Leaves),
) -> Result<Vec<PointerDiff>> {
    let mut found = Vec::new();
    for leaf in &a.list {
        let field = a.path(leaf, false);
        let other = b.list.iter().find(|other| other.path == leaf.path);
        let ignored = !both.ignored.is_empty() && both.ignored.covers(&field);
        let Some(other) = other.filter(|_| !ignored) else {
            continue;
        };
        let (Some(x), Some(y)) = (a.address(leaf), b.address(other)) else {
            continue;
        };
        let first = |side: usize, address| scanned[side].objects.first(0, address);
        if let (Some(x), Some(y)) = (first(0, x), first(1, y))
            && x != y
        {
            found.push(PointerDiff {
                a: first_seen(both, Side::A, x, at)?,
                b: first_seen(both, Side::B, y, at)?,
                field,
            });
        }
    }
    Ok(found)
}

fn first_seen(
    both: &mut Both<'_>,
    side: Side,
    first: First,
    at: usize,
) -> Result<Option<FirstSeen>> {
    let index = first.index as usize;
    if index == at {
        return Ok(None);
    }
    let Some(hit) = both.hits(side, Some(0), index, index + 1)?.pop() else {
        return Ok(None);
    };
    let values = both.readers[side as usize].values(hit.id)?;
    let leaf = values.list.iter().find(|leaf| leaf.path == first.path);
    Ok(leaf.map(|leaf| FirstSeen {
        location: hit.location.clone(),
        seq: hit.seq,
        field: values.path(leaf, false),
    }))
}
