//! Which line of a source text became which line of a later one.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

/// Lines by their number; a large file has only those around its hits.
pub(super) type Lines = BTreeMap<usize, String>;

/// For each line of `a` that stands in `b` as well, its number there.
///
/// A patience diff: lines that are alone of their kind on both sides hold the
/// rest in place, so that a `}` is never taken for another one far away.
pub(super) fn map(a: &Lines, b: &Lines) -> BTreeMap<usize, usize> {
    let trim = |lines: &Lines| -> Vec<(usize, String)> {
        let trimmed = lines.iter().map(|(n, text)| (*n, squeezed(text)));
        trimmed.collect()
    };
    let (a, b) = (trim(a), trim(b));
    let mut found = BTreeMap::new();
    // Parts still to be compared, instead of a recursion that a wild file could make deep.
    let mut todo = vec![(&a[..], &b[..])];
    while let Some((mut a, mut b)) = todo.pop() {
        while let ([first, rest_a @ ..], [other, rest_b @ ..]) = (a, b)
            && first.1 == other.1
        {
            found.insert(first.0, other.0);
            (a, b) = (rest_a, rest_b);
        }
        while let ([rest_a @ .., last], [rest_b @ .., other]) = (a, b)
            && last.1 == other.1
        {
            found.insert(last.0, other.0);
            (a, b) = (rest_a, rest_b);
        }
        let anchors = anchors(a, b);
        let (mut from_a, mut from_b) = (0, 0);
        for (at_a, at_b) in &anchors {
            found.insert(a[*at_a].0, b[*at_b].0);
            todo.push((&a[from_a..*at_a], &b[from_b..*at_b]));
            (from_a, from_b) = (at_a + 1, at_b + 1);
        }
        if !anchors.is_empty() {
            todo.push((&a[from_a..], &b[from_b..]));
        }
    }
    add_moved(&a, &b, &mut found);
    found
}

/// Lines that changed their order: of those left, what is alone of its kind on
/// both sides and says something.
fn add_moved(a: &[(usize, String)], b: &[(usize, String)], found: &mut BTreeMap<usize, usize>) {
    const SAYS_SOMETHING: usize = 6;
    let taken: FxHashSet<usize> = found.values().copied().collect();
    let left = |lines: &[(usize, String)], gone: &dyn Fn(usize) -> bool| -> Vec<(usize, String)> {
        let left = lines.iter().filter(|(n, _)| !gone(*n));
        left.cloned().collect()
    };
    let a = left(a, &|n| found.contains_key(&n));
    let b = left(b, &|n| taken.contains(&n));
    for (i, j) in alone_on_both(&a, &b) {
        if a[i].1.chars().filter(|c| c.is_alphanumeric()).count() >= SAYS_SOMETHING {
            found.insert(a[i].0, b[j].0);
        }
    }
}

/// Indentation and spacing are no difference.
fn squeezed(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lines that occur once on either side, as many as keep their order.
fn anchors(a: &[(usize, String)], b: &[(usize, String)]) -> Vec<(usize, usize)> {
    longest_rising(&alone_on_both(a, b))
}

/// Positions of the lines that occur once on either side, in the order of `a`.
fn alone_on_both(a: &[(usize, String)], b: &[(usize, String)]) -> Vec<(usize, usize)> {
    let once = |lines: &[(usize, String)]| -> FxHashMap<String, Option<usize>> {
        let mut seen = FxHashMap::default();
        for (i, (_, text)) in lines.iter().enumerate() {
            let entry = seen.entry(text.clone()).or_insert(Some(i));
            if *entry != Some(i) {
                *entry = None;
            }
        }
        seen
    };
    let (in_a, in_b) = (once(a), once(b));
    let pairs = a.iter().enumerate().filter_map(|(i, (_, text))| {
        in_a.get(text).copied().flatten()?;
        Some((i, in_b.get(text).copied().flatten()?))
    });
    pairs.collect()
}

/// The longest run of pairs in which the second number rises like the first.
fn longest_rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // The last pair of the best run of each length, and who comes before each pair.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (i, pair) in pairs.iter().enumerate() {
        let length = ends.partition_point(|&end| pairs[end].1 < pair.1);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(i);
        } else {
            ends[length] = i;
        }
    }
    let mut run = Vec::new();
    let mut at = ends.last().copied();
    while let Some(i) = at {
        run.push(pairs[i]);
        at = before[i];
    }
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Lines {
        text.split('|')
            .enumerate()
            .map(|(i, line)| (i + 1, line.to_owned()))
            .collect()
    }

    fn mapped(a: &str, b: &str) -> Vec<(usize, usize)> {
        map(&lines(a), &lines(b)).into_iter().collect()
    }

    #[test]
    fn lines_are_followed_where_they_went() {
        assert_eq!(mapped("f {|x|}", "f {|x|}"), [(1, 1), (2, 2), (3, 3)]);
        let inserted = mapped("f {|x|}|g {|y|}", "f {|x|new|}|g {|  y|}");
        assert_eq!(inserted, [(1, 1), (2, 2), (3, 4), (4, 5), (5, 6), (6, 7)]);
        let edited = mapped("f {|x = 1;|}|g {|y|}", "h|f {|x = 2;|}|g {|y|}");
        assert_eq!(edited, [(1, 2), (3, 4), (4, 5), (5, 6), (6, 7)]);
        assert_eq!(mapped("a|b", "c|d"), []);
        let swapped = mapped(
            "a {|start = here;|}|b {|n += 1;|}",
            "b {|n += 1;|}|a {|start = here;|}",
        );
        assert!(swapped.contains(&(2, 5)), "{swapped:?}");
    }
}
