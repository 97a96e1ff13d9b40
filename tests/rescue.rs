//! Hits that could not be written before the debugger went are rescued, and
//! `recover` merges them: all of them, in order, once.

use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dbg_session::record::{Finished, Frame, Hit, Recorder, Rest, Stop, Watch, recover};
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
        watches: vec![Watch {
            expr: "n + 1".into(),
            value: Value::plain("n + 1", "int", Body::Int(n + 1)),
        }],
    }
}

fn recorder(cwd: &TempDir, label: &str) -> (Recorder, PathBuf) {
    let session = SessionDb::create_in(
        &sessions_dir(cwd.path()),
        &CreateOptions {
            kind: SessionKind::Debug,
            target: "app",
            target_class: TargetClass::NativeCpu,
            cwd: cwd.path(),
            db_path: None,
            label: Some(label.into()),
            target_hash: None,
        },
    )
    .unwrap();
    let path = session.db_path().unwrap().to_owned();
    let recorder = Recorder::new(session).unwrap();
    (recorder.rescuing_to(Some(rescues(cwd))), path)
}

fn rescues(cwd: &TempDir) -> PathBuf {
    cwd.path().join("dbg-session/rescued")
}

fn fill_disk(recorder: &Recorder) {
    recorder.with_session(|session| {
        let conn = session.conn();
        conn.query_row("PRAGMA max_page_count = 1", [], |_| Ok(()))
            .unwrap();
    });
}

/// One hit written, then a full disk until the end, with two places and new stacks.
fn interrupted(cwd: &TempDir, label: &str) -> (PathBuf, Finished) {
    let (recorder, path) = recorder(cwd, label);
    recorder.record(hit("f", 10, 0));
    recorder.flush(SOON).unwrap();
    fill_disk(&recorder);
    for n in 1..500 {
        recorder.record(hit("f", 10, n));
        recorder.record(hit("g", 20, n));
    }
    (path, recorder.finish(SOON).unwrap())
}

fn rescued_in(finished: &Finished) -> PathBuf {
    match &finished.rest {
        Some(Rest::Rescued {
            hits: 998, path, ..
        }) => path.clone(),
        other => panic!("{other:?}"),
    }
}

fn one<T: dbg_session::rusqlite::types::FromSql>(path: &Path, query: &str) -> T {
    let session = SessionDb::open_read_only(path).unwrap();
    let answer = session.conn().query_row(query, [], |row| row.get(0));
    answer.unwrap_or_else(|e| panic!("{query}: {e}"))
}

#[test]
fn the_program_does_not_wait_for_a_disk_that_stays_full() {
    let cwd = tempdir().unwrap();
    let (recorder, _) = recorder(&cwd, "long");
    fill_disk(&recorder);
    let begun = Instant::now();
    // More than a batch that cannot be written and a queue behind it can hold, however
    // late the writer took its batch.
    for n in 0..40_000 {
        recorder.record(hit("f", 10, n));
    }
    // Two seconds once, not at each of the thousands for which there is no room.
    assert!(
        begun.elapsed() < Duration::from_secs(30),
        "{:?}",
        begun.elapsed()
    );
    let finished = recorder.finish(SOON).unwrap();
    let Some(Rest::Rescued { hits, .. }) = finished.rest else {
        panic!("{finished:?}");
    };
    assert_eq!((hits + finished.lost, finished.lost > 0), (40_000, true));
}

