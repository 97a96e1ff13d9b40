//! C++ names, however the tool that printed them writes them. C names pass through unchanged.

use std::borrow::Cow;

/// Names of things that compilers make for another function or type.
const SPECIAL: [&str; 14] = [
    "non-virtual thunk to ",
    "virtual thunk to ",
    "covariant return thunk to ",
    "transaction clone for ",
    "guard variable for ",
    "vtable for ",
    "VTT for ",
    "typeinfo for ",
    "typeinfo name for ",
    "construction vtable for ",
    "TLS init function for ",
    "TLS wrapper function for ",
    "reference temporary for ",
    "invocation function for block in ",
];

/// Longest first, so that `<<=` is not read as `<`.
const OPERATORS: [&str; 44] = [
    "<=>",
    "<<=",
    ">>=",
    "->*",
    "()",
    "[]",
    "<<",
    ">>",
    "<=",
    ">=",
    "==",
    "!=",
    "&&",
    "||",
    "++",
    "--",
    "+=",
    "-=",
    "*=",
    "/=",
    "%=",
    "&=",
    "|=",
    "^=",
    "->",
    "\"\"",
    "+",
    "-",
    "*",
    "/",
    "%",
    "^",
    "&",
    "|",
    "~",
    "!",
    "=",
    "<",
    ">",
    ",",
    " new[]",
    " delete[]",
    " new",
    " delete",
];

/// How deep brackets may nest before a name is taken verbatim.
const MAX_DEPTH: usize = 256;

/// The demangled text of an Itanium C++ linkage name (`_Z…`), with parameters and without return type.
pub(super) fn demangle(name: &str) -> Option<String> {
    // Apple and some tools prefix another underscore.
    let mangled = name
        .strip_prefix('_')
        .filter(|rest| rest.starts_with("_Z"))
        .unwrap_or(name);
    if !mangled.starts_with("_Z") {
        return None;
    }
    let symbol = cpp_demangle::Symbol::new(mangled).ok()?;
    let options = cpp_demangle::DemangleOptions::new();
    symbol
        .demangle_with_options(&options)
        .ok()
        .map(|text| special_in_words(&text).unwrap_or(text))
}

/// cpp_demangle's `{virtual override thunk({offset(-16)}, A::f())}` as every other tool says it.
fn special_in_words(text: &str) -> Option<String> {
    let (kind, rest) = text
        .strip_prefix('{')?
        .strip_suffix(")}")?
        .split_once('(')?;
    match kind {
        "vtable" => Some(format!("vtable for {rest}")),
        "vtt" => Some(format!("VTT for {rest}")),
        "virtual override thunk" => {
            let is_virtual = rest.starts_with("{virtual");
            let kind = if is_virtual {
                "virtual thunk to "
            } else {
                "non-virtual thunk to "
            };
            rest.split_once("}, ")
                .map(|(_, target)| format!("{kind}{target}"))
        }
        _ => None,
    }
}

/// Does demangled text prove that it names a C++ function?
pub(super) fn looks_like(name: &str) -> bool {
    let marks = [
        "(anonymous namespace)",
        "{lambda(",
        "operator",
        "std::allocator<",
        "__gnu_cxx::",
        "std::__",
    ];
    let has_parameters = name.ends_with(')') || name.ends_with(") const");
    has_parameters
        || name.contains("::~")
        || marks
            .iter()
            .any(|mark| name.contains("::") && name.contains(mark))
}

pub(super) fn is_special(fqn: &str) -> bool {
    SPECIAL.iter().any(|prefix| fqn.starts_with(prefix))
}

/// One step towards the canonical name; the caller repeats it until nothing changes.
pub(super) fn canonical(name: &str) -> String {
    let text = name.split_whitespace().collect::<Vec<_>>().join(" ");
    for prefix in SPECIAL {
        if let Some(rest) = text.strip_prefix(prefix) {
            return format!("{prefix}{}", canonical(rest));
        }
    }
    let bare = Scanner::new(&text).name().unwrap_or(text);
    collapse_std(&bare)
}

