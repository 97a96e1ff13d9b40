//! Our block in a dotfile: two marking lines and what is between them. All else in the file is left as it is, byte for
//! byte, so that taking the block out again restores what was there.

use std::path::Path;

const START: &str = "# >>> dbg-session >>>";
const END: &str = "# <<< dbg-session <<<";
const ABOUT: &str =
    "# Written by `dbg-session setup`; `dbg-session setup --uninstall` takes it out again.";
// How the file was before, where the block alone does not tell.
const NO_FILE: &str = "# There was no such file before.";
const NO_NEWLINE: &str = "# The line before had no end.";

/// The file has the first of the two marking lines without the second.
#[derive(Debug)]
pub struct HalfBlock;

impl HalfBlock {
    /// The error as the user reads it.
    pub fn at(&self, path: &Path) -> anyhow::Error {
        anyhow::anyhow!(
            "{} has the line `{START}` without `{END}` below it: delete what is left of the block by hand, then try again",
            path.display()
        )
    }
}

/// Puts the block into the content of a file (none: there is no file), in place of an older one or at the end.
/// Returns the new content and the block alone.
pub fn put(content: Option<&[u8]>, command: &str) -> Result<(Vec<u8>, String), HalfBlock> {
    let old = content.unwrap_or_default();
    let Some((before, block, after)) = split(old)? else {
        let note = match content {
            None => format!("{NO_FILE}\n"),
            Some(old) if !old.is_empty() && !old.ends_with(b"\n") => format!("{NO_NEWLINE}\n"),
            Some(_) => String::new(),
        };
        let block = format!("{START}\n{ABOUT}\n{note}{command}\n{END}\n");
        let gap: &[u8] = if note.contains(NO_NEWLINE) {
            b"\n"
        } else {
            b""
        };
        return Ok(([old, gap, block.as_bytes()].concat(), block));
    };
    let note: String = [NO_FILE, NO_NEWLINE]
        .iter()
        .filter(|note| has_line(block, note))
        .map(|note| format!("{note}\n"))
        .collect();
    let block = format!("{START}\n{ABOUT}\n{note}{command}\n{END}\n");
    Ok(([before, block.as_bytes(), after].concat(), block))
}

/// Takes the block out. None: there is none. `Some(None)`: the file was made for the block and holds nothing else.
#[allow(clippy::option_option, reason = "both have a meaning, see above")]
pub fn take(content: &[u8]) -> Result<Option<Option<Vec<u8>>>, HalfBlock> {
    let Some((before, block, after)) = split(content)? else {
        return Ok(None);
    };
    let mut before = before.to_vec();
    if has_line(block, NO_NEWLINE) && after.is_empty() && before.ends_with(b"\n") {
        before.pop();
    }
    let rest = [&before, after].concat();
    Ok(Some(if rest.is_empty() && has_line(block, NO_FILE) {
        None
    } else {
        Some(rest)
    }))
}

/// What is before the block, the block, and what is after it.
#[allow(clippy::type_complexity, reason = "three slices of one text")]
fn split(content: &[u8]) -> Result<Option<(&[u8], &[u8], &[u8])>, HalfBlock> {
    let mut start = None;
    let mut position = 0;
    for line in content.split_inclusive(|&byte| byte == b'\n') {
        let end = position + line.len();
        let text = line.trim_ascii();
        if text == START.as_bytes() && start.is_none() {
            start = Some(position);
        } else if let (true, Some(start)) = (text == END.as_bytes(), start) {
            return Ok(Some((
                &content[..start],
                &content[start..end],
                &content[end..],
            )));
        }
        position = end;
    }
    if start.is_some() {
        Err(HalfBlock)
    } else {
        Ok(None)
    }
}

fn has_line(block: &[u8], wanted: &str) -> bool {
    block
        .split(|&byte| byte == b'\n')
        .any(|line| line.trim_ascii() == wanted.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round_trip(content: Option<&[u8]>) {
        let (once, block) = put(content, "source /p/gdbinit.py").expect("a clean file");
        let (twice, _) = put(Some(&once), "source /p/gdbinit.py").expect("a whole block");
        assert_eq!(once, twice, "setting up twice is setting up once");
        assert!(String::from_utf8_lossy(&once).contains(&block));
        let (moved, _) = put(Some(&once), "source /q/gdbinit.py").expect("a whole block");
        for with_block in [once, moved] {
            let back = take(&with_block).expect("a whole block").expect("a block");
            assert_eq!(back.as_deref(), content);
        }
    }

    #[test]
    fn a_file_that_was_not_there_goes_again() {
        round_trip(None);
    }

    #[test]
    fn an_empty_file_stays() {
        round_trip(Some(b""));
    }

    #[test]
    fn lines_added_below_the_block_stay() {
        let (mut content, _) = put(None, "source p").expect("no file");
        content.extend(b"set pagination off\n");
        assert_eq!(
            take(&content).expect("whole"),
            Some(Some(b"set pagination off\n".to_vec()))
        );
    }

    #[test]
    fn half_a_block_is_refused() {
        let content = format!("a\n{START}\nsource p\n");
        assert!(put(Some(content.as_bytes()), "source p").is_err());
        assert!(take(content.as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn foreign_content_comes_back_byte_for_byte(content in proptest::collection::vec(any::<u8>(), 0..200)) {
            round_trip(Some(&content));
        }

        #[test]
        fn foreign_lines_come_back_byte_for_byte(content in "(set [a-z]{1,9}\r?\n){0,5}(\u{e9}[a-z]{0,3})?") {
            round_trip(Some(content.as_bytes()));
        }
    }
}
