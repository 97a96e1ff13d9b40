//! The program: hands over to [`dbg_session::command`].

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use dbg_session::command::{Context, run};

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    let context = Context {
        cwd: std::env::current_dir().unwrap_or_default(),
        live: None,
        width: width(),
    };
    let output = run(&args, &context);
    let written = io::stdout()
        .write_all(output.out.as_bytes())
        .and_then(|()| io::stdout().flush());
    // When nobody can be told, nothing is left to be done.
    let _ = io::stderr().write_all(output.err.as_bytes());
    match written {
        // Who reads no further (`| head`) has what was wanted.
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            let _ = writeln!(
                io::stderr(),
                "dbg-session: the answer cannot be written: {e}."
            );
            ExitCode::FAILURE
        }
        _ => ExitCode::from(output.code),
    }
}

/// Columns of the terminal, when standard output is one.
fn width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    Some(terminal_size::terminal_size().map_or(80, |(width, _)| width.0.into()))
}
