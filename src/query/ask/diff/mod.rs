//! Two sessions side by side: where they were, with which values, and the first
//! hit at which they part.
//!
//! ```text
//!   A ─ scan ─▶ lanes of events, one per thread ─┐
//!               values per place and field ─┐    ├─ lanes: whose thread is whose
//!   B ─ scan ─▶ the same ───────────────────┴────┴─ parting: the first event that differs
//!        ▲
//!      places: which location of A is which of B
//! ```
//!
//! An event is a few numbers: where, and sums over the values in which addresses
//! count as null or not null. Hits themselves are read again only where the sums
//! differ, so that a million of them need little room.

mod compare;
mod fields;
mod files;
mod functions;
mod hash;
mod ignore;
mod lanes;
mod leaves;
mod lines;
mod objects;
mod parting;
mod places;
mod scan;

use anyhow::Result;
use serde::Serialize;

pub use compare::ValueDiff;
pub use fields::{FieldDiff, FieldSummary, Number};
pub use functions::{Functions, Hot, HotDiff};
pub use ignore::Ignored;
pub use objects::{FirstSeen, Objects, PointerDiff};
pub use parting::{How, Met, Parting, Thread};
pub use places::Across;

use crate::query::location::Place;
use crate::session_db::SessionDb;
use compare::Reader;
use parting::{Both, Found};
use places::{Places, same_build};
use scan::{Scanned, Scope, scan_both};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    A,
    B,
}

/// What to compare, and how much of it to tell.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only there: a place in A, and in B. When one was never there, its keys are empty.
    pub places: Option<[Place; 2]>,
    /// Values that are not compared.
    pub ignored: Ignored,
    /// Most rows of each list; 0: all.
    pub limit: usize,
}

/// The first rows of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// How many more there are.
    pub left_out: u64,
}

impl<T> Listed<T> {
    fn new(mut rows: Vec<T>, limit: usize) -> Self {
        let all = rows.len();
        if limit > 0 {
            rows.truncate(limit);
        }
        let left_out = (all - rows.len()) as u64;
        Self { rows, left_out }
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// One of two sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Its label.
    pub label: String,
    /// Its program.
    pub target: String,
    /// How many hits were compared.
    pub hits: u64,
    /// Of how many threads.
    pub threads: u64,
}

/// How often a place was hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LocationDiff {
    /// The location key in A, or in B when A was never there.
    pub location: String,
    /// The key in B, where it is another.
    pub location_b: Option<String>,
    /// How the two were brought together.
    pub across: Option<Across>,
    /// Hits in A.
    pub a: u64,
    /// Hits in B.
    pub b: u64,
}

/// Two sessions compared.
#[derive(Clone, Debug, Serialize)]
pub struct Diff {
    /// The first.
    pub a: Run,
    /// The second.
    pub b: Run,
    /// Whether nothing differs.
    pub same: bool,
    /// What should be known beside it.
    pub notes: Vec<String>,
    /// The first hit at which they part.
    pub parting: Option<Parting>,
    /// Where other threads part, in the order in which they do; without their hits.
    pub other_partings: Listed<OtherParting>,
    /// Before that, a pointer that leads to another object.
    pub objects: Option<Objects>,
    /// Places hit more often in one of them.
    pub locations: Listed<LocationDiff>,
    /// How many places were hit equally often.
    pub equal_locations: u64,
    /// Places that stand on another line in B.
    pub moved: Listed<LocationDiff>,
    /// Values whose range, set or type differs, at places where both were.
    pub values: Listed<FieldDiff>,
    /// Functions that only one reached.
    pub functions: Functions,
    /// Functions that cost more in one; none when one of them has no profile.
    pub hot: Option<Hot>,
}

/// Where another thread parts.
#[derive(Clone, Debug, Serialize)]
pub struct OtherParting {
    /// What happens there.
    pub how: How,
    /// The thread in A.
    pub thread_a: Option<Thread>,
    /// The thread in B.
    pub thread_b: Option<Thread>,
    /// How many hits of the thread are alike before it.
    pub alike: u64,
    /// Where A is then.
    pub a: Option<String>,
    /// Where B is.
    pub b: Option<String>,
}

/// Compares two sessions.
///
/// # Errors
/// What SQLite says.
pub fn diff(a: &SessionDb, b: &SessionDb, options: &Options) -> Result<Diff> {
    let sessions = [a, b];
    let places = Places::new(sessions)?;
    let keys = options.places.as_ref();
    let mut scope = Scope {
        keys: keys.map(|places| places.each_ref().map(|place| place.keys.clone())),
        ignored: &options.ignored,
        untold: None,
    };
    let scanned = scan_both(sessions, &places, &mut scope)?;
    let mut both = Both {
        sessions,
        lanes: [&scanned[0].lanes, &scanned[1].lanes],
        readers: [Reader::new(a)?, Reader::new(b)?],
        whats: &scanned[0].whats,
        ignored: &options.ignored,
    };
    let told = Told::new(&mut both, [&scanned[0], &scanned[1]], options.limit)?;
    assemble(sessions, &scanned, &places, told, options)
}

/// What the order of the hits tells.
struct Told {
    parting: Option<Parting>,
    others: Vec<OtherParting>,
    objects: Option<Objects>,
}

