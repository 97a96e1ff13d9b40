//! What was recorded: hits of a place, of a thread, the newest of all.

use anyhow::Result;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::ids::HitId;
use crate::interrupt::Answered;
use crate::query::expr::{Expr, Where};
use crate::query::read::field::Field;
pub use crate::query::read::filter::Filter;
use crate::query::read::hit::newest;
pub use crate::query::read::hit::{Hit, by_id, by_seq, last};
use crate::query::read::scan::{Rows, fold};
use crate::session_db::SessionDb;

/// Hits in the order of recording.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Hits {
    /// The session's label.
    pub session: String,
    /// The location keys that were asked for; empty: all.
    pub locations: Vec<String>,
    /// The condition that they pass.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub passing: Option<String>,
    /// How many hits there are, shown or not.
    pub total: u64,
    /// The newest of them, oldest first.
    pub hits: Vec<Hit>,
}

impl Hits {
    /// How many older hits were left out.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.total.saturating_sub(self.hits.len() as u64)
    }
}

/// The newest hits that pass a filter.
///
/// # Errors
/// What SQLite says.
pub fn hits(session: &SessionDb, filter: &Filter) -> Result<Hits> {
    let limit = match filter.limit {
        0 => usize::MAX,
        limit => limit,
    };
    let (total, mut hits) = match &filter.passing {
        Some(expr) => newest_passing(session, filter, expr, limit)?,
        None => newest(session, filter, limit)?,
    };
    if !filter.fields.is_empty() {
        let fields: Vec<Field> = filter.fields.iter().map(|name| Field::new(name)).collect();
        let rows = Rows::new(session, &fields)?;
        for hit in &mut hits {
            hit.fields = fields_of(hit.id, &rows, &filter.fields)?;
        }
    }
    Ok(Hits {
        session: session.label().to_owned(),
        locations: filter
            .place
            .as_ref()
            .map_or_else(Vec::new, |p| p.keys.clone()),
        passing: filter.passing.as_ref().map(ToString::to_string),
        total,
        hits,
    })
}

/// The same of those that pass an expression: all are looked at, the newest read whole.
fn newest_passing(
    session: &SessionDb,
    filter: &Filter,
    expr: &Expr,
    limit: usize,
) -> Result<(u64, Vec<Hit>)> {
    let passing = Where::new(expr);
    let ids = fold(session, passing.fields(), filter, Vec::new, |ids, row| {
        if passing.passes(&|field| row.get(field)) {
            ids.push(row.id());
        }
    })?;
    let mut ids = ids.concat();
    ids.sort_unstable();
    let left_out = ids.len().saturating_sub(limit);
    let mut hits: Answered<Vec<Hit>> = Answered::default();
    for id in &ids[left_out..] {
        hits.extend(by_id(session, *id)?);
    }
    Ok((ids.len() as u64, hits.into_inner()))
}

/// The texts of some fields of a hit; null for what it does not have.
fn fields_of(id: HitId, rows: &Rows<'_>, names: &[String]) -> Result<Map<String, Value>> {
    let mut fields = Map::new();
    rows.one(id, |row| {
        for (i, name) in names.iter().enumerate() {
            let text = row.get(i).map(|found| found.shown().into_owned());
            fields.insert(name.clone(), text.into());
        }
    })?;
    Ok(fields)
}
