//! `hit-trend`.

use dbg_session::SessionDb;
use dbg_session::rusqlite::Connection;

use super::world::{AS_DBG_WRITES, NewHit, World, add_hit, golden};

/// The session `trends`: 300 hits at `s.c:5`, of two threads, with a value of every kind.
fn world() -> World {
    let world = World::with_demo();
    let session = world.session("trends", "2026-11-23T11:00:00.000000Z");
    session.conn().execute_batch("BEGIN").unwrap();
    for seq in 1..=300 {
        let (location, own_seq) = if seq % 100 == 0 {
            ("s.c:9", seq / 100)
        } else {
            ("s.c:5", seq - seq / 100)
        };
        let id = add_hit(
            &session,
            &NewHit {
                location,
                seq: own_seq,
                second: u32::try_from(seq / 60).unwrap(),
                function: "step",
                thread: if seq % 4 == 0 {
                    ("2", "worker")
                } else {
                    ("1", "main")
                },
                reason: ("breakpoint", None),
                values: &values(seq),
                stack: None,
            },
        );
        watch(&session, id, seq);
    }
    session.conn().execute_batch("COMMIT").unwrap();
    world
}

fn values(seq: i64) -> String {
    let saw = seq % 50;
    let state = ["IDLE", "RUN", "RUN | WAIT", "DONE"][usize::try_from(seq / 80).unwrap()];
    let float = match seq {
        7 => "nan".to_owned(),
        8 => "-inf".to_owned(),
        seq => format!("{:.3}", f64::from(i32::try_from(seq).unwrap()) / 7.0 - 20.0),
    };
    let gone = if seq > 40 && seq < 60 {
        r#""value":"<optimized out>","status":"optimized-out""#.to_owned()
    } else {
        format!(r#""value":"{}""#, seq * seq)
    };
    let huge = u64::MAX - u64::try_from(seq % 3).unwrap();
    let late = if seq > 100 {
        r#","late":{"type":"bool","value":"true"}"#
    } else {
        ""
    };
    format!(
        r#"{{"saw":{{"type":"int","value":"{saw}"}},"state":{{"type":"enum State","value":"{state}"}},
        "x":{{"type":"double","value":"{float}"}},"gone":{{"type":"long",{gone}}},
        "always":{{"type":"long","value":"","status":"optimized-out"}},
        "huge":{{"type":"unsigned long","value":"{huge}"}},
        "wide":{{"type":"__int128","value":"{}"}},
        "p":{{"type":"node *","value":"{:#x}"}},
        "s":{{"type":"char *","value":"\"text \u001b {seq}\""}},
        "o":{{"type":"P","value":"{{…}}","done":{{"type":"bool","value":"{}"}},"one":{{"type":"int","value":"1"}}}}{late}}}"#,
        i128::MAX - i128::from(seq),
        0x7fff_0000 + 16 * (seq % 5),
        seq > 250,
    )
}

fn watch(session: &SessionDb, hit: i64, seq: i64) {
    let whole = format!(
        r#"{{"type":"P","value":"{{…}}","y":{{"type":"int","value":"{}"}}}}"#,
        300 - seq
    );
    session
        .conn()
        .execute(
            "INSERT INTO watch_evals (session_id, hit_id, expr, value, type_name, value_json, ts)
             SELECT id, ?1, 'total / n', ?2, 'int', NULL, started_at FROM sessions UNION ALL
             SELECT id, ?1, '*q', '{…}', 'P', ?3, started_at FROM sessions",
            (hit, seq / 3, whole),
        )
        .unwrap();
}

const FIELDS: [&str; 12] = [
    "saw", "x", "gone", "huge", "wide", "p", "state", "s", "o.done", "o.one", "late", "always",
];

#[test]
fn a_terminal_gets_a_chart() {
    let world = world();
    let mut page = String::new();
    for field in FIELDS.into_iter().chain(["total / n", "*q.y"]) {
        let args = ["hit-trend", "s.c:5", field];
        let output = world.terminal(&args);
        assert_eq!((output.code, output.err.as_str()), (0, ""), "{args:?}");
        page += &format!("$ dbg-session {}\n{}\n", args.join(" "), output.out);
    }
    for args in [
        &["hit-trend", "step", "saw"][..],
        &["hit-trend", "s.c:5", "saw", "--thread", "worker"],
        &["hit-trend", "s.c:5", "s", "--limit", "3"],
        &["hit-trend", "s.c:9", "saw"],
        &[
            "hit-trend",
            "s.c:5",
            "saw",
            "--where",
            "state == DONE and saw > 20",
        ],
        &["hit-trend", "s.c:5", "thread"],
    ] {
        let output = world.terminal(args);
        page += &format!("$ dbg-session {}\n{}\n", args.join(" "), output.out);
    }
    golden("hit-trend", &page);
}

