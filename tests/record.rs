//! What the recorder promises: every hit in the file, in order, whatever happens.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dbg_session::record::{Frame, Hit, Recorder, Rest, StartOptions, Stop, start_session};
use dbg_session::rusqlite::Connection;
use dbg_session::session_db::{Liveness, liveness};
use dbg_session::value::{Body, Value};
use dbg_session::{CreateOptions, SessionDb, SessionKind, TargetClass, sessions_dir};
use tempfile::{TempDir, tempdir};

const SOON: Duration = Duration::from_secs(10);

fn hit(function: &str, line: u32, n: i128) -> Hit {
    let frame = |function: &str, line| Frame {
        function: Some(function.into()),
        file: Some("/src/t.c".into()),
        line,
        pc: 0x1000 + u64::from(line),
        lang: "c".into(),
        ..Frame::default()
    };
    Hit {
        stop: Stop {
            reason: "breakpoint".into(),
            breakpoints: vec![1],
            thread: 1,
            ..Stop::default()
        },
        frames: [frame(function, line), frame("main", 99)].into(),
        values: vec![Value::plain("n", "int", Body::Int(n))],
        watches: Vec::new(),
    }
}

fn in_file(cwd: &TempDir) -> (Recorder, PathBuf) {
    let session = SessionDb::create_in(
        &sessions_dir(cwd.path()),
        &CreateOptions {
            kind: SessionKind::Debug,
            target: "app",
            target_class: TargetClass::NativeCpu,
            cwd: cwd.path(),
            db_path: None,
            label: Some("run".into()),
            target_hash: None,
        },
    )
    .unwrap();
    let path = session.db_path().unwrap().to_owned();
    (Recorder::new(session).unwrap(), path)
}

fn count(path: &Path) -> i64 {
    let session = SessionDb::open_read_only(path).unwrap();
    session
        .conn()
        .query_row("SELECT count(*) FROM breakpoint_hits", [], |r| r.get(0))
        .unwrap()
}

#[test]
fn numbers_hits_per_location_and_stores_a_stack_once() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = in_file(&cwd);
    for n in 0..50 {
        let (key, seq) = recorder.record(hit("f", 10, n));
        assert_eq!((key.as_str(), seq), ("/src/t.c:10", n as u64 + 1));
        recorder.record(hit("g", 20, n));
    }
    let finished = recorder.finish(SOON).unwrap();
    assert_eq!((finished.hits, finished.kept), (100, true));
    let session = SessionDb::open(&path).unwrap();
    let one = |sql: &str| -> i64 { session.conn().query_row(sql, [], |r| r.get(0)).unwrap() };
    assert_eq!(one("SELECT max(hit_seq) FROM breakpoint_hits"), 50);
    assert_eq!(one("SELECT count(*) FROM stacks"), 3); // main, main → f, main → g
    assert_eq!(one("SELECT count(*) FROM frames"), 3);
    assert_eq!(one("SELECT count(*) FROM symbols"), 3);
    assert_eq!(
        one("SELECT count(*) FROM hit_frames WHERE function = 'main'"),
        100
    );
    assert_eq!(
        one("SELECT sum(number) FROM hit_values WHERE name = 'n'"),
        2450
    );
    assert_eq!(one("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    // dbg joins its questions on these.
    assert_eq!(
        one("SELECT count(*) FROM symbols JOIN breakpoint_hits
             ON location_key = file || ':' || symbols.line AND function = fqn"),
        100
    );
    assert_eq!(
        one("SELECT count(*) FROM breakpoint_hits
             WHERE json_extract(stack_json, '$.frame_symbol') = function AND typeof(ts) = 'text'"),
        100
    );
}

#[test]
fn a_flushed_hit_is_in_the_file_for_everybody() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = in_file(&cwd);
    recorder.record(hit("f", 10, 1));
    recorder.flush(SOON).unwrap();
    assert_eq!(count(&path), 1);
}

#[test]
fn an_unflushed_hit_is_there_soon() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = in_file(&cwd);
    recorder.record(hit("f", 10, 1));
    let began = Instant::now();
    while count(&path) == 0 {
        assert!(began.elapsed() < SOON);
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn loses_no_hit_of_many_threads() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = in_file(&cwd);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..5_000).for_each(|n| drop(recorder.record(hit("f", 10, n)))));
        }
    });
    let finished = recorder.finish(SOON).unwrap();
    assert_eq!(finished.hits, 40_000);
    let session = SessionDb::open(&path).unwrap();
    let (all, distinct): (i64, i64) = session
        .conn()
        .query_row(
            "SELECT count(*), count(DISTINCT hit_seq) FROM breakpoint_hits",
            [],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
        .unwrap();
    assert_eq!((all, distinct), (40_000, 40_000));
}

