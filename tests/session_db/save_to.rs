use super::*;

#[test]
fn copies_the_live_session_which_stays_usable() {
    let cwd = tempdir().unwrap();
    let session = SessionDb::create(options(cwd.path(), "/bin/true")).unwrap();
    session.promote_to_user().unwrap();
    add_hit(&session);
    let path = cwd.path().join("deep/er/saved.db");
    session.save_to(&path).unwrap();
    add_hit(&session);
    let saved = SessionDb::open(&path).unwrap();
    assert_eq!(saved.session_id(), session.session_id());
    assert!(saved.is_user().unwrap());
    let hits = |s: &SessionDb| -> i64 {
        s.conn()
            .query_row("SELECT count(*) FROM breakpoint_hits", [], |r| r.get(0))
            .unwrap()
    };
    assert_eq!((hits(&saved), hits(&session)), (1, 2));
    drop(saved);
    // Again, over its own older copy.
    session.save_to(&path).unwrap();
    assert_eq!(hits(&SessionDb::open(&path).unwrap()), 2);
    let left: Vec<_> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(left, ["saved.db"]);
}

#[test]
fn does_not_replace_another_session_unless_forced() {
    let cwd = tempdir().unwrap();
    let path = stored(cwd.path(), "theirs");
    let before = fs::read(&path).unwrap();
    let ours = SessionDb::create(options(cwd.path(), "/bin/true")).unwrap();
    let error = ours.save_to(&path).unwrap_err();
    assert!(matches!(
        kind_of(&error),
        SessionError::AlreadyExists { .. }
    ));
    assert_eq!(fs::read(&path).unwrap(), before);
    ours.save_to_forced(&path).unwrap();
    let saved = SessionDb::open(&path).unwrap();
    assert_eq!(saved.session_id(), ours.session_id());
}

#[test]
fn does_not_replace_a_session_that_is_recorded_even_if_forced() {
    let cwd = tempdir().unwrap();
    let path = cwd.path().join("live.db");
    let live = SessionDb::create(CreateOptions {
        db_path: Some(&path),
        ..options(cwd.path(), "/bin/true")
    })
    .unwrap();
    let other = SessionDb::create(options(cwd.path(), "/bin/true")).unwrap();
    let error = other.save_to_forced(&path).unwrap_err();
    assert!(matches!(kind_of(&error), SessionError::Locked { .. }));
    live.save_to(&path).unwrap();
    add_hit(&live);
}

#[test]
fn follows_no_link() {
    let cwd = tempdir().unwrap();
    let (target, link) = (cwd.path().join("target"), cwd.path().join("link.db"));
    fs::write(&target, "keep").unwrap();
    symlink(&target, &link).unwrap();
    let session = SessionDb::create(options(cwd.path(), "/bin/true")).unwrap();
    let error = session.save_to_forced(&link).unwrap_err();
    assert!(matches!(kind_of(&error), SessionError::SymbolicLink { .. }));
    assert_eq!(fs::read(&target).unwrap(), b"keep");
}
