//! What threads are called.

use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

/// How long a name is taken for granted; threads are named soon after they start, or never.
const FRESH: Duration = Duration::from_millis(20);

/// The names of threads, asked of the kernel now and then.
#[derive(Debug, Default)]
pub(super) struct ThreadNames(FxHashMap<i32, (Instant, Option<String>)>);

impl ThreadNames {
    /// The name of a thread.
    pub(super) fn name(&mut self, pid: i32, tid: i32) -> Option<String> {
        if let Some((when, name)) = self.0.get(&tid)
            && when.elapsed() < FRESH
        {
            return name.clone();
        }
        let text = std::fs::read_to_string(format!("/proc/{pid}/task/{tid}/comm")).ok();
        let name = text.map(|text| text.trim_end_matches('\n').to_owned());
        self.0.insert(tid, (Instant::now(), name.clone()));
        name
    }
}
