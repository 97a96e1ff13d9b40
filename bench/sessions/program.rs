//! A server that never was: requests come in, are parsed, wait in a queue, and
//! go into a table. What it does at each hit depends on the seed alone.

use std::path::Path;
use std::sync::Arc;

use dbg_session::record::{Frame, Hit, Stop};
use dbg_session::value::{Body, Value};

/// What differs between two runs of the program.
#[derive(Clone, Copy, Debug, Default)]
pub struct Run {
    /// Another process: other addresses, and its threads numbered otherwise.
    pub again: bool,
    /// From this hit on (the first is 1), lengths are read wrong by one.
    pub parts_at: Option<u64>,
}

/// The program while it runs: an endless row of hits.
pub struct Program {
    run: Run,
    random: u64,
    hits: u64,
    /// Requests that came in.
    request: u64,
    /// Bytes that the table holds.
    total: i128,
    places: Vec<Place>,
}

/// Somewhere with a tracepoint. Stacks, names and types are shared by its hits.
struct Place {
    /// The ways that lead there.
    stacks: Vec<Arc<[Frame]>>,
    /// Of a hundred hits, so many are here.
    share: u64,
    /// Whether the main thread comes here, not the workers.
    main: bool,
    /// The last of its values.
    last: Last,
    values: Vec<(Arc<str>, Arc<str>)>,
    members: [(Arc<str>, Arc<str>); 3],
}

#[derive(Clone, Copy)]
enum Last {
    Len,
    Load,
    Total,
}

const WORKERS: i64 = 4;
const STATES: [&str; 4] = ["IDLE", "READING", "WRITING", "CLOSED"];
const HEADERS: [&str; 6] = ["Host", "Accept", "User-Agent", "Length", "Cookie", "Trace"];
const KINDS: [&str; 3] = ["GET", "PUT", "POST"];

impl Program {
    /// Starts the program, whose sources are in `folder`.
    pub fn new(folder: &Path, seed: u64, run: Run) -> Self {
        Self {
            run,
            random: seed,
            hits: 0,
            request: 0,
            total: 0,
            places: places(
                folder,
                if run.again {
                    0x5601_7a3c_0000
                } else {
                    0x5555_5555_0000
                },
            ),
        }
    }

    /// A number that nobody foresees, but always the same (splitmix64).
    fn random(&mut self, below: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.random(from.len() as u64) as usize]
    }

    fn place(&mut self) -> usize {
        let mut dice = self.random(100);
        let here = |place: &Place| {
            let here = dice < place.share;
            dice = dice.saturating_sub(place.share);
            here
        };
        self.places.iter().position(here).unwrap_or(0)
    }

    fn stop(&mut self, place: usize) -> Stop {
        let worker = self.random(WORKERS as u64) as i64;
        let (number, name) = if self.places[place].main {
            (1, "app".to_owned())
        } else if self.run.again {
            (2 + (worker + 1) % WORKERS, format!("worker-{worker}"))
        } else {
            (2 + worker, format!("worker-{worker}"))
        };
        let pid = if self.run.again { 9001 } else { 4200 };
        Stop {
            reason: "tracepoint".into(),
            breakpoints: vec![place as i64 + 1],
            thread: number,
            tid: pid + number,
            thread_name: Some(name),
            pid,
            ..Stop::default()
        }
    }

    fn values(&mut self, place: usize) -> Vec<Value> {
        let wrong = self.run.parts_at.is_some_and(|hit| self.hits >= hit);
        let heap = if self.run.again {
            0x7f3a_9c40_0000
        } else {
            0x7ffd_1240_0000
        };
        let len = i128::from(self.random(1400)) + i128::from(wrong);
        let request = [
            Body::Int(i128::from(self.request)),
            Body::Int(len),
            Body::Enum(self.pick(&KINDS).into()),
        ];
        let last = match self.places[place].last {
            Last::Len => Body::Int(len),
            Last::Load => Body::F64(len as f64 / 1400.0),
            Last::Total => {
                self.total += len;
                Body::Int(self.total)
            }
        };
        let bodies = [
            Body::Int(i128::from(self.hits)),
            Body::Struct,
            Body::Str(format!("{}: {}", self.pick(&HEADERS), self.request % 97).into_bytes()),
            Body::Pointer(heap + self.random(4096) * 64),
            Body::Enum(self.pick(&STATES).into()),
            last,
        ];
        let place = &self.places[place];
        let named = |(name, kind): &(Arc<str>, Arc<str>), body| {
            Value::plain(Arc::clone(name), Arc::clone(kind), body)
        };
        let members = place.members.iter().zip(request);
        let members = members.map(|(name, body)| named(name, body)).collect();
        let values = place.values.iter().zip(bodies);
        let mut values: Vec<Value> = values.map(|(name, body)| named(name, body)).collect();
        values[0].arg = true;
        values[1].children = Some(members);
        values
    }
}

