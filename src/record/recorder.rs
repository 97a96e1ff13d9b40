use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use jiff::Timestamp;
use rustc_hash::FxHashMap;

use super::rescue::{Rest, rescue, rescue_dir};
use super::writer::{Numbered, Writer};
use super::{Decode, Frame, Hit, LocationKey};
use crate::session_db::{Identity, SessionDb};
use crate::signals::with_signals_blocked;

/// Hits that may wait to be written.
const QUEUE: usize = 16_384;
/// Hits that are worth a transaction of their own.
const BATCH: usize = 4_096;
/// The longest that a hit waits for company.
const BATCH_TIME: Duration = Duration::from_millis(50);
/// How long a hit waits for room in a queue that does not move.
const PATIENCE: Duration = Duration::from_secs(2);
/// How soon a failed write is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// Records hits into one session, from any thread.
pub struct Recorder {
    shared: Arc<Shared>,
    cwd: PathBuf,
    /// For the day when its file cannot be asked any more.
    identity: Identity,
    /// Where hits go in the end that the session's disk has no room for.
    rescue: Option<PathBuf>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder")
            .field("cwd", &self.cwd)
            .finish_non_exhaustive()
    }
}

/// What the debugger's threads and the writer share.
struct Shared {
    /// Never locked while `queue` is held, so that a slow disk does not stop hits.
    session: Mutex<SessionDb>,
    queue: Mutex<Queue>,
    /// Something for the writer to do.
    work: Condvar,
    /// The writer has done something.
    done: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Numbered>,
    /// Keys of frames seen before; several frames can have the same one.
    locations: FxHashMap<Frame, LocationKey>,
    sequences: FxHashMap<LocationKey, u64>,
    /// Hits taken in.
    recorded: u64,
    /// Hits committed.
    written: u64,
    /// Hits that no room could be found for.
    lost: u64,
    /// The last hit waited for room in vain; the next does not wait again.
    stuck: bool,
    /// Somebody waits: do not wait for company.
    urgent: bool,
    closing: bool,
    /// What was still to be written when the writer ended, oldest first.
    unwritten: Vec<Numbered>,
    /// Why the last write failed; cleared by one that does not.
    error: Option<String>,
    /// A sentence for the user that was not shown yet.
    notice: Option<String>,
}

/// How a recorder stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordStatus {
    /// Hits taken in.
    pub recorded: u64,
    /// Of these, hits that are safely in the session.
    pub written: u64,
    /// Hits that could not be kept, because nothing could be written for long.
    pub lost: u64,
    /// Why writing fails at present.
    pub error: Option<String>,
}

/// What became of a session when its recorder finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The session's name.
    pub label: String,
    /// Its file; none when it lived in memory.
    pub path: Option<PathBuf>,
    /// Hits in it.
    pub hits: u64,
    /// Whether it was worth keeping.
    pub kept: bool,
    /// What became of hits that could not be written, if there were any; the
    /// session is not ended then.
    pub rest: Option<Rest>,
    /// Hits that found no room in memory while nothing could be written.
    pub lost: u64,
}

impl Queue {
    fn location(&mut self, frame: Option<&Frame>, cwd: &Path) -> LocationKey {
        let Some(frame) = frame else {
            return LocationKey::new(&Frame::default(), cwd);
        };
        if let Some(known) = self.locations.get(frame) {
            return known.clone();
        }
        let key = LocationKey::new(frame, cwd);
        self.locations.insert(frame.clone(), key.clone());
        key
    }
}

