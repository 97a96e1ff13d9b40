//! Callgrind's output: functions, what each cost itself, and what its calls cost.
//!
//! ```text
//! events: Ir
//! ob=(5) /bin/prog          a name is spelled out once, then (5) stands for it
//! fl=(1) prog.c
//! fn=(2) work               the costs of work begin
//! 16 420                    line 16: 420 of the first event
//! cfn=(3) leaf              work calls leaf,
//! calls=60 4                60 times, at line 4 of leaf's file,
//! +1 11340                  from line 17 of ours, for 11340 altogether
//! totals: 11760             the sum of all costs but those of calls
//! ```
//!
//! Callgrind numbers the levels of recursion (`f`, `f'2`); here they are one function, whose own cost is the sum, and
//! whose total is that of the outermost level, so that recursion counts once.

mod recursion;

use std::collections::BTreeMap;

use anyhow::Result;
use rustc_hash::FxHashMap;

use crate::layers::profile::{Profile, StringHandle};
use crate::layers::reader::{Lines, is_blank};
use crate::layers::{Format, Input, LayerError, Options, Sniff};
use recursion::Levels;

/// The reader for callgrind's files.
pub(super) struct Callgrind;

/// More events than any tool writes: a longer list is damage.
const MOST_EVENTS: usize = 64;

impl Format for Callgrind {
    fn name(&self) -> &'static str {
        "callgrind"
    }

    fn about(&self) -> &'static str {
        "callgrind's output"
    }

    fn source(&self) -> &'static str {
        "callgrind"
    }

    fn sniff(&self, head: &[u8], whole: bool) -> Sniff {
        if head.starts_with(b"# callgrind format") {
            return Sniff::Yes;
        }
        let mut lines = head
            .split_inclusive(|byte| *byte == b'\n')
            .filter(|line| whole || line.ends_with(b"\n"));
        for line in &mut lines {
            if line.starts_with(b"events:") {
                return Sniff::Yes;
            }
            if !is_blank(line) && line[0] != b'#' && header(line).is_none() {
                return Sniff::No;
            }
        }
        if whole { Sniff::No } else { Sniff::NeedMore }
    }

    fn parse<'a>(&self, input: Input<'a>, options: &Options<'a>) -> Result<Profile> {
        let shown = input.shown;
        let mut lines = Lines::new(input, options);
        let mut parser = Parser::default();
        let mut number = 0u64;
        while let Some(line) = lines.next()? {
            number += 1;
            if let Err(what) = parser.line(line) {
                // The last line of a file cut short makes no sense either, and that is not its fault.
                if !lines.ends_in_newline() {
                    break;
                }
                return Err(lines.error(what));
            }
        }
        let end = if lines.ends_in_newline() {
            parser.end_part()
        } else {
            Err("the last line is cut".to_owned())
        };
        match end {
            Ok(()) => Ok(parser.into_profile()),
            Err(why) => {
                let what =
                    format!("is truncated or damaged: it ends at line {number}, where {why}");
                Err(LayerError::Damaged {
                    file: shown.to_owned(),
                    what,
                }
                .into())
            }
        }
    }
}

/// The key and value of a header line such as `events: Ir Dr`.
fn header(line: &[u8]) -> Option<(&str, &str)> {
    let (key, value) = std::str::from_utf8(line).ok()?.split_once(':')?;
    let is_key = !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    is_key.then_some((key, value.trim()))
}

/// A function of the file; `f'2` is another one than `f` until the end.
pub(super) struct Function {
    pub name: StringHandle,
    pub file: Option<StringHandle>,
    pub module: Option<StringHandle>,
    pub line: u32,
    pub own: Vec<u64>,
    pub calls: u64,
}

#[derive(Default)]
pub(super) struct Call {
    pub count: u64,
    pub cost: Vec<u64>,
}

/// Names that are spelled out once and then numbered.
#[derive(Default)]
struct Names(FxHashMap<u64, StringHandle>);

/// The position of a function in [`Parser::functions`].
pub(super) type Index = usize;

/// Functions by what `fn=` calls them: by number, where they have one, as static functions may share a name.
#[derive(Default)]
struct FunctionNames {
    names: Names,
    by_number: FxHashMap<(u64, StringHandle), Index>,
    by_name: FxHashMap<StringHandle, Index>,
}

#[derive(Default)]
struct Parser {
    profile: Profile,
    functions: Vec<Function>,
    calls: BTreeMap<(Index, Index), Call>,
    objects: Names,
    files: Names,
    function_names: FunctionNames,
    object: Option<StringHandle>,
    file: Option<StringHandle>,
    /// False inside of code inlined from another file.
    in_own_file: bool,
    function: Option<Index>,
    called: Option<Index>,
    called_object: Option<StringHandle>,
    called_file: Option<StringHandle>,
    /// Set by `calls=`: the next line has the cost of so many calls.
    pending_calls: Option<u64>,
    has_instructions: bool,
    has_no_lines: bool,
    line_number: u64,
    sum: Vec<u64>,
    summary: Option<Vec<u64>>,
    totals_checked: bool,
}

