//! `doctor`: does the plugin work in the debuggers of this machine?

use anyhow::{Result, bail};
use serde::Serialize;

use super::{Context, Form, Reply};
use crate::render::{Answer, answer};
use crate::setup::{Checkup, Doctor, Finding};

const NO_DEBUGGER: &str = "no GDB or LLDB is on the PATH; install one with the system's package manager, or without \
                           administrator rights with `pip install 'dbg-session[gdb]'` (or [lldb])";

#[derive(Serialize)]
struct Report {
    debuggers: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    debugger: &'static str,
    program: String,
    version: Option<String>,
    works: bool,
    findings: Vec<Said>,
}

#[derive(Serialize)]
struct Said {
    level: &'static str,
    text: String,
}

pub(super) fn run(context: &Context<'_>, form: Form) -> Result<Reply> {
    if context.live.is_some() {
        bail!("`doctor` starts debuggers of its own; run it in a shell");
    }
    let checkups = Doctor::current()?.examine_all()?;
    if checkups.is_empty() {
        bail!(NO_DEBUGGER);
    }
    let report = Report {
        debuggers: checkups.iter().map(item).collect(),
    };
    Ok(Reply {
        code: u8::from(!checkups.iter().all(Checkup::works)),
        answer: answer(&report, form, || Answer::new(text(&report))),
    })
}

fn item(checkup: &Checkup) -> Item {
    let findings = checkup.findings.iter();
    Item {
        debugger: checkup.host.as_str(),
        program: checkup.program.display().to_string(),
        version: checkup.version.clone(),
        works: checkup.works(),
        findings: findings
            .map(|finding| Said {
                level: match finding {
                    Finding::Fine(_) => "fine",
                    Finding::Note(_) => "note",
                    Finding::Problem(_) => "problem",
                },
                text: finding.text().to_owned(),
            })
            .collect(),
    }
}

/// One paragraph per debugger.
fn text(report: &Report) -> String {
    let mut lines = String::new();
    for item in &report.debuggers {
        let version = item.version.as_deref().unwrap_or("no version");
        lines += &super::line(&format!("{}: {version}", item.program));
        for said in &item.findings {
            lines += &super::line(&format!("  {:<8} {}", said.level, said.text));
        }
    }
    lines
}
