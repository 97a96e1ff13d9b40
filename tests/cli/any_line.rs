//! Whatever is typed, there is an answer: no panic, the right exit code, and
//! JSON where JSON was asked for.

use proptest::prelude::*;
use proptest::sample::select;

use super::world::World;

/// Words that commands are made of, right and wrong. Nothing that writes to
/// the user's own folders or starts debuggers.
const WORDS: [&str; 38] = [
    "new",
    "save",
    "promote",
    "prune",
    "status",
    "list",
    "hits",
    "show",
    "note",
    "sql",
    "layer",
    "add",
    "reindex",
    "hotspots",
    "cross",
    "hit-diff",
    "hit-trend",
    "callers",
    "n",
    "t.c:10",
    "main",
    "demo",
    "1",
    "-1",
    "0",
    "--limit",
    "--session",
    "--fields",
    "--thread",
    "--dry-run",
    "--older-than",
    "--hit",
    "--group",
    "--label",
    "SELECT 1",
    "DELETE FROM notes",
    "--",
    "",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn any_line_is_answered(
        words in prop::collection::vec(prop_oneof![4 => select(&WORDS[..]).prop_map(str::to_owned), 1 => "\\PC{0,8}"], 0..6),
        json in any::<bool>(),
        terminal in any::<bool>(),
    ) {
        prop_assume!(!words.iter().any(|word| ["config", "setup", "doctor", "--"].contains(&word.as_str())));
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
