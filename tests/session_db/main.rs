//! The session contract, promise by promise, through the public interface.

mod create;
mod leftovers;
mod open;
mod pruning;
mod save_to;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use dbg_session::rusqlite::Connection;
use dbg_session::{
    APPLICATION_ID, CreateOptions, PrunePolicy, SCHEMA_VERSION, SessionDb, SessionError,
    SessionKind, TargetClass, auto_label, compute_target_hash, group_key, plan_prune, prune,
    raw_dir, sessions_dir,
};
use tempfile::{TempDir, tempdir};

fn options<'a>(cwd: &'a Path, target: &'a str) -> CreateOptions<'a> {
    CreateOptions {
        kind: SessionKind::Debug,
        target,
        target_class: TargetClass::NativeCpu,
        cwd,
        db_path: None,
        label: None,
        target_hash: None,
    }
}

/// A session file in the sessions folder of `cwd`, closed again.
fn stored(cwd: &Path, label: &str) -> PathBuf {
    let path = sessions_dir(cwd).join(format!("{label}.db"));
    SessionDb::create(CreateOptions {
        db_path: Some(&path),
        label: Some(label.into()),
        ..options(cwd, "/bin/true")
    })
    .unwrap();
    path
}

fn add_hit(session: &SessionDb) {
    session
        .conn()
        .execute(
            "INSERT INTO breakpoint_hits (session_id, location_key, hit_seq, ts)
             VALUES (?, 't.c:1', 1, '2026-01-01T00:00:00.000000Z')",
            [session.session_id()],
        )
        .unwrap();
}

fn kind_of(error: &anyhow::Error) -> &SessionError {
    error
        .downcast_ref()
        .unwrap_or_else(|| panic!("no kind: {error:#}"))
}

fn tables(conn: &Connection) -> Vec<String> {
    let mut names = conn
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        .unwrap();
    names
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

fn columns(conn: &Connection, table: &str) -> Vec<String> {
    let mut names = conn
        .prepare("SELECT name FROM pragma_table_info(?)")
        .unwrap();
    names
        .query_map([table], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

#[test]
fn captured_data_is_a_hit_or_a_layer() {
    let cwd = tempdir().unwrap();
    let with_hit = SessionDb::create(options(cwd.path(), "/bin/true")).unwrap();
    assert!(!with_hit.has_captured_data().unwrap());
    add_hit(&with_hit);
    assert!(with_hit.has_captured_data().unwrap());
    let with_layer = SessionDb::create(options(cwd.path(), "/bin/true")).unwrap();
    with_layer
        .conn()
        .execute(
            "INSERT INTO layers (session_id, source) VALUES (?, 'perf')",
            [with_layer.session_id()],
        )
        .unwrap();
    assert!(with_layer.has_captured_data().unwrap());
}

#[test]
fn meta_is_set_and_set_again() {
    let cwd = tempdir().unwrap();
    let session = SessionDb::create(options(cwd.path(), "/bin/true")).unwrap();
    assert_eq!(session.meta("k").unwrap(), None);
    session.set_meta("k", "one").unwrap();
    session.set_meta("k", "two").unwrap();
    assert_eq!(session.meta("k").unwrap().as_deref(), Some("two"));
}

#[test]
fn ended_sessions_are_one_plain_file() {
    let cwd = tempdir().unwrap();
    let path = sessions_dir(cwd.path()).join("a.db");
    let session = SessionDb::create(CreateOptions {
        db_path: Some(&path),
        label: Some("a".into()),
        ..options(cwd.path(), "/bin/true")
    })
    .unwrap();
    add_hit(&session);
    session.end().unwrap();
    let left: Vec<_> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(left, ["a.db"]);
    let ended: Option<String> = SessionDb::open(&path)
        .unwrap()
        .conn()
        .query_row("SELECT ended_at FROM sessions", [], |r| r.get(0))
        .unwrap();
    assert!(ended.is_some());
}

#[test]
fn places_and_labels() {
    assert_eq!(sessions_dir("/w".as_ref()), Path::new("/w/.dbg/sessions"));
    assert_eq!(
        raw_dir("/w".as_ref(), "l"),
        Path::new("/w/.dbg/sessions/l/raw")
    );
    assert!(auto_label("/x/app").unwrap().starts_with("app-"));
    for hostile in [
        "",
        "/",
        "..",
        "/x/..",
        "a\nb",
        "/x/.hidden",
        &"y".repeat(999),
    ] {
        let label = auto_label(hostile).unwrap();
        assert!(
            label.parse::<dbg_session::Label>().is_ok(),
            "{hostile:?} gave {label:?}"
        );
    }
    for bad in ["", " ", "a/b", "a\\b", "..", "x..y", ".x", "a\nb", "a\0b"] {
        assert!(bad.parse::<dbg_session::Label>().is_err(), "{bad:?}");
    }
}

#[test]
fn every_table_is_described_in_the_docs() {
    // A session of the commonest class has nothing that is not described.
    let cwd = tempdir().unwrap();
    let session = SessionDb::create(options(cwd.path(), "/bin/true")).unwrap();
    let described = include_str!("../../docs/format.md");
    for table in tables(session.conn()) {
        assert!(
            described.contains(&format!("`{table}`")),
            "docs/format.md does not describe `{table}`"
        );
    }
}
