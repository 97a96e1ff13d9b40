//! What a function called, as the stacks of hits tell: each stack is walked once, whatever hits share it.

use anyhow::Result;
use rusqlite::Statement;
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::cross::HitNeighbour;
use crate::ids::{StackId, SymbolId};
use crate::query::read::counts;
use crate::session_db::SessionDb;

/// How many are named at most.
const MOST: usize = 10;
/// Functions that one function called on one stack: more are no longer told apart.
const MOST_ON_A_STACK: usize = 256;

/// The functions below ours on the stacks of hits, most hits first.
pub(in crate::query::ask) fn hit_callees(
    db: &SessionDb,
    function: &str,
) -> Result<Vec<HitNeighbour>> {
    let stacks = counts::stacks(db)?;
    if stacks.is_empty() {
        return Ok(Vec::new());
    }
    let mut walk = Walk::new(db, function)?;
    let mut hits: FxHashMap<SymbolId, u64> = FxHashMap::default();
    for (stack, count) in stacks {
        let mut list = walk.callees(stack)?;
        while let Some(at) = list {
            let Callee { symbol, rest } = walk.lists[at];
            *hits.entry(symbol).or_default() += count;
            list = rest;
        }
    }
    named(db, &hits)
}

fn named(db: &SessionDb, hits: &FxHashMap<SymbolId, u64>) -> Result<Vec<HitNeighbour>> {
    let mut name = db.conn().prepare("SELECT fqn FROM symbols WHERE id = ?")?;
    let mut all = Vec::new();
    for (symbol, hits) in hits {
        let (function, hits) = (name.query_row([symbol], |row| row.get(0))?, *hits);
        all.push(HitNeighbour { function, hits });
    }
    all.sort_by(|a, b| (b.hits.cmp(&a.hits)).then_with(|| a.function.cmp(&b.function)));
    all.truncate(MOST);
    Ok(all)
}

/// A function that ours called, and the others on the same stack.
#[derive(Clone, Copy)]
struct Callee {
    symbol: SymbolId,
    rest: Option<usize>,
}

struct Walk<'db> {
    node: Statement<'db>,
    /// The symbols that have the function's name.
    own: FxHashSet<SymbolId>,
    lists: Vec<Callee>,
    /// Of each node that was passed: whether it is ours, and what was called from the root to it.
    seen: FxHashMap<StackId, (bool, Option<usize>)>,
}

impl<'db> Walk<'db> {
    fn new(db: &'db SessionDb, function: &str) -> Result<Self> {
        let mut own = db.conn().prepare("SELECT id FROM symbols WHERE fqn = ?")?;
        let own = own.query_map([function], |row| row.get(0))?;
        Ok(Self {
            own: own.collect::<rusqlite::Result<_>>()?,
            node: db.conn().prepare(
                // A name that is known in two languages is one function.
                "SELECT stacks.parent_id,
                        (SELECT min(id) FROM symbols AS same WHERE same.fqn = symbols.fqn)
                 FROM stacks
                 LEFT JOIN frames ON frames.id = stacks.frame_id
                 LEFT JOIN symbols ON symbols.id = frames.symbol_id WHERE stacks.id = ?",
            )?,
            lists: Vec::new(),
            seen: FxHashMap::default(),
        })
    }

    /// What our function called on a stack, as a list of [`Walk::lists`].
    fn callees(&mut self, stack: StackId) -> Result<Option<usize>> {
        let mut path = Vec::new();
        let mut next = Some(stack);
        let mut known = (false, None);
        // Outwards to what was seen before. A node is entered when it is met, so a circle ends there.
        while let Some(id) = next {
            if let Some(seen) = self.seen.get(&id) {
                known = *seen;
                break;
            }
            let mut rows = self.node.query([id])?;
            let Some(row) = rows.next()? else {
                break;
            };
            let symbol: Option<SymbolId> = row.get(1)?;
            next = row.get(0)?;
            self.seen.insert(id, (false, None));
            path.push((id, symbol));
        }
        let (mut called_by_ours, mut list) = known;
        for (id, symbol) in path.into_iter().rev() {
            if let Some(symbol) = symbol.filter(|_| called_by_ours) {
                list = self.with(list, symbol);
            }
            called_by_ours = symbol.is_some_and(|symbol| self.own.contains(&symbol));
            self.seen.insert(id, (called_by_ours, list));
        }
        Ok(list)
    }

    /// A list with one more, unless it is there already.
    fn with(&mut self, list: Option<usize>, symbol: SymbolId) -> Option<usize> {
        let (mut at, mut length) = (list, 0);
        while let Some(callee) = at.map(|at| self.lists[at]) {
            length += 1;
            if callee.symbol == symbol || length == MOST_ON_A_STACK {
                return list;
            }
            at = callee.rest;
        }
        self.lists.push(Callee { symbol, rest: list });
        Some(self.lists.len() - 1)
    }
}
