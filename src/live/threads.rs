//! What threads are called.

use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

use crate::snapshots::Process;

/// How long a name is taken for granted; threads are named soon after they start, or never.
const FRESH: Duration = Duration::from_millis(20);

/// The names of a process's threads, asked of the kernel now and then.
#[derive(Debug, Default)]
pub(super) struct ThreadNames {
    of: Option<Process>,
    known: FxHashMap<i32, (Instant, Option<String>)>,
}

impl ThreadNames {
    /// The name of a thread.
    pub(super) fn name(&mut self, process: Process, tid: i32) -> Option<String> {
        if self.of != Some(process) {
            self.of = Some(process);
            self.known.clear();
        }
        if let Some((when, name)) = self.known.get(&tid)
            && when.elapsed() < FRESH
        {
            return name.clone();
        }
        let pid = process.pid();
        let text = std::fs::read_to_string(format!("/proc/{pid}/task/{tid}/comm")).ok();
        let name = text.map(|text| text.trim_end_matches('\n').to_owned());
        self.known.insert(tid, (Instant::now(), name.clone()));
        name
    }
}
