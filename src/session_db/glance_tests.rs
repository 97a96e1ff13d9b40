use std::fs;

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::session_db::{CreateOptions, SessionDb, sessions_dir};

fn session(folder: &TempDir, label: &str, hits: i64) -> PathBuf {
    let session = SessionDb::create_in(
        &sessions_dir(folder.path()),
        &CreateOptions {
            kind: SessionKind::Debug,
            target: "./a ü",
            target_class: TargetClass::NativeCpu,
            cwd: folder.path(),
            db_path: None,
            label: Some(label.to_owned()),
            target_hash: None,
        },
    )
    .unwrap();
    session
        .conn()
        .execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
             INSERT INTO breakpoint_hits (session_id, location_key, hit_seq, ts, locals_json)
             SELECT (SELECT id FROM sessions), 't.c:1', i, 'now',
                    replace(hex(zeroblob(i * 97 % 3000)), '0', 'x') FROM n WHERE ?1 > 0",
            [hits],
        )
        .unwrap();
    let path = session.db_path().unwrap().to_owned();
    session.end().unwrap();
    path
}

/// What SQLite says of the same file.
fn opened(path: &Path) -> Glance {
    let session = SessionDb::open_read_only(path).unwrap();
    let count = |table: &str| {
        let sql = format!("SELECT count(*) FROM {table}");
        session
            .conn()
            .query_row(&sql, [], |row| row.get(0))
            .unwrap()
    };
    session
        .conn()
        .query_row(
            "SELECT target_hash, started_at, ended_at, created_by FROM sessions",
            [],
            |row| {
                Ok(Glance {
                    label: session.label().to_owned(),
                    kind: session.kind(),
                    class: session.target_class(),
                    target: session.target().to_owned(),
                    target_hash: row.get(0)?,
                    started_at: row.get(1)?,
                    ended_at: row.get(2)?,
                    created_by: row.get(3)?,
                    group: session.meta("session_group_key").unwrap(),
                    cwd: session.cwd().unwrap(),
                    hits: count("breakpoint_hits"),
                    layers: count("layers"),
                })
            },
        )
        .unwrap()
}

#[test]
fn a_glance_shows_what_opening_does() {
    let folder = tempfile::tempdir().unwrap();
    for (label, hits) in [("none", 0), ("one", 1), ("some", 300)] {
        let path = session(&folder, label, hits);
        let expected = opened(&path);
        assert_eq!(expected.hits, hits.cast_unsigned());
        assert_eq!(Glance::at(&path), Some(expected), "{label}");
    }
}

#[test]
fn what_is_not_at_rest_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = session(&folder, "a", 2);
    opened(&path);
    for suffix in ["-wal", "-shm", "-journal", "-lock"] {
        let beside = crate::session_db::paths::sibling(&path, suffix);
        fs::write(&beside, "").unwrap();
        assert_eq!(Glance::at(&path), None, "{suffix}");
        fs::remove_file(&beside).unwrap();
    }
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert_eq!(Glance::at(&link), None);
    assert!(Glance::at(&path).is_some());
}

#[test]
fn what_is_any_different_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = session(&folder, "a", 2);
    opened(&path);
    for sql in [
        "CREATE TABLE mine (a)",
        "CREATE TRIGGER evil AFTER INSERT ON notes BEGIN SELECT 1; END",
        "PRAGMA user_version = 4",
        "PRAGMA application_id = 1",
        "UPDATE sessions SET started_at = x'00'",
        "PRAGMA ignore_check_constraints = on; UPDATE sessions SET kind = 'other'",
        "UPDATE sessions SET target_class = 'gpu'",
        "INSERT INTO sessions SELECT 'b', kind, target, target_class, target_hash, started_at,
             ended_at, label, created_by FROM sessions",
        "INSERT INTO meta SELECT id, 'cwd_bytes', x'ff' FROM sessions",
        "DELETE FROM sessions",
    ] {
        let other = folder.path().join("other.db");
        fs::copy(&path, &other).unwrap();
        let conn = Connection::open(&other).unwrap();
        let set = conn.pragma_update(None, "foreign_keys", false);
        set.and_then(|()| conn.execute_batch(sql)).unwrap();
        drop(conn);
        assert_eq!(Glance::at(&other), None, "{sql}");
    }
}

#[test]
fn what_is_cut_short_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = session(&folder, "a", 2);
    opened(&path);
    let whole = fs::read(&path).unwrap();
    let cut = folder.path().join("cut.db");
    for length in [whole.len() - 1, whole.len() - 4096] {
        fs::write(&cut, &whole[..length]).unwrap();
        assert_eq!(Glance::at(&cut), None, "{length}");
    }
    fs::write(&cut, &whole).unwrap();
    assert!(Glance::at(&cut).is_some());
}

#[test]
fn a_page_that_has_two_places_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = session(&folder, "a", 300);
    opened(&path);
    let conn = Connection::open(&path).unwrap();
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'breakpoint_hits'";
    let root: usize = conn.query_row(root, [], |row| row.get(0)).unwrap();
    let size: usize = conn
        .pragma_query_value(None, "page_size", |row| row.get(0))
        .unwrap();
    drop(conn);
    let mut bytes = fs::read(&path).unwrap();
    let page = (root - 1) * size;
    assert_eq!(bytes[page], 5, "it has pages below it");
    let cell = usize::from(u16::from_be_bytes([bytes[page + 12], bytes[page + 13]]));
    bytes.copy_within(page + cell..page + cell + 4, page + 8);
    let damaged = folder.path().join("damaged.db");
    fs::write(&damaged, &bytes).unwrap();
    assert_eq!(Glance::at(&damaged), None);
}

#[test]
fn no_damage_makes_it_panic_or_hang() {
    let folder = tempfile::tempdir().unwrap();
    let path = session(&folder, "a", 40);
    opened(&path);
    let whole = fs::read(&path).unwrap();
    let damaged = folder.path().join("damaged.db");
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).unwrap() % below
    };
    for round in 0..400 {
        let mut bytes = whole.clone();
        // Mostly where a glance looks: headers, cells and pointers.
        for _ in 0..1 + round % 8 {
            let at = random(bytes.len() / 4096) * 4096 + random(160);
            bytes[at] = u8::try_from(random(256)).unwrap();
        }
        bytes.truncate(if round % 5 == 0 {
            random(whole.len())
        } else {
            whole.len()
        });
        fs::write(&damaged, &bytes).unwrap();
        Glance::at(&damaged);
    }
}
