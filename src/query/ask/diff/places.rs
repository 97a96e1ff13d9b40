//! Which location of one session is which of the other.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

use super::files;
use super::lines::{self, Lines};
use crate::query::location::{Known, known};
use crate::session_db::SessionDb;

/// A place in the program, as far as each session was there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PlacePair {
    /// Its location key in A, and in B.
    pub keys: [Option<String>; 2],
    /// How the keys were brought together, if they are not the same.
    pub across: Option<Across>,
}

/// How a location was found again on another line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Across {
    /// The line has the same text and stands elsewhere.
    Moved,
    /// The line was edited: it is the only candidate between its neighbours, or in its function.
    Edited,
}

/// All places of two sessions.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub list: Vec<PlacePair>,
    /// From a location key of A, and of B, to the place.
    index: [FxHashMap<String, u32>; 2],
}

impl Places {
    /// Brings the locations of two sessions together.
    pub(super) fn new(sessions: [&SessionDb; 2]) -> Result<Self> {
        let known = [known(sessions[0])?, known(sessions[1])?];
        let mut places = Self::default();
        let rebuilt = !same_build(sessions)?;
        let pairs = if rebuilt {
            Rebuilt::new(sessions, &known)?.pairs()
        } else {
            renamed(sessions, &known)?
        };
        for pair in pairs {
            places.add(pair.keys, pair.across);
        }
        for (side, known) in known.iter().enumerate() {
            for Known { key, .. } in known {
                if !places.index[side].contains_key(key) {
                    let mut keys = [Some(key.clone()), Some(key.clone())];
                    if rebuilt || places.index[1 - side].contains_key(key) {
                        keys[1 - side] = None;
                    }
                    places.add(keys, None);
                }
            }
        }
        Ok(places)
    }

    /// The place of a location key of A (side 0) or B (side 1).
    pub(super) fn of(&self, side: usize, key: &str) -> Option<u32> {
        self.index[side].get(key).copied()
    }

    fn add(&mut self, keys: [Option<String>; 2], across: Option<Across>) {
        let at = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        for (index, key) in self.index.iter_mut().zip(&keys) {
            if let Some(key) = key {
                index.insert(key.clone(), at);
            }
        }
        self.list.push(PlacePair { keys, across });
    }
}

/// Whether both sessions are of the very same file.
pub(super) fn same_build(sessions: [&SessionDb; 2]) -> Result<bool> {
    let hash = |session: &SessionDb| -> Result<Option<String>> {
        let sql = "SELECT target_hash FROM sessions";
        Ok(session.conn().query_row(sql, [], |row| row.get(0))?)
    };
    let (a, b) = (hash(sessions[0])?, hash(sessions[1])?);
    Ok(a.is_some() && a == b)
}

struct Pair {
    keys: [Option<String>; 2],
    across: Option<Across>,
}

/// Locations of one build whose files are called otherwise from another folder.
fn renamed(sessions: [&SessionDb; 2], known: &[Vec<Known>; 2]) -> Result<Vec<Pair>> {
    let spots = known.each_ref().map(|known| spots(known));
    let lined = spots.each_ref().map(|spots| {
        let files = spots.iter().filter(|spot| spot.line > 0);
        files.map(|spot| spot.file).collect::<BTreeSet<_>>()
    });
    let in_b = files::matched(sessions, &lined)?;
    let keys: FxHashSet<&str> = spots[1].iter().map(|spot| spot.key).collect();
    let pairs = spots[0].iter().filter_map(|spot| {
        let file = in_b.get(spot.file).filter(|file| **file != spot.file)?;
        let key = format!("{file}:{}", spot.line);
        let hit = keys.contains(key.as_str());
        Some(Pair {
            keys: [Some(spot.key.to_owned()), hit.then_some(key)],
            across: None,
        })
    });
    Ok(pairs.collect())
}

/// A location as taken apart.
struct Spot<'a> {
    key: &'a str,
    file: &'a str,
    line: usize,
    function: Option<&'a str>,
}

