//! `disasm`, `source`, `at-hit`, `cross`, `breakpoints list`, of what a session keeps.

use dbg_session::SessionDb;

use super::world::{World, golden};

/// The demo with a function's code, its source and breakpoints in it.
fn with_code() -> World {
    let world = World::with_demo();
    let session = SessionDb::open(&world.db("demo")).unwrap();
    session
        .conn()
        .execute_batch(
            r##"
            INSERT INTO symbols (id, session_id, lang, fqn, raw)
                SELECT 3, id, 'cpp', 'ns::Reader::parse', '_ZN2ns6Reader5parseEv' FROM sessions;
            INSERT INTO disassembly (session_id, symbol_id, source, code_bytes, asm_text, asm_lines_json,
                    collected_at, trigger, start, flavor)
                SELECT id, 1, 'gdb', 14, '', '[
                    {"offset": 0, "bytes": "55", "text": "push %rbp", "line": 9},
                    {"offset": 1, "bytes": "4889e5", "text": "mov %rsp, %rbp", "line": 9},
                    {"offset": 4, "bytes": "e8f7ffffff", "text": "call <f>", "line": 10},
                    {"offset": 9, "bytes": "85c0", "text": "test %eax, %eax"},
                    {"offset": 11, "bytes": "75f7", "text": "jne <+0x4>", "line": 3, "file": "src/\u001b.h"},
                    {"offset": 13, "bytes": "c3", "text": "ret", "line": 11}]',
                    '2026-11-23T10:30:00.000000Z', 'disasm', 4198690, 'att' FROM sessions;
            INSERT INTO source_snapshots (session_id, symbol_id, file, line_start, line_end, text, collected_at)
                SELECT id, 1, 'src/t.c', 9, 11, '', '2026-11-23T10:30:00.000000Z' FROM sessions;
            INSERT INTO breakpoints (session_id, host, number, kind, form, spec, file, line, function, text,
                    locations, condition, ignore_count, enabled, temporary, commands, hits, options, access)
                SELECT id, 'gdb', 1, 'breakpoint', 'line', 't.c:10', 'src/t.c', 10, 'main', 'f(n);',
                    1, 'n > 1', 2, 1, 0, 'bt' || char(10) || 'continue', 3, NULL, NULL FROM sessions UNION ALL
                SELECT id, 'gdb', 2, 'watchpoint', 'expression', 'len', NULL, NULL, NULL, NULL,
                    1, NULL, 0, 0, 0, NULL, 0, NULL, 'read' FROM sessions UNION ALL
                SELECT id, 'gdb', 3, 'breakpoint', 'function', 'gone', NULL, NULL, NULL, NULL,
                    0, NULL, 0, 1, 1, NULL, 0, NULL, NULL FROM sessions UNION ALL
                SELECT id, 'gdb', 4, 'tracepoint', 'function', 'parse', 'src/t.c', 20, 'parse', 'parse();',
                    1, NULL, 0, 1, 0, NULL, 7, '{"kind":"location","every":10,"captures":["p"],"most":null}', NULL
                FROM sessions;
            INSERT INTO watches (session_id, number, expr, allow_calls) SELECT id, 1, 'len * 2', 1 FROM sessions;
            INSERT INTO notes (session_id, hit_id, ts, text) SELECT id, 2, started_at, 'n is odd' FROM sessions;
            "##,
        )
        .unwrap();
    session.end().unwrap();
    SessionDb::open(&world.db("demo"))
        .unwrap()
        .conn()
        .execute("UPDATE sessions SET ended_at = started_at", [])
        .unwrap();
    world
}

#[test]
fn a_terminal_gets_listings() {
    let world = with_code();
    let mut page = String::new();
    for args in [
        vec!["disasm", "main"],
        vec!["disasm", "t.c:10", "--bytes"],
        vec!["source", "main"],
        vec!["source", "t.c:20"],
        vec!["source", "src/t.c:3"],
        vec!["at-hit", "t.c:10", "2"],
        vec!["at-hit", "4"],
        vec!["at-hit"],
        vec!["cross", "main"],
        vec!["breakpoints", "list"],
    ] {
        let output = world.terminal(&args);
        assert_eq!((output.code, output.err.as_str()), (0, ""), "{args:?}");
        page += &format!("$ dbg-session {}\n{}\n", args.join(" "), output.out);
    }
    golden("code", &world.stable(&page));
}

#[test]
fn a_pipe_gets_it_whole_and_json() {
    let world = with_code();
    let mut page = String::new();
    for args in [
        vec!["breakpoints", "list"],
        vec!["breakpoints", "list", "--json"],
        vec!["disasm", "main", "--json"],
        vec!["at-hit", "t.c:10", "1", "--json"],
        vec!["cross", "main", "--json"],
        vec!["source", "main", "--json"],
    ] {
        let output = world.run(&args);
        assert_eq!(output.code, 0, "{output:?}");
        page += &format!("$ dbg-session {}\n{}", args.join(" "), output.out);
        if !output.err.is_empty() {
            page += &format!("on standard error: {}", output.err);
        }
        page += "\n";
    }
    golden("code-piped", &world.stable(&page));
}

#[test]
fn what_is_not_kept_is_said_with_what_to_do() {
    let world = with_code();
    let mut page = String::new();
    for args in [
        vec!["disasm"],
        vec!["disasm", "nowhere"],
        vec!["disasm", "boom"],
        vec!["source"],
        vec!["source", "nowhere"],
        vec!["source", "t.c:9999"],
        vec!["source", "boom"],
        vec!["disasm", "pars", "--session", "none"],
        vec!["at-hit", "t.c:10", "9"],
        vec!["at-hit", "99"],
        vec!["cross", "nowhere"],
        vec!["breakpoints"],
        vec!["breakpoints", "restore"],
        vec!["breakpoints", "restore", "demo"],
    ] {
        let output = world.run(&args);
        assert_ne!(output.code, 0, "{args:?}");
        assert_eq!(output.out, "", "{args:?}");
        page += &format!(
            "$ dbg-session {}\n{}exit code {}\n\n",
            args.join(" "),
            output.err,
            output.code
        );
    }
    golden("code-errors", &world.stable(&page));
}
