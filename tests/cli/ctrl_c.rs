//! Ctrl-C ends a question in a shell soon, with one sentence and 130, and leaves nothing behind.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use dbg_session::rusqlite::Connection;

use super::bounded::{PATIENCE, reader};
use super::hostile::huge;
use super::world::World;

/// A world whose session `demo` keeps each question busy for a while.
fn busy() -> World {
    let world = World::with_demo();
    let conn = Connection::open(world.db("demo")).unwrap();
    conn.execute_batch(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)
         INSERT INTO breakpoint_hits (session_id, location_key, thread, hit_seq, ts, locals_json, function)
         SELECT (SELECT id FROM sessions), 'src/t.c:1' || (i % 7), '1', 100 + i / 7, '2026-01-01T00:00:00.000000Z',
                json_object('n', json_object('type', 'int', 'value', CAST(i AS TEXT)),
                            's', json_object('type', 'char *', 'value', '\"text ' || i || '\"')), 'main'
         FROM n",
    )
    .unwrap();
    world
}

/// The program at work, which ends with its test at the latest.
struct Asked(Child);

impl Drop for Asked {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(world: &World, args: &[&str]) -> Asked {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dbg-session"));
    // SAFETY: prctl may be called between fork and exec.
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            Ok(())
        });
    }
    let child = command
        .args(args)
        .current_dir(world.proj())
        .env_clear()
        .env("HOME", world.home())
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    Asked(child.unwrap())
}

/// Whether SIGINT is ours in that process: it is asking.
fn is_asking(child: &Child) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let caught = status
        .lines()
        .find_map(|line| line.strip_prefix("SigCgt:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    caught.is_some_and(|mask| mask & 1 << (libc::SIGINT - 1) != 0)
}

/// Presses Ctrl-C shortly after the question began: its exit code and what it said.
fn interrupted(mut asked: Asked, after: Duration, what: &[&str]) -> (Option<i32>, String) {
    let child = &mut asked.0;
    let out = reader(child.stdout.take().unwrap());
    let err = reader(child.stderr.take().unwrap());
    let begun = Instant::now();
    while !is_asking(child) && child.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < PATIENCE, "{what:?} never began");
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(after);
    // SAFETY: it is our child, and not waited for yet.
    unsafe { libc::kill(child.id().cast_signed(), libc::SIGINT) };
    let pressed = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(pressed.elapsed() < PATIENCE, "{what:?} never ended");
        thread::sleep(Duration::from_millis(1));
    };
    let said = String::from_utf8(err.join().unwrap()).unwrap();
    assert!(
        out.join().unwrap().is_empty() || status.success(),
        "{what:?}"
    );
    (status.code(), said)
}

#[test]
fn every_question_ends() {
    let world = busy();
    fs::copy(world.db("demo"), world.db("other")).unwrap();
    let mut ended = 0;
    for question in [
        &[
            "sql",
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        ][..],
        &[
            "hits",
            "--where",
            "s contains \"nothing\"",
            "--session",
            "demo",
        ],
        &["hits", "--group-by", "s", "--session", "demo"],
        &["hits", "--limit", "0", "--session", "demo"],
        &["hit-trend", "src/t.c:10", "n", "--session", "demo"],
        &["cross", "main", "--session", "demo"],
        &["diff", "demo", "other"],
        &["doctor"],
    ] {
        let child = start(&world, question);
        let (code, said) = interrupted(child, Duration::from_millis(30), question);
        // Some are quicker than we.
        if code != Some(0) {
            assert_eq!(
                (code, &*said),
                (Some(130), "dbg-session: interrupted.\n"),
                "{question:?}"
            );
            ended += 1;
        }
    }
    assert!(ended >= 4, "only {ended} were interrupted");
}

/// However much of the answer was read by then: to let go of it takes long, too.
#[test]
fn a_long_answer_is_left_as_soon() {
    let world = busy();
    for question in [
        &["hits", "--limit", "0", "--session", "demo"][..],
        &[
            "sql",
            "SELECT * FROM breakpoint_hits",
            "--limit",
            "0",
            "--session",
            "demo",
        ],
    ] {
        let mut ended = 0;
        for after in [300, 1000, 2500] {
            let child = start(&world, question);
            let (code, said) = interrupted(child, Duration::from_millis(after), question);
            assert!(
                code == Some(0) || said.is_empty() || said == "dbg-session: interrupted.\n",
                "{question:?}: {said}"
            );
            ended += usize::from(code == Some(130));
        }
        assert!(ended > 0, "{question:?} was never interrupted");
    }
}

#[test]
fn a_huge_hit_is_left_as_soon() {
    let world = World::with_demo();
    huge(&world);
    for question in [
        &["show", "src/t.c:10", "1"][..],
        &["hit-diff", "src/t.c:10", "1", "2", "--all", "--limit", "0"],
        &["hits", "--limit", "0"],
        &["diff", "demo", "demo"],
    ] {
        for after in [50, 300, 800] {
            let child = start(&world, question);
            let (code, said) = interrupted(child, Duration::from_millis(after), question);
            assert!(
                code == Some(0) || said == "dbg-session: interrupted.\n",
                "{question:?}: {said}"
            );
        }
    }
}

#[test]
fn a_layer_is_added_whole_or_not_at_all() {
    let world = World::with_demo();
    let lines = (0..400_000).map(|i| format!("main;f{};g{};h{i} 3\n", i % 5000, i % 77));
    fs::write(world.proj().join("big.folded"), lines.collect::<String>()).unwrap();
    let before = all(&world.proj());
    let args = &["layer", "add", "big.folded", "--session", "demo"];
    for after in [10, 200, 500] {
        let (code, said) = interrupted(start(&world, args), Duration::from_millis(after), args);
        assert_eq!(code, Some(130), "{said}");
        assert!(said.starts_with("dbg-session: interrupted"), "{said}");
        assert_eq!(all(&world.proj()), before);
        let conn = Connection::open(world.db("demo")).unwrap();
        let count = |table: &str| -> i64 {
            let sql = format!("SELECT count(*) FROM {table}");
            conn.query_row(&sql, [], |row| row.get(0)).unwrap()
        };
        assert_eq!((count("layers"), count("samples")), (0, 0));
    }
}

/// Every file and folder below one.
fn all(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}
