//! Where the time goes: the functions of a layer, by what they cost.

use anyhow::Result;
use rusqlite::{Row, params};
use serde::Serialize;

use super::layer_list::{Layer, layer_list};
use crate::session_db::SessionDb;

/// What one function cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hotspot {
    /// The canonical name.
    pub function: String,
    /// `c`, `cpp`, `rust`, `unknown`.
    pub lang: String,
    /// The source file, where known.
    pub file: Option<String>,
    /// The function's first line, where known.
    pub line: Option<u32>,
    /// Base name of the object file, where known.
    pub module: Option<String>,
    /// The function itself, in the layer's unit.
    pub self_weight: f64,
    /// The same, in percent of the layer's total.
    pub self_pct: f64,
    /// With all that it called, recursion counted once; none in files of dbg.
    pub total_weight: Option<f64>,
    /// The same, in percent of the layer's total.
    pub total_pct: Option<f64>,
    /// Samples of the function itself; 0 where the profiler takes none.
    pub samples: u64,
    /// How often it was called, where the profiler counts calls.
    pub calls: Option<u64>,
}

/// The hot functions of one layer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hotspots {
    /// The session's label.
    pub session: String,
    /// The layer that is shown.
    pub layer: Layer,
    /// The session's other layers.
    pub other_layers: Vec<i64>,
    /// The functions, the most costly themselves first.
    pub rows: Vec<Hotspot>,
    /// How many functions were left out.
    pub left_out: u64,
}

/// Why there are no hot functions to show.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LayerNotFound {
    /// The session has no profile.
    #[error("the session `{0}` has no layers; add a profile with `dbg-session layer add FILE`")]
    NoLayers(String),
    /// It has, but not this one.
    #[error("there is no layer {asked}; the session has {}", list(.known))]
    NoSuchLayer {
        /// The number that was asked for.
        asked: i64,
        /// The numbers there are.
        known: Vec<i64>,
    },
}

fn list(layers: &[i64]) -> String {
    layers
        .iter()
        .map(i64::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// The hot functions of a layer (none: the newest profile's main event); at most `limit`, 0 for all.
///
/// # Errors
/// [`LayerNotFound`], or what SQLite says.
pub fn hotspots(db: &SessionDb, layer: Option<i64>, limit: usize) -> Result<Hotspots> {
    let mut layers = layer_list(db)?.layers;
    let Some(newest) = layers.last() else {
        return Err(LayerNotFound::NoLayers(db.label().to_owned()).into());
    };
    let asked = layer.unwrap_or_else(|| main_event(&layers, newest).id);
    let Some(at) = layers.iter().position(|layer| layer.id == asked) else {
        let known = layers.iter().map(|layer| layer.id).collect();
        return Err(LayerNotFound::NoSuchLayer { asked, known }.into());
    };
    let layer = layers.remove(at);
    let mut rows = rows(db, &layer)?;
    let shown = if limit == 0 {
        rows.len()
    } else {
        limit.min(rows.len())
    };
    let left_out = (rows.len() - shown) as u64;
    rows.truncate(shown);
    Ok(Hotspots {
        session: db.label().to_owned(),
        layer,
        other_layers: layers.iter().map(|layer| layer.id).collect(),
        rows,
        left_out,
    })
}

/// A profile of several events is several layers of one file: the one with most samples speaks for it.
fn main_event<'a>(layers: &'a [Layer], newest: &'a Layer) -> &'a Layer {
    let same_file = |layer: &&Layer| newest.file.is_some() && layer.file == newest.file;
    let most = layers
        .iter()
        .rev()
        .filter(same_file)
        .max_by_key(|layer| layer.samples);
    most.unwrap_or(newest)
}

fn rows(db: &SessionDb, layer: &Layer) -> Result<Vec<Hotspot>> {
    let summed = db.has_column("layer_functions", "layer_id")?;
    let query = if summed { SUMMED } else { FROM_SAMPLES };
    let mut statement = db.conn().prepare(query)?;
    let rows = statement.query_map(params![layer.id], |row| hotspot(row, layer.total))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

const SUMMED: &str = "
    SELECT symbols.fqn, symbols.lang, coalesce(costs.file, symbols.file),
        CASE WHEN costs.file IS NULL THEN symbols.line ELSE costs.line END, costs.module,
        costs.self_weight, costs.total_weight, costs.samples, costs.calls
    FROM layer_functions AS costs JOIN symbols ON symbols.id = costs.symbol_id
    WHERE costs.layer_id = ?
    ORDER BY costs.self_weight DESC, costs.total_weight DESC, symbols.fqn";

/// For files of dbg, which have the samples only.
const FROM_SAMPLES: &str = "
    SELECT coalesce(symbols.fqn, '[unknown]'), coalesce(symbols.lang, 'unknown'), symbols.file, symbols.line, NULL,
        total(samples.weight) AS own, NULL, count(*), NULL
    FROM samples LEFT JOIN symbols ON symbols.id = samples.symbol_id
    WHERE samples.layer_id = ?
    GROUP BY samples.symbol_id
    ORDER BY own DESC, symbols.fqn";

fn hotspot(row: &Row<'_>, total: f64) -> rusqlite::Result<Hotspot> {
    let self_weight: f64 = row.get(5)?;
    let total_weight: Option<f64> = row.get(6)?;
    Ok(Hotspot {
        function: row.get(0)?,
        lang: row.get(1)?,
        file: row.get(2)?,
        line: row.get(3)?,
        module: row.get(4)?,
        self_weight,
        self_pct: percent(self_weight, total),
        total_weight,
        total_pct: total_weight.map(|weight| percent(weight, total)),
        samples: row.get(7)?,
        calls: row.get(8)?,
    })
}

/// A share in percent; nothing of nothing is nothing.
pub(super) fn percent(part: f64, whole: f64) -> f64 {
    if whole > 0.0 {
        100.0 * part / whole
    } else {
        0.0
    }
}
