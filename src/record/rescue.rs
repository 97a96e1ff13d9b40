//! Hits that could not be written to their session before the debugger went:
//! into a file of their own in the user's state folder, and from there back.
//!
//! ```text
//!  queue ── session's disk is full ──▶ STATE/rescued/LABEL-ID.db ── recover ──▶ session
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use rustc_hash::FxHashMap;

use super::start::state_dir;
use super::writer::{Numbered, Writer};
use crate::ids::{FrameId, HitId, StackId, SymbolId};
use crate::session_db::{Identity, SessionDb};
use crate::symbols::{FrameKey, Interner, StackNode};

/// Where rescued hits wait for `recover`.
#[must_use]
pub fn rescue_dir() -> Option<PathBuf> {
    state_dir().map(|state| state.join("rescued"))
}

/// What became of hits that could not be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rest {
    /// They wait in a file of their own.
    Rescued {
        /// How many.
        hits: u64,
        /// The file.
        path: PathBuf,
        /// Why they could not be written.
        why: String,
    },
    /// They are gone.
    Lost {
        /// How many.
        hits: u64,
        /// Why they could not be written, anywhere.
        why: String,
    },
}

/// Writes hits of `session` into a file of their own, all of them or none; of a
/// session whose file is no longer its own, with all that it holds.
pub(super) fn rescue(
    session: &mut SessionDb,
    known: &Identity,
    hits: &[Numbered],
    folder: &Path,
) -> Result<PathBuf> {
    if session.is_displaced() {
        let path = session.rescue_whole(folder)?;
        if !hits.is_empty() {
            let mut copy = SessionDb::open(&path)?;
            write(&mut copy, hits)?;
        }
        return Ok(path);
    }
    let mut twin = session.twin(known)?;
    write(&mut twin, hits)?;
    twin.put_in(folder)
}

fn write(session: &mut SessionDb, hits: &[Numbered]) -> Result<()> {
    session.trust_references()?;
    let cwd = session.cwd()?.unwrap_or_default();
    Writer::new(session.session_id(), cwd).write(session, hits)
}

/// What [`recover`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The session's name.
    pub label: String,
    /// Its file.
    pub path: PathBuf,
    /// Hits that it did not have before.
    pub hits: u64,
    /// Hits that it has now.
    pub total: u64,
    /// Its file was gone, and what was rescued is all that there is of it.
    pub remade: bool,
}

/// Merges a file of rescued hits into its session and deletes it. Doing it again
/// after being interrupted changes nothing.
///
/// # Errors
/// When the session's file is another's, is being recorded, or cannot be written:
/// nothing is changed then.
pub fn recover(file: &Path) -> Result<Recovered> {
    let rescued = SessionDb::open_read_only(file)?;
    let Some(from) = rescued.rescued_from()? else {
        bail!("{} holds no rescued hits", file.display());
    };
    let label = rescued.label().to_owned();
    if fs::symlink_metadata(&from.path).is_err() {
        rescued.put_back(&from.path)?;
        let total = count(rescued.conn())?;
        fs::remove_file(file)?;
        return Ok(Recovered {
            label,
            path: from.path,
            hits: total,
            total,
            remade: true,
        });
    }
    let mut session = match SessionDb::open(&from.path) {
        Ok(session) if session.session_id() == rescued.session_id() => session,
        Ok(other) => bail!(
            "{} is another session, `{}`; move it away, and recover again",
            from.path.display(),
            other.label()
        ),
        Err(e) => {
            let path = from.path.display();
            bail!(
                "{path} is not session `{label}` any more ({e:#}); move it away, and recover again"
            )
        }
    };
    session.hold()?;
    let before = count(session.conn())?;
    merge(&mut session, &rescued, &from.id, &from.at)
        .with_context(|| format!("cannot write to {}", from.path.display()))?;
    let total = count(session.conn())?;
    drop(session);
    drop(rescued);
    fs::remove_file(file)?;
    Ok(Recovered {
        label,
        path: from.path,
        hits: total - before,
        total,
        remade: false,
    })
}

fn count(conn: &Connection) -> rusqlite::Result<u64> {
    conn.query_row("SELECT count(*) FROM breakpoint_hits", [], |row| row.get(0))
}

fn merge(session: &mut SessionDb, rescued: &SessionDb, id: &str, at: &str) -> Result<()> {
    let name = session.session_id().to_owned();
    let tx = session.transaction()?;
    let done = format!("recovered:{id}");
    let query = "SELECT EXISTS (SELECT 1 FROM meta WHERE key = ?)";
    if tx.query_row(query, [&done], |row| row.get(0))? {
        return Ok(());
    }
    let mut merging = Merging {
        tx: &tx,
        from: rescued.conn(),
        session: &name,
        interner: Interner::default(),
        stacks: FxHashMap::default(),
        hits: FxHashMap::default(),
    };
    merging.stacks()?;
    merging.hits()?;
    merging.watches()?;
    merging.sources()?;
    tx.execute(
        "INSERT INTO meta (session_id, key, value) VALUES (?, ?, ?)",
        params![name, done, at],
    )?;
    tx.execute("UPDATE sessions SET ended_at = coalesce(ended_at, ?)", [at])?;
    Ok(tx.commit()?)
}

/// Rows on their way from a rescue into its session, where they get other ids.
struct Merging<'a> {
    tx: &'a Transaction<'a>,
    from: &'a Connection,
    session: &'a str,
    interner: Interner,
    stacks: FxHashMap<StackId, StackNode>,
    hits: FxHashMap<HitId, HitId>,
}

