//! Where runs part, and how that is told.

use dbg_session::query::diff::{How, Met, Options, Parting, diff};
use dbg_session::rusqlite::params;

use super::world::{Circumstances, Program, Step, Val, compared, programs, run, step};

fn loop_of(n: i64) -> Vec<Step> {
    (0..n).map(|i| step(10, i)).collect()
}

fn parting(a: Vec<Step>, b: Vec<Step>) -> Parting {
    programs(a, b).parting.unwrap()
}

#[test]
fn other_values_at_the_same_place() {
    let mut b = loop_of(20);
    b[7].values[0].1 = Val::Int(99);
    let parting = parting(loop_of(20), b);
    assert_eq!((parting.how, parting.alike), (How::Values, 7));
    let ids = |hits: &[dbg_session::query::hits::Hit]| -> Vec<i64> {
        hits.iter().map(|hit| hit.id.0).collect()
    };
    assert_eq!(ids(&parting.before), [5, 6, 7]);
    assert_eq!(ids(&parting.after_b), [9, 10, 11]);
    let value = &parting.values.rows[0];
    assert_eq!(value.before.as_deref(), Some("6"));
    assert_eq!(
        (value.a.as_deref(), value.b.as_deref()),
        (Some("7"), Some("99"))
    );
    let met = Met {
        only_a: 1,
        only_b: 1,
        alike: 12,
        values: true,
    };
    assert_eq!(parting.met, Some(met));
}

#[test]
fn another_place() {
    let mut b = loop_of(20);
    b.splice(7..7, [step(30, 1), step(31, 1)]);
    let parting = parting(loop_of(20), b);
    assert_eq!((parting.how, parting.alike), (How::Way, 7));
    assert_eq!(parting.a.unwrap().location, "t.c:10");
    assert_eq!(parting.b.unwrap().location, "t.c:30");
    let met = parting.met.unwrap();
    assert_eq!((met.only_a, met.only_b, met.alike), (0, 2, 13));
}

#[test]
fn one_run_ends() {
    let parting = parting(loop_of(20), loop_of(7));
    assert_eq!((parting.how, parting.alike), (How::End, 7));
    assert!(parting.b.is_none());
    assert_eq!((parting.left_a, parting.left_b), (13, 0));
}

#[test]
fn values_that_stay_apart_go_the_same_way() {
    let shifted = |by: i64| {
        let ten = loop_of(10).into_iter();
        ten.chain((10..40).map(|i| step(10, i + by))).collect()
    };
    let parting = parting(shifted(0), shifted(100));
    let met = parting.met.unwrap();
    assert_eq!(
        (met.only_a, met.only_b, met.values, met.alike),
        (0, 0, false, 30)
    );
}

#[test]
fn a_container_with_one_element_more() {
    let node = |items: Vec<i64>| {
        vec![Step {
            line: 1,
            values: vec![("p", Val::Node(1, 0, items))],
        }]
    };
    let diff = programs(node(vec![1, 2]), node(vec![1, 2, 3]));
    let value = &diff.parting.unwrap().values.rows[0];
    assert_eq!(value.field, "p.items[2]");
    assert_eq!((value.a.as_deref(), value.b.as_deref()), (None, Some("3")));
    let field = &diff.values.rows[0];
    assert_eq!(field.field, "p.items[…]");
}

#[test]
fn null_is_not_an_object() {
    let pointer = |object| {
        vec![Step {
            line: 1,
            values: vec![("p", Val::Object(object))],
        }]
    };
    assert!(programs(pointer(1), pointer(2)).same);
    let value = &parting(pointer(1), pointer(0)).values.rows[0];
    assert_eq!(value.b.as_deref(), Some("0x0"));
}

