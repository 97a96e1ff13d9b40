//! The tables of an SQLite file, read without SQLite: a few pages of a file at rest, for
//! [`Glance`](super::glance::Glance). Whatever is unusual is none: SQLite is asked then.
//!
//! Only what <https://www.sqlite.org/fileformat2.html> promises of every file is used.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustc_hash::FxHashSet;

use super::paths::sibling;
use crate::plain::open_plain;

const HEADER: usize = 100;
const LEAF: u8 = 0x0d;
const INTERIOR: u8 = 0x05;
/// Deeper than any table of a file that can exist.
const DEEPEST: u32 = 20;
/// One row is no longer: schemas and names are short.
const LONGEST: usize = 1 << 20;

/// A file that nobody writes.
pub(super) struct Pages {
    file: File,
    header: [u8; HEADER],
    size: usize,
    usable: usize,
    /// How many more pages are read: what needs more is SQLite's.
    left: u32,
    /// Pages that were read: none has two places in a file that is sound.
    seen: FxHashSet<u32>,
}

/// Is given a page, and where in it a cell begins.
type Look<'l> = dyn FnMut(&mut Pages, &[u8], usize) -> Option<()> + 'l;

/// A value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    /// A real number, a blob, or text that is not Unicode.
    Other,
}

impl<'a> Cell<'a> {
    pub(super) fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text, or that there is none; else it is unusual.
    pub(super) fn text_or_null(self) -> Option<Option<&'a str>> {
        match self {
            Self::Text(text) => Some(Some(text)),
            Self::Null => Some(None),
            _ => None,
        }
    }
}

