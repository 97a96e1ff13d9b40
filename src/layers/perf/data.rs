//! perf.data, the binary file of `perf record`.
//!
//! It is read through the installed `perf script`: perf knows its own format with all its additions, and it finds
//! symbols as `perf report` does (build ids, debug files, kernel symbols, inlined functions), so that the numbers are
//! the same. Names are taken mangled, because what they demangle to says more than perf prints.

use std::io::{ErrorKind, Read};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use anyhow::Result;

use super::script::PerfScript;
use crate::interrupt::Watched;
use crate::layers::profile::Profile;
use crate::layers::{Format, Input, LayerError, Options, Sniff};

/// The reader for perf's binary files.
pub(in crate::layers) struct PerfData;

/// What of perf's messages is looked at.
const MOST_MESSAGES: u64 = 64 << 10;

impl Format for PerfData {
    fn name(&self) -> &'static str {
        "perf-data"
    }

    fn about(&self) -> &'static str {
        "perf.data"
    }

    fn source(&self) -> &'static str {
        "perf"
    }

    fn sniff(&self, head: &[u8], _whole: bool) -> Sniff {
        let is_ours = head.starts_with(b"PERFILE2") || head.starts_with(b"2ELIFREP");
        if is_ours { Sniff::Yes } else { Sniff::No }
    }

    fn parse<'a>(&self, mut input: Input<'a>, options: &Options<'a>) -> Result<Profile> {
        check_size(&mut input)?;
        let mut script = Script::start(&input)?;
        let path = input.shown;
        let text = Input {
            reader: script.output(),
            path: input.path,
            shown: path,
        };
        let parsed = PerfScript.parse(text, options);
        let failure = script.finish();
        if let Err(error) = &parsed
            && matches!(error.downcast_ref(), Some(LayerError::Cancelled))
        {
            return parsed;
        }
        // If perf failed, its words say more than what we made of a text cut short.
        match failure {
            Some(why) => {
                let what = format!("could not be read by `perf script`: {why}");
                Err(LayerError::Damaged {
                    file: path.to_owned(),
                    what,
                }
                .into())
            }
            None => parsed,
        }
    }
}

/// Reads the header's promise of how long the data is: a file cut short is otherwise read in part.
fn check_size(input: &mut Input<'_>) -> Result<()> {
    let mut head = [0u8; 56];
    let damaged = |what: &str| LayerError::Damaged {
        file: input.shown.to_owned(),
        what: what.to_owned(),
    };
    let mut read = 0;
    while read < head.len() {
        match input.reader.read(&mut head[read..])? {
            0 => break,
            more => read += more,
        }
    }
    if read < 16 {
        return Err(damaged("is truncated: even its header is not whole").into());
    }
    let swapped = head.starts_with(b"2ELIFREP");
    let field = |at: usize| {
        let mut bytes = [0u8; 8];
        bytes.copy_from_slice(&head[at..at + 8]);
        if swapped {
            u64::from_be_bytes(bytes)
        } else {
            u64::from_le_bytes(bytes)
        }
    };
    let is_pipe = field(8) == 16;
    if is_pipe {
        return Ok(());
    }
    if read < head.len() {
        return Err(damaged("is truncated: even its header is not whole").into());
    }
    let (start, size) = (field(40), field(48));
    if size == 0 {
        return Err(damaged(
            "has no data: `perf record` was killed before it could finish the file",
        )
        .into());
    }
    let length = std::fs::metadata(input.path)?.len();
    if start.saturating_add(size) > length {
        return Err(damaged(&format!(
            "is truncated: it has {length} bytes, its header promises more"
        ))
        .into());
    }
    Ok(())
}

/// A running `perf script`; killed when dropped early.
struct Script {
    child: Child,
    messages: Option<JoinHandle<String>>,
}

impl Script {
    fn start(input: &Input<'_>) -> Result<Self> {
        let mut command = Command::new("perf");
        command
            .args(["script", "--no-demangle", "-i"])
            .arg(input.path);
        command
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| match error.kind() {
            ErrorKind::NotFound => anyhow::Error::new(LayerError::PerfMissing {
                file: input.shown.to_owned(),
            }),
            _ => anyhow::Error::new(error).context("cannot start `perf script`"),
        })?;
        let messages = child.stderr.take().map(|stderr| {
            std::thread::spawn(move || {
                let mut text = Vec::new();
                let mut stderr = stderr;
                let _ = stderr.by_ref().take(MOST_MESSAGES).read_to_end(&mut text);
                // perf must not block on a full pipe.
                let _ = std::io::copy(&mut stderr, &mut std::io::sink());
                String::from_utf8_lossy(&text).into_owned()
            })
        });
        Ok(Script { child, messages })
    }

    fn output(&mut self) -> Box<dyn Read> {
        match self.child.stdout.take() {
            Some(stdout) => Box::new(Watched(stdout)),
            None => Box::new(std::io::empty()),
        }
    }

    /// Waits for the end; why perf failed, in its own words, if it did.
    fn finish(mut self) -> Option<String> {
        let status = self.child.wait();
        let messages = self
            .messages
            .take()
            .and_then(|thread| thread.join().ok())
            .unwrap_or_default();
        match status {
            Ok(status) if status.success() => None,
            // It was still writing when we stopped reading: not its fault.
            Ok(status)
                if messages.trim().is_empty()
                    && std::os::unix::process::ExitStatusExt::signal(&status)
                        == Some(libc::SIGPIPE) =>
            {
                None
            }
            Ok(status) => {
                Some(first_sentence(&messages).unwrap_or_else(|| format!("it ended with {status}")))
            }
            Err(error) => Some(error.to_string()),
        }
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first line of perf's messages that is more than a warning.
fn first_sentence(messages: &str) -> Option<String> {
    let mut lines = messages
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let worst = lines
        .clone()
        .find(|line| !line.starts_with("Warning") && !line.starts_with("WARNING"));
    worst.or_else(|| lines.next()).map(str::to_owned)
}