#[test]
fn a_disk_that_is_full_until_the_end_loses_nothing() {
    let cwd = tempdir().unwrap();
    let (path, finished) = interrupted(&cwd, "full");
    let file = rescued_in(&finished);
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let folder = fs::metadata(rescues(&cwd)).unwrap().permissions();
    assert_eq!(folder.mode() & 0o777, 0o700);
    // Not whole yet: it is no ended session.
    assert_eq!(
        one::<Option<String>>(&path, "SELECT ended_at FROM sessions"),
        None
    );
    assert_eq!(one::<i64>(&path, "SELECT count(*) FROM breakpoint_hits"), 1);

    let done = recover(&file).unwrap();
    assert_eq!((done.hits, done.total, done.remade), (998, 999, false));
    assert!(!file.exists());
    let in_order = "SELECT count(*) FROM breakpoint_hits a JOIN breakpoint_hits b
        ON a.location_key = b.location_key AND a.hit_seq + 1 = b.hit_seq AND a.id < b.id AND a.ts <= b.ts";
    assert_eq!(one::<i64>(&path, in_order), 499 + 498);
    let values = "SELECT group_concat(number) FROM (SELECT number FROM hit_values
        WHERE name = 'n' AND location_key = '/src/t.c:10' ORDER BY hit_id)";
    let expected: Vec<String> = (0..500).map(|n| n.to_string()).collect();
    assert_eq!(one::<String>(&path, values), expected.join(","));
    assert_eq!(
        one::<i64>(&path, "SELECT max(id) FROM breakpoint_hits"),
        999
    );
    // Shared: main, and f and g called from it.
    assert_eq!(one::<i64>(&path, "SELECT count(*) FROM stacks"), 3);
    assert_eq!(one::<i64>(&path, "SELECT count(*) FROM symbols"), 3);
    assert_eq!(one::<i64>(&path, "SELECT count(*) FROM watch_evals"), 999);
    assert_eq!(
        one::<i64>(
            &path,
            "SELECT count(*) FROM hit_frames WHERE function = 'main' AND level = 1"
        ),
        999
    );
    assert_eq!(
        one::<i64>(&path, "SELECT count(*) FROM pragma_foreign_key_check"),
        0
    );
    assert!(one::<Option<String>>(&path, "SELECT ended_at FROM sessions").is_some());
}

#[test]
fn recovering_twice_changes_nothing() {
    let cwd = tempdir().unwrap();
    let (path, finished) = interrupted(&cwd, "twice");
    let file = rescued_in(&finished);
    let kept = fs::read(&file).unwrap();
    recover(&file).unwrap();
    // Killed between the commit and the deletion.
    fs::write(&file, kept).unwrap();
    let again = recover(&file).unwrap();
    assert_eq!((again.hits, again.total), (0, 999));
    assert!(!file.exists());
    assert_eq!(
        one::<i64>(&path, "SELECT count(*) FROM breakpoint_hits"),
        999
    );
}

#[test]
fn another_sessions_file_is_refused_and_left_alone() {
    let cwd = tempdir().unwrap();
    let (path, finished) = interrupted(&cwd, "mine");
    let file = rescued_in(&finished);
    let (other, other_path) = recorder(&cwd, "other");
    other.record(hit("f", 10, 1));
    other.finish(SOON).unwrap();
    fs::copy(&other_path, &path).unwrap();
    let sentence = recover(&file).unwrap_err().to_string();
    assert!(sentence.contains("another session, `other`"), "{sentence}");
    assert_eq!(fs::read(&path).unwrap(), fs::read(&other_path).unwrap());
    fs::write(&path, "text").unwrap();
    let sentence = recover(&file).unwrap_err().to_string();
    assert!(sentence.contains("move it away"), "{sentence}");
    assert_eq!(fs::read(&path).unwrap(), b"text");
    assert!(file.exists());
}

#[test]
fn where_the_session_is_gone_what_was_rescued_makes_it_anew() {
    let cwd = tempdir().unwrap();
    let (path, finished) = interrupted(&cwd, "gone");
    fs::remove_file(&path).unwrap();
    let done = recover(&rescued_in(&finished)).unwrap();
    assert_eq!((done.hits, done.remade), (998, true));
    assert_eq!(
        one::<i64>(&path, "SELECT count(*) FROM breakpoint_hits"),
        998
    );
    assert_eq!(
        one::<i64>(&path, "SELECT count(*) FROM meta WHERE key LIKE 'rescued%'"),
        0
    );
    assert!(one::<Option<String>>(&path, "SELECT ended_at FROM sessions").is_some());
}

