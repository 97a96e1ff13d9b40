//! Where a breakpoint is.

use regex_lite::Regex;
use serde::Serialize;

use super::function::function;
use super::{Why, readable, shortened};

/// A place, in parts that a debugger's interface takes one by one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "form", rename_all = "lowercase")]
pub(in crate::command) enum BreakpointPlace {
    /// A line of a file.
    Line {
        /// As much of its path as was written.
        file: String,
        /// From 1.
        line: i32,
    },
    /// A function, perhaps one of a file.
    Function {
        /// Its name.
        function: String,
        /// The file that it is in.
        file: Option<String>,
    },
    /// An instruction.
    Address {
        /// In the process, or in the file of a program that does not run yet.
        address: u64,
    },
    /// All functions that a regular expression matches.
    Regex {
        /// The expression.
        regex: String,
    },
    /// All lines of source that one matches.
    Text {
        /// The expression.
        regex: String,
        /// The file whose lines are meant.
        file: Option<String>,
    },
}

/// A recorded breakpoint's place, from the form of its spec, the spec, and the file that it was in.
pub(in crate::command) fn place(
    form: &str,
    spec: &str,
    in_file: Option<&str>,
) -> Result<BreakpointPlace, Why> {
    readable(spec)?;
    match form {
        "line" => line(spec),
        "function" => named(spec),
        "address" => address(spec),
        "regex" => Ok(BreakpointPlace::Regex {
            regex: regex(spec)?,
        }),
        "text" => Ok(BreakpointPlace::Text {
            regex: regex(spec)?,
            file: in_file.map(file).transpose()?,
        }),
        "other" => written(spec),
        other => Err(format!("`{}` is no form of a place", shortened(other))),
    }
}

/// A place as people write it, whichever form that is.
pub(in crate::command) fn written(spec: &str) -> Result<BreakpointPlace, Why> {
    readable(spec)?;
    if spec.trim_start_matches('*').starts_with("0x") {
        return address(spec);
    }
    if let Some((_, after)) = spec.rsplit_once(':')
        && after.starts_with(|c: char| c.is_ascii_digit())
    {
        return line(spec);
    }
    // `parse.c:next`, but not `ns::next`.
    let parts = spec.split_once(':').filter(|(path, name)| {
        !name.starts_with(':') && path.contains('.') && !path.contains(['<', '(', '[', '{'])
    });
    match parts {
        Some((path, name)) => Ok(BreakpointPlace::Function {
            function: function(name)?.to_owned(),
            file: Some(file(path)?),
        }),
        None => named(spec),
    }
}

fn named(spec: &str) -> Result<BreakpointPlace, Why> {
    Ok(BreakpointPlace::Function {
        function: function(spec)?.to_owned(),
        file: None,
    })
}

fn line(spec: &str) -> Result<BreakpointPlace, Why> {
    let parts = spec.rsplit_once(':').and_then(|(path, line)| {
        let digits = line.bytes().all(|c| c.is_ascii_digit());
        let line = line.parse().ok().filter(|line| digits && *line > 0);
        Some((path, line?))
    });
    match parts {
        Some((path, line)) => Ok(BreakpointPlace::Line {
            file: file(path)?,
            line,
        }),
        None => Err(format!("`{}` is no line of a file", shortened(spec))),
    }
}

fn address(spec: &str) -> Result<BreakpointPlace, Why> {
    let digits = spec.strip_prefix('*').unwrap_or(spec).strip_prefix("0x");
    let digits = digits.filter(|text| text.bytes().all(|c| c.is_ascii_hexdigit()));
    match digits.and_then(|text| u64::from_str_radix(text, 16).ok()) {
        Some(address) => Ok(BreakpointPlace::Address { address }),
        None => Err(format!("`{}` is no address", shortened(spec))),
    }
}

/// A file's name or path; what a debugger, a shell or a terminal may act upon is in none of them.
pub(in crate::command) fn file(path: &str) -> Result<String, Why> {
    const ACTING: [char; 8] = ['`', '"', '|', ';', '\\', '<', '>', '*'];
    readable(path)?;
    if path.starts_with(['-', '+', '$', ' ']) || path.ends_with(' ') || path.contains(ACTING) {
        return Err(format!("`{}` is no name of a source file", shortened(path)));
    }
    Ok(path.to_owned())
}

/// A regular expression that takes no room and no time to speak of.
fn regex(text: &str) -> Result<String, Why> {
    const LONGEST: usize = 1000;
    let refused = || {
        format!(
            "`{}` is no regular expression that is set again",
            shortened(text)
        )
    };
    // A library's own limits on what an expression grows to; GDB's and LLDB's have none.
    match Regex::new(text) {
        Ok(regex) if regex.is_match("") => Err(format!("`{}` matches everything", shortened(text))),
        Ok(_) if text.len() <= LONGEST => Ok(text.to_owned()),
        _ => Err(refused()),
    }
}
