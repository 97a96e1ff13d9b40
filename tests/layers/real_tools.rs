//! The real tools, on this machine: profile, add, compare with the tool's own report.

use super::callgrind::{self_costs_agree, total_costs_agree};
use super::perf::{self_weights_agree, total_weights_agree};
use super::*;
use std::process::Command;

/// The standard output of a command that has to succeed; `None`, visibly, if there is no such program.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> Option<String> {
    match Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("LC_ALL", "C")
        .output()
    {
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{program} {arguments:?}: {errors}");
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            assert!(std::env::var_os("CI").is_none(), "{program} is missing");
            eprintln!("SKIPPED: {program} is not installed");
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

fn program(folder: &Path, source: &str) -> Option<()> {
    let source = data(&format!("programs/{source}"));
    let source = source.to_str().unwrap();
    let compiler = if source.ends_with(".c") { "gcc" } else { "g++" };
    run(
        folder,
        compiler,
        &["-g", "-O1", "-fno-omit-frame-pointer", "-o", "busy", source],
    )
    .map(drop)
}

/// perf may be installed and forbidden.
fn perf_works(folder: &Path) -> bool {
    let Some(_) = run(folder, "perf", &["--version"]) else {
        return false;
    };
    let tried = Command::new("perf")
        .args([
            "record",
            "-q",
            "-e",
            "cpu-clock:u",
            "-o",
            "try.data",
            "true",
        ])
        .current_dir(folder)
        .output()
        .unwrap();
    if !tried.status.success() {
        eprintln!(
            "SKIPPED: perf cannot record here: {}",
            String::from_utf8_lossy(&tried.stderr).trim()
        );
    }
    tried.status.success()
}

#[test]
fn callgrind_agrees_with_callgrind_annotate() {
    let session = Session::new();
    let folder = session.folder.path();
    if run(folder, "valgrind", &["--version"]).is_none() || program(folder, "busy.cpp").is_none() {
        return;
    }
    run(
        folder,
        "valgrind",
        &[
            "-q",
            "--tool=callgrind",
            "--callgrind-out-file=callgrind.out",
            "./busy",
            "30",
        ],
    );
    session.add(&folder.join("callgrind.out"));
    let annotate = [
        "--auto=no",
        "--threshold=100",
        "--show-percs=no",
        "callgrind.out",
    ];
    let Some(own) = run(folder, "callgrind_annotate", &annotate) else {
        return;
    };
    self_costs_agree(&session, own.split_once("file:function").unwrap().1);
    let inclusive = run(
        folder,
        "callgrind_annotate",
        &[&["--inclusive=yes"], &annotate[..]].concat(),
    )
    .unwrap();
    let names = [
        "main",
        "(anonymous namespace)::hidden",
        "geo::Point<int>::dot",
        "uses_inline",
    ];
    total_costs_agree(
        &session,
        inclusive.split_once("file:function").unwrap().1,
        &names,
    );
    for word in own.lines().filter(|line| line.contains("PROGRAM TOTALS")) {
        let total: f64 = word
            .split_whitespace()
            .next()
            .unwrap()
            .replace(',', "")
            .parse()
            .unwrap();
        assert_eq!(session.hotspots().layer.total, total);
    }
}

#[test]
fn perf_data_and_its_text_agree_with_perf_report() {
    let session = Session::new();
    let folder = session.folder.path();
    if !perf_works(folder) || program(folder, "busy.cpp").is_none() {
        return;
    }
    run(
        folder,
        "perf",
        &[
            "record",
            "-q",
            "-e",
            "cpu-clock:u",
            "-F",
            "500",
            "-g",
            "-o",
            "perf.data",
            "./busy",
            "14000",
        ],
    );
    let fixed = [
        "--stdio",
        "-q",
        "-g",
        "none",
        "--sort",
        "sym",
        "-i",
        "perf.data",
    ];
    let report =
        |more: &[&str]| run(folder, "perf", &[&["report"], &fixed[..], more].concat()).unwrap();
    let own = report(&["--no-children", "-F", "overhead,sample,period,sym"]);
    let total = report(&[
        "--children",
        "-F",
        "overhead_children,overhead,sample,period,sym",
    ]);

    let added = session.add(&folder.join("perf.data"));
    assert_eq!(added.format, "perf-data");
    let functions = self_weights_agree(&session, &own);
    total_weights_agree(&session, &total);
    assert!(functions >= 2, "{own}");
    assert_eq!(
        session.spot("uses_inline").lang,
        "cpp",
        "names are read mangled"
    );

    let script = run(folder, "perf", &["script", "-i", "perf.data"]).unwrap();
    session.add_text("perf.txt", &script);
    self_weights_agree(&session, &own);
    total_weights_agree(&session, &total);
}
