//! What a command knows of where it was typed, and what it gives back.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use super::Live;
use crate::interrupt::Reach;
use crate::render::{Answer, Form, text};

/// What a command may know of where it was typed.
pub struct Context<'a> {
    /// The folder whose sessions are meant.
    pub cwd: PathBuf,
    /// The debugger around it, if any.
    pub live: Option<&'a dyn Live>,
    /// Columns of the terminal; none when the output is not one: plain text then.
    pub width: Option<usize>,
}

impl Context<'_> {
    /// The debugger around it, for a verb that makes no sense without one.
    pub(super) fn debugger(&self, verb: &str) -> Result<&dyn Live> {
        self.live
            .with_context(|| format!("`{verb}` needs a live debugger; type it inside GDB or LLDB"))
    }

    /// How to answer, known before the line is understood: errors obey it too.
    pub(super) fn form(&self, args: &[OsString]) -> Form {
        let json = args
            .iter()
            .take_while(|arg| *arg != "--")
            .any(|arg| arg == "--json");
        match self.width {
            width if json => Form::Json {
                pretty: width.is_some(),
            },
            Some(width) => Form::Terminal(width.max(40)),
            None => Form::Plain,
        }
    }

    /// Refuses a verb that makes no sense inside a debugger.
    pub(super) fn outside(&self, verb: &str) -> Result<()> {
        if self.live.is_some() {
            bail!("`{verb}` works outside of debuggers; run `dbg-session {verb}` in a shell");
        }
        Ok(())
    }
}

/// What a verb does, with its arguments read.
pub(super) trait Run {
    /// What Ctrl-C ends: questions anywhere; what is done in the debugger is the debugger's own.
    fn reach(&self) -> Reach {
        Reach::Anywhere
    }

    /// Whether nothing is done but to answer: once interrupted, there is no answer then.
    fn only_asks(&self) -> bool {
        self.reach() == Reach::Anywhere
    }

    /// Whether nothing is left behind when the program ends in the middle of it.
    fn may_end_anywhere(&self) -> bool {
        self.only_asks()
    }

    /// Does it.
    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply>;
}

/// An answer, and whether all went well.
pub(super) struct Reply {
    /// 0 fine, 1 not all of it.
    pub code: u8,
    /// What is said.
    pub answer: Answer,
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self { code: 0, answer }
    }
}

impl Reply {
    /// What is for a person goes below the table on a terminal; elsewhere it
    /// stays out of what is read by a program.
    pub(super) fn output(self, form: Form) -> Output {
        let Answer { mut out, note } = self.answer;
        let mut err = String::new();
        match form {
            Form::Terminal(_) => out.push_str(&note),
            Form::Plain | Form::Json { .. } => err = note,
        }
        Output {
            code: self.code,
            out,
            err,
        }
    }
}

/// What a command printed, and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// 0 fine, 1 error, 2 usage.
    pub code: u8,
    /// For standard output.
    pub out: String,
    /// For standard error.
    pub err: String,
}

/// One line for a person.
pub(super) fn line(sentence: &str) -> String {
    text::clean(sentence).into_owned() + "\n"
}
