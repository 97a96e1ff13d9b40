//! Installing the plugin into the debuggers, and checking that it works there.
//!
//! [`Setup`] says where things go and what is installed; [`Setup::install`] and [`Setup::uninstall`] return a plan, a
//! list of [`Change`]s, which can be shown or carried out. `doctor` starts the debuggers and looks.

mod block;
mod doctor;
mod plugin;
mod process;
mod trial;

use std::env;
use std::fmt;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};

pub use doctor::{Checkup, Doctor, Finding};
pub use plugin::Plugin;

/// A debugger that the plugin can be installed into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// The GNU debugger.
    Gdb,
    /// The debugger of LLVM.
    Lldb,
}

impl Host {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Gdb, Self::Lldb];

    /// The name of its program.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gdb => "gdb",
            Self::Lldb => "lldb",
        }
    }

    /// The command that loads the plugin from `package`, the folder `dbg_session`.
    #[must_use]
    pub fn load_line(self, package: &Path) -> String {
        let package = package.display();
        match self {
            Self::Gdb => format!("source {package}/gdbinit.py"),
            Self::Lldb => format!("command script import \"{package}\""),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gdb => "GDB",
            Self::Lldb => "LLDB",
        })
    }
}

/// The user's folders.
#[derive(Debug, Clone)]
pub struct Places {
    /// The home folder.
    pub home: PathBuf,
    /// Where programs keep their files: `$XDG_DATA_HOME`, else `~/.local/share`.
    pub data: PathBuf,
    /// Where programs are configured: `$XDG_CONFIG_HOME`, else `~/.config`.
    pub config: PathBuf,
}

impl Places {
    /// As the environment says.
    ///
    /// # Errors
    /// When `$HOME` is not set to an absolute path.
    pub fn from_env() -> Result<Self> {
        let folder = |name: &str| {
            env::var_os(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let home = folder("HOME").ok_or_else(|| {
            anyhow!("HOME is not set to a folder; say where your home is, as in HOME=/home/me")
        })?;
        Ok(Self {
            data: folder("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share")),
            config: folder("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config")),
            home,
        })
    }

    /// The files that the debugger reads when it starts: of these only the first one that exists.
    #[must_use]
    pub fn dotfiles(&self, host: Host) -> [PathBuf; 2] {
        match host {
            Host::Gdb => [self.config.join("gdb/gdbinit"), self.home.join(".gdbinit")],
            Host::Lldb => [
                self.home.join(".lldbinit-lldb"),
                self.home.join(".lldbinit"),
            ],
        }
    }

    /// The file that the debugger reads when it starts, or would if it existed.
    #[must_use]
    pub fn dotfile(&self, host: Host) -> PathBuf {
        let [special, usual] = self.dotfiles(host);
        if special.exists() { special } else { usual }
    }

    /// The folder into which a self-contained program writes the plugin.
    #[must_use]
    pub fn package(&self) -> PathBuf {
        self.data.join("dbg-session/dbg_session")
    }
}

/// One thing that setting up does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The plugin is written out of the program, in place of an older one.
    Unpack {
        /// The new folder `dbg_session`.
        folder: PathBuf,
    },
    /// The plugin is deleted.
    RemovePlugin {
        /// The folder `dbg_session`.
        folder: PathBuf,
    },
    /// A dotfile gets other content.
    Write {
        /// The dotfile.
        path: PathBuf,
        /// All of its new content; none deletes it.
        content: Option<Vec<u8>>,
        /// The lines that it is about, to be shown.
        block: String,
    },
    /// A dotfile is already as it should be.
    Keep {
        /// The dotfile.
        path: PathBuf,
    },
}

impl Change {
    /// The file or folder that it is about.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Unpack { folder } | Self::RemovePlugin { folder } => folder,
            Self::Write { path, .. } | Self::Keep { path } => path,
        }
    }

    /// What happens to it, as one word for programs.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::Unpack { .. }
            | Self::Write {
                content: Some(_), ..
            } => "write",
            Self::RemovePlugin { .. } | Self::Write { content: None, .. } => "delete",
            Self::Keep { .. } => "keep",
        }
    }

    /// What was done, or would be, as a person reads it.
    #[must_use]
    pub fn describe(&self, done: bool) -> String {
        let (wrote, deleted, took) = if done {
            ("wrote", "deleted", "took")
        } else {
            ("would write", "would delete", "would take")
        };
        let path = self.path().display();
        match self {
            Self::Unpack { .. } => format!("{wrote} the plugin to {path}"),
            Self::RemovePlugin { .. } => format!("{deleted} the plugin in {path}"),
            Self::Write { content: None, .. } => {
                format!("{deleted} {path}, which held nothing else")
            }
            Self::Write { block, .. } if block.is_empty() => {
                format!("{took} the block of dbg-session out of {path}")
            }
            Self::Write { block, .. } => {
                let block: String = block.lines().map(|line| format!("\n    {line}")).collect();
                format!("{wrote} to {path}:{block}")
            }
            Self::Keep { .. } => format!("{path} is as it should be already"),
        }
    }
}

