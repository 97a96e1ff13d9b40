//! Names of functions, as C, C++ and Rust have them.
//!
//! ```text
//! name  = [ "::" ] part { "::" part } { tail }
//! part  = ( [ "~" ] word | "operator" symbol | group ) { group }
//! group = "<" … ">" | "(" … ")" | "[" … "]" | "{" … "}"    of types, numbers, and names
//! tail  = " const" | " volatile" | " noexcept" | " &" | " &&" | " " group | "@" version
//! ```

use std::cell::Cell;

use super::{Why, begins_a_name, of_a_name, readable, shortened};

const SYMBOLS: [&str; 39] = [
    "<=>", "<<=", ">>=", "->*", "()", "[]", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "++",
    "--", "+=", "-=", "*=", "/=", "%=", "^=", "&=", "|=", "->", "+", "-", "*", "/", "%", "^", "&",
    "|", "~", "!", "=", "<", ">", ",",
];
const TAILS: [&str; 5] = [" const", " volatile", " noexcept", " &&", " &"];
/// Groups in groups.
const DEEPEST: usize = 64;
/// Parts that are tried: a text of many `operator`s could be read in very many ways.
const MOST_PARTS: u32 = 500;

/// The text itself, if it is a function's name and no more.
pub(in crate::command) fn function(text: &str) -> Result<&str, Why> {
    readable(text)?;
    let chars: Vec<char> = text.chars().collect();
    let parts = Cell::new(0);
    let name = Name {
        rest: &chars,
        parts: &parts,
    };
    let name = name.after("::").unwrap_or(name);
    // `main::$_0` is a lambda's; what begins so is a variable of the debugger's.
    match !text.starts_with('$') && name.is_whole() {
        true => Ok(text),
        false => Err(format!("`{}` is no name of a function", shortened(text))),
    }
}

/// What is left to read of one; `is_…` answers whether all of it is that.
#[derive(Clone, Copy)]
struct Name<'a> {
    rest: &'a [char],
    parts: &'a Cell<u32>,
}

impl<'a> Name<'a> {
    fn at(self, rest: &'a [char]) -> Self {
        Self { rest, ..self }
    }

    fn after(self, text: &str) -> Option<Self> {
        let without = |rest: &'a [char], c| match rest.split_first() {
            Some((first, rest)) if *first == c => Some(rest),
            _ => None,
        };
        text.chars()
            .try_fold(self.rest, without)
            .map(|rest| self.at(rest))
    }

    /// Begins with a part.
    fn is_whole(self) -> bool {
        self.parts.set(self.parts.get() + 1);
        if self.parts.get() > MOST_PARTS {
            return false;
        }
        match self.after("operator") {
            Some(rest) if !rest.rest.first().is_some_and(|c| of_a_name(*c)) => rest.is_operator(),
            _ => {
                let word = || self.after("~").unwrap_or(self).word();
                self.scope().or_else(word).is_some_and(Self::is_rest)
            }
        }
    }

    /// Behind a part: its groups, the other parts, what is told of a method.
    fn is_rest(mut self) -> bool {
        loop {
            if self.rest.is_empty() {
                return true;
            }
            // Also behind a tail: `f() const::{lambda()#1}`.
            if let Some(part) = self.after("::") {
                return part.is_whole();
            }
            let tail = || TAILS.iter().find_map(|tail| self.after(tail));
            let spaced = || self.after(" ").and_then(Self::group);
            let version = || {
                let at = self.after("@")?;
                at.after("@").unwrap_or(at).word()
            };
            match self.group().or_else(tail).or_else(spaced).or_else(version) {
                Some(rest) => self = rest,
                None => return false,
            }
        }
    }

    /// What stands for a name: `(anonymous namespace)`, `{closure#0}`, `<Vec<T> as Drop>`.
    fn scope(self) -> Option<Self> {
        let group = || {
            self.group()
                .filter(|_| matches!(self.rest.first(), Some('<' | '{')))
        };
        self.after("(anonymous namespace)").or_else(group)
    }

    fn word(self) -> Option<Self> {
        let (first, mut rest) = self.rest.split_first()?;
        if !(begins_a_name(*first) || *first == '$') {
            return None;
        }
        while let Some((c, after)) = rest.split_first() {
            // `.cold`, `.llvm.123`, `$LT$`, `core..fmt`, `r#type`; nothing ends in one.
            let joins =
                matches!(c, '.' | '#') && after.first().is_some_and(|c| of_a_name(*c) || *c == '.');
            if !(of_a_name(*c) || *c == '$' || joins) {
                break;
            }
            rest = after;
        }
        Some(self.at(rest))
    }

    fn is_operator(self) -> bool {
        let symbol = |symbol: &str| {
            // `operator< <int>` has a space, that it is not `<<`.
            self.after(symbol).is_some_and(Self::is_rest)
        };
        if SYMBOLS.into_iter().any(symbol) {
            return true;
        }
        if let Some(suffix) = self.after("\"\"") {
            let word = suffix.after(" ").unwrap_or(suffix).word();
            return word.is_some_and(Self::is_rest);
        }
        self.after(" ").is_some_and(Self::is_type)
    }

    /// `new[]`, `delete`, `co_await`, or the type that is converted to.
    fn is_type(mut self) -> bool {
        loop {
            let Some(word) = self.word().or_else(|| self.group()) else {
                return false;
            };
            self = word;
            let more = |name: Self| {
                let mark = |mark| name.after(mark);
                let marked = mark("*").or_else(|| mark("&")).or_else(|| mark("[]"));
                name.group().or(marked)
            };
            while let Some(rest) = more(self) {
                self = rest;
            }
            if self.is_rest() {
                return true;
            }
            match self.after("::").or_else(|| self.after(" ")) {
                Some(rest) => self = rest,
                None => return false,
            }
        }
    }

    /// From a bracket to the one that closes it.
    fn group(self) -> Option<Self> {
        // Nothing else of a name is in square ones, outside of others.
        let square = self.rest.first() == Some(&'[');
        if square
            && self
                .after("[abi:")
                .or_else(|| self.after("[clone "))
                .is_none()
        {
            return None;
        }
        let mut open: Vec<char> = Vec::new();
        let mut before = ' ';
        for (at, c) in self.rest.iter().enumerate() {
            match c {
                '<' => open.push('>'),
                '(' => open.push(')'),
                '[' => open.push(']'),
                '{' => open.push('}'),
                '>' if before == '-' && !open.is_empty() => {} // `fn() -> T`
                '>' | ')' | ']' | '}' if open.last() == Some(c) => {
                    open.pop();
                }
                ';' if open.last() == Some(&']') => {} // `[u8; 4]`
                c if !open.is_empty() && of_a_type(*c) => {}
                _ => return None,
            }
            if open.is_empty() {
                return Some(self.at(&self.rest[at + 1..]));
            }
            if open.len() > DEEPEST {
                return None;
            }
            before = *c;
        }
        None
    }
}

/// What stands between brackets: types, numbers, characters' names, lifetimes.
fn of_a_type(c: char) -> bool {
    of_a_name(c) || " :,*&#'-+.?!=$~".contains(c)
}
