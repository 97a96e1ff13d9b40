//! How fast hits go into a session file: `cargo bench --bench ingest`.
//!
//! One thread records, the writer thread writes; the rate is hits per second of
//! CPU time of both together, so that it says what one core can do.

#[path = "../bench/sessions/new.rs"]
mod new;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dbg_session::record::{Frame, Hit, Recorder, Stop};
use dbg_session::value::{Body, Value};
use new::new_session;

/// Hits of a round; fewer under a tool that counts instructions.
fn hits() -> u64 {
    let given = std::env::var("HITS").ok().and_then(|n| n.parse().ok());
    given.unwrap_or(300_000)
}

fn stack(folder: &Path) -> Arc<[Frame]> {
    let frame = |function: &str, line| Frame {
        function: Some(function.into()),
        file: Some(folder.join("queue.c").display().to_string()),
        line,
        pc: 0x5555_5555_0000 + u64::from(line),
        module: Some("app".into()),
        offset: 12,
        lang: "c".into(),
        inlined: false,
    };
    [("push", 42), ("fill", 77), ("run", 101), ("main", 120)]
        .map(|(function, line)| frame(function, line))
        .into()
}

fn plan() -> [(Arc<str>, Arc<str>); 6] {
    [
        ("i", "int"),
        ("len", "int"),
        ("ratio", "double"),
        ("p", "struct node *"),
        ("ok", "bool"),
        ("name", "char *"),
    ]
    .map(|(name, kind)| (name.into(), kind.into()))
}

/// What a tracepoint delivers: stack, names and types are known per location.
fn hit(n: u64, frames: &Arc<[Frame]>, plan: &[(Arc<str>, Arc<str>); 6]) -> Hit {
    let bodies = [
        Body::Int(i128::from(n)),
        Body::Int(i128::from(n % 1000)),
        Body::F64(n as f64 / 7.0),
        Body::Pointer(0x5555_5555_9000 + n * 16),
        Body::Bool(n.is_multiple_of(3)),
        Body::Str(b"worker".to_vec()),
    ];
    Hit {
        stop: Stop {
            reason: "tracepoint".into(),
            breakpoints: vec![1],
            thread: 1,
            tid: 4242,
            thread_name: Some("app".into()),
            pid: 4242,
            ..Stop::default()
        },
        frames: Arc::clone(frames),
        values: plan
            .iter()
            .zip(bodies)
            .map(|((name, kind), body)| Value::plain(Arc::clone(name), Arc::clone(kind), body))
            .collect(),
        watches: Vec::new(),
    }
}

fn cpu() -> Duration {
    // SAFETY: `usage` is plain data that outlives the call.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    };
    let time = |t: libc::timeval| Duration::new(t.tv_sec as u64, t.tv_usec as u32 * 1000);
    time(usage.ru_utime) + time(usage.ru_stime)
}

fn main() {
    let hits = hits();
    for round in 1..=3 {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let cwd = folder.path().canonicalize().expect("its real name");
        let path = folder.path().join("bench.db");
        let recorder = Recorder::new(new_session(&path)).expect("a recorder");
        let (stack, plan) = (stack(&cwd), plan());
        let (wall, used) = (Instant::now(), cpu());
        for n in 0..hits {
            recorder.record(hit(n, &stack, &plan));
        }
        recorder
            .flush(Duration::from_secs(60))
            .expect("all written");
        let (wall, used) = (wall.elapsed().as_secs_f64(), (cpu() - used).as_secs_f64());
        let status = recorder.status();
        recorder.finish(Duration::from_secs(60)).expect("ended");
        let bytes = std::fs::metadata(&path).expect("the file").len();
        println!(
            "round {round}: {:.0} hits/s of one core ({:.0} hits/s of wall time), {} bytes a hit, {} lost",
            hits as f64 / used,
            hits as f64 / wall,
            bytes / hits,
            status.lost,
        );
    }
}
