//! Whatever happens to a profile on its way, reading it answers or complains; it never panics, and a complaint
//! changes nothing.

use std::collections::BTreeSet;

use super::*;
use dbg_session::layers::{Options, detect, format_named, formats, parse};
use proptest::prelude::*;

/// The beginning of a real profile: enough of every kind of line.
fn head(name: &str, bytes: usize) -> Vec<u8> {
    let mut text = std::fs::read(data(name)).unwrap();
    text.truncate(bytes);
    text
}

/// One that is enough of each format that is text, and one of perf's without call chains.
const FILES: &[&str] = &[
    "callgrind/cache.out",
    "perf/inline.script",
    "perf/flat.script",
    "folded/busy.folded",
];

/// A file's format, as it is found.
fn format_of(name: &str) -> &'static str {
    detect(&data(name), Path::new(name)).unwrap().name()
}

#[test]
fn every_format_is_damaged() {
    let damaged: BTreeSet<&str> = FILES.iter().map(|name| format_of(name)).collect();
    // Not text, and read by `perf` itself: `refused.rs` has what it may look like.
    let others = ["perf-data"];
    let names = formats().map(|format| format.name());
    let wanted: BTreeSet<&str> = names.filter(|name| !others.contains(name)).collect();
    assert_eq!(damaged, wanted);
}

fn damaged() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let files = prop::sample::select(FILES).prop_map(|file| (format_of(file), file));
    let pieces = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..6),
        Just(b"\n".to_vec()),
        Just(b" ".to_vec()),
        Just(b"fn=(".to_vec()),
        Just(b"calls=".to_vec()),
        Just(b"18446744073709551615".to_vec()),
        Just(b"-1".to_vec()),
        Just(b"(".to_vec()),
        Just(b"'2".to_vec()),
        Just(b"events: ".to_vec()),
        Just(b"part: 1\n".to_vec()),
        Just(b"1e999".to_vec()),
        Just("\u{e9}".as_bytes().to_vec()),
    ];
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0usize..20, pieces), 1..6);
    (files, edits).prop_map(|((format, file), edits)| {
        let mut bytes = head(file, 3000);
        for (at, removed, inserted) in edits {
            let at = at.index(bytes.len());
            let end = (at + removed).min(bytes.len());
            bytes.splice(at..end, inserted);
        }
        (format, bytes)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damage_is_never_fatal((format, bytes) in damaged()) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("profile");
        std::fs::write(&file, bytes).unwrap();
        if let Err(error) = parse(format_named(format).unwrap(), &file, &file, &Options::default()) {
            let message = error.to_string();
            prop_assert!(message.contains("profile") && !message.contains('\n'), "{message}");
        }
    }
}

#[test]
fn what_a_damaged_file_still_says_can_be_indexed() {
    let session = Session::new();
    for text in [
        "a;b 18446744073709551615\n",
        "a;b 0\n",
        "\u{1b}[31mred;\u{7}bell 1\n",
        ";;; 3\na;;b 1\n",
    ] {
        let result = add(
            &session.db,
            &session.file("odd.folded", text.as_bytes()),
            &AddOptions::default(),
        );
        if let Err(error) = result {
            assert!(error.to_string().contains("odd.folded"), "{error}");
        }
    }
    assert_eq!(session.count("pragma_foreign_key_check"), 0);
}
