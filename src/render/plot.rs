//! Plots made of characters: a line of blocks, a chart of dots, a line of letters.

use crate::query::buckets::{Bucket, fitted};

/// From low to high; two ends that a chart's rows are counted from.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Rows of a chart.
const ROWS: usize = 10;
/// Dots in a character of Braille: across, and down.
const DOTS: (usize, usize) = (2, 4);
/// Which bit of a character of Braille each dot is, column by column from the top.
const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
/// What has no letter of its own.
const REST: char = '*';

/// The scale of a plot: its least and its greatest finite number.
fn scale(buckets: &[Bucket]) -> Option<(f64, f64)> {
    let numbers = || buckets.iter().filter(|bucket| bucket.numbers > 0);
    let min = numbers().map(|bucket| bucket.min).reduce(f64::min)?;
    let max = numbers().map(|bucket| bucket.max).reduce(f64::max)?;
    Some((min, max))
}

/// On which of `steps` steps between `min` and `max` a number is, from 0.
fn step(x: f64, (min, max): (f64, f64), steps: usize) -> usize {
    // Halves, since the whole range may be more than a float holds.
    let range = max / 2.0 - min / 2.0;
    if range <= 0.0 {
        return steps / 2;
    }
    let share = ((x / 2.0 - min / 2.0) / range).clamp(0.0, 1.0);
    ((share * steps as f64) as usize).min(steps - 1)
}

/// One character per bucket: its mean, as a block; a space where there is no number.
#[must_use]
pub fn blocks(buckets: &[Bucket], columns: usize) -> String {
    let buckets = fitted(buckets, columns);
    let Some(scale) = scale(&buckets) else {
        return String::new();
    };
    let block = |bucket: &Bucket| match bucket.numbers {
        0 => ' ',
        _ => BLOCKS[step(bucket.mean, scale, BLOCKS.len())],
    };
    buckets.iter().map(block).collect()
}

/// One letter per bucket: the category that prevails in it, `A` for the first of `listed`.
/// Nothing when most of them have none.
#[must_use]
pub fn letters(buckets: &[Bucket], listed: &[u16], columns: usize) -> String {
    let letter = |bucket: &Bucket| match bucket.prevailing() {
        None => ' ',
        Some(category) => {
            let place = listed.iter().position(|listed| *listed == category);
            place.and_then(letter_of).unwrap_or(REST)
        }
    };
    let letters: String = fitted(buckets, columns).iter().map(letter).collect();
    let rest = letters.matches(REST).count();
    if rest * 2 > letters.len() {
        return String::new();
    }
    letters
}

/// `A` to `Z` for the first places.
pub(super) fn letter_of(place: usize) -> Option<char> {
    let letter = u8::try_from(place).ok()?.checked_add(b'A')?;
    letter.is_ascii_uppercase().then_some(letter.into())
}

/// What stands beside a chart.
pub struct Labels<'a> {
    /// At the upper end of the y axis.
    pub max: &'a str,
    /// At its lower end.
    pub min: &'a str,
    /// What the x axis counts.
    pub x: &'a str,
}

/// A chart of `columns` columns with its axes: each dot column spans from the
/// least to the greatest number of its hits, and joins the one before.
#[must_use]
pub fn chart(buckets: &[Bucket], labels: &Labels<'_>, columns: usize) -> String {
    let margin = labels.max.chars().count().max(labels.min.chars().count());
    let across = columns.saturating_sub(margin + 2).max(8);
    let fitted = fitted(buckets, across * DOTS.0);
    let Some(scale) = scale(&fitted) else {
        return String::new();
    };
    let dots = dots(&fitted, scale, across);
    let mut chart = String::new();
    for (row, line) in dots.iter().enumerate() {
        let (label, axis) = match row {
            0 => (labels.max, '┤'),
            row if row == ROWS - 1 => (labels.min, '┤'),
            _ => ("", '│'),
        };
        let line: String = line.iter().map(|bits| braille(*bits)).collect();
        chart
            .push_str(format!("{label:>margin$} {axis}{line}").trim_end_matches(['\u{2800}', ' ']));
        chart.push('\n');
    }
    let (first, last) = match (fitted.first(), fitted.last()) {
        (Some(first), Some(last)) => (first.first, last.last),
        _ => return chart,
    };
    let below = format!("{:margin$} └{}\n", "", "─".repeat(across));
    let end = format!("{} {last}", labels.x);
    let gap = across.saturating_sub(first.to_string().len() + end.len());
    chart + &below + &format!("{:margin$}  {first}{}{end}\n", "", " ".repeat(gap.max(1)))
}

