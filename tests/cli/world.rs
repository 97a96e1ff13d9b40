//! A folder of one's own with sessions in it, and the program to ask them with.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dbg_session::command::{Context, Live, Output, run};
use dbg_session::rusqlite::params;
use dbg_session::{CreateOptions, SessionDb, SessionKind, TargetClass, sessions_dir};
use tempfile::TempDir;

/// A project folder and an empty home, gone when dropped.
pub struct World {
    folder: TempDir,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["proj", "home"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder }
    }

    /// With the session `demo` in it.
    pub fn with_demo() -> Self {
        let world = Self::new();
        let session = world.session("demo", "2026-11-23T10:00:00.000000Z");
        demo(&session);
        // As ending it does, which would tell the true time.
        let mode = |row: &dbg_session::rusqlite::Row<'_>| row.get::<_, String>(0);
        session
            .conn()
            .pragma_update_and_check(None, "journal_mode", "DELETE", mode)
            .unwrap();
        world
    }

    pub fn proj(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("proj")
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub fn db(&self, label: &str) -> PathBuf {
        sessions_dir(&self.proj()).join(format!("{label}.db"))
    }

    /// A new session of the program `/bin/demo`, ended an hour after its start.
    pub fn session(&self, label: &str, started: &str) -> SessionDb {
        let session = SessionDb::create_in(
            &sessions_dir(&self.proj()),
            &CreateOptions {
                kind: SessionKind::Debug,
                target: "/bin/demo",
                target_class: TargetClass::NativeCpu,
                cwd: &self.proj(),
                db_path: None,
                label: Some(label.into()),
                target_hash: Some("1:1".into()),
            },
        )
        .unwrap();
        session
            .conn()
            .execute(
                "UPDATE sessions SET started_at = ?1, ended_at = ?1",
                [started],
            )
            .unwrap();
        session
    }

    /// Runs the real program, its output piped.
    pub fn run(&self, args: &[&str]) -> Output {
        self.run_in(&self.proj(), args)
    }

    pub fn run_in(&self, cwd: &Path, args: &[&str]) -> Output {
        let output = Command::new(env!("CARGO_BIN_EXE_dbg-session"))
            .args(args)
            .current_dir(cwd)
            .env_clear()
            .env("HOME", self.home())
            .output()
            .unwrap();
        Output {
            code: output.status.code().unwrap().try_into().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// As the program does on a terminal of 80 columns.
    pub fn terminal(&self, args: &[&str]) -> Output {
        self.inside(None, Some(80), args)
    }

    /// As a debugger does.
    pub fn inside(&self, live: Option<&dyn Live>, width: Option<usize>, args: &[&str]) -> Output {
        let args: Vec<OsString> = args.iter().map(OsString::from).collect();
        let cwd = self.proj();
        run(&args, &Context { cwd, live, width })
    }

    /// The document that a command answers in JSON.
    pub fn json(&self, args: &[&str]) -> serde_json::Value {
        let args: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
        let output = self.run(&args);
        serde_json::from_str(&output.out).unwrap_or_else(|e| panic!("{e}: {output:?}"))
    }

    /// `text` without what differs from run to run.
    pub fn stable(&self, text: &str) -> String {
        let text = text.replace(&*self.proj().to_string_lossy(), "[PROJ]");
        text.replace(&*self.home().to_string_lossy(), "[HOME]")
    }
}

/// One hit, put into the file as the recorder does.
pub struct NewHit<'a> {
    pub location: &'a str,
    pub seq: i64,
    pub second: u32,
    pub function: &'a str,
    pub thread: (&'a str, &'a str),
    pub reason: (&'a str, Option<&'a str>),
    pub values: &'a str,
    pub stack: Option<i64>,
}

pub fn add_hit(session: &SessionDb, hit: &NewHit<'_>) -> i64 {
    session
        .conn()
        .query_row(
            "INSERT INTO breakpoint_hits (session_id, location_key, hit_seq, thread, ts, locals_json,
                 stack_json, function, thread_name, tid, pid, pc, reason, breakpoint, detail, stack_id)
             VALUES (?, ?, ?, ?, ?, ?, json_object('frame_symbol', ?7), ?7, ?, 4711, 4700, 4198694, ?, iif(?9 = 'signal', NULL, 1), ?, ?)
             RETURNING id",
            params![
                session.session_id(), hit.location, hit.seq, hit.thread.0,
                format!("2026-11-23T10:00:{:02}.123456Z", hit.second),
                hit.values, hit.function, hit.thread.1, hit.reason.0, hit.reason.1, hit.stack
            ],
            |row| row.get(0),
        )
        .unwrap()
}