#[test]
fn a_pipe_and_a_narrow_terminal_get_a_line() {
    let world = world();
    let mut page = String::new();
    for field in FIELDS {
        let args = ["hit-trend", "s.c:5", field, "--limit", "5"];
        let output = world.run(&args);
        page += &format!("$ dbg-session {} | cat\n{}", args.join(" "), output.out);
        if !output.err.is_empty() {
            page += &format!("on standard error: {}", output.err);
        }
        let narrow = world.inside(None, Some(40), &args);
        page += &format!("on a narrow terminal:\n{}\n", narrow.out);
    }
    golden("hit-trend-piped", &page);
    let mut document = world.json(&["hit-trend", "s.c:5", "gone", "--limit", "2"]);
    let plot = document["plot"].as_array_mut().unwrap();
    assert!(plot.len() > 50 && plot.len() <= 100);
    plot.truncate(1);
    golden(
        "hit-trend-json",
        &(serde_json::to_string_pretty(&document).unwrap() + "\n"),
    );
}

#[test]
fn what_is_not_there_is_said() {
    let world = world();
    let mut page = String::new();
    for args in [
        &["hit-trend", "s.c:5", "sow"][..],
        &["hit-trend", "s.c:5", "o.three"],
        &["hit-trend", "s.c:5", ""],
        &["hit-trend", "s.c:5", "saw", "--thread", "9"],
        &["hit-trend", "s.c:6", "saw"],
        &["hit-trend", "s.c:5", "saw", "--where", "saw > 99"],
        &["hit-trend", "s.c:5", "saw", "--where", "saw >"],
        &["hit-trend", "s.c:5"],
        &["hit-trend", "--session", "demo", "u.c:5", "n"],
    ] {
        let output = world.run(args);
        assert_ne!(output.code, 0, "{args:?}");
        page += &format!(
            "$ dbg-session {}\n{}exit code {}\n\n",
            args.join(" "),
            output.err,
            output.code
        );
    }
    golden("hit-trend-errors", &page);
    let empty = World::new();
    drop(empty.session("empty", "2026-11-23T10:00:00.000000Z"));
    let output = empty.run(&["hit-trend", "t.c:1", "n"]);
    assert!(
        output.code == 1 && output.err.contains("no hits yet"),
        "{output:?}"
    );
}

#[test]
fn a_file_of_dbg_has_trends() {
    let world = World::with_demo();
    let conn = Connection::open(world.db("demo")).unwrap();
    conn.execute_batch(AS_DBG_WRITES).unwrap();
    drop(conn);
    let trend = world.json(&["hit-trend", "main", "n"]);
    assert_eq!(
        (&trend["read"], &trend["numbers"]["max"]["value"]),
        (&3.into(), &"3".into())
    );
    let watched = world.json(&["hit-trend", "t.c:20", "len * 2"]);
    assert_eq!(
        (&watched["read"], &watched["missing"]),
        (&1.into(), &1.into())
    );
}

/// So many that several threads share them: the answer is that of one going along.
#[test]
fn many_hits_are_looked_at_in_their_order() {
    let world = World::with_demo();
    let session = world.session("many", "2026-11-23T11:00:00.000000Z");
    // The value goes up by one every 7 hits, and back to 0 every 5,000.
    session
        .conn()
        .execute_batch(
            r#"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 45000)
            INSERT INTO breakpoint_hits (session_id, location_key, hit_seq, thread, ts, locals_json)
            SELECT (SELECT id FROM sessions), 'm.c:1', i, '1', '2026-11-23T11:00:00.000000Z',
                '{"v":{"type":"int","value":"' || ((i % 5000) / 7) || '"}}' FROM n"#,
        )
        .unwrap();
    drop(session);
    let value = |i: i64| (i % 5000) / 7;
    let turns: Vec<i64> = (2..=45_000).filter(|i| value(*i) != value(i - 1)).collect();
    let trend = world.json(&["hit-trend", "m.c:1", "v", "--session", "many"]);
    assert_eq!(trend["hits"], 45_000, "{trend}");
    assert_eq!(trend["changes"], turns.len());
    assert_eq!(trend["first_change"]["seq"], turns[0]);
    assert_eq!(trend["last_change"]["seq"], turns[turns.len() - 1]);
    assert_eq!(trend["distinct"], 715);
    assert_eq!(trend["numbers"]["max"]["seq"], 4998);
    assert_eq!(trend["first"]["value"], "0");
    let some = [
        "hit-trend",
        "m.c:1",
        "v",
        "--session",
        "many",
        "--where",
        "v == 714",
    ];
    let some = world.json(&some);
    assert_eq!((&some["hits"], &some["changes"]), (&18.into(), &0.into()));
    assert_eq!(some["first"]["seq"], 4998);
}
