//! Whose the files are: under `sudo` the caller's, and what root left is no trap.
//! An ordinary user is made by number in a child; only root can do that.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The number of a user that need not exist.
const USER: u32 = 54_321;

/// A project of `USER`'s in a folder that everybody may enter, with the program in it.
struct Place {
    folder: TempDir,
}

/// None, and why, where nobody but ourselves can be.
fn place() -> Option<Place> {
    if geteuid() != 0 {
        eprintln!("skipped: only root can act as another user");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    open_to_all(folder.path());
    for name in ["project", "home", "state", "root-home"] {
        let path = folder.path().join(name);
        fs::create_dir(&path).unwrap();
        if name != "root-home" {
            chown(&path, Some(USER), Some(USER)).unwrap();
        }
    }
    let program = folder.path().join("dbg-session");
    // By another process: a file that is open for writing in this one, while another test forks, is "busy" there.
    let copied = Command::new("cp")
        .arg(env!("CARGO_BIN_EXE_dbg-session"))
        .arg(&program)
        .status();
    assert!(copied.unwrap().success());
    Some(Place { folder })
}

unsafe extern "C" {
    safe fn geteuid() -> u32;
}

fn open_to_all(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

impl Place {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.path("dbg-session"));
        command
            .args(args)
            .current_dir(self.path("project"))
            .env_clear();
        command
    }

    /// As the user.
    fn as_user(&self, args: &[&str]) -> String {
        let mut command = self.command(args);
        command
            .env("HOME", self.path("home"))
            .env("XDG_STATE_HOME", self.path("state"));
        said(command.uid(USER).gid(USER))
    }

    /// As root, for whom the user called `sudo`.
    fn under_sudo(&self, args: &[&str]) -> String {
        let mut command = self.command(args);
        command
            .env("HOME", self.path("root-home"))
            .env("SUDO_UID", USER.to_string())
            .env("SUDO_GID", USER.to_string());
        said(&mut command)
    }
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    assert!(output.status.success(), "{text}");
    text
}

fn owners(folder: &Path) -> Vec<(PathBuf, u32, u32)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        if metadata.is_dir() {
            found.extend(owners(&path));
        }
        found.push((path, metadata.uid(), metadata.gid()));
    }
    found
}

#[test]
fn under_sudo_a_session_belongs_to_the_caller() {
    let Some(place) = place() else { return };
    place.under_sudo(&["new", "--label", "mine"]);
    let all = owners(&place.path("project"));
    assert!(all.len() >= 4, "{all:?}"); // .dbg, .gitignore, sessions, mine.db
    assert!(
        all.iter().all(|(_, uid, gid)| (*uid, *gid) == (USER, USER)),
        "{all:?}"
    );
    // And the caller can use it.
    fs::write(place.path("project/p.folded"), "main;f 3\n").unwrap();
    open_to_all(&place.path("project/p.folded"));
    place.as_user(&["layer", "add", "p.folded", "--session", "mine"]);
    place.under_sudo(&["save", "copy", "--session", "mine"]);
    place.under_sudo(&["layer", "add", "p.folded", "--session", "mine"]);
    fs::remove_file(place.path("project/p.folded")).unwrap();
    let all = owners(&place.path("project"));
    assert!(
        all.iter().all(|(_, uid, gid)| (*uid, *gid) == (USER, USER)),
        "{all:?}"
    );
}

#[test]
fn under_sudo_in_somebody_elses_folder_the_state_folder_takes_the_session() {
    let Some(place) = place() else { return };
    chown(place.path("project"), Some(0), Some(0)).unwrap();
    let said = place.under_sudo(&["new", "--label", "mine"]);
    assert!(said.contains("who called sudo"), "{said}");
    assert_eq!(fs::read_dir(place.path("project")).unwrap().count(), 0);
    assert!(
        place
            .path("root-home/.local/state/dbg-session/sessions/mine.db")
            .exists()
    );
}

#[test]
fn what_root_left_is_told_with_the_command_that_mends_it() {
    let Some(place) = place() else { return };
    let dot_dbg = place.path("project/.dbg");
    fs::create_dir_all(dot_dbg.join("sessions")).unwrap();
    fs::set_permissions(&dot_dbg, fs::Permissions::from_mode(0o700)).unwrap();
    let said = place.as_user(&["new", "--label", "mine"]);
    let mends = format!("sudo chown -R {USER}:{USER} '");
    assert!(said.contains(&mends), "{said}");
    assert_eq!(said.matches("sudo chown").count(), 1, "{said}");
    let state = place.path("state/dbg-session/sessions/mine.db");
    assert_eq!(fs::metadata(&state).unwrap().uid(), USER);
    // What the sentence says does mend it.
    let command = said.split('`').find(|part| part.starts_with("sudo chown"));
    let command = command.unwrap().strip_prefix("sudo ").unwrap();
    let mended = Command::new("sh").args(["-c", command]).status().unwrap();
    assert!(mended.success());
    place.as_user(&["new", "--label", "again"]);
    assert!(dot_dbg.join("sessions/again.db").exists());
}

#[test]
fn what_root_made_private_is_no_hindrance_to_asking() {
    let Some(place) = place() else { return };
    place.as_user(&["new", "--label", "mine", "./prog"]);
    let sessions = place.path("project/.dbg/sessions");
    let state = place.path("state/dbg-session/sessions");
    fs::create_dir_all(&state).unwrap();
    fs::rename(sessions.join("mine.db"), state.join("mine.db")).unwrap();
    for closed in ["project/.dbg/sessions", "project/.dbg"] {
        let closed = place.path(closed);
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
        chown(&closed, Some(0), Some(0)).unwrap();
        chown(&state, Some(USER), Some(USER)).unwrap();
        for question in [&["list"][..], &["prune"]] {
            let said = place.as_user(question);
            assert!(
                said.contains("sudo chown -R 54321:54321"),
                "{question:?}: {said}"
            );
        }
        let list = place.as_user(&["list"]);
        assert!(list.contains("mine"), "{list}");
        place.as_user(&["hits"]);
    }
}

#[test]
fn no_link_is_followed_to_a_folder_of_roots() {
    let Some(place) = place() else { return };
    let secret = place.path("root-home");
    std::os::unix::fs::symlink(&secret, place.path("project/.dbg")).unwrap();
    place.under_sudo(&["new", "--label", "mine"]);
    assert_eq!(fs::metadata(&secret).unwrap().uid(), 0);
    assert!(!secret.join("sessions").exists());
}

#[test]
fn a_umask_of_777_takes_nothing_from_an_ordinary_user() {
    let Some(place) = place() else { return };
    let mut command = Command::new("sh");
    command
        .args(["-c", "umask 777; exec \"$0\" new --label bare"])
        .arg(place.path("dbg-session"))
        .current_dir(place.path("project"))
        .env_clear()
        .env("HOME", place.path("home"))
        .env("XDG_STATE_HOME", place.path("state"))
        .uid(USER)
        .gid(USER);
    said(&mut command);
    let mode = |name: &str| {
        let path = place.path("project/.dbg").join(name);
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    };
    assert_eq!((mode(""), mode("sessions")), (0o700, 0o700));
    assert_eq!(
        (mode(".gitignore"), mode("sessions/bare.db")),
        (0o600, 0o600)
    );
    assert!(
        place
            .as_user(&["status", "--session", "bare"])
            .contains("bare")
    );
}
