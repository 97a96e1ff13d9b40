//! Which thread of one session is which of the other.

use super::scan::{Event, Lane};

/// Hits looked at to tell how alike two threads are.
const LOOKED_AT: usize = 10_000;
/// More threads than this are not compared each with each.
const MANY: usize = 64;

/// A thread in A and the one that it is in B; never both none.
pub(super) type Pair = (Option<usize>, Option<usize>);

/// Brings threads together process by process: the first threads of two
/// processes, then those that did exactly the same, then the most alike.
/// Numbers play no part.
pub(super) fn pair(a: &[Lane], b: &[Lane]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let processes = a.iter().chain(b).map(|lane| lane.process + 1).max();
    for process in 0..processes.unwrap_or(0) {
        let of_process = |lanes: &[Lane]| -> Vec<usize> {
            let of = |i: &usize| lanes[*i].process == process;
            (0..lanes.len()).filter(of).collect()
        };
        let mut open = [of_process(a), of_process(b)];
        take(&mut open, &mut pairs, |x, y| a[x].main && b[y].main);
        take(&mut open, &mut pairs, |x, y| {
            a[x].sequence == b[y].sequence && a[x].name == b[y].name
        });
        take(&mut open, &mut pairs, |x, y| a[x].sequence == b[y].sequence);
        take_most_alike(&mut open, &mut pairs, a, b);
        if let ([x], [y]) = (open[0].as_slice(), open[1].as_slice()) {
            pairs.push((Some(*x), Some(*y)));
            continue;
        }
        pairs.extend(open[0].iter().map(|x| (Some(*x), None)));
        pairs.extend(open[1].iter().map(|y| (None, Some(*y))));
    }
    pairs
}

fn take(open: &mut [Vec<usize>; 2], pairs: &mut Vec<Pair>, fits: impl Fn(usize, usize) -> bool) {
    let [a, b] = open;
    a.retain(|&x| match b.iter().position(|&y| fits(x, y)) {
        Some(at) => {
            pairs.push((Some(x), Some(b.remove(at))));
            false
        }
        None => true,
    });
}

fn take_most_alike(open: &mut [Vec<usize>; 2], pairs: &mut Vec<Pair>, a: &[Lane], b: &[Lane]) {
    if open[0].len() > MANY || open[1].len() > MANY {
        // In the order of their first hits, those that begin at the same place.
        let first = |lane: &Lane| lane.events.first().map(|event| event.what);
        take(open, pairs, |x, y| {
            a[x].name == b[y].name && first(&a[x]) == first(&b[y])
        });
        return;
    }
    let mut scored = Vec::new();
    for &x in &open[0] {
        for &y in &open[1] {
            if let Some(score) = likeness(&a[x], &b[y]) {
                scored.push((std::cmp::Reverse(score), x, y));
            }
        }
    }
    scored.sort();
    for (_, x, y) in scored {
        if open[0].contains(&x) && open[1].contains(&y) {
            open[0].retain(|&other| other != x);
            open[1].retain(|&other| other != y);
            pairs.push((Some(x), Some(y)));
        }
    }
}

/// The same name, then how long they do the same, then how long they go the
/// same way, then how near their numbers of hits are; none: nothing in common.
fn likeness(a: &Lane, b: &Lane) -> Option<(bool, usize, usize, std::cmp::Reverse<usize>)> {
    let alike = |same: fn(&Event, &Event) -> bool| {
        let pairs = a.events.iter().zip(&b.events).take(LOOKED_AT);
        pairs.take_while(|(x, y)| same(x, y)).count()
    };
    let named = a.name.is_some() && a.name == b.name;
    let values = alike(|x, y| x.what == y.what && x.values == y.values);
    let way = alike(|x, y| x.what == y.what);
    let count = a.events.len().abs_diff(b.events.len());
    (named || way > 0).then_some((named, values, way, std::cmp::Reverse(count)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::HitId;

    fn lane(name: Option<&str>, main: bool, events: &[(u32, u64)]) -> Lane {
        let sequence = events.iter().fold(7, |h: u64, (what, values)| {
            h.wrapping_mul(31) + u64::from(*what) * 1000 + values
        });
        Lane {
            name: name.map(str::to_owned),
            main,
            sequence,
            events: events
                .iter()
                .map(|&(what, values)| Event {
                    id: HitId(0),
                    values,
                    what,
                    objects: 0,
                })
                .collect(),
            ..Lane::default()
        }
    }

    #[test]
    fn threads_are_known_by_what_they_did() {
        let one = lane(Some("w"), false, &[(1, 1), (1, 2)]);
        let two = lane(Some("w"), false, &[(1, 5), (1, 6)]);
        let parted = lane(Some("w"), false, &[(1, 5), (1, 7)]);
        let main = lane(Some("prog-1"), true, &[(3, 1)]);
        let other_main = lane(Some("prog-2"), true, &[(4, 1)]);
        let a = [main, one, two];
        let one = lane(Some("w"), false, &[(1, 1), (1, 2)]);
        let extra = lane(None, false, &[(9, 9)]);
        let b = [extra, parted, one, other_main];
        let mut pairs = pair(&a, &b);
        pairs.sort();
        assert_eq!(
            pairs,
            [
                (None, Some(0)),
                (Some(0), Some(3)),
                (Some(1), Some(2)),
                (Some(2), Some(1))
            ]
        );
    }

    #[test]
    fn the_only_thread_is_the_other_only_thread() {
        let (a, b) = (lane(None, false, &[(1, 1)]), lane(None, false, &[(2, 1)]));
        assert_eq!(pair(&[a], &[b]), [(Some(0), Some(0))]);
    }
}
