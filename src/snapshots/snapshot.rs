//! What is taken of a stopped thread in one go: registers, a block of its
//! stack, and the few pieces elsewhere that its variables refer to.

use std::borrow::Cow;
use std::cell::RefCell;

use super::memory::{Memory, Pieces};
use super::places::VariableLocation;
use super::plan::{Length, Member, Shape, Variable};
use super::registers::Registers;

/// Below the stack pointer a function may keep this much without moving it.
const RED_ZONE: u64 = 128;
/// Taken at first; where that is not enough, more follows.
const FIRST: usize = 2048;
/// The most that is taken of a stack, in bytes.
const MOST: u64 = 1 << 20;
/// Variables so many bytes apart are taken in one piece, with what lies between them.
const NEAR: u64 = 16 << 10;
/// Pieces of one hit, so that a plan cannot run away.
const MOST_PIECES: usize = 512;

/// Taken of a thread; decoded later, when the thread has long gone on.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Where each variable is; none: nowhere.
    pub(super) sources: Vec<Option<Source>>,
    pub(super) pieces: Pieces,
}

/// Where a value's bytes come from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    Memory(u64),
    /// They are at hand: a register's, or computed.
    Held(Bytes),
}

/// Up to sixteen bytes, lowest first.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bytes {
    bytes: [u8; 16],
    size: usize,
}

impl Bytes {
    /// Of a register that has so many.
    pub(super) const fn new(bytes: [u8; 16], size: usize) -> Self {
        Self { bytes, size }
    }

    /// Appends; none when there is no room.
    pub(super) fn push(&mut self, more: &[u8]) -> Option<()> {
        let end = self.size + more.len();
        self.bytes.get_mut(self.size..end)?.copy_from_slice(more);
        self.size = end;
        Some(())
    }

    fn skip(self, count: usize) -> Self {
        let count = count.min(self.size);
        let mut rest = Self::default();
        // It fits: it is shorter.
        let _ = rest.push(&self.bytes[count..self.size]);
        rest
    }

    fn first(&self, count: usize) -> Option<&[u8]> {
        self.bytes[..self.size].get(..count)
    }
}

impl Source {
    pub(super) fn at(self, offset: usize) -> Self {
        match self {
            Self::Memory(address) => Self::Memory(address.wrapping_add(offset as u64)),
            Self::Held(bytes) => Self::Held(bytes.skip(offset)),
        }
    }

    pub(super) fn bytes(self, memory: &dyn Memory, size: usize) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Memory(address) => memory.exactly(address, size),
            Self::Held(bytes) => Some(bytes.first(size)?.to_vec().into()),
        }
    }

    pub(super) fn word(self, memory: &dyn Memory) -> Option<u64> {
        match self {
            Self::Memory(address) => memory.word(address),
            Self::Held(bytes) => Some(u64::from_le_bytes(bytes.first(8)?.try_into().ok()?)),
        }
    }
}

impl VariableLocation {
    /// Where the value is at one stop: `Some(None)` when it is nowhere, none
    /// when that cannot be told.
    #[expect(clippy::option_option, reason = "nowhere is not the same as not known")]
    fn source(
        &self,
        registers: &Registers,
        cfa: Option<u64>,
        memory: &dyn Memory,
    ) -> Option<Option<Source>> {
        Some(Some(match self {
            Self::Frame(offset) => Source::Memory(cfa?.wrapping_add_signed(*offset)),
            Self::Near(register, offset) => Source::Memory(
                registers
                    .general
                    .get(*register)?
                    .wrapping_add_signed(*offset),
            ),
            Self::Register(register) => {
                let size = if Registers::is_vector(*register) {
                    16
                } else {
                    8
                };
                Source::Held(Bytes::new(registers.bytes(*register)?, size))
            }
            Self::Static(address) => Source::Memory(*address),
            Self::Constant(bits) => Source::Held(Bytes::new(bits.to_le_bytes(), 16)),
            Self::Computed(computed) => computed.source(registers, cfa, memory)?,
            Self::Gone => return Some(None),
        }))
    }
}

