//! `hits`, `show`, `note`.

use serde_json::json;

use super::world::{NewHit, World, add_hit, golden};

#[test]
fn a_terminal_gets_tables_and_pages() {
    let world = World::with_demo();
    let mut page = String::new();
    for args in [
        vec!["hits"],
        vec!["hits", "t.c:10"],
        vec!["hits", "parse", "--fields", "p.x,p.a[1],p.type"],
        vec!["hits", "--limit", "2"],
        vec!["hits", "src/t.c", "--thread", "worker"],
        vec!["show"],
        vec!["show", "t.c:20", "1"],
        vec!["show", "2"],
        vec!["status"],
        vec!["list"],
        vec!["list", "--group"],
        vec![
            "sql",
            "SELECT id, hit_seq AS n, function FROM breakpoint_hits WHERE id > 4",
        ],
    ] {
        let output = world.terminal(&args);
        assert_eq!((output.code, output.err.as_str()), (0, ""), "{args:?}");
        page += &format!("$ dbg-session {}\n{}\n", args.join(" "), output.out);
    }
    let stable = world.stable(&page);
    // The size on disk is SQLite's business.
    let size = without_sizes(&stable);
    golden("terminal", &size);
}

/// `text` with `123.4 kB` masked.
fn without_sizes(text: &str) -> String {
    let masked = text.lines().map(|line| {
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        for i in 1..words.len() {
            let number = words[i - 1].chars().all(|c| c.is_ascii_digit() || c == '.');
            if matches!(words[i].as_str(), "kB" | "MB") && number {
                words[i - 1] = "N".repeat(words[i - 1].len());
            }
        }
        words.join(" ")
    });
    masked.collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn a_pipe_gets_whole_lines_and_json() {
    let world = World::with_demo();
    let mut page = String::new();
    for args in [
        vec!["hits", "--limit", "4"],
        vec!["hits", "t.c:10", "--json"],
        vec!["show", "lib/u.c:5", "1", "--json"],
        vec!["show", "1"],
    ] {
        let output = world.run(&args);
        assert_eq!(output.code, 0, "{output:?}");
        page += &format!("$ dbg-session {}\n{}", args.join(" "), output.out);
        if !output.err.is_empty() {
            page += &format!("on standard error: {}", output.err);
        }
        page += "\n";
    }
    golden("piped", &world.stable(&page));
}

#[test]
fn no_control_character_reaches_the_output() {
    let world = World::with_demo();
    let evil = |c: char| (c.is_control() && c != '\n' && c != '\t') || c == '\u{202e}';
    for args in [
        vec!["hits"],
        vec!["show"],
        vec!["show", "6"],
        vec!["show", "t.c:10"],
        vec!["status"],
        vec![
            "sql",
            "SELECT locals_json, thread_name, char(27) FROM breakpoint_hits",
        ],
        vec!["hits", "\u{1b}[31m"],
        vec!["\u{1b}[31m"],
        vec!["hits", "--\u{1b}[31m"],
        vec!["promote", "\u{1b}[31m"],
        vec!["save", "\u{1b}[31m"],
        vec!["config", "\u{1b}[31m"],
    ] {
        for json in [false, true] {
            let mut args = args.clone();
            if json {
                args.push("--json");
            }
            for output in [world.run(&args), world.terminal(&args)] {
                assert!(!output.out.contains(evil), "{args:?}: {:?}", output.out);
                assert!(!output.err.contains(evil), "{args:?}: {:?}", output.err);
                if json {
                    serde_json::from_str::<serde_json::Value>(&output.out).unwrap();
                }
            }
        }
    }
}

#[test]
fn many_hits_are_never_all_printed_unasked() {
    let world = World::new();
    let session = world.session("many", "2026-11-23T10:00:00.000000Z");
    for seq in 1..=50 {
        let hit = NewHit {
            location: "a.c:1",
            seq,
            second: 1,
            function: "f",
            thread: ("1", "t"),
            reason: ("breakpoint", None),
            values: "{}",
            stack: None,
        };
        add_hit(&session, &hit);
    }
    let output = world.run(&["hits"]);
    assert_eq!(output.out.lines().count(), 21);
    assert!(output.out.lines().nth(1).unwrap().starts_with("31\t"));
    let note = "session many: 50 hits, the newest 20 shown and 30 left out; `--limit N` shows more, `--limit 0` all\n";
    assert_eq!(output.err, note);
    let all = world.json(&["hits", "a.c", "--limit", "0"]);
    assert_eq!(all["hits"].as_array().unwrap().len(), 50);
    assert_eq!(world.json(&["hits"])["total"], 50);
}

#[test]
fn notes_belong_to_a_hit_or_to_the_session() {
    let world = World::with_demo();
    let output = world.run(&["note", "--hit", "2", "looks", "odd"]);
    assert_eq!(output.out, "noted in session demo, hit number 2\n");
    let output = world.run(&["note", "all in all fine"]);
    assert_eq!(output.out, "noted in session demo\n");
    assert_eq!(world.json(&["show", "2"])["notes"][0]["text"], "looks odd");
    let texts: Vec<_> = world.json(&["status"])["session"]["notes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| note["text"].clone())
        .collect();
    assert_eq!(texts[1..], [json!("looks odd"), json!("all in all fine")]);
    let output = world.run(&["note", "--hit", "99", "x"]);
    assert_eq!(output.code, 1);
    assert_eq!(
        output.err,
        "dbg-session: the session has no hit number 99; `dbg-session hits` shows what it has.\n"
    );
}

#[test]
fn a_hit_at_a_place_is_counted_from_either_end() {
    let world = World::with_demo();
    for verb in ["show", "at-hit"] {
        let seq = |words: &[&str]| {
            let args: Vec<&str> = [verb, "src/t.c:10"].iter().chain(words).copied().collect();
            world.json(&args)["hit"]["seq"].as_i64().unwrap()
        };
        let last = seq(&[]);
        assert!(last > 2, "{last}");
        assert_eq!(
            (seq(&["first"]), seq(&["last"]), seq(&["-1"])),
            (1, last, last)
        );
        assert_eq!((seq(&["-2"]), seq(&["2"])), (last - 1, 2));
    }
}

#[test]
fn what_is_not_there_is_said_with_what_to_do() {
    let world = World::with_demo();
    let mut page = String::new();
    for args in [
        vec!["hits", "t.c:11"],
        vec!["hits", "nowhere"],
        vec!["show", "t.c:10", "9"],
        vec!["show", "99"],
        vec!["show", "t.c", "1"],
        vec!["show", "src/t.c", "x"],
        vec!["show", "t.c:10", "0"],
        vec!["hits", "--session", "none"],
        vec!["hits", "--session", "/nowhere/x.db"],
        vec!["hits", "--limit", "-3"],
        vec!["hits", "--limti", "3"],
        vec!["hist"],
        vec!["note"],
        vec!["save", "../x"],
        vec!["save", "a\\b"],
        vec!["new", "--label", ".hidden"],
        vec!["new", "--kind", "trace"],
        vec!["new", "--in-memory"],
        vec!["prune", "--older-than", "7"],
        vec!["config", "capture.colour", "3"],
        vec!["config", "capture.depth", "99"],
        vec!["sql", "DROP TABLE sessions"],
        vec!["sql", "SELECT * FROM no_such"],
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
        let document = world.json(&args);
        assert!(document["error"].is_string(), "{args:?}");
    }
    golden("errors", &world.stable(&page));
}

#[test]
fn who_reads_only_the_head_is_no_error() {
    let world = World::with_demo();
    let script = format!(
        "'{}' list --help | true; echo ${{PIPESTATUS[0]}}",
        env!("CARGO_BIN_EXE_dbg-session")
    );
    let output = std::process::Command::new("bash")
        .args(["-c", &script])
        .current_dir(world.proj())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "0\n");
    assert!(output.stderr.is_empty(), "{output:?}");
}
