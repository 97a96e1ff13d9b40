//! Whatever happens to a profile on its way, reading it answers or complains; it never panics, and a complaint
//! changes nothing.

use super::*;
use dbg_session::layers::{Options, format_named, parse};
use proptest::prelude::*;

/// The beginning of a real profile: enough of every kind of line.
fn head(name: &str, bytes: usize) -> Vec<u8> {
    let mut text = std::fs::read(data(name)).unwrap();
    text.truncate(bytes);
    text
}

fn damaged() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let files = prop_oneof![
        Just(("callgrind", "callgrind/cache.out")),
        Just(("perf-script", "perf/inline.script")),
        Just(("perf-script", "perf/flat.script")),
        Just(("folded", "folded/busy.folded")),
    ];
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
