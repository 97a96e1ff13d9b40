//! Paths of variables, and comparisons of them, in the language of the program.
//!
//! ```text
//! any     = all { "||" all }
//! all     = one { "&&" one }
//! one     = "!" one | "(" any ")" | operand [ ( == | != | <= | >= | < | > ) operand ]
//! operand = path | number | 'c' | "text" | true | false | nullptr | NULL
//! path    = { "*" } [ "::" ] name { "::" name } { "." name | "->" name | "[" digits "]" }
//! ```
//!
//! None of it calls anything, as long as the path leads through data.

use super::{Why, begins_a_name, of_a_name, readable, shortened};

const COMPARE: [&str; 6] = ["==", "!=", "<=", ">=", "<", ">"];
const WORDS: [&str; 4] = ["true", "false", "nullptr", "NULL"];
const DEEPEST: usize = 50;

/// What a condition reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::command) struct Comparison {
    /// Its paths, as they were written.
    pub paths: Vec<String>,
    /// Whether it has a text in it: debuggers call the program's `malloc` for one.
    pub texts: bool,
}

/// Reads a condition.
pub(in crate::command) fn comparison(text: &str) -> Result<Comparison, Why> {
    readable(text)?;
    let mut reader = Reader::of(text);
    let read = reader.any().filter(|()| reader.ends());
    match read {
        Some(()) if !reader.found.paths.is_empty() => Ok(reader.found),
        _ => Err(format!(
            "`{}` is more than a comparison of variables with numbers",
            shortened(text)
        )),
    }
}

/// Reads the path of a variable.
pub(in crate::command) fn path(text: &str) -> Result<&str, Why> {
    readable(text)?;
    let mut reader = Reader::of(text);
    match reader.path().filter(|()| reader.ends()) {
        Some(()) => Ok(text),
        None => Err(format!("`{}` is no path of a variable", shortened(text))),
    }
}

/// A path, perhaps with the number of elements that are meant: `*p@3`.
pub(in crate::command) fn row(text: &str) -> Result<&str, Why> {
    const MOST_DIGITS: usize = 6;
    match text.rsplit_once('@') {
        Some((pointer, count)) => {
            let digits = !count.is_empty() && count.bytes().all(|c| c.is_ascii_digit());
            match digits && count.len() <= MOST_DIGITS {
                true => path(pointer).map(|_| text),
                false => path(text),
            }
        }
        None => path(text),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    found: Comparison,
}

impl<'a> Reader<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            found: Comparison::default(),
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches(' ').len();
    }

    fn ends(&mut self) -> bool {
        self.spaces();
        self.rest().is_empty()
    }

    /// Whether this stands next; it is taken then.
    fn taken(&mut self, what: &str) -> bool {
        self.spaces();
        let there = self.rest().starts_with(what);
        if there {
            self.at += what.len();
        }
        there
    }

    fn any(&mut self) -> Option<()> {
        self.all()?;
        while self.taken("||") {
            self.all()?;
        }
        Some(())
    }

    fn all(&mut self) -> Option<()> {
        self.one()?;
        while self.taken("&&") {
            self.one()?;
        }
        Some(())
    }

    fn one(&mut self) -> Option<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        if self.taken("!") {
            self.one()?;
        } else if self.taken("(") {
            self.any()?;
            self.taken(")").then_some(())?;
        } else {
            self.operand()?;
            if COMPARE.iter().any(|compare| self.taken(compare)) {
                self.operand()?;
            }
        }
        self.depth -= 1;
        Some(())
    }

    fn operand(&mut self) -> Option<()> {
        self.spaces();
        match self.rest().chars().next()? {
            quote @ ('"' | '\'') => self.quoted(quote),
            c if c.is_ascii_digit() || c == '-' => self.number(),
            _ => self.word().or_else(|| self.path()),
        }
    }

    fn word(&mut self) -> Option<()> {
        let word = WORDS.iter().find(|word| {
            let after = self.rest().strip_prefix(**word);
            after.is_some_and(|after| !after.starts_with(of_a_name) && !after.starts_with("::"))
        })?;
        self.at += word.len();
        Some(())
    }

    /// Digits as C has them, with suffixes; what is wrong in it the debugger says.
    fn number(&mut self) -> Option<()> {
        let rest = self.rest().strip_prefix('-').unwrap_or(self.rest());
        if !rest.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let hex = rest.starts_with("0x") || rest.starts_with("0X");
        let mut before = ' ';
        let length = rest
            .find(|c: char| {
                let exponent = !hex && matches!(before, 'e' | 'E') && matches!(c, '-' | '+');
                before = c;
                !(c.is_ascii_alphanumeric() || c == '.' || exponent)
            })
            .unwrap_or(rest.len());
        let digits = rest[..length].chars();
        let fits = |c: char| match hex {
            true => c.is_ascii_hexdigit() || "xXuUlL".contains(c),
            false => c.is_ascii_digit() || ".eE+-uUlLfF".contains(c),
        };
        self.at = self.text.len() - rest.len() + length;
        digits.clone().all(fits).then_some(())
    }

    fn quoted(&mut self, quote: char) -> Option<()> {
        self.found.texts |= quote == '"';
        let mut escaped = false;
        for (at, c) in self.rest().char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                c if c == quote => {
                    let alone = quote == '"' || at > 1;
                    self.at += at + 1;
                    return alone.then_some(());
                }
                _ => {}
            }
        }
        None
    }

    fn path(&mut self) -> Option<()> {
        self.spaces();
        let start = self.at;
        while self.taken("*") {}
        self.taken("::");
        self.spaces();
        self.name()?;
        while self.rest().starts_with("::") {
            self.at += 2;
            self.name()?;
        }
        while self.step()? {}
        let path = self.text[start..self.at].trim_end();
        self.found.paths.push(path.to_owned());
        Some(())
    }

    fn name(&mut self) -> Option<()> {
        let rest = self.rest();
        rest.starts_with(begins_a_name).then_some(())?;
        self.at += rest.find(|c| !of_a_name(c)).unwrap_or(rest.len());
        Some(())
    }

    /// A member or an element; Some(false) where the path ends.
    fn step(&mut self) -> Option<bool> {
        if self.taken("->") {
            self.spaces();
            self.name()?;
        } else if self.taken(".") {
            self.spaces();
            match self.digits() {
                Some(()) => {} // a tuple's, in Rust
                None => self.name()?,
            }
        } else if self.taken("[") {
            self.spaces();
            self.digits()?;
            self.taken("]").then_some(())?;
        } else {
            return Some(false);
        }
        Some(true)
    }

    fn digits(&mut self) -> Option<()> {
        const MOST: usize = 18;
        let rest = self.rest();
        let length = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        self.at += length;
        (1..=MOST).contains(&length).then_some(())
    }
}
