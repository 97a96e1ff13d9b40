//! The rows of one layer: symbols, frames and stacks shared with the hits, samples, counters, and costs by function.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use rusqlite::{Transaction, params};
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::json;

use super::LayerError;
use super::costs::Costs;
use super::index::LayerId;
use super::profile::{CallGraph, EventHandle, Frame, Profile, StringHandle};
use crate::ids::{FrameId, SymbolId};
use crate::session_db::SessionDb;
use crate::session_db::source_file;
use crate::symbols::{FrameKey, Interner, Lang, StackNode, Symbol};

/// Looks at the user's wish to stop every so many rows.
pub(super) struct Cancel<'a>(pub Option<&'a AtomicBool>);

impl Cancel<'_> {
    fn check(&self, row: usize) -> Result<()> {
        if row.is_multiple_of(4096) && self.0.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Err(LayerError::Cancelled.into());
        }
        Ok(())
    }
}

/// A symbol of this layer, stored.
struct StoredSymbol {
    id: SymbolId,
    /// `samples.stack_json` of samples in it.
    stack_json: String,
    file: Option<String>,
    line: Option<u32>,
    module: Option<String>,
}

/// Writes one layer.
pub(super) struct LayerWriter<'a> {
    tx: &'a Transaction<'a>,
    session: &'a str,
    layer: LayerId,
    profile: &'a Profile,
    cancel: Cancel<'a>,
    symbols: Vec<StoredSymbol>,
    symbol_of_frame: Vec<u32>,
    stacks: Vec<StackNode>,
    interner: Interner,
}

impl<'a> LayerWriter<'a> {
    /// Stores the profile's symbols, frames and stacks, as far as the session does not have them.
    pub(super) fn new(
        tx: &'a Transaction<'a>,
        db: &'a SessionDb,
        layer: LayerId,
        profile: &'a Profile,
        cancel: Cancel<'a>,
    ) -> Result<Self> {
        let mut rows = LayerWriter {
            tx,
            session: db.session_id(),
            layer,
            profile,
            cancel,
            symbols: Vec::new(),
            symbol_of_frame: Vec::new(),
            stacks: Vec::new(),
            interner: Interner::in_bulk(tx)?,
        };
        rows.store_symbols(db.meta("cwd")?.as_deref())?;
        let frames = rows.store_frames()?;
        rows.store_stacks(&frames)?;
        Ok(rows)
    }

    pub(super) fn symbol_of_frame(&self) -> &[u32] {
        &self.symbol_of_frame
    }

    /// The symbol of samples without any frame; always the last.
    pub(super) fn unknown_symbol(&self) -> u32 {
        (self.symbols.len() - 1) as u32
    }

    pub(super) fn symbol_count(&self) -> usize {
        self.symbols.len()
    }

    fn store_symbols(&mut self, cwd: Option<&str>) -> Result<()> {
        let named = named_symbols(self.profile);
        let mut known: FxHashMap<SymbolId, u32> = FxHashMap::default();
        for (at, (frame, symbol)) in self.profile.frames().iter().zip(&named).enumerate() {
            self.cancel.check(at)?;
            let place = DefinedAt::of(self.profile, frame, cwd);
            let index = self.store_symbol(symbol, place, &mut known)?;
            self.symbol_of_frame.push(index);
        }
        let unknown = Symbol::canonical("[unknown]", None);
        let index = self.store_symbol(&unknown, DefinedAt::default(), &mut known)?;
        // It has to be the last one, whether or not a frame is called so as well.
        if index as usize + 1 != self.symbols.len() {
            let last = &self.symbols[index as usize];
            let copy = StoredSymbol {
                id: last.id,
                stack_json: last.stack_json.clone(),
                file: None,
                line: None,
                module: None,
            };
            let end = self.symbols.len() as u32;
            self.symbols.push(copy);
            self.symbol_of_frame
                .iter_mut()
                .filter(|symbol| **symbol == index)
                .for_each(|symbol| *symbol = end);
        }
        Ok(())
    }

    fn store_symbol(
        &mut self,
        symbol: &Symbol,
        place: DefinedAt,
        known: &mut FxHashMap<SymbolId, u32>,
    ) -> Result<u32> {
        let id = self.interner.symbol(self.tx, self.session, symbol)?;
        let next = self.symbols.len() as u32;
        let index = *known.entry(id).or_insert(next);
        if index == next {
            let stack_json = json!({ "frame_symbol": symbol.fqn }).to_string();
            let DefinedAt { file, line, module } = place;
            self.symbols.push(StoredSymbol {
                id,
                stack_json,
                file,
                line,
                module,
            });
        }
        Ok(index)
    }

