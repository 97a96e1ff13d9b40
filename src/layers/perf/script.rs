//! The text of `perf script`, in its default layout and with the usual `-F` variants.
//!
//! ```text
//! prog  7438  1079.564669:     500000 cpu-clock:       a header line per sample
//!             2681 sort+0x1 (/bin/prog)                its stack, the innermost frame first
//!             15c7 main+0x1a6 (/bin/prog)
//!                                                      a blank line
//! ```
//!
//! Without call chains the one frame stands on the header line. The weight of a sample is its period, as in
//! `perf report`; where no period was printed, each sample weighs 1.

use anyhow::Result;
use rustc_hash::FxHashMap;

use super::frame;
use super::header::{self, Header};
use crate::layers::profile::{
    EventHandle, Frame, FrameHandle, Profile, Sample, Thread, ThreadHandle,
};
use crate::layers::reader::{Lines, is_blank};
use crate::layers::{Format, Input, Options, Sniff};

/// The reader for perf's text.
pub(in crate::layers) struct PerfScript;

/// Different frame texts remembered; each instruction that was sampled has one.
const FRAME_CACHE: usize = 1 << 20;

/// Begins the unit of samples whose period was not printed.
const SAMPLES_OF: &str = "samples of ";

impl Format for PerfScript {
    fn name(&self) -> &'static str {
        "perf-script"
    }

    fn about(&self) -> &'static str {
        "the text of `perf script`"
    }

    fn source(&self) -> &'static str {
        "perf"
    }

    fn sniff(&self, head: &[u8], whole: bool) -> Sniff {
        let text = String::from_utf8_lossy(head);
        let mut lines = text
            .split_inclusive('\n')
            .filter(|line| !is_skipped(line.as_bytes()));
        let Some(first) = lines.next().filter(|line| whole || line.ends_with('\n')) else {
            return if whole { Sniff::No } else { Sniff::NeedMore };
        };
        let anonymous = first.starts_with('\t') && frame::parse(first.trim_end()).is_some();
        let second = lines.next();
        let framed = second
            .is_some_and(|line| line.starts_with('\t') && frame::parse(line.trim_end()).is_some());
        let header = header::parse(first.trim_end());
        // `main 12` is a header of the barest kind, and a folded stack as well: the next line decides.
        let sure = header.is_some_and(|header| {
            let anchored = header.event.is_some() && header.tid.is_some();
            header.time.is_some() || anchored || !header.rest.is_empty()
        });
        if sure || framed || anonymous {
            Sniff::Yes
        } else if second.is_none() && !whole {
            Sniff::NeedMore
        } else {
            Sniff::No
        }
    }

    fn parse<'a>(&self, input: Input<'a>, options: &Options<'a>) -> Result<Profile> {
        Parser::new(options).run(Lines::new(input, options))
    }
}

/// Blank lines and comments between samples.
fn is_skipped(line: &[u8]) -> bool {
    line.first() == Some(&b'#') || is_blank(line)
}

/// A sample whose stack is still being read; its frames are in [`Parser::stack`].
struct Open {
    sample: Sample,
    /// The header line brought its only frame, or a tracepoint's fields.
    has_rest: bool,
}

struct Parser {
    profile: Profile,
    /// Innermost first.
    stack: Vec<FrameHandle>,
    open: Option<Open>,
    /// Frames by the text after their address.
    frames: FxHashMap<Box<str>, FrameHandle>,
    threads: FxHashMap<(Box<str>, Option<i64>), ThreadHandle>,
    first_time: Option<f64>,
    max_timed_samples: usize,
    keep_times: bool,
    heads_are_bare: bool,
}

impl Parser {
    fn new(options: &Options<'_>) -> Self {
        let mut profile = Profile::default();
        profile.own_is_real_function = true;
        Parser {
            profile,
            stack: Vec::with_capacity(128),
            open: None,
            frames: FxHashMap::default(),
            threads: FxHashMap::default(),
            first_time: None,
            max_timed_samples: options.max_timed_samples,
            keep_times: true,
            heads_are_bare: false,
        }
    }

    fn run(mut self, mut lines: Lines<'_>) -> Result<Profile> {
        while let Some(bytes) = lines.next()? {
            let line = String::from_utf8_lossy(bytes);
            if !self.line(&line) {
                return Err(lines.error(
                    "is not what `perf script` prints: neither the head of a sample nor a frame",
                ));
            }
        }
        if !lines.ends_in_newline() {
            return Err(lines.error("ends in the middle: the file is truncated"));
        }
        self.finish();
        if let [only] = self.profile.events.as_mut_slice()
            && only.starts_with(SAMPLES_OF)
        {
            "samples".clone_into(only);
        }
        Ok(self.profile)
    }

