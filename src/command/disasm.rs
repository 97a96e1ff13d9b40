//! `disasm`: a function's machine code.

use anyhow::Result;
use clap::Args;

use super::args::{Function, Which};
use super::function_code::live_or_kept;
use super::{Context, Form, Reply, Run};
use crate::query::disasm::disassembly;
use crate::render;

/// Show a function's machine code
#[derive(Args)]
#[command(
    long_about = "Show a function's machine code\n\nInside a debugger the function is disassembled, \
                  in the flavor that the user chose there, and kept in the active session with its \
                  source; outside, and of sessions past, what was kept is shown. Places are bytes from \
                  the function's start, and code is called by name, so that the listing is the same \
                  wherever the program was loaded.",
    after_long_help = "Examples:\n  dbg-session disasm\n  dbg-session disasm ns::parse --bytes\n  \
                       dbg-session disasm parse --session crash-1"
)]
pub(super) struct Disasm {
    /// A function, or a location in it [default: the selected frame's (inside a debugger)]
    pub symbol: Option<Function>,
    /// Show the bytes of each instruction
    #[arg(long)]
    pub bytes: bool,
    #[command(flatten)]
    pub which: Which,
}

impl Run for Disasm {
    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let symbol = self.symbol.as_deref();
        let (shown, note) = live_or_kept("disasm", symbol, &self.which, context, disassembly)?;
        let answer = render::code::disassembly(&shown, self.bytes, form);
        Ok(answer.noting(&note).into())
    }
}
