//! What is no difference.

use proptest::prelude::*;

use super::world::{Circumstances, Program, Step, Val, compared, programs, run, step};

fn value() -> impl Strategy<Value = Val> {
    prop_oneof![
        (-5_i64..50).prop_map(Val::Int),
        (0_u64..6).prop_map(Val::Object),
        "[a-z]{0,6}".prop_map(Val::Text),
        (0_i64..9, 0_u64..6, prop::collection::vec(0_i64..9, 0..4))
            .prop_map(|(n, next, items)| Val::Node(n, next, items)),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (1_u32..6, value(), value()).prop_map(|(line, x, y)| Step {
        line: line * 5,
        values: vec![("x", x), ("y", y)],
    });
    prop::collection::vec(step, 1..20)
}

fn program() -> impl Strategy<Value = Program> {
    prop::collection::vec(steps(), 1..5).prop_map(|threads| Program { threads })
}

fn circumstances() -> impl Strategy<Value = Circumstances> {
    // The first thread is the one that the process began with; the others come as they like.
    let numbers = Just((2..=16_i64).collect::<Vec<_>>()).prop_shuffle();
    let turns = prop::collection::vec(0_usize..8, 1..12);
    (0_u64..1 << 30, 0_u32..60, 2_i64..9000, numbers, turns).prop_map(
        |(base, second, pid, others, turns)| Circumstances {
            base: 0x7f00_0000_0000 + base * 4096,
            second,
            pid,
            numbers: std::iter::once(1).chain(others).collect(),
            turns,
            hash: "1:1",
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_session_is_the_same_as_itself(program in program()) {
        let session = run("a", &program, &Circumstances::default());
        let diff = compared(&session, &session);
        prop_assert!(diff.same, "{diff:#?}");
    }

    #[test]
    fn addresses_threads_numbers_their_interleaving_and_times_are_no_difference(
        program in program(), one in circumstances(), other in circumstances(),
    ) {
        let (a, b) = (run("a", &program, &one), run("b", &program, &other));
        let diff = compared(&a, &b);
        prop_assert!(diff.same, "{diff:#?}");
        prop_assert!(diff.objects.is_none(), "{:?}", diff.objects);
    }

    #[test]
    fn one_changed_value_is_found_at_its_hit(
        steps in prop::collection::vec((1_u32..6, -5_i64..50), 1..60), at in any::<prop::sample::Index>(),
        one in circumstances(), other in circumstances(),
    ) {
        let steps: Vec<Step> = steps.into_iter().map(|(line, n)| step(line, n)).collect();
        let at = at.index(steps.len());
        let mut changed = steps.clone();
        changed[at].values[0].1 = Val::Int(1000);
        let diff = compared(&run("a", &Program::of(steps), &one), &run("b", &Program::of(changed), &other));
        let parting = diff.parting.unwrap();
        prop_assert_eq!(parting.alike, at as u64);
        prop_assert_eq!(parting.a.unwrap().id.0, at as i64 + 1);
        prop_assert_eq!(&parting.values.rows[0].field, "n");
        prop_assert_eq!(parting.values.rows[0].b.as_deref(), Some("1000"));
    }

    #[test]
    fn one_missing_hit_is_found_and_the_runs_meet_again(
        steps in prop::collection::vec(1_u32..6, 8..60), at in any::<prop::sample::Index>(),
    ) {
        // Numbered, so that no hit is like its neighbour.
        let steps: Vec<Step> = steps.into_iter().zip(0..).map(|(line, n)| step(line, n)).collect();
        let at = at.index(steps.len());
        let mut shorter = steps.clone();
        shorter.remove(at);
        let diff = programs(steps.clone(), shorter);
        let parting = diff.parting.unwrap();
        prop_assert_eq!(parting.alike, at as u64);
        if let Some(met) = parting.met {
            prop_assert_eq!((met.only_a, met.only_b, met.values), (1, 0, true));
            prop_assert_eq!(met.alike, (steps.len() - at - 1) as u64);
        } else {
            prop_assert_eq!(at, steps.len() - 1);
        }
    }
}

#[test]
fn what_could_not_be_read_is_no_difference() {
    for status in ["optimized-out", "unavailable", "error", "uninitialized?"] {
        let with = |value| {
            vec![Step {
                line: 1,
                values: vec![("n", value), ("m", Val::Int(7))],
            }]
        };
        let unread = with(Val::Unread(status, 123));
        for other in [Val::Unread(status, 456), Val::Int(5)] {
            let diff = programs(unread.clone(), with(other));
            assert!(diff.same, "{status}: {diff:#?}");
        }
    }
}

#[test]
fn the_end_that_was_cut_off_is_no_difference() {
    let text = |head: &str, rest: &str, cut| {
        vec![Step {
            line: 1,
            values: vec![("s", Val::Cut(head.into(), rest.into(), cut))],
        }]
    };
    let whole = text("begin", " and end", false);
    assert!(
        programs(text("begin", "", true), whole.clone())
            .parting
            .is_none()
    );
    assert!(
        programs(whole.clone(), text("begin and", "", true))
            .parting
            .is_none()
    );
    assert!(programs(whole, text("other", "", true)).parting.is_some());
}

#[test]
fn sessions_without_hits_are_the_same() {
    let diff = programs(Vec::new(), Vec::new());
    assert!(diff.same);
    let diff = programs(Vec::new(), vec![step(1, 1)]);
    assert!(!diff.same);
    assert_eq!(diff.locations.rows[0].b, 1);
}
