// Which of the names match the pattern?
mod wildmatch;

use wildmatch::WildMatch;

fn main() {
    let mut words = std::env::args().skip(1);
    let pattern = WildMatch::new(&words.next().unwrap_or_default());
    for name in words {
        let found = pattern.matches(&name);
        println!("{name}: {}", if found { "yes" } else { "no" });
    }
}
