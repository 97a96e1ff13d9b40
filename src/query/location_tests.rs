use proptest::prelude::*;

use super::*;

fn known(places: &[(&str, &str)]) -> Vec<Known> {
    let known = places.iter().map(|(key, function)| Known {
        key: (*key).into(),
        function: (!function.is_empty()).then(|| (*function).into()),
    });
    known.collect()
}

fn some() -> Vec<Known> {
    known(&[
        ("src/t.c:10", "main"),
        ("src/t.c:12", "main"),
        ("lib/t.c:10", "ns::parse"),
        ("t2.c:7", "other::parse"),
        ("a.c:5", "a"),
        ("deep/a.c:5", "a"),
        ("/usr/include/x.h:3", "x"),
        ("libc.so.6!memcpy+0x10", ""),
    ])
}

fn ask(asked: &str) -> Result<Vec<String>, LocationError> {
    let cwd = Path::new("/proj/src");
    resolve(asked, &some(), Some(Path::new("/proj")), cwd).map(|place| place.keys)
}

#[test]
fn an_exact_key_wins_over_a_suffix() {
    assert_eq!(ask("a.c:5").unwrap(), ["a.c:5"]);
    assert_eq!(ask("deep/a.c:5").unwrap(), ["deep/a.c:5"]);
}

#[test]
fn a_suffix_counts_from_a_path_boundary() {
    assert_eq!(ask("t.c:12").unwrap(), ["src/t.c:12"]);
    assert_eq!(ask("x.h:3").unwrap(), ["/usr/include/x.h:3"]);
    assert!(ask("2.c:7").is_err());
    assert_eq!(ask("memcpy+0x10").unwrap(), ["libc.so.6!memcpy+0x10"]);
}

#[test]
fn paths_are_seen_from_the_asker() {
    assert_eq!(ask("/proj/src/t.c:10").unwrap(), ["src/t.c:10"]);
    assert_eq!(ask("../lib/t.c:10").unwrap(), ["lib/t.c:10"]);
    assert_eq!(ask("./t2.c:7").unwrap(), ["t2.c:7"]);
}

#[test]
fn functions_and_files_mean_all_their_lines() {
    assert_eq!(ask("main").unwrap(), ["src/t.c:10", "src/t.c:12"]);
    assert_eq!(ask("main()").unwrap(), ["src/t.c:10", "src/t.c:12"]);
    assert_eq!(ask("ns::parse").unwrap(), ["lib/t.c:10"]);
    assert_eq!(ask("src/t.c").unwrap(), ["src/t.c:10", "src/t.c:12"]);
}

#[test]
fn what_may_mean_several_says_which() {
    let said = ask("t.c:10").unwrap_err().to_string();
    assert_eq!(
        said,
        "`t.c:10` may mean `src/t.c:10` or `lib/t.c:10`; write more of it"
    );
    let said = ask("parse").unwrap_err().to_string();
    assert_eq!(
        said,
        "`parse` may mean `ns::parse` or `other::parse`; write more of it"
    );
    let said = ask("t.c").unwrap_err().to_string();
    assert_eq!(
        said,
        "`t.c` may mean `lib/t.c` or `src/t.c`; write more of it"
    );
}

#[test]
fn the_unknown_gets_a_hint() {
    let said = ask("t2.c:9").unwrap_err().to_string();
    assert!(
        said.starts_with("no hit was recorded at `t2.c:9`; the nearest known: `t2.c:7`"),
        "{said}"
    );
    let said = ask("mian").unwrap_err().to_string();
    assert!(said.contains("`main`"), "{said}");
    let said = resolve("main", &[], None, Path::new("/"))
        .unwrap_err()
        .to_string();
    assert_eq!(
        said,
        "no hit was recorded at `main`; the session has no hits yet"
    );
}

proptest! {
    #[test]
    fn every_key_finds_itself(folders in prop::collection::vec("[a-z]{1,3}", 0..4), file in "[a-z]{1,3}\\.c", line in 1u32..99) {
        let key = format!("{}:{line}", folders.iter().chain([&file]).cloned().collect::<Vec<_>>().join("/"));
        let all = known(&[(&key, "f"), ("zzz/other.c:1", "g")]);
        let find = |asked: &str| resolve(asked, &all, Some(Path::new("/p")), Path::new("/p")).map(|p| p.keys);
        prop_assert_eq!(find(&key).unwrap(), vec![key.clone()]);
        prop_assert_eq!(find(&format!("{file}:{line}")).unwrap(), vec![key.clone()]);
        prop_assert_eq!(find(&format!("/p/{key}")).unwrap(), vec![key.clone()]);
    }

    #[test]
    fn whatever_is_asked_gets_an_answer(asked in "\\PC{0,20}") {
        if let Ok(place) = resolve(&asked, &some(), Some(Path::new("/proj")), Path::new("/proj")) {
            prop_assert!(!place.keys.is_empty());
            prop_assert!(place.keys.iter().all(|key| some().iter().any(|k| k.key == *key)));
        }
    }
}

#[test]
fn functions_that_share_a_line_are_found_by_their_names() {
    let shared = known(&[
        ("q.h:6", "a::Q<double>::operator()"),
        ("q.h:6", "a::Q<int>::operator()"),
    ]);
    let ask = |asked: &str| resolve(asked, &shared, None, Path::new("/"));
    let place = ask("a::Q<int>::operator()").unwrap();
    assert_eq!(place.keys, ["q.h:6"]);
    assert_eq!(place.function.as_deref(), Some("a::Q<int>::operator()"));
    assert!(matches!(
        ask("operator()"),
        Err(LocationError::Ambiguous { .. })
    ));
    assert_eq!(ask("q.h:6").unwrap().keys, ["q.h:6"]);
}

#[test]
fn a_function_is_found_however_a_person_writes_it() {
    let all = known(&[
        ("b.h:6", "ns::Box<int>::get"),
        ("p.c:2", "parse"),
        ("o.h:1", "ns::Box<int>::operator[]"),
        ("r.rs:9", "<app::Shape as app::Draw>::draw"),
    ]);
    let functions = all.iter().filter_map(|known| known.function.as_deref());
    let functions: Vec<&str> = functions.collect();
    for (asked, key) in [
        ("ns::Box::get", "b.h:6"),
        ("Box<int>::get", "b.h:6"),
        ("get", "b.h:6"),
        ("parse(int)", "p.c:2"),
        ("parse()", "p.c:2"),
        ("Box::operator[]", "o.h:1"),
        ("Shape::draw", "r.rs:9"),
    ] {
        let place = resolve(asked, &all, None, Path::new("/")).expect(asked);
        assert_eq!(place.keys, [key], "{asked}");
        // As `cross` and `callers` find it.
        let found = lookup(asked, functions.iter().copied());
        assert_eq!(place.function.map(Lookup::Found), Some(found), "{asked}");
    }
}
