//! One value as a debugger read it, and the one place that turns it into text:
//! the same state gives the same text, whichever debugger it was read by.

pub mod float;
pub mod locals;
mod mask;
pub mod names;
pub mod number;
mod text;

pub use mask::mask;
pub use text::{content, quoted, unescaped};

use std::sync::Arc;

/// A variable, a member or an element, as read; the text is made later.
///
/// Names and types are shared: they are the same at every hit of a location.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// As in the source; `[0]`, `["key"]` for elements.
    pub name: Arc<str>,
    /// As the debugger names it.
    pub type_name: Arc<str>,
    /// What was read.
    pub body: Body,
    /// What is not whole about it.
    pub status: Option<Status>,
    /// How many elements or characters there really are, when cut short.
    pub count: Option<u64>,
    /// Where it is, where that tells more than the value does.
    pub addr: Option<u64>,
    /// A parameter of the function.
    pub arg: bool,
    /// Members or elements; none: not an aggregate, or deeper than was read.
    pub children: Option<Vec<Value>>,
}

/// What a value holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Nothing: it could not be read, the status says why.
    None(Option<String>),
    /// An integer of any width up to 128 bits.
    Int(i128),
    /// `false` or `true`.
    Bool(bool),
    /// A code point.
    Char(u32),
    /// Single precision.
    F32(f32),
    /// Double precision.
    F64(f64),
    /// Text as it is: wide floats and complex numbers, what a user's pretty-printer says.
    Text(String),
    /// The name of an enumerator.
    Enum(String),
    /// An address.
    Pointer(u64),
    /// The content of a string.
    Str(Vec<u8>),
    /// Members.
    Struct,
    /// Elements by position.
    Array,
    /// Elements by key.
    Map,
    /// The named case of a Rust enum; children are its payload.
    Variant(String),
}

impl Body {
    /// A character of one byte. From 0x80 on it is part of some character of several, and none by itself.
    #[must_use]
    pub fn byte(code: u8) -> Self {
        if code.is_ascii() {
            Self::Char(code.into())
        } else {
            Self::Text(format!("'\\x{code:02x}'"))
        }
    }

    /// An integer that may be greater than any [`Body::Int`].
    #[must_use]
    pub fn unsigned(number: u128) -> Self {
        i128::try_from(number).map_or_else(|_| Self::Text(number.to_string()), Self::Int)
    }
}

/// What is not whole about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The compiler kept no trace of it.
    OptimizedOut,
    /// The debugger cannot read it here.
    Unavailable,
    /// Reading it failed.
    Error,
    /// Only its head was read.
    Truncated,
    /// Read, but most likely not yet set by the program.
    Uninitialized,
}

impl Status {
    const ALL: [Self; 5] = [
        Self::OptimizedOut,
        Self::Unavailable,
        Self::Error,
        Self::Truncated,
        Self::Uninitialized,
    ];

    /// As it stands in the session file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OptimizedOut => "optimized-out",
            Self::Unavailable => "unavailable",
            Self::Error => "error",
            Self::Truncated => "truncated",
            Self::Uninitialized => "uninitialized?",
        }
    }

    /// Reads what [`Status::as_str`] writes.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

impl Value {
    /// A value that is whole and has no members.
    #[must_use]
    pub fn plain(name: impl Into<Arc<str>>, type_name: impl Into<Arc<str>>, body: Body) -> Self {
        Self {
            name: name.into(),
            type_name: type_name.into(),
            body,
            status: None,
            count: None,
            addr: None,
            arg: false,
            children: None,
        }
    }

    /// An aggregate of some kind.
    #[must_use]
    pub fn aggregate(
        name: impl Into<Arc<str>>,
        type_name: impl Into<Arc<str>>,
        body: Body,
        children: Vec<Value>,
    ) -> Self {
        Self {
            children: Some(children),
            ..Self::plain(name, type_name, body)
        }
    }

    /// How many values were cut short, those inside of this one included.
    #[must_use]
    pub fn truncated(&self) -> usize {
        let inside = self.children.iter().flatten().map(Self::truncated);
        usize::from(self.status == Some(Status::Truncated)) + inside.sum::<usize>()
    }

    /// One line, as a person reads it: `3`, `"abc"`, `{x = 3, y = 0}`.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        text::write(self, &mut out);
        out
    }
}
