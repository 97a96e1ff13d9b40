//! Starting other programs so that none of them can keep us waiting.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs, io};

use crate::interrupt::{self, Interrupted};

/// How often a running program is looked at.
const PAUSE: Duration = Duration::from_millis(10);
/// More output than this is of no use to anybody.
const MOST_BYTES: u64 = 1 << 20;

/// What a program printed, and whether it ended in time.
pub struct Outcome {
    pub text: String,
    pub in_time: bool,
}

/// Runs a program without input; its output goes through `log`, so that a child which it leaves behind holds up
/// nothing.
pub fn run(command: &mut Command, log: &Path, timeout: Duration) -> io::Result<Outcome> {
    let file = File::create(log)?;
    command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file);
    let mut child = spawn(command)?;
    let deadline = Instant::now() + timeout;
    let in_time = loop {
        if child.try_wait()?.is_some() {
            break true;
        }
        if interrupt::pressed() {
            child.kill()?;
            child.wait()?;
            return Err(io::Error::other(Interrupted));
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            break false;
        }
        thread::sleep(PAUSE);
    };
    let mut bytes = Vec::new();
    File::open(log)?.take(MOST_BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes)
        .chars()
        .filter(|&character| character == '\n' || !character.is_control())
        .collect();
    Ok(Outcome { text, in_time })
}

/// Starts it; a program that was written a moment ago may still be open for
/// writing in a child that somebody else is just starting.
fn spawn(command: &mut Command) -> io::Result<Child> {
    for _ in 0..20 {
        match command.spawn() {
            Err(e) if e.kind() == io::ErrorKind::ExecutableFileBusy => thread::sleep(PAUSE),
            started => return started,
        }
    }
    command.spawn()
}

/// A folder for one examination, deleted with everything in it when dropped.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt as _;
        for attempt in 0..100 {
            let path = env::temp_dir().join(format!(
                "dbg-session-doctor-{}-{attempt}",
                std::process::id()
            ));
            match fs::DirBuilder::new().mode(0o700).create(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                result => return result.map(|()| Self(path)),
            }
        }
        Err(io::Error::other(
            "no name is free in the folder for temporary files",
        ))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Left-overs in the folder for temporary files are no reason to fail.
        let _ = fs::remove_dir_all(&self.0);
    }
}
