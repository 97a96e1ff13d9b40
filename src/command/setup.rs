//! `setup`: installing the plugin.

use anyhow::Result;
use clap::Args;

use super::{Context, Form, Reply, Run};
use crate::render;
use crate::setup::{self, Host, Places, Plugin, carry_out};

/// Install the plugin into GDB and LLDB (outside of them)
#[derive(Args)]
#[command(
    long_about = "Install the plugin into GDB and LLDB\n\nWrites one marked block into \
                  ~/.gdbinit and ~/.lldbinit, or whichever file the debugger reads instead; \
                  doing it again changes nothing. A self-contained program first writes the \
                  plugin to the user's data folder. Not available inside a debugger.",
    after_long_help = "Examples:\n  dbg-session setup --print\n  dbg-session setup\n  dbg-session setup --uninstall"
)]
pub(super) struct Setup {
    /// Only GDB
    #[arg(long)]
    pub gdb: bool,
    /// Only LLDB
    #[arg(long)]
    pub lldb: bool,
    /// Say what would be changed, and change nothing
    #[arg(long)]
    pub print: bool,
    /// Take everything out again
    #[arg(long)]
    pub uninstall: bool,
}

impl Run for Setup {
    fn only_asks(&self) -> bool {
        false
    }

    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        context.outside("setup")?;
        let hosts: Vec<Host> = match (self.gdb, self.lldb) {
            (true, false) => vec![Host::Gdb],
            (false, true) => vec![Host::Lldb],
            _ => Host::ALL.to_vec(),
        };
        let places = Places::from_env()?;
        // What is taken out needs no plugin to be there.
        let plugin = if self.uninstall {
            Plugin::current().unwrap_or(Plugin::Embedded)
        } else {
            Plugin::current()?
        };
        let setup = setup::Setup { places, plugin };
        let changes = if self.uninstall {
            setup.uninstall(&hosts)?
        } else {
            setup.install(&hosts)?
        };
        if !self.print {
            carry_out(&changes)?;
        }
        Ok(render::setup::setup(&changes, !self.print, self.uninstall, form).into())
    }
}
