//! Whose the files are that are made here.
//!
//! Under `sudo` a debugger runs as root in somebody's folder: what it made there
//! as root, that person could neither read nor delete. So it is made as that
//! person. Nothing changes its owner afterwards, and so no link can lead such a
//! change astray.

use std::env;
use std::fs;
use std::marker::PhantomData;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The person who called `sudo`: number of the user, and of the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    uid: u32,
    gid: u32,
}

/// The person on whose behalf `sudo` made us root; none where it did not.
pub(crate) fn caller() -> Option<Caller> {
    let number = |name| env::var(name).ok()?.parse::<u32>().ok();
    if user() != 0 {
        return None;
    }
    let (uid, gid) = (number("SUDO_UID")?, number("SUDO_GID")?);
    (uid != 0).then_some(Caller { uid, gid })
}

impl Caller {
    /// Whether the folder that `path` is in, or would be made in, is that person's.
    pub(crate) fn owns_place_of(self, path: &Path) -> bool {
        let mut above = path.ancestors().skip(1);
        let owner = above.find_map(|folder| fs::metadata(or_here(folder)).ok());
        owner.is_some_and(|metadata| metadata.uid() == self.uid)
    }
}

/// The number of the user that this process acts for.
pub(crate) fn user() -> u32 {
    // SAFETY: it takes nothing and cannot fail.
    unsafe { libc::geteuid() }
}

/// While it lives, what this thread makes belongs to the person who called
/// `sudo`, and needs that person's rights, not root's.
pub(super) struct ActingAsCaller {
    group: u32,
    /// It is this thread's alone.
    _thread: PhantomData<*const ()>,
}

impl ActingAsCaller {
    /// None: there is no such person, or the place of `path` is not that person's.
    pub(super) fn at(path: &Path) -> Option<Self> {
        let caller = caller().filter(|caller| caller.owns_place_of(path))?;
        // SAFETY: these change nothing but this thread's own credentials for
        // files, which `drop` puts back. Each answers what was before.
        unsafe {
            let group = libc::setfsgid(caller.gid).cast_unsigned();
            libc::setfsuid(caller.uid);
            Some(Self {
                group,
                _thread: PhantomData,
            })
        }
    }
}

impl Drop for ActingAsCaller {
    fn drop(&mut self) {
        // SAFETY: as above; the user first, who may then change the group.
        unsafe {
            libc::setfsuid(user());
            libc::setfsgid(self.group);
        }
    }
}

fn or_here(path: &Path) -> &Path {
    if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    }
}

/// Of a `.dbg` that was made by root and cannot be used by this user: how that is mended.
pub(crate) fn owned_by_root(folder: &Path) -> Option<String> {
    let roots = |place: &Path| fs::metadata(place).is_ok_and(|m| m.uid() == 0);
    if user() == 0 || !folder.ancestors().take(2).any(roots) {
        return None;
    }
    let dot_dbg = folder.parent()?.display().to_string();
    let quoted = dot_dbg.replace('\'', r"'\''");
    // SAFETY: it takes nothing and cannot fail.
    let group = unsafe { libc::getegid() };
    Some(format!(
        "it belongs to root; `sudo chown -R {}:{group} '{quoted}'` gives it to you",
        user()
    ))
}
