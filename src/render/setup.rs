//! What `setup` changes, and what `doctor` found.

use serde::Serialize;

use super::text::{clean, clean_lines};
use super::{Answer, Form, answer};
use crate::setup::{Change, Checkup, Finding};

/// Writes a plan, carried out or not.
#[must_use]
pub fn setup(changes: &[Change], done: bool, uninstall: bool, form: Form) -> Answer {
    let sentences: Vec<String> = changes.iter().map(|change| change.describe(done)).collect();
    let document = serde_json::json!({ "done": done, "changes": sentences });
    answer(&document, form, || {
        let mut out: String = sentences.iter().map(|s| clean_lines(s) + "\n").collect();
        out.push_str(match (done, changes.is_empty(), uninstall) {
            (_, true, _) => "nothing is installed, and nothing was changed\n",
            (false, ..) => "nothing was changed yet; leave out `--print` to do it\n",
            (true, _, true) => "done: the debuggers start without the plugin\n",
            (true, _, false) => "done: the debuggers load the plugin when they start; `dbg-session doctor` tries it\n",
        });
        Answer::new(out)
    })
}

#[derive(Serialize)]
struct Examined<'a> {
    host: &'static str,
    program: String,
    version: Option<&'a str>,
    works: bool,
    findings: Vec<Found<'a>>,
}

#[derive(Serialize)]
struct Found<'a> {
    kind: &'static str,
    text: &'a str,
}

/// Writes what was found of each debugger.
#[must_use]
pub fn doctor(checkups: &[Checkup], form: Form) -> Answer {
    let debuggers: Vec<Examined<'_>> = checkups.iter().map(examined).collect();
    let document = serde_json::json!({ "debuggers": debuggers });
    answer(&document, form, || {
        if debuggers.is_empty() {
            return Answer::new(
                "no debugger was found on the PATH; install gdb or lldb, or `pip install dbg-session[gdb]`\n",
            );
        }
        let pages = debuggers.iter().map(|debugger| {
            let version = debugger.version.unwrap_or(debugger.host);
            let title = format!("{}: {version}", debugger.program);
            let findings = debugger.findings.iter().map(|found| {
                let mark = match found.kind {
                    "fine" => "ok  ",
                    "note" => "note",
                    _ => "BAD ",
                };
                format!("  {mark} {}\n", clean(found.text))
            });
            format!("{}\n{}", clean(&title), findings.collect::<String>())
        });
        Answer::new(pages.collect::<String>())
    })
}

fn examined(checkup: &Checkup) -> Examined<'_> {
    Examined {
        host: checkup.host.as_str(),
        program: checkup.program.display().to_string(),
        version: checkup.version.as_deref(),
        works: checkup.works(),
        findings: checkup
            .findings
            .iter()
            .map(|finding| Found {
                kind: match finding {
                    Finding::Fine(_) => "fine",
                    Finding::Note(_) => "note",
                    Finding::Problem(_) => "problem",
                },
                text: finding.text(),
            })
            .collect(),
    }
}