impl Merging<'_> {
    fn stacks(&mut self) -> Result<()> {
        let mut frames = FxHashMap::default();
        let mut rows = self.from.prepare(
            "SELECT frames.id, symbol_id, frames.file, frames.line, module, module_offset, inlined
             FROM frames ORDER BY frames.id",
        )?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let symbol: Option<SymbolId> = row.get(1)?;
            let key = FrameKey {
                symbol: symbol.map(|id| self.symbol(id)).transpose()?,
                file: row.get(2)?,
                line: row.get(3)?,
                module: row.get(4)?,
                offset: row.get(5)?,
                inlined: row.get(6)?,
            };
            let id = self.interner.frame(self.tx, key)?;
            frames.insert(row.get::<_, FrameId>(0)?, id);
        }
        let mut nodes = self
            .from
            .prepare("SELECT id, parent_id, frame_id FROM stacks ORDER BY depth")?;
        let mut nodes = nodes.query([])?;
        while let Some(row) = nodes.next()? {
            let parent: Option<StackId> = row.get(1)?;
            let frame: FrameId = row.get(2)?;
            let known = (
                parent.and_then(|id| self.stacks.get(&id).copied()),
                frames.get(&frame).copied(),
            );
            let (parent, Some(frame)) = known else {
                bail!("the rescued hits refer to a frame that is not there");
            };
            let node = self.interner.node(self.tx, parent, frame)?;
            self.stacks.insert(row.get(0)?, node);
        }
        Ok(())
    }

    fn symbol(&self, id: SymbolId) -> Result<SymbolId> {
        let (lang, fqn, file, line, demangled, raw, synthetic) = self.from.query_row(
            "SELECT lang, fqn, file, line, demangled, raw, is_synthetic FROM symbols WHERE id = ?",
            [id],
            |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, Option<String>>(2)?,
                    row.get::<_, Option<i64>>(3)?,
                    row.get::<_, Option<String>>(4)?,
                    row.get::<_, String>(5)?,
                    row.get::<_, i64>(6)?,
                ))
            },
        )?;
        Ok(self.tx.query_row(
            "INSERT INTO symbols (session_id, lang, fqn, file, line, demangled, raw, is_synthetic)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (session_id, lang, fqn) DO UPDATE SET
                 line = iif(file IS NULL, excluded.line, line), file = coalesce(file, excluded.file)
             RETURNING id",
            params![
                self.session,
                lang,
                fqn,
                file,
                line,
                demangled,
                raw,
                synthetic
            ],
            |row| row.get(0),
        )?)
    }

    fn hits(&mut self) -> Result<()> {
        const COLUMNS: &str =
            "location_key, hit_seq, thread, ts, locals_json, stack_json, function,
            thread_name, tid, pid, pc, reason, breakpoint, breakpoints, detail, error";
        let query = format!("SELECT {COLUMNS}, id, stack_id FROM breakpoint_hits ORDER BY id");
        let mut rows = self.from.prepare(&query)?;
        let mut rows = rows.query([])?;
        let mut known = self
            .tx
            .prepare("SELECT id FROM breakpoint_hits WHERE location_key = ? AND hit_seq = ?")?;
        let mut insert = self.tx.prepare(&format!(
            "INSERT INTO breakpoint_hits (session_id, {COLUMNS}, stack_id)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ))?;
        while let Some(row) = rows.next()? {
            let cell = |column| row.get::<_, rusqlite::types::Value>(column);
            let there = known
                .query_row(params![cell(0)?, cell(1)?], |row| row.get::<_, i64>(0))
                .optional()?;
            if there.is_some() {
                continue;
            }
            let mut cells = vec![rusqlite::types::Value::Text(self.session.to_owned())];
            for column in 0..16 {
                cells.push(cell(column)?);
            }
            let stack: Option<StackId> = row.get(17)?;
            cells.push(
                stack
                    .and_then(|id| self.stacks.get(&id))
                    .map(|node| node.id.0)
                    .into(),
            );
            let id = HitId(insert.insert(rusqlite::params_from_iter(cells))?);
            self.hits.insert(row.get(16)?, id);
        }
        Ok(())
    }

    fn watches(&self) -> Result<()> {
        let mut rows = self.from.prepare(
            "SELECT hit_id, expr, value, type_name, ts, value_json FROM watch_evals ORDER BY id",
        )?;
        let mut rows = rows.query([])?;
        let mut insert = self.tx.prepare(
            "INSERT INTO watch_evals (session_id, hit_id, expr, value, type_name, ts, value_json)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?;
        while let Some(row) = rows.next()? {
            let cell = |column| row.get::<_, rusqlite::types::Value>(column);
            if let Some(hit) = self.hits.get(&row.get(0)?) {
                let rest = (cell(1)?, cell(2)?, cell(3)?, cell(4)?, cell(5)?);
                insert.execute(params![
                    self.session,
                    hit,
                    rest.0,
                    rest.1,
                    rest.2,
                    rest.3,
                    rest.4
                ])?;
            }
        }
        Ok(())
    }

    fn sources(&self) -> Result<()> {
        let mut rows = self.from.prepare(
            "SELECT file, line_start, line_end, text, content_hash, collected_at
             FROM source_snapshots WHERE symbol_id IS NULL ORDER BY id",
        )?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let cell = |column| row.get::<_, rusqlite::types::Value>(column);
            self.tx.execute(
                "INSERT INTO source_snapshots
                     (session_id, file, line_start, line_end, text, content_hash, collected_at)
                 SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (
                     SELECT 1 FROM source_snapshots WHERE symbol_id IS NULL AND file = ?2
                     AND line_start = ?3 AND line_end = ?4 AND content_hash IS ?6)",
                params![
                    self.session,
                    cell(0)?,
                    cell(1)?,
                    cell(2)?,
                    cell(3)?,
                    cell(4)?,
                    cell(5)?
                ],
            )?;
        }
        Ok(())
    }
}
