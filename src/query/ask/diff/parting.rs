//! The first hit at which two runs part.

use anyhow::Result;
use serde::Serialize;

use super::compare::{Reader, ValueDiff, differences, text_at};
use super::ignore::Ignored;
use super::scan::{Event, Lane, Whats};
use super::{Listed, Side};
use crate::ids::HitId;
use crate::query::hits::{Hit, by_id};
use crate::session_db::SessionDb;

/// Hits shown before the parting, and after it on either side.
const AROUND: usize = 3;
/// How many hits one run may have more of when it is looked where they meet again.
const FAR: usize = 200;
/// So many hits alike are no chance.
const ALIKE: usize = 5;

/// How two runs part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// At the same place with other values.
    Values,
    /// One comes to another place, or is stopped there by something else.
    Way,
    /// One has no further hit.
    End,
    /// One has no such thread.
    Thread,
}

/// A thread, as its debugger knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Thread {
    /// The debugger's number.
    pub number: String,
    /// What it calls itself.
    pub name: Option<String>,
}

/// Where a thread of A and the same thread of B part.
#[derive(Clone, Debug, Serialize)]
pub struct Parting {
    /// What happens there.
    pub how: How,
    /// The thread in A; none: it has none such.
    pub thread_a: Option<Thread>,
    /// The thread in B.
    pub thread_b: Option<Thread>,
    /// How many hits of this thread are alike before it.
    pub alike: u64,
    /// The last of them, as A has them.
    pub before: Vec<Hit>,
    /// The same ones, as B has them.
    pub before_b: Vec<Hit>,
    /// The hit in A; none: A has no more.
    pub a: Option<Hit>,
    /// The hit in B.
    pub b: Option<Hit>,
    /// At the same place: the values that differ.
    pub values: Listed<ValueDiff>,
    /// What comes next in A.
    pub after_a: Vec<Hit>,
    /// What comes next in B.
    pub after_b: Vec<Hit>,
    /// Hits of the thread from here on, in A.
    pub left_a: u64,
    /// In B.
    pub left_b: u64,
    /// Where they meet again.
    pub met: Option<Met>,
}

/// Where two runs that parted meet again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Met {
    /// Hits that A alone has until there.
    pub only_a: u64,
    /// Hits that B alone has until there.
    pub only_b: u64,
    /// How many hits they then go on alike.
    pub alike: u64,
    /// Whether the values are alike as well, or the way alone.
    pub values: bool,
}

/// A parting as found: between which lanes, after how many hits, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub lanes: super::lanes::Pair,
    pub at: usize,
    pub how: How,
}

