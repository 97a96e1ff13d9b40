//! One pass over the hits of a session: what remains of each is a few numbers
//! in its thread's lane, and what its values add to their fields.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use rustc_hash::{FxHashMap, FxHashSet};

use super::fields::Fields;
use super::ignore::Ignored;
use super::leaves::{Leaves, Trust};
use super::places::Places;
use super::{Side, hash};
use crate::ids::{HitId, StackId};
use crate::interrupt;
use crate::query::read::pass::{self, StoredHit};
use crate::query::read::watches::{self, InOrder};
use crate::session_db::SessionDb;

/// What is left of a hit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    /// Its number in the session.
    pub id: HitId,
    /// Of its values.
    pub values: u64,
    /// Where, and by what; an index into [`Whats`].
    pub what: u32,
    /// Of which pointers point where, compared with the hits before in the lane.
    pub objects: u32,
}

/// The hits of one thread, in their order.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// The debugger's number of the thread.
    pub thread: String,
    pub name: Option<String>,
    /// Processes are numbered in the order of their first hits.
    pub process: usize,
    /// It is the thread that the process began with.
    pub main: bool,
    pub events: Vec<Event>,
    /// Of all events in their order.
    pub sequence: u64,
}

/// What a hit is besides its values: its place, and what it was stopped by if
/// that is more than that the program came by.
#[derive(Debug, Default)]
pub(super) struct Whats {
    pub list: Vec<(u32, String)>,
    index: FxHashMap<u32, Vec<u32>>,
}

impl Whats {
    fn of(&mut self, place: u32, by: &str) -> u32 {
        let here = self.index.entry(place).or_default();
        let known = here.iter().find(|what| self.list[**what as usize].1 == by);
        if let Some(what) = known {
            return *what;
        }
        let what = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push((place, by.to_owned()));
        here.push(what);
        what
    }
}

impl Whats {
    /// Takes in those of another scan; where each of them is now.
    fn join(&mut self, others: &Self) -> Vec<u32> {
        let others = others.list.iter();
        others.map(|(place, by)| self.of(*place, by)).collect()
    }
}

/// A session as read.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    pub lanes: Vec<Lane>,
    pub hits: u64,
    /// Hits per place.
    pub counts: FxHashMap<u32, u64>,
    /// Innermost nodes of the hits' stacks.
    pub stacks: FxHashSet<StackId>,
    pub functions: BTreeSet<String>,
    pub objects: Objects,
    /// Of all hits, in whatever order and thread.
    pub sum: u64,
    pub whats: Whats,
    pub fields: Fields,
}

/// Scans both sessions, and once more where they differ and one has values that
/// the other cannot tell: such values in the sums would make every hit another.
pub(super) fn scan_both(
    sessions: [&SessionDb; 2],
    places: &Places,
    scope: &mut Scope<'_>,
) -> Result<[Scanned; 2]> {
    let mut scanned = scan_once(sessions, places, scope)?;
    if scanned[0].sum == scanned[1].sum {
        return Ok(scanned);
    }
    let both_were = |place| scanned.iter().all(|s| s.counts.contains_key(&place));
    let untold = scanned[0].fields.untold(both_were);
    if untold.is_empty() {
        return Ok(scanned);
    }
    let fields = std::mem::take(&mut scanned[0].fields);
    drop(scanned); // Two scans at a time would take twice the room.
    scope.untold = Some(untold);
    let mut scanned = scan_once(sessions, places, scope)?;
    scanned[0].fields = fields;
    Ok(scanned)
}

/// Scans both sessions, side by side where they can be opened twice, and joins
/// what they share into the first.
fn scan_once(
    sessions: [&SessionDb; 2],
    places: &Places,
    scope: &Scope<'_>,
) -> Result<[Scanned; 2]> {
    let reach = interrupt::reach();
    // A connection is one thread's alone.
    let path = sessions[1].db_path().filter(|path| path.exists());
    let (a, b) = match path {
        Some(path) => std::thread::scope(|threads| {
            let b = threads.spawn(|| {
                interrupt::within(reach, || {
                    let session = SessionDb::open_read_only(path)?;
                    scan(&session, Side::B, places, scope)
                })
            });
            let a = scan(sessions[0], Side::A, places, scope);
            (a, b.join().unwrap_or_else(|_| bail!("a thread failed")))
        }),
        None => (
            scan(sessions[0], Side::A, places, scope),
            scan(sessions[1], Side::B, places, scope),
        ),
    };
    let (mut a, mut b) = (a?, b?);
    let now = a.whats.join(&b.whats);
    for lane in &mut b.lanes {
        for event in &mut lane.events {
            event.what = now[event.what as usize];
        }
    }
    a.fields.join(std::mem::take(&mut b.fields));
    Ok([a, b])
}