/// The stack of a stopped thread: read once, and further only when asked for more.
pub struct StackBlock<'a> {
    memory: &'a dyn Memory,
    start: u64,
    bytes: RefCell<Vec<u8>>,
}

impl<'a> StackBlock<'a> {
    /// Takes the top of the stack at `sp`.
    #[must_use]
    pub fn new(memory: &'a dyn Memory, sp: u64) -> Self {
        let mut start = sp.saturating_sub(RED_ZONE);
        let mut bytes = memory.read(start, FIRST);
        if bytes.len() <= RED_ZONE as usize {
            // The stack is nearly full: nothing is below it.
            start = sp;
            bytes = memory.read(start, FIRST);
        }
        let bytes = RefCell::new(bytes.into_owned());
        Self {
            memory,
            start,
            bytes,
        }
    }
}

impl Memory for StackBlock<'_> {
    /// What an unwinder asks for, again and again.
    fn word(&self, address: u64) -> Option<u64> {
        let from = usize::try_from(address.wrapping_sub(self.start)).ok()?;
        if let Some(bytes) = self.bytes.borrow().get(from..from.saturating_add(8)) {
            return Some(u64::from_le_bytes(bytes.try_into().ok()?));
        }
        let bytes = self.exactly(address, 8)?;
        Some(u64::from_le_bytes(bytes.as_ref().try_into().ok()?))
    }

    fn read(&self, address: u64, size: usize) -> Cow<'_, [u8]> {
        let from = address.wrapping_sub(self.start);
        let mut bytes = self.bytes.borrow_mut();
        // What lies beyond a big array is read by itself.
        if from >= MOST || from > bytes.len() as u64 + NEAR {
            return self.memory.read(address, size);
        }
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        if from + size > bytes.len() {
            // Twice as much as before, at least as much as is asked for.
            let next = self.start + bytes.len() as u64;
            let more = bytes.len().max(from + size - bytes.len());
            bytes.extend_from_slice(&self.memory.read(next, more));
        }
        let rest = bytes.get(from..).unwrap_or(&[]);
        Cow::Owned(rest[..rest.len().min(size)].to_vec())
    }
}

/// Takes what a plan's variables need, and nothing more; none when it cannot
/// be told where one of them is.
#[must_use]
pub fn take(
    variables: &[Variable],
    registers: &Registers,
    cfa: Option<u64>,
    stack: &StackBlock<'_>,
) -> Option<Snapshot> {
    let sources: Vec<Option<Source>> = variables
        .iter()
        .map(|v| v.place.source(registers, cfa, stack))
        .collect::<Option<_>>()?;
    let mut pieces = Pieces::default();
    // Variables that lie near each other, which is all of them mostly, are one piece.
    let mut near: Option<(u64, u64)> = None;
    for (variable, source) in variables.iter().zip(&sources) {
        if let Some(Source::Memory(start)) = source {
            let address = start.wrapping_add(variable.what.offset as u64);
            let size = variable.what.end() - variable.what.offset;
            let end = address.saturating_add(size as u64);
            let (low, high) = near.unwrap_or((address, end));
            if address.min(low).saturating_add(NEAR) > end.max(high) {
                near = Some((address.min(low), end.max(high)));
            } else {
                pieces.keep(address, stack.read(address, size).into_owned());
            }
        }
    }
    if let Some((low, high)) = near {
        let size = usize::try_from(high - low).unwrap_or(0);
        pieces.keep(low, stack.read(low, size).into_owned());
    }
    let mut gather = Gather {
        stack,
        pieces,
        left: MOST_PIECES,
        full: false,
    };
    for (variable, source) in variables.iter().zip(&sources) {
        if let Some(source) = source
            && variable.what.shape.refers()
        {
            gather.shape(&variable.what.shape, source.at(variable.what.offset));
        }
    }
    // Too many for one hit: what is missing would look like garbage.
    (!gather.full).then_some(Snapshot {
        sources,
        pieces: gather.pieces,
    })
}

