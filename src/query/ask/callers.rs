//! By which paths a place was reached, counted.

use std::collections::HashMap;

use anyhow::{Result, bail};
use rusqlite::OptionalExtension;
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::hit_trend::no_hit;
use super::hits::Filter;
use crate::ids::{HitId, StackId};
use crate::query::expr::{Expr, Where};
use crate::query::location::Place;
use crate::query::read::columns::has_stacks;
use crate::query::read::counts::{Span, by_stack};
use crate::query::read::field::{Field, Own};
use crate::query::read::scan::fold;
use crate::session_db::SessionDb;

/// The paths to a place.
#[derive(Clone, Debug, Serialize)]
pub struct Callers {
    /// The session's label.
    pub session: String,
    /// The location keys that were asked for.
    pub locations: Vec<String>,
    /// The function, when one was asked for.
    pub function: Option<String>,
    /// The condition that the hits pass.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub passing: Option<String>,
    /// Hits that were looked at.
    pub hits: u64,
    /// Those of them whose stack was not recorded.
    pub without_stack: u64,
    /// How many different paths there are.
    pub total: usize,
    /// What `first` and `last` are: `seq`, or `id` when the hits are of several locations.
    pub x: &'static str,
    /// The most frequent ones.
    pub paths: Vec<CallPath>,
}

/// One way to a place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CallPath {
    /// From the innermost function outwards.
    pub functions: Vec<String>,
    /// Whether it goes on outwards, beyond the wanted depth.
    pub cut: bool,
    /// How many hits came this way.
    pub hits: u64,
    /// Of those with a stack, in percent.
    pub pct: f64,
    /// The first of them.
    pub first: HitId,
    /// The last.
    pub last: HitId,
}

/// Which hits are looked at, and how much is told.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// Where.
    pub place: &'a Place,
    /// Only of this thread.
    pub thread: Option<&'a str>,
    /// Only those that pass this.
    pub passing: Option<&'a Expr>,
    /// How many callers of the innermost function are told apart; 0: all.
    pub depth: usize,
    /// At most so many paths; 0: all.
    pub limit: usize,
}

/// Counts the paths by which a place was reached.
///
/// # Errors
/// A sentence when the session has no stacks or no such hit, or what SQLite says.
pub fn callers(session: &SessionDb, asked: &Question<'_>) -> Result<Callers> {
    if !has_stacks(session)? {
        bail!(
            "the session has no stacks: the tool that wrote it keeps the innermost function alone; \
             `dbg-session hits` shows that"
        );
    }
    let stacks = stacks(session, asked)?;
    let hits: u64 = stacks.values().map(|counted| counted.hits).sum();
    if hits == 0 {
        bail!(no_hit(asked.place, asked.thread, asked.passing));
    }
    let without_stack = stacks.get(&None).map_or(0, |counted| counted.hits);
    let mut tree = Tree::new(session);
    let mut by_path: HashMap<(Vec<usize>, bool), Span> = HashMap::new();
    for (stack, counted) in stacks {
        if let Some(stack) = stack {
            let path = tree.path(stack, asked.depth)?;
            let known = by_path.get(&path).copied();
            by_path.insert(path, known.map_or(counted, |known| known.and(counted)));
        }
    }
    let total = by_path.len();
    Ok(Callers {
        session: session.label().to_owned(),
        locations: asked.place.keys.clone(),
        function: asked.place.function.clone(),
        passing: asked.passing.map(ToString::to_string),
        hits,
        without_stack,
        total,
        x: if asked.place.keys.len() == 1 {
            "seq"
        } else {
            "id"
        },
        paths: tree.named(by_path, hits - without_stack, asked.limit),
    })
}

type Stacks = FxHashMap<Option<StackId>, Span>;

/// How often the hits have each stack.
fn stacks(session: &SessionDb, asked: &Question<'_>) -> Result<Stacks> {
    let filter = Filter {
        place: Some(asked.place.clone()),
        thread: asked.thread.map(str::to_owned),
        ..Filter::default()
    };
    let by_seq = asked.place.keys.len() == 1;
    match asked.passing {
        Some(expr) => passing_stacks(session, &filter, expr, by_seq),
        None => by_stack(session, &filter, by_seq),
    }
}

fn add(stacks: &mut Stacks, stack: Option<StackId>, span: Span) {
    let known = stacks.entry(stack);
    known
        .and_modify(|known| *known = known.and(span))
        .or_insert(span);
}

