//! The session contract, promise by promise, through the public interface.

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

mod create {
    use super::*;

    #[test]
    fn describes_the_session_in_one_row() {
        let cwd = tempdir().unwrap();
        let session = SessionDb::create(options(cwd.path(), "/bin/true")).unwrap();
        let (id, started, by): (String, String, String) = session
            .conn()
            .query_row("SELECT id, started_at, created_by FROM sessions", [], |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?))
            })
            .unwrap();
        assert_eq!(id, session.session_id());
        assert_eq!(id.len(), 32);
        assert!(
            id.bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        );
        assert_eq!(started.len(), "2026-11-23T15:04:05.000000Z".len());
        assert!(started.ends_with('Z'));
        assert_eq!(by, "auto");
        assert_eq!(session.target(), "/bin/true");
        assert_eq!(session.kind(), SessionKind::Debug);
        assert_eq!(session.target_class(), TargetClass::NativeCpu);
        assert_eq!(session.db_path(), None);
    }

    #[test]
    fn marks_the_file_as_version_3_and_ours() {
        let cwd = tempdir().unwrap();
        let path = stored(cwd.path(), "a");
        let conn = Connection::open(path).unwrap();
        let pragma = |name: &str| -> i64 {
            conn.query_row(&format!("PRAGMA {name}"), [], |r| r.get(0))
                .unwrap()
        };
        assert_eq!((SCHEMA_VERSION, pragma("user_version")), (3, 3));
        assert_eq!(
            (APPLICATION_ID, pragma("application_id")),
            (0x6462_6773, 0x6462_6773)
        );
        let broken: i64 = conn
            .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |r| {
                r.get(0)
            })
            .unwrap();
        assert_eq!(broken, 0);
    }

    #[test]
    fn records_with_a_log_and_without_waiting_for_the_disk() {
        let cwd = tempdir().unwrap();
        let path = cwd.path().join("a.db");
        let session = SessionDb::create(CreateOptions {
            db_path: Some(&path),
            ..options(cwd.path(), "/bin/true")
        })
        .unwrap();
        let mode: String = session
            .conn()
            .query_row("PRAGMA journal_mode", [], |r| r.get(0))
            .unwrap();
        let synchronous: i64 = session
            .conn()
            .query_row("PRAGMA synchronous", [], |r| r.get(0))
            .unwrap();
        assert_eq!((mode.as_str(), synchronous), ("wal", 1));
    }

    #[test]
    fn has_every_table_and_column_of_version_3_for_every_class() {
        // Written down by hand from the format's description, not from our SQL.
        let common = "sessions(id,kind,target,target_class,target_hash,started_at,ended_at,label,created_by) \
            meta(session_id,key,value) \
            layers(id,session_id,source,file,collected_at,command_used,collection_secs,target_hash) \
            symbols(id,session_id,lang,fqn,file,line,demangled,raw,is_synthetic) \
            failures(session_id,phase,error) \
            regions(id,session_id,name,start_us,duration_us,thread,layer_id) \
            allocations(id,session_id,op,address,bytes,start_us,heap,thread,stack_json,layer_id) \
            commands(seq,session_id,input,output_head,output_file,output_bytes,ts,canonical_op) \
            breakpoint_hits(id,session_id,location_key,hit_seq,thread,ts,locals_json,stack_json) \
            watch_evals(id,session_id,hit_id,expr,value,type_name,ts) \
            disassembly(id,session_id,symbol_id,source,tier,code_bytes,asm_text,asm_lines_json,collected_at,trigger,layer_id) \
            source_snapshots(id,session_id,symbol_id,file,line_start,line_end,text,content_hash,collected_at) \
            alloc_sites(id,session_id,symbol_id,bytes_total,count,largest_bytes,collected_at,layer_id) \
            insn_hits(id,session_id,target,hit_count,sample_basis,sample_period,window_us,backend,collected_at,detail_json) \
            insn_hit_details(id,insn_hit_id,ts_us,stack_json,regs_json)";
        let cpu = "samples(id,session_id,symbol_id,thread,start_us,duration_us,cpu_ns,weight,stack_json,layer_id) \
            counters(id,session_id,name,symbol_id,value,unit,layer_id)";
        let managed = "gc_events(id,session_id,kind,pause_us,start_us,heap_before_bytes,heap_after_bytes,reason,layer_id) \
            jit_events(id,session_id,symbol_id,compile_us,code_bytes,tier,start_us,layer_id)";
        let python = "gil_events(id,session_id,kind,thread,start_us,duration_us,layer_id)";
        let node = "event_loop_lags(id,session_id,lag_us,start_us,phase,layer_id)";
        let gpu = "launches(id,session_id,kernel_name,duration_us,grid_x,grid_y,grid_z,block_x,block_y,block_z,stream_id,start_us,correlation_id,layer_id) \
            metrics(session_id,kernel_name,occupancy_pct,compute_throughput_pct,memory_throughput_pct,registers_per_thread,shared_mem_static_bytes,shared_mem_dynamic_bytes,l2_hit_rate_pct,achieved_bandwidth_gb_s,peak_bandwidth_gb_s,boundedness,layer_id) \
            transfers(id,session_id,kind,bytes,duration_us,start_us,stream_id,layer_id) \
            ops(id,session_id,name,module_path,cpu_time_us,gpu_time_us,input_shapes,layer_id) \
            op_kernel_map(session_id,op_id,kernel_name)";
        let cwd = tempdir().unwrap();
        for class in TargetClass::ALL {
            let own = match class {
                TargetClass::Gpu => vec![gpu],
                TargetClass::ManagedDotnet | TargetClass::Jvm => vec![cpu, managed],
                TargetClass::Python => vec![cpu, python],
                TargetClass::JsNode => vec![cpu, node],
                _ => vec![cpu],
            };
            let session = SessionDb::create(CreateOptions {
                target_class: class,
                ..options(cwd.path(), "/bin/true")
            })
            .unwrap();
            for table in [&[common], own.as_slice()]
                .concat()
                .join(" ")
                .split_whitespace()
            {
                let (name, expected) = table.trim_end_matches(')').split_once('(').unwrap();
                let found = columns(session.conn(), name);
                for column in expected.split(',') {
                    assert!(
                        found.iter().any(|f| f == column),
                        "{class}: {name}.{column}"
                    );
                }
            }
        }
    }

    #[test]
    fn has_the_public_views() {
        let cwd = tempdir().unwrap();
        let session = SessionDb::create(options(cwd.path(), "/bin/true")).unwrap();
        for view in ["hit_values", "hit_frames", "layer_hotspots"] {
            session
                .conn()
                .query_row(&format!("SELECT count(*) FROM {view}"), [], |r| {
                    r.get::<_, i64>(0)
                })
                .unwrap_or_else(|e| panic!("{view}: {e}"));
        }
    }

    #[test]
    fn keeps_any_label_and_makes_a_default_one() {
        let cwd = tempdir().unwrap();
        let given = SessionDb::create(CreateOptions {
            label: Some("t-/bin/../ls".into()),
            ..options(cwd.path(), "/bin/ls")
        })
        .unwrap();
        assert_eq!(given.label(), "t-/bin/../ls");
        let default = SessionDb::create(options(cwd.path(), "/bin/ls")).unwrap();
        let stamp = default.label().strip_prefix("ls-").unwrap();
        let (date, time) = stamp.split_once('-').unwrap();
        assert_eq!((date.len(), time.len()), (8, 6));
    }

    #[test]
    fn numbers_a_default_label_that_its_folder_has() {
        let cwd = tempdir().unwrap();
        let folder = sessions_dir(cwd.path());
        let made: Vec<_> = (0..4)
            .map(|_| SessionDb::create_in(&folder, &options(cwd.path(), "/bin/ls")).unwrap())
            .collect();
        let mut labels: Vec<_> = made.iter().map(|s| s.label().to_owned()).collect();
        labels.sort();
        labels.dedup();
        assert_eq!(labels.len(), 4);
        for session in &made {
            assert_eq!(
                session
                    .db_path()
                    .unwrap()
                    .file_stem()
                    .unwrap()
                    .to_str()
                    .unwrap(),
                session.label()
            );
        }
    }

    #[test]
    fn is_safe_when_many_start_in_one_folder_at_once() {
        let cwd = tempdir().unwrap();
        let folder = sessions_dir(cwd.path());
        let labels: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let session =
                            SessionDb::create_in(&folder, &options(cwd.path(), "app")).unwrap();
                        session.label().to_owned()
                    })
                })
                .collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        let distinct: std::collections::HashSet<_> = labels.iter().collect();
        assert_eq!(distinct.len(), 8, "{labels:?}");
    }

    #[test]
    fn refuses_an_existing_file_and_leaves_it_alone() {
        let cwd = tempdir().unwrap();
        let path = cwd.path().join("a.db");
        fs::write(&path, "mine").unwrap();
        let error = SessionDb::create(CreateOptions {
            db_path: Some(&path),
            ..options(cwd.path(), "/bin/true")
        })
        .unwrap_err();
        assert!(matches!(
            kind_of(&error),
            SessionError::AlreadyExists { .. }
        ));
        assert_eq!(fs::read(&path).unwrap(), b"mine");
    }

    #[test]
    fn hashes_a_target_that_is_a_file() {
        let cwd = tempdir().unwrap();
        fs::write(cwd.path().join("app"), "12345").unwrap();
        let hash_of = |target: &str| -> Option<String> {
            let session = SessionDb::create(options(cwd.path(), target)).unwrap();
            session
                .conn()
                .query_row("SELECT target_hash FROM sessions", [], |r| r.get(0))
                .unwrap()
        };
        let hash = hash_of("app").unwrap();
        assert_eq!(hash, compute_target_hash(&cwd.path().join("app")).unwrap());
        assert!(hash.starts_with("5:"));
        assert_eq!(hash_of("no such file"), None);
    }

    #[test]
    fn groups_by_folder_and_target() {
        let cwd = tempdir().unwrap();
        let real = cwd.path().canonicalize().unwrap();
        let session = SessionDb::create(CreateOptions {
            target_hash: Some("h".into()),
            ..options(cwd.path(), "/bin/true")
        })
        .unwrap();
        let group = session.meta("session_group_key").unwrap().unwrap();
        assert_eq!(group, group_key(&real, "h"));
        assert_eq!(group, format!("{}|h", real.display()));
        assert_eq!(
            session.meta("cwd").unwrap().unwrap(),
            real.to_str().unwrap()
        );
    }

    #[test]
    fn is_private_and_ignored_by_git() {
        let cwd = tempdir().unwrap();
        let path = stored(cwd.path(), "a");
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        assert_eq!(mode(&cwd.path().join(".dbg")), 0o700);
        assert_eq!(
            fs::read_to_string(cwd.path().join(".dbg/.gitignore")).unwrap(),
            "*\n"
        );
    }

    #[test]
    fn follows_no_link_under_dot_dbg() {
        let (cwd, elsewhere) = (tempdir().unwrap(), tempdir().unwrap());
        symlink(elsewhere.path(), cwd.path().join(".dbg")).unwrap();
        let error =
            SessionDb::create_in(&sessions_dir(cwd.path()), &options(cwd.path(), "/bin/true"))
                .unwrap_err();
        assert!(matches!(kind_of(&error), SessionError::SymbolicLink { .. }));
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }
}

mod open {
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
        conn.execute_batch(
            "PRAGMA ignore_check_constraints = ON; UPDATE sessions SET kind = 'dream'",
        )
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
}

mod save_to {
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

mod pruning {
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
}

#[test]
fn every_table_is_described_in_the_docs() {
    // A session of the commonest class has nothing that is not described.
    let cwd = tempdir().unwrap();
    let session = SessionDb::create(options(cwd.path(), "/bin/true")).unwrap();
    let described = include_str!("../docs/format.md");
    for table in tables(session.conn()) {
        assert!(
            described.contains(&format!("`{table}`")),
            "docs/format.md does not describe `{table}`"
        );
    }
}
