//! Everything known of one function: its hits, and what it cost in each layer.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;
use rusqlite::{Params, Row};
use serde::Serialize;

use super::breakpoints::breakpoints;
use super::hotspots::percent;
use super::layer_list::{Layer, layer_list};
use super::notes::{self, Note};
use super::parts::callees::hit_callees;
use super::{disasm, source};
use crate::query::function::find_function;
use crate::query::read::counts;
pub use crate::query::read::counts::AtLocation;
use crate::query::read::hit::newest_in;
use crate::record::Breakpoint;
use crate::session_db::SessionDb;
use crate::value::locals::members;

/// How many callers and callees are named at most.
const MOST_NEIGHBOURS: usize = 10;
/// Hits whose arguments are looked at, the newest.
const MOST_HITS: usize = 10_000;

/// One function, from both tracks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cross {
    /// The session's label.
    pub session: String,
    /// The canonical name.
    pub function: String,
    /// The languages it was seen as, usually one.
    pub langs: Vec<String>,
    /// The names as debuggers and profilers gave them.
    pub raw: Vec<String>,
    /// What the debugger recorded.
    pub hits: CrossHits,
    /// What its arguments were at these hits.
    pub arguments: Vec<Argument>,
    /// What the profilers recorded: one entry per layer in which it was seen.
    pub layers: Vec<CrossLayer>,
    /// The breakpoints in it, as they stood.
    pub breakpoints: Vec<Breakpoint>,
    /// What persons wrote to its hits.
    pub notes: Vec<Note>,
    /// Where its source was and when it was kept.
    pub source: Option<KeptSource>,
    /// Its machine code, when that was kept.
    pub code: Option<KeptCode>,
}

/// What one argument was at the newest hits, at most 10,000 of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Hits with a value of it.
    pub hits: u64,
    /// Different values among them.
    pub distinct: u64,
    /// The smallest; none unless all are numbers.
    pub min: Option<f64>,
    /// The largest.
    pub max: Option<f64>,
    /// The value at the newest hit.
    pub last: String,
}

/// Source that a session keeps of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeptSource {
    /// As in a location key.
    pub file: String,
    /// The function's first line.
    pub first_line: u32,
    /// And its last.
    pub last_line: u32,
}

/// Machine code that a session keeps of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeptCode {
    /// Who read it: `gdb`, `lldb`, or another tool.
    pub source: String,
    /// How long it is.
    pub bytes: Option<i64>,
    /// Instructions.
    pub instructions: usize,
    /// UTC, ISO 8601.
    pub collected_at: String,
}

/// The hits in a function.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CrossHits {
    /// How many.
    pub count: u64,
    /// UTC, ISO 8601.
    pub first_ts: Option<String>,
    /// UTC, ISO 8601.
    pub last_ts: Option<String>,
    /// Where in the function, most hits first.
    pub locations: Vec<AtLocation>,
    /// The functions it was called from at these hits.
    pub callers: Vec<HitNeighbour>,
    /// The functions below it on the stacks of hits elsewhere.
    pub callees: Vec<HitNeighbour>,
}

/// A function beside ours on the stacks of hits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HitNeighbour {
    /// The canonical name.
    pub function: String,
    /// Hits with it.
    pub hits: u64,
}

/// The function in one layer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CrossLayer {
    /// The layer.
    pub layer: Layer,
    /// The function itself, in the layer's unit.
    pub self_weight: f64,
    /// The same, in percent of the layer's total.
    pub self_pct: f64,
    /// With all that it called; none in files of dbg.
    pub total_weight: Option<f64>,
    /// The same, in percent of the layer's total.
    pub total_pct: Option<f64>,
    /// Samples of the function itself.
    pub samples: u64,
    /// How often it was called, where the profiler counts calls.
    pub calls: Option<u64>,
    /// Who called it, the most costly first.
    pub callers: Vec<LayerNeighbour>,
    /// Whom it called, the most costly first.
    pub callees: Vec<LayerNeighbour>,
}

