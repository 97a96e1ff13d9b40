//! The names of a whole library, as different demanglers write them, meet in one canonical name.

use std::io::Write;
use std::process::{Command, Stdio};

use dbg_session::symbols::Symbol;

/// What a filter program makes of these lines; `None`, visibly, if there is no such program.
fn filter(program: &str, arguments: &[&str], lines: &[String]) -> Option<Vec<String>> {
    let spawned = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = spawned else {
        eprintln!("SKIPPED: {program} is not installed");
        return None;
    };
    let mut input = child.stdin.take()?;
    let text = lines.join("\n") + "\n";
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(str::to_owned).collect())
}

/// The linkage names of the C++ library that programs here use.
fn linkage_names() -> Option<Vec<String>> {
    let found = Command::new("g++")
        .arg("-print-file-name=libstdc++.so.6")
        .output();
    let Ok(found) = found else {
        eprintln!("SKIPPED: g++ is not installed");
        return None;
    };
    let library = String::from_utf8(found.stdout).unwrap();
    let names = Command::new("nm")
        .args(["-D", "--defined-only", library.trim()])
        .output()
        .ok()?;
    let text = String::from_utf8(names.stdout).unwrap();
    let names = text
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2));
    let names = names.map(|name| name.split('@').next().unwrap_or(name));
    let names: Vec<String> = names
        .filter(|name| name.starts_with("_Z"))
        .map(str::to_owned)
        .collect();
    // A third of them shows as much, in a third of the time.
    (names.len() > 1000).then(|| names.into_iter().step_by(3).collect())
}

#[test]
fn demanglers_meet() {
    let Some(names) = linkage_names() else { return };
    for (program, arguments) in [
        ("c++filt", &[][..]),
        ("c++filt", &["-p"]),
        ("llvm-cxxfilt", &[]),
    ] {
        let Some(texts) = filter(program, arguments, &names) else {
            continue;
        };
        assert_eq!(texts.len(), names.len());
        let mut apart = Vec::new();
        for (name, text) in names.iter().zip(&texts) {
            let (mangled, demangled) =
                (Symbol::canonical(name, None), Symbol::canonical(text, None));
            if mangled.fqn != demangled.fqn {
                apart.push(format!(
                    "{name}\n  {text}\n  {}\n  {}",
                    mangled.fqn, demangled.fqn
                ));
            }
        }
        let share = apart.len() as f64 / names.len() as f64;
        eprintln!(
            "{program} {arguments:?}: {} of {} differ",
            apart.len(),
            names.len()
        );
        let examples = apart
            .iter()
            .step_by(apart.len() / 20 + 1)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n");
        assert!(
            share <= 0.005,
            "{program} {arguments:?}: {share}\n{examples}"
        );
    }
}
