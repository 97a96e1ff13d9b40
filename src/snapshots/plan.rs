//! What is known of a scope before any hit: which variables it has, where they
//! are, and how their bytes are to be read.

use std::sync::Arc;

use super::places::VariableLocation;
use crate::value::Status;

/// How the bytes of a type are read. Depth and numbers of children are within
/// the user's limits already.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// An integer of so many bytes.
    Int {
        /// 1 to 16.
        size: usize,
        /// Two's complement.
        signed: bool,
    },
    /// Of so many bytes.
    Bool(usize),
    /// A code point, or a byte of text, of so many bytes.
    Char(usize),
    /// Single precision.
    F32,
    /// Double precision.
    F64,
    /// One of some names.
    Enum(Arc<Enumeration>),
    /// An address.
    Pointer,
    /// The address of a string that ends with NUL; so many characters are shown.
    CString(usize),
    /// Characters in place, in an array of so many.
    Chars {
        /// In the array.
        count: usize,
        /// Shown.
        most: usize,
    },
    /// A string by its address and length.
    Text {
        /// Where the address is, in bytes from the start.
        address: usize,
        /// Where the length in bytes is.
        length: usize,
        /// Shown.
        most: usize,
    },
    /// A `std::string` of libstdc++.
    CppString {
        /// Where the address of the text is, in bytes from the start.
        address: usize,
        /// Where the length is.
        length: usize,
        /// Where short texts are themselves, and the capacity for long ones.
        local: usize,
        /// Shown.
        most: usize,
    },
    /// Members; `count` of them in all when not all are here.
    Struct {
        /// Those that are shown.
        members: Arc<[Member]>,
        /// How many there really are, when cut short.
        count: Option<u64>,
    },
    /// Elements in place.
    Array {
        /// What each is.
        element: Arc<Member>,
        /// Bytes from one to the next.
        stride: usize,
        /// Shown.
        shown: usize,
        /// In all.
        count: usize,
    },
    /// Elements side by side elsewhere.
    Run {
        /// Where the address of the first is, in bytes from the start.
        begin: usize,
        /// How many there are.
        length: Length,
        /// What each is.
        element: Arc<Member>,
        /// Bytes from one to the next.
        stride: usize,
        /// Shown; none: it is too deep to show any.
        most: Option<usize>,
    },
    /// What an address refers to; the plain address where it cannot be read.
    Target(Arc<Shape>),
    /// The same of a C++ reference: without what it refers to it has no value.
    Reference(Arc<Shape>),
    /// Too deep to be read.
    Deep {
        /// Elements, not members.
        array: bool,
        /// There would be something.
        more: bool,
        /// Of the elements.
        count: Option<u64>,
    },
}

/// How many elements lie side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Up to an address, which is so many bytes from the start; room ends at another one.
    Until(usize, usize),
    /// A number, which is so many bytes from the start.
    Number(usize),
}

/// The names of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enumeration {
    /// Bytes.
    pub size: usize,
    /// Whether values can be negative.
    pub signed: bool,
    /// In the order of declaration.
    pub names: Vec<(String, i128)>,
    /// Values are made of single bits.
    pub flags: bool,
}

/// A member, element or variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Empty for elements, which are numbered.
    pub name: Arc<str>,
    /// As the debugger names it.
    pub type_name: Arc<str>,
    /// Bytes from the start of what holds it.
    pub offset: usize,
    /// A bit-field: its first bit from there, and how many bits.
    pub bits: Option<(usize, usize)>,
    /// How it is read.
    pub shape: Shape,
}

/// A variable, or a member of one, that is read at a program counter.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name, type and shape; the offset counts from the place.
    pub what: Member,
    /// A parameter of the function.
    pub arg: bool,
    /// What is known of it from its place in the source.
    pub status: Option<Status>,
    /// The variable that it is (part of), by its name in the program.
    pub variable: String,
    /// Where that is.
    pub place: VariableLocation,
}

impl VariableLocation {
    /// The registers that it takes to find it, by DWARF's numbers.
    #[must_use]
    pub fn registers(&self) -> Vec<usize> {
        match self {
            Self::Near(register, _) | Self::Register(register) => vec![*register],
            Self::Computed(computed) => computed.registers(),
            _ => Vec::new(),
        }
    }
}

impl Shape {
    pub(super) const fn is_reference(&self) -> bool {
        matches!(self, Self::Target(..) | Self::Reference(..))
    }

    /// Whether more memory than its own bytes is needed to read it.
    pub(super) fn refers(&self) -> bool {
        match self {
            Self::CString(_)
            | Self::Text { .. }
            | Self::CppString { .. }
            | Self::Run { .. }
            | Self::Target(..)
            | Self::Reference(..) => true,
            Self::Struct { members, .. } => members.iter().any(|member| member.shape.refers()),
            Self::Array { element, .. } => element.shape.refers(),
            Self::Int { .. }
            | Self::Bool(_)
            | Self::Char(_)
            | Self::F32
            | Self::F64
            | Self::Enum(_)
            | Self::Pointer
            | Self::Chars { .. }
            | Self::Deep { .. } => false,
        }
    }

    /// How many of a value's own bytes are read, from its start: of a big array those of the
    /// elements that are shown, however many there are.
    #[must_use]
    pub fn extent(&self) -> usize {
        match self {
            Self::Int { size, .. } | Self::Bool(size) | Self::Char(size) => *size,
            Self::F32 => 4,
            Self::F64 => WORD,
            Self::Enum(names) => names.size,
            Self::Pointer | Self::CString(_) | Self::Target(..) | Self::Reference(..) => WORD,
            Self::Chars { count, .. } => *count,
            Self::Text {
                address, length, ..
            } => address.max(length) + WORD,
            Self::CppString {
                address,
                length,
                local,
                ..
            } => (address.max(length) + WORD).max(local + LOCAL_TEXT),
            Self::Struct { members, .. } => {
                let ends = members.iter().map(Member::end);
                ends.max().unwrap_or(0)
            }
            Self::Array {
                element,
                stride,
                shown,
                ..
            } => match shown {
                0 => 0,
                shown => (shown - 1) * stride + element.end(),
            },
            Self::Run { begin, length, .. } => {
                let last = match length {
                    Length::Until(end, room) => *end.max(room),
                    Length::Number(at) => *at,
                };
                last.max(*begin) + WORD
            }
            Self::Deep { .. } => 0,
        }
    }
}

impl Member {
    /// How far it reaches, from the start of what holds it.
    pub(super) fn end(&self) -> usize {
        let extent = match self.bits {
            Some((first, count)) => (first + count).div_ceil(8),
            None => self.shape.extent(),
        };
        self.offset + extent
    }
}

/// Bytes of an address or a length.
const WORD: usize = 8;
/// Bytes of a text that stands in a `std::string` of libstdc++ itself.
const LOCAL_TEXT: usize = 16;