#[test]
fn where_another_file_stands_in_its_place_all_of_the_session_is_rescued() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = recorder(&cwd, "replaced");
    recorder.record(hit("f", 10, 1));
    recorder.flush(SOON).unwrap();
    fs::remove_file(&path).unwrap();
    fs::write(&path, "somebody's").unwrap();
    recorder.record(hit("f", 10, 2));
    let finished = recorder.finish(SOON).unwrap();
    let Some(Rest::Rescued { path: file, .. }) = finished.rest else {
        panic!("{finished:?}");
    };
    assert_eq!(fs::read(&path).unwrap(), b"somebody's");
    assert!(recover(&file).is_err());
    fs::remove_file(&path).unwrap();
    assert_eq!(recover(&file).unwrap().hits, 2);
    assert_eq!(
        one::<i64>(&path, "SELECT max(hit_seq) FROM breakpoint_hits"),
        2
    );
}

#[test]
fn a_file_that_was_cut_short_is_not_written_to_and_what_waits_is_rescued() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = recorder(&cwd, "cut");
    recorder.record(hit("f", 10, 1));
    recorder.flush(SOON).unwrap();
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(0)
        .unwrap();
    recorder.record(hit("f", 10, 2));
    let sentence = recorder.flush(SOON).unwrap_err().to_string();
    assert!(sentence.contains("cut short"), "{sentence}");
    let finished = recorder.finish(SOON).unwrap();
    let Some(Rest::Rescued {
        hits: 1,
        path: file,
        ..
    }) = finished.rest
    else {
        panic!("{finished:?}");
    };
    assert_eq!(one::<i64>(&file, "SELECT hit_seq FROM breakpoint_hits"), 2);
}

#[test]
fn a_file_that_was_written_over_is_not_written_to_and_what_waits_is_rescued() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = recorder(&cwd, "over");
    recorder.record(hit("f", 10, 1));
    recorder.flush(SOON).unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.write_all_at(&[b'x'; 16_384], 0).unwrap();
    recorder.record(hit("f", 10, 2));
    let sentence = recorder.flush(SOON).unwrap_err().to_string();
    assert!(sentence.contains("written over"), "{sentence}");
    recorder.record(hit("f", 10, 3));
    let finished = recorder.finish(SOON).unwrap();
    let Some(Rest::Rescued {
        hits: 2,
        path: file,
        ..
    }) = finished.rest
    else {
        panic!("{finished:?}");
    };
    assert_eq!(
        one::<i64>(&file, "SELECT min(hit_seq) FROM breakpoint_hits"),
        2
    );
}

#[test]
fn what_can_be_put_nowhere_is_counted() {
    let cwd = tempdir().unwrap();
    let (recorder, path) = recorder(&cwd, "nowhere");
    // A file where the folder should be stops everybody.
    fs::write(cwd.path().join("dbg-session"), "").unwrap();
    recorder.record(hit("f", 10, 0));
    recorder.flush(SOON).unwrap();
    fill_disk(&recorder);
    for n in 1..500 {
        recorder.record(hit("f", 10, n));
    }
    let finished = recorder.finish(SOON).unwrap();
    assert!(matches!(finished.rest, Some(Rest::Lost { hits: 499, .. })));
    let ended = "SELECT ended_at FROM sessions";
    assert_eq!(one::<Option<String>>(&path, ended), None);
    let failure: String = one(&path, "SELECT error FROM failures");
    assert!(failure.starts_with("499 hits are lost"), "{failure}");
}

#[test]
fn hits_of_a_live_session_wait_until_it_is_over() {
    let cwd = tempdir().unwrap();
    let (path, finished) = interrupted(&cwd, "live");
    let file = rescued_in(&finished);
    let lock = fs::File::create(format!("{}-lock", path.display())).unwrap();
    lock.lock().unwrap();
    let sentence = recover(&file).unwrap_err().to_string();
    assert!(sentence.contains("being recorded"), "{sentence}");
    assert!(file.exists());
    drop(lock);
    assert_eq!(recover(&file).unwrap().hits, 998);
}
