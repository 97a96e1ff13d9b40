use std::borrow::Cow;

use proptest::prelude::*;

use super::{Compare, Expr, Operand, Pattern, Where, parse};
use crate::query::read::field::{Field, Own};
use crate::value::locals::{Found, Path};

const LOCALS: &str = r#"{"i":{"type":"int","value":"3"},"big":{"type":"u64","value":"18446744073709551615"},
    "x":{"type":"double","value":"0.1"},"none":{"type":"double","value":"nan"},"ok":{"type":"bool","value":"true"},
    "p":{"type":"P *","value":"0x0"},"q":{"type":"Q *","value":"0x1f"},"c":{"type":"char","value":"'a'"},
    "s":{"type":"char *","value":"\"say \\\"hi\\\"\""},"cut":{"type":"char *","value":"\"begin\"...","status":"truncated"},
    "state":{"type":"enum state","value":"RUNNING"},"thread":{"type":"int","value":"77"},
    "m":{"type":"map","value":"{}","[\"a.b\"]":{"type":"int","value":"9"}},
    "gone":{"type":"int","value":"<optimized out>","status":"optimized-out"}}"#;

fn get(field: &Field) -> Option<Found<'static>> {
    let text = match field {
        Field::Value(named) => return named.path.find(LOCALS),
        Field::Own(Own::Seq) => "12",
        Field::Own(Own::Thread) => "2",
        Field::Own(Own::ThreadName) => "worker-1",
        Field::Own(Own::Time) => "2026-11-23T10:00:02.500000Z",
        Field::Own(Own::Function) => "ns::Parser::parse",
        Field::Own(Own::Location) => "src/t.c:10",
        Field::Own(_) => return None,
    };
    Some(Found {
        text: Cow::Borrowed(text),
        ..Found::default()
    })
}

fn passes(text: &str) -> bool {
    let expr = parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    let condition = Where::new(&expr);
    condition.passes(&|field| get(&condition.fields()[field]))
}

#[test]
fn what_passes() {
    for text in [
        "i > 2 and i < 4",
        "i == 3 or i == 4",
        "3 == i",
        "i = 3 && !(i == 4) || false == true",
        "not i == 4",
        "i == 0x3 and i == 3.0",
        "i != 10 and i < 10",
        "big == 18446744073709551615 and big > 18446744073709551614",
        "big == 0xffffffffffffffff",
        "x == 0.1 and x > 1e-5 and x < +.2 and x > -2.5e+1",
        "none == nan and none != 1 and not none < 1",
        "ok and ok == true and ok != false and ok == 1",
        "p == null and p == 0 and p == nullptr and not p",
        "q and q != NULL and q == 0x1f and q > 30",
        "c == 'a' and c == \"a\"",
        r#"s == "say \"hi\"" and s contains "hi" and s ~ "^say""#,
        "s != 3 and not s < 3 and not s > 3",
        "cut != \"begin\" and cut ~ '^begin' and cut contains egi",
        "state == RUNNING and state != STOPPED and state == 'RUNNING'",
        "state ~ 'RUN|WALK' and state !~ RUNS",
        "m[\"a.b\"] == 9",
        ".thread == 77 and `thread` == 2",
        "thread == 2 and thread == 'worker-1' and thread ~ '^worker'",
        "seq >= 12",
        "fn == parse and fn == Parser::parse and fn != arse",
        "location == t.c:10 and location == src/t.c:10",
        "time > 9:59 and time >= 10:00:02 and time == 10:00:02 and time < 10:00:02.6",
        "time >= 2026-11-23 and time == 2026-11-23T10 and not time > 10:00 and time == '2026-11-23 10:00'",
        "9:59 < time",
        "missing y and missing gone and exists i and exists p and not exists y",
        "i == thread or i != y",
    ] {
        // Each part alone, where no other could hide it.
        let parts: Vec<&str> = if text.contains(" or ") || text.contains('|') {
            vec![text]
        } else {
            text.split(" and ").collect()
        };
        for part in parts {
            assert!(passes(part), "{part}");
        }
    }
}

#[test]
fn what_does_not_pass() {
    for text in [
        "i > 3",
        "y == 1",
        "y != 1",
        "y",
        "gone != 1",
        "gone",
        "caller == main",
        "caller != main",
        "1 != y",
        "1 != gone",
        "'b' != caller",
        "i != gone",
        "y !~ x",
        "gone !~ x",
        "caller !~ main",
        "i == RUNNING",
        "s",
        "not s",
    ] {
        assert_eq!(passes(text), text == "s", "{text}");
    }
}

#[test]
fn what_is_no_condition_is_told_with_its_column() {
    let mut page = String::new();
    for text in [
        "",
        "i >",
        "i > > 3",
        "i > 3 and",
        "(i > 3",
        "i > 3)",
        "1 < i < 5",
        "i > 3 p == 4",
        "s == \"open",
        "`open > 3",
        "a[0 > 3",
        "i % 2 == 0",
        "i == 3x",
        "i + 1 == 3",
        "3",
        "exists 3",
        "s ~ '('",
        "s ~",
        "time > 5",
        "time == noon",
        "i == 10:00",
        "ü == 3 and €",
        "``",
    ] {
        let error = parse(text).expect_err(text);
        page += &format!("{text}\n{}^ {error}\n", " ".repeat(error.column - 1));
    }
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/where-errors.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    assert_eq!(page, std::fs::read_to_string(path).unwrap_or_default());
}

