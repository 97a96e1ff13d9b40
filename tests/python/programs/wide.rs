// Enums whose discriminant has 128 bits, and what holds them.
use std::num::NonZeroU128;

struct Holder {
    before: i32,
    inside: Option<u128>,
    after: i32,
}

enum Shape {
    Empty,
    Wide { side: u128, half: i128 },
    Pair(i128, u8),
}

#[inline(never)]
fn stop(n: i64) -> i64 {
    std::hint::black_box(n) // mark: stop
}

fn main() {
    let option: Option<u128> = Some(1 << 100);
    let nothing: Option<i128> = None;
    let nested: Option<Option<u128>> = Some(None);
    let result: Result<u128, u8> = Err(7);
    let niche: Option<NonZeroU128> = NonZeroU128::new(5);
    let holder = Holder { before: 1, inside: Some(2), after: 3 };
    let shapes = [Shape::Empty, Shape::Wide { side: 4, half: -4 }, Shape::Pair(-5, 6)];
    let list = vec![Some(8u128), None];
    let plain: u128 = 1 << 90;
    let narrow: Option<u32> = Some(9);
    let k = 7;
    let pointer = &holder; // GDB dies by itself where such a one is an argument
    stop(k + pointer.after as i64);
    std::hint::black_box((&list, pointer, &option, &nothing, &nested, &result, &niche, &shapes, &plain, &narrow)); // mark: main
    println!("before {}", holder.before);
}
