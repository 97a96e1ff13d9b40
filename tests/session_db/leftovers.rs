//! What killed processes left: known as ours, and pruned; what is not ours stays.

use dbg_session::What;

use super::*;

const AT_ONCE: Duration = Duration::ZERO;
/// The number of no process: more than the kernel gives to anybody.
const GONE: i32 = i32::MAX;

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|e| e.unwrap());
    let mut names: Vec<_> = entries
        .map(|e| e.file_name().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

fn tidy(folder: &Path, policy: PrunePolicy) -> Vec<(String, What)> {
    let report = plan_prune(folder, AT_ONCE, policy).unwrap().carry_out();
    assert_eq!(report.failed, []);
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let deleted = report.deleted.iter();
    deleted.map(|item| (name(&item.path), item.what)).collect()
}

/// A sessions folder with one session of a person in it.
fn folder(cwd: &TempDir) -> PathBuf {
    let path = stored(cwd.path(), "mine");
    SessionDb::open(&path).unwrap().promote_to_user().unwrap();
    sessions_dir(cwd.path())
}

#[test]
fn temporaries_whose_process_is_gone() {
    let cwd = tempdir().unwrap();
    let folder = folder(&cwd);
    let left = [
        format!(".a.new-{GONE}-0"),
        format!(".a.new-{GONE}-0-journal"),
        format!("a.db.tmp-{GONE}-0"),
    ];
    for name in &left {
        fs::write(folder.join(name), "half").unwrap();
    }
    fs::create_dir(folder.join(format!(".b.new-{GONE}-1"))).unwrap();
    fs::write(folder.join(".hidden"), "not ours").unwrap();
    assert_eq!(tidy(&folder, PrunePolicy::AutoOnly).len(), 4);
    assert_eq!(names(&folder), [".hidden", "mine.db"]);
}

#[test]
fn logs_and_locks_whose_session_is_gone() {
    let cwd = tempdir().unwrap();
    let folder = folder(&cwd);
    for name in ["a.db-wal", "a.db-shm", "a.db-lock", "b.db-journal"] {
        fs::write(folder.join(name), "").unwrap();
    }
    // Begins as no log does.
    fs::write(folder.join("c.db-wal"), "somebody's").unwrap();
    fs::write(folder.join("mine.db-wal"), "").unwrap();
    let deleted = tidy(&folder, PrunePolicy::AutoOnly);
    assert_eq!(
        deleted,
        [("a.db".into(), What::Orphan), ("b.db".into(), What::Orphan)]
    );
    assert_eq!(names(&folder), ["c.db-wal", "mine.db", "mine.db-wal"]);
}

#[test]
fn a_lock_that_is_held_is_no_leftover() {
    let cwd = tempdir().unwrap();
    let folder = folder(&cwd);
    let path = folder.join("live.db");
    let live = SessionDb::create(CreateOptions {
        db_path: Some(&path),
        ..options(cwd.path(), "/bin/true")
    })
    .unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(tidy(&folder, PrunePolicy::All).len(), 1); // mine
    assert!(folder.join("live.db-lock").exists());
    drop(live);
}

#[test]
fn half_made_sessions_of_an_older_build_and_nobody_elses_files() {
    let cwd = tempdir().unwrap();
    let folder = folder(&cwd);
    // As the build before left them: claimed; and with a log before the first commit.
    fs::write(folder.join("claimed.db"), "").unwrap();
    fs::write(folder.join("claimed.db-lock"), "").unwrap();
    let conn = Connection::open(folder.join("begun.db")).unwrap();
    conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
        .unwrap();
    fs::write(folder.join("begun.db-lock"), "").unwrap();
    drop(conn);
    // Without our lock beside it an empty file may be anybody's.
    fs::write(folder.join("empty.db"), "").unwrap();
    let own = Connection::open(folder.join("own.db")).unwrap();
    own.execute_batch("CREATE TABLE recipes (id)").unwrap();
    fs::write(folder.join("own.db-lock"), "").unwrap();
    let deleted = tidy(&folder, PrunePolicy::AutoOnly);
    assert_eq!(
        deleted,
        [
            ("begun.db".into(), What::Session),
            ("claimed.db".into(), What::Session)
        ]
    );
    assert_eq!(
        names(&folder),
        ["empty.db", "mine.db", "own.db", "own.db-lock"]
    );
}

#[test]
fn raw_folders_whose_session_is_gone() {
    let cwd = tempdir().unwrap();
    let folder = folder(&cwd);
    fs::create_dir_all(folder.join("empty/raw")).unwrap();
    fs::create_dir_all(folder.join("full/raw")).unwrap();
    fs::write(folder.join("full/raw/perf.data"), "x").unwrap();
    fs::create_dir(folder.join("somebodys")).unwrap();
    fs::write(folder.join("somebodys/thing"), "x").unwrap();
    let plan = plan_prune(&folder, AT_ONCE, PrunePolicy::AutoOnly).unwrap();
    let kept: Vec<_> = plan.keep.iter().map(|item| &item.path).collect();
    assert_eq!(kept, [&folder.join("mine.db"), &folder.join("full")]);
    assert!(plan.keep[1].reason.contains("--all"));
    assert_eq!(
        tidy(&folder, PrunePolicy::AutoOnly),
        [("empty".into(), What::RawFolder)]
    );
    tidy(&folder, PrunePolicy::All);
    assert_eq!(names(&folder), ["somebodys"]);
}

#[test]
fn the_copy_of_a_profile_goes_unless_a_layer_was_made_of_it() {
    let cwd = tempdir().unwrap();
    let folder = folder(&cwd);
    let raw = raw_dir(cwd.path(), "mine");
    fs::create_dir_all(&raw).unwrap();
    let session = SessionDb::open(&folder.join("mine.db")).unwrap();
    session
        .conn()
        .execute(
            "INSERT INTO layers (session_id, source, file) VALUES (?, 'perf', 'done.data')",
            [session.session_id()],
        )
        .unwrap();
    drop(session);
    // Killed before and after the commit: the temporary and the file are one.
    for name in ["cut.data", "done.data"] {
        fs::write(raw.join(name), name).unwrap();
        fs::hard_link(raw.join(name), raw.join(format!(".{name}.new-{GONE}-0"))).unwrap();
    }
    assert_eq!(tidy(&folder, PrunePolicy::AutoOnly).len(), 2);
    assert_eq!(names(&raw), ["done.data"]);
}

#[test]
fn the_trash_is_emptied_after_a_week() {
    let cwd = tempdir().unwrap();
    let folder = folder(&cwd);
    let trash = cwd.path().join(".dbg/trash");
    fs::create_dir(&trash).unwrap();
    for (name, days) in [("old.db", 8), ("young.db", 6)] {
        fs::write(trash.join(name), "x").unwrap();
        let file = fs::File::options().write(true).open(trash.join(name));
        let then = SystemTime::now() - Duration::from_secs(days * 86_400);
        file.unwrap().set_modified(then).unwrap();
    }
    assert_eq!(
        tidy(&folder, PrunePolicy::AutoOnly),
        [("old.db".into(), What::Trash)]
    );
    assert_eq!(names(&trash), ["young.db"]);
}

#[test]
fn a_log_of_one_that_was_deleted_is_not_read_into_a_new_session() {
    let cwd = tempdir().unwrap();
    let path = sessions_dir(cwd.path()).join("again.db");
    let make = || {
        SessionDb::create(CreateOptions {
            db_path: Some(&path),
            label: Some("again".into()),
            ..options(cwd.path(), "/bin/true")
        })
    };
    let first = make().unwrap();
    add_hit(&first);
    // What a kill leaves between the deleting of the file and of its log.
    let log = PathBuf::from(format!("{}-wal", path.display()));
    let kept = fs::read(&log).unwrap();
    first.discard().unwrap();
    fs::write(&log, kept).unwrap();
    let second = make().unwrap();
    assert!(!second.has_captured_data().unwrap());
    second.end().unwrap();
    SessionDb::open(&path).unwrap();
}

#[test]
fn of_two_that_save_under_one_label_one_wins() {
    let cwd = tempdir().unwrap();
    let path = sessions_dir(cwd.path()).join("same.db");
    let saved = std::thread::scope(|scope| {
        let save = || {
            let session = SessionDb::create(options(cwd.path(), "/bin/true")).unwrap();
            let id = session.session_id().to_owned();
            session.save_to(&path).map(|()| id)
        };
        let threads: Vec<_> = (0..6).map(|_| scope.spawn(save)).collect();
        let joined = threads.into_iter().map(|thread| thread.join().unwrap());
        joined.collect::<Vec<_>>()
    });
    let won: Vec<_> = saved
        .iter()
        .filter_map(|saved| saved.as_ref().ok())
        .collect();
    assert_eq!(won.len(), 1, "{saved:?}");
    assert_eq!(SessionDb::open(&path).unwrap().session_id(), won[0]);
    for error in saved.iter().filter_map(|saved| saved.as_ref().err()) {
        assert!(matches!(
            kind_of(error),
            SessionError::AlreadyExists { .. } | SessionError::Locked { .. }
        ));
    }
    assert_eq!(names(path.parent().unwrap()), ["same.db"]);
}
