//! One hit, recorded for real: a tiny program is debugged, then the session file is looked into.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Map, Value};

use super::Host;
use super::process;
use crate::query::read::hit::last;
use crate::session_db::SessionDb;
use crate::value::locals::{Node, find};

const SOURCE: &str = "\
static int twice(int number) {
    return 2 * number;
}

int main(void) {
    return twice(21) - 42;
}
";

/// Everything that a debugger is tried with.
pub struct Trial<'a> {
    scratch: &'a Path,
    timeout: Duration,
    program: PathBuf,
    breakpoint: &'static str,
    /// A value that the hit must hold, as name and text.
    value: Option<(&'static str, &'static str)>,
}

/// One way to start a debugger.
pub struct Start<'a> {
    pub host: Host,
    pub debugger: &'a Path,
    /// Start it bare and load the plugin from here; none: as the user's dotfiles say.
    pub package: Option<&'a Path>,
    /// Where it is to find its own Python module, if it does not by itself.
    pub python_path: Option<&'a Path>,
}

impl<'a> Trial<'a> {
    /// A tiny program of our own if there is a compiler. Otherwise `true`, which calls `_exit` in
    /// the C library: a place with a name in any program, though without values.
    pub fn prepare(scratch: &'a Path, path: &OsStr, timeout: Duration) -> Result<Self> {
        let source = scratch.join("trial.c");
        fs::write(&source, SOURCE)?;
        let program = scratch.join("trial");
        if let Some(compiler) = which(path, &["cc", "gcc", "clang"]) {
            let mut command = Command::new(compiler);
            command.args(["-g", "-O0", "-o"]).arg(&program).arg(&source);
            let done = process::run(&mut command, &scratch.join("cc.txt"), timeout);
            if done.is_ok() && program.exists() {
                let value = Some(("number", "21"));
                return Ok(Self {
                    scratch,
                    timeout,
                    program,
                    breakpoint: "twice",
                    value,
                });
            }
        }
        let program = which(path, &["true"]).unwrap_or_else(|| PathBuf::from("/bin/true"));
        Ok(Self {
            scratch,
            timeout,
            program,
            breakpoint: "_exit",
            value: None,
        })
    }

    /// Lets the debugger stop once and looks into the session file. The inner result is what to
    /// say of it.
    pub fn record(&self, start: &Start<'_>) -> Result<Result<String, String>> {
        let first = self.stop_once(start)?;
        let (Ok(values), Some((name, text))) = (&first, self.value) else {
            return Ok(first.map(|_| {
                "a hit was recorded (for want of a C compiler in a program without values).".into()
            }));
        };
        let holds =
            |values: &Map<String, Value>| find(values, name).and_then(Node::text) == Some(text);
        // The first start on a machine may be too slow for the time that a capture may take.
        let held = holds(values) || self.stop_once(start)?.is_ok_and(|values| holds(&values));
        Ok(if held {
            Ok(format!("a hit was recorded, with {name} = {text}."))
        } else {
            Err(format!(
                "a hit was recorded, but not that {name} was {text}."
            ))
        })
    }

    /// The values of the hit as the session file has them, or why there is none.
    fn stop_once(&self, start: &Start<'_>) -> Result<Result<Map<String, Value>, String>> {
        let cwd = self.scratch.join("cwd");
        if cwd.exists() {
            fs::remove_dir_all(&cwd)?;
        }
        fs::create_dir(&cwd)?;
        let mut command = self.command_line(start);
        command.current_dir(&cwd);
        let outcome = process::run(&mut command, &self.scratch.join("output.txt"), self.timeout)?;
        if !outcome.in_time {
            let seconds = self.timeout.as_secs_f32();
            return Ok(Err(format!("it did not end within {seconds} s.")));
        }
        Ok(recorded_values(&cwd).ok_or_else(|| diagnose(&outcome.text)))
    }

    /// Starts the debugger, stops once and leaves.
    fn command_line(&self, start: &Start<'_>) -> Command {
        let mut command = Command::new(start.debugger);
        match start.host {
            Host::Gdb => {
                command.args(["-q", "-batch"]);
                if let Some(package) = start.package {
                    command.args(["-nx", "-ex", &start.host.load_line(package)]);
                }
                for line in [
                    "set breakpoint pending on",
                    &format!("break {}", self.breakpoint),
                    "run",
                ] {
                    command.args(["-ex", line]);
                }
                // It would ask a server for debug information of the C library.
                command.env("DEBUGINFOD_URLS", "");
            }
            Host::Lldb => {
                command.arg("--batch");
                if let Some(package) = start.package {
                    command.args(["--no-lldbinit", "-o", &start.host.load_line(package)]);
                }
                let stop = format!("breakpoint set --name {}", self.breakpoint);
                for line in [&stop, "process launch", "process kill"] {
                    command.args(["-o", line]);
                }
                command.arg("--");
                if let Some(folder) = start.python_path {
                    command.env("PYTHONPATH", folder);
                }
            }
        }
        command.arg(&self.program);
        command
    }
}

fn which(path: &OsStr, names: &[&str]) -> Option<PathBuf> {
    names
        .iter()
        .flat_map(|name| env::split_paths(path).map(move |folder| folder.join(name)))
        .find(|program| is_executable(program))
}

pub fn is_executable(program: &Path) -> bool {
    fs::metadata(program)
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// The values of the one hit that was recorded below `cwd`.
fn recorded_values(cwd: &Path) -> Option<Map<String, Value>> {
    let sessions = fs::read_dir(crate::sessions_dir(cwd)).ok()?;
    let file = sessions
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|kind| kind == "db"))?;
    let session = SessionDb::open_read_only(&file).ok()?;
    Some(last(&session, None).ok()??.values)
}

/// Why nothing was recorded, as far as the debugger's words tell.
fn diagnose(output: &str) -> String {
    let says = |words: &[&str]| words.iter().any(|word| output.contains(word));
    if says(&[
        "Python scripting is not supported",
        "script interpreter unavailable",
        "there is no embedded script",
    ]) {
        return "it was built without Python, which the plugin needs: use another build of it."
            .into();
    }
    if says(&[
        "ptrace: Operation not permitted",
        "ptrace(",
        "Could not trace the inferior",
        "personality set failed",
    ]) {
        return "it is not allowed to start programs: in a container, allow SYS_PTRACE; else look at \
                /proc/sys/kernel/yama/ptrace_scope."
            .into();
    }
    // The plugin's own words are the best answer, else the last ones.
    let lines = || {
        output
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
    };
    let told = lines()
        .find(|line| line.starts_with("[dbg-session]") || line.starts_with("dbg-session:"))
        .or_else(|| lines().next_back());
    match told {
        Some(line) => format!("no hit was recorded; it said: {line}"),
        None => "no hit was recorded, and it said nothing.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plugins_own_words_are_shown_first() {
        let output = "Reading symbols\ndbg-session: The folder is full.\n[Inferior 1 exited]\n";
        assert!(diagnose(output).ends_with("dbg-session: The folder is full."));
        assert!(diagnose("a\nb\n").ends_with("it said: b"));
    }
}
