//! Profiles become layers, and their numbers are those of the tools that made them.
//!
//! The profiles under `tests/data` were recorded by `tests/data/regenerate.sh`, together with what the tools
//! themselves report of them; the folded stacks are written by hand.

mod callgrind;
mod folded;
mod joined;
mod mutated;
mod perf;
mod raw_files;
mod real_tools;
mod refused;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dbg_session::layers::{AddOptions, LayerReport, add};
use dbg_session::query::hotspots::{Hotspot, Hotspots, hotspots};
use dbg_session::symbols::Symbol;
use dbg_session::{CreateOptions, SessionDb, SessionKind, TargetClass, sessions_dir};
use tempfile::TempDir;

/// A session in a folder of its own.
struct Session {
    folder: TempDir,
    db: SessionDb,
}

impl Session {
    fn new() -> Session {
        Session::of(TargetClass::NativeCpu)
    }

    fn of(target_class: TargetClass) -> Session {
        let folder = tempfile::tempdir().unwrap();
        let path = sessions_dir(folder.path()).join("demo.db");
        let db = SessionDb::create(CreateOptions {
            kind: SessionKind::Debug,
            target: "demo",
            target_class,
            cwd: folder.path(),
            db_path: Some(&path),
            label: Some("demo".into()),
            target_hash: None,
        })
        .unwrap();
        Session { folder, db }
    }

    fn add(&self, file: &Path) -> LayerReport {
        add(&self.db, file, &AddOptions::default()).unwrap()
    }

    fn refuse(&self, file: &Path) -> String {
        add(&self.db, file, &AddOptions::default())
            .unwrap_err()
            .to_string()
    }

    /// Adds a file with this text.
    fn add_text(&self, name: &str, text: &str) -> LayerReport {
        self.add(&self.file(name, text.as_bytes()))
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn hotspots(&self) -> Hotspots {
        hotspots(&self.db, None, 0).unwrap()
    }

    fn spot(&self, function: &str) -> Hotspot {
        let spots = self.hotspots();
        spots
            .rows
            .iter()
            .find(|row| row.function == function)
            .cloned()
            .unwrap_or_else(|| {
                let known: Vec<&str> = spots.rows.iter().map(|row| row.function.as_str()).collect();
                panic!("no {function} in {known:?}")
            })
    }

    fn count(&self, table: &str) -> i64 {
        self.db
            .conn()
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
                row.get(0)
            })
            .unwrap()
    }

    fn raw(&self) -> PathBuf {
        sessions_dir(self.folder.path()).join("demo").join("raw")
    }
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// Sums by canonical function, as tools print a function that we see as one in several rows.
type Sums = BTreeMap<String, f64>;

fn fqn(name: &str) -> String {
    Symbol::canonical(name, None).fqn
}

#[track_caller]
fn assert_close(found: f64, expected: f64, within: f64, what: &str) {
    assert!(
        (found - expected).abs() <= within,
        "{what}: {found}, but the tool says {expected}"
    );
}
