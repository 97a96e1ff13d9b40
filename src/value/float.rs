//! Texts of floats: the shortest digits that read back as the same number, written as C would:
//! `0.1`, `3`, `1e+20`, `1e-07`, `nan`, `-inf`.

use std::cmp::Ordering;
use std::fmt::{LowerExp, Write as _};

/// A format wider than a double.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wide {
    /// Intel's ten bytes, whose first bit of the fraction is there.
    Extended,
    /// The sixteen bytes of IEEE.
    Quadruple,
}

/// Appends the text of an `f32` or `f64`.
pub(super) fn write(x: impl LowerExp, out: &mut String) {
    let text = format!("{x:e}");
    match text.split_once('e') {
        Some((digits, exponent)) => write_decimal(digits, exponent.parse().unwrap_or(0), out),
        None if text == "NaN" => out.push_str("nan"),
        None => out.push_str(&text),
    }
}

/// The text of a complex number, whose two parts are side by side; none: of no size that one has.
#[must_use]
pub fn complex(bytes: &[u8]) -> Option<String> {
    let mut out = String::new();
    match bytes.split_at(bytes.len() / 2) {
        (real, imaginary) if bytes.len() == 8 => {
            write(f32::from_le_bytes(real.try_into().ok()?), &mut out);
            out.push_str(" + ");
            write(f32::from_le_bytes(imaginary.try_into().ok()?), &mut out);
        }
        (real, imaginary) => {
            write(f64::from_le_bytes(real.try_into().ok()?), &mut out);
            out.push_str(" + ");
            write(f64::from_le_bytes(imaginary.try_into().ok()?), &mut out);
        }
    }
    out.push('i');
    Some(out)
}

/// The text of a float wider than a double; none: these are too few bytes.
#[must_use]
pub fn wide(format: Wide, bytes: &[u8]) -> Option<String> {
    let word = |from: usize, size: usize| {
        let mut all = [0; 16];
        all[..size].copy_from_slice(bytes.get(from..from + size)?);
        Some(u128::from_le_bytes(all))
    };
    let (top, fraction, point) = match format {
        Wide::Extended => (word(8, 2)?, word(0, 8)?, 63),
        Wide::Quadruple => (word(14, 2)?, word(0, 14)?, 112),
    };
    let exponent = u32::try_from(top & 0x7fff).ok()?;
    let one = 1 << point;
    let mantissa = match format {
        Wide::Quadruple if exponent > 0 => fraction | one,
        _ => fraction,
    };
    let mut out = String::new();
    let minus = if top >> 15 == 0 { "" } else { "-" };
    if exponent == 0x7fff && fraction & (one - 1) != 0 {
        out.push_str("nan");
    } else if exponent == 0x7fff {
        let _ = write!(out, "{minus}inf");
    } else if mantissa == 0 {
        let _ = write!(out, "{minus}0");
    } else {
        // The next smaller number is half as far as the next greater one.
        let uneven = mantissa == one && exponent > 1;
        let power = i32::try_from(exponent.max(1)).ok()? - 16383 - point;
        let (digits, tens) = shortest(mantissa, power, uneven);
        write_decimal(&format!("{minus}{digits}"), tens, &mut out);
    }
    Some(out)
}

/// Digits as `3` or `1.5` times ten to some power.
fn write_decimal(digits: &str, exponent: i32, out: &mut String) {
    if !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        // Writing to a string does not fail.
        let _ = write!(out, "{digits}e{sign}{:02}", exponent.abs());
        return;
    }
    let (minus, digits) = match digits.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", digits),
    };
    let digits = digits.replace('.', "");
    out.push_str(minus);
    let point = usize::try_from(exponent + 1).unwrap_or(0);
    if exponent < 0 {
        out.push_str("0.");
        out.extend((0..-exponent - 1).map(|_| '0'));
        out.push_str(&digits);
    } else if digits.len() <= point {
        out.push_str(&digits);
        out.extend((digits.len()..point).map(|_| '0'));
    } else {
        out.push_str(&digits[..point]);
        out.push('.');
        out.push_str(&digits[point..]);
    }
}

