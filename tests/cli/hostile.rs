//! Session files that somebody made to hurt: asked every question, each ends soon, takes little
//! memory, runs nothing, writes nowhere else, and says in one sentence what is wrong.

use std::ffi::{CString, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::thread;

use dbg_session::command::{Context, Output, run};
use dbg_session::rusqlite::Connection;

use super::bounded::{PATIENCE, bounded};
use super::words::assert_whole;
use super::world::World;

/// Every question to one session; `prune`, `list` and `diff` look at its file as well.
pub const QUESTIONS: &[&[&str]] = &[
    &["status", "--session", "demo"],
    &["list"],
    &["hits", "--session", "demo"],
    &["hits", "--session", "demo", "--limit", "0"],
    &["hits", "--session", "demo", "--where", "n > 1"],
    &["hits", "--session", "demo", "--where", "caller == main"],
    &["hits", "--session", "demo", "--group-by", "n"],
    &["hits", "t.c:10", "--session", "demo", "--fields", "n,s"],
    &["show", "--session", "demo"],
    &["show", "src/t.c:20", "1", "--session", "demo"],
    &["hit-diff", "src/t.c:10", "1", "2", "--session", "demo"],
    &["hit-trend", "src/t.c:10", "n", "--session", "demo"],
    &["callers", "src/t.c:20", "--session", "demo"],
    &["layer", "list", "--session", "demo"],
    &["layer", "reindex", "--session", "demo"],
    &["hotspots", "--session", "demo"],
    &["cross", "main", "--session", "demo"],
    &["diff", "demo", "demo"],
    &["source", "main", "--session", "demo"],
    &["disasm", "main", "--session", "demo"],
    &["at-hit", "src/t.c:10", "1", "--session", "demo"],
    &["breakpoints", "list", "--session", "demo"],
    &[
        "sql",
        "SELECT count(*) FROM hit_frames",
        "--session",
        "demo",
    ],
    &["sql", "SELECT * FROM hit_values", "--session", "demo"],
    &["note", "written", "--session", "demo"],
    &["promote", "demo"],
    &["prune"],
    &["prune", "--all", "--older-than", "0s", "--dry-run"],
];

#[test]
fn every_verb_meets_hostile_files() {
    // They read no session, or want a debugger that has one.
    let others = [
        "new", "save", "recover", "trace", "watch", "config", "setup", "doctor",
    ];
    assert_whole(QUESTIONS, &others);
}

/// A world of which the session `demo` was changed by some SQL that a person would not write.
fn changed(sql: &str) -> World {
    let world = World::with_demo();
    let conn = Connection::open(world.db("demo")).unwrap();
    conn.execute_batch(sql)
        .unwrap_or_else(|e| panic!("{sql}: {e}"));
    world
}

fn fifo(path: &Path) {
    let path = CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: the path is a C string that outlives the call.
    assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
}

/// Asks everything; each question ends in time with an answer or one sentence.
fn ask_all(world: &World, what: &str) {
    for question in QUESTIONS {
        let output = in_time(world, question);
        let said = format!("{what}: {question:?}: {}", output.err);
        assert!(output.code < 2, "{said}");
        assert!(!output.err.contains("failed inside"), "{said}");
        assert!(
            output.code == 0 || output.err.lines().count() <= 1,
            "{said}"
        );
    }
}

/// Asks within this process, which is quicker than starting the program.
fn in_time(world: &World, args: &[&str]) -> Output {
    let (cwd, args): (PathBuf, Vec<OsString>) =
        (world.proj(), args.iter().map(OsString::from).collect());
    let (done, answer) = channel();
    let asked = args.clone();
    thread::spawn(move || {
        let (live, width) = (None, None);
        done.send(run(&asked, &Context { cwd, live, width }))
    });
    answer
        .recv_timeout(PATIENCE)
        .unwrap_or_else(|_| panic!("{args:?} did not end in {PATIENCE:?}"))
}

#[test]
fn what_would_run_is_refused_before_anything_is_read_or_written() {
    let replaced =
        |made: &str| format!("PRAGMA foreign_keys = off; ALTER TABLE notes RENAME TO kept; {made}");
    for (what, sql) in [
        (
            "a trigger",
            "CREATE TRIGGER evil AFTER INSERT ON notes BEGIN DELETE FROM breakpoint_hits; END"
                .to_owned(),
        ),
        (
            "a view",
            replaced("CREATE VIEW notes AS SELECT * FROM kept"),
        ),
        (
            "a virtual table",
            replaced("CREATE VIRTUAL TABLE notes USING fts5 (id, session_id, hit_id, ts, text)"),
        ),
        (
            "computed",
            "ALTER TABLE notes ADD COLUMN big AS (hex(zeroblob(900000000)))".to_owned(),
        ),
        (
            "more than a list",
            "CREATE INDEX slow ON notes (hex(zeroblob(length(text))))".to_owned(),
        ),
        (
            "a CHECK",
            replaced(
                "CREATE TABLE notes (id INTEGER PRIMARY KEY, session_id, hit_id, ts,
                    text CHECK (length(hex(zeroblob(900000000))) > 1))",
            ),
        ),
        (
            "a collation",
            replaced("CREATE TABLE notes (id, session_id, hit_id, ts, text COLLATE nocase)"),
        ),
        (
            "forged",
            "PRAGMA writable_schema = on;
             UPDATE sqlite_schema SET sql = 'CREATE VIEW notes AS SELECT 1' WHERE name = 'notes'"
                .to_owned(),
        ),
    ] {
        let world = changed(&sql);
        let before = fs::read(world.db("demo")).unwrap();
        for args in [
            &["hits", "--session", "demo"][..],
            &["note", "x", "--session", "demo"],
            &["promote", "demo"],
            &["layer", "add", "nothing", "--session", "demo"],
            &["sql", "SELECT 1", "--session", "demo"],
            &["diff", "demo", "demo"],
        ] {
            let output = in_time(&world, args);
            assert_eq!(output.code, 1, "{what} {args:?}: {output:?}");
            // A forged one SQLite itself finds to be damaged.
            if what == "forged" {
                continue;
            }
            assert!(
                output.err.contains("is refused"),
                "{what} {args:?}: {output:?}"
            );
            assert!(
                output.err.contains("plain") || output.err.contains(what),
                "{what}: {output:?}"
            );
        }
        ask_all(&world, what);
        assert_eq!(fs::read(world.db("demo")).unwrap(), before, "{what}");
    }
}