/// The locations of a target and of the same one built anew.
struct Rebuilt<'a> {
    spots: [Vec<Spot<'a>>; 2],
    sources: [BTreeMap<String, Lines>; 2],
    /// By the file in A: its name in B, and where its lines went.
    moves: BTreeMap<String, (String, Option<BTreeMap<usize, usize>>)>,
    /// Files of A that are the same in B, whatever folder they are named from.
    same: BTreeSet<String>,
}

impl<'a> Rebuilt<'a> {
    fn new(sessions: [&SessionDb; 2], known: &'a [Vec<Known>; 2]) -> Result<Self> {
        let mut this = Self {
            spots: [spots(&known[0]), spots(&known[1])],
            sources: [sources(sessions[0])?, sources(sessions[1])?],
            moves: BTreeMap::new(),
            same: BTreeSet::new(),
        };
        let files = this.spots.each_ref().map(|spots| {
            let files = spots.iter().map(|spot| spot.file);
            files.collect::<BTreeSet<_>>()
        });
        let [files, mut others] = files;
        others.extend(this.sources[1].keys().map(String::as_str));
        let files = [files, others];
        let same = files::matched(sessions, &files)?;
        let mut moves = BTreeMap::new();
        for file in &files[0] {
            let other = same.get(file).map(|other| (*other).to_owned());
            this.same.extend(other.as_ref().map(|_| (*file).to_owned()));
            let other = other.unwrap_or_else(|| files::namesake(file, &files[1]).to_owned());
            let texts = (this.sources[0].get(*file), this.sources[1].get(&other));
            let moved = match texts {
                (Some(a), Some(b)) => Some(lines::map(a, b)),
                _ => None,
            };
            moves.insert((*file).to_owned(), (other, moved));
        }
        this.moves = moves;
        Ok(this)
    }

    fn pairs(&self) -> Vec<Pair> {
        let mut pairs = Vec::new();
        // What no line says directly: [A, B], to be paired by their surroundings.
        let mut open: [Vec<&Spot<'_>>; 2] = [Vec::new(), Vec::new()];
        for spot in &self.spots[0] {
            match self.line_in_b(spot) {
                LineMatch::At(line) => pairs.push(self.pair_at(spot, line)),
                LineMatch::Gone => open[0].push(spot),
            }
        }
        let taken: BTreeSet<String> = pairs.iter().filter_map(|p| p.keys[1].clone()).collect();
        let free = |spot: &&Spot<'_>| !taken.contains(spot.key) && !self.was_in_a(spot);
        open[1].extend(self.spots[1].iter().filter(free));
        self.pair_only_candidates(&mut open, &mut pairs, |side, spot| self.gap(side, spot));
        self.pair_only_candidates(&mut open, &mut pairs, |_, spot| {
            spot.function.map(str::to_owned)
        });
        let alone = |spot: &&Spot<'_>| Pair {
            keys: [Some(spot.key.to_owned()), None],
            across: None,
        };
        pairs.extend(open[0].iter().map(alone));
        pairs
    }

    fn pair_at(&self, spot: &Spot<'_>, line: usize) -> Pair {
        let file = self.moves.get(spot.file).map_or(spot.file, |(b, _)| b);
        let key = if line == 0 {
            spot.key.to_owned()
        } else {
            format!("{file}:{line}")
        };
        let stayed = line == spot.line && self.same.contains(spot.file);
        let across = (key != spot.key && !stayed).then_some(Across::Moved);
        let hit = self.spots[1].iter().any(|other| other.key == key);
        Pair {
            across: across.filter(|_| hit),
            keys: [Some(spot.key.to_owned()), hit.then_some(key)],
        }
    }