/// `mantissa` times two to some power, as the shortest digits `d.ddd` that are nearer to it than to
/// its neighbours, and the power of ten that they count (Steele and White's algorithm).
fn shortest(mantissa: u128, power: i32, uneven: bool) -> (String, i32) {
    let up = power.max(0).unsigned_abs();
    let down = power.min(0).unsigned_abs();
    // The number is rest / whole, half the way to its neighbours below / whole and above / whole.
    let mut rest = Big::new(mantissa).times_two_to(up + 2);
    let mut whole = Big::new(1).times_two_to(down + 2);
    let mut above = Big::new(1).times_two_to(up + 1);
    let mut below = Big::new(1).times_two_to(if uneven { up } else { up + 1 });
    // How many powers of ten the number is below; a few more do no harm.
    let mut tens = (rest.bits() - whole.bits() - 1) * 30103 / 100_000;
    (0..tens).for_each(|_| whole.multiply(10));
    for _ in tens..0 {
        for big in [&mut rest, &mut above, &mut below] {
            big.multiply(10);
        }
    }
    while rest.plus(&above).cmp(&whole).is_gt() {
        whole.multiply(10);
        tens += 1;
    }
    let mut digits = String::new();
    let mut last = false;
    while !last {
        for big in [&mut rest, &mut above, &mut below] {
            big.multiply(10);
        }
        let mut digit = 0;
        while rest.cmp(&whole).is_ge() {
            rest.subtract(&whole);
            digit += 1;
        }
        let low = rest.cmp(&below).is_lt();
        let high = rest.plus(&above).cmp(&whole).is_gt();
        let nearer = rest.plus(&rest).cmp(&whole).is_ge();
        digit += u8::from(high && (!low || nearer));
        last = low || high;
        if digits.is_empty() {
            tens -= 1;
        }
        if digit > 0 || !digits.is_empty() {
            digits.push(char::from(b'0' + digit));
        }
    }
    if digits.len() > 1 {
        digits.insert(1, '.');
    }
    (digits, tens)
}

/// A whole number of any size, its lowest digits first.
#[derive(Clone)]
struct Big(Vec<u32>);

impl Big {
    fn new(number: u128) -> Self {
        let digits = (0..4).map(|i| (number >> (32 * i)) as u32).collect();
        let mut big = Self(digits);
        big.trim();
        big
    }

    /// Without zeros in front.
    fn trim(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }

    fn bits(&self) -> i32 {
        let bits = self
            .0
            .last()
            .map_or(0, |top| self.0.len() * 32 - top.leading_zeros() as usize);
        i32::try_from(bits).unwrap_or(i32::MAX)
    }

