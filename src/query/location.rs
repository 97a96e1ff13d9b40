//! From a location as a person writes it to the location keys it means.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use super::names::listed;
pub use super::read::filter::Place;
pub use super::read::places::{Known, keys, known};
use crate::session_db::{SessionDb, source_file};
use crate::symbols::{Lookup, lookup};

/// Why a written location means nothing, or too much.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LocationError {
    /// Nothing is known by that name.
    #[error("no hit was recorded at `{asked}`{hint}", hint = hint(.nearest))]
    Unknown {
        /// As it was written.
        asked: String,
        /// What the person may have meant, best first.
        nearest: Vec<String>,
    },
    /// Several files or functions are.
    #[error("`{asked}` may mean {}; write more of it", listed(.candidates, "or"))]
    Ambiguous {
        /// As it was written.
        asked: String,
        /// All that it may mean.
        candidates: Vec<String>,
    },
}

fn hint(known: &[String]) -> String {
    if known.is_empty() {
        "; the session has no hits yet".into()
    } else {
        format!("; the nearest known: {}", listed(known, "and"))
    }
}

/// The places of `session` that `asked` means, as seen from the folder `cwd`.
///
/// # Errors
/// A [`LocationError`], or what SQLite says.
pub fn find(session: &SessionDb, asked: &str, cwd: &Path) -> Result<Place> {
    let root = session.cwd()?;
    // Most are found by their key; only for the others are hits read, to see their functions.
    let keys: Vec<Known> = keys(session)?
        .into_iter()
        .map(|key| Known {
            key,
            function: None,
        })
        .collect();
    match by_key(asked, &keys, root.as_deref(), cwd)? {
        Some(place) => Ok(place),
        None => Ok(resolve(asked, &known(session)?, root.as_deref(), cwd)?),
    }
}

/// The same in two sessions, of which one may never have been there.
///
/// # Errors
/// As [`find`], when it means nothing in either or too much in one.
pub fn find_in_both(sessions: [&SessionDb; 2], asked: &str, cwd: &Path) -> Result<[Place; 2]> {
    let found = sessions.map(|session| find(session, asked, cwd));
    let nowhere = |found: &Result<Place>| match found {
        Ok(_) => false,
        Err(e) => matches!(e.downcast_ref(), Some(LocationError::Unknown { .. })),
    };
    let never = || Place {
        keys: Vec::new(),
        function: None,
    };
    let missing = found.each_ref().map(nowhere);
    let [a, b] = found;
    Ok(match missing {
        [false, true] => [a?, never()],
        [true, false] => [never(), b?],
        _ => [a?, b?],
    })
}

/// The pure half of [`find`]: an exact key wins, then a path with its line, a
/// function, a file. `root` is the session's folder, `cwd` the asker's.
///
/// # Errors
/// See [`LocationError`].
pub fn resolve(
    asked: &str,
    known: &[Known],
    root: Option<&Path>,
    cwd: &Path,
) -> Result<Place, LocationError> {
    if let Some(place) = by_key(asked, known, root, cwd)? {
        return Ok(place);
    }
    if let Some(place) = by_function(asked, known)? {
        return Ok(place);
    }
    Err(LocationError::Unknown {
        asked: asked.to_owned(),
        nearest: nearest_to(asked, known),
    })
}