/// A function that calls ours or is called by it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerNeighbour {
    /// The canonical name.
    pub function: String,
    /// What the called one cost in these calls, with all below it, in the layer's unit.
    pub weight: f64,
    /// The same, in percent of the layer's total.
    pub pct: f64,
    /// How often, where the profiler counts calls.
    pub calls: Option<u64>,
}

/// Everything known of the function that `symbol` names; see [`lookup`](crate::symbols::lookup) for how it may be written.
///
/// # Errors
/// [`FunctionError`](crate::query::function::FunctionError), or what SQLite says.
pub fn cross(db: &SessionDb, symbol: &str) -> Result<Cross> {
    let function = find_function(db, symbol)?;
    let name = [function.as_str()];
    let text = |row: &Row<'_>| row.get::<_, String>(0);
    Ok(Cross {
        session: db.label().to_owned(),
        langs: collect(
            db,
            "SELECT DISTINCT lang FROM symbols WHERE fqn = ? ORDER BY lang",
            name,
            text,
        )?,
        raw: collect(
            db,
            "SELECT DISTINCT raw FROM symbols WHERE fqn = ? ORDER BY raw",
            name,
            text,
        )?,
        hits: hits(db, &function)?,
        arguments: arguments(db, &function)?,
        breakpoints: breakpoints(db)?
            .breakpoints
            .into_iter()
            .filter(|b| b.function.as_ref() == Some(&function))
            .collect(),
        notes: notes::of_function(db, &function)?,
        source: kept_source(db, &function),
        code: disasm::kept(db, &function)?.map(|code| KeptCode {
            source: code.source,
            bytes: code.code_bytes,
            instructions: code.instructions.len(),
            collected_at: code.collected_at,
        }),
        layers: layers(db, &function)?,
        function,
    })
}

fn kept_source(db: &SessionDb, function: &str) -> Option<KeptSource> {
    let text = source::of_function(db, function).ok()?;
    Some(KeptSource {
        first_line: text.lines.first()?.number,
        last_line: text.lines.last()?.number,
        file: text.file,
    })
}

/// An argument, as far as hits were looked at.
struct SeenArgument {
    /// Where it stood at the first of them.
    place: usize,
    hits: u64,
    texts: HashSet<String>,
    /// The smallest and the largest, as long as all are numbers.
    range: Option<(f64, f64)>,
    last: String,
}

fn arguments(db: &SessionDb, function: &str) -> Result<Vec<Argument>> {
    let mut seen: BTreeMap<String, SeenArgument> = BTreeMap::new();
    newest_in(db, function, MOST_HITS, |hit| {
        for (place, (name, value)) in members(&hit.values).enumerate() {
            let Some(text) = value.text() else { continue };
            if !value.is_arg() || value.status().is_some() {
                continue;
            }
            let number: Option<f64> = serde_json::from_str(text).ok();
            let known = seen.entry(name.to_owned()).or_insert_with(|| SeenArgument {
                place,
                hits: 0,
                texts: HashSet::new(),
                range: number.map(|number| (number, number)),
                last: text.to_owned(),
            });
            known.place = known.place.min(place);
            known.hits += 1;
            known.range = known
                .range
                .zip(number)
                .map(|((min, max), number)| (min.min(number), max.max(number)));
            if !known.texts.contains(text) {
                known.texts.insert(text.to_owned());
            }
        }
    })?;
    let mut seen: Vec<(String, SeenArgument)> = seen.into_iter().collect();
    seen.sort_by_key(|(_, seen)| seen.place);
    let arguments = seen.into_iter().map(|(name, seen)| Argument {
        name,
        hits: seen.hits,
        distinct: seen.texts.len() as u64,
        min: seen.range.map(|(min, _)| min),
        max: seen.range.map(|(_, max)| max),
        last: seen.last,
    });
    Ok(arguments.collect())
}