    /// Where a location of A stands in B, as far as that is plain.
    fn line_in_b(&self, spot: &Spot<'_>) -> LineMatch {
        let moved = self.moves.get(spot.file).and_then(|(_, map)| map.as_ref());
        let kept = self.sources[0].get(spot.file);
        match moved {
            Some(map) if kept.is_some_and(|lines| lines.contains_key(&spot.line)) => map
                .get(&spot.line)
                .map_or(LineMatch::Gone, |line| LineMatch::At(*line)),
            // Without the text, the same key in the same function.
            _ => {
                let same = self.spots[1].iter().find(|other| {
                    let ours = self.moves.get(spot.file).map(|(file, _)| file.as_str());
                    other.line == spot.line
                        && (other.key == spot.key || spot.line > 0 && ours == Some(other.file))
                        && (other.function == spot.function
                            || other.function.is_none()
                            || spot.function.is_none())
                });
                same.map_or(LineMatch::Gone, |other| LineMatch::At(other.line))
            }
        }
    }

    /// Whether a line of B is known to come from a line of A.
    fn was_in_a(&self, spot: &Spot<'_>) -> bool {
        spot.line > 0
            && self.moves.values().any(|(file, map)| {
                file == spot.file
                    && map
                        .as_ref()
                        .is_some_and(|map| map.values().any(|line| *line == spot.line))
            })
    }

    /// Between which neighbours an edited line stands, named by the one before, in B.
    fn gap(&self, side: usize, spot: &Spot<'_>) -> Option<String> {
        let of_file = |(a, (b, _)): &(&String, &(String, _))| {
            [a.as_str(), b.as_str()][side] == spot.file && spot.line > 0
        };
        let (_, (file, map)) = self.moves.iter().find(of_file)?;
        let map = map.as_ref()?;
        let before = if side == 0 {
            map.range(..spot.line).next_back().map(|(_, line)| *line)
        } else {
            let lines = map.values().copied();
            lines.filter(|line| *line < spot.line).max()
        };
        Some(format!("{file}:{}", before.unwrap_or(0)))
    }

    /// Pairs those that are alone on either side under the same name.
    fn pair_only_candidates(
        &self,
        open: &mut [Vec<&Spot<'a>>; 2],
        pairs: &mut Vec<Pair>,
        name: impl Fn(usize, &Spot<'_>) -> Option<String>,
    ) {
        let mut named: BTreeMap<String, [Vec<&str>; 2]> = BTreeMap::new();
        for (side, spots) in open.iter().enumerate() {
            for spot in spots {
                if let Some(name) = name(side, spot) {
                    named.entry(name).or_default()[side].push(spot.key);
                }
            }
        }
        for [a, b] in named.values() {
            if let ([a], [b]) = (a.as_slice(), b.as_slice()) {
                pairs.push(Pair {
                    keys: [Some((*a).to_owned()), Some((*b).to_owned())],
                    across: (a != b).then_some(Across::Edited),
                });
                open[0].retain(|spot| spot.key != *a);
                open[1].retain(|spot| spot.key != *b);
            }
        }
    }
}

enum LineMatch {
    /// On this line; 0: it has none, and the same key.
    At(usize),
    Gone,
}

fn spots(known: &[Known]) -> Vec<Spot<'_>> {
    let mut spots: Vec<Spot<'_>> = Vec::new();
    for place in known {
        // Of several functions that share a line the first speaks for it.
        if spots.last().is_some_and(|last| last.key == place.key) {
            continue;
        }
        let split = place.key.rsplit_once(':');
        let (file, line) = split
            .and_then(|(file, line)| Some((file, line.parse().ok()?)))
            .unwrap_or((place.key.as_str(), 0));
        spots.push(Spot {
            key: &place.key,
            file,
            line,
            function: place.function.as_deref(),
        });
    }
    spots
}

/// The source texts that a session kept, as they were when first hit.
fn sources(session: &SessionDb) -> Result<BTreeMap<String, Lines>> {
    let mut files: BTreeMap<String, Lines> = BTreeMap::new();
    let mut statement = session.conn().prepare(
        "SELECT file, line_start, text FROM source_snapshots
         WHERE file IS NOT NULL AND text IS NOT NULL ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (file, start, text): (String, Option<usize>, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let lines = files.entry(file).or_default();
        for (i, line) in text.lines().enumerate() {
            lines
                .entry(start.unwrap_or(1) + i)
                .or_insert_with(|| line.to_owned());
        }
    }
    Ok(files)
}
