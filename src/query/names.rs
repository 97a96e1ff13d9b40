//! Names that something may mean, as a sentence lists them.

/// More of them nobody reads.
const SHOWN: usize = 5;

/// Names in quotes, with a word before the last one: `a`, `b` or `c`.
pub(super) fn listed(names: &[String], word: &str) -> String {
    let quoted: Vec<String> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    match (quoted.as_slice(), names.len().saturating_sub(SHOWN)) {
        ([one], 0) => one.clone(),
        ([first @ .., last], 0) => format!("{} {word} {last}", first.join(", ")),
        (all, more) => format!("{} {word} {more} more", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_names_are_counted() {
        let names: Vec<String> = ('a'..='g').map(String::from).collect();
        assert_eq!(listed(&names[..1], "or"), "`a`");
        assert_eq!(listed(&names[..2], "or"), "`a` or `b`");
        assert_eq!(listed(&names[..3], "and"), "`a`, `b` and `c`");
        assert_eq!(listed(&names, "or"), "`a`, `b`, `c`, `d`, `e` or 2 more");
    }
}
