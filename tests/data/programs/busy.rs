//! Traits, generics and closures: Rust's names under both mangling schemes.
use std::collections::HashMap;
use std::hint::black_box;

trait Shape {
    fn area(&self) -> f64;
}

struct Circle {
    r: f64,
}

impl Shape for Circle {
    #[inline(never)]
    fn area(&self) -> f64 {
        (0..100).map(|i| self.r * black_box(f64::from(i))).sum()
    }
}

struct Stack<T> {
    items: Vec<T>,
}

impl<T: Copy> Stack<T> {
    #[inline(never)]
    fn push(&mut self, item: T) {
        self.items.push(item);
    }

    #[inline(never)]
    fn sum(&self, f: impl Fn(T) -> u64) -> u64 {
        (0..50).map(|_| self.items.iter().map(|item| f(*item)).sum::<u64>()).sum()
    }
}

#[inline(never)]
fn spin(n: u64) -> u64 {
    (0..n).fold(0, |sum, i| black_box(sum ^ i))
}

#[inline(never)]
fn generic<T: Into<u64>>(n: T) -> u64 {
    spin(n.into() * 3) + 1
}

fn main() {
    let n: u64 = std::env::args().nth(1).and_then(|arg| arg.parse().ok()).unwrap_or(100);
    let shapes: Vec<Box<dyn Shape>> = (0..n).map(|i| Box::new(Circle { r: i as f64 }) as Box<dyn Shape>).collect();
    let area: f64 = shapes.iter().map(|shape| shape.area()).sum();
    let mut stack = Stack { items: vec![] };
    for i in 0..n {
        stack.push(i);
    }
    let spun = stack.sum(|item| spin(item % 20));
    let other = generic(30u32) + generic(4u8);
    let mut groups = HashMap::new();
    for i in 0..n {
        *groups.entry(i % 13).or_insert(0u64) += i;
    }
    println!("{area} {spun} {other} {}", groups.len());
}
