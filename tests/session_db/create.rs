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
    let error = SessionDb::create_in(&sessions_dir(cwd.path()), &options(cwd.path(), "/bin/true"))
        .unwrap_err();
    assert!(matches!(kind_of(&error), SessionError::SymbolicLink { .. }));
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}
