//! Does the plugin work in the debuggers of this machine? Each one is started, loads the plugin and records one hit.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rusqlite::{Connection, OpenFlags};

use super::process::{self, Outcome, Scratch};
use super::{Host, Places, Plugin, plugin};

/// How long a debugger may take: much longer than it does, as the first start after a boot is slow.
const TIMEOUT: Duration = Duration::from_secs(30);
const TRIAL_SOURCE: &str = "\
static int twice(int number) {
    return 2 * number;
}

int main(void) {
    return twice(21) - 42;
}
";

/// One thing that was found out about a debugger, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It is as it should be.
    Fine(String),
    /// It works, but there is something to do or to know.
    Note(String),
    /// It does not work.
    Problem(String),
}

impl Finding {
    /// The sentence.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Fine(text) | Self::Note(text) | Self::Problem(text) => text,
        }
    }
}

/// What was found out about one debugger.
#[derive(Debug, Clone)]
pub struct Checkup {
    /// Which kind it is.
    pub host: Host,
    /// The program.
    pub program: PathBuf,
    /// The first line of what `--version` prints.
    pub version: Option<String>,
    /// What was found, in the order of the examination.
    pub findings: Vec<Finding>,
}

impl Checkup {
    /// True when the debugger records.
    #[must_use]
    pub fn works(&self) -> bool {
        !self
            .findings
            .iter()
            .any(|finding| matches!(finding, Finding::Problem(_)))
    }
}

/// Examines the debuggers of a machine.
#[derive(Debug, Clone)]
pub struct Doctor {
    /// The user's folders.
    pub places: Places,
    /// The plugin that belongs to this program.
    pub plugin: Plugin,
    /// Where programs are looked for, in the form of `$PATH`.
    pub path: OsString,
    /// How long one start of a debugger may take.
    pub timeout: Duration,
}

/// The program that the debuggers are tried with.
struct Trial {
    program: PathBuf,
    breakpoint: &'static str,
    /// A value that the hit must hold, as name and text.
    value: Option<(&'static str, &'static str)>,
}

impl Doctor {
    /// For the user and the environment of this process.
    ///
    /// # Errors
    /// When the user's home is not known or this program has no plugin.
    pub fn current() -> Result<Self> {
        Ok(Self {
            places: Places::from_env()?,
            plugin: Plugin::current()?,
            path: env::var_os("PATH").unwrap_or_default(),
            timeout: TIMEOUT,
        })
    }

