use super::*;

const AT_ONCE: Duration = Duration::ZERO;

fn user(cwd: &TempDir, label: &str) -> PathBuf {
    let path = stored(cwd.path(), label);
    SessionDb::open(&path).unwrap().promote_to_user().unwrap();
    path
}

fn age(path: &Path, age: Duration) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
}

#[test]
fn a_missing_folder_holds_nothing() {
    let gone = Path::new("/no/such/folder");
    assert!(prune(gone, AT_ONCE, PrunePolicy::All).unwrap().is_empty());
}

#[test]
fn deletes_an_auto_session_with_all_that_is_its_own() {
    let cwd = tempdir().unwrap();
    let path = stored(cwd.path(), "a");
    let raw = raw_dir(cwd.path(), "a");
    fs::create_dir_all(&raw).unwrap();
    fs::write(raw.join("perf.data"), "x").unwrap();
    for suffix in ["-wal", "-shm"] {
        fs::write(format!("{}{suffix}", path.display()), "").unwrap();
    }
    let deleted = prune(&sessions_dir(cwd.path()), AT_ONCE, PrunePolicy::AutoOnly).unwrap();
    assert_eq!(deleted, [path]);
    assert_eq!(fs::read_dir(sessions_dir(cwd.path())).unwrap().count(), 0);
}

#[test]
fn keeps_a_users_session_unless_told_to_delete_all() {
    let cwd = tempdir().unwrap();
    let path = user(&cwd, "mine");
    let folder = sessions_dir(cwd.path());
    assert!(
        prune(&folder, AT_ONCE, PrunePolicy::AutoOnly)
            .unwrap()
            .is_empty()
    );
    assert_eq!(prune(&folder, AT_ONCE, PrunePolicy::All).unwrap(), [path]);
}

#[test]
fn age_counts_from_the_newer_of_file_and_log() {
    let cwd = tempdir().unwrap();
    let hour = Duration::from_secs(3600);
    let (old, young) = (stored(cwd.path(), "old"), stored(cwd.path(), "young"));
    age(&old, hour * 3);
    age(&young, hour * 3);
    let log = PathBuf::from(format!("{}-wal", young.display()));
    fs::write(&log, "").unwrap();
    age(&log, hour);
    let deleted = prune(&sessions_dir(cwd.path()), hour * 2, PrunePolicy::AutoOnly).unwrap();
    assert_eq!(deleted, [old]);
}

#[test]
fn other_versions_go_unless_they_are_a_users() {
    let cwd = tempdir().unwrap();
    let (auto, user) = (stored(cwd.path(), "auto"), user(&cwd, "user"));
    for path in [&auto, &user] {
        Connection::open(path)
            .unwrap()
            .pragma_update(None, "user_version", 2)
            .unwrap();
    }
    let deleted = prune(&sessions_dir(cwd.path()), AT_ONCE, PrunePolicy::AutoOnly).unwrap();
    assert_eq!(deleted, [auto]);
    assert!(user.exists());
}

#[test]
fn never_what_is_recorded_nor_what_is_not_ours() {
    let cwd = tempdir().unwrap();
    let folder = sessions_dir(cwd.path());
    let live_path = folder.join("live.db");
    let live = SessionDb::create(CreateOptions {
        db_path: Some(&live_path),
        label: Some("live".into()),
        ..options(cwd.path(), "/bin/true")
    })
    .unwrap();
    fs::write(
        folder.join("text.db"),
        "not a database at all, I promise you that",
    )
    .unwrap();
    let foreign = Connection::open(folder.join("foreign.db")).unwrap();
    foreign.execute_batch("CREATE TABLE mine (x)").unwrap();
    let numbered = Connection::open(folder.join("numbered.db")).unwrap();
    numbered
        .execute_batch("CREATE TABLE mine (x); PRAGMA user_version = 7")
        .unwrap();
    fs::create_dir(folder.join("folder.db")).unwrap();
    let outside = stored(tempdir().unwrap().keep().as_path(), "outside");
    symlink(&outside, folder.join("link.db")).unwrap();
    fs::write(folder.join("notes.txt"), "").unwrap();

    let plan = plan_prune(&folder, AT_ONCE, PrunePolicy::All).unwrap();
    assert_eq!(plan.delete, []);
    let kept: Vec<_> = plan
        .keep
        .iter()
        .map(|item| item.path.file_name().unwrap().to_str().unwrap())
        .collect();
    assert_eq!(
        kept,
        [
            "folder.db",
            "foreign.db",
            "link.db",
            "live.db",
            "numbered.db",
            "text.db"
        ]
    );
    assert!(plan.keep.iter().all(|item| !item.reason.is_empty()));
    assert!(
        prune(&folder, AT_ONCE, PrunePolicy::All)
            .unwrap()
            .is_empty()
    );
    assert!(outside.exists());
    drop(live);
    assert_eq!(
        prune(&folder, AT_ONCE, PrunePolicy::All).unwrap(),
        [live_path]
    );
}

#[test]
fn a_plan_changes_nothing_and_knows_sizes() {
    let cwd = tempdir().unwrap();
    let path = stored(cwd.path(), "a");
    let plan = plan_prune(&sessions_dir(cwd.path()), AT_ONCE, PrunePolicy::AutoOnly).unwrap();
    assert!(path.exists());
    assert!(plan.delete[0].bytes >= fs::metadata(&path).unwrap().len());
    let report = plan.carry_out();
    assert_eq!(report.deleted.len(), 1);
    assert!(!path.exists());
}

#[test]
fn a_session_that_is_recorded_meanwhile_is_kept() {
    let cwd = tempdir().unwrap();
    let folder = sessions_dir(cwd.path());
    let path = stored(cwd.path(), "a");
    let plan = plan_prune(&folder, AT_ONCE, PrunePolicy::AutoOnly).unwrap();
    fs::remove_file(&path).unwrap();
    let _live = SessionDb::create(CreateOptions {
        db_path: Some(&path),
        ..options(cwd.path(), "/bin/true")
    })
    .unwrap();
    let report = plan.carry_out();
    assert_eq!((report.deleted.len(), report.kept.len()), (0, 1));
    assert!(path.exists());
}

#[test]
fn a_linked_folder_is_refused() {
    let cwd = tempdir().unwrap();
    let path = stored(cwd.path(), "a");
    let link = cwd.path().join("link");
    symlink(sessions_dir(cwd.path()), &link).unwrap();
    assert!(prune(&link, AT_ONCE, PrunePolicy::All).is_err());
    assert!(path.exists());
}
