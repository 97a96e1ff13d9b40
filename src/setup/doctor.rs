//! Does the plugin work in the debuggers of this machine? Each one is started, loads the plugin and records one hit.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::process::{self, Outcome, Scratch};
use super::trial::{Start, Trial, is_executable};
use super::{Host, Places, Plugin, is_set_up, plugin};
use anyhow::{Context as _, Result};

/// How long a debugger may take: much longer than it does, as the first start after a boot is slow.
const TIMEOUT: Duration = Duration::from_secs(30);
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
            Scratch::new().context("the folder for temporary files cannot be written to")?;
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
                // Some print a complaint of their own Python first.
                let told = text
                    .lines()
                    .find(|line| line.contains("lldb version") || line.starts_with("GNU gdb"));
                checkup.version = told.or_else(|| text.lines().next()).map(str::to_owned);
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

    /// Records one hit: as the user's settings say if the plugin is set up there, else bare.
    fn try_out(&self, host: Host, debugger: &Path, scratch: &Path) -> Result<Vec<Finding>> {
        let trial = Trial::prepare(scratch, &self.path, self.timeout)?;
        let set_up = is_set_up(&self.places, host);
        let mut findings = Vec::new();
        if set_up {
            let start = Start {
                host,
                debugger,
                package: None,
                python_path: None,
            };
            match trial.record(&start)? {
                Ok(text) => return Ok(vec![Finding::Fine(sentence(&text))]),
                Err(text) => findings.push(Finding::Problem(format!(
                    "Set up by {}: {text}",
                    self.places.dotfile(host).display()
                ))),
            }
        }
        let package = self.package(scratch)?;
        let start = Start {
            host,
            debugger,
            package: Some(&package),
            python_path: None,
        };
        match trial.record(&start)? {
            Ok(text) if set_up => findings.push(Finding::Note(format!(
                "Without your own settings: {text} So something else in that file is in its way, or \
                 the plugin that it names is gone: `dbg-session setup` writes it anew."
            ))),
            Ok(text) => {
                findings.push(Finding::Fine(sentence(&text)));
                findings.push(Finding::Note(format!(
                    "It is not loaded by itself yet: `dbg-session setup --{}` does that.",
                    host.as_str()
                )));
            }
            Err(text) => {
                findings.push(Finding::Problem(sentence(&text)));
                if host == Host::Lldb {
                    findings.extend(self.missing_python_module(&trial, &start, scratch)?);
                }
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
                plugin::unpack(&folder)?;
                Ok(folder)
            }
        }
    }

    /// LLDB 14 of Debian and Ubuntu looks for its own Python module in a folder that does not exist.
    fn missing_python_module(
        &self,
        trial: &Trial<'_>,
        start: &Start<'_>,
        scratch: &Path,
    ) -> Result<Option<Finding>> {
        let mut ask = Command::new(start.debugger);
        let said = process::run(ask.arg("-P"), &scratch.join("python.txt"), self.timeout)?;
        let told = said.text.lines().rev().find(|line| line.starts_with('/'));
        let told = PathBuf::from(told.unwrap_or("a folder that it does not tell"));
        if told.join("lldb/__init__.py").exists() {
            return Ok(None);
        }
        for folder in lldb_modules(start.debugger, &told) {
            let start = Start {
                python_path: Some(&folder),
                ..*start
            };
            if trial.record(&start)?.is_ok() {
                return Ok(Some(Finding::Note(format!(
                    "This LLDB does not find its own Python module. It works with this line in your \
                     shell's settings: export PYTHONPATH={}",
                    folder.display()
                ))));
            }
        }
        Ok(Some(Finding::Note(format!(
            "This LLDB looks for its Python module in {}, where it is not: install the package of \
             it (python3-lldb on Debian and Ubuntu).",
            told.display()
        ))))
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
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

/// Folders that hold an LLDB's Python module, those of the same installation first. `told` is where
/// LLDB itself looks: wrong, but near.
fn lldb_modules(program: &Path, told: &Path) -> Vec<PathBuf> {
    let own = program.canonicalize().ok();
    let own = own
        .iter()
        .flat_map(|real| real.ancestors().nth(2))
        .map(|root| root.join("lib"));
    let near = told
        .ancestors()
        .flat_map(|folder| children(folder, "llvm-"));
    let roots = own
        .chain(near.map(|root| root.join("lib")))
        .chain([PathBuf::from("/usr/lib")]);
    let mut found: Vec<PathBuf> = Vec::new();
    for python in roots.flat_map(|root| children(&root, "python3")) {
        for kind in ["site-packages", "dist-packages"] {
            let folder = python.join(kind);
            if folder.join("lldb/__init__.py").exists() && !found.contains(&folder) {
                found.push(folder);
            }
        }
    }
    found
}

/// What is in a folder under names that begin so; newest versions first.
fn children(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flat_map(|entries| entries.flatten())
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found.reverse();
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
}
