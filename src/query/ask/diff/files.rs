//! Which source file of one session is which of the other: a recorder names files
//! below its own folder from there, and all others from the root.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;

use crate::session_db::{SessionDb, clean_path};

/// For each file of A that is plainly one of B, its name there: the same file on
/// disk, else the same name, else the only one of which one name ends with the other.
pub(super) fn matched<'a>(
    sessions: [&SessionDb; 2],
    files: &[BTreeSet<&'a str>; 2],
) -> Result<BTreeMap<&'a str, &'a str>> {
    let folders = [sessions[0].meta("cwd")?, sessions[1].meta("cwd")?];
    Ok(matched_from(
        folders.each_ref().map(Option::as_deref),
        files,
    ))
}

fn matched_from<'a>(
    folders: [Option<&str>; 2],
    files: &[BTreeSet<&'a str>; 2],
) -> BTreeMap<&'a str, &'a str> {
    let mut open = files.clone();
    let mut found = BTreeMap::new();
    let mut take = |fits: &dyn Fn(&str, &str) -> bool| {
        let only = |among: &BTreeSet<&'a str>, fits: &dyn Fn(&str) -> bool| {
            let mut fitting = among.iter().copied().filter(|file| fits(file));
            fitting.next().filter(|_| fitting.next().is_none())
        };
        let pairs: Vec<(&str, &str)> = open[0]
            .iter()
            .filter_map(|&a| {
                let b = only(&open[1], &|b| fits(a, b))?;
                only(&open[0], &|a| fits(a, b)).map(|a| (a, b))
            })
            .collect();
        for (a, b) in pairs {
            open[0].remove(a);
            open[1].remove(b);
            found.insert(a, b);
        }
    };
    let [in_a, in_b] = [0, 1].map(|side: usize| {
        let paths = files[side].iter();
        let path =
            |file: &&'a str| Some((*file, clean_path(&Path::new(folders[side]?).join(file))));
        paths.filter_map(path).collect::<BTreeMap<_, _>>()
    });
    take(&|a, b| in_a.get(a).is_some_and(|path| in_b.get(b) == Some(path)));
    take(&|a, b| a == b);
    take(&|a, b| Path::new(a).ends_with(b) || Path::new(b).ends_with(a));
    found
}

/// The only file of the same name in whatever folder, else the same path.
pub(super) fn namesake<'a>(file: &'a str, files: &BTreeSet<&'a str>) -> &'a str {
    let name = |path: &'a str| path.rsplit('/').next();
    let mut namesakes = files.iter().filter(|other| name(other) == name(file));
    match (namesakes.next(), namesakes.next()) {
        (Some(only), None) => only,
        _ => file,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_from_another_folder() {
        let matched = |folders: [Option<&str>; 2], a: &[&'static str], b: &[&'static str]| {
            let files = [a, b].map(|files| files.iter().copied().collect());
            let found = matched_from(folders, &files);
            found.into_iter().collect::<Vec<_>>()
        };
        let folders = [Some("/p/one"), Some("/p")];
        let (a, b) = (["u.c", "/usr/s.h"], ["u.c", "one/u.c", "/usr/s.h"]);
        let expected = [("/usr/s.h", "/usr/s.h"), ("u.c", "one/u.c")];
        assert_eq!(matched(folders, &a, &b), expected);
        assert_eq!(
            matched([None, None], &["u.c"], &["/p/u.c"]),
            [("u.c", "/p/u.c")]
        );
        assert_eq!(matched([None, None], &["u.c"], &["/p/u.c", "/q/u.c"]), []);
        assert_eq!(matched([None, None], &["a/u.c"], &["b/u.c"]), []);
        let copied = [Some("/p"), Some("/q")];
        assert_eq!(
            matched(copied, &["../p/u.c"], &["/p/u.c"]),
            [("../p/u.c", "/p/u.c")]
        );
        assert_eq!(matched(copied, &["u.c"], &["u.c"]), [("u.c", "u.c")]);
    }
}