#[test]
fn nothing_nests_without_end() {
    let deep = "(".repeat(100_000) + "i";
    assert!(parse(&deep).unwrap_err().message.contains("too deep"));
    assert!(parse(&"not ".repeat(100_000)).is_err());
    let long = vec!["i == 3"; 10_000].join(" and ");
    assert!(passes(&long));
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z_.]{1,4}(\\[[0-9]\\]|\\.[a-z]{1,3}|->[a-z]|::[a-z]){0,2}",
        "[^`]{1,8}",
        prop::sample::select(
            &[
                "and", "not", "null", "true", "thread", "contains", "a-b", "->x", "a["
            ][..]
        )
        .prop_map(str::to_owned),
    ]
    .prop_filter("a name of a time is another thing", |name| name != "time")
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i128>().prop_map(|n| n.to_string()),
        any::<u64>().prop_map(|n| format!("{n:#x}")),
        any::<f64>().prop_map(|x| format!("{x:e}")),
    ]
    .prop_filter("one that begins with a digit", |text| !text.contains("inf"))
}

fn operand() -> impl Strategy<Value = Operand> {
    prop_oneof![
        name().prop_map(Operand::Name),
        number().prop_map(Operand::Number),
        any::<String>().prop_map(Operand::Text),
    ]
}

fn compare() -> impl Strategy<Value = Compare> {
    use Compare::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Unequal};
    prop::sample::select(&[Equal, Unequal, Less, LessOrEqual, Greater, GreaterOrEqual][..])
}

fn expr() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        name().prop_map(Expr::Exists),
        name().prop_map(Expr::Missing),
        name().prop_map(Expr::True),
        (operand(), compare(), operand()).prop_map(|(a, how, b)| Expr::Compare(a, how, b)),
        (operand(), operand()).prop_map(|(a, b)| Expr::Contains(a, b)),
        (operand(), any::<String>(), any::<bool>()).prop_map(|(a, text, negated)| {
            let text = regex_lite::escape(&text);
            let regex = regex_lite::Regex::new(&text).unwrap();
            let pattern = Pattern { text, regex };
            if negated {
                Expr::MatchesNot(a, pattern)
            } else {
                Expr::Matches(a, pattern)
            }
        }),
        compare().prop_map(|how| Expr::Compare(
            Operand::Name("time".into()),
            how,
            Operand::Time("10:00:02.5".into())
        )),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::Or),
            inner.prop_map(|expr| Expr::Not(Box::new(expr))),
        ]
    })
}

/// Whether `a how b` holds, `a` a value of the hit.
fn holds(a: &str, how: Compare, b: &str) -> bool {
    let json = serde_json::json!({ "a": { "type": "t", "value": a } }).to_string();
    let left = Operand::Name("a".into());
    let condition = Where::new(&Expr::Compare(left, how, Operand::Text(b.to_owned())));
    let path = Path::new("a");
    condition.passes(&|_| path.find(&json))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        number(),
        "[a-c]{0,3}",
        Just("true".to_owned()),
        Just("0x10".to_owned())
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_printed_reads_as_the_same(expr in expr()) {
        let printed = expr.to_string();
        let read = parse(&printed);
        prop_assert_eq!(read.as_ref().ok(), Some(&expr), "{} {:?}", printed, read);
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>(), like in "[a-z0-9()\\[\\]<>=!~&| \"'`.:+-]{0,30}") {
        for text in [text, like] {
            if let Err(error) = parse(&text) {
                prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1);
            }
        }
    }

    #[test]
    fn comparisons_obey_their_laws(a in text(), b in text()) {
        use Compare::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Unequal};
        let [eq, ne, lt, le, gt, ge] =
            [Equal, Unequal, Less, LessOrEqual, Greater, GreaterOrEqual].map(|how| holds(&a, how, &b));
        prop_assert_eq!(eq, !ne);
        prop_assert!(!(lt && gt) && !(eq && (lt || gt)));
        prop_assert_eq!(le, lt || (eq && le));
        prop_assert_eq!(ge, gt || (eq && ge));
        prop_assert!(holds(&a, Equal, &a));
        prop_assert_eq!(lt, holds(&b, Greater, &a));
        prop_assert_eq!(le, holds(&b, GreaterOrEqual, &a));
        prop_assert_eq!(eq, holds(&b, Equal, &a));
    }

    #[test]
    fn not_and_or_are_those_of_logic(a in expr(), b in expr()) {
        let passes = |expr: Expr| {
            let condition = Where::new(&expr);
            condition.passes(&|field| get(&condition.fields()[field]))
        };
        let not = |a: &Expr| Expr::Not(Box::new(a.clone()));
        let (x, y) = (passes(a.clone()), passes(b.clone()));
        prop_assert_eq!(passes(not(&a)), !x);
        prop_assert_eq!(passes(Expr::And(vec![a.clone(), b.clone()])), x && y);
        prop_assert_eq!(passes(Expr::Or(vec![a, b])), x || y);
    }
}
