// Strings, slices, vectors and references that change at each passing.
pub struct Point {
    pub x: i32,
    pub y: f64,
}

pub struct Path<'a> {
    name: &'a str,
    points: Vec<Point>,
}

impl Path<'_> {
    #[inline(never)]
    pub fn length(&self, scale: f64, steps: &[u16], label: String) -> f64 {
        let count = self.points.len();
        let first = &self.points[0];
        let pair = (first.x, label.len() as u8);
        let fixed = [count as i64, -1, i64::from(first.x)];
        let letter = char::from(b'a' + (count % 26) as u8);
        let big = u128::MAX - count as u128;
        let odd = count % 2 == 1;
        let sum: f64 = self.points.iter().map(|p| p.y).sum();
        let length = sum * scale + f64::from(pair.0) + fixed[0] as f64 + steps.len() as f64; // mark: here
        if odd && letter != 'z' && big > 0 { length + self.name.len() as f64 } else { length }
    }
}

fn main() {
    let mut sum = 0.0;
    for n in 0..40u16 {
        let name = format!("path {n}");
        let points = (0..=n).map(|i| Point { x: i32::from(i) - 3, y: f64::from(i) / 2.0 }).collect();
        let steps: Vec<u16> = (0..n).collect();
        sum += Path { name: &name, points }.length(0.5, &steps, "é".repeat(usize::from(n)));
    }
    println!("sum {sum}");
}