impl Pages {
    /// Opens a file that is at rest: no log, no journal and no lock of ours beside it. That also
    /// keeps us from opening what this very process records, whose locks closing it would drop.
    pub(super) fn open(path: &Path, most: u32) -> Option<Self> {
        if !is_at_rest(path) {
            return None;
        }
        let file = open_plain(path).ok()?;
        let mut header = [0; HEADER];
        file.read_exact_at(&mut header, 0).ok()?;
        let utf8 = header[56..60] == [0, 0, 0, 1];
        if !header.starts_with(b"SQLite format 3\0") || header[18] > 2 || header[19] > 2 || !utf8 {
            return None;
        }
        let size = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 1 << 16,
            size if size.is_power_of_two() && size >= 512 => usize::from(size),
            _ => return None,
        };
        let usable = size - usize::from(header[20]);
        // Fixed fractions of the format; and a file that was cut short is another length than it says.
        let pages = u64::from(be32(&header, 28)?);
        let whole = file.metadata().ok()?.len() == pages * size as u64;
        let fractions = header[21..24] == [64, 32, 32];
        (usable >= 480 && whole && fractions).then_some(Self {
            file,
            header,
            size,
            usable,
            left: most,
            seen: FxHashSet::default(),
        })
    }

    /// Whether all that was read is of one moment: nobody has written since.
    pub(super) fn is_unchanged(&self, path: &Path) -> bool {
        let mut header = [0; HEADER];
        self.file.read_exact_at(&mut header, 0).is_ok() && header == self.header && is_at_rest(path)
    }

    pub(super) fn user_version(&self) -> i64 {
        i64::from(be32(&self.header, 60).unwrap_or_default().cast_signed())
    }

    pub(super) fn application_id(&self) -> i64 {
        i64::from(be32(&self.header, 68).unwrap_or_default().cast_signed())
    }

    /// Looks at each row of the table whose first page this is, in the order of their numbers.
    pub(super) fn rows(
        &mut self,
        root: u32,
        look: &mut dyn FnMut(&[Cell<'_>]) -> Option<()>,
    ) -> Option<()> {
        self.leaves(root, DEEPEST, &mut |pages, page, cell| {
            let (length, at) = varint(page, cell)?;
            let (_number, at) = varint(page, at)?;
            let length = usize::try_from(length).ok().filter(|n| *n <= LONGEST)?;
            look(&cells(&pages.payload(page, at, length)?)?)
        })
    }

    /// How many rows it has.
    pub(super) fn count(&mut self, root: u32) -> Option<u64> {
        let mut count = 0;
        self.leaves(root, DEEPEST, &mut |_, _, _| {
            count += 1;
            Some(())
        })?;
        Some(count)
    }

    /// Looks at each cell of the leaves below a page.
    fn leaves(&mut self, number: u32, depth: u32, look: &mut Look<'_>) -> Option<()> {
        let page = self.page(number)?;
        let head = if number == 1 { HEADER } else { 0 };
        let kind = *page.get(head)?;
        let count = usize::from(be16(&page, head + 3)?);
        let first = head + if kind == INTERIOR { 12 } else { 8 };
        for at in (first..).step_by(2).take(count) {
            let cell = usize::from(be16(&page, at)?);
            match kind {
                LEAF => look(self, &page, cell)?,
                INTERIOR => self.leaves(be32(&page, cell)?, depth.checked_sub(1)?, look)?,
                _ => return None,
            }
        }
        match kind {
            LEAF => Some(()),
            INTERIOR => self.leaves(be32(&page, head + 8)?, depth.checked_sub(1)?, look),
            _ => None,
        }
    }

    fn page(&mut self, number: u32) -> Option<Vec<u8>> {
        self.left = self.left.checked_sub(1)?;
        if !self.seen.insert(number) {
            return None;
        }
        let offset = u64::from(number.checked_sub(1)?) * self.size as u64;
        let mut page = vec![0; self.size];
        self.file.read_exact_at(&mut page, offset).ok()?;
        page.truncate(self.usable);
        Some(page)
    }

    /// The bytes of a row, which go on in other pages where they are many.
    fn payload(&mut self, page: &[u8], at: usize, length: usize) -> Option<Vec<u8>> {
        let most = self.usable - 35;
        if length <= most {
            return Some(page.get(at..at.checked_add(length)?)?.to_vec());
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let wanted = least + (length - least) % (self.usable - 4);
        let here = if wanted <= most { wanted } else { least };
        let mut payload = page.get(at..at.checked_add(here)?)?.to_vec();
        let mut next = be32(page, at + here)?;
        while payload.len() < length {
            let page = self.page(next)?;
            let part = (length - payload.len()).min(self.usable - 4);
            payload.extend_from_slice(page.get(4..4 + part)?);
            next = be32(&page, 0)?;
        }
        Some(payload)
    }
}

fn is_at_rest(path: &Path) -> bool {
    ["-wal", "-shm", "-journal", "-lock"]
        .iter()
        .all(|suffix| fs::symlink_metadata(sibling(path, suffix)).is_err())
        && fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes(bytes.try_into().ok()?))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

/// A number of one to nine bytes, and where the next thing is.
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0;
    for (i, byte) in bytes.get(at..)?.iter().take(9).enumerate() {
        if i == 8 {
            return Some((value << 8 | u64::from(*byte), at + 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + i + 1));
        }
    }
    None
}

/// The values of a row.
fn cells(payload: &[u8]) -> Option<Vec<Cell<'_>>> {
    let (end, mut at) = varint(payload, 0)?;
    let end = usize::try_from(end).ok()?;
    let mut body = end;
    let mut cells = Vec::new();
    while at < end {
        let (kind, next) = varint(payload, at)?;
        at = next;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => usize::try_from(kind).ok()?,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            _ => usize::try_from((kind - 12) / 2).ok()?,
        };
        let bytes = payload.get(body..body.checked_add(length)?)?;
        body += length;
        cells.push(match kind {
            0 => Cell::Null,
            1..=6 => Cell::Integer(integer(bytes)),
            8 => Cell::Integer(0),
            9 => Cell::Integer(1),
            13.. if kind % 2 == 1 => std::str::from_utf8(bytes).map_or(Cell::Other, Cell::Text),
            _ => Cell::Other,
        });
    }
    Some(cells)
}

/// Big-endian, with a sign.
fn integer(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let begin = if negative { -1 } else { 0 };
    bytes
        .iter()
        .fold(begin, |value, byte| value << 8 | i64::from(*byte))
}
