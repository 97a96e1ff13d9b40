//! From a profile to rows of the session database, all in one transaction.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::costs::{self, Costs, SymbolOf};
use super::profile::{EventHandle, Profile};
use super::rows::{Cancel, LayerWriter};
use super::{Format, Options, detect, format_named, parse, raw};
pub use crate::ids::LayerId;
use crate::session_db::{SessionDb, utc_text};

/// How to add a layer.
#[derive(Clone, Copy, Debug, Default)]
pub struct AddOptions<'a> {
    /// The name of the format; none: found by looking into the file.
    pub format: Option<&'a str>,
    /// How to read it.
    pub read: Options<'a>,
}

/// One layer that was indexed.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexedLayer {
    /// Its number.
    pub id: LayerId,
    /// What its weights count: `Ir`, `cycles`, `samples`.
    pub unit: String,
    /// The sum of all weights.
    pub total: f64,
    /// The profiler's samples; for callgrind, which has none, the functions that cost something.
    pub samples: u64,
    /// Functions seen.
    pub functions: usize,
}

/// What [`add`] and [`reindex`] did.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerReport {
    /// The profiler.
    pub source: &'static str,
    /// The name of its format.
    pub format: &'static str,
    /// The raw file's name in the session's raw folder.
    pub file: String,
    /// One per event of the profile; callgrind's further events are counters of its one layer.
    pub layers: Vec<IndexedLayer>,
    /// What the user should know, in sentences.
    pub warnings: Vec<String>,
}

/// Adds the profile `file` to the session: keeps it verbatim under the raw folder, and indexes it.
///
/// Either all of it happens or nothing: on any error no file and no row is left behind.
///
/// # Errors
/// [`LayerError`](super::LayerError) in one sentence if the file is not a sound profile; what the file system or
/// SQLite says.
pub fn add(db: &SessionDb, file: &Path, options: &AddOptions<'_>) -> Result<LayerReport> {
    check_session(db)?;
    let format = match options.format {
        Some(name) => format_named(name)?,
        None => detect(file, file)?,
    };
    let collected_at = modified(file);
    let kept = raw::keep(file, &raw::folder(db)?, options.read.cancelled)?;
    let profile = parse(format, &kept.path(), file, &options.read)?;
    let tx = begin(db.conn())?;
    let kept = kept.settle()?;
    let mut layers = Vec::new();
    for event in layer_events(&profile) {
        let id = insert_layer(
            &tx,
            db,
            format,
            &profile,
            event,
            kept.name(),
            collected_at.as_deref(),
        )?;
        layers.push(fill_layer(&tx, db, id, &profile, event, &options.read)?);
    }
    tx.commit()
        .context("cannot write the layer to the session")?;
    Ok(report(format, kept.commit(), layers, profile))
}

/// Indexes a layer again from its raw file, in place of what was indexed before.
///
/// # Errors
/// As [`add`]; if there is no such layer, or its raw file is gone. The layer stays as it was then.
pub fn reindex(db: &SessionDb, layer: LayerId, options: &Options<'_>) -> Result<LayerReport> {
    check_session(db)?;
    let (name, format, unit): (Option<String>, Option<String>, Option<String>) = db
        .conn()
        .query_row(
            "SELECT file, format, unit FROM layers WHERE id = ?",
            [layer.0],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .with_context(|| {
            format!(
                "there is no layer {}; `layer list` shows those there are",
                layer.0
            )
        })?;
    let name = name.with_context(|| format!("layer {} has no raw file to index again", layer.0))?;
    let path = raw::kept(&raw::folder(db)?, &name)?;
    let format = match format {
        Some(format) => format_named(&format)?,
        None => detect(&path, &path)?,
    };
    let profile = parse(format, &path, &path, options)?;
    let event = layer_events(&profile)
        .into_iter()
        .find(|event| {
            unit.as_ref()
                .is_none_or(|unit| *unit == profile.events[event.index()])
        })
        .with_context(|| {
            format!(
                "{} has no event {} any more",
                path.display(),
                unit.unwrap_or_default()
            )
        })?;
    let tx = begin(db.conn())?;
    for table in ["samples", "counters", "layer_functions", "layer_calls"] {
        tx.execute(
            &format!("DELETE FROM {table} WHERE layer_id = ?"),
            [layer.0],
        )?;
    }
    let indexed = fill_layer(&tx, db, layer, &profile, event, options)?;
    tx.commit()
        .context("cannot write the layer to the session")?;
    Ok(report(format, name, vec![indexed], profile))
}

fn report(
    format: &dyn Format,
    file: String,
    layers: Vec<IndexedLayer>,
    profile: Profile,
) -> LayerReport {
    LayerReport {
        source: format.source(),
        format: format.name(),
        file,
        layers,
        warnings: profile.warnings,
    }
}

fn begin(conn: &Connection) -> Result<Transaction<'_>> {
    Transaction::new_unchecked(conn, TransactionBehavior::Immediate)
        .context("cannot write to the session")
}