    fn multiply(&mut self, by: u32) {
        let mut carry = 0;
        for digit in &mut self.0 {
            let product = u64::from(*digit) * u64::from(by) + carry;
            *digit = product as u32;
            carry = product >> 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    fn times_two_to(mut self, bits: u32) -> Self {
        self.multiply(1 << (bits % 32));
        self.0.splice(0..0, (0..bits / 32).map(|_| 0));
        self
    }

    fn plus(&self, other: &Self) -> Self {
        let mut carry = 0;
        let size = self.0.len().max(other.0.len());
        let digit = |big: &Self, i| u64::from(big.0.get(i).copied().unwrap_or(0));
        let mut sum: Vec<u32> = Vec::with_capacity(size + 1);
        for i in 0..size {
            let both = digit(self, i) + digit(other, i) + carry;
            sum.push(both as u32);
            carry = both >> 32;
        }
        if carry > 0 {
            sum.push(carry as u32);
        }
        Self(sum)
    }

    /// Takes away what is not greater.
    fn subtract(&mut self, other: &Self) {
        let mut borrow = false;
        for (i, digit) in self.0.iter_mut().enumerate() {
            let its = other.0.get(i).copied().unwrap_or(0);
            let (less, under) = digit.overflowing_sub(its);
            let (less, again) = less.overflowing_sub(u32::from(borrow));
            *digit = less;
            borrow = under || again;
        }
        self.trim();
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let digits = |big: &Self| big.0.len();
        digits(self)
            .cmp(&digits(other))
            .then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn double(x: f64) -> String {
        let mut out = String::new();
        write(x, &mut out);
        out
    }

    /// A double as a wider float has it.
    fn widened(x: f64, format: Wide) -> [u8; 16] {
        let (bits, point) = (x.to_bits(), if format == Wide::Extended { 63 } else { 112 });
        let (sign, exponent, fraction) = (bits >> 63, bits >> 52 & 0x7ff, bits & ((1 << 52) - 1));
        let mut mantissa = u128::from(fraction) << (point - 52);
        let mut wide = match exponent {
            0x7ff => 0x7fff,
            exponent => exponent + 16383 - 1023,
        };
        if exponent == 0 && fraction > 0 {
            // No such small number is small here.
            let up = mantissa.leading_zeros() - (127 - point);
            mantissa <<= up;
            wide = 16383 - 1022 - u64::from(up);
        } else if exponent == 0 {
            wide = 0;
        } else {
            mantissa |= 1 << point;
        }
        let top = u128::from(sign << 15 | wide);
        match format {
            Wide::Extended => (mantissa | top << 64).to_le_bytes(),
            Wide::Quadruple => (mantissa & ((1 << 112) - 1) | top << 112).to_le_bytes(),
        }
    }

    #[test]
    fn what_is_no_usual_number() {
        for (x, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
            (-f64::NAN, "nan"),
        ] {
            assert_eq!(double(x), text);
            for format in [Wide::Extended, Wide::Quadruple] {
                assert_eq!(wide(format, &widened(x, format)).as_deref(), Some(text));
            }
        }
    }

    #[test]
    fn wide_ones_are_the_shortest_that_read_back() {
        let extended = |top: u16, mantissa: u64| {
            let bytes = [&mantissa.to_le_bytes()[..], &top.to_le_bytes()[..]].concat();
            wide(Wide::Extended, &bytes).unwrap()
        };
        let quadruple = |bits: u128| wide(Wide::Quadruple, &bits.to_le_bytes()).unwrap();
        assert_eq!(extended(0x3fff, 0xc000_0000_0000_0000), "1.5");
        assert_eq!(extended(0x3ffb, 0xcccc_cccc_cccc_cccd), "0.1");
        assert_eq!(
            extended(0x3ffb, 0xcccc_cccc_cccc_ccce),
            "0.10000000000000000001"
        );
        assert_eq!(extended(0xbffb, 0xcccc_cccc_cccc_cccd), "-0.1");
        assert_eq!(extended(0x7ffe, u64::MAX), "1.189731495357231765e+4932");
        assert_eq!(extended(0x0001, 1 << 63), "3.3621031431120935063e-4932");
        assert_eq!(extended(0x0000, 1), "4e-4951");
        assert_eq!(extended(0x3fee, 0xc953_9b88_8722_9e90), "1.2e-05");
        assert_eq!(quadruple(0x3fff << 112), "1");
        assert_eq!(quadruple(0x3ffb_9999_9999_9999_9999_9999_9999_999a), "0.1");
        assert_eq!(
            quadruple(0x7ffe_ffff_ffff_ffff_ffff_ffff_ffff_ffff),
            "1.189731495357231765085759326628007e+4932"
        );
        assert_eq!(quadruple(1), "6e-4966");
        assert_eq!(wide(Wide::Extended, &[0; 9]), None);
        assert_eq!(wide(Wide::Quadruple, &[0; 15]), None);
    }

    #[test]
    fn complex_numbers_have_two_parts() {
        let doubles = [1.5f64.to_le_bytes(), (-2.0f64).to_le_bytes()].concat();
        assert_eq!(complex(&doubles).as_deref(), Some("1.5 + -2i"));
        let singles = [0.1f32.to_le_bytes(), 1e5f32.to_le_bytes()].concat();
        assert_eq!(complex(&singles).as_deref(), Some("0.1 + 100000i"));
        assert_eq!(complex(&[0; 4]), None);
        assert_eq!(complex(&[]), None);
    }

    proptest! {
        #[test]
        fn what_was_a_double_is_the_same_number(x in any::<f64>()) {
            for format in [Wide::Extended, Wide::Quadruple] {
                let text = wide(format, &widened(x, format)).unwrap();
                if x.is_nan() {
                    prop_assert_eq!(text, "nan");
                } else {
                    prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), x.to_bits());
                }
            }
        }
    }
}