impl Recorder {
    /// Starts to record into a session.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn new(session: SessionDb) -> Result<Self> {
        let cwd = session.cwd()?.unwrap_or_default();
        let identity = session.identity()?;
        session.trust_references()?;
        let writer = Writer::new(session.session_id(), cwd.clone());
        let shared = Arc::new(Shared {
            session: Mutex::new(session),
            queue: Mutex::default(),
            work: Condvar::new(),
            done: Condvar::new(),
        });
        let for_thread = Arc::clone(&shared);
        let thread = with_signals_blocked(|| {
            thread::Builder::new()
                .name("dbg-session".into())
                .spawn(move || for_thread.write_until_closed(writer))
        })
        .context("cannot start the thread that writes hits")?;
        Ok(Self {
            shared,
            cwd,
            identity,
            rescue: rescue_dir(),
            thread: Some(thread),
        })
    }

    /// Has hits go to another folder in the end than the user's state folder; none: nowhere.
    #[must_use]
    pub fn rescuing_to(mut self, folder: Option<PathBuf>) -> Self {
        self.rescue = folder;
        self
    }

    /// Takes in a hit: stamps it, numbers it, and queues it.
    ///
    /// Returns at once unless the queue is full; a hit that finds no room for
    /// two seconds is counted as lost, and so is each that follows until there is room: the
    /// program does not wait for a disk that stays full.
    pub fn record(&self, hit: Hit) -> (LocationKey, u64) {
        self.queue_hit(hit, None)
    }

    /// The same for a hit whose values are made by `decode` when it is written.
    pub fn record_later(&self, hit: Hit, decode: Decode) -> (LocationKey, u64) {
        self.queue_hit(hit, Some(decode))
    }

    fn queue_hit(&self, hit: Hit, decode: Option<Decode>) -> (LocationKey, u64) {
        let micros = Timestamp::now().as_microsecond();
        let mut queue = self.shared.queue();
        let location = queue.location(hit.frames.first(), &self.cwd);
        let full = |queue: &mut Queue| queue.waiting.len() >= QUEUE;
        if full(&mut queue) && !queue.stuck {
            queue.urgent = true;
            self.shared.work.notify_all();
            queue = self
                .shared
                .done
                .wait_timeout_while(queue, PATIENCE, full)
                .map_or_else(|e| e.into_inner().0, |(queue, _)| queue);
        }
        queue.stuck = full(&mut queue);
        let seq = match queue.sequences.get_mut(&location) {
            Some(seq) => {
                *seq += 1;
                *seq
            }
            None => {
                queue.sequences.insert(location.clone(), 1);
                1
            }
        };
        queue.recorded += 1;
        if queue.waiting.len() >= QUEUE {
            queue.lost += 1;
            return (location, seq);
        }
        let first = queue.waiting.is_empty();
        queue.waiting.push(Numbered {
            hit,
            decode,
            location: location.clone(),
            seq,
            micros,
        });
        drop(queue);
        if first {
            self.shared.work.notify_one();
        }
        (location, seq)
    }

    /// Waits until everything recorded so far is committed.
    ///
    /// # Errors
    /// One sentence when that cannot be done in time; the hits stay queued and
    /// are tried again.
    pub fn flush(&self, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        let mut queue = self.shared.queue();
        let target = queue.recorded - queue.lost;
        queue.urgent = true;
        queue.error = None;
        self.shared.work.notify_all();
        while queue.written < target && queue.error.is_none() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(anyhow!(
                    "hits are not written yet ({}), because the session's file is locked or \
                     slow; they are kept in memory and tried again",
                    target - queue.written
                ));
            }
            queue = self
                .shared
                .done
                .wait_timeout(queue, left)
                .map_or_else(|e| e.into_inner().0, |(queue, _)| queue);
        }
        match &queue.error {
            None => Ok(()),
            Some(error) => Err(anyhow!(
                "hits could not be written ({}: {error}); they are kept in memory and tried again",
                target - queue.written
            )),
        }
    }

    /// A sentence for the user, once, about something that was put right.
    pub fn take_notice(&self) -> Option<String> {
        self.shared.queue().notice.take()
    }

    /// How it stands.
    #[must_use]
    pub fn status(&self) -> RecordStatus {
        let queue = self.shared.queue();
        RecordStatus {
            recorded: queue.recorded,
            written: queue.written,
            lost: queue.lost,
            error: queue.error.clone(),
        }
    }

    /// Asks the session. Call [`Recorder::flush`] first to find every hit in it.
    pub fn with_session<T>(&self, ask: impl FnOnce(&mut SessionDb) -> T) -> T {
        let mut session = self.shared.session();
        // Where that fails, what is asked will tell.
        if session.restore_file().unwrap_or(false) {
            let _ = session.trust_references();
        }
        ask(&mut session)
    }

    /// Writes what is queued and ends the session: an auto session that caught
    /// nothing is deleted, any other is kept.
    ///
    /// Hits that cannot be written go to the user's state folder; where that
    /// fails too they are counted as lost. Either way the session is not ended:
    /// it is not whole.
    ///
    /// # Errors
    /// When the session cannot be asked or ended; what was committed before is safe.
    pub fn finish(mut self, patience: Duration) -> Result<Finished> {
        let failure = self.flush(patience).err();
        self.close();
        let RecordStatus {
            written: hits,
            lost,
            error,
            ..
        } = self.status();
        let shared = Arc::clone(&self.shared);
        let identity = self.identity.clone();
        let folder = self.rescue.take();
        drop(self);
        let shared = Arc::into_inner(shared).context("the session is still in use")?;
        let into = |e: PoisonError<_>| e.into_inner();
        let unwritten = shared.queue.into_inner().unwrap_or_else(into).unwritten;
        let mut session = shared
            .session
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let mut finished = Finished {
            label: session.label().to_owned(),
            path: session.db_path().map(Path::to_owned),
            hits,
            kept: true,
            rest: None,
            lost,
        };
        if !unwritten.is_empty() || session.is_displaced() {
            let why = error.or(failure.map(|e| e.to_string()));
            let why = why.unwrap_or_else(|| "another file stands in its place".into());
            let rescued = folder
                .context("there is none")
                .and_then(|folder| rescue(&mut session, &identity, &unwritten, &folder));
            finished.rest = Some(rest(&session, unwritten.len() as u64, why, rescued));
            return Ok(finished);
        }
        finished.kept = session.is_user()? || session.has_captured_data()?;
        if finished.kept {
            session.restore_file()?;
            if lost > 0 {
                let _ = session.note_failure(&lost_sentence(lost));
            }
            session.end()?;
        } else {
            session.discard()?;
        }
        Ok(finished)
    }

    fn close(&mut self) {
        self.shared.queue().closing = true;
        self.shared.work.notify_all();
        if let Some(thread) = self.thread.take() {
            // It does not panic; if it did, what was committed is safe.
            let _ = thread.join();
        }
    }
}

