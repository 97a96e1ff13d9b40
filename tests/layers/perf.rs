use super::*;

/// A row of `perf report`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Row {
    pub total_pct: f64,
    pub self_pct: f64,
    pub samples: f64,
    pub period: f64,
}

/// Rows by canonical function. `children`: the report has that column in front.
pub(crate) fn reported(report: &str, children: bool) -> BTreeMap<String, Row> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for line in report.lines().filter(|line| line.contains('%')) {
        let (numbers, name) = line.split_once(']').expect("[.] before the name");
        let words: Vec<f64> = numbers
            .split_whitespace()
            .map_while(|word| word.trim_end_matches('%').parse().ok())
            .collect();
        let shift = usize::from(children);
        let name = name.trim();
        let inlined = name.strip_suffix(" (inlined)");
        let row = rows.entry(fqn(inlined.unwrap_or(name))).or_default();
        // Different functions of one name: their stacks are not nested in what we recorded.
        row.total_pct += words[0];
        row.self_pct += words[shift];
        row.samples += words[shift + 1];
        row.period += words[shift + 2];
    }
    rows
}

/// Self weights, samples and percentages are those of `perf report --no-children`.
pub(crate) fn self_weights_agree(session: &Session, report: &str) -> usize {
    let (unnamed, named): (Vec<_>, Vec<_>) = reported(report, false)
        .into_iter()
        .partition(|(name, _)| is_address(name));
    for (name, row) in &named {
        let spot = session.spot(name);
        let found = (spot.self_weight, spot.samples as f64);
        assert_eq!(found, (row.period, row.samples), "{name}");
        assert_close(
            spot.self_pct,
            row.self_pct,
            0.01 * row.samples.max(1.0),
            name,
        );
    }
    let own = session
        .hotspots()
        .rows
        .into_iter()
        .filter(|row| row.self_weight > 0.0);
    let (stand_ins, functions): (Vec<_>, Vec<_>) =
        own.partition(|row| row.function.starts_with('['));
    assert_eq!(functions.len(), named.len(), "no function more, none less");
    let found: f64 = stand_ins.iter().map(|row| row.self_weight).sum();
    assert_eq!(
        found,
        unnamed.iter().map(|(_, row)| row.period).sum::<f64>(),
        "functions without a name"
    );
    named.len()
}

/// Inclusive percentages are those of `perf report --children`.
pub(crate) fn total_weights_agree(session: &Session, report: &str) -> usize {
    let rows = reported(report, true);
    for (name, row) in rows.iter().filter(|(name, _)| !is_address(name)) {
        assert_close(
            session.spot(name).total_pct.unwrap(),
            row.total_pct,
            0.02,
            name,
        );
    }
    rows.len()
}

/// perf shows unknown functions by address, we by object file.
fn is_address(name: &str) -> bool {
    name.len() >= 16
        && name
            .trim_start_matches("0x")
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit())
}

fn text(name: &str) -> String {
    std::fs::read_to_string(data(name)).unwrap()
}

#[test]
fn numbers_are_those_of_perf_report() {
    for name in ["c", "cpp", "rust", "inline"] {
        let session = Session::new();
        let report = session.add(&data(&format!("perf/{name}.script")));
        assert_eq!((report.source, report.format), ("perf", "perf-script"));
        assert_eq!(report.layers.len(), 1);
        assert_eq!(report.layers[0].unit, "cpu-clock:u");
        self_weights_agree(&session, &text(&format!("perf/{name}.report")));
        total_weights_agree(&session, &text(&format!("perf/{name}.children")));
    }
}

#[test]
fn without_call_chains_the_numbers_are_the_same() {
    let session = Session::new();
    session.add(&data("perf/flat.script"));
    self_weights_agree(&session, &text("perf/flat.report"));
}

#[test]
fn without_periods_samples_are_counted() {
    let session = Session::new();
    let report = session.add(&data("perf/fields.script"));
    assert_eq!(report.layers[0].unit, "samples");
    for (name, row) in reported(&text("perf/c.report"), false) {
        assert_eq!(session.spot(&name).self_weight, row.samples, "{name}");
    }
    assert_eq!(
        session.spot("main").total_weight,
        Some(report.layers[0].total),
        "recursion of others does not matter"
    );
}

#[test]
fn inlined_functions_have_totals_of_their_own() {
    let session = Session::new();
    session.add(&data("perf/inline.script"));
    let inlined = session.spot("hot_inline");
    assert_eq!(
        inlined.self_weight, 0.0,
        "as perf report, which counts the function around it"
    );
    assert!(inlined.total_weight.unwrap() > 0.0);
    assert_eq!(
        session.count("frames WHERE inlined"),
        session.count("frames WHERE inlined AND symbol_id IS NOT NULL")
    );
    assert!(session.count("frames WHERE inlined") > 0);
}

