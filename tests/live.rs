//! One debugger's recording, without a debugger.

use std::fs;
use std::path::{Path, PathBuf};

use dbg_session::command::{Live, NewSession, SaveTarget, SaveTo};
use dbg_session::config::Config;
use dbg_session::live::{Debugger, Surroundings};
use dbg_session::record::{Frame, Hit};
use dbg_session::rusqlite::Connection;
use dbg_session::{SessionDb, TargetClass, sessions_dir};
use tempfile::{TempDir, tempdir};

fn debugger(cwd: &TempDir, target: &str) -> Debugger {
    let debugger = Debugger::new("GDB 99", Config::default());
    debugger.set_surroundings(surroundings(cwd.path(), target));
    debugger
}

fn surroundings(cwd: &Path, target: &str) -> Surroundings {
    Surroundings {
        target: Some(target.into()),
        loaded: vec![target.into()],
        cwd: cwd.into(),
    }
}

fn hit() -> Hit {
    let frame = Frame {
        file: Some("/t.c".into()),
        line: 1,
        ..Frame::default()
    };
    Hit {
        frames: [frame].into(),
        ..Hit::default()
    }
}

fn new(label: Option<&str>, in_memory: bool) -> NewSession {
    NewSession {
        target: None,
        label: label.map(|l| l.parse().unwrap()),
        kind: None,
        class: TargetClass::NativeCpu,
        in_memory,
    }
}

fn files(cwd: &TempDir) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(sessions_dir(cwd.path()))
        .map(|entries| entries.map(|e| e.unwrap().path()).collect())
        .unwrap_or_default();
    files.sort();
    files
}

fn hits(path: &Path) -> i64 {
    let session = SessionDb::open_read_only(path).unwrap();
    session
        .conn()
        .query_row("SELECT count(*) FROM breakpoint_hits", [], |r| r.get(0))
        .unwrap()
}

#[test]
fn the_first_hit_starts_a_session_and_the_end_keeps_it() {
    let cwd = tempdir().unwrap();
    let debugger = debugger(&cwd, "/bin/app");
    assert!(files(&cwd).is_empty());
    let first = debugger.hit(hit()).unwrap();
    assert_eq!((first.location.as_str(), first.seq), ("/t.c:1", 1));
    assert_eq!(first.messages.len(), 1, "{:?}", first.messages);
    assert!(debugger.hit(hit()).unwrap().messages.is_empty());
    let goodbye = debugger.finish();
    assert!(goodbye[0].contains("(2 hits)"), "{goodbye:?}");
    assert_eq!(files(&cwd).len(), 1);
    assert_eq!(hits(&files(&cwd)[0]), 2);
    assert!(debugger.finish().is_empty());
}

#[test]
fn another_target_gets_a_session_of_its_own() {
    let cwd = tempdir().unwrap();
    let debugger = debugger(&cwd, "/bin/one");
    debugger.hit(hit());
    debugger.set_surroundings(surroundings(cwd.path(), "/bin/two"));
    let messages = debugger.hit(hit()).unwrap().messages;
    assert!(messages[0].contains("kept session one-"), "{messages:?}");
    debugger.finish();
    assert_eq!(files(&cwd).len(), 2);
}

#[test]
fn a_session_that_was_asked_for_stays_when_the_target_changes() {
    let cwd = tempdir().unwrap();
    let debugger = debugger(&cwd, "/bin/one");
    debugger.start(&new(Some("mine"), false)).unwrap();
    debugger.set_surroundings(surroundings(cwd.path(), "/bin/two"));
    debugger.hit(hit());
    debugger.finish();
    assert_eq!(files(&cwd), [sessions_dir(cwd.path()).join("mine.db")]);
}

#[test]
fn a_new_session_ends_and_keeps_the_one_before() {
    let cwd = tempdir().unwrap();
    let debugger = debugger(&cwd, "/bin/app");
    debugger.hit(hit());
    let started = debugger.start(&new(Some("second"), false)).unwrap();
    assert!(started.before.unwrap().starts_with("app-"));
    let error = debugger.start(&new(Some("second"), false)).unwrap_err();
    assert!(error.to_string().contains("already exists"), "{error:#}");
    // The failed one took nothing away.
    assert_eq!(debugger.hit(hit()).unwrap().seq, 1);
    debugger.finish();
    assert_eq!(files(&cwd).len(), 2);
}

#[test]
fn a_session_in_memory_goes_on_in_the_file_that_it_was_saved_to() {
    let cwd = tempdir().unwrap();
    let debugger = debugger(&cwd, "/bin/app");
    debugger.start(&new(None, true)).unwrap();
    debugger.hit(hit());
    let place = Some(SaveTarget::Label("kept".parse().unwrap()));
    let saved = debugger
        .save(&SaveTo {
            place,
            force: false,
        })
        .unwrap();
    debugger.hit(hit());
    debugger.hit(hit());
    let goodbye = debugger.finish();
    assert!(
        goodbye[0].contains("kept session kept (3 hits)"),
        "{goodbye:?}"
    );
    assert_eq!(hits(&saved.path), 3);
    assert_eq!(files(&cwd), [saved.path]);
}

#[test]
fn an_unsaved_session_in_memory_says_that_it_is_gone() {
    let cwd = tempdir().unwrap();
    let debugger = debugger(&cwd, "/bin/app");
    debugger.start(&new(None, true)).unwrap();
    debugger.hit(hit());
    assert!(debugger.finish()[0].contains("is gone"));
    assert!(files(&cwd).is_empty());
}

#[test]
fn a_locked_file_is_said_once_and_loses_nothing() {
    let cwd = tempdir().unwrap();
    let debugger = debugger(&cwd, "/bin/app");
    debugger.hit(hit());
    let path = files(&cwd)
        .into_iter()
        .find(|p| p.extension().is_some_and(|e| e == "db"))
        .unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let said: Vec<usize> = (0..4)
        .map(|_| debugger.hit(hit()).unwrap().messages.len())
        .collect();
    assert_eq!(said, [1, 0, 0, 0]);
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    let goodbye = debugger.finish();
    assert!(goodbye[0].contains("(5 hits)"), "{goodbye:?}");
    assert_eq!(hits(&path), 5);
}

#[test]
fn without_a_working_folder_there_is_still_a_session() {
    let gone = tempdir().unwrap();
    let debugger = Debugger::new("GDB 99", Config::default());
    debugger.set_surroundings(surroundings(&gone.path().join("deleted"), "/bin/app"));
    let hit = debugger.hit(hit()).unwrap();
    assert!(
        hit.messages.iter().any(|m| m.contains("folder is gone")),
        "{:?}",
        hit.messages
    );
    // Nothing is made where nothing was.
    assert!(!gone.path().join("deleted").exists());
    debugger
        .with_session(&mut |session| {
            if let Some(path) = session.db_path() {
                fs::remove_file(path)?;
            }
            Ok(())
        })
        .unwrap();
}