/// What is to be told of hits that could not be written, and kept in the session if it can be.
fn rest(session: &SessionDb, hits: u64, why: String, rescued: Result<PathBuf>) -> Rest {
    match rescued {
        Ok(path) => Rest::Rescued { hits, path, why },
        Err(e) => {
            let why = format!("{why}; nor to the user's state folder: {e:#}");
            let _ = session.note_failure(&lost_sentence(hits));
            Rest::Lost { hits, why }
        }
    }
}

fn lost_sentence(hits: u64) -> String {
    format!("{hits} hits are lost: nothing could be written, and there was no room left in memory")
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn session(&self) -> MutexGuard<'_, SessionDb> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The writer thread.
    fn write_until_closed(&self, mut writer: Writer) {
        let mut batch: Vec<Numbered> = Vec::new();
        loop {
            let closing = self.gather(&mut batch);
            if !batch.is_empty() {
                let written = self.write(&mut writer, &batch);
                let mut queue = self.queue();
                match written {
                    Ok(notice) => {
                        queue.written += batch.len() as u64;
                        queue.error = None;
                        queue.notice = notice.or(queue.notice.take());
                        batch.clear();
                    }
                    Err(e) => queue.error = Some(format!("{e:#}")),
                }
                self.done.notify_all();
            }
            if closing {
                let mut queue = self.queue();
                let all = batch.is_empty() && queue.waiting.is_empty();
                if all || (!batch.is_empty() && queue.error.is_some()) {
                    batch.append(&mut queue.waiting);
                    queue.unwritten = batch;
                    return;
                }
            }
        }
    }

    /// Waits for hits and moves some of them into `batch`, which still holds
    /// those of a write that failed; answers whether it is time to end.
    fn gather(&self, batch: &mut Vec<Numbered>) -> bool {
        let mut queue = self.queue();
        if !batch.is_empty() {
            queue = self.wait(queue, RETRY, |q| !q.urgent && !q.closing);
        } else {
            while queue.waiting.is_empty() && !queue.closing {
                // Nothing to write: whoever waits for it waits no longer.
                queue.urgent = false;
                queue = self
                    .work
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            queue = self.wait(queue, BATCH_TIME, |q| {
                !q.urgent && !q.closing && q.waiting.len() < BATCH
            });
        }
        queue.urgent = false;
        if batch.is_empty() {
            std::mem::swap(batch, &mut queue.waiting);
        }
        self.done.notify_all();
        queue.closing
    }

    fn wait<'a>(
        &self,
        queue: MutexGuard<'a, Queue>,
        time: Duration,
        idle: impl Fn(&Queue) -> bool,
    ) -> MutexGuard<'a, Queue> {
        self.work
            .wait_timeout_while(queue, time, |q| idle(q))
            .map_or_else(|e| e.into_inner().0, |(queue, _)| queue)
    }

    /// Commits a batch; answers a sentence when something had to be put right.
    fn write(&self, writer: &mut Writer, batch: &[Numbered]) -> Result<Option<String>> {
        let mut session = self.session();
        let notice = if session.restore_file()? {
            session.trust_references()?;
            let path = session.db_path().unwrap_or(Path::new("")).display();
            Some(format!(
                "the session's file was deleted while it was recorded; it was written again to {path}"
            ))
        } else {
            None
        };
        writer.write(&mut session, batch)?;
        Ok(notice)
    }
}
