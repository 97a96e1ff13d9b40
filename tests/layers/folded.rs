use super::*;

#[test]
fn sums_are_those_of_the_lines() {
    let session = Session::new();
    let report = session.add(&data("folded/busy.folded"));
    assert_eq!((report.format, report.layers[0].total), ("folded", 25.0));
    assert_eq!(report.layers[0].unit, "samples");
    let spot = |name: &str| {
        let spot = session.spot(name);
        (spot.self_weight, spot.total_weight.unwrap())
    };
    assert_eq!(spot("leaf"), (15.0, 15.0));
    assert_eq!(spot("fib"), (7.5, 7.5), "recursion counts once");
    assert_eq!(spot("is_even"), (0.0, 3.0));
    assert_eq!(spot("main"), (0.0, 24.0));
    assert_eq!(spot("busy-c"), (0.0, 25.0));
    assert_eq!(spot("compare"), (1.0, 1.0), "the suffix says inlined");
    assert_eq!(spot("do_syscall_64"), (0.5, 0.5), "the suffix says kernel");
    assert_eq!(spot("(idle)"), (1.0, 1.0));
    assert_eq!(session.spot("leaf").self_pct, 60.0);
}

#[test]
fn a_file_may_be_large_without_memory_growing_with_it() {
    let session = Session::new();
    let lines = "main;work;leaf 1\nmain;work 2\n".repeat(200_000);
    let report = session.add_text("large.folded", &lines);
    assert_eq!(
        (report.layers[0].total, report.layers[0].samples),
        (600_000.0, 600_000)
    );
    assert_eq!(session.count("samples"), 2, "equal stacks are one row");
    assert_eq!(session.count("stacks"), 3);
}

#[test]
fn lines_that_are_no_stacks_are_told() {
    let session = Session::new();
    let mut text = "main;work 1\n".repeat(2000);
    text.push_str("main;work\n");
    let message = session.refuse(&session.file("x.folded", text.as_bytes()));
    assert!(message.ends_with("x.folded:2001: the line is no folded stack: it should end in a blank and a number, like `main;work 12`"), "{message}");
    for line in ["main -1\n", "main nan\n", "main inf\n", "12\n"] {
        session.refuse(&session.file("y.folded", line.as_bytes()));
    }
    assert_eq!(session.count("layers"), 0);
}
