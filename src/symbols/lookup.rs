//! Finding the function that a person means: `compute`, `Stack::push`, `geo::Point<int>::dot`, a mangled name.

use std::collections::BTreeSet;

use super::{Symbol, rust};

/// The answer of [`lookup`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The one canonical name that was meant.
    Found(String),
    /// Several functions fit equally well; sorted.
    Ambiguous(Vec<String>),
    /// No function fits.
    NotFound,
}

/// Finds the canonical name among `fqns` that `query` means.
///
/// The first rule that any name satisfies decides: the exact name, the end of the name after a `::`, the same two
/// without template arguments, at last the bare name of the function.
///
/// ```
/// use dbg_session::symbols::{Lookup, lookup};
/// let names = ["geo::Point<int>::dot", "geo::area", "sea::area"];
/// assert_eq!(lookup("Point::dot", names), Lookup::Found("geo::Point<int>::dot".to_owned()));
/// assert_eq!(lookup("geo::area(int)", names), Lookup::Found("geo::area".to_owned()));
/// assert!(matches!(lookup("area", names), Lookup::Ambiguous(both) if both.len() == 2));
/// ```
pub fn lookup<'a>(query: &str, fqns: impl IntoIterator<Item = &'a str>) -> Lookup {
    let fqns: BTreeSet<&str> = fqns.into_iter().collect();
    let wanted = query.trim();
    if wanted.is_empty() {
        return Lookup::NotFound;
    }
    if fqns.contains(wanted) {
        return Lookup::Found(wanted.to_owned());
    }
    let canonical = Symbol::canonical(wanted, None).fqn;
    let plain_wanted = plain(&canonical);
    let rules: [&dyn Fn(&str) -> bool; 5] = [
        &|fqn| fqn == canonical,
        &|fqn| ends_with_path(fqn, &canonical),
        &|fqn| plain(fqn) == plain_wanted,
        &|fqn| ends_with_path(&plain(fqn), &plain_wanted),
        &|fqn| last_component(&plain(fqn)) == plain_wanted,
    ];
    for rule in rules {
        let mut hits: Vec<String> = fqns
            .iter()
            .filter(|fqn| rule(fqn))
            .map(|fqn| (*fqn).to_owned())
            .collect();
        match hits.len() {
            0 => {}
            1 => return Lookup::Found(hits.remove(0)),
            _ => return Lookup::Ambiguous(hits),
        }
    }
    Lookup::NotFound
}

fn ends_with_path(fqn: &str, tail: &str) -> bool {
    fqn.strip_suffix(tail)
        .is_some_and(|head| head.ends_with("::"))
}

fn last_component(plain: &str) -> &str {
    plain.rsplit_once("::").map_or(plain, |(_, last)| last)
}

/// The name without template arguments; Rust's `<T as Trait>::f` is `T::f`.
fn plain(fqn: &str) -> String {
    if let Some(end) = rust::closing_angle(fqn)
        && let Some(type_name) = rust::split_as(&fqn[1..end])
    {
        return plain(&format!("{type_name}{}", &fqn[end + 1..]));
    }
    let mut out = String::with_capacity(fqn.len());
    let mut depth = 0usize;
    let mut rest = fqn;
    while let Some(c) = rest.chars().next() {
        if depth == 0 && rest.starts_with("operator") {
            // `operator<`, `operator->`: what follows is no template argument.
            let name_end = rest[8..]
                .find(|c: char| c.is_alphanumeric() || c == ' ')
                .map_or(rest.len(), |at| at + 8);
            out.push_str(&rest[..name_end]);
            rest = &rest[name_end..];
            continue;
        }
        match c {
            '<' => depth += 1,
            '>' if depth > 0 => depth -= 1,
            _ if depth == 0 => out.push(c),
            _ => {}
        }
        rest = &rest[c.len_utf8()..];
    }
    out.trim_end().to_owned()
}
