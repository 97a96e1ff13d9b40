//! How fast profiles are read and indexed: `cargo bench --bench layers [SAMPLES]`.
//!
//! The profiles are made up: a thousand functions on stacks of forty frames, as a real program has them.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use dbg_session::layers::{AddOptions, Options, add, detect, parse};
use dbg_session::query::hotspots::hotspots;
use dbg_session::{CreateOptions, SessionDb, SessionKind, TargetClass};

fn main() {
    let samples: u64 = std::env::args()
        .skip(1)
        .find_map(|word| word.parse().ok())
        .unwrap_or(20_000);
    let folder = tempfile::tempdir().expect("a folder for the profiles");
    println!(
        "{:<12} {:>8} {:>10} {:>12} {:>10} {:>10} {:>12}",
        "format", "MB", "parse MB/s", "samples/s", "index s", "db MB", "hotspots ms"
    );
    for (name, text) in [
        ("perf-script", perf(samples)),
        ("folded", folded(samples)),
        ("callgrind", callgrind(samples)),
    ] {
        let file = folder.path().join(format!("{name}.txt"));
        std::fs::write(&file, &text).expect("the profile is written");
        measure(name, &file, samples, folder.path());
    }
}

fn measure(name: &str, file: &Path, samples: u64, folder: &Path) {
    let megabytes = std::fs::metadata(file).expect("it is there").len() as f64 / 1e6;
    let format = detect(file, file).expect("it is known");
    let (parsing, profile) =
        timed(|| parse(format, file, file, &Options::default()).expect("it is sound"));
    drop(profile);
    let path = folder.join(format!("{name}.db"));
    let db = SessionDb::create(CreateOptions {
        kind: SessionKind::Profile,
        target: "bench",
        target_class: TargetClass::NativeCpu,
        cwd: folder,
        db_path: Some(&path),
        label: None,
        target_hash: None,
    })
    .expect("a session");
    let (adding, _) = timed(|| add(&db, file, &AddOptions::default()).expect("it is added"));
    let (asking, _) = timed(|| hotspots(&db, None, 20).expect("it has hot functions"));
    db.end().expect("it ends");
    let size = std::fs::metadata(&path).expect("it is there").len() as f64 / 1e6;
    println!(
        "{name:<12} {megabytes:>8.1} {:>10.0} {:>12.0} {:>10.2} {size:>10.1} {:>12.2}",
        megabytes / parsing.as_secs_f64(),
        samples as f64 / parsing.as_secs_f64(),
        adding.saturating_sub(parsing).as_secs_f64(),
        asking.as_secs_f64() * 1e3,
    );
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed(), result)
}

/// A stack like those of real programs: the outer frames are few, the inner ones many.
fn stack(sample: u64) -> impl Iterator<Item = u64> {
    let mut state = sample.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    (0..40u64).map(move |depth| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(depth)
            >> 1;
        let choices = 1 + depth * depth / 100;
        depth * 25 + state % choices
    })
}

fn function(number: u64) -> String {
    format!(
        "app::module_{}::Worker<std::vector<int, std::allocator<int> > >::step_{number}",
        number % 20
    )
}

fn perf(samples: u64) -> String {
    let mut text = String::new();
    for sample in 0..samples {
        let seconds = sample as f64 / 1e3;
        let _ = writeln!(
            text,
            "worker  4242/{} [001] {seconds:.6}:     250000 cpu-clock:u: ",
            4242 + sample % 4
        );
        let frames: Vec<u64> = stack(sample).collect();
        for frame in frames.iter().rev() {
            let offset = (sample * 7 + frame) % 40;
            let _ = writeln!(
                text,
                "\t    {:12x} {}+0x{offset:x} (/opt/app/bin/worker)",
                0x0055_0000_0000 + frame * 64 + offset,
                function(*frame)
            );
        }
        text.push('\n');
    }
    text
}

fn folded(samples: u64) -> String {
    let mut text = String::new();
    for sample in 0..samples {
        let names: Vec<String> = stack(sample).map(function).collect();
        let _ = writeln!(text, "{} {}", names.join(";"), 1 + sample % 9);
    }
    text
}

/// One line of costs in five is a call.
fn callgrind(lines: u64) -> String {
    let mut text =
        String::from("# callgrind format\nversion: 1\npositions: line\nevents: Ir Dr Dw\n");
    for line in 0..lines {
        if line % 20 == 0 {
            let number = (line / 20) % 5000;
            let _ = writeln!(
                text,
                "fl=({0}) /src/file_{0}.cc\nfn=({number}) {1}",
                number % 300,
                function(number)
            );
        }
        let _ = writeln!(text, "+{} {} {} 2", line % 5, 10 + line % 7, line % 3);
        if line % 5 == 0 {
            let callee = (line * 31) % 5000;
            let _ = writeln!(
                text,
                "cfn=({callee}) {}\ncalls=3 10\n* 900 40 2",
                function(callee)
            );
        }
    }
    text
}
