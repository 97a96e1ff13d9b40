//! The session that benchmarks record into.

use std::path::Path;

use dbg_session::{CreateOptions, SessionDb, SessionKind, TargetClass};

/// A new session in a file, of a program in the file's folder.
pub fn new_session(path: &Path) -> SessionDb {
    let folder = path.parent().expect("a file is in a folder");
    SessionDb::create(CreateOptions {
        kind: SessionKind::Debug,
        target: "/src/app/app",
        target_class: TargetClass::NativeCpu,
        cwd: folder,
        db_path: Some(path),
        label: path.file_stem().map(|stem| stem.to_string_lossy().into()),
        // Two sessions of one folder are of one group.
        target_hash: Some("1:1".into()),
    })
    .expect("a session")
}
