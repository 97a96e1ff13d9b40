//! Hits one after the other, oldest first, however many there are: page by
//! page, so that neither memory nor the session is held in between.

use std::collections::VecDeque;

use anyhow::Result;
use rusqlite::params_from_iter;

use super::field::{Field, Own};
use super::filter::{Condition, Filter};
use super::hit::{Hit, by_id, read, select};
use super::scan::Rows;
use crate::query::expr::Where;
use crate::session_db::SessionDb;

/// Hits read at a time, of all locations together.
const PAGE: usize = 256;
/// How many times as many are looked at when not all pass.
const LOOKED_AT: usize = 4;

/// A way through the hits that pass a filter; its limit is not looked at.
#[derive(Debug)]
pub struct Walk {
    filter: Filter,
    cursors: Vec<Cursor>,
}

/// How far the way led at one location; hits of several are put in order.
#[derive(Debug, Default)]
struct Cursor {
    /// None: at any location.
    key: Option<String>,
    /// The last `hit_seq` that was read, without a location the last `id`.
    after: i64,
    ready: VecDeque<Hit>,
    ended: bool,
}

impl Walk {
    /// Before the first of the hits.
    #[must_use]
    pub fn new(filter: Filter) -> Self {
        let keys: Vec<Option<String>> = match &filter.place {
            Some(place) => place.keys.iter().cloned().map(Some).collect(),
            None => vec![None],
        };
        let cursors = keys.into_iter().map(|key| Cursor {
            key,
            ..Cursor::default()
        });
        Self {
            cursors: cursors.collect(),
            filter,
        }
    }

    /// The next hits; none at the end. What is recorded later is found by asking again.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn page(&mut self, session: &SessionDb) -> Result<Vec<Hit>> {
        let each = (PAGE / self.cursors.len().max(1)).max(8);
        for cursor in self.cursors.iter_mut().filter(|c| c.ready.is_empty()) {
            cursor.ended = false;
            cursor.fill(session, &self.filter, each)?;
        }
        let mut page = Vec::new();
        loop {
            let heads = self.cursors.iter_mut().filter(|c| !c.ready.is_empty());
            let Some(next) = heads.min_by_key(|c| c.ready.front().map(|hit| hit.id)) else {
                return Ok(page);
            };
            page.extend(next.ready.pop_front());
            // What comes here next may be older than what the others have.
            if next.ready.is_empty() && !next.ended {
                return Ok(page);
            }
        }
    }
}

impl Cursor {
    fn fill(&mut self, session: &SessionDb, filter: &Filter, most: usize) -> Result<()> {
        while self.ready.is_empty() && !self.ended {
            match &filter.passing {
                None => self.read(session, filter, most)?,
                Some(expr) => self.read_passing(session, filter, &Where::new(expr), most)?,
            }
        }
        Ok(())
    }

    /// The condition of what comes next here, at most so many rows.
    fn condition(&self, session: &SessionDb, filter: &Filter, most: usize) -> Result<Condition> {
        let mut condition = Condition::new(session, self.key.as_slice(), filter)?;
        let (order, after) = (self.order(), self.after);
        condition.sql += &format!(" AND {order} > {after} ORDER BY {order} LIMIT {most}");
        Ok(condition)
    }

    const fn order(&self) -> &'static str {
        if self.key.is_some() { "hit_seq" } else { "id" }
    }

    fn read(&mut self, session: &SessionDb, filter: &Filter, most: usize) -> Result<()> {
        let condition = self.condition(session, filter, most)?;
        let query = format!("{} WHERE {}", select(session)?, condition.sql);
        let mut statement = session.conn().prepare_cached(&query)?;
        let hits = statement.query_map(params_from_iter(&condition.params), read)?;
        self.ready = hits.collect::<rusqlite::Result<_>>()?;
        self.ended = self.ready.len() < most;
        if let Some(last) = self.ready.back() {
            self.after = if self.key.is_some() {
                last.seq.0
            } else {
                last.id.0
            };
        }
        Ok(())
    }

    /// Of many hits those that pass are read whole.
    fn read_passing(
        &mut self,
        session: &SessionDb,
        filter: &Filter,
        passing: &Where,
        most: usize,
    ) -> Result<()> {
        let most = most * LOOKED_AT;
        let mut fields = passing.fields().to_vec();
        fields.push(Field::Own(if self.key.is_some() {
            Own::Seq
        } else {
            Own::Id
        }));
        let (mut ids, mut looked_at, mut last) = (Vec::new(), 0, self.after);
        let rows = Rows::new(session, &fields)?;
        rows.each(&self.condition(session, filter, most)?, |row| {
            looked_at += 1;
            last = row.integer(fields.len() - 1).unwrap_or(last).max(last);
            if passing.passes(&|field| row.get(field)) {
                ids.push(row.id());
            }
            Ok(())
        })?;
        self.ended = looked_at < most;
        self.after = last;
        for id in ids {
            self.ready.extend(by_id(session, id)?);
        }
        Ok(())
    }
}