#[test]
fn times_threads_and_nanoseconds_are_kept() {
    let session = Session::new();
    session.add(&data("perf/c.script"));
    let conn = session.db.conn();
    let (first, last, thread, cpu): (f64, f64, String, i64) = conn
        .query_row(
            "SELECT min(start_us), max(start_us), max(thread), sum(cpu_ns) FROM samples",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .unwrap();
    let layer = session.hotspots().layer;
    assert_eq!(
        (first, thread.as_str(), cpu as f64),
        (0.0, "busy-c/1000", layer.total)
    );
    assert_eq!(layer.seconds, Some(last / 1e6));
    let json: String = conn
        .query_row("SELECT stack_json FROM samples JOIN symbols ON symbols.id = symbol_id WHERE fqn = 'leaf'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(json, r#"{"frame_symbol":"leaf"}"#);
    let by_view: f64 = conn
        .query_row(
            "SELECT self_weight FROM layer_hotspots WHERE function = 'leaf'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(by_view, session.spot("leaf").self_weight);
}

const TWO_EVENTS: &str = "\
# ========
Web Content 12  4242/4243 [003] 10.000001:       1000 cycles:u: 
\t          401136 a::f(int)+0x10 (/opt/my app (x)/prog)
\t          401200 main+0x20 (/opt/my app (x)/prog)

Web Content 12  4242/4243 [003] 10.000002:         50 instructions:u: 
\t          401136 a::f(int)+0x10 (/opt/my app (x)/prog)
\t          401200 main+0x20 (/opt/my app (x)/prog)

swapper     0 [001] 10.5:       2000 cycles:u: 
\tffffffff81000000 do_idle+0x1 ([kernel.kallsyms])
\t               0 [unknown] ([unknown])

swapper     0 [001] 10.6:       500 cycles:u: 
\t    7f0000000000 [unknown] (/usr/lib/libfoo.so.1)

";

#[test]
fn every_event_is_a_layer() {
    let session = Session::new();
    let report = session.add_text("two.txt", TWO_EVENTS);
    let layers: Vec<(&str, f64, u64)> = report
        .layers
        .iter()
        .map(|layer| (layer.unit.as_str(), layer.total, layer.samples))
        .collect();
    assert_eq!(
        layers,
        [("cycles:u", 3500.0, 3), ("instructions:u", 50.0, 1)]
    );
    let cycles = hotspots(&session.db, Some(1), 0).unwrap();
    assert_eq!(cycles.other_layers, [2]);
    let rows: Vec<(&str, &str, f64, f64)> = cycles
        .rows
        .iter()
        .map(|row| {
            (
                row.function.as_str(),
                row.lang.as_str(),
                row.self_weight,
                row.total_weight.unwrap(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("do_idle", "c", 2000.0, 2000.0),
            ("a::f", "cpp", 1000.0, 1000.0),
            ("[libfoo.so.1]", "unknown", 500.0, 500.0),
            ("[unknown]", "unknown", 0.0, 2000.0),
            ("main", "c", 0.0, 1000.0),
        ]
    );
    let thread: String = session
        .db
        .conn()
        .query_row("SELECT thread FROM samples LIMIT 1", [], |row| row.get(0))
        .unwrap();
    assert_eq!(thread, "Web Content 12/4243");
}

#[test]
fn source_lines_between_frames_do_no_harm() {
    let session = Session::new();
    let text = "prog 12 1.5:  10 cycles: \n\t 401136 f+0x1 (/bin/prog)\n  prog.c:12\n\t 401200 main+0x2 (/bin/prog)\n  prog.c:30\n\n";
    session.add_text("lines.txt", text);
    assert_eq!(session.spot("main").total_weight, Some(10.0));
}

#[test]
fn many_samples_are_merged_instead_of_growing_without_end() {
    let session = Session::new();
    let file = session.file("many.txt", TWO_EVENTS.repeat(3).as_bytes());
    let mut options = AddOptions::default();
    options.read.max_timed_samples = 5;
    let report = add(&session.db, &file, &options).unwrap();
    assert_eq!(
        (report.layers[0].total, report.layers[0].samples),
        (10_500.0, 9)
    );
    assert_eq!(session.count("samples"), 4);
    assert_eq!(
        report.warnings,
        ["more than 5 samples: equal ones were merged, their times dropped"]
    );
}

#[test]
fn damage_is_told_with_file_and_line() {
    let session = Session::new();
    let cut = &TWO_EVENTS[..TWO_EVENTS.find("do_idle").unwrap() + 4];
    let message = session.refuse(&session.file("cut.txt", cut.as_bytes()));
    assert!(
        message.ends_with("cut.txt:11: the line ends in the middle: the file is truncated"),
        "{message}"
    );
    let broken = TWO_EVENTS.replace(
        "swapper     0 [001] 10.6:       500 cycles:u:",
        "what is this",
    );
    let message = session.refuse(&session.file("broken.txt", broken.as_bytes()));
    assert!(
        message.contains("broken.txt:14: the line is not what `perf script` prints"),
        "{message}"
    );
    assert_eq!(
        (
            session.count("layers"),
            session.count("symbols"),
            session.count("stacks")
        ),
        (0, 0, 0)
    );
}
