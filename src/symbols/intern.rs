//! Symbols, frames and stacks, which hits and profiles share: each is stored once.
//!
//! A stack is a path in a tree of nodes, from the outermost frame inwards.

use rusqlite::{Connection, OptionalExtension, Result, params};
use rustc_hash::FxHashMap;

use super::Symbol;
use crate::ids::{FrameId, StackId, SymbolId};

/// Stores each symbol, frame and stack once, and remembers their ids.
///
/// What it remembers holds only for rows that are really there: after a
/// rollback, begin with a new one.
#[derive(Debug, Default)]
pub struct Interner {
    symbols: FxHashMap<(String, String), SymbolId>,
    frames: FxHashMap<FrameKey, FrameId>,
    stacks: FxHashMap<(Option<StackId>, FrameId), StackNode>,
    /// All frames and stacks of the session are remembered: what is not has no row.
    knows_all: bool,
}

/// What makes a frame the same one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FrameKey {
    /// The function; none: it has no name.
    pub symbol: Option<SymbolId>,
    /// As in `location_key`.
    pub file: Option<String>,
    /// From 1.
    pub line: Option<u32>,
    /// Base name of the object file.
    pub module: Option<String>,
    /// See `frames.module_offset`; none where the line says enough.
    pub offset: Option<i64>,
    /// Inlined into the next outer frame.
    pub inlined: bool,
}

/// The innermost node of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StackNode {
    /// Its row.
    pub id: StackId,
    /// How many nodes are outside of it.
    pub depth: i64,
}

impl Interner {
    /// One for very many frames and stacks at a time: it looks once at all that the session has.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn in_bulk(conn: &Connection) -> Result<Self> {
        let mut interner = Self {
            knows_all: true,
            ..Self::default()
        };
        let mut frames = conn.prepare(
            "SELECT id, symbol_id, file, line, module, module_offset, inlined FROM frames",
        )?;
        let mut rows = frames.query([])?;
        while let Some(row) = rows.next()? {
            let key = FrameKey {
                symbol: row.get(1)?,
                file: row.get(2)?,
                line: row.get(3)?,
                module: row.get(4)?,
                offset: row.get(5)?,
                inlined: row.get(6)?,
            };
            interner.frames.entry(key).or_insert(row.get(0)?);
        }
        let mut stacks = conn.prepare("SELECT id, parent_id, frame_id, depth FROM stacks")?;
        let mut rows = stacks.query([])?;
        while let Some(row) = rows.next()? {
            let node = StackNode {
                id: row.get(0)?,
                depth: row.get(3)?,
            };
            let key = (row.get(1)?, row.get(2)?);
            interner.stacks.entry(key).or_insert(node);
        }
        Ok(interner)
    }

    /// The id of a symbol. A guessed language yields to the one that the session knows the name under.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn symbol(
        &mut self,
        conn: &Connection,
        session: &str,
        symbol: &Symbol,
    ) -> Result<SymbolId> {
        let key = (symbol.lang.as_str().to_owned(), symbol.fqn.clone());
        if let Some(id) = self.symbols.get(&key) {
            return Ok(*id);
        }
        let id = match known_otherwise(conn, session, symbol)? {
            Some(id) => id,
            // Nothing is changed if it is there; the assignment makes RETURNING answer.
            None => conn
                .prepare_cached(
                    "INSERT INTO symbols (session_id, lang, fqn, demangled, raw, is_synthetic)
                     VALUES (?, ?, ?, ?, ?, ?)
                     ON CONFLICT (session_id, lang, fqn) DO UPDATE SET fqn = fqn RETURNING id",
                )?
                .query_row(
                    params![
                        session,
                        key.0,
                        key.1,
                        symbol.demangled,
                        symbol.raw,
                        symbol.is_synthetic
                    ],
                    |row| row.get(0),
                )?,
        };
        self.symbols.insert(key, id);
        Ok(id)
    }

    /// The id of a frame.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn frame(&mut self, conn: &Connection, key: FrameKey) -> Result<FrameId> {
        if let Some(id) = self.frames.get(&key) {
            return Ok(*id);
        }
        let columns = params![
            key.symbol,
            key.file,
            key.line,
            key.module,
            key.offset,
            key.inlined
        ];
        let found = match self.knows_all {
            true => None,
            false => conn
                .prepare_cached(
                    "SELECT id FROM frames WHERE symbol_id IS ?1 AND file IS ?2 AND line IS ?3
                     AND module IS ?4 AND module_offset IS ?5 AND inlined IS ?6",
                )?
                .query_row(columns, |row| row.get(0))
                .optional()?,
        };
        let id = match found {
            Some(id) => id,
            None => {
                conn.prepare_cached(
                    "INSERT INTO frames (symbol_id, file, line, module, module_offset, inlined)
                     VALUES (?, ?, ?, ?, ?, ?)",
                )?
                .execute(columns)?;
                FrameId(conn.last_insert_rowid())
            }
        };
        self.frames.insert(key, id);
        Ok(id)
    }

    /// The id of a stack, given its frames from the outermost inwards; none
    /// for no frames.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn stack(
        &mut self,
        conn: &Connection,
        outermost_first: impl IntoIterator<Item = FrameId>,
    ) -> Result<Option<StackId>> {
        let mut inner = None;
        for frame in outermost_first {
            inner = Some(self.node(conn, inner, frame)?);
        }
        Ok(inner.map(|node| node.id))
    }

    /// The stack that is another one with a frame inside of it; none: of that frame alone.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn node(
        &mut self,
        conn: &Connection,
        outer: Option<StackNode>,
        frame: FrameId,
    ) -> Result<StackNode> {
        let key = (outer.map(|node| node.id), frame);
        if let Some(node) = self.stacks.get(&key) {
            return Ok(*node);
        }
        let found = match self.knows_all {
            true => None,
            false => conn
                .prepare_cached("SELECT id FROM stacks WHERE parent_id IS ? AND frame_id = ?")?
                .query_row(params![key.0, frame], |row| row.get(0))
                .optional()?,
        };
        let depth = outer.map_or(0, |node| node.depth + 1);
        let id = match found {
            Some(id) => id,
            None => {
                conn.prepare_cached(
                    "INSERT INTO stacks (parent_id, frame_id, depth) VALUES (?, ?, ?)",
                )?
                .execute(params![key.0, frame, depth])?;
                StackId(conn.last_insert_rowid())
            }
        };
        let node = StackNode { id, depth };
        self.stacks.insert(key, node);
        Ok(node)
    }
}

/// The symbol of the same name in another language, where that of this one is a guess.
fn known_otherwise(conn: &Connection, session: &str, symbol: &Symbol) -> Result<Option<SymbolId>> {
    if !symbol.lang_is_guess {
        return Ok(None);
    }
    conn.prepare_cached(
        "SELECT id FROM symbols WHERE session_id = ? AND fqn = ? ORDER BY lang = ? DESC, id LIMIT 1",
    )?
    .query_row(
        params![session, symbol.fqn, symbol.lang.as_str()],
        |row| row.get(0),
    )
    .optional()
}
