// What is called in this program is counted: each of its functions, and what asks for memory.
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static CALLS: AtomicUsize = AtomicUsize::new(0);
static MALLOCS: AtomicUsize = AtomicUsize::new(0);

extern "C" {
    fn __libc_malloc(size: usize) -> *mut u8;
}

#[no_mangle]
pub unsafe extern "C" fn malloc(size: usize) -> *mut u8 {
    MALLOCS.fetch_add(1, Relaxed);
    __libc_malloc(size)
}

enum Shape {
    Empty,
    Circle { r: f64 },
    Named(String),
}

struct Loud {
    x: i32,
}

#[inline(never)]
fn helper(n: i32) -> i32 {
    CALLS.fetch_add(1, Relaxed);
    n + 1
}

impl Loud {
    #[inline(never)]
    fn sum(&self) -> i32 {
        CALLS.fetch_add(1, Relaxed);
        self.x + 1
    }
}

#[inline(never)]
fn probe(text: &str, shape: &Shape, list: &[i32], loud: &Loud, some: Option<i32>) -> i32 {
    CALLS.fetch_add(1, Relaxed);
    const TABLE: [i32; 4] = [10, 20, 30, 40];
    let owned = text.to_string();
    let map: HashMap<i32, i32> = list.iter().map(|n| (*n, n * n)).collect();
    let tree: BTreeMap<i32, &str> = [(1, "one")].into();
    let shared = Rc::new(list.to_vec());
    let from_shape = match shape {
        Shape::Empty => 0,
        Shape::Circle { r } => *r as i32,
        Shape::Named(name) => name.len() as i32,
    };
    let total = from_shape + map.len() as i32 + tree.len() as i32 + shared.len() as i32 + owned.len() as i32;
    std::hint::black_box(total + helper(loud.sum()) + TABLE[(total & 3) as usize] + some.unwrap_or(0)) // mark: probe
}

fn main() {
    let shapes = [Shape::Empty, Shape::Circle { r: 1.5 }, Shape::Named("beta".to_string())];
    let mut total = 0;
    let mut blocks = Vec::new();
    for (i, shape) in shapes.iter().enumerate() {
        let text = if i == 1 { "beta" } else { "alpha" };
        total += probe(text, shape, &[1, 2, 3], &Loud { x: i as i32 }, if i == 2 { None } else { Some(4) });
        blocks.push(Box::new([0u8; 24]));
    }
    let place = |i: usize| &*blocks[i] as *const _ as isize - &*blocks[0] as *const _ as isize;
    println!("blocks {} {}", place(1), place(2));
    println!("calls {} mallocs {} total {}", CALLS.load(Relaxed), MALLOCS.load(Relaxed), total);
}
