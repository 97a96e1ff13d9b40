//! Functions that only one session reached, and functions that cost more in one.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use rusqlite::OptionalExtension;
use rustc_hash::FxHashSet;
use serde::Serialize;

use super::Listed;
use super::scan::Scanned;
use crate::ids::StackId;
use crate::query::hotspots::{Hotspots, hotspots};
use crate::query::layer_list::layer_list;
use crate::query::read::columns::has_stacks;
use crate::session_db::SessionDb;

/// Functions in which a hit was, or which stood in a hit's stack.
#[derive(Clone, Debug, Serialize)]
pub struct Functions {
    /// Reached in A alone.
    pub only_a: Listed<String>,
    /// Reached in B alone.
    pub only_b: Listed<String>,
}

/// The functions that one session reached and the other did not.
pub(super) fn reached(
    sessions: [&SessionDb; 2],
    scanned: [&Scanned; 2],
    limit: usize,
) -> Result<Functions> {
    let stacks = has_stacks(sessions[0])? && has_stacks(sessions[1])?;
    let mut all: [BTreeSet<String>; 2] = scanned.map(|scanned| scanned.functions.clone());
    // What stands in the stacks of one alone would look as if the other had not been there.
    if stacks {
        for side in 0..2 {
            add_callers(sessions[side], &scanned[side].stacks, &mut all[side])?;
        }
    }
    let only = |ours: &BTreeSet<String>, theirs: &BTreeSet<String>| {
        Listed::new(ours.difference(theirs).cloned().collect(), limit)
    };
    Ok(Functions {
        only_a: only(&all[0], &all[1]),
        only_b: only(&all[1], &all[0]),
    })
}

/// The functions of the modules in which the hits were, with a source file: what calls
/// `main` or a thread's first function, each debugger names as it likes.
fn add_callers(
    session: &SessionDb,
    stacks: &FxHashSet<StackId>,
    functions: &mut BTreeSet<String>,
) -> Result<()> {
    let mut node = session.conn().prepare(
        "SELECT stacks.parent_id, symbols.fqn, frames.file, frames.module FROM stacks
         JOIN frames ON frames.id = stacks.frame_id
         LEFT JOIN symbols ON symbols.id = frames.symbol_id WHERE stacks.id = ?",
    )?;
    let mut module = session.conn().prepare(
        "SELECT frames.module FROM stacks JOIN frames ON frames.id = stacks.frame_id WHERE stacks.id = ?",
    )?;
    let mut modules: FxHashSet<Option<String>> = FxHashSet::default();
    for innermost in stacks {
        let of_hit = module.query_row([innermost], |row| row.get(0)).optional()?;
        modules.extend(of_hit);
    }
    let mut seen = FxHashSet::default();
    for &innermost in stacks {
        let mut at = Some(innermost);
        while let Some(id) = at.filter(|id| seen.insert(*id)) {
            type Row = (
                Option<StackId>,
                Option<String>,
                Option<String>,
                Option<String>,
            );
            let row: Option<Row> = node
                .query_row([id], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                })
                .optional()?;
            let Some((parent, function, file, module)) = row else {
                break;
            };
            let ours = file.is_some() && modules.contains(&module);
            functions.extend(function.filter(|_| ours));
            at = parent;
        }
    }
    Ok(())
}

/// What functions cost in a layer of each session.
#[derive(Clone, Debug, Serialize)]
pub struct Hot {
    /// The layer of A: where from, and in what unit.
    pub layer_a: String,
    /// The layer of B.
    pub layer_b: String,
    /// Functions whose share differs, by how much it does.
    pub rows: Listed<HotDiff>,
}

/// A function's own share of all that a layer counts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HotDiff {
    /// The function.
    pub function: String,
    /// In percent, in A; none: not in the layer.
    pub a_pct: Option<f64>,
    /// In percent, in B.
    pub b_pct: Option<f64>,
    /// B less A, in percentage points.
    pub change: f64,
}

/// The least change that is told, in percentage points.
const LEAST_CHANGE: f64 = 1.0;

/// The hot functions that differ; none when one of the sessions has no layer.
pub(super) fn hot(sessions: [&SessionDb; 2], limit: usize) -> Result<Option<Hot>> {
    for session in sessions {
        if layer_list(session)?.layers.is_empty() {
            return Ok(None);
        }
    }
    let a = hotspots(sessions[0], None, 0)?;
    let b = of_the_same_kind(sessions[1], &a)?;
    let mut shares: BTreeMap<&str, [Option<(f64, u64)>; 2]> = BTreeMap::new();
    for (side, layer) in [&a, &b].into_iter().enumerate() {
        for row in &layer.rows {
            let share = &mut shares.entry(&row.function).or_default()[side];
            let (pct, samples) = share.unwrap_or_default();
            *share = Some((pct + row.self_pct, samples + row.samples));
        }
    }
    let mut rows: Vec<HotDiff> = Vec::new();
    for (function, [in_a, in_b]) in shares {
        let pct = |share: Option<(f64, u64)>| share.map(|(pct, _)| pct);
        let change = pct(in_b).unwrap_or(0.0) - pct(in_a).unwrap_or(0.0);
        let doubt = doubt(in_a, &a).hypot(doubt(in_b, &b));
        if change.abs() >= LEAST_CHANGE.max(3.0 * doubt) {
            rows.push(HotDiff {
                function: function.to_owned(),
                a_pct: pct(in_a),
                b_pct: pct(in_b),
                change,
            });
        }
    }
    rows.sort_by(|x, y| y.change.abs().total_cmp(&x.change.abs()));
    let name = |of: &Hotspots| format!("{} ({})", of.layer.source, of.layer.unit);
    Ok(Some(Hot {
        layer_a: name(&a),
        layer_b: name(&b),
        rows: Listed::new(rows, limit),
    }))
}

/// How much a sampled share may be off by chance, in percentage points: one
/// standard deviation. What a profiler counts exactly has no doubt.
fn doubt(share: Option<(f64, u64)>, of: &Hotspots) -> f64 {
    let samples = of.layer.samples;
    if samples == 0 {
        return 0.0;
    }
    let part = share.map_or(0.0, |(pct, _)| pct / 100.0);
    100.0 * (part * (1.0 - part).max(0.0) / samples as f64).sqrt()
}

/// The layer of B that counts what A's counts, else its newest.
fn of_the_same_kind(session: &SessionDb, a: &Hotspots) -> Result<Hotspots> {
    let layers = layer_list(session)?.layers;
    let same = layers
        .iter()
        .rev()
        .find(|layer| layer.unit == a.layer.unit && layer.source == a.layer.source);
    hotspots(session, same.map(|layer| layer.id), 0)
}
