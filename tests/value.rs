//! The same state, the same text; and JSON that holds it, whatever it is.

use dbg_session::value::locals::{locals_json, value_json};
use dbg_session::value::{Body, Status, Value, quoted};
use proptest::prelude::*;
use serde_json::Value as Json;

fn text(body: Body) -> String {
    Value::plain("v", "t", body).text()
}

fn int(name: &str, n: i128) -> Value {
    Value::plain(name, "int", Body::Int(n))
}

fn parsed(values: &[Value]) -> Json {
    serde_json::from_str(&locals_json(values)).unwrap()
}

#[test]
fn scalars() {
    assert_eq!(
        text(Body::Int(i128::from(i64::MIN))),
        "-9223372036854775808"
    );
    assert_eq!(text(Body::Bool(true)), "true");
    assert_eq!(text(Body::Pointer(0)), "0x0");
    assert_eq!(text(Body::Pointer(0x7f_fe01)), "0x7ffe01");
    assert_eq!(text(Body::Enum("RED".into())), "RED");
    let char = |c: char| text(Body::Char(c.into()));
    assert_eq!(
        [char('a'), char('\n'), char('\''), char('\0')],
        ["'a'", "'\\n'", "'\\''", "'\\x00'"]
    );
}

#[test]
fn floats_are_the_shortest_that_read_back() {
    let double = |x| text(Body::F64(x));
    assert_eq!(double(0.1), "0.1");
    assert_eq!(double(3.0), "3");
    assert_eq!(double(-0.0), "-0");
    assert_eq!(double(1e20), "1e+20");
    assert_eq!(double(1e15), "1000000000000000");
    assert_eq!(double(1.5e-7), "1.5e-07");
    assert_eq!(double(0.0001), "0.0001");
    assert_eq!(double(123_456.789), "123456.789");
    assert_eq!(double(f64::MAX), "1.7976931348623157e+308");
    assert_eq!(double(f64::NAN), "nan");
    assert_eq!(double(f64::NEG_INFINITY), "-inf");
    assert_eq!(text(Body::F32(0.1)), "0.1");
    assert_eq!(text(Body::F32(16_777_216.0)), "16777216");
}

