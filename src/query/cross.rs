//! Everything known of one function: its hits, and what it cost in each layer.

use anyhow::Result;
use rusqlite::{Params, Row};
use serde::Serialize;

use super::function::find_function;
use super::hotspots::percent;
use super::layer_list::{Layer, layer_list};
use crate::session_db::SessionDb;

/// How many callers and callees are named at most.
const MOST_NEIGHBOURS: usize = 10;

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
    /// What the profilers recorded: one entry per layer in which it was seen.
    pub layers: Vec<CrossLayer>,
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
    pub locations: Vec<CrossLocation>,
    /// The functions it was called from at these hits.
    pub callers: Vec<HitNeighbour>,
    /// The functions below it on the stacks of hits elsewhere.
    pub callees: Vec<HitNeighbour>,
}

/// The hits at one location.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CrossLocation {
    /// The location key.
    pub location: String,
    /// How many.
    pub hits: u64,
    /// UTC, ISO 8601.
    pub first_ts: String,
    /// UTC, ISO 8601.
    pub last_ts: String,
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

/// Everything known of the function that `symbol` names; see [`lookup`] for how it may be written.
///
/// # Errors
/// [`FunctionError`](super::function::FunctionError), or what SQLite says.
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
        layers: layers(db, &function)?,
        function,
    })
}

/// Where a hit says its function; dbg has it in the JSON only.
fn hit_function(db: &SessionDb) -> Result<&'static str> {
    Ok(if db.has_column("breakpoint_hits", "function")? {
        "hits.function"
    } else {
        "json_extract(hits.stack_json, '$.frame_symbol')"
    })
}

fn hits(db: &SessionDb, function: &str) -> Result<CrossHits> {
    let by_hit = hit_function(db)?;
    let query = format!(
        "SELECT location_key, count(*), min(ts), max(ts) FROM breakpoint_hits AS hits
         WHERE {by_hit} = ? GROUP BY location_key ORDER BY count(*) DESC, location_key"
    );
    let locations = collect(db, &query, [function], |row| {
        Ok(CrossLocation {
            location: row.get(0)?,
            hits: row.get(1)?,
            first_ts: row.get(2)?,
            last_ts: row.get(3)?,
        })
    })?;
    let has_stacks = db.has_column("breakpoint_hits", "stack_id")?;
    let neighbours = |query: &str| {
        if !has_stacks {
            return Ok(Vec::new());
        }
        collect(db, query, [function], |row| {
            Ok(HitNeighbour {
                function: row.get(0)?,
                hits: row.get(1)?,
            })
        })
    };
    Ok(CrossHits {
        count: locations.iter().map(|location| location.hits).sum(),
        first_ts: locations
            .iter()
            .map(|location| location.first_ts.clone())
            .min(),
        last_ts: locations
            .iter()
            .map(|location| location.last_ts.clone())
            .max(),
        callers: neighbours(HIT_CALLERS)?,
        callees: neighbours(HIT_CALLEES)?,
        locations,
    })
}

const HIT_CALLERS: &str = "
    SELECT symbols.fqn, count(*)
    FROM breakpoint_hits AS hits
    JOIN stacks AS own ON own.id = hits.stack_id
    JOIN stacks AS caller ON caller.id = own.parent_id
    JOIN frames ON frames.id = caller.frame_id
    JOIN symbols ON symbols.id = frames.symbol_id
    WHERE hits.function = ?
    GROUP BY symbols.fqn ORDER BY count(*) DESC, symbols.fqn LIMIT 10";

/// From each hit's stack outwards, until our function; the frame passed just before is the callee.
const HIT_CALLEES: &str = "
    WITH RECURSIVE walk (top, node, callee) AS (
        SELECT DISTINCT stack_id, stack_id, NULL FROM breakpoint_hits WHERE stack_id IS NOT NULL
        UNION ALL
        SELECT walk.top, stacks.parent_id, stacks.frame_id
        FROM walk JOIN stacks ON stacks.id = walk.node
        WHERE stacks.parent_id IS NOT NULL
    )
    SELECT callees.fqn, count(DISTINCT hits.id)
    FROM walk
    JOIN stacks ON stacks.id = walk.node
    JOIN frames ON frames.id = stacks.frame_id
    JOIN symbols ON symbols.id = frames.symbol_id AND symbols.fqn = ?
    JOIN frames AS below ON below.id = walk.callee
    JOIN symbols AS callees ON callees.id = below.symbol_id
    JOIN breakpoint_hits AS hits ON hits.stack_id = walk.top
    GROUP BY callees.fqn ORDER BY count(DISTINCT hits.id) DESC, callees.fqn LIMIT 10";

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