/// Where each address was first seen in its lane, as long as there are not too many.
#[derive(Debug, Default)]
pub(super) struct Objects {
    first: FxHashMap<(u32, u64), First>,
    /// Number of the first hit of which not all addresses were remembered.
    pub full: Option<HitId>,
}

/// Which field of which hit of a lane showed an address first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct First {
    pub index: u32,
    pub path: u64,
}

impl Objects {
    /// Half of what it would take to hold 16 MB.
    const MOST: usize = 300_000;

    /// Remembers an address; none when it cannot.
    fn see(&mut self, hit: HitId, lane: u32, address: u64, here: First) -> Option<First> {
        let seen = self.first.get(&(lane, address)).copied();
        if seen.is_none() {
            if self.first.len() >= Self::MOST {
                self.full.get_or_insert(hit);
                return None;
            }
            self.first.insert((lane, address), here);
        }
        Some(seen.unwrap_or(here))
    }

    /// Where a lane showed an address first.
    pub(super) fn first(&self, lane: u32, address: u64) -> Option<First> {
        self.first.get(&(lane, address)).copied()
    }
}

/// Which hits are compared, and which of their values.
pub(super) struct Scope<'a> {
    /// Location keys of either side; none: all.
    pub keys: Option<[Vec<String>; 2]>,
    pub ignored: &'a Ignored,
    /// Fields by place that say nothing about the other session, as a scan before
    /// has found, which has seen to all fields' ranges as well.
    pub untold: Option<FxHashSet<(u32, u64)>>,
}

/// Reads all hits of a session.
fn scan(session: &SessionDb, side: Side, places: &Places, scope: &Scope<'_>) -> Result<Scanned> {
    let mut scanner = Scanner {
        side,
        places,
        scope,
        scanned: Scanned::default(),
        lanes: FxHashMap::default(),
        processes: Vec::new(),
        key: (String::new(), None),
        leaves: Leaves::default(),
    };
    let mut all_watches = watches::prepare_all(session)?;
    let mut watches = InOrder::new(all_watches.as_mut())?;
    pass::each(session, |hit| scanner.hit(hit, &mut watches))?;
    Ok(scanner.scanned)
}

struct Scanner<'a, 'b> {
    side: Side,
    places: &'a Places,
    scope: &'a Scope<'b>,
    scanned: Scanned,
    /// By process, then by the debugger's number of the thread.
    lanes: FxHashMap<Option<i64>, FxHashMap<String, u32>>,
    processes: Vec<Option<i64>>,
    /// The location key of the hit before, and its place; none: not compared.
    key: (String, Option<u32>),
    leaves: Leaves,
}

impl Scanner<'_, '_> {
    fn hit(&mut self, hit: &StoredHit<'_>, watches: &mut InOrder<'_>) -> Result<()> {
        let id = hit.id;
        let Some(place) = self.place(hit.location()) else {
            return Ok(());
        };
        self.leaves.read(hit.values());
        watches.of(id, |watch| add_watch(&mut self.leaves, watch))?;
        let by = stopped_by(hit.reason(), hit.detail());
        let what = self.scanned.whats.of(place, &by);
        let lane = self.lane(hit);
        let event = self.event(id, what, place, lane);
        let scanned = &mut self.scanned;
        let into = &mut scanned.lanes[lane as usize];
        // The same in both sessions, as the number of the `what` is not yet.
        let what = hash::pair(u64::from(place), hash::text(&by));
        let hash = hash::pair(event.values, what);
        into.sequence = hash::pair(into.sequence, hash);
        into.events.push(event);
        scanned.sum = scanned.sum.wrapping_add(hash);
        scanned.hits += 1;
        *scanned.counts.entry(place).or_default() += 1;
        scanned.stacks.extend(hit.stack());
        let function = hit.function();
        if !function.is_empty() && !scanned.functions.contains(function) {
            scanned.functions.insert(function.to_owned());
        }
        Ok(())
    }