/// What is installed, and where.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The user's folders.
    pub places: Places,
    /// Where the plugin comes from.
    pub plugin: Plugin,
}

impl Setup {
    /// The plan that installs the plugin into the debuggers named. Nothing is written yet.
    ///
    /// # Errors
    /// When a dotfile cannot be read, or holds half of our block.
    pub fn install(&self, hosts: &[Host]) -> Result<Vec<Change>> {
        let mut changes = Vec::new();
        let package = match &self.plugin {
            Plugin::Installed(package) => package.clone(),
            Plugin::Embedded => {
                let folder = self.places.package();
                changes.push(Change::Unpack {
                    folder: folder.clone(),
                });
                folder
            }
        };
        for &host in hosts {
            let path = self.places.dotfile(host);
            let before = read(&path)?;
            let (content, block) = block::put(before.as_deref(), &host.load_line(&package))
                .map_err(|error| error.at(&path))?;
            changes.push(if before.as_ref() == Some(&content) {
                Change::Keep { path }
            } else {
                Change::Write {
                    path,
                    content: Some(content),
                    block,
                }
            });
        }
        Ok(changes)
    }

    /// The plan that takes everything back: the blocks in the dotfiles, and the plugin as soon as none is left.
    ///
    /// # Errors
    /// When a dotfile cannot be read, or holds half of our block.
    pub fn uninstall(&self, hosts: &[Host]) -> Result<Vec<Change>> {
        let mut changes = Vec::new();
        let mut still_used = false;
        for host in Host::ALL {
            for path in self.places.dotfiles(host) {
                let Some(before) = read(&path)? else { continue };
                let Some(content) = block::take(&before).map_err(|error| error.at(&path))? else {
                    continue;
                };
                if hosts.contains(&host) {
                    changes.push(Change::Write {
                        path,
                        content,
                        block: String::new(),
                    });
                } else {
                    still_used = true;
                }
            }
        }
        let folder = self.places.package();
        if !still_used && folder.symlink_metadata().is_ok() {
            changes.push(Change::RemovePlugin { folder });
        }
        Ok(changes)
    }
}

/// True when the dotfile that the debugger reads loads the plugin.
#[must_use]
pub fn is_set_up(places: &Places, host: Host) -> bool {
    let content = fs::read(places.dotfile(host)).unwrap_or_default();
    matches!(block::take(&content), Ok(Some(_)))
}

/// Carries out a plan.
///
/// # Errors
/// When a file cannot be written; what was done before stays done, and doing it again is harmless.
pub fn carry_out(changes: &[Change]) -> Result<()> {
    for change in changes {
        match change {
            Change::Unpack { folder } => plugin::unpack(folder)?,
            Change::RemovePlugin { folder } => plugin::remove(folder)?,
            Change::Write {
                path,
                content: Some(content),
                ..
            } => replace(path, content)
                .with_context(|| format!("{} could not be written", path.display()))?,
            Change::Write {
                path,
                content: None,
                ..
            } => follow(path)
                .and_then(|real| Ok(fs::remove_file(real)?))
                .with_context(|| format!("{} could not be deleted", path.display()))?,
            Change::Keep { .. } => {}
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} could not be read", path.display())),
    }
}

/// Puts new content in place of a file at once, keeping its mode. A dotfile that is a link into somebody's collection
/// of dotfiles stays a link: the file that it leads to is replaced.
fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let path = &follow(path)?;
    let folder = path.parent().context("it has no folder")?;
    fs::create_dir_all(folder)?;
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = PathBuf::from(temporary);
    let written =
        write_new(&temporary, path, content).and_then(|()| Ok(fs::rename(&temporary, path)?));
    if written.is_err() {
        // The temporary file is ours; whether it is there at all does not matter.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write_new(temporary: &Path, like: &Path, content: &[u8]) -> Result<()> {
    let mode = fs::metadata(like).map_or(0o644, |metadata| metadata.permissions().mode() & 0o7777);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(temporary)?;
    file.write_all(content)?;
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.sync_all()?;
    Ok(())
}

/// The file at the end of a chain of links, which need not exist yet.
fn follow(path: &Path) -> Result<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(next) => path = path.parent().unwrap_or(Path::new("/")).join(next),
            Err(_) => return Ok(path),
        }
    }
    Err(anyhow!("its links lead in a circle"))
}
