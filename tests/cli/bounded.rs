//! The program with limits on time and memory: a question that hangs or swells fails its test.

use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use dbg_session::command::Output;

use super::world::World;

/// What takes longer hangs, on however slow and busy a machine. How long questions take is measured
/// by `bench/asking.py`, not here.
pub const PATIENCE: Duration = Duration::from_secs(100);
/// Address space, which is more than what is used: threads' stacks, the program itself.
const MOST_MEMORY: u64 = 900 << 20;

/// Runs the program in the world's folder; panics when it takes too long.
pub fn bounded(world: &World, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dbg-session"));
    command
        .args(args)
        .current_dir(world.proj())
        .env_clear()
        .env("HOME", world.home())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // SAFETY: setrlimit may be called between fork and exec.
    unsafe {
        command.pre_exec(|| {
            let limit = libc::rlimit {
                rlim_cur: MOST_MEMORY,
                rlim_max: MOST_MEMORY,
            };
            libc::setrlimit(libc::RLIMIT_AS, &raw const limit);
            Ok(())
        });
    }
    let mut child = command.spawn().unwrap();
    let out = reader(child.stdout.take().unwrap());
    let err = reader(child.stderr.take().unwrap());
    let code = wait(&mut child, args);
    Output {
        code,
        out: String::from_utf8(out.join().unwrap()).unwrap(),
        err: String::from_utf8(err.join().unwrap()).unwrap(),
    }
}

/// Reads all that comes, so that who writes it never waits.
pub fn reader(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

fn wait(child: &mut Child, args: &[&str]) -> u8 {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            let code = status.code();
            let code = code.unwrap_or_else(|| panic!("{args:?} died: {:?}", status.signal()));
            return code.try_into().unwrap();
        }
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("{args:?} did not end in {PATIENCE:?}");
        }
        thread::sleep(Duration::from_millis(2));
    }
}
