//! What a value was over all hits, taken down in one pass and in bounded memory.

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::buckets::{Bucket, Buckets, CATEGORIES, OTHER, Point};
use crate::ids::{HitId, HitSeq};
use crate::value::locals::Found;
use crate::value::number::Number;

/// How many distinct values are told apart.
pub const MOST_DISTINCT: usize = 10_000;

/// Where a value was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeenAt {
    /// Number of the hit at its location.
    pub seq: HitSeq,
    /// Number of the hit in the session.
    pub id: HitId,
    /// The value's text.
    pub value: String,
}

/// One of the values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Distinct {
    /// Its text.
    pub value: String,
    /// In how many hits.
    pub hits: u64,
    /// Where the first of them is on the x axis.
    pub first: i64,
    /// Where the last is.
    pub last: i64,
}

/// A value that is not what it was at the hit before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// Number of the hit at its location.
    pub seq: HitSeq,
    /// Number of the hit in the session.
    pub id: HitId,
    /// What it was at the last hit that had it.
    pub from: String,
    /// What it is.
    pub to: String,
}

/// What holds of values that are all numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Numbers {
    /// The least, exactly as it was recorded; infinities count, what is no number does not.
    pub min: Option<SeenAt>,
    /// The greatest.
    pub max: Option<SeenAt>,
    /// The mean of the finite ones; none for addresses.
    pub mean: Option<f64>,
    /// Hits with `nan`.
    pub nan: u64,
    /// Hits with `inf` or `-inf`.
    pub infinite: u64,
}

/// Takes down one value after the other.
#[derive(Debug, Default)]
pub(in crate::query::ask) struct Tally {
    /// Hits in which the value could be read.
    pub read: u64,
    pub changes: u64,
    pub first_change: Option<Turn>,
    pub last_change: Option<Turn>,
    pub first: Option<SeenAt>,
    /// More distinct values came than are told apart.
    pub overflown: bool,
    buckets: Buckets,
    before: String,
    distinct: FxHashMap<Box<str>, Counted>,
    numbers: NumberTally,
}

#[derive(Debug)]
struct Counted {
    category: u16,
    hits: u64,
    first: i64,
    last: i64,
}

impl Tally {
    /// A hit without the value, or whose value could not be read.
    pub fn miss(&mut self, x: i64) {
        self.buckets.push(x, Point::default());
    }

    pub fn add(&mut self, x: i64, id: HitId, seq: HitSeq, found: &Found<'_>) {
        let text = &*found.text;
        self.read += 1;
        let category = self.count(x, text);
        let number = self.numbers.add(id, seq, text, found.number());
        let category = Some(category);
        self.buckets.push(x, Point { number, category });
        if self.first.is_none() {
            let value = text.to_owned();
            self.first = Some(SeenAt { seq, id, value });
            text.clone_into(&mut self.before);
        } else if text != self.before {
            self.turn(id, seq, text);
        }
    }

    fn turn(&mut self, id: HitId, seq: HitSeq, text: &str) {
        self.changes += 1;
        // Its texts are used again: a value may change at each of a million hits.
        let mut turn = self.last_change.take().unwrap_or_default();
        (turn.seq, turn.id) = (seq, id);
        turn.from.clone_from(&self.before);
        text.clone_into(&mut turn.to);
        text.clone_into(&mut self.before);
        if self.first_change.is_none() {
            self.first_change = Some(turn.clone());
        }
        self.last_change = Some(turn);
    }

    fn count(&mut self, x: i64, text: &str) -> u16 {
        if let Some(counted) = self.distinct.get_mut(text) {
            counted.hits += 1;
            counted.last = x;
            return counted.category;
        }
        if self.distinct.len() == MOST_DISTINCT {
            self.overflown = true;
            return OTHER;
        }
        let category = u16::try_from(self.distinct.len()).unwrap_or(OTHER);
        let category = if usize::from(category) < CATEGORIES {
            category
        } else {
            OTHER
        };
        let counted = Counted {
            category,
            hits: 1,
            first: x,
            last: x,
        };
        self.distinct.insert(text.into(), counted);
        category
    }

    pub fn last(&self) -> Option<&str> {
        self.first.as_ref().map(|_| self.before.as_str())
    }

    /// Of values that are all numbers.
    pub fn numbers(&self) -> Option<Numbers> {
        (self.read > 0 && self.numbers.all).then(|| self.numbers.result())
    }

    pub fn distinct(&self) -> usize {
        self.distinct.len()
    }

