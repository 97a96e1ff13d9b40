//! The profiles attached to a session.

use anyhow::Result;
use serde::Serialize;

use crate::session_db::SessionDb;

/// One profile of a session.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Layer {
    /// `layers.id`.
    pub id: i64,
    /// The profiler.
    pub source: String,
    /// The name of its format; none in files of dbg.
    pub format: Option<String>,
    /// The raw file's name, in the session's raw folder.
    pub file: Option<String>,
    /// When the profile was collected: UTC, ISO 8601.
    pub collected_at: Option<String>,
    /// The command line, where the profile tells it.
    pub command: Option<String>,
    /// From the first sample to the last.
    pub seconds: Option<f64>,
    /// What the weights count.
    pub unit: String,
    /// The sum of all weights.
    pub total: f64,
    /// How many rows of samples there are.
    pub samples: u64,
    /// How many functions were seen.
    pub functions: u64,
}

/// The layers of a session, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Layers {
    /// The session's label.
    pub session: String,
    /// Its layers.
    pub layers: Vec<Layer>,
}

/// Lists the layers of a session.
///
/// # Errors
/// What SQLite says.
pub fn layer_list(db: &SessionDb) -> Result<Layers> {
    let own = db.has_column("layers", "unit")?;
    let added = if own {
        "format, unit, total"
    } else {
        "NULL, NULL, NULL"
    };
    let sums = if !db.has_column("samples", "id")? {
        "0, 0, 0.0"
    } else if db.has_column("layer_functions", "layer_id")? {
        "(SELECT count(*) FROM samples WHERE layer_id = layers.id),
         (SELECT count(*) FROM layer_functions WHERE layer_id = layers.id), 0.0"
    } else {
        "(SELECT count(*) FROM samples WHERE layer_id = layers.id),
         (SELECT count(DISTINCT symbol_id) FROM samples WHERE layer_id = layers.id),
         (SELECT total(weight) FROM samples WHERE layer_id = layers.id)"
    };
    let query = format!(
        "SELECT id, source, file, collected_at, command_used, collection_secs, {added}, {sums} FROM layers ORDER BY id"
    );
    let mut statement = db.conn().prepare(&query)?;
    let layers = statement.query_map([], |row| {
        Ok(Layer {
            id: row.get(0)?,
            source: row.get(1)?,
            file: row.get(2)?,
            collected_at: row.get(3)?,
            command: row.get(4)?,
            seconds: row.get(5)?,
            format: row.get(6)?,
            unit: row
                .get::<_, Option<String>>(7)?
                .unwrap_or_else(|| "samples".to_owned()),
            total: row
                .get::<_, Option<f64>>(8)?
                .map_or_else(|| row.get(11), Ok)?,
            samples: row.get(9)?,
            functions: row.get(10)?,
        })
    })?;
    let layers = layers.collect::<rusqlite::Result<_>>()?;
    Ok(Layers {
        session: db.label().to_owned(),
        layers,
    })
}