#[test]
fn a_circle_of_stacks_has_an_end() {
    for (what, sql) in [
        ("itself", "UPDATE stacks SET parent_id = id"),
        (
            "in a ring",
            "UPDATE stacks SET parent_id = 1 + (id + 1) % 3, depth = 7",
        ),
        (
            "deep",
            "INSERT INTO stacks (id, parent_id, frame_id, depth)
                 WITH RECURSIVE n (n) AS (SELECT 4 UNION ALL SELECT n + 1 FROM n WHERE n < 30000)
                 SELECT n, n - 1, 1 + n % 2, n - 1 FROM n;
             UPDATE breakpoint_hits SET stack_id = 30000 - id WHERE stack_id = 3",
        ),
    ] {
        let world = changed(sql);
        for question in QUESTIONS {
            // A query of one's own over all frames of a deep stack takes its time.
            if what != "deep" || question[0] != "sql" {
                in_time(&world, question);
            }
        }
    }
}

/// Hits of 300,000 values, which no recorder would write, and of a text of 50 MB.
pub fn huge(world: &World) {
    let members = (0..300_000).map(|i| format!(r#","[{i}]":{{"type":"int","value":"{i}"}}"#));
    let members: String = members.collect();
    let values = format!(r#"{{"v":{{"type":"std::vector<int>","value":"{{...}}"{members}}}}}"#);
    let text = "x".repeat(50_000_000);
    let text = format!(r#"{{"s":{{"type":"char *","value":"\"{text}\""}}}}"#);
    let conn = Connection::open(world.db("demo")).unwrap();
    for (place, json) in [("src/t.c:10", values), ("src/t.c:20", text)] {
        let sql = "UPDATE breakpoint_hits SET locals_json = ? WHERE location_key = ?";
        assert!(conn.execute(sql, [&*json, place]).unwrap() > 1);
    }
}

#[test]
fn a_huge_hit_takes_bounded_time_and_memory_and_says_what_is_missing() {
    let world = World::with_demo();
    huge(&world);
    let show = |place: &str| bounded(&world, &["show", place, "1", "--session", "demo"]).out;
    let values = show("src/t.c:10");
    assert!(
        values.contains("not whole: 200001 values"),
        "{}",
        &values[..500]
    );
    assert!(values.lines().count() > 99_000);
    let text = show("src/t.c:20");
    assert!(text.contains("not whole: one text is cut"));
    assert!(text.len() < 2 << 20);
    let diff = bounded(
        &world,
        &["hit-diff", "src/t.c:10", "1", "2", "--session", "demo"],
    );
    assert!(diff.out.contains("not whole"), "{diff:?}");
    for question in QUESTIONS {
        // What is asked of SQLite itself is answered whole.
        if question[0] != "sql" {
            in_time(&world, question);
        }
    }
}

#[test]
fn the_views_are_ours_whatever_the_file_calls_so() {
    let world = changed(
        "DROP VIEW hit_values; DROP VIEW hit_frames;
         CREATE VIEW hit_values AS SELECT 'forged' AS name;
         CREATE VIEW hit_frames AS WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n FROM n)
             SELECT n FROM n;
         CREATE VIEW mine AS SELECT count(*) AS n FROM breakpoint_hits;
         CREATE TABLE own (x AS (1), y)",
    );
    ask_all(&world, "views");
    let sql = |query: &str| in_time(&world, &["sql", query]).out;
    assert!(sql("SELECT DISTINCT name FROM hit_values").contains("p.x"));
    assert_eq!(sql("SELECT count(*) FROM hit_frames"), "count(*)\n12\n");
    assert_eq!(sql("SELECT n FROM mine"), "n\n6\n");
}

#[test]
fn what_is_no_plain_file_is_not_waited_for() {
    for name in [
        "demo.db-lock",
        "demo.db-wal",
        "demo.db-journal",
        "demo.db-shm",
        "pipe.db",
        "pipe.db-lock",
    ] {
        let world = World::with_demo();
        let folder = world.db("demo").parent().unwrap().to_owned();
        fifo(&folder.join(name));
        ask_all(&world, name);
        let list = bounded(&world, &["list"]);
        assert_eq!(list.code, 0, "{name}: {list:?}");
    }
    let world = World::with_demo();
    let raw = world.db("demo").with_extension("").join("raw");
    fs::create_dir_all(&raw).unwrap();
    fifo(&raw.join("perf.data"));
    let conn = Connection::open(world.db("demo")).unwrap();
    conn.execute_batch(
        "INSERT INTO layers (session_id, source, file, format)
             SELECT id, 'perf', 'perf.data', 'perf-data' FROM sessions",
    )
    .unwrap();
    ask_all(&world, "raw");
    let again = bounded(
        &world,
        &["layer", "add", ".dbg/sessions/demo/raw/perf.data"],
    );
    assert_eq!(again.code, 1, "{again:?}");
    let settings = world.home().join(".config/dbg-session");
    fs::create_dir_all(&settings).unwrap();
    fifo(&settings.join("config"));
    bounded(&world, &["config"]);
    bounded(&world, &["hits"]);
}

#[test]
fn nothing_is_written_through_a_link() {
    for linked in [
        "demo.db",
        "demo.db-wal",
        "demo.db-shm",
        "demo.db-journal",
        "demo.db-lock",
    ] {
        let world = World::with_demo();
        let folder = world.db("demo").parent().unwrap().to_owned();
        let elsewhere = world.home().join("elsewhere");
        if linked == "demo.db" {
            fs::rename(world.db("demo"), &elsewhere).unwrap();
        } else {
            fs::write(&elsewhere, "someone's own").unwrap();
        }
        symlink(&elsewhere, folder.join(linked)).unwrap();
        let before = fs::read(&elsewhere).unwrap();
        let profile = world.proj().join("f.folded");
        fs::write(&profile, "main;f 3\n").unwrap();
        for args in [
            &["note", "x", "--session", "demo"][..],
            &["promote", "demo"],
            &["layer", "add", "f.folded", "--session", "demo"],
            &["note", "x", "--session", ".dbg/sessions/demo.db"],
        ] {
            let output = bounded(&world, args);
            if linked != "demo.db-lock" {
                assert_eq!(output.code, 1, "{linked} {args:?}: {output:?}");
                assert_eq!(output.err.lines().count(), 1, "{output:?}");
            }
            assert_eq!(fs::read(&elsewhere).unwrap(), before, "{linked} {args:?}");
        }
        if linked == "demo.db" {
            let hits = bounded(&world, &["hits", "--session", "demo"]);
            assert_eq!(hits.code, 0, "a link may be read through: {hits:?}");
        }
    }
}

/// Nothing here can be read: another run's answer, from the folder above, is no answer.
#[test]
fn a_folder_of_damaged_sessions_is_not_answered_from_above() {
    let world = World::with_demo();
    let below = world.proj().join("below");
    let sessions = below.join(".dbg/sessions");
    fs::create_dir_all(&sessions).unwrap();
    let hits = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_dbg-session"));
        command.arg("hits").current_dir(&below);
        let output = command.env_clear().env("HOME", world.home()).output();
        let output = output.unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    assert_eq!(hits().0, Some(0), "an empty folder is as none");
    fs::write(sessions.join("mine.db"), "no session").unwrap();
    let (code, said) = hits();
    assert_eq!(code, Some(1));
    assert!(
        said.contains("can be read as a session") && said.contains("dbg-session list"),
        "{said}"
    );
}