    /// The debuggers on the path: `gdb`, `lldb`, and those with a version such as `lldb-19`, each program once.
    #[must_use]
    pub fn debuggers(&self) -> Vec<(Host, PathBuf)> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        for folder in env::split_paths(&self.path) {
            let Ok(entries) = fs::read_dir(&folder) else {
                continue;
            };
            let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
            names.sort();
            for name in names {
                let Some(host) = name.to_str().and_then(host_of) else {
                    continue;
                };
                let program = folder.join(&name);
                let Ok(real) = program.canonicalize() else {
                    continue;
                };
                if is_executable(&real) && seen.insert(real) {
                    found.push((host, program));
                }
            }
        }
        found
    }

    /// Examines every debugger on the path.
    ///
    /// # Errors
    /// When there is no place for temporary files.
    pub fn examine_all(&self) -> Result<Vec<Checkup>> {
        self.debuggers()
            .into_iter()
            .map(|(host, program)| self.examine(host, &program))
            .collect()
    }

    /// Examines one debugger.
    ///
    /// # Errors
    /// When there is no place for temporary files.
    pub fn examine(&self, host: Host, program: &Path) -> Result<Checkup> {
        let scratch =
            Scratch::new().context("The folder for temporary files cannot be written to")?;
        let mut checkup = Checkup {
            host,
            program: program.to_path_buf(),
            version: None,
            findings: Vec::new(),
        };
        let log = scratch.path().join("version.txt");
        match process::run(Command::new(program).arg("--version"), &log, self.timeout) {
            Ok(Outcome {
                text,
                in_time: true,
            }) if !text.trim().is_empty() => {
                checkup.version = text.lines().next().map(str::to_owned);
            }
            Ok(_) => {
                checkup.findings.push(Finding::Problem(
                    "It does not tell its version, so it does not start.".into(),
                ));
                return Ok(checkup);
            }
            Err(error) => {
                checkup
                    .findings
                    .push(Finding::Problem(format!("It does not start: {error}.")));
                return Ok(checkup);
            }
        }
        checkup.findings = self.try_out(host, program, scratch.path())?;
        Ok(checkup)
    }

    /// Records one hit, the way the user would if the plugin is set up, else bare.
    fn try_out(&self, host: Host, program: &Path, scratch: &Path) -> Result<Vec<Finding>> {
        let set_up = super::Setup {
            places: self.places.clone(),
            plugin: self.plugin.clone(),
        }
        .is_set_up(host);
        let trial = self.trial(scratch)?;
        let mut findings = Vec::new();
        if set_up {
            match self.record(host, program, &trial, None, scratch, &[])? {
                Ok(text) => {
                    findings.push(Finding::Fine(text));
                    return Ok(findings);
                }
                Err(text) => findings.push(Finding::Problem(format!(
                    "As {} sets it up: {text}",
                    self.places.dotfile(host).display()
                ))),
            }
        }
        let package = self.package(scratch)?;
        match self.record(host, program, &trial, Some(&package), scratch, &[])? {
            Ok(text) if set_up => findings.push(Finding::Note(format!(
                "Without your own settings: {text} So something else in that file is in its way, or the plugin it \
                 names is gone: `dbg-session setup` writes it anew."
            ))),
            Ok(text) => {
                findings.push(Finding::Fine(text));
                findings.push(Finding::Note(format!(
                    "It is not loaded by itself yet: `dbg-session setup --{}` does that.",
                    host.as_str()
                )));
            }
            Err(text) => {
                findings.push(Finding::Problem(text));
                findings.extend(self.lldb_python_path(host, program, &trial, &package, scratch)?);
            }
        }
        Ok(findings)
    }

    /// The folder `dbg_session` to load: where it is installed, else written to a temporary place.
    fn package(&self, scratch: &Path) -> Result<PathBuf> {
        match &self.plugin {
            Plugin::Installed(package) => Ok(package.clone()),
            Plugin::Embedded if self.places.package().join("gdbinit.py").exists() => {
                Ok(self.places.package())
            }
            Plugin::Embedded => {
                let folder = scratch.join("plugin/dbg_session");
                if !folder.exists() {
                    plugin::unpack(&folder)?;
                }
                Ok(folder)
            }
        }
    }

    /// A tiny program of our own if there is a compiler. Otherwise `true`, which calls `_exit` in the C library: a
    /// place with a name in any program, though without values.
    fn trial(&self, scratch: &Path) -> Result<Trial> {
        let source = scratch.join("trial.c");
        fs::write(&source, TRIAL_SOURCE)?;
        let program = scratch.join("trial");
        if let Some(compiler) = self.which(&["cc", "gcc", "clang"]) {
            let mut command = Command::new(compiler);
            command.args(["-g", "-O0", "-o"]).arg(&program).arg(&source);
            let done = process::run(&mut command, &scratch.join("cc.txt"), self.timeout);
            if done.is_ok() && program.exists() {
                return Ok(Trial {
                    program,
                    breakpoint: "twice",
                    value: Some(("number", "21")),
                });
            }
        }
        let program = self
            .which(&["true"])
            .unwrap_or_else(|| PathBuf::from("/bin/true"));
        Ok(Trial {
            program,
            breakpoint: "_exit",
            value: None,
        })
    }

    fn which(&self, names: &[&str]) -> Option<PathBuf> {
        names
            .iter()
            .flat_map(|name| env::split_paths(&self.path).map(move |folder| folder.join(name)))
            .find(|program| is_executable(program))
    }

    /// Lets the debugger stop once and looks into the session file. The inner result is the sentence to show.
    fn record(
        &self,
        host: Host,
        program: &Path,
        trial: &Trial,
        package: Option<&Path>,
        scratch: &Path,
        environment: &[(&str, &Path)],
    ) -> Result<Result<String, String>> {
        let cwd = scratch.join("cwd");
        let _ = fs::remove_dir_all(&cwd);
        fs::create_dir(&cwd)?;
        let mut command = command_line(host, program, trial, package);
        command
            .current_dir(&cwd)
            .envs(environment.iter().copied())
            .env("DEBUGINFOD_URLS", "");
        let outcome = process::run(&mut command, &scratch.join("output.txt"), self.timeout)?;
        if !outcome.in_time {
            return Ok(Err(format!(
                "it did not end within {} s.",
                self.timeout.as_secs()
            )));
        }
        Ok(match recorded_values(&cwd) {
            None => Err(diagnose(&outcome.text)),
            Some(values) => match trial.value {
                Some((name, text)) if !values.contains(&format!("\"{text}\"")) => {
                    Err(format!("a hit was recorded, but not that `{name}` was {text}."))
                }
                Some((name, text)) => Ok(format!("A hit was recorded, with `{name}` = {text}.")),
                None => Ok("A hit was recorded (without values: there is no C compiler to make a program with).".into()),
            },
        })
    }

    /// LLDB 14 of Debian and Ubuntu looks for its own Python module in a folder that does not exist.
    fn lldb_python_path(
        &self,
        host: Host,
        program: &Path,
        trial: &Trial,
        package: &Path,
        scratch: &Path,
    ) -> Result<Option<Finding>> {
        if host != Host::Lldb {
            return Ok(None);
        }
        let said = process::run(
            Command::new(program).arg("-P"),
            &scratch.join("python.txt"),
            self.timeout,
        )?;
        let folder = PathBuf::from(said.text.trim());
        if folder.join("lldb/__init__.py").exists() {
            return Ok(None);
        }
        for folder in lldb_modules(program) {
            if self
                .record(
                    host,
                    program,
                    trial,
                    Some(package),
                    scratch,
                    &[("PYTHONPATH", &folder)],
                )?
                .is_ok()
            {
                return Ok(Some(Finding::Note(format!(
                    "This LLDB does not find its own Python module. It works with this in your shell's settings: \
                     export PYTHONPATH={}",
                    folder.display()
                ))));
            }
        }
        Ok(Some(Finding::Note(format!(
            "This LLDB looks for its Python module in {}, where it is not: install the package of it (python3-lldb).",
            folder.display()
        ))))
    }
}

