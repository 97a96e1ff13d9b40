//! A series of any length in a bounded number of buckets, filled in one pass.
//!
//! ```text
//! ▏1▕▏2▕▏3▕▏4▕ full: neighbours become one …  ▏1 2▕▏3 4▕▏5 6▕   … and each takes twice as many
//! ```

/// How many buckets there are at most; at least half of it once that many points came.
const MOST: usize = 1024;
/// Categories beyond this are one: [`OTHER`].
pub const CATEGORIES: usize = 60;
/// Any category beyond the first [`CATEGORIES`].
pub const OTHER: u16 = u16::MAX;

/// One point of a series.
#[derive(Clone, Copy, Debug, Default)]
pub struct Point {
    /// The value as a finite number, if it is one.
    pub number: Option<f64>,
    /// Which of the distinct values it is, if there was one.
    pub category: Option<u16>,
}

/// Neighbouring points as one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bucket {
    /// Where its first point is on the x axis.
    pub first: i64,
    /// Where its last one is.
    pub last: i64,
    /// How many points it stands for.
    pub points: u64,
    /// How many of them are numbers.
    pub numbers: u64,
    /// The least of these.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// Their mean.
    pub mean: f64,
    /// How often each category is among the points.
    pub categories: Vec<(u16, u64)>,
}

impl Bucket {
    fn new(x: i64) -> Self {
        Self {
            first: x,
            ..Self::default()
        }
    }

    fn push(&mut self, x: i64, point: Point) {
        self.last = x;
        self.points += 1;
        if let Some(category) = point.category {
            self.count(category, 1);
        }
        if let Some(number) = point.number {
            self.take_numbers(1, number, number, number);
        }
    }

    /// Takes in what comes behind it.
    fn take(&mut self, next: &Self) {
        self.last = next.last;
        self.points += next.points;
        for &(category, n) in &next.categories {
            self.count(category, n);
        }
        if next.numbers > 0 {
            self.take_numbers(next.numbers, next.min, next.max, next.mean);
        }
    }

    fn count(&mut self, category: u16, n: u64) {
        match self.categories.iter_mut().find(|(c, _)| *c == category) {
            Some((_, count)) => *count += n,
            None => self.categories.push((category, n)),
        }
    }

    fn take_numbers(&mut self, numbers: u64, min: f64, max: f64, mean: f64) {
        if self.numbers == 0 {
            (self.min, self.max, self.mean) = (min, max, mean);
        } else {
            self.min = self.min.min(min);
            self.max = self.max.max(max);
            let all = self.numbers + numbers;
            let share = numbers as f64 / all as f64;
            // Not as a sum, nor as a difference: either may be more than a float holds.
            self.mean = self.mean * (1.0 - share) + mean * share;
        }
        self.numbers += numbers;
    }

    /// The category that most of its points have, of several the first.
    #[must_use]
    pub fn prevailing(&self) -> Option<u16> {
        let most = self.categories.iter().rev().max_by_key(|(_, n)| *n);
        most.map(|(category, _)| *category)
    }
}

/// The buckets of a series that is not yet whole.
#[derive(Clone, Debug)]
pub struct Buckets {
    full: Vec<Bucket>,
    size: u64,
}

impl Default for Buckets {
    fn default() -> Self {
        let full = Vec::new();
        Self { full, size: 1 }
    }
}

impl Buckets {
    /// Adds a point behind all others.
    pub fn push(&mut self, x: i64, point: Point) {
        match self.full.last_mut() {
            Some(last) if last.points < self.size => last.push(x, point),
            _ => {
                if self.full.len() == MOST {
                    self.full = fitted(&self.full, MOST / 2);
                    self.size *= 2;
                }
                let mut bucket = Bucket::new(x);
                bucket.push(x, point);
                self.full.push(bucket);
            }
        }
    }

    /// All of them, in order.
    #[must_use]
    pub fn into_vec(self) -> Vec<Bucket> {
        self.full
    }
}

/// The same series in at most `most` buckets.
#[must_use]
pub fn fitted(buckets: &[Bucket], most: usize) -> Vec<Bucket> {
    let len = buckets.len();
    if len <= most || most == 0 {
        return buckets.to_vec();
    }
    let mut fitted: Vec<Bucket> = Vec::with_capacity(most);
    for (i, bucket) in buckets.iter().enumerate() {
        if i * most / len == fitted.len() {
            fitted.push(bucket.clone());
        } else if let Some(last) = fitted.last_mut() {
            last.take(bucket);
        }
    }
    fitted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_is_lost(points in prop::collection::vec(prop::option::of(-100i32..100), 0..5000), most in 1usize..200) {
            let mut buckets = Buckets::default();
            for (x, n) in (1..).zip(&points) {
                let category = n.map(|n| u16::try_from(n.rem_euclid(3)).unwrap());
                buckets.push(x, Point { number: n.map(f64::from), category });
            }
            for buckets in [buckets.clone().into_vec(), fitted(&buckets.into_vec(), most)] {
                prop_assert!(buckets.len() <= MOST && buckets.len() >= points.len().min(most.min(MOST / 2)));
                let mut next = 0;
                for bucket in &buckets {
                    let end = next + usize::try_from(bucket.points).unwrap();
                    prop_assert_eq!(bucket.first, i64::try_from(next + 1).unwrap());
                    prop_assert_eq!(bucket.last, i64::try_from(end).unwrap());
                    let there: Vec<f64> = points[next..end].iter().flatten().map(|n| f64::from(*n)).collect();
                    prop_assert_eq!(bucket.numbers, there.len() as u64);
                    if let Some(max) = there.iter().copied().reduce(f64::max) {
                        prop_assert_eq!(bucket.max, max);
                        prop_assert_eq!(bucket.min, there.iter().copied().reduce(f64::min).unwrap());
                        let mean = there.iter().sum::<f64>() / there.len() as f64;
                        prop_assert!((bucket.mean - mean).abs() < 1e-6);
                    }
                    let categories: u64 = bucket.categories.iter().map(|(_, n)| n).sum();
                    prop_assert_eq!(categories, bucket.numbers);
                    next = end;
                }
                prop_assert_eq!(next, points.len());
            }
        }
    }
}
