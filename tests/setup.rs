//! Installing into the debuggers' dotfiles and taking everything back, in homes that are empty or full of somebody's
//! own files.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dbg_session::setup::{
    Change, Doctor, Finding, Host, Places, Plugin, Setup, carry_out, is_set_up,
};
use tempfile::TempDir;

struct Home {
    folder: TempDir,
    setup: Setup,
}

impl Home {
    fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let home = folder.path().join("home");
        fs::create_dir(&home).expect("a home");
        let places = Places {
            data: home.join(".local/share"),
            config: home.join(".config"),
            home,
        };
        let plugin = Plugin::Installed(folder.path().join("lib/dbg_session"));
        Self {
            folder,
            setup: Setup { places, plugin },
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.setup.places.home.join(name)
    }

    fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(&path, content).expect("a file");
        path
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn install(&self, hosts: &[Host]) {
        carry_out(&self.setup.install(hosts).expect("a plan")).expect("installed");
    }

    fn uninstall(&self, hosts: &[Host]) {
        carry_out(&self.setup.uninstall(hosts).expect("a plan")).expect("uninstalled");
    }

    fn files(&self) -> Vec<PathBuf> {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(folder).expect("readable").flatten() {
                let path = entry.path();
                if path.is_dir() && !path.is_symlink() {
                    walk(&path, found)
                } else {
                    found.push(path)
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.setup.places.home, &mut found);
        found
    }
}

#[test]
fn both_debuggers_get_one_block_that_loads_the_plugin() {
    let home = Home::new();
    home.install(&Host::ALL);
    let package = home.folder.path().join("lib/dbg_session");
    let gdb = home.text(".gdbinit");
    assert!(
        gdb.contains(&format!("\nsource {}/gdbinit.py\n", package.display())),
        "{gdb}"
    );
    let lldb = home.text(".lldbinit");
    assert!(
        lldb.contains(&format!(
            "\ncommand script import \"{}\"\n",
            package.display()
        )),
        "{lldb}"
    );
    assert!(
        Host::ALL
            .iter()
            .all(|&host| is_set_up(&home.setup.places, host))
    );
}

#[test]
fn only_the_debugger_asked_for_is_touched() {
    let home = Home::new();
    home.install(&[Host::Lldb]);
    assert!(!home.path(".gdbinit").exists());
    assert!(home.path(".lldbinit").exists());
}

#[test]
fn installing_twice_changes_nothing_more() {
    let home = Home::new();
    home.install(&Host::ALL);
    let once = home.text(".gdbinit");
    assert!(
        home.setup
            .install(&Host::ALL)
            .expect("a plan")
            .iter()
            .all(|change| matches!(change, Change::Keep { .. }))
    );
    home.install(&Host::ALL);
    assert_eq!(home.text(".gdbinit"), once);
}

#[test]
fn a_plan_writes_nothing_and_shows_what_would_be_written() {
    let home = Home::new();
    let shown: String = home
        .setup
        .install(&Host::ALL)
        .expect("a plan")
        .iter()
        .map(|change| change.describe(false))
        .collect();
    assert!(home.files().is_empty());
    assert!(
        shown.contains(".gdbinit:\n    # >>> dbg-session >>>\n"),
        "{shown}"
    );
}

#[test]
fn uninstalling_leaves_no_trace() {
    let home = Home::new();
    home.install(&Host::ALL);
    home.uninstall(&Host::ALL);
    assert_eq!(home.files(), Vec::<PathBuf>::new());
    home.uninstall(&Host::ALL);
}

#[test]
fn foreign_content_is_kept_byte_for_byte() {
    for content in [
        &b"set pagination off\n"[..],
        b"no newline",
        b"\xff\xfe not text\r\n",
        b"",
    ] {
        let home = Home::new();
        let path = home.write(".gdbinit", content);
        home.install(&Host::ALL);
        assert!(fs::read(&path).expect("readable").starts_with(content));
        home.uninstall(&Host::ALL);
        assert_eq!(fs::read(&path).expect("readable"), content);
    }
}

#[test]
fn a_moved_plugin_replaces_the_old_block_in_place() {
    let mut home = Home::new();
    home.write(".gdbinit", b"set pagination off\n");
    home.install(&[Host::Gdb]);
    let mut content = home.text(".gdbinit");
    content.push_str("set print pretty on\n");
    home.write(".gdbinit", content.as_bytes());
    home.setup.plugin = Plugin::Installed("/elsewhere/dbg_session".into());
    home.install(&[Host::Gdb]);
    let content = home.text(".gdbinit");
    assert_eq!(content.matches(">>> dbg-session >>>").count(), 1);
    assert!(content.contains("source /elsewhere/dbg_session/gdbinit.py\n"));
    assert!(
        content.starts_with("set pagination off\n") && content.ends_with("set print pretty on\n")
    );
}

#[test]
fn the_mode_of_a_dotfile_is_kept() {
    let home = Home::new();
    let path = home.write(".gdbinit", b"set pagination off\n");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("chmod");
    home.install(&[Host::Gdb]);
    assert_eq!(
        fs::metadata(&path).expect("there").permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn a_linked_dotfile_stays_a_link() {
    let home = Home::new();
    let real = home.write("dotfiles/gdbinit", b"set pagination off\n");
    symlink("dotfiles/gdbinit", home.path(".gdbinit")).expect("a link");
    home.install(&[Host::Gdb]);
    assert!(home.path(".gdbinit").is_symlink());
    assert!(
        fs::read_to_string(&real)
            .expect("there")
            .contains("dbg-session")
    );
    home.uninstall(&[Host::Gdb]);
    assert_eq!(
        fs::read_to_string(&real).expect("there"),
        "set pagination off\n"
    );
}

#[test]
fn gdbs_file_in_the_configuration_folder_goes_first() {
    let home = Home::new();
    home.write(".gdbinit", b"# GDB does not read this one\n");
    home.write(".config/gdb/gdbinit", b"set pagination off\n");
    home.install(&[Host::Gdb]);
    assert!(home.text(".config/gdb/gdbinit").contains("dbg-session"));
    assert!(!home.text(".gdbinit").contains("dbg-session"));
}

#[test]
fn half_a_block_is_refused_with_a_sentence_and_nothing_is_written() {
    let home = Home::new();
    home.write(".lldbinit", b"# >>> dbg-session >>>\nsettings set x y\n");
    let error = home
        .setup
        .install(&Host::ALL)
        .expect_err("half a block")
        .to_string();
    assert!(
        error.contains(".lldbinit") && error.contains("by hand"),
        "{error}"
    );
    assert!(!home.path(".gdbinit").exists());
}

#[test]
fn a_dotfile_that_cannot_be_written_is_one_sentence() {
    let home = Home::new();
    fs::create_dir(home.path(".gdbinit")).expect("a folder in its place");
    let error = home
        .setup
        .install(&[Host::Gdb])
        .expect_err("a folder")
        .to_string();
    assert!(error.contains(".gdbinit could not be read"), "{error}");
}

#[test]
fn the_plugin_stays_while_one_debugger_still_loads_it() {
    let home = Home::new();
    let package = home
        .write(".local/share/dbg-session/dbg_session/gdbinit.py", b"")
        .parent()
        .expect("parent")
        .to_path_buf();
    home.install(&Host::ALL);
    home.uninstall(&[Host::Gdb]);
    assert!(package.exists());
    home.uninstall(&[Host::Lldb]);
    assert!(!home.path(".local/share/dbg-session").exists());
    assert_eq!(home.files(), Vec::<PathBuf>::new());
}

/// A stand-in for a debugger: a shell script.
fn doctor_with(home: &Home, name: &str, script: &str) -> Doctor {
    let bin = home.folder.path().join("bin");
    fs::create_dir_all(&bin).expect("a folder");
    let program = bin.join(name);
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("a script");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("chmod");
    Doctor {
        places: home.setup.places.clone(),
        plugin: home.setup.plugin.clone(),
        path: bin.into_os_string(),
        timeout: Duration::from_secs(5),
    }
}

#[test]
fn each_debugger_on_the_path_is_found_once() {
    let home = Home::new();
    let doctor = doctor_with(&home, "gdb", "exit 0");
    doctor_with(&home, "lldb-19", "exit 0");
    doctor_with(&home, "lldb-server", "exit 0");
    symlink("lldb-19", home.folder.path().join("bin/lldb")).expect("a link");
    let found: Vec<Host> = doctor
        .debuggers()
        .into_iter()
        .map(|(host, _)| host)
        .collect();
    assert_eq!(found, [Host::Gdb, Host::Lldb]);
}

#[test]
fn a_debugger_that_records_nothing_is_a_problem() {
    let home = Home::new();
    let doctor = doctor_with(
        &home,
        "gdb",
        "echo 'GNU gdb 99'; echo 'Python scripting is not supported in this copy of GDB.'",
    );
    let checkups = doctor.examine_all().expect("a place for temporary files");
    assert_eq!(checkups[0].version.as_deref(), Some("GNU gdb 99"));
    assert!(!checkups[0].works());
    assert!(
        checkups[0].findings[0].text().contains("without Python"),
        "{:?}",
        checkups[0].findings
    );
}

#[test]
fn a_debugger_that_hangs_does_not_hang_the_doctor() {
    let home = Home::new();
    let script = "case $1 in --version) echo 'GNU gdb 99';; *) exec /bin/sleep 60;; esac";
    let mut doctor = doctor_with(&home, "gdb", script);
    doctor.timeout = Duration::from_millis(300);
    let started = Instant::now();
    let checkups = doctor.examine_all().expect("a place for temporary files");
    assert!(started.elapsed() < Duration::from_secs(20));
    assert!(
        checkups[0].findings[0].text().contains("did not end"),
        "{:?}",
        checkups[0].findings
    );
}

#[test]
fn an_lldb_that_misses_its_python_module_gets_advice() {
    let home = Home::new();
    let script = "case $1 in --version) echo 'lldb version 14.0.6';; -P) echo /nowhere/dist-packages;; \
                  *) echo \"ModuleNotFoundError: No module named 'lldb'\";; esac";
    let doctor = doctor_with(&home, "lldb-14", script);
    let checkups = doctor.examine_all().expect("a place for temporary files");
    let notes: Vec<_> = checkups[0]
        .findings
        .iter()
        .filter(|finding| matches!(finding, Finding::Note(_)))
        .collect();
    assert_eq!(notes.len(), 1, "{:?}", checkups[0].findings);
    assert!(notes[0].text().contains("ython module"), "{notes:?}");
}
