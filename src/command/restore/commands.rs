//! Commands of breakpoints: set only when the user has seen them and said so, and never those of
//! a file that others may have written.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::SPEC;
use super::past::Past;
use super::restorable::cut;
use crate::command::Live;
use crate::command::requests::{Confirm, ask};
use crate::record::Breakpoint;
use crate::render::text::clean;
use crate::session_db::user;

/// Bytes of commands that a person can be asked about.
const READ: usize = 64 * 1024;

/// Whether the commands of a session's breakpoints may be set: the user has seen them and said so.
pub(super) fn allow_commands(past: &Past, live: &dyn Live, yes: bool) -> Result<bool> {
    let with: Vec<&Breakpoint> = past
        .list
        .breakpoints
        .iter()
        .filter(|b| b.kind != "tracepoint" && b.commands.is_some() && past.is_of(live))
        .collect();
    if with.is_empty() {
        return Ok(true);
    }
    if let Some(path) = &past.path {
        refuse_others(path)?;
    }
    let length: usize = with
        .iter()
        .filter_map(|b| b.commands.as_ref())
        .map(String::len)
        .sum();
    if length > READ {
        bail!(
            "the commands in it are longer than anybody reads, so they are not set; restore without `--with-commands`"
        );
    }
    let lines: Vec<String> = with
        .iter()
        .flat_map(|b| {
            let commands = b.commands.as_deref().unwrap_or_default();
            commands
                .split('\n')
                .map(|line| format!("  {}: {}", clean(&cut(&b.spec, SPEC)), clean(line)))
        })
        .collect();
    if yes {
        return Ok(true);
    }
    let question = Confirm {
        lines: &lines,
        question: "Set these breakpoints with the commands above?",
    };
    match ask(live, &question)? {
        Some(answer) => Ok(answer),
        None => bail!(
            "these commands are in the file, and nobody is there to be asked: {}; say `--yes` to set them",
            lines.join(";").trim_start()
        ),
    }
}

/// Refuses a file that another user has written, or may have: what it says would be run as us.
fn refuse_others(path: &Path) -> Result<()> {
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    // SQLite reads what lies beside it as a part of it.
    for suffix in ["", "-wal", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let part = PathBuf::from(name);
        let about = match fs::metadata(&part) {
            Ok(about) => about,
            Err(e) if e.kind() == io::ErrorKind::NotFound && !suffix.is_empty() => continue,
            Err(e) => return Err(e).with_context(|| part.display().to_string()),
        };
        if about.uid() != user() {
            bail!(
                "{} belongs to another user, so the commands in it are not set; restore without \
                 `--with-commands`",
                part.display()
            );
        }
        if about.mode() & WRITABLE_BY_OTHERS != 0 {
            bail!(
                "others may write to {}, so the commands in it are not set; restore without \
                 `--with-commands`, or see to its mode first",
                part.display()
            );
        }
    }
    Ok(())
}