/// `std::__cxx11::basic_string<char, …>` becomes `std::string`.
fn collapse_std(name: &str) -> String {
    const INLINE: [&str; 4] = [
        "std::__cxx11::",
        "std::__1::",
        "std::__ndk1::",
        "std::__8::",
    ];
    /// The short name, and what the template's is that constructors and destructors are called by.
    const SHORT: [(&str, &str, &str); 4] = [
        (
            "std::basic_string<char, std::char_traits<char>, std::allocator<char>>",
            "string",
            "basic_string",
        ),
        (
            "std::basic_istream<char, std::char_traits<char>>",
            "istream",
            "basic_istream",
        ),
        (
            "std::basic_ostream<char, std::char_traits<char>>",
            "ostream",
            "basic_ostream",
        ),
        (
            "std::basic_iostream<char, std::char_traits<char>>",
            "iostream",
            "basic_iostream",
        ),
    ];
    let mut text = Cow::Borrowed(name);
    let mut replace = |from: &str, to: &str| {
        if text.contains(from) {
            text = Cow::Owned(text.replace(from, to));
        }
    };
    for namespace in INLINE {
        replace(namespace, "std::");
    }
    for (long, short, template) in SHORT {
        replace(long, &format!("std::{short}"));
        replace(
            &format!("std::{short}::{template}"),
            &format!("std::{short}::{short}"),
        );
        replace(
            &format!("std::{short}::~{template}"),
            &format!("std::{short}::~{short}"),
        );
    }
    text.into_owned()
}