/// Collects what is elsewhere.
struct Gather<'a> {
    stack: &'a StackBlock<'a>,
    pieces: Pieces,
    left: usize,
    full: bool,
}

impl Gather<'_> {
    fn keep(&mut self, address: u64, size: usize) {
        self.full |= self.left == 0;
        if self.left > 0 && address != 0 && size > 0 {
            self.left -= 1;
            let bytes = self.stack.read(address, size).into_owned();
            self.pieces.keep(address, bytes);
        }
    }

    fn shape(&mut self, shape: &Shape, source: Source) {
        match shape {
            Shape::CString(most) => {
                if let Some(address) = source.word(self.stack) {
                    self.keep(address, most + 1);
                }
            }
            Shape::Text {
                address,
                length,
                most,
            } => {
                let length = source.at(*length).word(self.stack).unwrap_or(0);
                let size = usize::try_from(length).unwrap_or(usize::MAX).min(*most);
                if let Some(address) = source.at(*address).word(self.stack) {
                    self.keep(address, size);
                }
            }
            Shape::CppString {
                address,
                length,
                most,
                ..
            } => {
                let length = source.at(*length).word(self.stack).unwrap_or(0);
                let Some(address) = source.at(*address).word(self.stack) else {
                    return;
                };
                let size = usize::try_from(length).unwrap_or(usize::MAX);
                if size <= *most {
                    // With the NUL that follows.
                    self.keep(address, size + 1);
                } else {
                    self.keep(address, *most);
                    self.keep(address.saturating_add(length), 1);
                }
            }
            Shape::Struct { members, .. } => self.members(members, source),
            Shape::Array {
                element,
                stride,
                shown,
                ..
            } => self.elements(element, *stride, *shown, source),
            Shape::Run {
                begin,
                length,
                element,
                stride,
                most: Some(most),
            } => {
                let count = run_length(*length, *begin, *stride, source, self.stack);
                let Some((start, count)) = count else { return };
                let shown = usize::try_from(count).unwrap_or(usize::MAX).min(*most);
                self.keep(start, shown * stride);
                self.elements(element, *stride, shown, Source::Memory(start));
            }
            Shape::Target(target) | Shape::Reference(target) => {
                if let Some(address) = source.word(self.stack) {
                    self.keep(address, target.extent());
                    self.shape(target, Source::Memory(address));
                }
            }
            Shape::Run { most: None, .. }
            | Shape::Int { .. }
            | Shape::Bool(_)
            | Shape::Char(_)
            | Shape::F32
            | Shape::F64
            | Shape::Enum(_)
            | Shape::Pointer
            | Shape::Chars { .. }
            | Shape::Deep { .. } => {}
        }
    }

    fn members(&mut self, members: &[Member], source: Source) {
        for member in members.iter().filter(|member| member.shape.refers()) {
            self.shape(&member.shape, source.at(member.offset));
        }
    }

    fn elements(&mut self, element: &Member, stride: usize, shown: usize, source: Source) {
        if element.shape.refers() {
            for i in 0..shown {
                self.shape(&element.shape, source.at(i * stride));
            }
        }
    }
}

/// Where a run starts and how many elements it has; none when that cannot be.
pub(super) fn run_length(
    length: Length,
    begin: usize,
    stride: usize,
    source: Source,
    memory: &dyn Memory,
) -> Option<(u64, u64)> {
    let start = source.at(begin).word(memory)?;
    let count = match length {
        Length::Number(at) => source.at(at).word(memory)?,
        Length::Until(end, room) => {
            let end = source.at(end).word(memory)?;
            let room = source.at(room).word(memory)?;
            let bytes = end.checked_sub(start)?;
            let stride = stride as u64;
            if stride == 0 || bytes % stride != 0 || end > room || (start == 0 && room != 0) {
                return None;
            }
            bytes / stride
        }
    };
    (count < 1 << 40).then_some((start, count))
}