/// `gdb`, `lldb`, `gdb-13`, `lldb-19.1` name debuggers; `gdb-add-index` and `lldb-server` do not.
fn host_of(name: &str) -> Option<Host> {
    Host::ALL.into_iter().find(|host| {
        name.strip_prefix(host.as_str()).is_some_and(|rest| {
            rest.is_empty()
                || rest.strip_prefix('-').is_some_and(|version| {
                    !version.is_empty() && version.chars().all(|c| c.is_ascii_digit() || c == '.')
                })
        })
    })
}

fn is_executable(program: &Path) -> bool {
    fs::metadata(program)
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// Starts the debugger, stops once and leaves. With a package: bare, loading the plugin from there.
fn command_line(host: Host, program: &Path, trial: &Trial, package: Option<&Path>) -> Command {
    let mut command = Command::new(program);
    let breakpoint = trial.breakpoint;
    match host {
        Host::Gdb => {
            command.args(["-q", "-batch"]);
            if let Some(package) = package {
                command.args(["-nx", "-ex", &host.load_line(package)]);
            }
            command.args([
                "-ex",
                "set breakpoint pending on",
                "-ex",
                &format!("break {breakpoint}"),
            ]);
            command.args(["-ex", "run"]).arg(&trial.program);
        }
        Host::Lldb => {
            command.args(["--batch"]);
            if let Some(package) = package {
                command.args(["--no-lldbinit", "-o", &host.load_line(package)]);
            }
            command.args([
                "-o",
                &format!("breakpoint set --name {breakpoint}"),
                "-o",
                "process launch",
                "-o",
                "process kill",
            ]);
            command.arg("--").arg(&trial.program);
        }
    }
    command
}

/// The values of the one hit that was recorded below `cwd`.
fn recorded_values(cwd: &Path) -> Option<String> {
    let sessions = fs::read_dir(crate::sessions_dir(cwd)).ok()?;
    let file = sessions
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|kind| kind == "db"))?;
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    connection
        .query_row(
            "SELECT coalesce(locals_json, '') FROM breakpoint_hits ORDER BY id LIMIT 1",
            [],
            |row| row.get(0),
        )
        .ok()
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
        .find(|line| line.starts_with("dbg-session:"))
        .or_else(|| lines().next_back());
    match told {
        Some(line) => format!("no hit was recorded; it said: {line}"),
        None => "no hit was recorded, and it said nothing.".into(),
    }
}

/// Folders that hold LLDB's Python module where distributions put them: those of the same version first.
fn lldb_modules(program: &Path) -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> = program
        .canonicalize()
        .ok()
        .and_then(|real| Some(real.parent()?.parent()?.join("lib")))
        .into_iter()
        .chain([PathBuf::from("/usr/lib")])
        .collect();
    roots.dedup();
    let mut found = Vec::new();
    for root in roots {
        let Ok(entries) = fs::read_dir(root) else {
            continue;
        };
        for entry in entries.flatten() {
            if !entry.file_name().to_string_lossy().starts_with("python3") {
                continue;
            }
            for kind in ["site-packages", "dist-packages"] {
                let folder = entry.path().join(kind);
                if folder.join("lldb/__init__.py").exists() {
                    found.push(folder);
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debuggers_are_known_by_their_names() {
        assert_eq!(host_of("gdb"), Some(Host::Gdb));
        assert_eq!(host_of("lldb-19"), Some(Host::Lldb));
        for other in [
            "gdb-add-index",
            "gdbserver",
            "lldb-server",
            "lldb-server-19",
            "lldb-",
            "gdb-multiarch",
        ] {
            assert_eq!(host_of(other), None, "{other}");
        }
    }

    #[test]
    fn the_plugins_own_words_are_shown_first() {
        let output = "Reading symbols\ndbg-session: The folder is full.\n[Inferior 1 exited]\n";
        assert!(diagnose(output).ends_with("dbg-session: The folder is full."));
        assert!(diagnose("a\nb\n").ends_with("it said: b"));
    }
}