impl Iterator for Program {
    type Item = Hit;

    fn next(&mut self) -> Option<Hit> {
        self.hits += 1;
        let place = self.place();
        if self.places[place].main {
            self.request += 1;
        }
        let way = self.random(self.places[place].stacks.len() as u64) as usize;
        Some(Hit {
            stop: self.stop(place),
            frames: Arc::clone(&self.places[place].stacks[way]),
            values: self.values(place),
            watches: Vec::new(),
        })
    }
}

/// Innermost first, as `function@file:line`; those that share a place follow each other.
const STACKS: [(&str, u64, bool, Last, &str); 7] = [
    (
        "accept_one@src/main.c:33 serve@src/main.c:61 main@src/main.c:90",
        2,
        true,
        Last::Len,
        "len",
    ),
    (
        "parse_header@src/parse.c:118 parse@src/parse.c:201 work@src/work.c:15",
        38,
        false,
        Last::Len,
        "len",
    ),
    (
        "parse_body@src/parse.c:164 parse@src/parse.c:207 work@src/work.c:15",
        20,
        false,
        Last::Len,
        "len",
    ),
    (
        "push@src/queue.c:42 accept_one@src/main.c:40 serve@src/main.c:61 main@src/main.c:90",
        8,
        false,
        Last::Load,
        "load",
    ),
    (
        "push@src/queue.c:42 retry@src/work.c:70 work@src/work.c:22",
        7,
        false,
        Last::Load,
        "load",
    ),
    (
        "pop@src/queue.c:61 work@src/work.c:12",
        15,
        false,
        Last::Load,
        "load",
    ),
    (
        "store::Table::insert@src/store.cpp:77 store::Table::put@src/store.cpp:95 work@src/work.c:30",
        10,
        false,
        Last::Total,
        "total",
    ),
];

fn places(folder: &Path, code: u64) -> Vec<Place> {
    let named = |name: &str, kind: &str| (Arc::from(name), Arc::from(kind));
    let mut places: Vec<Place> = Vec::new();
    for (stack, share, main, last, name) in STACKS {
        let stack = frames(stack, folder, code);
        let same = |place: &&mut Place| place.stacks[0][0] == stack[0];
        if let Some(place) = places.iter_mut().find(same) {
            place.stacks.push(stack);
            place.share += share;
            continue;
        }
        let kind = if matches!(last, Last::Load) {
            "double"
        } else {
            "long"
        };
        places.push(Place {
            stacks: vec![stack],
            share,
            main,
            last,
            values: vec![
                named("i", "int"),
                named("request", "struct request"),
                named("name", "const char *"),
                named("node", "struct node *"),
                named("state", "enum state"),
                named(name, kind),
            ],
            members: [
                named("id", "int"),
                named("len", "int"),
                named("kind", "enum kind"),
            ],
        });
    }
    places
}

fn frames(stack: &str, folder: &Path, code: u64) -> Arc<[Frame]> {
    let frame = |frame: &str| {
        let (function, place) = frame.split_once('@').expect("a function and its place");
        let (file, line) = place.split_once(':').expect("a file and a line");
        let line = line.parse().expect("a number");
        Frame {
            function: Some(function.into()),
            file: Some(folder.join(file).display().to_string()),
            line,
            pc: code + u64::from(line) * 16,
            module: Some("app".into()),
            offset: 12,
            lang: if file.ends_with(".c") { "c" } else { "cpp" }.into(),
            inlined: false,
        }
    };
    stack.split(' ').map(frame).collect()
}