    /// The rows of the profile's frames, in their order.
    fn store_frames(&mut self) -> Result<Vec<FrameId>> {
        let mut ids = Vec::with_capacity(self.profile.frames().len());
        for (at, frame) in self.profile.frames().iter().enumerate() {
            self.cancel.check(at)?;
            let stored = &self.symbols[self.symbol_of_frame[at] as usize];
            let module = frame
                .module
                .map(|module| base_name(self.profile.text(module)).to_owned());
            let key = FrameKey {
                symbol: Some(stored.id),
                file: stored.file.clone(),
                line: stored.line,
                module,
                offset: None,
                inlined: frame.inlined,
            };
            ids.push(self.interner.frame(self.tx, key)?);
        }
        Ok(ids)
    }

    /// Different frames of the profile may be one frame here, and so may their stacks.
    fn store_stacks(&mut self, frames: &[FrameId]) -> Result<()> {
        self.stacks.reserve(self.profile.stacks().len());
        for (at, node) in self.profile.stacks().iter().enumerate() {
            self.cancel.check(at)?;
            let outer = node.parent.map(|parent| self.stacks[parent.index()]);
            let frame = frames[node.frame.index()];
            self.stacks.push(self.interner.node(self.tx, outer, frame)?);
        }
        Ok(())
    }

    /// One row per sample of the event; the number of the profiler's samples.
    pub(super) fn insert_samples(&self, event: EventHandle) -> Result<u64> {
        let threads: Vec<String> = self.profile.threads().iter().map(thread_name).collect();
        let counts_time = matches!(
            base_event(&self.profile.events[event.index()]),
            "cpu-clock" | "task-clock"
        );
        let mut insert = self.tx.prepare(INSERT_SAMPLE)?;
        let mut count = 0u64;
        for (at, sample) in self
            .profile
            .samples
            .iter()
            .filter(|sample| sample.event == event)
            .enumerate()
        {
            self.cancel.check(at)?;
            let own = sample.stack.and_then(|stack| self.profile.own_frame(stack));
            let index = own.map_or(self.unknown_symbol(), |frame| {
                self.symbol_of_frame[frame.index()]
            });
            let symbol = &self.symbols[index as usize];
            insert.execute(params![
                self.session,
                symbol.id,
                sample.thread.map(|thread| threads[thread.index()].as_str()),
                sample.time_us,
                counts_time.then_some(sample.weight as i64),
                sample.weight,
                symbol.stack_json,
                self.layer.0,
                sample.stack.map(|stack| self.stacks[stack.index()].id),
            ])?;
            count += sample.count;
        }
        Ok(count)
    }

    /// A call graph has no stacks: one row of samples per function with its own cost, and all events as counters.
    pub(super) fn insert_graph(&self, graph: &CallGraph, event: EventHandle) -> Result<u64> {
        let mut insert_sample = self.tx.prepare(INSERT_SAMPLE)?;
        let mut count = self.tx.prepare(
            "INSERT INTO counters (session_id, name, symbol_id, value, unit, layer_id) VALUES (?, ?, ?, ?, ?, ?)",
        )?;
        let mut rows = 0;
        let mut sums = vec![0.0; self.profile.events.len()];
        for (at, function) in graph.functions.iter().enumerate() {
            self.cancel.check(at)?;
            let symbol = &self.symbols[self.symbol_of_frame[function.frame.index()] as usize];
            let own = function.own[event.index()];
            if own > 0.0 {
                let (session, json, layer) = (self.session, &symbol.stack_json, self.layer.0);
                let nothing = None::<f64>;
                let none = None::<String>;
                insert_sample.execute(params![
                    session, symbol.id, none, nothing, nothing, own, json, layer, none
                ])?;
                rows += 1;
            }
            for ((name, value), sum) in self.profile.events.iter().zip(&function.own).zip(&mut sums)
            {
                if *value > 0.0 {
                    count.execute(params![
                        self.session,
                        name,
                        symbol.id,
                        value,
                        name,
                        self.layer.0
                    ])?;
                    *sum += value;
                }
            }
        }
        for (name, sum) in self.profile.events.iter().zip(sums) {
            count.execute(params![
                self.session,
                name,
                None::<i64>,
                sum,
                name,
                self.layer.0
            ])?;
        }
        Ok(rows)
    }