#[test]
fn another_object_is_told_without_being_a_difference() {
    let steps = |objects: [u64; 4]| {
        objects
            .map(|object| Step {
                line: 1,
                values: vec![("p", Val::Object(object))],
            })
            .to_vec()
    };
    let diff = programs(steps([1, 2, 1, 3]), steps([4, 5, 5, 6]));
    assert!(diff.same);
    let objects = diff.objects.unwrap();
    assert_eq!(objects.a.seq.0, 3);
    let pointer = &objects.pointers[0];
    assert_eq!(pointer.a.as_ref().unwrap().seq.0, 1);
    assert_eq!(pointer.b.as_ref().unwrap().seq.0, 2);
}

#[test]
fn a_signal_is_another_way() {
    let (a, b) = (loop_of(5), loop_of(5));
    let around = Circumstances::default();
    let (a, b) = (
        run("a", &Program::of(a), &around),
        run("b", &Program::of(b), &around),
    );
    b.conn()
        .execute(
            "UPDATE breakpoint_hits SET reason = 'signal', detail = 'SIGSEGV' WHERE id = 5",
            [],
        )
        .unwrap();
    let parting = compared(&a, &b).parting.unwrap();
    assert_eq!((parting.how, parting.alike), (How::Way, 4));
}

#[test]
fn the_thread_that_parts_is_named_and_the_others_are_alike() {
    let thread = |from: i64| -> Vec<Step> { (0..10).map(|i| step(10, from + i)).collect() };
    let program = |odd| {
        let mut threads = vec![loop_of(3), thread(100), thread(200), thread(300)];
        threads[2][4].values[0].1 = Val::Int(odd);
        Program { threads }
    };
    let other = Circumstances {
        numbers: vec![1, 4, 2, 3],
        turns: vec![3, 1, 2],
        ..Circumstances::default()
    };
    let (a, b) = (
        run("a", &program(204), &Circumstances::default()),
        run("b", &program(-1), &other),
    );
    let diff = compared(&a, &b);
    let parting = diff.parting.unwrap();
    assert_eq!((parting.how, parting.alike), (How::Values, 4));
    assert_eq!(parting.thread_a.unwrap().number, "3");
    assert_eq!(parting.thread_b.unwrap().number, "2");
    assert!(diff.other_partings.is_empty());
}

#[test]
fn work_that_threads_shared_out_differently_is_said_to_be_the_same() {
    let around = Circumstances::default();
    let job = |n| vec![step(10, n), step(20, n)];
    let a = [job(1), job(2), job(3)].concat();
    let a = Program {
        threads: vec![vec![step(1, 0)], a, job(4)],
    };
    let b = [job(2), job(4), job(3)].concat();
    let b = Program {
        threads: vec![vec![step(1, 0)], b, job(1)],
    };
    let diff = compared(&run("a", &a, &around), &run("b", &b, &around));
    assert!(diff.parting.is_some());
    assert!(
        diff.notes[0].contains("shared out differently"),
        "{:?}",
        diff.notes
    );
}

#[test]
fn watches_are_values() {
    let around = Circumstances::default();
    let watched = |value: &str| {
        let session = run("a", &Program::of(loop_of(3)), &around);
        session
            .conn()
            .execute(
                "INSERT INTO watch_evals (session_id, hit_id, expr, value, type_name, ts)
                 SELECT ?, id, 'len * 2', iif(id = 2, ?, '1'), 'int', ts FROM breakpoint_hits",
                params![session.session_id(), value],
            )
            .unwrap();
        session
    };
    assert!(compared(&watched("1"), &watched("1")).same);
    let parting = compared(&watched("1"), &watched("7")).parting.unwrap();
    assert_eq!(parting.alike, 1);
    assert_eq!(parting.values.rows[0].field, "watch len * 2");
}

