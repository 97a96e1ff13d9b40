// What Rust returns; only one or two scalars are returned where everybody knows.
#[inline(never)]
fn one(n: u32) -> u32 {
    n * 2
}
#[inline(never)]
fn halved(n: u32) -> f64 {
    f64::from(n) / 2.0
}
#[inline(never)]
fn pair(n: u32) -> (u32, u32) {
    (n, n + 1)
}
#[inline(never)]
fn mixed(n: u32) -> (u64, f64) {
    (u64::from(n), 0.5)
}
#[inline(never)]
fn tail(v: &[i32]) -> &[i32] {
    &v[1..]
}
#[inline(never)]
fn word(n: u32) -> &'static str {
    if n > 1 { "many" } else { "one" }
}
#[inline(never)]
fn owned(n: usize) -> String {
    "z".repeat(n)
}
#[inline(never)]
fn maybe(n: u32) -> Option<u32> {
    if n > 1 { Some(n) } else { None }
}

fn main() {
    let v = [1, 2, 3];
    println!("{} {} {:?} {:?}", one(2), halved(3), pair(4), mixed(5));
    println!("{:?} {} {} {:?}", tail(&v), word(2), owned(3), maybe(3));
}
