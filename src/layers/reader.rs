//! Reading text profiles line by line, in bounded memory, with errors that name the file and the line.

use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

use super::{LayerError, Options};
use crate::interrupt;
use crate::plain::open_plain;

/// No line of a sound profile is longer; C++ at its worst needs a hundredth of it.
const LONGEST_LINE: usize = 16 << 20;

/// How many lines are read between two looks at the cancel flag.
const LINES_PER_LOOK: u64 = 4096;

/// A profile to be read: an open file, or what another program makes of it.
pub struct Input<'a> {
    /// What is read.
    pub reader: Box<dyn Read + 'a>,
    /// Where the bytes really are.
    pub path: &'a Path,
    /// The file as the user named it, for messages.
    pub shown: &'a Path,
}

impl<'a> Input<'a> {
    /// Opens a file; only regular ones, so that no pipe or device can block us.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read.
    pub fn open(path: &'a Path, shown: &'a Path) -> Result<Self> {
        let file = open_plain(path).map_err(|e| match e.kind() {
            ErrorKind::InvalidInput => anyhow::anyhow!(
                "{} is not a file; give the profile that a profiler wrote",
                shown.display()
            ),
            _ => anyhow::Error::new(e).context(format!("cannot open {}", shown.display())),
        })?;
        Ok(Input {
            reader: Box::new(file),
            path,
            shown,
        })
    }
}

/// The lines of an [`Input`].
pub(super) struct Lines<'a> {
    reader: BufReader<Box<dyn Read + 'a>>,
    shown: PathBuf,
    cancelled: Option<&'a AtomicBool>,
    buffer: Vec<u8>,
    number: u64,
    ends_in_newline: bool,
}

impl<'a> Lines<'a> {
    pub(super) fn new(input: Input<'a>, options: &Options<'a>) -> Self {
        Lines {
            reader: BufReader::with_capacity(256 << 10, input.reader),
            shown: input.shown.to_owned(),
            cancelled: options.cancelled,
            buffer: Vec::with_capacity(1024),
            number: 0,
            ends_in_newline: true,
        }
    }

    /// The next line without its end, or `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>> {
        if self.number.is_multiple_of(LINES_PER_LOOK)
            && self
                .cancelled
                .is_some_and(|flag| flag.load(Ordering::Relaxed))
        {
            return Err(LayerError::Cancelled.into());
        }
        self.buffer.clear();
        let limit = LONGEST_LINE as u64;
        let read = self
            .reader
            .by_ref()
            .take(limit)
            .read_until(b'\n', &mut self.buffer);
        if read.is_err() && interrupt::pressed() {
            return Err(LayerError::Cancelled.into());
        }
        let read = read.with_context(|| format!("cannot read {}", self.shown.display()))?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.ends_in_newline = self.buffer.last() == Some(&b'\n');
        if read == LONGEST_LINE && !self.ends_in_newline {
            return Err(self.error("is longer than 16 MB: this is no profile in text form"));
        }
        if memchr::memchr(0, &self.buffer).is_some() {
            return Err(
                self.error("holds binary data: the file is damaged or no profile in text form")
            );
        }
        while self
            .buffer
            .last()
            .is_some_and(|byte| matches!(byte, b'\n' | b'\r'))
        {
            self.buffer.pop();
        }
        Ok(Some(&self.buffer))
    }

    /// False if the file ended in the middle of a line.
    pub(super) fn ends_in_newline(&self) -> bool {
        self.ends_in_newline
    }

    /// An error about the line that was read last; `what` continues "FILE:LINE …".
    pub(super) fn error(&self, what: impl Into<String>) -> anyhow::Error {
        LayerError::Malformed {
            file: self.shown.clone(),
            line: self.number.max(1),
            what: what.into(),
        }
        .into()
    }
}

pub(super) fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}