    /// The most frequent values, and the category that each has in the buckets.
    pub fn most_frequent(&self, most: usize) -> Vec<(Distinct, u16)> {
        let mut all: Vec<_> = self.distinct.iter().collect();
        all.sort_unstable_by_key(|(text, counted)| {
            (std::cmp::Reverse(counted.hits), counted.first, &***text)
        });
        let most = all.into_iter().take(most);
        let listed = most.map(|(text, counted)| {
            let distinct = Distinct {
                value: text.to_string(),
                hits: counted.hits,
                first: counted.first,
                last: counted.last,
            };
            (distinct, counted.category)
        });
        listed.collect()
    }

    /// The course of the values, and from what number it is counted.
    pub fn buckets(self) -> (Vec<Bucket>, i128) {
        (self.buckets.into_vec(), self.numbers.base)
    }
}

/// The part that is about numbers.
#[derive(Debug)]
struct NumberTally {
    /// Nothing else came so far.
    all: bool,
    /// The first integer, from which the plot counts: a float tells its neighbours apart, however
    /// great it is.
    base: i128,
    /// Every one was written as an address is.
    addresses: bool,
    min: Option<(Number, SeenAt)>,
    max: Option<(Number, SeenAt)>,
    /// While all are integers, and it fits: the exact sum.
    whole: Option<i128>,
    /// The sum as floats, and what rounding took from it.
    sum: (f64, f64),
    /// Less exact, and never more than a float holds.
    mean: f64,
    finite: u64,
    nan: u64,
    infinite: u64,
}

impl Default for NumberTally {
    fn default() -> Self {
        Self {
            all: true,
            base: 0,
            addresses: true,
            min: None,
            max: None,
            whole: Some(0),
            sum: (0.0, 0.0),
            mean: 0.0,
            finite: 0,
            nan: 0,
            infinite: 0,
        }
    }
}

impl NumberTally {
    /// Answers the number for the plot, if it is finite.
    fn add(&mut self, id: HitId, seq: HitSeq, text: &str, number: Option<Number>) -> Option<f64> {
        let Some(number) = number else {
            self.all = false;
            return None;
        };
        self.addresses &= text.starts_with("0x");
        let x = number.as_f64();
        if x.is_nan() {
            self.nan += 1;
            return None;
        }
        let seen = || SeenAt {
            seq,
            id,
            value: text.to_owned(),
        };
        if self.min.as_ref().is_none_or(|(min, _)| number < *min) {
            self.min = Some((number, seen()));
        }
        if self.max.as_ref().is_none_or(|(max, _)| number > *max) {
            self.max = Some((number, seen()));
        }
        if x.is_infinite() {
            self.infinite += 1;
            return None;
        }
        self.whole = match (self.whole, number) {
            (Some(sum), Number::Int(n)) => sum.checked_add(n),
            _ => None,
        };
        if let (0, Number::Int(n)) = (self.finite, number) {
            self.base = n;
        }
        self.sum_up(x);
        Some(self.above_base(number))
    }

    fn above_base(&self, number: Number) -> f64 {
        match number {
            Number::Int(n) => match n.checked_sub(self.base) {
                Some(n) => n as f64,
                None => n as f64 - self.base as f64,
            },
            number => number.as_f64() - self.base as f64,
        }
    }

    fn sum_up(&mut self, x: f64) {
        self.finite += 1;
        let share = 1.0 / self.finite as f64;
        self.mean = self.mean * (1.0 - share) + x * share;
        let (sum, rest) = self.sum;
        let next = sum + x;
        let lost = if sum.abs() >= x.abs() {
            (sum - next) + x
        } else {
            (x - next) + sum
        };
        self.sum = (next, rest + lost);
    }

    fn mean(&self) -> f64 {
        let n = self.finite.max(1);
        let (sum, rest) = self.sum;
        let mean = (sum + rest) / n as f64;
        match self.whole {
            Some(sum) => {
                // The whole part and the rest apart: each is exact longer than the sum is.
                let n = i128::from(n);
                (sum / n) as f64 + (sum % n) as f64 / n as f64
            }
            None if mean.is_finite() => mean,
            None => self.mean,
        }
    }

    fn result(&self) -> Numbers {
        Numbers {
            min: self.min.clone().map(|(_, seen)| seen),
            max: self.max.clone().map(|(_, seen)| seen),
            mean: (self.finite > 0 && !self.addresses).then(|| self.mean()),
            nan: self.nan,
            infinite: self.infinite,
        }
    }
}