/// Reads a demangled name from left to right and keeps what is part of the canonical one.
///
/// ```text
/// int   geo::Grid<int>::at  (int)  const  ::  {lambda(int)#1}::operator()  (int)
/// drop  keep                drop   drop       keep                         drop
/// ```
struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// The words before the last blank outside of brackets: a return type, if a parameter list follows.
    before: String,
    /// What has been kept since that blank.
    kept: String,
    saw_parameters: bool,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Scanner {
            text,
            at: 0,
            before: String::new(),
            kept: String::with_capacity(text.len()),
            saw_parameters: false,
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The canonical name; `None` if the brackets do not match, which is when the text is better left alone.
    fn name(mut self) -> Option<String> {
        while let Some(c) = self.rest().chars().next() {
            match c {
                'o' if self.at_operator() => self.operator()?,
                '(' => self.round()?,
                '<' => self.keep_group()?,
                '{' => self.keep_group()?,
                '[' => self.square()?,
                '\'' if self.at_component_start() => self.llvm_closure()?,
                ' ' => self.blank(),
                ')' | '>' | ']' | '}' => return None,
                _ => {
                    self.kept.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
        let name = self.kept.trim();
        if name.is_empty() {
            return None;
        }
        // Only a parameter list proves that the words in front are a return type.
        Some(if self.saw_parameters {
            name.to_owned()
        } else {
            format!("{}{name}", self.before)
        })
    }

    fn at_component_start(&self) -> bool {
        self.kept.is_empty() || self.kept.ends_with("::")
    }

    fn at_operator(&self) -> bool {
        let after = self.rest().strip_prefix("operator");
        after.is_some_and(|after| !after.starts_with(is_word)) && !self.kept.ends_with(is_word)
    }

    /// `operator()`, `operator< <int>`, `operator new[]`, `operator unsigned long`
    fn operator(&mut self) -> Option<()> {
        self.kept.push_str("operator");
        self.at += "operator".len();
        let spaced = OPERATORS.iter().find(|op| self.rest().starts_with(**op));
        let unspaced = || {
            OPERATORS
                .iter()
                .find(|op| self.rest().trim_start().starts_with(**op))
        };
        let Some(op) = spaced.or_else(unspaced) else {
            return self.conversion();
        };
        self.at += self.rest().len() - self.rest().trim_start().len();
        self.at += op.trim_start().len();
        self.kept.push_str(op);
        if *op == "\"\"" {
            self.at += self.rest().len() - self.rest().trim_start().len();
        } else if self.rest().trim_start().starts_with('<') {
            self.at += self.rest().len() - self.rest().trim_start().len();
            self.kept.push(' ');
            self.keep_group()?;
        }
        Some(())
    }

    /// `operator std::vector<int>`: everything up to the parameters is a type.
    fn conversion(&mut self) -> Option<()> {
        let rest = self.rest();
        let mut length = 0;
        while let Some(c) = rest[length..].chars().next() {
            match c {
                '<' | '{' | '[' => length += group_length(&rest[length..])?,
                '(' if rest[length..].starts_with("(anonymous") => {
                    length += group_length(&rest[length..])?
                }
                '(' => break,
                ')' | '>' | ']' | '}' => return None,
                _ => length += c.len_utf8(),
            }
        }
        let type_name = tidy(rest[..length].trim());
        self.at += length;
        if !type_name.is_empty() {
            self.kept.push(' ');
            self.kept.push_str(&type_name);
        }
        Some(())
    }

    /// `(anonymous namespace)` is a part of the name, `(int)` are parameters.
    fn round(&mut self) -> Option<()> {
        let length = group_length(self.rest())?;
        let group = &self.text[self.at..self.at + length];
        let is_component = self.at_component_start()
            && (self.before.is_empty() || group.starts_with("(anonymous"));
        self.at += length;
        if is_component {
            self.kept.push_str(&tidy(group));
        } else {
            self.saw_parameters = true;
            self.skip_qualifiers();
        }
        Some(())
    }

    /// ` const`, ` volatile`, ` &`, ` &&`, ` noexcept` after the parameters.
    fn skip_qualifiers(&mut self) {
        const QUALIFIERS: [&str; 6] =
            [" const", " volatile", " noexcept", " restrict", " &&", " &"];
        while let Some(word) = QUALIFIERS
            .iter()
            .find(|word| self.rest().starts_with(**word))
        {
            let after = &self.rest()[word.len()..];
            if after.starts_with(is_word) {
                break;
            }
            self.at += word.len();
        }
    }

    /// `[abi:cxx11]` and `[clone .cold]` are dropped, any other group is kept.
    fn square(&mut self) -> Option<()> {
        if self.rest().starts_with("[abi:") || self.rest().starts_with("[clone ") {
            self.at += group_length(self.rest())?;
            return Some(());
        }
        self.keep_group()
    }

    fn keep_group(&mut self) -> Option<()> {
        let length = group_length(self.rest())?;
        let group = tidy(&self.text[self.at..self.at + length]);
        self.kept.push_str(&group);
        self.at += length;
        Some(())
    }

    /// LLVM's `'lambda0'(int)` is `{lambda(int)#2}` everywhere else, and `'unnamed'` is `{unnamed type#1}`.
    fn llvm_closure(&mut self) -> Option<()> {
        let inner = &self.rest()[1..];
        let end = inner.find('\'')?;
        let word = &inner[..end];
        let digits = word.trim_start_matches(|c: char| !c.is_ascii_digit());
        let number = if digits.is_empty() {
            1
        } else {
            digits.parse::<u32>().ok()?.checked_add(2)?
        };
        self.at += end + 2;
        match word.trim_end_matches(|c: char| c.is_ascii_digit()) {
            "lambda" if self.rest().starts_with('(') => {
                let length = group_length(self.rest())?;
                let parameters = tidy(&self.rest()[..length]);
                self.at += length;
                self.kept
                    .push_str(&format!("{{lambda{parameters}#{number}}}"));
            }
            "unnamed" => self.kept.push_str(&format!("{{unnamed type#{number}}}")),
            _ => return None,
        }
        Some(())
    }

    fn blank(&mut self) {
        self.at += 1;
        if self.rest().starts_with('(')
            && !self.rest().starts_with("(anonymous")
            && !self.kept.is_empty()
        {
            return; // `f (int)`
        }
        self.before.push_str(&self.kept);
        self.before.push(' ');
        self.kept.clear();
        self.saw_parameters = false;
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// How many bytes the bracketed group that `text` starts with is long.
fn group_length(text: &str) -> Option<usize> {
    let mut open: Vec<u8> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'o' if text[at..].starts_with("operator")
                && !(at > 0 && is_word_byte(bytes[at - 1])) =>
            {
                at += "operator".len();
                let op = OPERATORS.iter().find(|op| text[at..].starts_with(**op));
                at += op.map_or(0, |op| op.len());
                continue;
            }
            byte @ (b'(' | b'<' | b'[' | b'{') => {
                // `<` inside of round brackets compares, unless template arguments close before they do.
                open.push(byte);
                if open.len() > MAX_DEPTH {
                    return None;
                }
            }
            b'>' if at > 0 && bytes[at - 1] == b'-' => {}
            b'>' if open.last() != Some(&b'<') => {} // a comparison
            byte @ (b')' | b'>' | b']' | b'}') => {
                while open.last() == Some(&b'<') && byte != b'>' {
                    open.pop(); // that `<` was a comparison
                }
                if open.pop() != Some(opening(byte)) {
                    return None;
                }
                if open.is_empty() {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn opening(closing: u8) -> u8 {
    match closing {
        b')' => b'(',
        b'>' => b'<',
        b']' => b'[',
        _ => b'{',
    }
}

/// One way to write types: `a<b<c>, d*>` for `a<b<c> ,d *>`, ABI tags dropped.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("[abi:")
            && let Some(length) = group_length(rest)
        {
            rest = &rest[length..];
            continue;
        }
        let next = rest[c.len_utf8()..].trim_start().chars().next();
        match c {
            ' ' if next.is_none_or(|next| "*&>,)".contains(next)) || out.ends_with(['<', '(']) => {}
            ' ' if out.ends_with(' ') => {}
            ',' if next.is_some() => out.push_str(", "),
            _ => out.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    out
}