#[test]
fn a_session_that_caught_nothing_leaves_nothing() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = in_file(&cwd);
    assert!(!recorder.finish(SOON).unwrap().kept);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 0);
}

#[test]
fn an_empty_session_of_a_person_is_kept() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = in_file(&cwd);
    recorder
        .with_session(|session| session.promote_to_user())
        .unwrap();
    assert!(recorder.finish(SOON).unwrap().kept);
    assert!(path.exists());
}

#[test]
fn a_full_disk_keeps_hits_in_memory_until_there_is_room() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = in_file(&cwd);
    recorder.record(hit("f", 10, 0));
    recorder.flush(SOON).unwrap();
    let pages = |n: i64| {
        recorder.with_session(|session| {
            let set = format!("PRAGMA max_page_count = {n}");
            session.conn().query_row(&set, [], |_| Ok(())).unwrap();
        });
    };
    pages(1); // As many as there are: not one more.
    for n in 1..500 {
        recorder.record(hit("f", 10, n));
    }
    let sentence = recorder.flush(SOON).unwrap_err().to_string();
    assert!(sentence.contains("kept in memory"), "{sentence}");
    assert_eq!(count(&path), 1);
    pages(1_000_000);
    recorder.flush(SOON).unwrap();
    assert_eq!(count(&path), 500);
    let finished = recorder.finish(SOON).unwrap();
    assert_eq!(finished.hits, 500);
}

#[test]
fn a_deleted_file_is_written_again() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = in_file(&cwd);
    recorder.record(hit("f", 10, 1));
    recorder.flush(SOON).unwrap();
    fs::remove_dir_all(cwd.path().join(".dbg")).unwrap();
    recorder.record(hit("f", 10, 2));
    recorder.flush(SOON).unwrap();
    assert!(recorder.take_notice().unwrap().contains("was deleted"));
    assert_eq!(recorder.take_notice(), None);
    assert_eq!(count(&path), 2);
    recorder.record(hit("f", 10, 3));
    recorder.finish(SOON).unwrap();
    assert_eq!(count(&path), 3);
}

#[test]
fn a_reader_does_not_stop_the_writer() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = in_file(&cwd);
    recorder.record(hit("f", 10, 1));
    recorder.flush(SOON).unwrap();
    let reader = Connection::open(&path).unwrap();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM breakpoint_hits")
        .unwrap();
    recorder.record(hit("f", 10, 2));
    recorder.flush(SOON).unwrap();
    recorder.finish(SOON).unwrap();
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(count(&path), 2);
}

#[test]
fn a_locked_file_delays_hits_and_loses_none() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = in_file(&cwd);
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    recorder.record(hit("f", 10, 1));
    let began = Instant::now();
    let sentence = recorder
        .flush(Duration::from_millis(200))
        .unwrap_err()
        .to_string();
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "the debugger was kept waiting"
    );
    assert!(sentence.contains("tried again"), "{sentence}");
    other.execute_batch("COMMIT").unwrap();
    drop(other);
    recorder.finish(SOON).unwrap();
    assert_eq!(count(&path), 1);
}

#[test]
fn an_interrupted_session_opens_with_all_that_was_committed() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = in_file(&cwd);
    recorder.record(hit("f", 10, 1));
    recorder.flush(SOON).unwrap();
    // What a killed process leaves: the files as they are, no lock held.
    let copy = cwd.path().join("copy.db");
    for suffix in ["", "-wal"] {
        fs::copy(
            format!("{}{suffix}", path.display()),
            format!("{}{suffix}", copy.display()),
        )
        .unwrap();
    }
    assert_eq!(count(&copy), 1);
}

#[test]
fn the_source_is_kept_as_it_was() {
    let cwd = tempdir().unwrap();
    let source = cwd.path().join("t.c");
    fs::write(&source, "one\ntwo\nthree\n").unwrap();
    let (recorder, path) = in_file(&cwd);
    let mut there = hit("f", 2, 1);
    let mut frames = there.frames.to_vec();
    frames[0].file = Some(source.canonicalize().unwrap().display().to_string());
    there.frames = frames.into();
    let (key, _) = recorder.record(there);
    assert_eq!(key.as_str(), "t.c:2");
    recorder.finish(SOON).unwrap();
    fs::write(&source, "changed\n").unwrap();
    let text: String = SessionDb::open(&path)
        .unwrap()
        .conn()
        .query_row(
            "SELECT text FROM source_snapshots WHERE file = 't.c'",
            [],
            |r| r.get(0),
        )
        .unwrap();
    assert_eq!(text, "one\ntwo\nthree\n");
}