/// Files of dbg, and of targets that never have samples, are refused before anything is done.
fn check_session(db: &SessionDb) -> Result<()> {
    anyhow::ensure!(
        db.has_column("samples", "id")?,
        "a session of the target class {} has no place for samples; start a session of another class",
        db.target_class()
    );
    anyhow::ensure!(
        db.has_column("samples", "stack_id")? && db.has_column("layer_functions", "layer_id")?,
        "this session was made by another tool or version and can only be read; start a new one and add the profile there"
    );
    Ok(())
}

/// The events that become layers: each of perf's, the main one of callgrind's.
fn layer_events(profile: &Profile) -> Vec<EventHandle> {
    let all = profile.event_handles();
    if profile.graph.is_none() {
        return all;
    }
    let main = all
        .iter()
        .find(|event| profile.events[event.index()] == "Ir")
        .or(all.first());
    main.copied().into_iter().collect()
}

fn insert_layer(
    tx: &Transaction<'_>,
    db: &SessionDb,
    format: &dyn Format,
    profile: &Profile,
    event: EventHandle,
    file: &str,
    collected_at: Option<&str>,
) -> Result<LayerId> {
    tx.execute(
        "INSERT INTO layers (session_id, source, file, collected_at, command_used, collection_secs, format, unit)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            db.session_id(),
            format.source(),
            file,
            collected_at,
            profile.command,
            duration_secs(profile),
            format.name(),
            profile.events[event.index()],
        ],
    )?;
    Ok(LayerId(tx.last_insert_rowid()))
}

/// From the first sample to the last.
fn duration_secs(profile: &Profile) -> Option<f64> {
    let last = profile
        .samples
        .iter()
        .filter_map(|sample| sample.time_us)
        .fold(None, |last: Option<f64>, time| {
            Some(last.map_or(time, |last| last.max(time)))
        })?;
    Some(last / 1e6)
}

fn fill_layer(
    tx: &Transaction<'_>,
    db: &SessionDb,
    id: LayerId,
    profile: &Profile,
    event: EventHandle,
    options: &Options<'_>,
) -> Result<IndexedLayer> {
    let rows = LayerWriter::new(tx, db, id, profile, Cancel(options.cancelled))?;
    let symbol_of = SymbolOf {
        frames: rows.symbol_of_frame(),
        unknown: rows.unknown_symbol(),
        symbols: rows.symbol_count(),
    };
    let costs = costs::of(profile, event, &symbol_of);
    tx.execute(
        "UPDATE layers SET total = ? WHERE id = ?",
        params![costs.sum, id.0],
    )?;
    let samples = match &profile.graph {
        Some(graph) => rows.insert_graph(graph, event)?,
        None => rows.insert_samples(event)?,
    };
    rows.insert_costs(&costs)?;
    let unit = profile.events[event.index()].clone();
    Ok(IndexedLayer {
        id,
        unit,
        total: costs.sum,
        samples,
        functions: seen(&costs),
    })
}

fn seen(costs: &Costs) -> usize {
    costs
        .total
        .iter()
        .zip(&costs.own)
        .filter(|(total, own)| **total > 0.0 || **own > 0.0)
        .count()
}

/// When the file was written, which is when the profile was collected.
fn modified(file: &Path) -> Option<String> {
    let time = fs::metadata(file).ok()?.modified().ok()?;
    let micros = time.duration_since(UNIX_EPOCH).ok()?.as_micros();
    Some(utc_text(i64::try_from(micros).ok()?))
}
