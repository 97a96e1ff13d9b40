use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::*;

/// Each mark by a small number, 0 for one that is not known.
fn marks(namespace: u64, program: u64, build_id: u64, random: u8) -> Marks {
    let id = |number: u64| (number > 0).then_some((7, number));
    Marks {
        namespace: id(namespace),
        program: id(program),
        build_id: (build_id > 0).then(|| build_id.to_string()),
        random: as_random(&[random; 16]),
    }
}

#[test]
fn only_what_agrees_in_everything_is_ours() {
    let is = Ok(());
    let not = |doubt| Err(doubt);
    let meant = marks(1, 1, 1, 1);
    for (here, expected) in [
        (marks(1, 1, 1, 1), is.clone()),
        // The same file needs no build id, and a file that was replaced needs one.
        (marks(1, 1, 0, 1), is.clone()),
        (marks(1, 2, 1, 1), is),
        (marks(1, 2, 2, 1), not(Doubt::OtherProgram)),
        (marks(1, 2, 0, 1), not(Doubt::OtherProgram)),
        (marks(1, 0, 0, 1), not(Doubt::OtherProgram)),
        // Another namespace, or one that may not be seen.
        (marks(2, 1, 1, 1), not(Doubt::OtherNamespace)),
        (marks(0, 1, 1, 1), not(Doubt::NotHere)),
        // The same program, and still another process of it.
        (marks(1, 1, 1, 2), not(Doubt::OtherProcess)),
        (marks(1, 1, 1, 0), not(Doubt::OtherProcess)),
    ] {
        let build_id = here.build_id.clone();
        let seen = Marks {
            build_id: None,
            ..here.clone()
        };
        assert_eq!(judge(seen, &meant, || build_id), expected, "{here:?}");
    }
    // What the debugger does not know proves nothing either.
    let here = || marks(1, 1, 0, 1);
    for (meant, expected) in [
        (marks(0, 1, 1, 1), Doubt::OtherNamespace),
        (marks(1, 0, 0, 1), Doubt::OtherProgram),
        (marks(1, 1, 1, 0), Doubt::OtherProcess),
    ] {
        assert_eq!(judge(here(), &meant, || None), Err(expected), "{meant:?}");
    }
}

/// A process that does nothing, and what a debugger of it would read.
struct Sleeper(Child, PathBuf);

impl Sleeper {
    fn new() -> Self {
        let mut command = Command::new("sleep");
        let child = command.arg("60").stdin(Stdio::null()).spawn();
        let child = child.expect("`sleep` can be started");
        let exe = format!("/proc/{}/exe", child.id());
        // It is one of ours until it has become `sleep`, and half of it until it sleeps.
        let me = id("/proc/self/exe");
        let stat = format!("/proc/{}/stat", child.id());
        let asleep = || fs::read_to_string(&stat).is_ok_and(|stat| stat.contains(") S "));
        while id(&exe) == me || !asleep() {
            std::thread::yield_now();
        }
        let program = fs::read_link(exe).expect("its program is known");
        Self(child, program)
    }

    fn pid(&self) -> i32 {
        self.0.id().cast_signed()
    }

    fn read(&self, address: u64, size: usize) -> Option<Vec<u8>> {
        Some(read_process(self.pid(), address, size))
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_process_is_told_from_another_of_the_same_program() {
    let (one, other) = (Sleeper::new(), Sleeper::new());
    let claim = |pid, read| {
        prove(&Claim {
            elsewhere: None,
            pid,
            program: Some(&one.1),
            build_id: None,
            read,
        })
    };
    let shows_one = |address, size| one.read(address, size);
    let process = claim(one.pid(), &shows_one).expect("it is itself");
    assert_eq!(process.pid(), one.pid());
    assert!(process.holds());
    // The debugger means `one`, in a place where it has the number that `other` has here: its
    // memory is asked for where the random bytes of `other` are.
    assert_eq!(claim(other.pid(), &shows_one), Err(Doubt::OtherProcess));
    // A debugger that does not show memory.
    assert_eq!(claim(one.pid(), &|_, _| None), Err(Doubt::OtherProcess));
    // This very process runs another program.
    let me = Process::this().pid();
    assert_eq!(claim(me, &shows_one), Err(Doubt::OtherProgram));
    assert_eq!(claim(0, &shows_one), Err(Doubt::NotHere));
    assert_eq!(claim(i32::MAX, &shows_one), Err(Doubt::NotHere));
}

#[test]
fn a_debugger_that_says_it_is_elsewhere_is_believed() {
    let one = Sleeper::new();
    let why = "through a connection".to_owned();
    let proven = prove(&Claim {
        elsewhere: Some(why.clone()),
        pid: one.pid(),
        program: Some(&one.1),
        build_id: None,
        read: &|address, size| one.read(address, size),
    });
    assert_eq!(proven, Err(Doubt::Elsewhere(why)));
}

#[test]
fn the_number_of_a_process_that_is_gone_proves_nothing() {
    let mut one = Sleeper::new();
    let process = prove(&Claim {
        elsewhere: None,
        pid: one.pid(),
        program: Some(&one.1),
        build_id: None,
        read: &|address, size| one.read(address, size),
    });
    let process = process.expect("it is itself");
    one.0.kill().expect("it can be killed");
    one.0.wait().expect("it ends");
    assert!(!process.holds());
    // The number given to another process: the start time tells.
    let me = Process::this();
    let before = Process {
        start: me.start - 1,
        ..me
    };
    assert!(me.holds() && !before.holds());
}

#[test]
fn build_ids_are_the_same_in_both_spellings() {
    let gdb = "aab2dea1e4f02b0b39bcc02a3ea4e0a1f66bdf70";
    let lldb = "AAB2DEA1-E4F0-2B0B-39BC-C02A3EA4E0A1-F66BDF70";
    assert_eq!(plain_hex(lldb), gdb);
    assert_eq!(plain_hex(gdb), gdb);
}