    /// The place of a key, if it is to be compared.
    fn place(&mut self, key: &str) -> Option<u32> {
        if self.key.0 != key || self.scanned.hits == 0 {
            let keys = self.scope.keys.as_ref();
            let wanted = keys.is_none_or(|keys| keys[self.side as usize].iter().any(|k| k == key));
            // What is recorded just now is not compared.
            let known = self.places.of(self.side as usize, key);
            let place = known.filter(|_| wanted);
            key.clone_into(&mut self.key.0);
            self.key.1 = place;
        }
        self.key.1
    }

    fn lane(&mut self, hit: &StoredHit<'_>) -> u32 {
        let (pid, thread) = (hit.pid(), hit.thread());
        let known = self.lanes.get(&pid).and_then(|lanes| lanes.get(&*thread));
        if let Some(lane) = known {
            return *lane;
        }
        let process = self.processes.iter().position(|known| *known == pid);
        let process = process.unwrap_or_else(|| {
            self.processes.push(pid);
            self.processes.len() - 1
        });
        let name = hit.thread_name();
        let lane = u32::try_from(self.scanned.lanes.len()).unwrap_or(u32::MAX);
        self.scanned.lanes.push(Lane {
            thread: thread.to_string(),
            name: (!name.is_empty()).then(|| name.to_owned()),
            process,
            main: pid.is_some() && pid == hit.tid(),
            ..Lane::default()
        });
        let of_process = self.lanes.entry(pid).or_default();
        of_process.insert(thread.into_owned(), lane);
        lane
    }

    /// Adds the values of the hit that was read to their fields, and makes its event.
    fn event(&mut self, id: HitId, what: u32, place: u32, lane: u32) -> Event {
        let index = self.scanned.lanes[lane as usize].events.len();
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let (mut values, mut objects) = (0_u64, 0_u64);
        for leaf in &self.leaves.list {
            let ignored = self.scope.ignored;
            if !ignored.is_empty() && ignored.covers(&self.leaves.path(leaf, true)) {
                continue;
            }
            match &self.scope.untold {
                Some(untold) if untold.contains(&(place, leaf.field)) => continue,
                Some(_) => {}
                None => {
                    let fields = &mut self.scanned.fields;
                    fields.add(self.side, place, &self.leaves, leaf);
                }
            }
            if leaf.trust == Trust::Nothing {
                continue;
            }
            values = values.wrapping_add(hash::pair(leaf.path, leaf.value));
            if let Some(address) = self.leaves.address(leaf) {
                let here = First {
                    index,
                    path: leaf.path,
                };
                if let Some(first) = self.scanned.objects.see(id, lane, address, here) {
                    let first = hash::pair(first.path, u64::from(first.index));
                    objects = objects.wrapping_add(hash::pair(leaf.path, first));
                }
            }
        }
        Event {
            id,
            values,
            what,
            objects: u32::try_from(objects >> 32).unwrap_or_default(),
        }
    }
}

/// What a stop was by, if that tells it from coming by.
pub(super) fn stopped_by(reason: &str, detail: &str) -> String {
    match (reason, detail) {
        ("signal", name) => format!("signal {name}"),
        ("exception" | "watchpoint", _) => reason.to_owned(),
        (_, "return") => "return".to_owned(),
        _ => String::new(),
    }
}

/// Watches are values whose names begin with `watch`, which no variable's does.
pub(super) fn add_watch(leaves: &mut Leaves, watch: &watches::StoredWatch) {
    let name = format!("watch {}", watch.expr);
    match (&watch.whole, &watch.text) {
        (Some(json), _) => leaves.add(json, Some(&name)),
        (None, Some(text)) => {
            leaves.add_text(&name, watch.type_name.as_deref().unwrap_or_default(), text);
        }
        (None, None) => {}
    }
}
