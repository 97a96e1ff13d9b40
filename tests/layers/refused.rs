use super::*;
use dbg_session::layers::{LayerError, listed};
use std::sync::atomic::AtomicBool;

#[test]
fn files_that_are_no_profiles_are_named_and_change_nothing() {
    let session = Session::new();
    let garbage: Vec<u8> = (0..100_000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let files: [(&str, &[u8], &str); 8] = [
        ("empty", b"", "is empty"),
        ("blank", b"  \n\n", "is empty"),
        ("garbage", &garbage, "not a profile"),
        (
            "text",
            b"Dear diary,\ntoday nothing was measured.\n",
            "not a profile",
        ),
        ("zeros", &[0; 5000], "not a profile"),
        (
            "perf.data",
            b"PERFILE2\x68\0\0\0",
            "perf.data is truncated: even its header is not whole",
        ),
        ("half", b"main;work 1\nmain;\0\0\0\n", "not a profile"),
        (
            "source.c",
            b"int main(void) { return 0; }\n",
            "not a profile",
        ),
    ];
    for (name, bytes, expected) in files {
        let message = session.refuse(&session.file(name, bytes));
        assert!(
            message.contains(name) && message.contains(expected),
            "{name}: {message}"
        );
        assert!(!message.contains('\n'));
    }
    let message = session.refuse(&session.folder.path().join("missing"));
    assert!(message.contains("missing"), "{message}");
    let message = session.refuse(session.folder.path());
    assert!(message.contains("not a file"), "{message}");
    for table in [
        "layers",
        "samples",
        "symbols",
        "stacks",
        "frames",
        "counters",
        "layer_functions",
    ] {
        assert_eq!(session.count(table), 0, "{table}");
    }
    assert!(!session.raw().exists(), "no folder was left behind");
}

#[test]
fn binary_data_in_the_middle_is_told_with_its_line() {
    let session = Session::new();
    let mut text = "main;work 1\n".repeat(5000).into_bytes();
    text.extend_from_slice(b"main;\0\x01 2\n");
    let message = session.refuse(&session.file("x.folded", &text));
    assert!(message.ends_with("x.folded:5001: the line holds binary data: the file is damaged or no profile in text form"), "{message}");
}

#[test]
fn a_perf_data_file_must_be_whole() {
    let session = Session::new();
    let mut bytes = vec![0u8; 200];
    bytes[..8].copy_from_slice(b"PERFILE2");
    bytes[8] = 104;
    let message = session.refuse(&session.file("perf.data", &bytes));
    assert!(message.contains("has no data"), "{message}");
    bytes[40] = 104;
    bytes[49] = 9; // 2304 bytes of data
    let message = session.refuse(&session.file("perf.data", &bytes));
    assert!(
        message.ends_with("is truncated: it has 200 bytes, its header promises more"),
        "{message}"
    );
}

#[test]
fn the_format_can_be_named() {
    let session = Session::new();
    let file = session.file("odd.txt", b"main 12\n");
    let named = |format| {
        add(
            &session.db,
            &file,
            &AddOptions {
                format: Some(format),
                ..AddOptions::default()
            },
        )
    };
    let message = named("pprof").unwrap_err().to_string();
    let names = listed(|format| format.name(), ", ");
    assert_eq!(
        message,
        format!("unknown profile format `pprof`; it is one of {names}")
    );
    assert!(named("callgrind").is_err());
    assert_eq!(named("folded").unwrap().layers[0].total, 12.0);
}

#[test]
fn an_interrupted_add_leaves_nothing() {
    let session = Session::new();
    let flag = AtomicBool::new(true);
    let mut options = AddOptions::default();
    options.read.cancelled = Some(&flag);
    let error = add(&session.db, &data("perf/c.script"), &options).unwrap_err();
    assert!(
        matches!(
            error.root_cause().downcast_ref(),
            Some(LayerError::Cancelled)
        ),
        "{error:#}"
    );
    assert_eq!(session.count("layers"), 0);
    assert!(!session.raw().exists());
}

#[test]
fn a_gpu_session_has_no_place_for_samples() {
    let session = Session::of(TargetClass::Gpu);
    let message = session.refuse(&data("folded/busy.folded"));
    assert!(message.contains("target class gpu"), "{message}");
}

#[test]
fn questions_without_layers_say_what_to_do() {
    let session = Session::new();
    let message = hotspots(&session.db, None, 10).unwrap_err().to_string();
    assert!(message.contains("layer add FILE"), "{message}");
    session.add(&data("folded/busy.folded"));
    assert_eq!(
        hotspots(&session.db, Some(9), 10).unwrap_err().to_string(),
        "there is no layer 9; the session has 1"
    );
}
