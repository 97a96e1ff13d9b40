//! Which hits are wanted, as a person says it and as SQL has it.

use anyhow::Result;

use super::columns::function_column;
use crate::ids::HitId;
use crate::query::expr::Expr;
use crate::session_db::SessionDb;

/// What a written location means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// One key, or all of a file or a function.
    pub keys: Vec<String>,
    /// Set when a function was asked for.
    pub function: Option<String>,
}

/// Which hits are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only here.
    pub place: Option<Place>,
    /// Only of the thread with this number, name, or system-wide number.
    pub thread: Option<String>,
    /// Only those that pass this.
    pub passing: Option<Expr>,
    /// At most so many, the newest; 0: all.
    pub limit: usize,
    /// Fields to tell of each, by their names.
    pub fields: Vec<String>,
}

impl Filter {
    /// The hits that it means, its expression left aside, each part with the
    /// column that an index orders it by: key by key, else by their numbers.
    pub(in crate::query) fn parts(
        &self,
        session: &SessionDb,
    ) -> Result<Vec<(Condition, &'static str)>> {
        let Some(place) = &self.place else {
            return Ok(vec![(Condition::new(session, &[], self)?, "id")]);
        };
        let keys = place.keys.chunks(1);
        let here = keys.map(|key| Ok((Condition::new(session, key, self)?, "hit_seq")));
        here.collect()
    }

    /// The same, without these columns.
    pub(in crate::query) fn conditions(&self, session: &SessionDb) -> Result<Vec<Condition>> {
        let parts = self.parts(session)?.into_iter();
        Ok(parts.map(|(condition, _)| condition).collect())
    }
}

/// A WHERE clause with its parameters.
pub(in crate::query) struct Condition {
    pub(in crate::query) sql: String,
    pub(in crate::query) params: Vec<String>,
}

impl Condition {
    /// The hits at some locations (none: at all) that pass a filter, its
    /// expression left aside.
    pub(in crate::query) fn new(
        session: &SessionDb,
        keys: &[String],
        filter: &Filter,
    ) -> Result<Self> {
        let mut terms = vec!["1"];
        let mut params = Vec::new();
        let function = format!("{} = ?", function_column(session)?);
        let marks = vec!["?"; keys.len()].join(", ");
        let here = format!("location_key IN ({marks})");
        if !keys.is_empty() {
            terms.push(&here);
            params.extend_from_slice(keys);
        }
        if let Some(Place {
            function: Some(name),
            ..
        }) = &filter.place
        {
            terms.push(&function);
            params.push(name.clone());
        }
        if let Some(thread) = &filter.thread {
            if session.has_column("breakpoint_hits", "thread_name")? {
                terms.push("? IN (thread, thread_name, CAST(tid AS TEXT))");
            } else {
                terms.push("thread = ?");
            }
            params.push(thread.clone());
        }
        Ok(Self {
            sql: terms.join(" AND "),
            params,
        })
    }

    /// Only those of which a column lies between two numbers.
    pub(in crate::query) fn between(&self, column: &str, from: i64, to: i64) -> Self {
        Self {
            sql: format!("{} AND {column} BETWEEN {from} AND {to}", self.sql),
            params: self.params.clone(),
        }
    }

    /// One hit.
    pub(in crate::query) fn id(id: HitId) -> Self {
        Self {
            sql: "id = ?".into(),
            params: vec![id.to_string()],
        }
    }
}
