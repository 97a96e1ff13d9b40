use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use rusqlite::{Statement, Transaction, params};
use rustc_hash::FxHashMap;

use super::location::frame_lang;
use super::source::SourceKeeper;
use super::{Decode, Frame, Hit, LocationKey};
use crate::ids::{FrameId, StackId, SymbolId};
use crate::session_db::{SessionDb, source_file, utc_text};
use crate::symbols::{FrameKey, Interner, Symbol};
use crate::value::locals::{locals_json, value_json};

const INSERT_HIT: &str = "
    INSERT INTO breakpoint_hits
        (session_id, location_key, hit_seq, thread, ts, locals_json, stack_json,
         function, thread_name, tid, pid, pc, reason, breakpoint, breakpoints,
         detail, stack_id, error, read)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// A hit with its place in the session.
pub(super) struct Numbered {
    pub hit: Hit,
    /// Makes the values, where they are not read yet.
    pub decode: Option<Decode>,
    pub location: LocationKey,
    pub seq: u64,
    /// Microseconds since 1970.
    pub micros: i64,
}

/// Writes batches of hits into a session.
#[derive(Debug)]
pub(super) struct Writer {
    session_id: String,
    cwd: PathBuf,
    interner: Interner,
    /// Stacks seen before: making a name canonical costs more than the rest of a hit.
    stacks: FxHashMap<Arc<[Frame]>, Arc<StoredStack>>,
    sources: SourceKeeper,
    clock: Clock,
    /// Symbols whose `file` and `line` are set.
    located: HashSet<SymbolId>,
}

impl Writer {
    pub(super) fn new(session_id: &str, cwd: PathBuf) -> Self {
        Self {
            session_id: session_id.to_owned(),
            cwd,
            interner: Interner::default(),
            stacks: FxHashMap::default(),
            sources: SourceKeeper::default(),
            clock: Clock::default(),
            located: HashSet::new(),
        }
    }

    /// Writes all of a batch, or nothing.
    pub(super) fn write(&mut self, session: &mut SessionDb, batch: &[Numbered]) -> Result<()> {
        let written = self.write_in_transaction(session, batch);
        if written.is_err() {
            // The ids that it remembers were rolled back.
            *self = Self::new(&self.session_id, std::mem::take(&mut self.cwd));
        }
        written
    }

    fn write_in_transaction(&mut self, session: &mut SessionDb, batch: &[Numbered]) -> Result<()> {
        let tx = session.transaction()?;
        let mut insert = tx.prepare_cached(INSERT_HIT)?;
        for numbered in batch {
            let stack = self.stack(&tx, &numbered.hit.frames)?;
            self.write_hit(&tx, &mut insert, &stack, numbered)?;
        }
        drop(insert);
        Ok(tx.commit()?)
    }

