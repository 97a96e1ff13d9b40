//! Values that a person does not want compared.

use super::leaves::ELEMENT;

/// Names and paths such as `now`, `msg.stamp`, `a[…]`.
#[derive(Clone, Debug, Default)]
pub struct Ignored(Vec<Vec<String>>);

impl Ignored {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a path has one of them in it: `stamp` covers `stamp`, `msg.stamp`
    /// and `stamp.tv_sec`. Elements are all alike.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        let steps = steps(path);
        self.0
            .iter()
            .any(|wanted| steps.windows(wanted.len()).any(|part| part == wanted))
    }
}

impl<S: AsRef<str>> FromIterator<S> for Ignored {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let names = names.into_iter().map(|name| steps(name.as_ref()));
        Self(names.filter(|steps| !steps.is_empty()).collect())
    }
}

/// `p.a[3].x` → `p`, `a`, `[…]`, `x`.
fn steps(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    for name in crate::value::locals::steps(path) {
        let element = name.starts_with('[');
        steps.push(if element { ELEMENT.to_owned() } else { name });
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_covers_what_is_called_so_and_what_is_inside() {
        let ignored: Ignored = ["stamp", "p.x", "a[0]"].into_iter().collect();
        for path in [
            "stamp",
            "msg.stamp",
            "stamp.tv_sec",
            "q.p.x",
            "a[…]",
            "a[7].z",
        ] {
            assert!(ignored.covers(path), "{path}");
        }
        for path in ["stamps", "p", "p.y", "x", "a"] {
            assert!(!ignored.covers(path), "{path}");
        }
        assert!(Ignored::default().is_empty());
    }
}
