use super::*;

/// One function in `callgrind_annotate`'s table: all events, and the name without file and object.
pub(crate) fn annotated(report: &str) -> Vec<(Vec<f64>, String)> {
    let mut rows = Vec::new();
    for line in report.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_cost = |word: &&&str| {
            word.bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b',' || byte == b'.')
        };
        let costs: Vec<f64> = words
            .iter()
            .take_while(is_cost)
            .map(|word| word.replace(',', "").parse().unwrap_or(0.0))
            .collect();
        let rest = words[costs.len()..].join(" ");
        // FILE:NAME [OBJECT]
        let name = rest
            .rsplit_once(" [")
            .map_or(rest.as_str(), |(name, _)| name);
        if let Some((_, name)) = name.split_once(':').filter(|_| !costs.is_empty()) {
            rows.push((costs, name.to_owned()));
        }
    }
    assert!(rows.len() > 10, "the report has functions");
    rows
}

fn level(name: &str) -> (&str, u32) {
    name.rsplit_once('\'')
        .and_then(|(base, level)| Some((base, level.parse().ok()?)))
        .unwrap_or((name, 1))
}

/// Every function costs what `callgrind_annotate` says.
pub(crate) fn self_costs_agree(session: &Session, report: &str) {
    let mut expected = Sums::new();
    for (costs, name) in annotated(report) {
        *expected.entry(fqn(level(&name).0)).or_default() += costs[0];
    }
    let rows = session.hotspots().rows;
    for (name, cost) in &expected {
        let found: f64 = rows
            .iter()
            .filter(|row| row.function == *name)
            .map(|row| row.self_weight)
            .sum();
        assert_eq!(found, *cost, "{name}");
    }
    let own = rows.iter().filter(|row| row.self_weight > 0.0).count();
    assert_eq!(
        own,
        expected.values().filter(|cost| **cost > 0.0).count(),
        "no function more, none less"
    );
}

/// Functions that are neither recursive nor overloaded cost, with all they call, what `callgrind_annotate` says.
pub(crate) fn total_costs_agree(session: &Session, report: &str, names: &[&str]) {
    let rows = annotated(report);
    for name in names {
        let of_name = rows
            .iter()
            .filter(|(_, row)| fqn(row) == *name)
            .map(|(costs, _)| costs[0]);
        let expected = of_name.fold(0.0, f64::max);
        assert!(expected > 0.0, "{name} is in the report");
        assert_eq!(session.spot(name).total_weight, Some(expected), "{name}");
    }
}

fn text(name: &str) -> String {
    std::fs::read_to_string(data(name)).unwrap()
}

#[test]
fn numbers_are_those_of_callgrind_annotate() {
    let c = Session::new();
    let report = c.add(&data("callgrind/c.out"));
    assert_eq!(
        (report.source, report.format, report.layers.len()),
        ("callgrind", "callgrind", 1)
    );
    assert_eq!(report.layers[0].unit, "Ir");
    assert!(text("callgrind/c.out").contains(&format!("totals: {}\n", report.layers[0].total)));
    self_costs_agree(&c, &text("callgrind/c.report"));
    total_costs_agree(
        &c,
        &text("callgrind/c.inclusive"),
        &[
            "main",
            "work",
            "leaf",
            "(below main)",
            "qsort",
            "_dl_relocate_object",
        ],
    );

    let cpp = Session::new();
    cpp.add(&data("callgrind/cpp.out"));
    self_costs_agree(&cpp, &text("callgrind/cpp.report"));
    let names = [
        "main",
        "(anonymous namespace)::hidden",
        "apply<main::{lambda(int)#1}>",
        "geo::Point<int>::dot",
        "join[abi:cxx11]",
    ];
    total_costs_agree(&cpp, &text("callgrind/cpp.inclusive"), &names[..4]);

    let rust = Session::new();
    rust.add(&data("callgrind/rust.out"));
    self_costs_agree(&rust, &text("callgrind/rust.report"));
    let names = [
        "busy::spin",
        "<busy::Circle as busy::Shape>::area",
        "busy::main",
    ];
    total_costs_agree(&rust, &text("callgrind/rust.inclusive"), &names);
    assert_eq!(rust.spot("busy::spin").lang, "rust");
}

#[test]
fn recursion_counts_once() {
    let session = Session::new();
    session.add(&data("callgrind/c.out"));
    let (even, odd, work) = (
        session.spot("is_even"),
        session.spot("is_odd"),
        session.spot("work"),
    );
    // work calls is_even 60 times; everything below happens inside of these calls.
    let total = even.total_weight.unwrap();
    assert!(total < work.total_weight.unwrap() && total > odd.total_weight.unwrap());
    assert!(even.calls.unwrap() > 60);
    let from_work = dbg_session::query::cross::cross(&session.db, "is_even")
        .unwrap()
        .layers[0]
        .callers
        .clone();
    let by_work = from_work
        .iter()
        .find(|caller| caller.function == "work")
        .unwrap();
    assert_eq!(by_work.weight, total);
    assert_eq!(by_work.calls, Some(60));
    let below: f64 = neighbours_of(&session, "is_even")
        .iter()
        .filter(|callee| callee.function == "leaf")
        .map(|callee| callee.weight)
        .sum();
    assert!(
        below > 0.0 && below < total,
        "calls of inner levels count for others"
    );
    assert_eq!(
        session.spot("fib").total_weight,
        from_function(&session, "fib", "work")
    );
}

fn neighbours_of(
    session: &Session,
    function: &str,
) -> Vec<dbg_session::query::cross::LayerNeighbour> {
    let mut layers = dbg_session::query::cross::cross(&session.db, function)
        .unwrap()
        .layers;
    layers.remove(0).callees
}

