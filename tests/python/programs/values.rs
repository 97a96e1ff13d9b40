// Values of Rust and its library (edition 2021), read under each debugger and compared at the lines that call `stop_here`.
#![allow(dead_code, unused_variables)]
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::rc::Rc;
use std::sync::{Arc, Mutex};

#[derive(Clone, Debug)]
struct Point { x: i32, y: f64 }
#[derive(Debug)]
enum Shape { Circle { r: f64 }, Rect(u32, u32), Unit }
#[derive(Clone, Copy, Debug)]
enum Color { Red = 1, Green = 2 }
struct Wrapper(u16);
struct Machine { state: u32, name: String }

#[inline(never)]
#[no_mangle]
pub extern "C" fn stop_here() { std::hint::black_box(()); }

impl Machine {
    fn step(&mut self, by: &u32) -> u32 {
        self.state += by;
        stop_here();
        self.state
    }
}

fn all(given: &[i32], word: &str, owned: String, point: &Point) -> usize {
    let (i8_, u8_, i16_, u16_, i32_, u32_) = (-8i8, 200u8, -16i16, 65000u16, -32i32, 4_000_000_000u32);
    let (i64_, u64_, i128_, u128_) = (i64::MIN, u64::MAX, -(1i128 << 100), u128::MAX);
    let (f32_, f64_, yes, letter) = (0.1f32, 1e20f64, true, 'é');
    let text = String::from("hi \"there\"");
    let empty = String::new();
    let long = "x".repeat(400);
    let vec = vec![1, 2, 3];
    let none_vec: Vec<u64> = Vec::new();
    let bytes = b"raw".to_vec();
    let strings = vec!["a".to_string(), "b".to_string()];
    let nested = vec![vec![1u8], vec![2, 3]];
    let array = [1u16, 2, 3];
    let matrix = [[1i32, 2], [3, 4]];
    let tuple = (1u8, 'x', "t");
    let unit = ();
    let wrapper = Wrapper(7);
    let slice = &vec[1..];
    let some = Some(3i32);
    let none: Option<i32> = None;
    let some_box = Some(Box::new(4i32));
    let no_box: Option<Box<i32>> = None;
    let some_some = Some(Some("y".to_string()));
    let ok_some: Result<Option<String>, Box<i32>> = Ok(Some("x".to_string()));
    let some_text = Some("z".to_string());
    let no_text: Option<String> = None;
    let some_ref = Some(&vec[0]);
    let ok: Result<i32, String> = Ok(1);
    let err: Result<i32, String> = Err("bad".to_string());
    let circle = Shape::Circle { r: 1.5 };
    let rect = Shape::Rect(1, 2);
    let shapeless = Shape::Unit;
    let color = Color::Green;
    let boxed = Box::new(Point { x: 1, y: 2.5 });
    let boxed_slice: Box<[i32]> = vec![1, 2].into_boxed_slice();
    let boxed_str: Box<str> = "boxed".into();
    let rc = Rc::new(Point { x: 3, y: 0.5 });
    let arc = Arc::new(5u32);
    let shared: Arc<str> = "shared".into();
    let cell = Cell::new(5);
    let ref_cell = RefCell::new(vec![1]);
    let mutex = Mutex::new(6);
    let mut deque: VecDeque<i32> = VecDeque::with_capacity(4);
    deque.push_back(1);
    deque.push_back(2);
    deque.push_front(0);
    let hash: HashMap<String, i32> = [("a".to_string(), 1)].into_iter().collect();
    let hash_set: HashSet<i32> = [9].into_iter().collect();
    let tree: BTreeMap<i32, &str> = (0..20).map(|i| (i, "v")).collect();
    let tree_set: BTreeSet<char> = ['b', 'a'].into_iter().collect();
    let no_tree: BTreeMap<i32, i32> = BTreeMap::new();
    let function: fn(&[i32], &str, String, &Point) -> usize = all;
    let raw: *const i32 = &i32_;
    let password = "hunter2".to_string();
    let shadow = 1;
    {
        let shadow = 2u8;
        stop_here();
    }
    let later = vec![shadow];
    later.len() + given.len() + word.len() + owned.len() + tree.len()
}

fn main() {
    let mut machine = Machine { state: 1, name: "machine".to_string() };
    machine.step(&4);
    all(&[1, 2], "word", "owned".to_string(), &Point { x: 1, y: -1.5 });
}