    /// What `hotspots` and `cross` read.
    pub(super) fn insert_costs(&self, costs: &Costs) -> Result<()> {
        let mut insert = self.tx.prepare(
            "INSERT INTO layer_functions
                 (layer_id, symbol_id, self_weight, total_weight, samples, calls, file, line, module)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?;
        for (at, symbol) in self.symbols.iter().enumerate() {
            self.cancel.check(at)?;
            let (own, total) = (costs.own[at], costs.total[at]);
            if own > 0.0 || total > 0.0 || costs.samples[at] > 0 {
                let (samples, calls) = (whole(costs.samples[at]), costs.calls[at].map(whole));
                let (file, line, module) = (&symbol.file, symbol.line, &symbol.module);
                insert.execute(params![
                    self.layer.0,
                    symbol.id,
                    own,
                    total,
                    samples,
                    calls,
                    file,
                    line,
                    module
                ])?;
            }
        }
        let mut call = self
            .tx
            .prepare("INSERT INTO layer_calls (layer_id, caller_id, callee_id, weight, calls) VALUES (?, ?, ?, ?, ?)")?;
        for ((caller, callee), (weight, calls)) in &costs.edges {
            let (caller, callee) = (
                &self.symbols[*caller as usize],
                &self.symbols[*callee as usize],
            );
            call.execute(params![
                self.layer.0,
                caller.id,
                callee.id,
                weight,
                calls.map(whole)
            ])?;
        }
        Ok(())
    }
}

const INSERT_SAMPLE: &str = "INSERT INTO samples
    (session_id, symbol_id, thread, start_us, cpu_ns, weight, stack_json, layer_id, stack_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// Where a function is, as far as the profile tells.
#[derive(Default)]
struct DefinedAt {
    file: Option<String>,
    line: Option<u32>,
    module: Option<String>,
}

impl DefinedAt {
    fn of(profile: &Profile, frame: &Frame, cwd: Option<&str>) -> Self {
        DefinedAt {
            file: frame
                .file
                .map(|file| source_file(profile.text(file), Path::new(cwd.unwrap_or_default()))),
            line: (frame.line > 0).then_some(frame.line),
            module: frame
                .module
                .map(|module| base_name(profile.text(module)).to_owned()),
        }
    }
}

/// The symbol of every frame. Names that could be Rust as well as C++ are Rust in an object file that has Rust.
fn named_symbols(profile: &Profile) -> Vec<Symbol> {
    let named = |frame: &Frame, hint| match (frame.function, frame.module) {
        (Some(function), _) => Symbol::canonical(profile.text(function), hint),
        (None, Some(module)) => {
            let module = base_name(profile.text(module));
            let name = if module.starts_with('[') {
                module.to_owned()
            } else {
                format!("[{module}]")
            };
            Symbol::canonical(&name, hint)
        }
        (None, None) => Symbol::canonical("[unknown]", None),
    };
    let mut symbols: Vec<Symbol> = profile
        .frames()
        .iter()
        .map(|frame| named(frame, language_hint(profile, frame)))
        .collect();
    let rust: FxHashSet<StringHandle> = profile
        .frames()
        .iter()
        .zip(&symbols)
        .filter(|(_, symbol)| symbol.lang == Lang::Rust)
        .filter_map(|(frame, _)| frame.module)
        .collect();
    for (frame, symbol) in profile.frames().iter().zip(&mut symbols) {
        let in_rust = frame.module.is_some_and(|module| rust.contains(&module));
        if in_rust && symbol.lang_is_guess && symbol.lang == Lang::Cpp {
            *symbol = named(frame, Some(Lang::Rust));
        }
    }
    symbols
}

fn language_hint(profile: &Profile, frame: &Frame) -> Option<Lang> {
    let by_file = frame
        .file
        .and_then(|file| Lang::of_file(profile.text(file)));
    let is_kernel = frame.module.is_some_and(|module| {
        let module = profile.text(module);
        module.starts_with("[kernel")
            || module.starts_with("[guest.kernel")
            || module.ends_with(".ko")
    });
    by_file.or(is_kernel.then_some(Lang::C))
}

/// SQLite's whole numbers end at 2⁶³.
fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The event without its modifiers: `cpu-clock` for `cpu-clock:u`.
fn base_event(event: &str) -> &str {
    event.split(':').next().unwrap_or(event)
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn thread_name(thread: &super::profile::Thread) -> String {
    match (&thread.name, thread.tid) {
        (Some(name), Some(tid)) => format!("{name}/{tid}"),
        (Some(name), None) => name.clone(),
        (None, Some(tid)) => tid.to_string(),
        (None, None) => String::new(),
    }
}