fn from_function(session: &Session, function: &str, caller: &str) -> Option<f64> {
    let layer = dbg_session::query::cross::cross(&session.db, function)
        .unwrap()
        .layers
        .remove(0);
    layer
        .callers
        .iter()
        .find(|neighbour| neighbour.function == caller)
        .map(|neighbour| neighbour.weight)
}

#[test]
fn all_events_are_kept_and_recursion_without_levels_is_bounded() {
    let session = Session::new();
    session.add(&data("callgrind/cache.out"));
    self_costs_agree(&session, &text("callgrind/cache.report"));
    let totals = text("callgrind/cache.out")
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("totals: ").map(str::to_owned))
        .unwrap();
    let mut statement = session
        .db
        .conn()
        .prepare("SELECT value FROM counters WHERE symbol_id IS NULL ORDER BY id")
        .unwrap();
    let sums: Vec<String> = statement
        .query_map([], |row| row.get::<_, f64>(0))
        .unwrap()
        .map(|sum| sum.unwrap().to_string())
        .collect();
    assert_eq!(sums.join(" "), totals.trim());
    let leaf: f64 = session
        .db
        .conn()
        .query_row(
            "SELECT value FROM counters JOIN symbols ON symbols.id = symbol_id WHERE name = 'Dr' AND fqn = 'leaf'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let rows = annotated(&text("callgrind/cache.report"));
    assert_eq!(
        leaf,
        rows.iter().find(|(_, name)| name == "leaf").unwrap().0[1]
    );
    let total = session.hotspots().layer.total;
    assert!(
        session
            .hotspots()
            .rows
            .iter()
            .all(|row| row.total_weight.unwrap() <= total)
    );
}

/// Compressed names and positions, calls, code inlined from another file, two parts.
const SMALL: &str = "# callgrind format
version: 1
cmd: ./prog 1
positions: line
events: Ir Dr
ob=(1) /bin/prog
fl=(1) /src/prog.c
fn=(1) main
10 5 1
+2 3
fi=(2) /src/prog.h
3 2
fe=(1)
cfn=(2) helper
calls=4 20
* 40 8
jcnd=1/2 +1
*
fn=(2)
20 40 8
totals: 50 9
part: 2
events: Ir Dr
fn=(1)
10 1
totals: 1
";

#[test]
fn the_format_is_read_in_full() {
    let session = Session::new();
    let report = session.add_text("callgrind.out.1", SMALL);
    assert_eq!(report.layers[0].total, 51.0);
    let main = session.spot("main");
    assert_eq!((main.self_weight, main.total_weight), (11.0, Some(51.0)));
    assert_eq!(
        (main.file.as_deref(), main.line),
        (Some("/src/prog.c"), Some(10))
    );
    assert_eq!(
        (main.lang.as_str(), main.module.as_deref()),
        ("c", Some("prog"))
    );
    let helper = session.spot("helper");
    assert_eq!(
        (helper.self_weight, helper.total_weight, helper.calls),
        (40.0, Some(40.0), Some(4))
    );
    assert_eq!(
        session.hotspots().layer.command.as_deref(),
        Some("./prog 1")
    );
}

#[test]
fn damage_is_told_with_file_and_line() {
    let session = Session::new();
    for (text, expected) in [
        (
            SMALL.replace("calls=4 20", "calls=x"),
            "callgrind.out:15: the line should say how many calls there were",
        ),
        (
            SMALL.replace("10 5 1", "10 5 1 7"),
            "callgrind.out:9: the line has more costs than there are events",
        ),
        (
            SMALL.replace("10 5 1", "10 5 x"),
            "callgrind.out:9: the line has a cost that is no number",
        ),
        (
            SMALL.replace("fn=(2)\n20", "fn=(7)\n20"),
            "callgrind.out:19: the line uses the name (7), which was never spelled out",
        ),
        (
            SMALL.replace("totals: 50 9", "totals: 51 9"),
            "callgrind.out:21: the line says 51 Ir, but the functions cost 50 together",
        ),
        (
            SMALL.replace("version: 1", "version: 2"),
            "callgrind.out:2: the line says version 2; only version 1 can be read",
        ),
        (
            SMALL.replace("+2 3", "what is this"),
            "callgrind.out:10: the line is none that callgrind writes",
        ),
    ] {
        let message = session.refuse(&session.file("callgrind.out", text.as_bytes()));
        assert!(message.ends_with(expected), "{message:?}");
    }
    let full = text("callgrind/c.out");
    for cut in [full.len() / 2, full.len() / 3, full.len() - 5] {
        let message = session.refuse(&session.file("callgrind.out", &full.as_bytes()[..cut]));
        assert!(
            message.contains("callgrind.out") && message.contains("truncated"),
            "{message:?}"
        );
    }
    assert_eq!(
        (
            session.count("layers"),
            session.count("samples"),
            session.count("symbols")
        ),
        (0, 0, 0)
    );
}

/// A build with `../src/t.c`: the layer's file is the one that location keys have.
#[test]
fn files_are_named_as_hits_name_them() {
    let session = Session::new();
    session.add_text(
        "callgrind.out",
        "events: Ir\nfl=sub/../src/t.c\nfn=twice\n3 5\n\nfl=/proj/./lib/../src/u.c\nfn=thrice\n4 6\n",
    );
    assert_eq!(session.spot("twice").file.as_deref(), Some("src/t.c"));
    assert_eq!(
        session.spot("thrice").file.as_deref(),
        Some("/proj/src/u.c")
    );
}
