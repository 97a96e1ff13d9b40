//! Breakpoints go after lines of source that have moved since they were recorded.

use std::ops::RangeInclusive;

use super::Restoring;
use super::restorable::{self, shortened};
use crate::command::requests::{Function, ask};
use crate::plain::read_small;
use crate::query::moved::{LineNow, line_now};
use crate::record::{Breakpoint, LARGEST_SOURCE};
use crate::session_db::source_file;

impl Restoring<'_> {
    /// Goes after a line of source that has moved since; answers whether it has.
    pub(super) fn follow(&self, wanted: &mut Breakpoint, notes: &mut Vec<String>) -> bool {
        let (Some(file), Some(text), "line") = (&wanted.file, &wanted.text, wanted.form.as_str())
        else {
            return false;
        };
        let Ok(source) = read_small(&self.past.cwd.join(file), LARGEST_SOURCE) else {
            notes.push(format!(
                "{file} is not there any more, so nobody knows whether its lines moved"
            ));
            return false;
        };
        let source = String::from_utf8_lossy(&source);
        let function = wanted.function.as_ref();
        let lines = function.and_then(|name| self.function_lines(name, file));
        let old = wanted.line;
        match line_now(&source, old, text, lines) {
            LineNow::Same => false,
            LineNow::At(line) => {
                notes.push(format!(
                    "line {old} is line {line} now: `{}`",
                    shortened(text)
                ));
                let path = wanted
                    .spec
                    .rsplit_once(':')
                    .map_or(file.as_str(), |(path, _)| path);
                wanted.spec = format!("{path}:{line}");
                wanted.line = line;
                true
            }
            LineNow::Changed(now) => {
                let now = now.map_or("is no more".into(), |now| {
                    format!("reads `{}` now", shortened(&now))
                });
                notes.push(format!("line {old} was `{}` and {now}", shortened(text)));
                false
            }
        }
    }

    /// The lines that a function has now, when it is in that file.
    fn function_lines(&self, name: &str, file: &str) -> Option<RangeInclusive<u32>> {
        let name = restorable::function(name).ok()?;
        let lines = ask(self.live, &Function { name: Some(name) }).ok()?;
        let same = lines
            .file
            .is_some_and(|now| source_file(&now, &self.past.cwd) == file);
        (same && lines.last_line > 0).then_some(lines.first_line..=lines.last_line)
    }
}
