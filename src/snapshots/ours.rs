//! Which process may be read behind the debugger's back.
//!
//! A debugger may work through a connection on a program in another machine, another pid
//! namespace, an emulator, a recording or a core file. It then has a number for the process all
//! the same, and that number may be another process here. So nothing is read by a number alone:
//! all that read from the kernel take a [`Process`], and only [`prove`] makes one.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use object::Object as _;

use super::memory::read_process;
use crate::plain::open_plain;

/// A process of this machine that is proven to be the one that the debugger means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    pid: i32,
    /// When it started: a number is given to another process later, this is not.
    start: u64,
}

/// What the debugger says of the process that it works on.
pub struct Claim<'a> {
    /// Why it is surely not to be read here, as the debugger knows by itself.
    pub elsewhere: Option<String>,
    /// Its number.
    pub pid: i32,
    /// The file of its program that the debugger has.
    pub program: Option<&'a Path>,
    /// The build id of the file as the debugger read it, in hexadecimal.
    pub build_id: Option<&'a str>,
    /// Reads the memory of the process through the debugger.
    pub read: &'a dyn Fn(u64, usize) -> Option<Vec<u8>>,
}

/// Why a process is not proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The debugger itself says so.
    Elsewhere(String),
    /// Nothing that may be looked at has this number here.
    NotHere,
    /// What has this number here is in another pid namespace, so numbers mean other processes.
    OtherNamespace,
    /// What has this number here runs another program.
    OtherProgram,
    /// What has this number here runs the same program, and is not the process that is meant.
    OtherProcess,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Elsewhere(why) => why,
            Self::NotHere => "no process of its number can be looked at here",
            Self::OtherNamespace => "the process of its number here is in another pid namespace",
            Self::OtherProgram => "the process of its number here runs another program",
            Self::OtherProcess => "the process of its number here is another one",
        })
    }
}

/// A file or a namespace: device and inode.
type Id = (u64, u64);

/// The bytes that the kernel puts on the stack of each program that it starts, at random.
type Random = [u8; 16];

/// What there is to compare of a process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Marks {
    namespace: Option<Id>,
    program: Option<Id>,
    build_id: Option<String>,
    random: Option<Random>,
}

/// Proves that the process of the debugger's is on this machine, and which one it is.
///
/// It is when the process of that number is in our pid namespace; when it runs the very file
/// that the debugger has, or, where the file was replaced meanwhile, one of the same build id;
/// and when the debugger reads from its memory the random bytes that the kernel shows there,
/// which are others in every other process of the same program.
///
/// # Errors
/// Why not: then only the debugger is to be asked.
pub fn prove(claim: &Claim<'_>) -> Result<Process, Doubt> {
    if let Some(why) = &claim.elsewhere {
        return Err(Doubt::Elsewhere(why.clone()));
    }
    let pid = claim.pid;
    if pid <= 0 || !proc_is_ours() {
        return Err(Doubt::NotHere);
    }
    let start = started(pid).ok_or(Doubt::NotHere)?;
    let random_at = random_at(pid);
    let here = Marks {
        namespace: id(format!("/proc/{pid}/ns/pid")),
        program: id(format!("/proc/{pid}/exe")),
        build_id: None,
        random: random_at.and_then(|at| as_random(&read_process(pid, at, size_of::<Random>()))),
    };
    let meant = Marks {
        namespace: id("/proc/self/ns/pid"),
        program: claim.program.and_then(id),
        build_id: claim.build_id.map(plain_hex),
        random: random_at
            .and_then(|at| (claim.read)(at, size_of::<Random>()))
            .and_then(|bytes| as_random(&bytes)),
    };
    judge(here, &meant, || build_id(pid))?;
    let process = Process { pid, start };
    // All of the above was of one process only if that is still there.
    if process.holds() {
        Ok(process)
    } else {
        Err(Doubt::OtherProcess)
    }
}

/// Whether what is here is what is meant; the build id is asked for only when it decides.
fn judge(
    mut here: Marks,
    meant: &Marks,
    build_id: impl FnOnce() -> Option<String>,
) -> Result<(), Doubt> {
    let same = |a: &Option<Id>, b: &Option<Id>| a.is_some() && a == b;
    if here.namespace.is_none() {
        return Err(Doubt::NotHere);
    }
    if !same(&here.namespace, &meant.namespace) {
        return Err(Doubt::OtherNamespace);
    }
    if !same(&here.program, &meant.program) {
        here.build_id = here.build_id.or_else(build_id);
        if here.build_id.is_none() || here.build_id != meant.build_id {
            return Err(Doubt::OtherProgram);
        }
    }
    if here.random.is_none() || here.random != meant.random {
        return Err(Doubt::OtherProcess);
    }
    Ok(())
}

impl Process {
    /// This very process, which needs no proof.
    #[must_use]
    pub fn this() -> Self {
        let pid = std::process::id().cast_signed();
        let start = started(pid).unwrap_or(0);
        Self { pid, start }
    }

    /// Its number.
    #[must_use]
    pub const fn pid(self) -> i32 {
        self.pid
    }

    /// Whether its number is still its own.
    #[must_use]
    pub fn holds(self) -> bool {
        started(self.pid) == Some(self.start)
    }
}

/// Whether `/proc` counts as we do: mounted for another pid namespace it shows other processes.
fn proc_is_ours() -> bool {
    let me = fs::read_link("/proc/self").ok();
    me.is_some_and(|me| me.as_os_str() == std::process::id().to_string().as_str())
}

fn id(path: impl AsRef<Path>) -> Option<Id> {
    let meta = fs::metadata(path).ok()?;
    Some((meta.dev(), meta.ino()))
}

/// When a process started, in ticks since the machine did.
fn started(pid: i32) -> Option<u64> {
    const START: usize = 22;
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    // The second field is a name, which may hold anything, brackets and blanks too.
    let after = stat.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(stat.get(after + 1..)?).ok()?;
    rest.split_ascii_whitespace().nth(START - 3)?.parse().ok()
}

/// Where the random bytes of a process are.
fn random_at(pid: i32) -> Option<u64> {
    const AT_RANDOM: u64 = 25;
    let auxv = fs::read(format!("/proc/{pid}/auxv")).ok()?;
    let word = |bytes: &[u8]| Some(u64::from_le_bytes(bytes.try_into().ok()?));
    let mut entries = auxv.chunks_exact(16);
    let found = entries.find(|entry| word(&entry[..8]) == Some(AT_RANDOM))?;
    word(&found[8..])
}

/// Bytes that tell something: a program may have wiped them out.
fn as_random(bytes: &[u8]) -> Option<Random> {
    let random = Random::try_from(bytes).ok()?;
    random.iter().any(|byte| *byte != 0).then_some(random)
}

/// The build id of the program that a process runs, also when its file is gone.
fn build_id(pid: i32) -> Option<String> {
    let file = open_plain(Path::new(&format!("/proc/{pid}/exe"))).ok()?;
    // SAFETY: a program that runs is not cut short: the kernel refuses to write to it.
    let file = unsafe { memmap2::Mmap::map(&file) }.ok()?;
    let elf = object::File::parse(&*file).ok()?;
    let id = elf.build_id().ok()??;
    Some(id.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// As GDB writes a build id; LLDB writes capitals, and dashes.
fn plain_hex(text: &str) -> String {
    let digits = text.chars().filter(char::is_ascii_hexdigit);
    digits.map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(all(test, target_os = "linux"))]
#[path = "ours_tests.rs"]
mod tests;
