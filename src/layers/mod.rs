//! Layers: profiles attached to a session.
//!
//! Each profiler's format is one file or folder behind the [`Format`] trait, and one line in the table of them:
//! it says whether a file is its own ([`Sniff`]), and parses it into the one [`Profile`]. Nothing else knows its
//! name. [`add`] keeps the file under the session's raw folder and indexes the profile into the session database,
//! [`reindex`] does so again from the raw file.

mod callgrind;
mod costs;
mod folded;
mod index;
mod perf;
mod profile;
mod raw;
mod reader;
mod rows;

pub use index::{AddOptions, IndexedLayer, LayerId, LayerReport, add, reindex};
pub use profile::{
    CallCost, CallGraph, EventHandle, Frame, FrameHandle, FunctionCost, Profile, Sample,
    StackHandle, StackNode, StringHandle, Thread, ThreadHandle,
};
pub use reader::Input;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};

/// Why a file could not become a layer.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    /// A line that the format does not allow; `what` continues the sentence.
    #[error("{}:{line}: the line {what}", .file.display())]
    Malformed {
        /// The file as the user named it.
        file: PathBuf,
        /// Counted from 1.
        line: u64,
        /// "is …", "ends …"
        what: String,
    },
    /// A damaged file where no line is to blame.
    #[error("{} {what}", .file.display())]
    Damaged {
        /// The file as the user named it.
        file: PathBuf,
        /// "is …", "ends …"
        what: String,
    },
    /// No format claims the file.
    #[error(
        "{}:1: this is not a profile that can be read here: {} can be; name the format if it is one of them",
        .file.display(), listed(|format| format.about(), " and ")
    )]
    Unrecognised {
        /// The file as the user named it.
        file: PathBuf,
    },
    /// A format name that is none.
    #[error("unknown profile format `{}`; it is one of {}", .0.escape_default(), listed(|format| format.name(), ", "))]
    UnknownFormat(String),
    /// `perf` is needed and not there.
    #[error(
        "{} is binary perf.data, and reading it needs the `perf` program, which was not found: install it, or run \
         `perf script` where it was recorded and add that text", .file.display()
    )]
    PerfMissing {
        /// The file as the user named it.
        file: PathBuf,
    },
    /// The user interrupted.
    #[error("interrupted: no layer was added")]
    Cancelled,
}

/// A format's opinion of the beginning of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sniff {
    /// It is mine.
    Yes,
    /// It is not mine.
    No,
    /// I cannot tell from so little.
    NeedMore,
}

/// How to read a profile.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Set by a signal handler to stop reading and indexing; nothing is left behind.
    pub cancelled: Option<&'a AtomicBool>,
    /// Above so many samples with a time, times are dropped and equal samples merged: bounds memory and space.
    pub max_timed_samples: usize,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options {
            cancelled: None,
            max_timed_samples: 1_000_000,
        }
    }
}

/// One profiler's file format.
pub trait Format: Sync {
    /// The format's name, as stored in `layers.format` and taken by [`format_named`].
    fn name(&self) -> &'static str;

    /// Its files, as a person calls them in the middle of a sentence.
    fn about(&self) -> &'static str;

    /// The profiler, as stored in `layers.source`.
    fn source(&self) -> &'static str;

    /// Is a file that begins with `head` (and, if `whole`, has no more) of this format?
    fn sniff(&self, head: &[u8], whole: bool) -> Sniff;

    /// Reads a whole file.
    ///
    /// # Errors
    /// [`LayerError`], naming the file and where possible the line.
    fn parse<'a>(&self, input: Input<'a>, options: &Options<'a>) -> Result<Profile>;
}

/// Every format, those that are surest of their files first.
static FORMATS: &[&dyn Format] = &[
    &perf::PerfData,
    &callgrind::Callgrind,
    &perf::PerfScript,
    &folded::Folded,
];

/// All formats as they are told, those of one profiler side by side.
pub fn formats() -> impl Iterator<Item = &'static dyn Format> {
    let mut formats = FORMATS.to_vec();
    let first = |source| FORMATS.iter().position(|other| other.source() == source);
    formats.sort_by_key(|format| first(format.source()));
    formats.into_iter()
}

/// What is said of each format, as a part of a sentence; `last` stands before the last one.
#[must_use]
pub fn listed(say: fn(&dyn Format) -> &'static str, last: &str) -> String {
    let said: Vec<&str> = formats().map(say).collect();
    match &said[..] {
        [first @ .., end] if !first.is_empty() => format!("{}{last}{end}", first.join(", ")),
        said => said.concat(),
    }
}

/// How much of a file is shown to the formats, at first and at most.
const SNIFF_BYTES: [u64; 2] = [16 << 10, 1 << 20];

/// The format called `name`.
///
/// # Errors
/// [`LayerError::UnknownFormat`].
pub fn format_named(name: &str) -> Result<&'static dyn Format> {
    let found = FORMATS.iter().find(|format| format.name() == name);
    found
        .copied()
        .ok_or_else(|| LayerError::UnknownFormat(name.to_owned()).into())
}

/// The format of a file, found by looking at its beginning.
///
/// # Errors
/// [`LayerError`] if it is empty or of no known format, or what the file system says.
pub fn detect(path: &Path, shown: &Path) -> Result<&'static dyn Format> {
    for limit in SNIFF_BYTES {
        let mut head = Vec::new();
        let input = Input::open(path, shown)?;
        let read = input.reader.take(limit).read_to_end(&mut head);
        let read = read.with_context(|| format!("cannot read {}", shown.display()))?;
        let whole = (read as u64) < limit;
        if head.iter().all(u8::is_ascii_whitespace) && whole {
            let what = "is empty: the profiler wrote nothing into it".to_owned();
            return Err(LayerError::Damaged {
                file: shown.to_owned(),
                what,
            }
            .into());
        }
        let ask = |format: &&'static dyn Format| (*format, format.sniff(&head, whole));
        let answers: Vec<_> = FORMATS.iter().map(ask).collect();
        if let Some((format, _)) = answers.iter().find(|(_, answer)| *answer == Sniff::Yes) {
            return Ok(*format);
        }
        if whole || answers.iter().all(|(_, answer)| *answer == Sniff::No) {
            break;
        }
    }
    Err(LayerError::Unrecognised {
        file: shown.to_owned(),
    }
    .into())
}

/// Parses `path` as `format`; `shown` is its name in messages. A profile without any sample is an error.
///
/// # Errors
/// [`LayerError`], naming the file and where possible the line.
pub fn parse(
    format: &dyn Format,
    path: &Path,
    shown: &Path,
    options: &Options<'_>,
) -> Result<Profile> {
    let profile = format.parse(Input::open(path, shown)?, options)?;
    let nothing = profile.samples.is_empty()
        && profile
            .graph
            .as_ref()
            .is_none_or(|graph| graph.functions.is_empty());
    if nothing {
        let what = "holds no sample: the profiler saw nothing of the program".to_owned();
        return Err(LayerError::Damaged {
            file: shown.to_owned(),
            what,
        }
        .into());
    }
    Ok(profile)
}