/// Span hit by hit, of those that pass.
fn passing_stacks(
    session: &SessionDb,
    filter: &Filter,
    expr: &Expr,
    by_seq: bool,
) -> Result<Stacks> {
    let mut fields = Where::new(expr).fields().to_vec();
    let stack = fields.len();
    let x = stack + 1;
    fields.extend([Own::Stack, if by_seq { Own::Seq } else { Own::Id }].map(Field::Own));
    let parts = fold(
        session,
        &fields,
        filter,
        || (Where::new(expr), Stacks::default()),
        |(passing, stacks), row| {
            if passing.passes(&|field| row.get(field)) {
                let x = HitId(row.integer(x).unwrap_or_default());
                let counted = Span {
                    hits: 1,
                    first: x,
                    last: x,
                };
                add(stacks, row.integer(stack).map(StackId), counted);
            }
        },
    )?;
    let mut stacks = Stacks::default();
    for (_, part) in parts {
        for (stack, counted) in part {
            add(&mut stacks, stack, counted);
        }
    }
    Ok(stacks)
}

/// The tree of stacks, as far as it was walked.
struct Tree<'a> {
    session: &'a SessionDb,
    /// A node's function and its parent.
    nodes: HashMap<StackId, (usize, Option<StackId>)>,
    names: Vec<String>,
    numbers: HashMap<String, usize>,
}

/// More frames than are recorded: what ends a circle in a damaged file.
const MOST_FRAMES: usize = 4096;

impl<'a> Tree<'a> {
    fn new(session: &'a SessionDb) -> Self {
        Self {
            session,
            nodes: HashMap::new(),
            names: Vec::new(),
            numbers: HashMap::new(),
        }
    }

    /// The functions of a stack by their numbers, innermost first, and whether there are more.
    fn path(&mut self, stack: StackId, depth: usize) -> Result<(Vec<usize>, bool)> {
        let most = match depth {
            1..MOST_FRAMES => depth + 1,
            _ => MOST_FRAMES,
        };
        let mut path = Vec::new();
        let mut next = Some(stack);
        while let Some(node) = next {
            if path.len() >= most {
                return Ok((path, true));
            }
            let (name, parent) = self.node(node)?;
            path.push(name);
            next = parent;
        }
        Ok((path, false))
    }

    fn node(&mut self, node: StackId) -> Result<(usize, Option<StackId>)> {
        if let Some(known) = self.nodes.get(&node) {
            return Ok(*known);
        }
        let mut statement = self.session.conn().prepare_cached(
            "SELECT coalesce(symbols.fqn, frames.module || printf('+0x%x', frames.module_offset),
                    frames.module, '??'), stacks.parent_id
             FROM stacks
             LEFT JOIN frames ON frames.id = stacks.frame_id
             LEFT JOIN symbols ON symbols.id = frames.symbol_id
             WHERE stacks.id = ?",
        )?;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get(1)?));
        let found = statement.query_row([node], read).optional()?;
        let (name, parent) = found.unwrap_or_else(|| ("??".to_owned(), None));
        let number = match self.numbers.get(&name) {
            Some(number) => *number,
            None => {
                self.names.push(name.clone());
                self.numbers.insert(name, self.names.len() - 1);
                self.names.len() - 1
            }
        };
        self.nodes.insert(node, (number, parent));
        Ok((number, parent))
    }

    /// The most frequent paths with their functions' names.
    fn named(
        &self,
        by_path: HashMap<(Vec<usize>, bool), Span>,
        hits: u64,
        limit: usize,
    ) -> Vec<CallPath> {
        let mut paths: Vec<_> = by_path.into_iter().collect();
        paths.sort_by(|((a, _), x), ((b, _), y)| {
            (y.hits.cmp(&x.hits))
                .then(x.first.cmp(&y.first))
                .then(a.cmp(b))
        });
        if limit > 0 {
            paths.truncate(limit);
        }
        let named = paths.into_iter().map(|((path, cut), counted)| CallPath {
            functions: path.iter().map(|name| self.names[*name].clone()).collect(),
            cut,
            hits: counted.hits,
            pct: 100.0 * counted.hits as f64 / hits as f64,
            first: counted.first,
            last: counted.last,
        });
        named.collect()
    }
}