    /// Takes one line; false if it makes no sense.
    fn line(&mut self, line: &str) -> bool {
        let indent = line.as_bytes().first().copied();
        match indent {
            None => self.finish(),
            Some(b'\t') if self.open.is_some() => {
                return self.frame_line(line) || self.is_source_line(line);
            }
            Some(b' ') if self.open.as_ref().is_some_and(|open| !open.has_rest) => {
                // Frames whose tab became blanks, a source line, or the head of the next sample.
                let is_frame =
                    self.open.is_some() && frame::parse(line).is_some() && self.frame_line(line);
                return is_frame || self.head(line) || self.is_source_line(line);
            }
            _ if is_skipped(line.as_bytes()) => self.finish(),
            Some(b'\t') => {
                self.begin(&Header::default());
                return self.frame_line(line);
            }
            _ => return self.head(line) || self.is_source_line(line),
        }
        true
    }

    fn head(&mut self, line: &str) -> bool {
        let Some(header) = header::parse(line).or_else(|| self.bare_head(line)) else {
            return false;
        };
        self.finish();
        if header.rest.starts_with("PERF_RECORD_")
            || header
                .event
                .is_some_and(|event| event.starts_with("PERF_RECORD_"))
        {
            return true; // --show-mmap-events and its like
        }
        self.begin(&header);
        let inline = frame::parse(header.rest).filter(|_| !header.rest.is_empty());
        if inline.is_some() {
            self.frame_line(header.rest);
        }
        true
    }

    /// With `-F comm,ip,sym` a head is the thread's name alone: believed only in files that begin so.
    fn bare_head<'a>(&self, line: &'a str) -> Option<Header<'a>> {
        let is_bare = self.profile.events.is_empty() || self.heads_are_bare;
        let comm = line.trim();
        (is_bare && !comm.is_empty() && !line.starts_with([' ', '\t'])).then_some(Header {
            comm: Some(comm),
            ..Header::default()
        })
    }

    /// `  prog.c:12`, printed after a frame with `-F +srcline`. Accepted and passed over: a symbol has one line.
    fn is_source_line(&self, line: &str) -> bool {
        let open = !self.stack.is_empty();
        open && line.starts_with([' ', '\t']) && (line.contains(':') || line.contains('['))
    }

    fn begin(&mut self, header: &Header<'_>) {
        self.heads_are_bare |=
            self.profile.events.is_empty() && header.event.is_none() && header.time.is_none();
        let event = self.event(header);
        let time_us = header.time.filter(|_| self.keep_times).map(|seconds| {
            let first = *self.first_time.get_or_insert(seconds);
            ((seconds - first) * 1e9).round() / 1e3
        });
        let sample = Sample {
            event,
            stack: None,
            thread: self.thread(header.comm, header.tid),
            time_us,
            weight: header.period.map_or(1.0, |period| period as f64),
            count: 1,
        };
        self.open = Some(Open {
            sample,
            has_rest: !header.rest.is_empty(),
        });
    }

    /// Periods are in the event's own unit; without them samples are counted, separately for each event.
    fn event(&mut self, header: &Header<'_>) -> EventHandle {
        match (header.event, header.period) {
            (Some(event), Some(_)) => self.profile.event(event),
            (Some(event), None) => self.profile.event(&format!("{SAMPLES_OF}{event}")),
            (None, _) => self.profile.event("samples"),
        }
    }

    fn thread(&mut self, comm: Option<&str>, tid: Option<i64>) -> Option<ThreadHandle> {
        if comm.is_none() && tid.is_none() {
            return None;
        }
        let key = (Box::from(comm.unwrap_or_default()), tid);
        let profile = &mut self.profile;
        Some(*self.threads.entry(key).or_insert_with(|| {
            profile.thread(Thread {
                name: comm.map(str::to_owned),
                tid,
            })
        }))
    }

    fn frame_line(&mut self, line: &str) -> bool {
        let Some(text) = frame::after_address(line) else {
            return false;
        };
        let frame = match self.frames.get(text) {
            Some(known) => *known,
            None => self.new_frame(line, text),
        };
        self.stack.push(frame);
        true
    }

    fn new_frame(&mut self, line: &str, text: &str) -> FrameHandle {
        let parts = frame::parse(line).unwrap_or_else(|| frame::parse_text(text));
        let function = parts.symbol.map(|symbol| self.profile.string(symbol));
        let module = parts.module.map(|module| self.profile.string(module));
        let frame = self.profile.frame(Frame {
            function,
            file: None,
            line: 0,
            module,
            inlined: parts.inlined,
        });
        if self.frames.len() < FRAME_CACHE {
            self.frames.insert(text.into(), frame);
        }
        frame
    }

    /// Closes the open sample, if any.
    fn finish(&mut self) {
        let Some(Open { mut sample, .. }) = self.open.take() else {
            return;
        };
        for frame in self.stack.drain(..).rev() {
            sample.stack = Some(self.profile.stack(sample.stack, frame));
        }
        self.profile.add(sample);
        if self.keep_times && self.profile.samples.len() > self.max_timed_samples {
            self.keep_times = false;
            self.profile.forget_times();
            let limit = self.max_timed_samples;
            self.profile.warnings.push(format!(
                "more than {limit} samples: equal ones were merged, their times dropped"
            ));
        }
    }
}