impl Told {
    fn new(both: &mut Both<'_>, scanned: [&Scanned; 2], limit: usize) -> Result<Self> {
        let mut found: Vec<Found> = Vec::new();
        let pairs = if both.lanes.iter().any(|lanes| lanes.is_empty()) {
            Vec::new() // What has no hits parts from nothing.
        } else {
            lanes::pair(both.lanes[0], both.lanes[1])
        };
        for lanes in pairs {
            found.extend(both.part(lanes)?);
        }
        found.sort_by_key(|found| both.order(found));
        let alike = found.first().map_or(usize::MAX, |first| first.at);
        let objects = objects::objects(both, scanned, alike)?;
        let mut found = found.into_iter();
        let first = found.next().map(|first| both.tell(first, limit));
        let others = found.map(|found| other(both, found));
        Ok(Self {
            parting: first.transpose()?,
            others: others.collect::<Result<_>>()?,
            objects,
        })
    }
}

fn other(both: &Both<'_>, found: Found) -> Result<OtherParting> {
    let (a, b) = found.lanes;
    let at = |side, lane| -> Result<Option<String>> {
        let hit = both.hits(side, lane, found.at, found.at + 1)?.pop();
        Ok(hit.map(|hit| format!("{} hit {}", hit.location, hit.seq)))
    };
    Ok(OtherParting {
        how: found.how,
        thread_a: both.thread(Side::A, a),
        thread_b: both.thread(Side::B, b),
        alike: found.at as u64,
        a: at(Side::A, a)?,
        b: at(Side::B, b)?,
    })
}

fn assemble(
    sessions: [&SessionDb; 2],
    scanned: &[Scanned; 2],
    places: &Places,
    told: Told,
    options: &Options,
) -> Result<Diff> {
    let limit = options.limit;
    let rebuilt = !same_build(sessions)?;
    let all = locations(scanned, places);
    let (differing, equal): (Vec<_>, Vec<_>) = all.into_iter().partition(|row| row.a != row.b);
    let rows = differing.iter().chain(&equal);
    let moved: Vec<_> = rows.filter(|row| row.across.is_some()).cloned().collect();
    let both_were = |place| scanned.iter().all(|s| s.counts.contains_key(&place));
    let values = scanned[0].fields.differing(both_were, rebuilt);
    let values = values.into_iter().map(|(place, field, [a, b])| {
        let location = key(places, place, 0);
        FieldDiff {
            location,
            field,
            a,
            b,
        }
    });
    let hot = if options.places.is_none() {
        functions::hot(sessions, limit)?
    } else {
        None // A profile knows no places of ours.
    };
    let mut diff = Diff {
        a: run(sessions[0], &scanned[0]),
        b: run(sessions[1], &scanned[1]),
        same: false,
        notes: notes(sessions, scanned, &told)?,
        parting: told.parting,
        other_partings: Listed::new(told.others, limit),
        objects: told.objects,
        equal_locations: equal.len() as u64,
        locations: Listed::new(differing, limit),
        moved: Listed::new(moved, limit),
        values: Listed::new(values.collect(), limit),
        functions: functions::reached(sessions, [&scanned[0], &scanned[1]], limit)?,
        hot,
    };
    diff.same = diff.parting.is_none()
        && diff.locations.is_empty()
        && diff.values.is_empty()
        && diff.functions.only_a.is_empty()
        && diff.functions.only_b.is_empty()
        && diff.hot.as_ref().is_none_or(|hot| hot.rows.is_empty());
    Ok(diff)
}

fn run(session: &SessionDb, scanned: &Scanned) -> Run {
    Run {
        label: session.label().to_owned(),
        target: session.target().to_owned(),
        hits: scanned.hits,
        threads: scanned.lanes.len() as u64,
    }
}

/// A place's key on a side, else on the other.
fn key(places: &Places, place: u32, side: usize) -> String {
    let keys = &places.list[place as usize].keys;
    let key = keys[side].as_ref().or(keys[1 - side].as_ref());
    key.cloned().unwrap_or_default()
}

/// Places that were hit, those that differ most first.
fn locations(scanned: &[Scanned; 2], places: &Places) -> Vec<LocationDiff> {
    let mut rows = Vec::new();
    for (index, place) in (0..).zip(&places.list) {
        let count = |side: usize| scanned[side].counts.get(&index).copied().unwrap_or(0);
        let (a, b) = (count(0), count(1));
        if (a, b) == (0, 0) {
            continue;
        }
        let location = key(places, index, 0);
        let other = place.keys[1].clone().filter(|other| *other != location);
        rows.push(LocationDiff {
            location,
            location_b: other,
            across: place.across,
            a,
            b,
        });
    }
    rows.sort_by(|x, y| {
        let order = |row: &LocationDiff| std::cmp::Reverse(row.a.abs_diff(row.b));
        (order(x), &x.location).cmp(&(order(y), &y.location))
    });
    rows
}

/// What a person should know who compares these two.
fn notes([a, b]: [&SessionDb; 2], scanned: &[Scanned; 2], told: &Told) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    if a.session_id() == b.session_id() {
        let one = a.db_path() == b.db_path();
        let (itself, copies) = ("it was compared with itself", "these are copies of it");
        notes.push(format!(
            "both are one session: {}",
            if one { itself } else { copies }
        ));
    } else if a.target_class() != b.target_class() {
        notes.push(format!(
            "the targets are of different classes: {} and {}",
            a.target_class(),
            b.target_class()
        ));
    } else if name(a.target()) != name(b.target()) {
        notes.push(format!(
            "the targets have different names: {} and {}",
            a.target(),
            b.target()
        ));
    }
    if told.parting.is_some() && scanned[0].hits > 0 && scanned[0].sum == scanned[1].sum {
        notes.push(
            "all hits of one are hits of the other, in another order or shared out differently \
             among the threads"
                .to_owned(),
        );
    }
    if scanned[0].fields.full {
        notes.push(
            "there are more values than can be followed; the ranges are of the first".to_owned(),
        );
    }
    Ok(notes)
}
