use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Mutex;

use super::*;
use crate::query::read::filter::Place;
use crate::session_db::{CreateOptions, SessionKind, TargetClass};

const HITS: usize = 40_000;

/// A file with so many hits that several threads look at them.
fn many_hits(path: &Path) {
    let session = SessionDb::create(CreateOptions {
        kind: SessionKind::Debug,
        target: "t",
        target_class: TargetClass::NativeCpu,
        cwd: path.parent().unwrap(),
        db_path: Some(path),
        label: None,
        target_hash: None,
    })
    .unwrap();
    let sql = "INSERT INTO breakpoint_hits (session_id, location_key, hit_seq, ts, locals_json)
        WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?)
        SELECT sessions.id, 't.c:1', n, '2026-11-23T10:00:00Z', printf('%.100c', 'x') FROM n, sessions";
    session.conn().execute(sql, [HITS]).unwrap();
    session.end().unwrap();
}

/// Looks at all hits, each of which is counted.
fn look(session: &SessionDb) -> (Result<usize>, Vec<i64>) {
    let seen = Mutex::new(Vec::new());
    let folded = fold(
        session,
        &[],
        &Filter::default(),
        || 0,
        |count: &mut usize, row| {
            *count += 1;
            seen.lock().unwrap().push(row.id().0);
        },
    );
    let folded = folded.map(|counts| counts.iter().sum());
    (folded, seen.into_inner().unwrap())
}

#[test]
fn an_error_of_a_thread_is_returned_and_nothing_is_done_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    many_hits(&path);
    let (all, _) = look(&SessionDb::open_read_only(&path).unwrap());
    assert_eq!(all.unwrap(), HITS);

    // The last pages of the table are damaged: what one thread meets, and another does not.
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    let pages = file.metadata().unwrap().len() / 4096;
    for page in pages * 3 / 4..pages {
        file.write_all_at(&[0xff; 4096], page * 4096).unwrap();
    }
    let (folded, mut seen) = look(&SessionDb::open_read_only(&path).unwrap());
    let error = folded.unwrap_err();
    assert!(error.to_string().contains("malformed"), "{error}");
    seen.sort_unstable();
    let total = seen.len();
    seen.dedup();
    assert_eq!(seen.len(), total, "no hit was looked at twice");
}

#[test]
fn a_file_that_is_gone_is_asked_by_one_thread() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    many_hits(&path);
    let session = SessionDb::open_read_only(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(look(&session).0.unwrap(), HITS);
}

/// Numbers at a location say nothing of another one: only the hits' own numbers are the order of recording.
#[test]
fn hits_of_several_locations_come_in_the_order_of_recording() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    many_hits(&path);
    let change = |sql: &str| {
        let conn = rusqlite::Connection::open(&path).unwrap();
        conn.execute_batch(sql).unwrap();
    };
    change(
        "UPDATE breakpoint_hits SET location_key = 't.c:2', hit_seq = hit_seq - 25000
         WHERE hit_seq > 25000",
    );
    // In several threads, and so few that one does it.
    for few in [
        "",
        "DELETE FROM breakpoint_hits WHERE id NOT BETWEEN 24000 AND 26000",
    ] {
        change(few);
        let session = SessionDb::open_read_only(&path).unwrap();
        let place = Place {
            keys: vec!["t.c:1".into(), "t.c:2".into()],
            function: None,
        };
        for place in [None, Some(place)] {
            let filter = Filter {
                place,
                ..Filter::default()
            };
            let mut seen = Vec::new();
            let make = |row: &Row<'_>| Some(row.id());
            fold_in_order(&session, &[], &filter, make, |id| seen.push(id)).unwrap();
            assert!(seen.len() > 2000 && seen.is_sorted(), "{few} {filter:?}");
        }
    }
}
