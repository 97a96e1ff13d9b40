use super::*;
use dbg_session::query::cross::{Cross, cross};
use dbg_session::query::function::FunctionError;

/// Hits as the recorder stores them, at two lines of one function.
fn with_hits(session: &Session, lang: &str, function: &str) {
    let conn = session.db.conn();
    let id = session.db.session_id();
    let symbol = |lang: &str, fqn: &str| -> i64 {
        conn.query_row(
            "INSERT INTO symbols (session_id, lang, fqn, raw) VALUES (?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET fqn = fqn RETURNING id",
            (id, lang, fqn, fqn),
            |row| row.get(0),
        )
        .unwrap()
    };
    let node = |symbol: i64, parent: Option<i64>| -> i64 {
        conn.execute(
            "INSERT INTO frames (symbol_id, line, module_offset) VALUES (?, 7, 1)",
            [symbol],
        )
        .unwrap();
        conn.query_row(
            "INSERT INTO stacks (parent_id, frame_id, depth) VALUES (?, last_insert_rowid(), ?) RETURNING id",
            (parent, i64::from(parent.is_some())),
            |row| row.get(0),
        )
        .unwrap()
    };
    let outer = node(symbol(lang, "main"), None);
    let inner = node(symbol(lang, function), Some(outer));
    for (seq, line) in [(1, 7), (2, 7), (1, 9)] {
        conn.execute(
            "INSERT INTO breakpoint_hits (session_id, location_key, hit_seq, ts, function, stack_id, stack_json)
             VALUES (?, ?, ?, ?, ?, ?, json_object('frame_symbol', ?5))",
            (id, format!("busy.cpp:{line}"), seq, format!("2026-01-01T00:00:0{seq}.00000{line}Z"), function, inner),
        )
        .unwrap();
    }
}

fn asked(session: &Session, symbol: &str) -> Cross {
    cross(&session.db, symbol).unwrap()
}

#[test]
fn a_function_is_one_whether_hit_or_sampled() {
    let session = Session::new();
    with_hits(&session, "cpp", "(anonymous namespace)::hidden");
    session.add(&data("perf/cpp.script"));
    session.add(&data("callgrind/cpp.out"));
    let hidden = asked(&session, "hidden");
    assert_eq!(hidden.function, "(anonymous namespace)::hidden");
    assert_eq!(hidden.langs, ["cpp"]);
    assert_eq!(hidden.hits.count, 3);
    assert_eq!(
        hidden.hits.first_ts.as_deref(),
        Some("2026-01-01T00:00:01.000007Z")
    );
    assert_eq!(
        hidden.hits.last_ts.as_deref(),
        Some("2026-01-01T00:00:02.000007Z")
    );
    assert_eq!(
        (
            hidden.hits.locations[0].location.as_str(),
            hidden.hits.locations[0].hits
        ),
        ("busy.cpp:7", 2)
    );
    assert_eq!(hidden.hits.callers[0].function, "main");
    let sources: Vec<&str> = hidden
        .layers
        .iter()
        .map(|layer| layer.layer.source.as_str())
        .collect();
    assert_eq!(sources, ["perf", "callgrind"]);
    for layer in &hidden.layers {
        assert!(layer.self_weight > 0.0 && layer.total_weight >= Some(layer.self_weight));
        assert!(
            layer
                .callers
                .iter()
                .any(|caller| caller.function.starts_with("apply<")),
            "{:?}",
            layer.callers
        );
    }
    let main = asked(&session, "main");
    assert_eq!(main.hits.count, 0);
    assert_eq!(
        (
            main.hits.callees[0].function.as_str(),
            main.hits.callees[0].hits
        ),
        (hidden.function.as_str(), 3)
    );
    assert!(
        main.layers[0]
            .callees
            .iter()
            .any(|callee| callee.function == "uses_inline")
    );
}

#[test]
fn a_guessed_language_yields_to_the_debuggers() {
    let session = Session::new();
    with_hits(&session, "cpp", "compute");
    session.add(&data("perf/cpp.script"));
    assert_eq!(
        asked(&session, "main").langs,
        ["cpp"],
        "perf cannot tell main's language, the debugger can"
    );
    assert_eq!(session.count("symbols WHERE fqn = 'main'"), 1);
}

#[test]
fn names_may_be_written_as_people_write_them() {
    let session = Session::new();
    session.add(&data("perf/rust.script"));
    for name in [
        "busy::spin",
        "spin",
        "_ZN4busy4spin17h0123456789abcdefE",
        " spin ",
    ] {
        assert_eq!(asked(&session, name).function, "busy::spin");
    }
    assert_eq!(
        asked(&session, "Circle::area").function,
        "<busy::Circle as busy::Shape>::area"
    );
    assert_eq!(
        asked(&session, "spin").langs,
        ["rust"],
        "its object file has other Rust functions"
    );
    let error = cross(&session.db, "nothing").unwrap_err();
    assert_eq!(
        error.downcast_ref(),
        Some(&FunctionError::NotFound("nothing".into()))
    );
    session.add_text("more.folded", "a::run;b::run 3\n");
    let error = cross(&session.db, "run").unwrap_err().to_string();
    assert_eq!(
        error,
        "`run` may be `a::run` or `b::run`; write more of the name"
    );
}

/// What dbg's own files lack.
const WITHOUT_ADDITIONS: &str = "
    DROP VIEW layer_hotspots; DROP VIEW hit_frames;
    DROP TABLE layer_calls; DROP TABLE layer_functions;
    ALTER TABLE layers DROP COLUMN unit; ALTER TABLE layers DROP COLUMN total;
    ALTER TABLE layers DROP COLUMN format;
    ALTER TABLE samples DROP COLUMN stack_id;
    ALTER TABLE breakpoint_hits DROP COLUMN function; ALTER TABLE breakpoint_hits DROP COLUMN stack_id;";

#[test]
fn files_of_dbg_answer_as_far_as_they_go() {
    let session = Session::new();
    with_hits(&session, "c", "leaf");
    session.add(&data("folded/busy.folded"));
    session.db.conn().execute_batch(WITHOUT_ADDITIONS).unwrap();
    let leaf = session.spot("leaf");
    assert_eq!(
        (leaf.self_weight, leaf.self_pct, leaf.total_weight),
        (15.0, 60.0, None)
    );
    let both = asked(&session, "leaf");
    assert_eq!((both.hits.count, both.layers.len()), (3, 1));
    assert_eq!(
        (both.layers[0].self_weight, both.layers[0].samples),
        (15.0, 2)
    );
    let message = session.refuse(&data("folded/busy.folded"));
    assert!(message.contains("can only be read"), "{message}");
}
