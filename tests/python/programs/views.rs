//! Many types of Rust's library, in pairs that LLDB 23 takes for one: `u64` and `usize`.

use std::borrow::Cow;
use std::cell::*;
use std::collections::*;
use std::rc::{Rc, Weak};
use std::sync::atomic::*;
use std::sync::*;
#[inline(never)]
fn stop(n: usize) { std::hint::black_box(n); }
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Point { x: i32, y: i32 }
struct Pair<A, B>(A, B);
struct Unit;
enum Plain { A, B }
enum Rich { Nothing, Number(u64), Named { id: usize, text: String } }
struct Tree { value: isize, kids: Vec<Rc<RefCell<Tree>>>, up: Weak<RefCell<Tree>> }
struct Generic<T> { held: T }
trait Speak { fn say(&self) -> i32; }
impl Speak for Point { fn say(&self) -> i32 { self.x } }
fn shared() {
    let a64 = AtomicU64::new(99);
    let abool = AtomicBool::new(true);
    let ausize = AtomicUsize::new(5);
    let ai64 = AtomicI64::new(-7);
    let aisize = AtomicIsize::new(-8);
    let a32 = AtomicU32::new(32);
    let a8 = AtomicU8::new(8);
    let aptr: AtomicPtr<i32> = AtomicPtr::new(std::ptr::null_mut());
    let rc = Rc::new(5u64);
    let rcu = Rc::new(6usize);
    let rcs = Rc::new(String::from("shared"));
    let rccell = Rc::new(RefCell::new(7i32));
    let weak = Rc::downgrade(&rc);
    let arc = Arc::new(8u64);
    let arcu = Arc::new(9usize);
    let arcm = Arc::new(Mutex::new(vec![1u64, 2]));
    stop(1); // mark: shared
    std::hint::black_box((&a64, &abool, &ausize, &ai64, &aisize, &a32, &a8, &aptr,));
    std::hint::black_box((&rc, &rcu, &rcs, &rccell, &weak, &arc, &arcu, &arcm,));
}
fn cells() {
    let cell = Cell::new(10u64);
    let cellu = Cell::new(11usize);
    let refcell = RefCell::new(12i64);
    let refcellu = RefCell::new(13isize);
    let mutex = Mutex::new(14u64);
    let mutexu = Mutex::new(15usize);
    let rw = RwLock::new(16u64);
    let once: OnceCell<u64> = OnceCell::new();
    let onceu: OnceLock<usize> = OnceLock::new();
    stop(1); // mark: cells
    std::hint::black_box((&cell, &cellu, &refcell, &refcellu, &mutex, &mutexu, &rw, &once,));
    std::hint::black_box((&onceu,));
}
fn rows() {
    let v64 = vec![1u64, 2];
    let vusize = vec![3usize, 4];
    let v8 = vec![1u8, 2];
    let vpoint = vec![Point { x: 1, y: 2 }];
    let vnested = vec![vec![1u64], vec![2]];
    let string = String::from("hello");
    let text = "literal";
    let slice: &[u64] = &[1, 2, 3];
    let sliceu: &[usize] = &[1, 2, 3];
    let array = [1u64, 2, 3];
    stop(1); // mark: rows
    std::hint::black_box((&v64, &vusize, &v8, &vpoint, &vnested, &string, &text, &slice,));
    std::hint::black_box((&sliceu, &array,));
}
fn options() {
    let array = [4u64, 5, 6];
    let some = Some(1u64);
    let someu = Some(2usize);
    let none: Option<i32> = None;
    let somes = Some(String::from("inside"));
    let someref: Option<&u64> = Some(&array[0]);
    let someraw: Option<*const u64> = Some(&array[1]);
    let ok: Result<u64, String> = Ok(1);
    let err: Result<usize, String> = Err("bad".into());
    let boxed = Box::new(1u64);
    let boxedu = Box::new(2usize);
    let boxedp = Box::new(Point { x: 3, y: 4 });
    let dynamic: Box<dyn Speak> = Box::new(Point { x: 5, y: 6 });
    stop(1); // mark: options
    std::hint::black_box((&array, &some, &someu, &none, &somes, &someref, &someraw, &ok,));
    std::hint::black_box((&err, &boxed, &boxedu, &boxedp, &dynamic,));
}
fn maps() {
    let map: HashMap<u64, usize> = [(1, 2)].into_iter().collect();
    let mapu: HashMap<usize, u64> = [(3, 4)].into_iter().collect();
    let set: HashSet<u64> = [5].into_iter().collect();
    let tree: BTreeMap<u64, usize> = [(6, 7)].into_iter().collect();
    let treeu: BTreeMap<usize, u64> = [(8, 9)].into_iter().collect();
    let treeset: BTreeSet<isize> = [1].into_iter().collect();
    let deque: VecDeque<u64> = [1, 2].into_iter().collect();
    let dequeu: VecDeque<usize> = [1, 2].into_iter().collect();
    let heap: BinaryHeap<i64> = [1].into_iter().collect();
    let list: LinkedList<isize> = [1, 2].into_iter().collect();
    stop(1); // mark: maps
    std::hint::black_box((&map, &mapu, &set, &tree, &treeu, &treeset, &deque, &dequeu,));
    std::hint::black_box((&heap, &list,));
}
fn plain() {
    let plain = Plain::B;
    let plain2 = Plain::A;
    let nothing = Rich::Nothing;
    let number = Rich::Number(3);
    let named = Rich::Named { id: 4, text: "n".into() };
    let tuple = (1u64, 2usize, "three");
    let pair = Pair(1u64, 2usize);
    let pairu = Pair(1usize, 2u64);
    let unit = Unit;
    let character = 'x';
    let float = 1.5f64;
    let big = 5u128;
    let range = 1u64..5;
    let rangeu = 1usize..5;
    let cow: Cow<str> = Cow::Borrowed("cow");
    stop(1); // mark: plain
    std::hint::black_box((&plain, &plain2, &nothing, &number, &named, &tuple, &pair, &pairu,));
    std::hint::black_box((&unit, &character, &float, &big, &range, &rangeu, &cow,));
}
fn others() {
    let nz = std::num::NonZeroU64::new(5).unwrap();
    let nzu = std::num::NonZeroUsize::new(6).unwrap();
    let wrapping = std::num::Wrapping(7usize);
    let generic = Generic { held: 1u64 };
    let genericu = Generic { held: 2usize };
    let duration = std::time::Duration::from_secs(5);
    let root = Rc::new(RefCell::new(Tree { value: 1, kids: vec![], up: Weak::new() }));
    root.borrow_mut().kids.push(Rc::new(RefCell::new(Tree { value: 2, kids: vec![], up: Rc::downgrade(&root) })));
    let path = std::path::PathBuf::from("/tmp/x");
    let reference = &generic;
    let raw: *const Generic<usize> = &genericu;
    let function: fn(usize) = stop;
    let closure = |n: u64| n + generic.held;
    stop(1); // mark: others
    std::hint::black_box((&nz, &nzu, &wrapping, &generic, &genericu, &duration, &root, &path,));
    std::hint::black_box((&reference, &raw, &function, &closure,));
}
fn main() {
    shared();
    cells();
    rows();
    options();
    maps();
    plain();
    others();
}