    fn write_hit(
        &mut self,
        tx: &Transaction<'_>,
        insert: &mut Statement<'_>,
        stack: &StoredStack,
        numbered: &Numbered,
    ) -> Result<()> {
        let hit = &numbered.hit;
        let stop = &hit.stop;
        let ts = self.clock.text(numbered.micros);
        let several = (stop.breakpoints.len() > 1).then(|| {
            let numbers: Vec<String> = stop.breakpoints.iter().map(i64::to_string).collect();
            numbers.join(" ")
        });
        // Which of several threads passed by, nobody told.
        let known = stop.thread > 0 || !stop.passed_by;
        let id = insert.insert(params![
            self.session_id,
            numbered.location.as_str(),
            numbered.seq,
            known.then(|| stop.thread.to_string()),
            ts,
            match &numbered.decode {
                Some(decode) => locals_json(&decode()),
                None => locals_json(&hit.values),
            },
            stack.json,
            stack.function,
            stop.thread_name,
            known.then_some(stop.tid),
            stop.pid,
            hit.frames.first().map(|frame| frame.pc.cast_signed()),
            stop.reason,
            stop.breakpoints.first(),
            several,
            stop.detail,
            stack.id,
            stop.error,
            stop.passed_by.then_some("passed-by"),
        ])?;
        for watch in &hit.watches {
            tx.prepare_cached(
                "INSERT INTO watch_evals
                     (session_id, hit_id, expr, value, type_name, ts, value_json)
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                self.session_id,
                id,
                watch.expr,
                watch.value.text(),
                watch.value.type_name,
                ts,
                value_json(&watch.value),
            ])?;
        }
        Ok(())
    }

    fn stack(&mut self, tx: &Transaction<'_>, frames: &Arc<[Frame]>) -> Result<Arc<StoredStack>> {
        if let Some(known) = self.stacks.get(frames) {
            return Ok(Arc::clone(known));
        }
        let mut ids = Vec::with_capacity(frames.len());
        let mut innermost = None;
        for frame in frames.iter().rev() {
            let stored = self.store_frame(tx, frame)?;
            ids.push(stored.id);
            innermost = Some(stored);
        }
        let function = innermost.as_ref().and_then(|frame| frame.function.clone());
        let stored = Arc::new(StoredStack {
            id: self.interner.stack(tx, ids)?,
            json: serde_json::json!({ "frame_symbol": function }).to_string(),
            function,
        });
        if let (Some(frame), Some(at)) = (&innermost, frames.first()) {
            self.keep_place(tx, frame, at)?;
        }
        self.stacks.insert(Arc::clone(frames), Arc::clone(&stored));
        Ok(stored)
    }

    fn store_frame(&mut self, tx: &Transaction<'_>, frame: &Frame) -> Result<StoredFrame> {
        let symbol = frame
            .function
            .as_ref()
            .map(|name| Symbol::canonical(name, Some(frame_lang(frame))));
        let symbol_id = match &symbol {
            Some(symbol) => Some(self.interner.symbol(tx, &self.session_id, symbol)?),
            None => None,
        };
        let line = (frame.line > 0).then_some(frame.line);
        let file = frame.file.as_ref().map(|file| source_file(file, &self.cwd));
        let id = self.interner.frame(
            tx,
            FrameKey {
                symbol: symbol_id,
                file: file.clone(),
                line,
                module: frame.module.clone(),
                offset: line.is_none().then_some(frame.offset.cast_signed()),
                inlined: frame.inlined,
            },
        )?;
        Ok(StoredFrame {
            id,
            symbol_id,
            function: symbol.map(|symbol| symbol.fqn),
            file,
        })
    }

    /// Keeps the source of a hit, and gives its function a place: the first
    /// one at which it was hit, so that `file:line` is that location's key.
    fn keep_place(&mut self, tx: &Transaction<'_>, frame: &StoredFrame, at: &Frame) -> Result<()> {
        let (Some(file), 1..) = (&frame.file, at.line) else {
            return Ok(());
        };
        self.sources
            .keep(tx, &self.session_id, file, at.line, &self.cwd)?;
        if let Some(symbol) = frame.symbol_id
            && self.located.insert(symbol)
        {
            tx.execute(
                "UPDATE symbols SET file = ?, line = ? WHERE id = ? AND file IS NULL",
                params![file, at.line, symbol],
            )?;
        }
        Ok(())
    }
}

/// A stack in the session, and what a hit repeats of its innermost frame.
#[derive(Debug)]
struct StoredStack {
    id: Option<StackId>,
    function: Option<String>,
    json: String,
}

/// A frame in the session.
#[derive(Debug)]
struct StoredFrame {
    id: FrameId,
    symbol_id: Option<SymbolId>,
    function: Option<String>,
    file: Option<String>,
}

/// Makes the text of times, most of which fall into the second of the one before.
#[derive(Debug, Default)]
struct Clock {
    second: i64,
    /// `2026-11-23T15:04:05`
    prefix: String,
}

impl Clock {
    fn text(&mut self, micros: i64) -> String {
        let second = micros.div_euclid(1_000_000);
        if self.prefix.is_empty() || second != self.second {
            self.second = second;
            self.prefix = utc_text(micros);
            self.prefix.truncate("2026-11-23T15:04:05".len());
        }
        format!("{}.{:06}Z", self.prefix, micros.rem_euclid(1_000_000))
    }
}
