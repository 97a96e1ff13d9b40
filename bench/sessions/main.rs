//! Makes a session as large as wanted: `cargo run --release --example make-session -- --help`.

mod new;
mod program;

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use dbg_session::record::Recorder;

use program::{Program, Run};

/// Make a session of a program that never was
///
/// The same seed gives the same hits; only the session's id and its times are new.
#[derive(Parser)]
struct Arguments {
    /// The session's file, which must not be there yet
    file: PathBuf,
    /// How many hits it gets
    #[arg(long, default_value_t = 1_000_000)]
    hits: u64,
    /// Where chance begins
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Another run of the same: other addresses, and its threads numbered otherwise
    #[arg(long)]
    again: bool,
    /// From this hit on, it is not the same any more: `len` is greater by one
    #[arg(long, value_name = "HIT")]
    part_at: Option<u64>,
}

fn main() {
    let arguments = Arguments::parse();
    let session = new::new_session(&arguments.file);
    let folder = session.meta("cwd").expect("readable").expect("a folder");
    let run = Run {
        again: arguments.again,
        parts_at: arguments.part_at,
    };
    let program = Program::new(folder.as_ref(), arguments.seed, run);
    let recorder = Recorder::new(session).expect("a recorder");
    for (hit, n) in program.zip(0..arguments.hits) {
        recorder.record(hit);
        // Nobody must wait so long for room in the queue that a hit is lost.
        if n % 10_000 == 0 {
            recorder.flush(Duration::from_secs(60)).expect("written");
        }
    }
    let finished = recorder.finish(Duration::from_secs(60)).expect("ended");
    assert_eq!(finished.hits, arguments.hits, "every hit is in the session");
    let bytes = std::fs::metadata(&arguments.file).expect("the file").len();
    println!(
        "{}: {} hits, {} bytes each",
        arguments.file.display(),
        finished.hits,
        bytes / arguments.hits.max(1)
    );
}
