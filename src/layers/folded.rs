//! Folded stacks: `main;parse;next 12`, one line per stack, the outermost frame first.
//!
//! Weights may be fractions. Brendan Gregg's suffixes are understood: `_[k]` is the kernel, `_[i]` an inlined
//! function, `_[j]` and `_[w]` are dropped. Frames may contain blanks.

use anyhow::Result;

use super::profile::{Frame, FrameHandle, Profile, Sample};
use super::reader::{Lines, is_blank};
use super::{Format, Input, Options, Sniff};

/// The reader for folded stacks.
pub(super) struct Folded;

impl Format for Folded {
    fn name(&self) -> &'static str {
        "folded"
    }

    fn about(&self) -> &'static str {
        "folded stacks"
    }

    fn source(&self) -> &'static str {
        "folded"
    }

    fn sniff(&self, head: &[u8], whole: bool) -> Sniff {
        let mut lines: Vec<&[u8]> = head.split(|byte| *byte == b'\n').collect();
        if !whole {
            lines.pop(); // cut in the middle
        }
        let mut stacks = lines
            .into_iter()
            .filter(|line| !is_blank(line))
            .take(50)
            .peekable();
        if stacks.peek().is_none() {
            return if whole { Sniff::No } else { Sniff::NeedMore };
        }
        let all =
            stacks.all(|line| std::str::from_utf8(line).is_ok_and(|line| split(line).is_some()));
        if all { Sniff::Yes } else { Sniff::No }
    }

    fn parse<'a>(&self, input: Input<'a>, options: &Options<'a>) -> Result<Profile> {
        let mut profile = Profile::default();
        let event = profile.event("samples");
        let mut lines = Lines::new(input, options);
        while let Some(line) = lines.next()? {
            if is_blank(line) {
                continue;
            }
            let text = String::from_utf8_lossy(line);
            let Some((stack, weight)) = split(&text) else {
                return Err(lines.error("is no folded stack: it should end in a blank and a number, like `main;work 12`"));
            };
            let mut top = None;
            for name in stack.split(';').filter(|name| !name.trim().is_empty()) {
                let frame = frame(&mut profile, name);
                top = Some(profile.stack(top, frame));
            }
            let count = if weight.fract() == 0.0 {
                weight as u64
            } else {
                1
            };
            profile.add(Sample {
                event,
                stack: top,
                thread: None,
                time_us: None,
                weight,
                count,
            });
        }
        Ok(profile)
    }
}

/// The stack and the weight of a line; `None` if it is none.
fn split(line: &str) -> Option<(&str, f64)> {
    let (stack, number) = line.trim_end().rsplit_once([' ', '\t'])?;
    let plain = number.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let weight: f64 = number
        .parse()
        .ok()
        .filter(|weight: &f64| plain && weight.is_finite())?;
    (!stack.trim().is_empty()).then_some((stack.trim(), weight))
}

fn frame(profile: &mut Profile, name: &str) -> FrameHandle {
    let name = name.trim();
    let (bare, mark) = match name
        .strip_suffix(']')
        .and_then(|rest| rest.rsplit_once("_["))
    {
        Some((bare, mark @ ("k" | "i" | "j" | "w"))) if !bare.is_empty() => (bare, mark),
        _ => (name, ""),
    };
    let module = (mark == "k").then(|| profile.string("[kernel]"));
    let function = Some(profile.string(bare));
    profile.frame(Frame {
        function,
        file: None,
        line: 0,
        module,
        inlined: mark == "i",
    })
}
