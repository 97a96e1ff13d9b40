//! Whatever is typed, there is an answer: no panic, the right exit code, and
//! JSON where JSON was asked for.

use proptest::prelude::*;
use proptest::sample::select;

use super::words::all_but;
use super::world::World;

/// Not typed here: what writes to the user's own folders or starts debuggers, and what answers
/// with text whatever was asked for.
const LEFT_OUT: [&str; 5] = ["config", "setup", "doctor", "--help", "--json"];

/// What stands behind verbs and flags, right and wrong.
const VALUES: [&str; 13] = [
    "n",
    "n,p.x",
    "n > 1",
    "t.c:10",
    "main",
    "demo",
    "1",
    "-1",
    "0",
    "first",
    "SELECT 1",
    "DELETE FROM notes",
    "",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(all_but(&LEFT_OUT)),
        3 => select(&VALUES[..]).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn any_line_is_answered(
        words in prop::collection::vec(word(), 0..6),
        json in any::<bool>(),
        terminal in any::<bool>(),
    ) {
        prop_assume!(!words.iter().any(|word| word == "--" || LEFT_OUT.contains(&word.as_str())));
        let world = World::with_demo();
        let mut args: Vec<&str> = words.iter().map(String::as_str).collect();
        if json {
            args.push("--json");
        }
        let output = world.inside(None, terminal.then_some(80), &args);
        prop_assert!(output.code <= 2);
        prop_assert!(!output.err.contains("failed inside"), "{output:?}");
        prop_assert!(output.code == 0 || json || !output.err.is_empty(), "{output:?}");
        if json {
            let document: serde_json::Value = serde_json::from_str(&output.out).map_err(|e| {
                TestCaseError::fail(format!("{e}: {args:?} {output:?}"))
            })?;
            prop_assert_eq!(document.get("error").is_some(), output.code != 0, "{:?}", output);
        }
    }
}