#[test]
fn what_is_ignored_is_not_compared() {
    let around = Circumstances::default();
    let with = |now| {
        let mut steps = loop_of(3);
        steps[1].values.push(("now", Val::Int(now)));
        steps[1].values.push(("p", Val::Node(now, 1, vec![1])));
        run("a", &Program::of(steps), &around)
    };
    let ignoring = |names: &[&str]| {
        let options = Options {
            ignored: names.iter().collect(),
            ..Options::default()
        };
        diff(&with(1), &with(2), &options).unwrap()
    };
    assert!(ignoring(&["now", "p.n"]).same);
    assert_eq!(
        ignoring(&["now"]).parting.unwrap().values.rows[0].field,
        "p.n"
    );
}

#[test]
fn ranges_and_sets_are_told_per_place() {
    let mut b = loop_of(20);
    b.extend((0..20).map(|_| step(20, 5)));
    let mut a = loop_of(25);
    a.extend((0..20).map(|i| step(20, 5 + i % 2)));
    let diff = programs(a, b);
    let rows: Vec<_> = diff
        .values
        .rows
        .iter()
        .map(|row| row.location.as_str())
        .collect();
    assert_eq!(rows, ["t.c:10", "t.c:20"]);
    let (range, set) = (&diff.values.rows[0], &diff.values.rows[1]);
    assert_eq!(range.a.as_ref().unwrap().max.unwrap().to_string(), "24");
    assert_eq!(
        set.a.as_ref().unwrap().values.as_ref().unwrap(),
        &["5", "6"]
    );
    assert_eq!(set.b.as_ref().unwrap().values.as_ref().unwrap(), &["5"]);
}

#[test]
fn functions_that_cost_more_are_told() {
    let profiled = |slow: f64| {
        let session = run("a", &Program::of(loop_of(1)), &Circumstances::default());
        let sql = "INSERT INTO symbols (id, session_id, lang, fqn, raw)
                 SELECT 901, id, 'c', 'slow', 'slow' FROM sessions UNION ALL
                 SELECT 902, id, 'c', 'fast', 'fast' FROM sessions;
             INSERT INTO layers (id, session_id, source, unit, total) SELECT 1, id, 'callgrind', 'Ir', 100 FROM sessions;";
        session.conn().execute_batch(sql).unwrap();
        for (symbol, weight) in [(901, slow), (902, 100.0 - slow)] {
            session
                .conn()
                .execute(
                    "INSERT INTO layer_functions (layer_id, symbol_id, self_weight, total_weight, samples)
                     VALUES (1, ?, ?, ?2, 0)",
                    params![symbol, weight],
                )
                .unwrap();
        }
        session
    };
    let diff = compared(&profiled(10.0), &profiled(30.0));
    let rows = diff.hot.unwrap().rows.rows;
    assert_eq!(rows.len(), 2);
    assert!(
        rows.iter()
            .any(|row| row.function == "slow" && row.change == 20.0)
    );
    assert!(compared(&profiled(10.0), &profiled(10.5)).same);
}

/// Another tool may write all of a struct into its text, with no members below it.
#[test]
fn a_struct_in_one_text_is_compared_as_text() {
    let with = |values: &str| {
        let session = run("a", &Program::of(loop_of(1)), &Circumstances::default());
        let set = "UPDATE breakpoint_hits SET locals_json = ?";
        session.conn().execute(set, params![values]).unwrap();
        session
    };
    let flat = |x: i64| format!(r#"{{"p":{{"type":"P","value":"{{x = {x}}}"}}}}"#);
    let taken_apart =
        r#"{"p":{"type":"P","value":"{x = 3}","x":{"type":"int","value":"3"}}}"#.to_owned();
    let parts = |a: &str, b: &str| {
        let found = compared(&with(a), &with(b));
        (found.parting.is_some(), !found.values.rows.is_empty())
    };
    assert_eq!(parts(&flat(3), &flat(4)), (true, true));
    assert_eq!(parts(&flat(3), &flat(3)), (false, false));
    assert_eq!(parts(&flat(3), &taken_apart), (false, false));
    assert_eq!(parts(&taken_apart, &flat(3)), (false, false));
}
