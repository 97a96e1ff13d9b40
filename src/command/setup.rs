//! `setup` and `doctor`: installing the plugin, and checking that it works.

use anyhow::{Result, bail};

use super::cli::{Doctor as DoctorArgs, Setup as SetupArgs};
use super::{Context, Form, Reply};
use crate::render;
use crate::setup::{Doctor, Host, Places, Plugin, Setup, carry_out};

pub(super) fn setup(args: &SetupArgs, context: &Context<'_>, form: Form) -> Result<Reply> {
    outside("setup", context)?;
    let hosts: Vec<Host> = match (args.gdb, args.lldb) {
        (true, false) => vec![Host::Gdb],
        (false, true) => vec![Host::Lldb],
        _ => Host::ALL.to_vec(),
    };
    let places = Places::from_env()?;
    // What is taken out needs no plugin to be there.
    let plugin = if args.uninstall {
        Plugin::current().unwrap_or(Plugin::Embedded)
    } else {
        Plugin::current()?
    };
    let setup = Setup { places, plugin };
    let changes = if args.uninstall {
        setup.uninstall(&hosts)?
    } else {
        setup.install(&hosts)?
    };
    if !args.print {
        carry_out(&changes)?;
    }
    Ok(render::setup::setup(&changes, !args.print, args.uninstall, form).into())
}

pub(super) fn doctor(_: &DoctorArgs, context: &Context<'_>, form: Form) -> Result<Reply> {
    outside("doctor", context)?;
    let checkups = Doctor::current()?.examine_all()?;
    let works = !checkups.is_empty() && checkups.iter().all(crate::setup::Checkup::works);
    Ok(Reply {
        code: u8::from(!works),
        answer: render::setup::doctor(&checkups, form),
    })
}

fn outside(verb: &str, context: &Context<'_>) -> Result<()> {
    if context.live.is_some() {
        bail!("`{verb}` works outside of debuggers; run `dbg-session {verb}` in a shell");
    }
    Ok(())
}
