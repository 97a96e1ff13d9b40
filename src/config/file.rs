//! The settings file: `key = value` lines, `#` before remarks.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Loaded, key};
use crate::plain::read_plain;

/// The file's text; empty when it is not there.
pub(super) fn read(path: &Path) -> Result<String> {
    let read = match read_plain(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        read => read.and_then(|bytes| String::from_utf8(bytes).map_err(io::Error::other)),
    };
    read.with_context(|| format!("cannot read the settings in {}", path.display()))
}

/// The settings that a text makes.
pub(super) fn parse(text: &str, path: &Path) -> Loaded {
    let mut loaded = Loaded::default();
    for (n, line) in (1..).zip(text.lines()) {
        let wrong = match assignment(line) {
            None if line.trim().is_empty() || line.trim().starts_with('#') => continue,
            None => "it is not of the form `key = value`".to_owned(),
            Some((name, value)) => match key(name) {
                None => format!("there is no setting `{}`", name.escape_default()),
                Some(key) => match key.set(&mut loaded.config, value) {
                    Ok(()) => continue,
                    Err(e) => e.to_string(),
                },
            },
        };
        let place = format!("line {n} of {}", path.display());
        loaded.problems.push(format!("{place} is ignored: {wrong}"));
    }
    loaded
}

fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    (!name.is_empty() && !name.starts_with('#')).then_some((name, value.trim()))
}

/// `text` with one key set or taken out.
pub(super) fn with(text: &str, name: &str, value: Option<&str>) -> String {
    let sets = |line: &&str| assignment(line).is_some_and(|(key, _)| key == name);
    let mut new: String = text
        .lines()
        .filter(|line| !sets(line))
        .map(|line| format!("{line}\n"))
        .collect();
    if let Some(value) = value {
        new.push_str(&format!("{name} = {value}\n"));
    }
    new
}

/// Writes the file as a whole: a reader sees the old one or the new one.
pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    // Someone's link to a file elsewhere stays one.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let temporary = path.with_extension(format!("tmp-{}", std::process::id()));
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    Ok(written?)
}
