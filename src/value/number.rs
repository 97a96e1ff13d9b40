//! A value as a number, compared exactly.

use std::cmp::Ordering;

/// A number as a debugger writes it.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// An integer.
    Int(i128),
    /// An integer that is greater than any [`Number::Int`].
    Big(u128),
    /// Any other number, infinities and what is none among them.
    Float(f64),
}

impl Number {
    /// Reads decimal and hexadecimal integers of up to 128 bits, pointers,
    /// and floating point: `-3`, `0x7ffe01`, `1e+20`, `nan`, `-inf`.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes() {
            [b'-', ..] => (true, &text[1..]),
            [b'+', ..] => (false, &text[1..]),
            _ => (false, text),
        };
        if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return match digits {
                "nan" => Some(Self::Float(f64::NAN)),
                "inf" if negative => Some(Self::Float(f64::NEG_INFINITY)),
                "inf" => Some(Self::Float(f64::INFINITY)),
                _ => None,
            };
        }
        let magnitude = match digits
            .strip_prefix("0x")
            .or_else(|| digits.strip_prefix("0X"))
        {
            // `from_str_radix` takes a sign of its own.
            Some(hex) if hex.starts_with(|c: char| c.is_ascii_hexdigit()) => {
                u128::from_str_radix(hex, 16).ok()?
            }
            _ => match digits.parse() {
                Ok(magnitude) => magnitude,
                Err(_) => return text.parse().ok().map(Self::Float),
            },
        };
        Self::integer(negative, magnitude)
    }

    fn integer(negative: bool, magnitude: u128) -> Option<Self> {
        match (negative, i128::try_from(magnitude)) {
            (false, Ok(n)) => Some(Self::Int(n)),
            (true, Ok(n)) => Some(Self::Int(-n)),
            (false, Err(_)) => Some(Self::Big(magnitude)),
            (true, Err(_)) => {
                (magnitude == i128::MIN.unsigned_abs()).then_some(Self::Int(i128::MIN))
            }
        }
    }

    /// As floating point, rounded where it has to be.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Int(n) => n as f64,
            Self::Big(n) => n as f64,
            Self::Float(x) => x,
        }
    }

    /// Whether it is anything but zero.
    #[must_use]
    pub fn is_nonzero(self) -> bool {
        self != Self::Int(0)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Number {
    /// Exact across the kinds: 2⁵³ + 1 is greater than the float 2⁵³.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (*self, *other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            (Self::Big(a), Self::Big(b)) => Some(a.cmp(&b)),
            (Self::Int(_), Self::Big(_)) => Some(Ordering::Less),
            (Self::Big(_), Self::Int(_)) => Some(Ordering::Greater),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            (Self::Float(x), integer) => Some(against(integer, x)?.reverse()),
            (integer, Self::Float(x)) => against(integer, x),
        }
    }
}

/// An integer against a float: their whole parts, then what the float has besides.
fn against(integer: Number, x: f64) -> Option<Ordering> {
    const TWO_TO_127: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;
    if x.is_nan() {
        return None;
    }
    let whole = x.trunc();
    let ordering = if whole >= 2.0 * TWO_TO_127 {
        Ordering::Less
    } else if whole < -TWO_TO_127 {
        Ordering::Greater
    } else if whole >= TWO_TO_127 {
        let whole = Number::Big(whole as u128);
        integer.partial_cmp(&whole)?
    } else {
        integer.partial_cmp(&Number::Int(whole as i128))?
    };
    Some(ordering.then_with(|| whole.total_cmp(&x)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Number {
        Number::read(text).unwrap_or_else(|| panic!("{text} is a number"))
    }

    #[test]
    fn numbers_are_read_as_debuggers_write_them() {
        for (text, same) in [
            ("0x10", "16"),
            ("-0x10", "-16"),
            ("3", "3.0"),
            ("1e+20", "100000000000000000000"),
            ("-0", "0"),
            (
                "0xffffffffffffffffffffffffffffffff",
                "340282366920938463463374607431768211455",
            ),
            (
                "-170141183460469231731687303715884105728",
                "-0x80000000000000000000000000000000",
            ),
            ("inf", "inf"),
            (".5", "0.5"),
        ] {
            assert_eq!(read(text), read(same), "{text} {same}");
        }
        for text in [
            "", "-", "x", "0x", "0x+1", "+-1", "1 2", "'a'", "\"3\"", "true", "infinity", "1_000",
            "0x10 <f>", "{1}",
        ] {
            assert!(Number::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn integers_and_floats_compare_exactly() {
        assert!(read("9007199254740993") > read("9007199254740992.0"));
        assert!(read("3") < read("3.5") && read("-3") > read("-3.5") && read("4") > read("3.5"));
        assert!(read("340282366920938463463374607431768211455") < read("1e39"));
        assert!(read("340282366920938463463374607431768211455") > read("3e38"));
        assert!(read("-170141183460469231731687303715884105728") > read("-inf"));
        assert!(read("nan") != read("nan") && read("nan") != read("1"));
        assert!(
            !read("0x0").is_nonzero() && !read("-0.0").is_nonzero() && read("nan").is_nonzero()
        );
    }

    fn any_number() -> impl Strategy<Value = Number> {
        prop_oneof![
            any::<i128>().prop_map(Number::Int),
            (-3i128..4).prop_map(Number::Int),
            any::<u128>().prop_filter_map("great", |n| Number::integer(false, n)),
            any::<f64>().prop_map(Number::Float),
            (-8i32..9).prop_map(|n| Number::Float(f64::from(n) / 2.0)),
        ]
    }

    proptest! {
        #[test]
        fn an_order_turns_around(a in any_number(), b in any_number()) {
            prop_assert_eq!(a.partial_cmp(&b), b.partial_cmp(&a).map(Ordering::reverse));
        }

        #[test]
        fn an_order_goes_on(a in any_number(), b in any_number(), c in any_number()) {
            if a <= b && b <= c {
                prop_assert!(a <= c);
            }
        }

        #[test]
        fn what_was_written_is_read(n in any::<i128>(), big in any::<u128>(), x in any::<f64>()) {
            prop_assert_eq!(read(&n.to_string()), Number::Int(n));
            prop_assert_eq!(Number::read(&big.to_string()), Number::integer(false, big));
            prop_assert_eq!(read(&format!("{x:e}")), Number::Float(x));
        }
    }
}