/// An exact key, then a path.
fn by_key(
    asked: &str,
    known: &[Known],
    root: Option<&Path>,
    cwd: &Path,
) -> Result<Option<Place>, LocationError> {
    if known.iter().any(|k| k.key == asked) {
        return Ok(Some(Place {
            keys: vec![asked.to_owned()],
            function: None,
        }));
    }
    let written = [
        in_session(asked, root, cwd),
        Some(source_file(asked, Path::new(""))),
    ];
    for written in written.iter().flatten() {
        if let Some(place) = by_path(asked, written, known)? {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

/// The key that `asked` has when it is the path of a file in the session's
/// folder, absolute or as seen from `cwd`.
fn in_session(asked: &str, root: Option<&Path>, cwd: &Path) -> Option<String> {
    let path = Path::new(asked);
    if !path.is_absolute() && !asked.starts_with("../") {
        return None;
    }
    let absolute = cwd.join(path);
    Some(source_file(
        &absolute.to_string_lossy(),
        root.unwrap_or(Path::new("")),
    ))
}

/// `path:line`, `module!symbol+0xOFF`, or a whole file.
fn by_path(asked: &str, written: &str, known: &[Known]) -> Result<Option<Place>, LocationError> {
    let mut keys: Vec<&str> = known.iter().map(|k| k.key.as_str()).collect();
    keys.dedup();
    let exact: Vec<&str> = keys.iter().copied().filter(|key| *key == written).collect();
    let ends: Vec<&str> = keys
        .iter()
        .copied()
        .filter(|key| ends_with(key, written))
        .collect();
    let lines_of = |file: &dyn Fn(&str) -> bool| -> Vec<&str> {
        let in_file = |key: &&&str| split_line(key).is_some_and(|(path, _)| file(path));
        keys.iter().filter(in_file).copied().collect()
    };
    let exact_file = lines_of(&|path| path == written);
    let file = lines_of(&|path| ends_with(path, written));
    for found in [exact, ends, exact_file, file] {
        if found.is_empty() {
            continue;
        }
        let files: BTreeSet<&str> = found
            .iter()
            .map(|key| split_line(key).map_or(*key, |(path, _)| path))
            .collect();
        if files.len() > 1 {
            // With a line, the whole keys are what may be meant.
            let whole = split_line(asked).is_some();
            return Err(LocationError::Ambiguous {
                asked: asked.to_owned(),
                candidates: if whole {
                    owned(&found)
                } else {
                    files.iter().map(ToString::to_string).collect()
                },
            });
        }
        return Ok(Some(Place {
            keys: owned(&found),
            function: None,
        }));
    }
    Ok(None)
}

/// The function that is meant, as every question finds it.
fn by_function(asked: &str, known: &[Known]) -> Result<Option<Place>, LocationError> {
    let functions = known.iter().filter_map(|k| k.function.as_deref());
    match lookup(asked, functions) {
        Lookup::NotFound => Ok(None),
        Lookup::Found(function) => {
            let of_it = known
                .iter()
                .filter(|k| k.function.as_ref() == Some(&function));
            Ok(Some(Place {
                keys: of_it.map(|k| k.key.clone()).collect(),
                function: Some(function),
            }))
        }
        Lookup::Ambiguous(candidates) => Err(LocationError::Ambiguous {
            asked: asked.to_owned(),
            candidates,
        }),
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// A key's path and line.
fn split_line(key: &str) -> Option<(&str, u64)> {
    let (path, line) = key.rsplit_once(':')?;
    Some((path, line.parse().ok()?))
}

/// Whether `text` is the end of `key`, from a boundary on: `/` in a path, `!` behind a module.
fn ends_with(key: &str, text: &str) -> bool {
    !text.is_empty()
        && key
            .strip_suffix(text)
            .is_some_and(|before| before.ends_with(['/', '!']))
}

/// The known names that look most like `asked`.
fn nearest_to(asked: &str, known: &[Known]) -> Vec<String> {
    let (asked_path, asked_line) = split_line(asked).map_or((asked, None), |(p, l)| (p, Some(l)));
    let asked_name = asked_path.rsplit('/').next().unwrap_or(asked_path);
    let mut scored: Vec<((usize, u64), &str)> = Vec::new();
    for k in known {
        let (path, line) = split_line(&k.key).map_or((k.key.as_str(), None), |(p, l)| (p, Some(l)));
        let name = path.rsplit('/').next().unwrap_or(path);
        let distance = match (asked_line, line) {
            (Some(a), Some(b)) => a.abs_diff(b),
            _ => 0,
        };
        scored.push(((edits(asked_name, name), distance), &k.key));
        // A function is written without a line.
        if let (Some(function), None) = (&k.function, asked_line) {
            let last = function.rsplit("::").next().unwrap_or(function);
            scored.push(((edits(asked_name, last), 0), function));
        }
    }
    scored.sort();
    scored.dedup_by_key(|(_, name)| *name);
    let best = scored.first().map_or(0, |((edits, _), _)| *edits);
    scored.retain(|((edits, _), _)| *edits <= best + 1);
    scored
        .into_iter()
        .take(3)
        .map(|(_, name)| name.to_owned())
        .collect()
}

/// Levenshtein distance, of the first 64 characters.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().take(64).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
#[path = "location_tests.rs"]
mod tests;