/// A character of Braille; where no dot is, a plain space is read better by programs.
fn braille(bits: u8) -> char {
    let dots = (bits > 0).then_some(0x2800 + u32::from(bits));
    dots.and_then(char::from_u32).unwrap_or(' ')
}

/// The dots of a chart: rows from the top of characters' bits.
fn dots(buckets: &[Bucket], scale: (f64, f64), across: usize) -> Vec<Vec<u8>> {
    let (wide, high) = (across * DOTS.0, ROWS * DOTS.1);
    let mut rows = vec![vec![0_u8; across]; ROWS];
    let mut before: Option<(usize, usize)> = None;
    for x in 0..wide {
        let bucket = &buckets[x * buckets.len() / wide];
        if bucket.numbers == 0 {
            before = None;
            continue;
        }
        let own = (step(bucket.min, scale, high), step(bucket.max, scale, high));
        // Down or up to where the column before ended, so that jumps are seen as lines.
        let (low, top) = match before {
            Some((low, top)) => (own.0.min(top), own.1.max(low)),
            None => own,
        };
        for y in low..=top {
            let down = high - 1 - y;
            rows[down / DOTS.1][x / DOTS.0] |= BITS[x % DOTS.0][down % DOTS.1];
        }
        before = Some(own);
    }
    rows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::text::width;
    use super::*;
    use crate::query::buckets::{Buckets, Point};

    fn series(numbers: &[Option<f64>]) -> Vec<Bucket> {
        let mut buckets = Buckets::default();
        for (x, number) in (1..).zip(numbers) {
            let category = number.map(|_| u16::try_from(x % 3).unwrap());
            buckets.push(
                x,
                Point {
                    number: *number,
                    category,
                },
            );
        }
        buckets.into_vec()
    }

    #[test]
    fn letters_that_tell_nothing_are_none() {
        let few = series(&[Some(1.0); 3]);
        assert_eq!(letters(&few, &[2], 60), "");
    }

    #[test]
    fn a_rising_series_rises() {
        let rising: Vec<_> = (0..8).map(|n| Some(f64::from(n))).collect();
        assert_eq!(blocks(&series(&rising), 60), "▁▂▃▄▅▆▇█");
        assert_eq!(blocks(&series(&[Some(1.0), None, Some(1.0)]), 60), "▅ ▅");
        assert_eq!(letters(&series(&rising), &[1, 2, 0], 8), "ABCABCAB");
        let labels = Labels {
            max: "7",
            min: "0",
            x: "seq",
        };
        let chart = chart(&series(&rising), &labels, 20);
        assert_eq!(chart.lines().count(), ROWS + 2);
        assert!(chart.lines().last().unwrap().ends_with("seq 8"), "{chart}");
    }

    proptest! {
        #[test]
        fn any_numbers_make_a_plot_that_fits(
            numbers in prop::collection::vec(prop::option::of(prop::num::f64::NORMAL | prop::num::f64::ZERO), 0..400),
            columns in 20usize..150,
        ) {
            let series = series(&numbers);
            prop_assert!(blocks(&series, columns).chars().count() <= columns);
            prop_assert!(letters(&series, &[0, 2], columns).len() <= columns);
            let labels = Labels { max: "max", min: "min", x: "seq" };
            for line in chart(&series, &labels, columns).lines() {
                prop_assert!(width(line) <= columns, "{line:?}");
            }
        }
    }
}
