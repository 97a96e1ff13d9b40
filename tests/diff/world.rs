//! Runs of a program that never was, written into sessions as they might have been recorded.

use std::path::Path;

use dbg_session::query::diff::{Diff, Options, diff};
use dbg_session::rusqlite::params;
use dbg_session::{CreateOptions, SessionDb, SessionKind, TargetClass};

/// A value of a hit.
#[derive(Clone, Debug, PartialEq)]
pub enum Val {
    Int(i64),
    /// The object with this number; 0 is null.
    Object(u64),
    Text(String),
    /// A struct with a number, a pointer, and an array.
    Node(i64, u64, Vec<i64>),
    /// Not to be read; holds what is there nevertheless.
    Unread(&'static str, i64),
    /// Of a string, its head and how it goes on; `true` when it was cut behind the head.
    Cut(String, String, bool),
}

/// A hit of one thread.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// `t.c:LINE`.
    pub line: u32,
    pub values: Vec<(&'static str, Val)>,
}

pub fn step(line: u32, n: i64) -> Step {
    Step {
        line,
        values: vec![("n", Val::Int(n))],
    }
}

/// What each thread did.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Program {
    pub threads: Vec<Vec<Step>>,
}

impl Program {
    pub fn of(steps: Vec<Step>) -> Self {
        let threads = vec![steps];
        Self { threads }
    }
}

/// What differs from run to run without meaning.
#[derive(Clone, Debug)]
pub struct Circumstances {
    pub base: u64,
    pub second: u32,
    pub pid: i64,
    /// The debugger's number of each thread.
    pub numbers: Vec<i64>,
    /// Which thread comes next, as often as any has hits left.
    pub turns: Vec<usize>,
    pub hash: &'static str,
}

impl Default for Circumstances {
    fn default() -> Self {
        Self {
            base: 0x5555_5555_0000,
            second: 0,
            pid: 100,
            numbers: (1..=16).collect(),
            turns: vec![0],
            hash: "1:1",
        }
    }
}

pub fn empty(label: &str, hash: &str) -> SessionDb {
    SessionDb::create(CreateOptions {
        kind: SessionKind::Debug,
        target: "/bin/app",
        target_class: TargetClass::NativeCpu,
        cwd: Path::new("/tmp"),
        db_path: None,
        label: Some(label.into()),
        target_hash: Some(hash.into()),
    })
    .unwrap()
}

/// A session of a program under some circumstances.
pub fn run(label: &str, program: &Program, around: &Circumstances) -> SessionDb {
    let session = empty(label, around.hash);
    let mut next = vec![0; program.threads.len()];
    let mut seqs = std::collections::BTreeMap::new();
    let mut turns = around.turns.iter().cycle();
    let mut recorded = 0;
    while (0..next.len()).any(|t| next[t] < program.threads[t].len()) {
        // Who has nothing left passes the turn on.
        let wish = turns.next().copied().unwrap_or(0) % next.len();
        let thread = (0..next.len())
            .map(|i| (wish + i) % next.len())
            .find(|t| next[*t] < program.threads[*t].len())
            .unwrap();
        let step = &program.threads[thread][next[thread]];
        next[thread] += 1;
        let seq = seqs.entry(step.line).or_insert(0);
        *seq += 1;
        recorded += 1;
        insert(&session, step, *seq, thread, recorded, around);
    }
    session
}

fn insert(
    session: &SessionDb,
    step: &Step,
    seq: i64,
    thread: usize,
    recorded: u32,
    around: &Circumstances,
) {
    let values = step
        .values
        .iter()
        .map(|(name, value)| format!("\"{name}\":{}", json(value, around.base)));
    let values = format!("{{{}}}", values.collect::<Vec<_>>().join(","));
    let tid = around.pid + around.numbers[thread] - 1;
    session
        .conn()
        .execute(
            "INSERT INTO breakpoint_hits (session_id, location_key, hit_seq, thread, ts, locals_json, stack_json,
                 function, thread_name, tid, pid, pc, reason, breakpoint)
             VALUES (?, ?, ?, ?, ?, ?, json_object('frame_symbol', ?7), ?7, 'app', ?8, ?9, ?10, 'breakpoint', 1)",
            params![
                session.session_id(),
                format!("t.c:{}", step.line),
                seq,
                around.numbers[thread].to_string(),
                format!("2026-11-23T10:{:02}:00.{recorded:06}Z", around.second % 60),
                values,
                format!("f{}", step.line / 10),
                tid,
                around.pid,
                i64::try_from(around.base).unwrap() + i64::from(step.line),
            ],
        )
        .unwrap();
}

fn json(value: &Val, base: u64) -> String {
    let plain = |kind: &str, text: &str| format!(r#"{{"type":"{kind}","value":"{text}"}}"#);
    let pointer = |object: u64| match object {
        0 => "0x0".to_owned(),
        n => format!("{:#x}", base + n * 16),
    };
    match value {
        Val::Int(n) => plain("int", &n.to_string()),
        Val::Object(n) => plain("void *", &pointer(*n)),
        Val::Text(text) => plain("char *", &format!("\\\"{text}\\\"")),
        Val::Node(n, next, items) => {
            let texts: Vec<String> = items.iter().map(i64::to_string).collect();
            let list = texts.join(", ");
            let elements = items.iter().enumerate();
            let elements =
                elements.map(|(i, item)| format!(",\"[{i}]\":{}", plain("int", &item.to_string())));
            format!(
                r#"{{"type":"node","value":"{{n = {n}, next = {next}, items = {{{list}}}}}","n":{},"next":{},"items":{{"type":"int []","value":"{{{list}}}"{}}}}}"#,
                plain("int", &n.to_string()),
                plain("node *", &pointer(*next)),
                elements.collect::<String>(),
                next = pointer(*next),
            )
        }
        Val::Unread(status, n) => {
            format!(r#"{{"type":"int","value":"{n}","status":"{status}"}}"#)
        }
        Val::Cut(head, _, true) => {
            format!(r#"{{"type":"char *","value":"\"{head}\"...","status":"truncated"}}"#)
        }
        Val::Cut(head, rest, false) => plain("char *", &format!("\\\"{head}{rest}\\\"")),
    }
}

pub fn compared(a: &SessionDb, b: &SessionDb) -> Diff {
    diff(a, b, &Options::default()).unwrap()
}

/// Two programs run under the same circumstances.
pub fn programs(a: Vec<Step>, b: Vec<Step>) -> Diff {
    let around = Circumstances::default();
    compared(
        &run("a", &Program::of(a), &around),
        &run("b", &Program::of(b), &around),
    )
}