#[test]
fn strings_are_quoted_and_escaped() {
    assert_eq!(quoted(b"abc"), r#""abc""#);
    assert_eq!(quoted(b"a\"b\\c\n\t"), r#""a\"b\\c\n\t""#);
    assert_eq!(quoted(b"\x1b[31m\x07"), r#""\x1b[31m\x07""#);
    assert_eq!(quoted("grüße".as_bytes()), "\"grüße\"");
    assert_eq!(quoted(b"\xff\xfe"), r#""\xff\xfe""#);
    assert_eq!(quoted("\u{202e}x".as_bytes()), r#""\u{202e}x""#);
    let cut = Value {
        status: Some(Status::Truncated),
        ..Value::plain("s", "char *", Body::Str(b"begin".to_vec()))
    };
    assert_eq!(cut.text(), r#""begin"..."#);
}

#[test]
fn aggregates() {
    let point = Value::aggregate("p", "point", Body::Struct, vec![int("x", 3), int("y", 0)]);
    assert_eq!(point.text(), "{x = 3, y = 0}");
    let array = |children| Value::aggregate("a", "int[3]", Body::Array, children);
    assert_eq!(array(vec![int("[0]", 1), int("[1]", 2)]).text(), "{1, 2}");
    assert_eq!(array(vec![]).text(), "{}");
    let cut = Value {
        status: Some(Status::Truncated),
        count: Some(9),
        ..array(vec![int("[0]", 1)])
    };
    assert_eq!(cut.text(), "{1...}");
    let map = Value::aggregate("m", "map", Body::Map, vec![int("[\"a\"]", 1)]);
    assert_eq!(map.text(), r#"{["a"] = 1}"#);
    let variant =
        |name: &str, children| Value::aggregate("v", "E", Body::Variant(name.into()), children);
    assert_eq!(variant("None", vec![]).text(), "None");
    assert_eq!(variant("Some", vec![int("0", 3)]).text(), "Some(3)");
    assert_eq!(
        variant("Circle", vec![int("r", 3)]).text(),
        "Circle {r = 3}"
    );
}

#[test]
fn a_missing_value_says_why() {
    let missing = |status, why: Option<&str>| {
        Value {
            status: Some(status),
            ..Value::plain("v", "int", Body::None(why.map(Into::into)))
        }
        .text()
    };
    assert_eq!(missing(Status::OptimizedOut, None), "<optimized out>");
    assert_eq!(
        missing(Status::Error, Some("no memory at 0x8")),
        "<no memory at 0x8>"
    );
    assert_eq!(missing(Status::Truncated, None), "<not read>");
}

#[test]
fn json_nests_members_by_name() {
    let point = Value::aggregate("p", "point", Body::Struct, vec![int("x", 3), int("y", 0)]);
    let argument = Value {
        arg: true,
        ..int("x", 8)
    };
    let json = parsed(&[point, argument]);
    assert_eq!(json["p"]["x"]["value"], "3");
    assert_eq!(json["p"]["value"], "{x = 3, y = 0}");
    assert_eq!(
        json["x"],
        serde_json::json!({"type": "int", "value": "8", "arg": true})
    );
}

#[test]
fn members_with_the_names_of_keys_are_told_apart() {
    let members = ["type", "value", "status", "count", "arg"];
    let object = Value {
        status: Some(Status::Truncated),
        ..Value::aggregate(
            "o",
            "odd",
            Body::Struct,
            members.iter().map(|name| int(name, 1)).collect(),
        )
    };
    let json = &parsed(&[object])["o"];
    assert_eq!(json["type"], "odd");
    assert!(json["value"].is_string());
    for path in [".type", ".value", "status", "count", "arg"] {
        assert_eq!(json[path]["value"], "1", "{path}");
    }
    assert_eq!(json[".status"], "truncated");
}

#[test]
fn names_that_come_twice_are_all_kept() {
    let json = parsed(&[int("x", 1), int("x", 2), int("x", 3)]);
    assert_eq!(json["x"]["value"], "1");
    assert_eq!(json["x#2"]["value"], "2");
    assert_eq!(json["x#3"]["value"], "3");
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i128>().prop_map(Body::Int),
        any::<f64>().prop_map(Body::F64),
        any::<f32>().prop_map(Body::F32),
        any::<u32>().prop_map(Body::Char),
        any::<Vec<u8>>().prop_map(Body::Str),
        any::<String>().prop_map(Body::Text),
        any::<Option<String>>().prop_map(Body::None),
    ];
    let value = (any::<String>(), any::<String>(), leaf)
        .prop_map(|(name, kind, body)| Value::plain(name, kind, body));
    value.prop_recursive(3, 24, 5, |inner| {
        let body = prop_oneof![
            Just(Body::Struct),
            Just(Body::Array),
            Just(Body::Map),
            any::<String>().prop_map(Body::Variant)
        ];
        (any::<String>(), body, prop::collection::vec(inner, 0..5))
            .prop_map(|(name, body, children)| Value::aggregate(name, "t", body, children))
    })
}

proptest! {
    #[test]
    fn json_is_json_and_texts_are_one_line(values in prop::collection::vec(any_value(), 0..5)) {
        let json = parsed(&values);
        prop_assert_eq!(json.as_object().unwrap().len(), values.len());
        for value in &values {
            let text = value.text();
            prop_assert!(!text.chars().any(char::is_control), "{text:?}");
            let one: Json = serde_json::from_str(&value_json(value)).unwrap();
            prop_assert_eq!(one["value"].as_str().unwrap(), text);
        }
    }

    #[test]
    fn floats_read_back(x in any::<f64>(), y in any::<f32>()) {
        if x.is_finite() {
            prop_assert_eq!(text(Body::F64(x)).parse::<f64>().unwrap().to_bits(), x.to_bits());
        }
        if y.is_finite() {
            prop_assert_eq!(text(Body::F32(y)).parse::<f32>().unwrap().to_bits(), y.to_bits());
        }
    }
}