type Outcome = Result<(), String>;

impl Parser {
    fn line(&mut self, line: &[u8]) -> Outcome {
        match line.first() {
            None | Some(b'#') => Ok(()),
            Some(b'0'..=b'9' | b'+' | b'-' | b'*') => self.cost_line(line),
            _ if is_blank(line) => Ok(()),
            _ => self.text_line(line),
        }
    }

    fn text_line(&mut self, line: &[u8]) -> Outcome {
        let text = String::from_utf8_lossy(line);
        if let Some((key, value)) = text.split_once('=')
            && key.len() <= 5
            && key.bytes().all(|byte| byte.is_ascii_lowercase())
        {
            return self.specification(key, value.trim());
        }
        match header(line) {
            Some((key, value)) => self.header_line(key, value),
            None => Err("is none that callgrind writes".to_owned()),
        }
    }

    fn header_line(&mut self, key: &str, value: &str) -> Outcome {
        match key {
            "version" if value != "1" => {
                return Err(format!("says version {value}; only version 1 can be read"));
            }
            "part" => self.end_part()?,
            "cmd" if !value.is_empty() => self.profile.command = Some(value.to_owned()),
            "positions" => {
                self.has_instructions = value.contains("instr") || value.contains("addr");
                self.has_no_lines = !value.contains("line");
            }
            "events" => return self.events(value),
            "summary" => self.summary = Some(numbers(value)?),
            "totals" => {
                self.check(&numbers(value)?)?;
                self.totals_checked = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn events(&mut self, value: &str) -> Outcome {
        let events: Vec<String> = value.split_whitespace().map(str::to_owned).collect();
        if events.is_empty() || events.len() > MOST_EVENTS {
            return Err("should name the events that were counted".to_owned());
        }
        if !self.profile.events.is_empty() && self.profile.events != events {
            return Err(
                "names other events than the part before; split the file into its parts".to_owned(),
            );
        }
        self.sum = vec![0; events.len()];
        self.profile.events = events;
        Ok(())
    }

    /// `fn=(1) main` and its like.
    fn specification(&mut self, key: &str, value: &str) -> Outcome {
        match key {
            "ob" => self.object = self.objects.resolve(&mut self.profile, value)?,
            "fl" | "fi" | "fe" => {
                self.file = self.files.resolve(&mut self.profile, value)?;
                self.in_own_file = key == "fl";
            }
            "fn" => {
                self.function = Some(self.function_named(value)?);
                self.in_own_file = true;
            }
            "cob" => self.called_object = self.objects.resolve(&mut self.profile, value)?,
            "cfi" | "cfl" => self.called_file = self.files.resolve(&mut self.profile, value)?,
            "cfn" => self.called = Some(self.function_named(value)?),
            "jfi" => drop(self.files.resolve(&mut self.profile, value)?),
            "jfn" => drop(self.function_named(value)?),
            "jump" | "jcnd" => {}
            "calls" => {
                let count = value
                    .split_whitespace()
                    .next()
                    .and_then(|count| number(count.as_bytes()));
                self.pending_calls = Some(count.ok_or("should say how many calls there were")?);
            }
            _ => return Err("is none that callgrind writes".to_owned()),
        }
        Ok(())
    }

    fn function_named(&mut self, value: &str) -> Result<Index, String> {
        let names = &mut self.function_names;
        let (number, name) = names.names.resolve_numbered(&mut self.profile, value)?;
        let next = self.functions.len();
        let index = match number {
            Some(number) => *names.by_number.entry((number, name)).or_insert(next),
            None => *names.by_name.entry(name).or_insert(next),
        };
        if index == next {
            self.functions.push(Function::new(name));
        }
        Ok(index)
    }

    /// Positions, then costs; events left out at the end cost nothing.
    fn cost_line(&mut self, line: &[u8]) -> Outcome {
        if self.profile.events.is_empty() {
            return Err("has costs, but no `events:` line came before it".to_owned());
        }
        let mut words = line
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty());
        if self.has_instructions {
            words.next();
        }
        if !(self.has_instructions && self.has_no_lines) {
            let word = words.next().ok_or("lacks its line number")?;
            self.line_number =
                position(word, self.line_number).ok_or("does not begin with a line number")?;
        }
        let mut costs = [0u64; MOST_EVENTS];
        let costs = &mut costs[..self.profile.events.len()];
        for (at, word) in words.enumerate() {
            let cost = costs
                .get_mut(at)
                .ok_or("has more costs than there are events")?;
            *cost = number(word).ok_or("has a cost that is no number")?;
        }
        match self.pending_calls.take() {
            Some(calls) => self.add_call(calls, costs),
            None => self.add_own(costs),
        }
    }

    fn add_own(&mut self, costs: &[u64]) -> Outcome {
        let index = self
            .function
            .ok_or("has costs, but no `fn=` line came before it")?;
        let function = &mut self.functions[index];
        if function.own.is_empty() {
            function.file = self.file;
            function.module = self.object;
        }
        let line = u32::try_from(self.line_number).unwrap_or(0);
        if self.in_own_file
            && line > 0
            && (function.line == 0 || line < function.line)
            && function.file == self.file
        {
            function.line = line;
        }
        add(&mut function.own, costs);
        add(&mut self.sum, costs);
        Ok(())
    }

    fn add_call(&mut self, count: u64, costs: &[u64]) -> Outcome {
        let caller = self
            .function
            .ok_or("has costs of calls, but no `fn=` line came before it")?;
        let callee = self
            .called
            .ok_or("has costs of calls, but no `cfn=` line came before it")?;
        let function = &mut self.functions[callee];
        function.calls = function.calls.saturating_add(count);
        function.file = function.file.or(self.called_file.take()).or(self.file);
        function.module = function
            .module
            .or(self.called_object.take())
            .or(self.object);
        let call = self.calls.entry((caller, callee)).or_default();
        call.count = call.count.saturating_add(count);
        add(&mut call.cost, costs);
        self.called_object = None;
        self.called_file = None;
        Ok(())
    }

    /// Closes a part: its costs must add up to what it promised.
    fn end_part(&mut self) -> Outcome {
        if self.profile.events.is_empty() {
            return Ok(());
        }
        if self.pending_calls.is_some() {
            return Err("the cost of a call is missing".to_owned());
        }
        if let Some(summary) = self.summary.take()
            && !self.totals_checked
            && summary.iter().any(|sum| *sum > 0)
        {
            self.check(&summary)
                .map_err(|why| format!("the header {why}"))?;
        }
        self.totals_checked = false;
        self.sum.fill(0);
        Ok(())
    }

    fn check(&self, promised: &[u64]) -> Outcome {
        for (at, event) in self.profile.events.iter().enumerate() {
            let (found, expected) = (self.sum[at], promised.get(at).copied().unwrap_or(0));
            if found != expected {
                return Err(format!(
                    "says {expected} {event}, but the functions cost {found} together"
                ));
            }
        }
        Ok(())
    }

    fn into_profile(mut self) -> Profile {
        let levels = Levels::of(&mut self.profile, &self.functions);
        self.profile.graph =
            Some(levels.graph(self.profile.events.len(), &self.functions, &self.calls));
        self.profile
    }
}

impl Function {
    fn new(name: StringHandle) -> Self {
        Function {
            name,
            file: None,
            module: None,
            line: 0,
            own: Vec::new(),
            calls: 0,
        }
    }
}

impl Names {
    /// The name that `(12) text`, `(12)` or plain text stands for.
    fn resolve(
        &mut self,
        profile: &mut Profile,
        value: &str,
    ) -> Result<Option<StringHandle>, String> {
        self.resolve_numbered(profile, value)
            .map(|(_, name)| Some(name))
    }

    /// The same, and the number.
    fn resolve_numbered(
        &mut self,
        profile: &mut Profile,
        value: &str,
    ) -> Result<(Option<u64>, StringHandle), String> {
        let numbered = value
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(')'));
        let Some((id, text)) =
            numbered.and_then(|(id, text)| Some((number(id.as_bytes())?, text.trim())))
        else {
            return Ok((None, profile.string(value)));
        };
        if text.is_empty() {
            let known = self.0.get(&id).copied();
            let unknown = || format!("uses the name ({id}), which was never spelled out");
            return Ok((Some(id), known.ok_or_else(unknown)?));
        }
        let handle = profile.string(text);
        self.0.insert(id, handle);
        Ok((Some(id), handle))
    }
}

fn add(sums: &mut Vec<u64>, costs: &[u64]) {
    if sums.len() < costs.len() {
        sums.resize(costs.len(), 0);
    }
    for (sum, cost) in sums.iter_mut().zip(costs) {
        *sum = sum.saturating_add(*cost);
    }
}

fn numbers(text: &str) -> Result<Vec<u64>, String> {
    let parsed = text
        .split_whitespace()
        .map(|word| number(word.as_bytes()))
        .collect::<Option<Vec<u64>>>();
    parsed.ok_or_else(|| "should hold numbers".to_owned())
}

/// `12`, `0x1f`
fn number(word: &[u8]) -> Option<u64> {
    if let Some(hex) = word.strip_prefix(b"0x") {
        return u64::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok();
    }
    if word.is_empty() {
        return None;
    }
    word.iter().try_fold(0u64, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

/// `12`, and relative to the line before: `+3`, `-4`, `*`.
fn position(word: &[u8], previous: u64) -> Option<u64> {
    match word.split_first()? {
        (b'*', []) => Some(previous),
        (b'+', offset) => previous.checked_add(number(offset)?),
        (b'-', offset) => previous.checked_sub(number(offset)?),
        _ => number(word),
    }
}
