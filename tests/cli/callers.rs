//! `callers`.

use dbg_session::rusqlite::Connection;

use super::world::{AS_DBG_WRITES, NewHit, World, add_hit, golden};

/// The session `paths`: `parse` reached by four ways, one of them by a function that calls itself.
fn world() -> World {
    let world = World::with_demo();
    let session = world.session("paths", "2026-11-23T11:00:00.000000Z");
    session
        .conn()
        .execute_batch(
            "INSERT INTO symbols (id, session_id, lang, fqn, raw)
                 SELECT column1, id, 'cpp', column2, column2 FROM sessions, (VALUES
                     (1, 'main'), (2, 'ns::parse'), (3, 'retry'), (4, 'load'), (5, 'walk'));
             INSERT INTO frames (id, symbol_id, file, line, module, module_offset) VALUES
                 (1, 1, 'p.c', 30, 'demo', 25), (2, 2, 'p.c', 7, 'demo', 4), (3, 3, 'p.c', 21, 'demo', 9),
                 (4, 4, 'p.c', 15, 'demo', 9), (5, 5, 'p.c', 40, 'demo', 9), (6, NULL, NULL, NULL, 'libc.so.6', 4096),
                 (7, 4, 'p.c', 16, 'demo', 12);
             INSERT INTO stacks (id, parent_id, frame_id, depth) VALUES
                 (1, NULL, 6, 0), (2, 1, 1, 1),              -- main
                 (3, 2, 4, 2), (4, 3, 2, 3),                 -- main, load, parse
                 (5, 2, 7, 2), (6, 5, 2, 3),                 -- the same from another line
                 (7, 3, 3, 3), (8, 7, 2, 4),                 -- main, load, retry, parse
                 (9, 2, 5, 2), (10, 9, 5, 3), (11, 10, 5, 4), (12, 11, 2, 5), -- main, walk three times, parse
                 (13, 2, 3, 2), (14, 13, 2, 3);              -- main, retry, parse",
        )
        .unwrap();
    let mut seq = 0;
    for (stack, times) in [
        (Some(4), 5),
        (Some(6), 2),
        (Some(8), 4),
        (Some(12), 3),
        (Some(14), 1),
        (None, 1),
    ] {
        for _ in 0..times {
            seq += 1;
            add_hit(
                &session,
                &NewHit {
                    location: if seq % 2 == 0 { "p.c:7" } else { "p.c:8" },
                    seq: (seq + 1) / 2,
                    second: 1,
                    function: "ns::parse",
                    thread: (if stack == Some(12) { "2" } else { "1" }, "t"),
                    reason: ("breakpoint", None),
                    values: "{}",
                    stack,
                },
            );
        }
    }
    world
}

#[test]
fn paths_are_a_tree_or_lines() {
    let world = world();
    let mut page = String::new();
    let asked: [&[&str]; 7] = [
        &["callers", "parse"],
        &["callers", "p.c:7"],
        &["callers", "parse", "--depth", "1"],
        &["callers", "parse", "--limit", "2"],
        &["callers", "parse", "--thread", "2"],
        &["callers", "parse", "--where", "caller == retry or seq == 1"],
        &["callers", "--session", "demo", "t.c:20"],
    ];
    for args in asked {
        let output = world.terminal(args);
        assert_eq!((output.code, output.err.as_str()), (0, ""), "{args:?}");
        page += &format!("$ dbg-session {}\n{}\n", args.join(" "), output.out);
    }
    for args in asked {
        let output = world.run(args);
        page += &format!("$ dbg-session {} | cat\n{}", args.join(" "), output.out);
        page += &format!("on standard error: {}\n", output.err);
    }
    let args = ["callers", "p.c:7", "--limit", "1", "--json"];
    page += &format!(
        "$ dbg-session {}\n{}",
        args.join(" "),
        world.terminal(&args).out
    );
    golden("callers", &page);
}

#[test]
fn what_is_not_there_is_said() {
    let world = world();
    let conn = Connection::open(world.db("demo")).unwrap();
    conn.execute_batch(AS_DBG_WRITES).unwrap();
    drop(conn);
    let mut page = String::new();
    for args in [
        &["callers", "--session", "demo", "t.c:20"][..],
        &["callers", "nowhere"],
        &["callers", "parse", "--thread", "7"],
        &["callers", "parse", "--depth", "-1"],
        &["callers"],
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
    golden("callers-errors", &page);
}

#[test]
fn a_circle_in_a_damaged_file_ends() {
    let world = world();
    let conn = Connection::open(world.db("paths")).unwrap();
    conn.execute("UPDATE stacks SET parent_id = 4 WHERE id = 1", [])
        .unwrap();
    conn.execute("UPDATE stacks SET frame_id = 99 WHERE id = 9", [])
        .unwrap_or_default();
    drop(conn);
    assert_eq!(world.run(&["callers", "parse"]).code, 0);
    assert_eq!(
        world.terminal(&["callers", "parse", "--depth", "3"]).code,
        0
    );
}