mod start {
    use super::*;

    fn options(cwd: &Path, label: Option<&str>) -> StartOptions {
        StartOptions {
            kind: SessionKind::Debug,
            class: TargetClass::NativeCpu,
            target: "app".into(),
            cwd: cwd.to_owned(),
            label: label.map(Into::into),
            in_memory: false,
        }
    }

    #[test]
    fn a_label_makes_it_a_persons() {
        let cwd = tempdir().unwrap();
        let auto = start_session(&options(cwd.path(), None)).unwrap();
        assert!(!auto.session.is_user().unwrap());
        let user = start_session(&options(cwd.path(), Some("mine"))).unwrap();
        assert!(user.session.is_user().unwrap());
        assert!(user.notice.is_none());
    }

    #[test]
    fn a_bad_or_taken_label_is_an_error() {
        let cwd = tempdir().unwrap();
        assert!(start_session(&options(cwd.path(), Some("../x"))).is_err());
        let _first = start_session(&options(cwd.path(), Some("x"))).unwrap();
        assert!(start_session(&options(cwd.path(), Some("x"))).is_err());
        assert!(!cwd.path().join("x.db").exists());
    }

    #[test]
    fn an_unwritable_folder_is_said_and_stepped_around() {
        let cwd = tempdir().unwrap();
        // A file where the folder should be stops everybody, root too.
        fs::write(cwd.path().join(".dbg"), "").unwrap();
        let started = start_session(&options(cwd.path(), None)).unwrap();
        let notice = started.notice.unwrap();
        assert!(notice.contains("cannot write to"), "{notice}");
        let place = started.session.db_path().map(Path::to_owned);
        started.session.discard().unwrap();
        assert!(place.is_none_or(|p| !p.starts_with(cwd.path())));
    }
}

#[test]
fn a_deleted_file_whose_lock_stays_is_written_again() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = in_file(&cwd);
    recorder.record(hit("f", 10, 1));
    recorder.flush(SOON).unwrap();
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", path.display()));
    }
    recorder.record(hit("f", 10, 2));
    recorder.flush(SOON).unwrap();
    recorder.finish(SOON).unwrap();
    assert_eq!(count(&path), 2);
}

#[test]
fn ending_does_not_wait_for_a_disk_that_stays_full() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = in_file(&cwd);
    recorder.record(hit("f", 10, 0));
    recorder.flush(SOON).unwrap();
    recorder.with_session(|session| {
        let conn = session.conn();
        conn.query_row("PRAGMA max_page_count = 1", [], |_| Ok(()))
            .unwrap();
    });
    for _ in 0..3 {
        (1..200).for_each(|n| drop(recorder.record(hit("f", 10, n))));
        recorder.flush(SOON).unwrap_err();
    }
    let began = Instant::now();
    let recorder = recorder.rescuing_to(None);
    let finished = recorder.finish(Duration::from_millis(100)).unwrap();
    assert!(matches!(finished.rest, Some(Rest::Lost { hits: 597, .. })));
    assert!(began.elapsed() < SOON);
    assert_eq!(count(&path), 1);
}

#[test]
fn a_file_deleted_after_the_last_hit_is_there_in_the_end() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = in_file(&cwd);
    recorder.record(hit("f", 10, 1));
    recorder.flush(SOON).unwrap();
    fs::remove_dir_all(cwd.path().join(".dbg")).unwrap();
    recorder.finish(SOON).unwrap();
    assert_eq!(count(&path), 1);
}

#[test]
fn a_session_written_again_is_still_a_live_one() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = in_file(&cwd);
    recorder.record(hit("f", 10, 1));
    recorder.flush(SOON).unwrap();
    fs::remove_dir_all(cwd.path().join(".dbg")).unwrap();
    recorder.record(hit("f", 10, 2));
    recorder.flush(SOON).unwrap();
    assert_eq!(liveness(&path), Liveness::Live);
    recorder.finish(SOON).unwrap();
    assert_eq!(liveness(&path), Liveness::Idle);
}

#[test]
fn a_file_that_was_replaced_is_left_alone_and_said() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = in_file(&cwd);
    recorder.record(hit("f", 10, 1));
    recorder.flush(SOON).unwrap();
    fs::remove_file(&path).unwrap();
    fs::write(&path, "somebody's").unwrap();
    recorder.record(hit("f", 10, 2));
    let sentence = recorder.flush(SOON).unwrap_err().to_string();
    assert!(sentence.contains("another file stands"), "{sentence}");
    drop(recorder);
    assert_eq!(fs::read(&path).unwrap(), b"somebody's");
}
