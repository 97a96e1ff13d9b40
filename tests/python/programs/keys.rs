// Maps whose keys are awkward to name, and the same keys as values by themselves.
use std::collections::{BTreeMap, HashMap};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Colour { Red, Green }

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Shape { Empty, Circle { r: i32 }, Named(String, char) }

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place { x: i32, letter: char }

#[inline(never)]
fn each<K>(key: K) {
    std::hint::black_box(&key); // mark: each
}

// Often enough for hits that nobody checks.
fn every<K: Clone>(map: &BTreeMap<K, i32>) {
    for _ in 0..3 {
        for key in map.keys() {
            each(key.clone());
        }
    }
}

fn of<K: Ord + Clone>(keys: &[K]) -> BTreeMap<K, i32> {
    keys.iter().map(|key| (key.clone(), 1)).collect()
}

fn main() {
    let chars = of(&['\'', '"', '\\', '\n', '\0', '\u{7f}', 'é', '漢', '\u{202e}', '😀']);
    let bytes = of(&[0u8, 39, 255]);
    let i8s = of(&[-128i8, 127]);
    let wide = of(&[i128::MIN, -1, i128::MAX]);
    let uwide = of(&[1, u128::MAX]);
    let bools = of(&[false, true]);
    let strs = of(&["", "'", "a\"b", "back\\slash", "\n\t\r\u{1b}\0", "grüße", "\u{202e}", "]"]);
    let long = "k".repeat(300);
    let strings = of(&["it's".to_string(), "\"".to_string(), long]);
    let colours = of(&[Colour::Red, Colour::Green]);
    let shapes = of(&[Shape::Empty, Shape::Circle { r: 3 }, Shape::Named("a'\"".to_string(), '\'')]);
    let options = of(&[None, Some('\'')]);
    let places = of(&[Place { x: 1, letter: '\'' }]);
    let pairs = of(&[(1u8, "\""), (2, "'")]);
    let hash: HashMap<char, char> = [('\'', '\'')].into_iter().collect();
    std::hint::black_box(&hash); // mark: maps
    (every(&chars), every(&bytes), every(&i8s), every(&bools), every(&strs), every(&strings));
    (every(&wide), every(&uwide), every(&colours));
    std::hint::black_box((&shapes, &options, &places, &pairs));
}
