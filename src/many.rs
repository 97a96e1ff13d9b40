//! The same of many things, in several threads where that is worth it.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use anyhow::{Result, bail};

use crate::interrupt::{self, within};
use crate::signals::with_signals_blocked;

/// Fewer are done sooner than a thread is started.
const FEW: usize = 64;
/// More threads would wait for each other.
const MOST_THREADS: usize = 8;
/// Things that a thread takes at a time.
const PIECE: usize = 16;

/// What is made of each, in their order.
///
/// # Errors
/// When Ctrl-C was pressed.
pub(crate) fn map<T: Sync, R: Send>(things: &[T], make: impl Fn(&T) -> R + Sync) -> Result<Vec<R>> {
    let count = thread::available_parallelism().map_or(1, |n| n.get().min(MOST_THREADS));
    let next = AtomicUsize::new(0);
    let work = || -> Result<Vec<(usize, Vec<R>)>> {
        let mut made = Vec::new();
        loop {
            let first = next.fetch_add(PIECE, Relaxed);
            let Some(rest) = things.get(first..).filter(|rest| !rest.is_empty()) else {
                return Ok(made);
            };
            interrupt::check()?;
            let piece = rest.iter().take(PIECE).map(&make);
            made.push((first, piece.collect()));
        }
    };
    let mut pieces = if things.len() < FEW || count < 2 {
        work()?
    } else {
        let reach = interrupt::reach();
        let made: Result<Vec<_>> = thread::scope(|scope| {
            let threads: Vec<_> = with_signals_blocked(|| {
                let start = |_| scope.spawn(|| within(reach, work));
                (0..count).map(start).collect()
            });
            let done = threads.into_iter().map(|thread| thread.join());
            done.map(|made| made.unwrap_or_else(|_| bail!("a thread of this question failed")))
                .collect()
        });
        made?.into_iter().flatten().collect()
    };
    pieces.sort_unstable_by_key(|(first, _)| *first);
    Ok(pieces.into_iter().flat_map(|(_, piece)| piece).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_stays() {
        for count in [0, 1, 63, 64, 1000] {
            let things: Vec<usize> = (0..count).collect();
            let made = map(&things, |n| n * 2).unwrap();
            assert!(made.iter().copied().eq((0..count).map(|n| n * 2)));
        }
    }
}
