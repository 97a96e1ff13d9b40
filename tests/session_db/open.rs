use super::*;

fn refused(path: &Path) -> anyhow::Error {
    let before = fs::read(path).unwrap_or_default();
    let (first, second) = (
        SessionDb::open(path).unwrap_err(),
        SessionDb::open_read_only(path).unwrap_err(),
    );
    assert_eq!(first.to_string(), second.to_string());
    assert_eq!(fs::read(path).unwrap_or_default(), before);
    first
}

#[test]
fn gives_back_what_was_made() {
    let cwd = tempdir().unwrap();
    let path = stored(cwd.path(), "a");
    for session in [SessionDb::open(&path), SessionDb::open_read_only(&path)] {
        let session = session.unwrap();
        assert_eq!(session.label(), "a");
        assert_eq!(session.target(), "/bin/true");
        assert_eq!(session.db_path(), Some(path.as_path()));
    }
}

#[test]
fn refuses_a_missing_file() {
    let error = refused(Path::new("/no/such/file.db"));
    assert!(matches!(kind_of(&error), SessionError::NotFound { .. }));
    assert_eq!(error.to_string(), "session DB not found: /no/such/file.db");
}

#[test]
fn refuses_another_version() {
    let cwd = tempdir().unwrap();
    let path = stored(cwd.path(), "old");
    Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 9999)
        .unwrap();
    let text = refused(&path).to_string();
    assert!(text.contains("schema_version=9999"), "{text}");
    assert!(text.contains("expected 3"), "{text}");
    assert!(text.contains("No migration path"), "{text}");
    assert!(text.contains(path.to_str().unwrap()), "{text}");
    let raw = path.with_extension("").join("raw");
    assert!(text.contains(raw.to_str().unwrap()), "{text}");
}

#[test]
fn refuses_what_is_no_session() {
    let cwd = tempdir().unwrap();
    let text = cwd.path().join("text.db");
    fs::write(
        &text,
        "I am no database, and long enough to be looked at as one.",
    )
    .unwrap();
    let empty = cwd.path().join("empty.db");
    fs::write(&empty, "").unwrap();
    let foreign = cwd.path().join("foreign.db");
    Connection::open(&foreign)
        .unwrap()
        .execute_batch("CREATE TABLE mine (x); INSERT INTO mine VALUES (1)")
        .unwrap();
    let cut = stored(cwd.path(), "cut");
    let whole = fs::read(&cut).unwrap();
    fs::write(&cut, &whole[..whole.len() / 3]).unwrap();
    let poor = stored(cwd.path(), "poor");
    Connection::open(&poor)
        .unwrap()
        .execute_batch("DROP TABLE samples")
        .unwrap();
    for path in [&text, &empty, &foreign, &cut, &poor, &cwd.path().to_owned()] {
        let error = refused(path);
        assert!(
            matches!(kind_of(&error), SessionError::NotASession { .. }),
            "{}: {error:#}",
            path.display()
        );
    }
}

#[test]
fn refuses_no_session_and_two() {
    let cwd = tempdir().unwrap();
    let path = stored(cwd.path(), "a");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "INSERT INTO sessions SELECT 'b', kind, target, target_class, target_hash,
             started_at, ended_at, label, created_by FROM sessions",
    )
    .unwrap();
    let kind = |error: &anyhow::Error| match kind_of(error) {
        SessionError::NotOneSession { count, .. } => *count,
        other => panic!("{other}"),
    };
    assert_eq!(kind(&refused(&path)), 2);
    conn.execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM sessions")
        .unwrap();
    assert_eq!(kind(&refused(&path)), 0);
}

#[test]
fn refuses_an_unknown_kind_and_class() {
    let cwd = tempdir().unwrap();
    let path = stored(cwd.path(), "a");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("UPDATE sessions SET target_class = 'abacus'")
        .unwrap();
    assert!(matches!(
        kind_of(&refused(&path)),
        SessionError::UnknownTargetClass { class, .. } if class == "abacus"
    ));
    conn.execute_batch("PRAGMA ignore_check_constraints = ON; UPDATE sessions SET kind = 'dream'")
        .unwrap();
    assert!(matches!(
        kind_of(&refused(&path)),
        SessionError::UnknownKind { kind, .. } if kind == "dream"
    ));
}

#[test]
fn read_only_means_read_only() {
    let cwd = tempdir().unwrap();
    let path = stored(cwd.path(), "a");
    let session = SessionDb::open_read_only(&path).unwrap();
    assert!(session.promote_to_user().is_err());
    assert!(session.set_meta("k", "v").is_err());
}

#[test]
fn reads_js_node_as_node() {
    assert_eq!("js-node".parse(), Ok(TargetClass::JsNode));
    assert_eq!(TargetClass::JsNode.to_string(), "node");
    for class in TargetClass::ALL {
        assert_eq!(class.as_str().parse(), Ok(class));
    }
}
