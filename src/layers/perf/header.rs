//! The first line of a sample in the text of `perf script`.
//!
//! ```text
//! Web Content  1234/1240  [003]  1079.564669:     500000 cpu-clock:u:   rest
//! comm         pid/tid    cpu    time             period event          a frame, or a tracepoint's fields
//! ```
//!
//! Which of these stand there depends on `-F` and on how it was recorded; a `comm` may contain blanks and numbers.

use super::frame;

/// What the line said.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Header<'a> {
    pub comm: Option<&'a str>,
    pub tid: Option<i64>,
    /// Seconds, since whatever perf's clock counts from.
    pub time: Option<f64>,
    pub period: Option<u64>,
    pub event: Option<&'a str>,
    /// What follows the event.
    pub rest: &'a str,
}

/// Reads the line; `None` if it is no header.
pub(super) fn parse(line: &str) -> Option<Header<'_>> {
    let mut at = skip_blanks(line, 0);
    let start = at;
    // The thread id is the first number after which the rest of the line makes sense.
    while at < line.len() {
        let token = token(line, at);
        if let Some(tid) = thread_id(token)
            && let Some(header) = after_thread(line, at + token.len())
        {
            let comm = line[start..at].trim_end();
            return Some(Header {
                comm: (!comm.is_empty()).then_some(comm),
                tid: Some(tid),
                ..header
            });
        }
        if time(token).is_some() {
            // Behind the time a number is an address.
            break;
        }
        at = skip_blanks(line, at + token.len());
    }
    without_thread(line, start)
}

/// Fields left out with `-F`: a header must have at least a time or an event then.
fn without_thread(line: &str, start: usize) -> Option<Header<'_>> {
    let mut at = start;
    while at < line.len() {
        let token = token(line, at);
        let begins =
            time(token).is_some() || cpu(token) || (event(token).is_some() && token.len() > 1);
        if begins && let Some(header) = after_thread(line, at) {
            let has_anchor = header.time.is_some() || header.event.is_some();
            let comm = line[start..at].trim_end();
            return has_anchor.then_some(Header {
                comm: (!comm.is_empty()).then_some(comm),
                ..header
            });
        }
        at = skip_blanks(line, at + token.len());
    }
    None
}

/// `[cpu] time: period event: rest`, each optional.
fn after_thread(line: &str, at: usize) -> Option<Header<'_>> {
    let mut header = Header::default();
    let mut at = skip_blanks(line, at);
    if cpu(token(line, at)) {
        at = skip_blanks(line, at + token(line, at).len());
    }
    let flags = token(line, at);
    let next = skip_blanks(line, at + flags.len());
    if time(flags).is_none() && time(token(line, next)).is_some() && is_flags(flags) {
        at = next;
    }
    if let Some(seconds) = time(token(line, at)) {
        header.time = Some(seconds);
        at = skip_blanks(line, at + token(line, at).len());
    }
    let number = token(line, at);
    let next = skip_blanks(line, at + number.len());
    if let Ok(period) = number.parse::<u64>()
        && (event(token(line, next)).is_some() || next >= line.len())
    {
        header.period = Some(period);
        at = next;
    }
    let name = token(line, at);
    if let Some(event) = event(name) {
        header.event = Some(event);
        at = skip_blanks(line, at + name.len());
    }
    header.rest = line[at..].trim_end();
    let sensible = header.rest.is_empty()
        || header.event.is_some()
        || header.rest.starts_with("PERF_RECORD_")
        || frame::parse(header.rest).is_some();
    sensible.then_some(header)
}

/// The text from `at` up to the next blank.
fn token(line: &str, at: usize) -> &str {
    let rest = &line[at.min(line.len())..];
    rest.split([' ', '\t']).next().unwrap_or(rest)
}

fn skip_blanks(line: &str, at: usize) -> usize {
    let rest = &line[at.min(line.len())..];
    line.len() - rest.trim_start_matches([' ', '\t']).len()
}

/// `1234` or `1234/1240`; -1 stands for a thread that perf does not know.
fn thread_id(token: &str) -> Option<i64> {
    let (pid, tid) = token.split_once('/').unwrap_or((token, token));
    let number = |text: &str| text.parse::<i64>().ok().filter(|number| *number >= -1);
    number(pid)?;
    number(tid)
}

/// `[003]`
fn cpu(token: &str) -> bool {
    let inner = token
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    inner.is_some_and(|digits| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// `d.h2.`: interrupt flags of traced events.
fn is_flags(token: &str) -> bool {
    (4..=7).contains(&token.len())
        && token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'#')
}

/// `1079.564669:`
fn time(token: &str) -> Option<f64> {
    let number = token.strip_suffix(':')?;
    let (whole, fraction) = number.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(whole) && digits(fraction)).then(|| number.parse().ok())?
}

/// `cycles:u:`, `sched:sched_switch:`
fn event(token: &str) -> Option<&str> {
    let name = token.strip_suffix(':')?;
    let plausible = name.starts_with(|c: char| c.is_alphabetic()) || name.starts_with("0x");
    plausible.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line's fields as text, so that a table of them is readable.
    fn fields(line: &str) -> String {
        let header = parse(line).unwrap_or_else(|| panic!("no header: {line:?}"));
        let Header {
            comm,
            tid,
            time,
            period,
            event,
            rest,
        } = header;
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let words = [
            or_none(comm.map(str::to_owned)),
            or_none(tid.map(|tid| tid.to_string())),
            or_none(time.map(|time| time.to_string())),
            or_none(period.map(|period| period.to_string())),
            or_none(event.map(str::to_owned)),
            rest.to_owned(),
        ];
        words.join("|")
    }

    #[test]
    fn every_usual_layout_is_read() {
        for (line, expected) in [
            (
                "prog  7438  1079.564669:     500000 cpu-clock: ",
                "prog|7438|1079.564669|500000|cpu-clock|",
            ),
            (
                "Web Content 12 3/4 [001] 5.5: cycles:u: ",
                "Web Content 12|4|5.5|-|cycles:u|",
            ),
            (
                "   a.out 7/8 [000] 1.5: 1 cycles:  55d0 main+0x1 (/bin/a)",
                "a.out|8|1.5|1|cycles|55d0 main+0x1 (/bin/a)",
            ),
            (
                "swapper     0 [001] 12.5: sched:sched_switch: prev_comm=a b",
                "swapper|0|12.5|-|sched:sched_switch|prev_comm=a b",
            ),
            ("perf 1 [000] d.h2. 3.25: irq:x: y", "perf|1|3.25|-|irq:x|y"),
            ("prog 12 ", "prog|12|-|-|-|"),
            (
                "prog 12 55d0 main (/bin/a)",
                "prog|12|-|-|-|55d0 main (/bin/a)",
            ),
            ("12 1.5: cycles: ", "-|12|1.5|-|cycles|"),
            ("prog 1.5: cycles: 55 f (a)", "prog|-|1.5|-|cycles|55 f (a)"),
            ("cycles: ", "-|-|-|-|cycles|"),
            (":-1    -1  2.5: 7 cycles: ", ":-1|-1|2.5|7|cycles|"),
        ] {
            assert_eq!(fields(line), expected, "{line:?}");
        }
    }

    #[test]
    fn other_lines_are_no_headers() {
        for line in [
            "",
            "hello",
            "  prog.c:12",
            "main;work 12.5",
            "#!/bin/sh",
            "fn=(1) main",
        ] {
            assert_eq!(parse(line), None, "{line:?}");
        }
    }
}