fn hits(db: &SessionDb, function: &str) -> Result<CrossHits> {
    let locations = counts::of_function(db, function)?;
    let first = locations.iter().map(|at| &at.first_ts).min().cloned();
    let last = locations.iter().map(|at| &at.last_ts).max().cloned();
    let callers = counts::callers(db, function)?.into_iter();
    Ok(CrossHits {
        count: locations.iter().map(|at| at.hits).sum(),
        first_ts: first,
        last_ts: last,
        callers: callers
            .map(|(function, hits)| HitNeighbour { function, hits })
            .collect(),
        callees: hit_callees(db, function)?,
        locations,
    })
}

fn layers(db: &SessionDb, function: &str) -> Result<Vec<CrossLayer>> {
    if !db.has_column("samples", "id")? {
        return Ok(Vec::new());
    }
    let summed = db.has_column("layer_functions", "layer_id")?;
    let query = if summed { LAYER_COSTS } else { LAYER_SAMPLES };
    let mut seen = Vec::new();
    for layer in layer_list(db)?.layers {
        let costs = collect(db, query, (layer.id, function), |row| {
            let (own, total): (f64, Option<f64>) = (row.get(1)?, row.get(2)?);
            Ok((
                row.get::<_, i64>(0)?,
                own,
                total,
                row.get::<_, u64>(3)?,
                row.get::<_, Option<u64>>(4)?,
            ))
        })?;
        let Some((_, self_weight, total_weight, samples, calls)) =
            costs.into_iter().find(|costs| costs.0 > 0)
        else {
            continue;
        };
        let calls_of = |query: &str| {
            if summed {
                neighbours(db, query, &layer, function)
            } else {
                Ok(Vec::new())
            }
        };
        seen.push(CrossLayer {
            self_weight,
            self_pct: percent(self_weight, layer.total),
            total_weight,
            total_pct: total_weight.map(|weight| percent(weight, layer.total)),
            samples,
            calls,
            callers: calls_of(LAYER_CALLERS)?,
            callees: calls_of(LAYER_CALLEES)?,
            layer,
        });
    }
    Ok(seen)
}

// A name may be known in two languages, when one source could only guess it; the sums are over both.
const LAYER_COSTS: &str = "
    SELECT count(*), total(self_weight), total(total_weight), coalesce(sum(samples), 0), sum(calls)
    FROM layer_functions AS costs JOIN symbols ON symbols.id = costs.symbol_id
    WHERE costs.layer_id = ? AND symbols.fqn = ?";
const LAYER_SAMPLES: &str = "
    SELECT count(*), total(samples.weight), NULL, count(*), NULL
    FROM samples JOIN symbols ON symbols.id = samples.symbol_id
    WHERE samples.layer_id = ? AND symbols.fqn = ?";
const LAYER_CALLERS: &str = "
    SELECT other.fqn, sum(edges.weight), sum(edges.calls)
    FROM layer_calls AS edges
    JOIN symbols AS own ON own.id = edges.callee_id
    JOIN symbols AS other ON other.id = edges.caller_id
    WHERE edges.layer_id = ? AND own.fqn = ?
    GROUP BY other.fqn ORDER BY sum(edges.weight) DESC, other.fqn";
const LAYER_CALLEES: &str = "
    SELECT other.fqn, sum(edges.weight), sum(edges.calls)
    FROM layer_calls AS edges
    JOIN symbols AS own ON own.id = edges.caller_id
    JOIN symbols AS other ON other.id = edges.callee_id
    WHERE edges.layer_id = ? AND own.fqn = ?
    GROUP BY other.fqn ORDER BY sum(edges.weight) DESC, other.fqn";

fn neighbours(
    db: &SessionDb,
    query: &str,
    layer: &Layer,
    function: &str,
) -> Result<Vec<LayerNeighbour>> {
    let mut all = collect(db, query, (layer.id, function), |row| {
        let weight: f64 = row.get(1)?;
        Ok(LayerNeighbour {
            function: row.get(0)?,
            weight,
            pct: percent(weight, layer.total),
            calls: row.get(2)?,
        })
    })?;
    all.truncate(MOST_NEIGHBOURS);
    Ok(all)
}

fn collect<T>(
    db: &SessionDb,
    query: &str,
    values: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    let mut statement = db.conn().prepare(query)?;
    let rows = statement.query_map(values, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
