use rusqlite::{Connection, OptionalExtension, Result, params};
use rustc_hash::FxHashMap;

use crate::symbols::Symbol;

/// Stores each symbol, frame and stack once, and remembers their ids.
///
/// What it remembers holds only for rows that are really there: after a
/// rollback, begin with a new one.
#[derive(Debug, Default)]
pub struct Interner {
    symbols: FxHashMap<(String, String), i64>,
    frames: FxHashMap<FrameKey, i64>,
    stacks: FxHashMap<(Option<i64>, i64), Node>,
}

/// What makes a frame the same one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FrameKey {
    /// The function; none: it has no name.
    pub symbol: Option<i64>,
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

#[derive(Clone, Copy, Debug)]
struct Node {
    id: i64,
    depth: i64,
}

impl Interner {
    /// The id of a symbol.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn symbol(&mut self, conn: &Connection, session: &str, symbol: &Symbol) -> Result<i64> {
        let key = (symbol.lang.as_str().to_owned(), symbol.fqn.clone());
        if let Some(id) = self.symbols.get(&key) {
            return Ok(*id);
        }
        conn.prepare_cached(
            "INSERT INTO symbols (session_id, lang, fqn, demangled, raw, is_synthetic)
             VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            session,
            key.0,
            key.1,
            symbol.demangled,
            symbol.raw,
            symbol.is_synthetic
        ])?;
        let id = conn
            .prepare_cached("SELECT id FROM symbols WHERE session_id = ? AND lang = ? AND fqn = ?")?
            .query_row(params![session, key.0, key.1], |row| row.get(0))?;
        self.symbols.insert(key, id);
        Ok(id)
    }

    /// The id of a frame.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn frame(&mut self, conn: &Connection, key: FrameKey) -> Result<i64> {
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
        let found = conn
            .prepare_cached(
                "SELECT id FROM frames WHERE symbol_id IS ?1 AND file IS ?2 AND line IS ?3
                 AND module IS ?4 AND module_offset IS ?5 AND inlined IS ?6",
            )?
            .query_row(columns, |row| row.get(0))
            .optional()?;
        let id = match found {
            Some(id) => id,
            None => {
                conn.prepare_cached(
                    "INSERT INTO frames (symbol_id, file, line, module, module_offset, inlined)
                     VALUES (?, ?, ?, ?, ?, ?)",
                )?
                .execute(columns)?;
                conn.last_insert_rowid()
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
        outermost_first: impl IntoIterator<Item = i64>,
    ) -> Result<Option<i64>> {
        let mut parent: Option<Node> = None;
        for frame in outermost_first {
            let key = (parent.map(|node| node.id), frame);
            let node = match self.stacks.get(&key) {
                Some(node) => *node,
                None => {
                    let depth = parent.map_or(0, |node| node.depth + 1);
                    let node = Node {
                        id: find_or_add_node(conn, key, depth)?,
                        depth,
                    };
                    self.stacks.insert(key, node);
                    node
                }
            };
            parent = Some(node);
        }
        Ok(parent.map(|node| node.id))
    }
}

pub(super) fn find_or_add_node(
    conn: &Connection,
    (parent, frame): (Option<i64>, i64),
    depth: i64,
) -> Result<i64> {
    let found = conn
        .prepare_cached("SELECT id FROM stacks WHERE parent_id IS ? AND frame_id = ?")?
        .query_row(params![parent, frame], |row| row.get(0))
        .optional()?;
    if let Some(id) = found {
        return Ok(id);
    }
    conn.prepare_cached("INSERT INTO stacks (parent_id, frame_id, depth) VALUES (?, ?, ?)")?
        .execute(params![parent, frame, depth])?;
    Ok(conn.last_insert_rowid())
}
