//! Names of elements, as they stand behind the name of what holds them: `[3]`, `["a"]`, `['\'']`.

use std::sync::Arc;

use super::{Value, text};

/// The name of an element by its position.
#[must_use]
pub fn element(position: usize) -> Arc<str> {
    let mut digits = itoa::Buffer::new();
    in_brackets(|out| out.push_str(digits.format(position)))
}

/// The name of a map's entry by its key.
#[must_use]
pub fn entry(key: &Value) -> Arc<str> {
    in_brackets(|out| text::write_key(key, out))
}

fn in_brackets(write: impl FnOnce(&mut String)) -> Arc<str> {
    let mut name = String::with_capacity(16);
    name.push('[');
    write(&mut name);
    name.push(']');
    name.into()
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::value::locals::steps;
    use crate::value::{Body, Status};

    fn key(body: Body) -> Value {
        Value::plain("", "K", body)
    }

    fn of(body: Body, children: Vec<Value>) -> Value {
        Value::aggregate("", "K", body, children)
    }

    fn named(name: &str, body: Body) -> Value {
        Value::plain(name, "K", body)
    }

    fn cut(value: Value) -> Value {
        Value {
            status: Some(Status::Truncated),
            ..value
        }
    }

    fn text(bytes: &[u8]) -> Value {
        key(Body::Str(bytes.to_vec()))
    }

    fn of_numbers() -> Vec<(Value, &'static str)> {
        vec![
            (key(Body::Int(3)), "[3]"),
            (
                key(Body::Int(i128::MIN)),
                "[-170141183460469231731687303715884105728]",
            ),
            (
                key(Body::unsigned(u128::MAX)),
                "[340282366920938463463374607431768211455]",
            ),
            (key(Body::unsigned(7)), "[7]"),
            (key(Body::Bool(true)), "[true]"),
            (key(Body::Enum("READ | WRITE".into())), "[READ | WRITE]"),
            (key(Body::Pointer(0x10)), "[0x10]"),
            (key(Body::F32(100_000.0)), "[100000]"),
            (key(Body::F32(0.3)), "[0.3]"),
            (key(Body::F64(0.1)), "[0.1]"),
            (key(Body::F64(-0.0)), "[-0]"),
            (key(Body::F64(1e16)), "[1e+16]"),
            (key(Body::F64(-1e-5)), "[-1e-05]"),
            (key(Body::F64(f64::NEG_INFINITY)), "[-inf]"),
            (key(Body::F64(-f64::NAN)), "[nan]"),
        ]
    }

    fn of_texts() -> Vec<(Value, &'static str)> {
        vec![
            (key(Body::byte(b'a')), "['a']"),
            (key(Body::byte(b'\'')), r"['\'']"),
            (key(Body::byte(b'"')), "['\"']"),
            (key(Body::byte(b'\\')), r"['\\']"),
            (key(Body::byte(0)), r"['\x00']"),
            (key(Body::byte(0x7f)), r"['\x7f']"),
            (key(Body::byte(0xe9)), r"['\xe9']"),
            (key(Body::Char(0xe9)), "['\u{e9}']"),
            (key(Body::Char(0x202e)), r"['\u{202e}']"),
            (key(Body::Char(0xd800)), r"['\xd800']"),
            (key(Body::Char(u32::MAX)), r"['\xffffffff']"),
            (text(b""), r#"[""]"#),
            (text(b"a"), r#"["a"]"#),
            (text(b"a.[b"), r#"["a.[b"]"#),
            (text(b"it's"), r#"["it's"]"#),
            (text(b"]\""), r#"["]\""]"#),
            (text(b"a\\"), r#"["a\\"]"#),
            (text(b"\n\0"), r#"["\n\x00"]"#),
            (text(b"\xff"), r#"["\xff"]"#),
            (text("grüße\u{202e}".as_bytes()), r#"["grüße\u{202e}"]"#),
            (cut(text(b"begin")), r#"["begin"...]"#),
        ]
    }

    fn of_parts() -> Vec<(Value, &'static str)> {
        let pair = vec![
            named("first", Body::Char(39)),
            named("second", Body::Str(b"]".to_vec())),
        ];
        let entry = named("['\"']", Body::Int(1));
        let long = (0..24)
            .map(|n| named("x", Body::Int(n + 1_000_000)))
            .collect();
        let missing = cut(key(Body::None(None)));
        vec![
            (of(Body::Struct, vec![]), "[{}]"),
            (of(Body::Struct, pair.clone()), r#"[{'\'', "]"}]"#),
            (of(Body::Array, vec![text(b"]")]), r#"[{"]"}]"#),
            (cut(of(Body::Array, pair.clone())), r#"[{'\'', "]"...}]"#),
            (of(Body::Map, vec![entry]), r#"[{['"'] = 1}]"#),
            (of(Body::Variant("None".into()), vec![]), "[None]"),
            (
                of(Body::Variant("Some".into()), pair),
                r#"[Some('\'', "]")]"#,
            ),
            (cut(key(Body::Struct)), "[{...}]"),
            (missing, "[<not read>]"),
            (of(Body::Struct, long), LONG),
        ]
    }

    /// No summary: what differs at the end only is another key.
    const LONG: &str = "[{1000000, 1000001, 1000002, 1000003, 1000004, 1000005, 1000006, 1000007, \
        1000008, 1000009, 1000010, 1000011, 1000012, 1000013, 1000014, 1000015, 1000016, 1000017, \
        1000018, 1000019, 1000020, 1000021, 1000022, 1000023}]";

    /// Keys, and what every maker and every reader calls their entries.
    pub(crate) fn table() -> Vec<(Value, &'static str)> {
        [of_numbers(), of_texts(), of_parts()].concat()
    }

    #[test]
    fn entries_are_called_by_their_keys() {
        for (key, name) in table() {
            assert_eq!(&*entry(&key), name);
        }
        assert_eq!(&*element(0), "[0]");
        assert_eq!(&*element(1_234_567), "[1234567]");
    }

    #[test]
    fn a_key_without_parts_has_the_text_of_such_a_value() {
        for (key, name) in [of_numbers(), of_texts()].concat() {
            assert_eq!(format!("[{}]", key.text()), name);
        }
    }

    proptest! {
        #[test]
        fn a_name_is_one_step_of_a_path(bytes in any::<Vec<u8>>(), code in any::<u32>(), byte in any::<u8>()) {
            for key in [text(&bytes), cut(text(&bytes)), key(Body::Char(code)), key(Body::byte(byte))] {
                let name = entry(&key);
                prop_assert_eq!(steps(&format!("m{name}.x")), ["m", &*name, "x"]);
            }
        }
    }
}