/// Six hits at three places of two files, with all that belongs to them.
fn demo(session: &SessionDb) {
    let conn = session.conn();
    conn.execute_batch(
        "INSERT INTO symbols (id, session_id, lang, fqn, raw)
             SELECT 1, id, 'c', 'main', 'main' FROM sessions UNION ALL
             SELECT 2, id, 'c', 'parse', 'parse' FROM sessions;
         INSERT INTO frames (id, symbol_id, file, line, module, module_offset, inlined) VALUES
             (1, 1, 'src/t.c', 10, 'demo', 25, 0), (2, 2, 'src/t.c', 20, 'demo', 4, 1),
             (3, NULL, NULL, NULL, 'libc.so.6', 4096, 0);
         INSERT INTO stacks (id, parent_id, frame_id, depth) VALUES (1, NULL, 3, 0), (2, 1, 1, 1), (3, 2, 2, 2);
         INSERT INTO source_snapshots (session_id, file, line_start, line_end, text, collected_at)
             SELECT id, 'src/t.c', 1, 22,
                 'line 1' || char(10) || char(10, 10, 10) || char(9) || 'int tab;' || char(10, 10, 10, 10)
                 || 'int main(void) {' || char(10) || '    f(n); // ' || char(27) || '[31m' || char(10) || '}'
                 || char(10, 10, 10, 10, 10, 10, 10, 10, 10) || '    parse();' || char(10) || 'end',
                 '2026-11-23T10:00:00.000000Z' FROM sessions;",
    )
    .unwrap();
    for n in 1..=3 {
        let values = format!(
            r#"{{"n":{{"type":"int","value":"{n}","arg":true}},"s":{{"type":"char *","value":"\"text {n}\"","addr":"0x1"}}}}"#
        );
        add_hit(
            session,
            &NewHit {
                location: "src/t.c:10",
                seq: n,
                second: u32::try_from(n).unwrap(),
                function: "main",
                thread: ("1", "demo"),
                reason: ("breakpoint", None),
                values: &values,
                stack: Some(2),
            },
        );
    }
    let parsed = r#"{"p":{"type":"struct P","value":"{x = 3, type = 1, a = {1, 2...}}",
        "x":{"type":"int","value":"3"},".type":{"type":"int","value":"1"},
        "a":{"type":"int [900]","value":"{1, 2...}","status":"truncated","count":900,
            "[0]":{"type":"int","value":"1"},"[1]":{"type":"int","value":"2"}}},
        "gone":{"type":"long","value":"","status":"optimized-out"}}"#;
    for n in 1..=2 {
        add_hit(
            session,
            &NewHit {
                location: "src/t.c:20",
                seq: n,
                second: 10,
                function: "parse",
                thread: ("2", "worker"),
                reason: ("watchpoint", Some("len")),
                values: parsed,
                stack: Some(3),
            },
        );
    }
    let last = add_hit(
        session,
        &NewHit {
            location: "lib/u.c:5",
            seq: 1,
            second: 30,
            function: "ns::boom",
            thread: ("2", "wor\u{1b}ker"),
            reason: ("signal", Some("SIGSEGV")),
            values: r#"{"evil":{"type":"char *","value":"\"\u001b[31mred\u202e\u0007\n\""}}"#,
            stack: None,
        },
    );
    conn.execute(
        "INSERT INTO watch_evals (session_id, hit_id, expr, value, type_name, ts)
         SELECT id, 4, 'len * 2', '84', 'int', started_at FROM sessions",
        [],
    )
    .unwrap();
    conn.execute(
        "INSERT INTO notes (session_id, hit_id, ts, text)
         SELECT id, ?, '2026-11-23T11:00:00.000000Z', 'here it \u{9b}31m dies' FROM sessions",
        [last],
    )
    .unwrap();
}

/// Makes the session `demo` one that the tool dbg could have written: none of our additions.
pub const AS_DBG_WRITES: &str =
    "PRAGMA foreign_keys = off;
         DROP VIEW hit_values; DROP VIEW hit_frames; DROP VIEW layer_hotspots;
         DROP TABLE notes;
         CREATE TABLE old AS SELECT id, session_id, location_key, hit_seq, thread, ts,
             json_object('n', json_object('value', '3')) AS locals_json, stack_json FROM breakpoint_hits;
         DROP TABLE breakpoint_hits;
         ALTER TABLE old RENAME TO breakpoint_hits;
         DELETE FROM meta;
         UPDATE sessions SET ended_at = NULL;
         PRAGMA application_id = 0;";

/// Compares with `tests/golden/<name>.txt`; with `BLESS=1` in the environment, writes it.
pub fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.txt"));
    bless_or_compare(&path, text);
}

pub fn bless_or_compare(path: &Path, text: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, text).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(
        text,
        kept,
        "\n{} differs; if the new text is meant, run with BLESS=1",
        path.display()
    );
}