/// Both sessions, and how their hits are read again.
pub(super) struct Both<'a> {
    pub sessions: [&'a SessionDb; 2],
    pub lanes: [&'a [Lane]; 2],
    pub readers: [Reader<'a>; 2],
    pub whats: &'a Whats,
    pub ignored: &'a Ignored,
}

const NOTHING: &[Event] = &[];

impl Both<'_> {
    fn events(&self, side: Side, lane: Option<usize>) -> &[Event] {
        let lanes = self.lanes[side as usize];
        lane.map_or(NOTHING, |lane| &lanes[lane].events)
    }

    /// Where two lanes part, if they do.
    pub(super) fn part(&mut self, lanes: super::lanes::Pair) -> Result<Option<Found>> {
        let found = |at, how| Ok(Some(Found { lanes, at, how }));
        if lanes.0.is_none() || lanes.1.is_none() {
            return found(0, How::Thread);
        }
        let most = self.events(Side::A, lanes.0).len();
        let least = most.min(self.events(Side::B, lanes.1).len());
        for at in 0..least {
            let (x, y) = (
                self.events(Side::A, lanes.0)[at],
                self.events(Side::B, lanes.1)[at],
            );
            if x.what != y.what {
                return found(at, How::Way);
            }
            // Sums that differ may do so only in values that were not to be read.
            if x.values != y.values && !self.differences(x, y)?.is_empty() {
                return found(at, How::Values);
            }
        }
        if most == self.events(Side::B, lanes.1).len() {
            return Ok(None);
        }
        found(least, How::End)
    }

    /// The earliest comes first, by A's order; that somebody has no more hits is told last.
    pub(super) fn order(&self, found: &Found) -> (bool, HitId) {
        let events = self.events(Side::A, found.lanes.0);
        let at = events.get(found.at).or(events.last());
        let weak = matches!(found.how, How::End | How::Thread);
        (weak, at.map_or(HitId(i64::MAX), |event| event.id))
    }

    fn differences(&mut self, x: Event, y: Event) -> Result<Vec<ValueDiff>> {
        let [a, b] = &mut self.readers;
        Ok(differences(
            &a.values(x.id)?,
            &b.values(y.id)?,
            self.ignored,
        ))
    }

    /// All that is told of a parting.
    pub(super) fn tell(&mut self, found: Found, limit: usize) -> Result<Parting> {
        let at = found.at;
        let (lane_a, lane_b) = found.lanes;
        let from = at.saturating_sub(AROUND);
        let event = |this: &Self, side, lane| this.events(side, lane).get(at).copied();
        let (x, y) = (event(self, Side::A, lane_a), event(self, Side::B, lane_b));
        let values = match (found.how, x, y) {
            (How::Values, Some(x), Some(y)) => self.values(found, x, y)?,
            _ => Vec::new(),
        };
        let alike = at as u64;
        let left = |this: &Self, side, lane| this.events(side, lane).len() as u64 - alike;
        Ok(Parting {
            how: found.how,
            thread_a: self.thread(Side::A, lane_a),
            thread_b: self.thread(Side::B, lane_b),
            alike,
            before: self.hits(Side::A, lane_a, from, at)?,
            before_b: self.hits(Side::B, lane_b, from, at)?,
            a: self.hits(Side::A, lane_a, at, at + 1)?.pop(),
            b: self.hits(Side::B, lane_b, at, at + 1)?.pop(),
            values: Listed::new(values, limit),
            after_a: self.hits(Side::A, lane_a, at + 1, at + 1 + AROUND)?,
            after_b: self.hits(Side::B, lane_b, at + 1, at + 1 + AROUND)?,
            left_a: left(self, Side::A, lane_a),
            left_b: left(self, Side::B, lane_b),
            met: self.meet(found),
        })
    }

    /// What differs at the parting, with what it was the time before.
    fn values(&mut self, found: Found, x: Event, y: Event) -> Result<Vec<ValueDiff>> {
        let mut values = self.differences(x, y)?;
        let before = self.events(Side::A, found.lanes.0)[..found.at].iter();
        let before = before
            .rev()
            .find(|event| event.what == x.what)
            .map(|event| event.id);
        if let Some(before) = before {
            let before = self.readers[0].values(before)?;
            for value in &mut values {
                value.before = text_at(&before, &value.field);
            }
        }
        Ok(values)
    }

    pub(super) fn thread(&self, side: Side, lane: Option<usize>) -> Option<Thread> {
        let lane = &self.lanes[side as usize][lane?];
        Some(Thread {
            number: lane.thread.clone(),
            name: lane.name.clone(),
        })
    }

    pub(super) fn hits(
        &self,
        side: Side,
        lane: Option<usize>,
        from: usize,
        to: usize,
    ) -> Result<Vec<Hit>> {
        let events = self.events(side, lane);
        let part = &events[from.min(events.len())..to.min(events.len())];
        let session = self.sessions[side as usize];
        let hits = part.iter().map(|event| by_id(session, event.id));
        hits.filter_map(Result::transpose).collect()
    }

    /// The nearest hits from which on both do the same again; failing that, go the same way.
    fn meet(&self, found: Found) -> Option<Met> {
        let a = self.events(Side::A, found.lanes.0).get(found.at..)?;
        let b = self.events(Side::B, found.lanes.1).get(found.at..)?;
        if a.is_empty() || b.is_empty() {
            return None;
        }
        let place = |event: &Event| self.whats.list[event.what as usize].0;
        meet(a, b, true, |x, y| x.what == y.what && x.values == y.values)
            .or_else(|| meet(a, b, false, |x, y| place(x) == place(y)))
    }
}

fn meet(
    a: &[Event],
    b: &[Event],
    values: bool,
    same: impl Fn(&Event, &Event) -> bool,
) -> Option<Met> {
    let alike = |a: &[Event], b: &[Event], most: usize| {
        let pairs = a.iter().zip(b).take(most);
        pairs.take_while(|(x, y)| same(x, y)).count()
    };
    // With other values, the same place is the same hit.
    for apart in usize::from(values)..=FAR {
        for only_a in 0..=apart {
            let only_b = apart - only_a;
            let (Some(rest_a), Some(rest_b)) = (a.get(only_a..), b.get(only_b..)) else {
                continue;
            };
            // Up to where one of them ends is enough as well; of the way alone, where both do.
            let ends = if values || rest_a.len() == rest_b.len() {
                rest_a.len().min(rest_b.len())
            } else {
                ALIKE
            };
            let enough = ALIKE.min(ends).max(1);
            if alike(rest_a, rest_b, enough) == enough {
                return Some(Met {
                    only_a: only_a as u64,
                    only_b: only_b as u64,
                    alike: alike(rest_a, rest_b, usize::MAX) as u64,
                    values,
                });
            }
        }
    }
    None
}
