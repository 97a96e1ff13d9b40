//! `trace` and `watch`, with a debugger made up of its answers.

use serde_json::{Value, json};

use super::debugger::Fake;
use super::world::World;

fn row(number: i64, location: &str, places: &[&str]) -> Value {
    json!({
        "number": number, "kind": "location", "location": location, "places": places,
        "state": if places.is_empty() { "pending" } else { "enabled" },
        "condition": null, "every": 1, "max": null, "capture": [], "stack": null, "until": null,
        "seen": 0, "recorded": 0, "hits_per_second": null, "us_per_hit": null,
        "cut": 0, "lost": 0, "condition_errors": 0, "notes": [],
    })
}

fn fake(answers: impl IntoIterator<Item = (&'static str, Value)>) -> Fake {
    let mut fake = Fake::default();
    fake.answers.extend(answers);
    fake
}

#[test]
fn outside_of_a_debugger_they_say_where_they_belong() {
    let world = World::new();
    for verb in ["trace", "watch"] {
        let output = world.run(&[verb, "list"]);
        assert_eq!(output.code, 1);
        assert_eq!(
            output.err,
            format!("dbg-session: `{verb}` needs a live debugger; type it inside GDB or LLDB.\n")
        );
    }
}

#[test]
fn what_was_set_is_said() {
    let world = World::new();
    let mut returns = row(5, "parse", &["t.c:3"]);
    returns["kind"] = "return".into();
    returns["notes"] = json!(["`parse` ends in a jump to another function at 1 place"]);
    let fake = fake([(
        "trace_add",
        json!([
            row(1, "t.c:10", &["t.c:10"]),
            row(2, "parse", &["t.c:3"]),
            row(3, "parse", &["t.c:3", "u.c:4"]),
            row(4, "later", &[]),
            returns,
        ]),
    )]);
    let output = world.inside(
        Some(&fake),
        None,
        &[
            "trace",
            "parse(int,",
            "char)",
            "--if",
            "-n > 3",
            "--max",
            "2",
        ],
    );
    assert_eq!(
        output.out,
        "tracepoint 1 at t.c:10\n\
         tracepoint 2 at parse (t.c:3)\n\
         tracepoint 3 at parse (2 places)\n\
         tracepoint 4 at later is pending: nothing loaded so far has it\n\
         tracepoint 5 at returns of parse (t.c:3)\n"
    );
    assert!(output.err.contains("ends in a jump"), "{}", output.err);
    let asked = fake.asked.borrow();
    let (request, arguments) = &asked[0];
    assert_eq!(request, "trace_add");
    assert_eq!(arguments["location"], "parse(int, char)");
    assert_eq!(arguments["condition"], "-n > 3");
    assert_eq!(arguments["most"], 2);
}

#[test]
fn of_many_functions_some_are_named() {
    let world = World::new();
    let rows: Vec<Value> = (1..=14)
        .map(|n| row(n, &format!("f{n}"), &["t.c:1"]))
        .collect();
    let fake = fake([("trace_add", json!(rows))]);
    let output = world.inside(Some(&fake), None, &["trace", "-r", "^f"]);
    assert_eq!(output.out.lines().count(), 11);
    assert!(output.out.ends_with("… and 4 more, up to tracepoint 14\n"));
}

#[test]
fn the_list_shows_what_they_saw_and_cost() {
    let world = World::new();
    let mut busy = row(2, "parse", &["t.c:3", "u.c:4"]);
    for (key, value) in [
        ("condition", json!("len > 3")),
        ("every", json!(10)),
        ("max", json!(50)),
        ("capture", json!(["len", "p.x"])),
        ("stack", json!(0)),
        ("until", json!("done")),
        ("seen", json!(1200)),
        ("recorded", json!(40)),
        ("hits_per_second", json!(801.04)),
        ("us_per_hit", json!(35.5)),
        ("cut", json!(3)),
    ] {
        busy[key] = value;
    }
    let fake = fake([("trace_list", json!([row(1, "later", &[]), busy]))]);
    let plain = world.inside(Some(&fake), None, &["trace", "list"]).out;
    assert_eq!(
        plain,
        "num\tlocation\twhere\tstate\toptions\tseen\thits\thits/s\tus/hit\tcut\tlost\terrors\n\
         1\tlater\t\tpending\t\t0\t0\t\t\t0\t0\t0\n\
         2\tparse\tt.c:3 and 1 more\tenabled\t--if len > 3 --every 10 --max 50 --capture len \
         --capture p.x --stack 0 --until-value done\t1200\t40\t801.0\t35.5\t3\t0\t0\n"
    );
    let shown = world.inside(Some(&fake), Some(120), &["trace", "list"]).out;
    assert!(shown.starts_with("NUM  LOCATION"), "{shown}");
    assert!(!shown.contains("LOST"), "{shown}");
}

#[test]
fn they_are_deleted_and_switched_by_number() {
    let world = World::new();
    let fake = fake([
        ("trace_delete", json!([1])),
        ("trace_disable", json!([1, 2, 3])),
        ("watch_delete", json!([1, 2])),
    ]);
    let say = |args: &[&str]| world.inside(Some(&fake), None, args);
    assert_eq!(say(&["trace", "delete", "1"]).out, "tracepoint 1 deleted\n");
    assert_eq!(
        say(&["trace", "disable", "--all"]).out,
        "tracepoints 1, 2 and 3 disabled\n"
    );
    assert_eq!(
        say(&["watch", "delete", "1", "2"]).out,
        "watches 1 and 2 deleted\n"
    );
    assert_eq!(say(&["trace", "delete"]).code, 2);
    assert_eq!(
        say(&["trace", "enable", "1"]).err,
        "dbg-session: this debugger cannot trace_enable.\n"
    );
}

#[test]
fn watches_are_listed() {
    let world = World::new();
    let watch = |number: i64, calls: bool| json!({ "number": number, "expression": "p->len", "allow_calls": calls });
    let fake = fake([
        ("watch_add", watch(1, false)),
        ("watch_list", json!([watch(1, false), watch(2, true)])),
    ]);
    let say = |args: &[&str]| world.inside(Some(&fake), None, args);
    assert_eq!(say(&["watch", "p->len"]).out, "watch 1: p->len\n");
    assert_eq!(
        say(&["watch", "list"]).out,
        "num\texpression\tcalls\n1\tp->len\t\n2\tp->len\tallowed\n"
    );
    assert_eq!(say(&["watch"]).code, 2);
}
