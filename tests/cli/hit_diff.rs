//! `hit-diff`.

use dbg_session::rusqlite::Connection;

use super::world::{NewHit, World, add_hit, golden};

/// The session `two`: at `v.cpp:7`, three hits of which the last differs from the others in every way.
fn world() -> World {
    let world = World::with_demo();
    let session = world.session("two", "2026-11-23T11:00:00.000000Z");
    session
        .conn()
        .execute_batch(
            "INSERT INTO symbols (id, session_id, lang, fqn, raw)
                 SELECT column1, id, 'cpp', column2, column2 FROM sessions, (VALUES
                     (1, 'main'), (2, 'Queue::push'), (3, 'retry'), (4, 'load'));
             INSERT INTO frames (id, symbol_id, file, line, module, module_offset) VALUES
                 (1, 1, 'v.cpp', 30, 'demo', 25), (2, 2, 'v.cpp', 7, 'demo', 4),
                 (3, 3, 'v.cpp', 21, 'demo', 9), (4, 4, 'v.cpp', 15, 'demo', 9);
             INSERT INTO stacks (id, parent_id, frame_id, depth) VALUES
                 (1, NULL, 1, 0), (2, 1, 4, 1), (3, 2, 2, 2), (4, 1, 3, 1), (5, 4, 4, 2), (6, 5, 2, 3);",
        )
        .unwrap();
    let values = |n: i64, elements: &str, more: &str| {
        format!(
            r#"{{"p":{{"type":"char *","value":"0x7ff{n}","arg":true}},
            "q":{{"type":"Queue","value":"{{…}}","len":{{"type":"int","value":"{n}"}},
                "at":{{"type":"Point","value":"{{x = 1, y = {n}}}","x":{{"type":"int","value":"1"}},"y":{{"type":"int","value":"{n}"}}}},
                "items":{{"type":"int [2]","value":"{{}}"{elements}}}}},
            "same":{{"type":"int","value":"5"}}{more}}}"#
        )
    };
    let element = |i: i64| format!(r#","[{i}]":{{"type":"int","value":"{i}"}}"#);
    let long: String = (0..2).map(element).collect();
    let gone = r#","gone":{"type":"double","value":"","status":"optimized-out"}"#;
    let there =
        r#","gone":{"type":"double","value":"0.5"},"o":{"type":"Option<int>","value":"None"}"#;
    for (seq, values, stack, thread) in [
        (1, values(3, &element(0), gone), 3, ("1", "main")),
        (2, values(3, &element(0), gone), 3, ("1", "main")),
        (3, values(4, &long, there), 6, ("2", "worker \u{1b}[31m")),
    ] {
        let hit = add_hit(
            &session,
            &NewHit {
                location: "v.cpp:7",
                seq,
                second: u32::try_from(seq).unwrap() * 2,
                function: "Queue::push",
                thread,
                reason: ("breakpoint", None),
                values: &values,
                stack: Some(stack),
            },
        );
        let watch = format!(
            r#"{{"type":"T","value":"{{…}}","id":{{"type":"long","value":"{}"}}}}"#,
            seq / 3
        );
        session
            .conn()
            .execute(
                "INSERT INTO watch_evals (session_id, hit_id, expr, value, type_name, value_json, ts)
                 SELECT id, ?1, '*self', '{…}', 'T', ?2, started_at FROM sessions UNION ALL
                 SELECT id, ?1, 'total', '84', 'int', NULL, started_at FROM sessions",
                (hit, watch),
            )
            .unwrap();
    }
    world
}

const ASKED: [&[&str]; 10] = [
    &["hit-diff", "v.cpp:7"],
    &["hit-diff", "v.cpp:7", "first", "2"],
    &["hit-diff", "v.cpp:7", "3", "1", "--all"],
    &["hit-diff", "1", "3"],
    &["hit-diff", "1", "3", "--limit", "2"],
    &["hit-diff", "Queue::push", "-3"],
    &["hit-diff", "--session", "demo", "1", "4"],
    &["hit-diff", "--session", "demo", "t.c:10", "first", "last"],
    &["hit-diff", "--session", "demo", "t.c:20", "1", "2"],
    &["hit-diff", "--session", "demo", "src/t.c", "-1", "-5"],
];

#[test]
fn two_hits_stand_side_by_side() {
    let world = world();
    let mut page = String::new();
    for args in ASKED {
        let output = world.terminal(args);
        assert_eq!((output.code, output.err.as_str()), (0, ""), "{args:?}");
        page += &format!("$ dbg-session {}\n{}\n", args.join(" "), output.out);
    }
    for args in &ASKED[..3] {
        let output = world.run(args);
        page += &format!("$ dbg-session {} | cat\n{}", args.join(" "), output.out);
        page += &format!("on standard error: {}\n", output.err);
    }
    let args = ["hit-diff", "v.cpp:7", "--json"];
    page += &format!(
        "$ dbg-session {}\n{}",
        args.join(" "),
        world.terminal(&args).out
    );
    golden("hit-diff", &page);
}

#[test]
fn a_hit_that_is_not_there_is_said() {
    let world = world();
    let mut page = String::new();
    for args in [
        &["hit-diff", "v.cpp:7", "1", "9"][..],
        &["hit-diff", "v.cpp:7", "-9"],
        &["hit-diff", "v.cpp:7", "0", "1"],
        &["hit-diff", "v.cpp:7", "second", "last"],
        &["hit-diff", "nowhere", "1", "2"],
        &["hit-diff", "1", "99"],
        &["hit-diff", "7"],
        &["hit-diff", "--session", "demo", "u.c:5"],
        &["hit-diff"],
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
    golden("hit-diff-errors", &page);
    let empty = World::new();
    drop(empty.session("empty", "2026-11-23T10:00:00.000000Z"));
    let output = empty.run(&["hit-diff", "t.c:1", "1", "2"]);
    assert_eq!(output.code, 1);
    assert!(
        output.err.contains("the session has no hits yet"),
        "{output:?}"
    );
}

#[test]
fn a_file_of_dbg_has_values_and_functions() {
    let world = World::with_demo();
    let conn = Connection::open(world.db("demo")).unwrap();
    conn.execute_batch(super::world::AS_DBG_WRITES).unwrap();
    drop(conn);
    let diff = world.json(&["hit-diff", "1", "5"]);
    let facts: Vec<_> = diff["facts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["name"].clone())
        .collect();
    assert_eq!(facts, ["location", "function", "thread"]);
    assert_eq!(diff["values"]["same"], 1);
    assert_eq!(diff["stack"]["a"][0]["function"], "main");
}
