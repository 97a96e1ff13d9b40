// Enums within enums, each of whose variants comes after another was seen.
use std::rc::Rc;
use std::sync::Arc;

pub enum Inner {
    P(bool),
    Q,
    R(Option<bool>),
}

pub enum Outer {
    In(Inner),
    Pair(Inner, Option<Inner>),
    Other,
}

#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct A64 {
    pub x: u32,
}

/// Its members are called like those of pointers to slices and to traits.
pub struct Buffer {
    pub data_ptr: *const u8,
    pub length: usize,
}

pub struct Object {
    pub pointer: u64,
    pub vtable: u64,
}

#[inline(never)]
fn stop_here(outer: &Outer, nested: Option<Option<Option<u8>>>, n: i32) -> i32 {
    n + i32::from(matches!(outer, Outer::Other)) + i32::from(nested.is_some()) // mark: look
}

fn main() {
    let shared: Rc<[A64]> = Rc::from(vec![A64 { x: 1 }, A64 { x: 2 }]);
    let atomic: Arc<[A64]> = Arc::from(vec![A64 { x: 3 }]);
    let buffer = Buffer { data_ptr: std::ptr::null(), length: 3 };
    let object = Object { pointer: 5, vtable: 6 };
    let mut total = 0;
    total += stop_here(&Outer::In(Inner::R(Some(true))), Some(Some(Some(7))), 0);
    total += stop_here(&Outer::In(Inner::P(true)), Some(Some(None)), 1);
    total += stop_here(&Outer::In(Inner::Q), Some(None), 2);
    total += stop_here(&Outer::In(Inner::R(None)), None, 3);
    total += stop_here(&Outer::Pair(Inner::Q, Some(Inner::P(false))), None, 4);
    total += stop_here(&Outer::Pair(Inner::P(true), None), None, 5);
    total += stop_here(&Outer::Other, None, 6);
    println!("{total} {} {}", shared[1].x, atomic[0].x + object.pointer as u32 + buffer.length as u32); // mark: shared
}
