use super::*;
use dbg_session::layers::{LayerId, Options, reindex};
use dbg_session::query::layer_list::layer_list;
use std::os::unix::fs::{PermissionsExt, symlink};

#[test]
fn the_file_is_kept_verbatim_and_private() {
    let session = Session::new();
    let original = data("perf/c.script");
    let report = session.add(&original);
    assert_eq!(report.file, "c.script");
    let kept = session.raw().join("c.script");
    assert_eq!(
        std::fs::read(&kept).unwrap(),
        std::fs::read(&original).unwrap()
    );
    assert_eq!(
        std::fs::metadata(&kept).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        std::fs::metadata(session.raw())
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o700
    );
    assert_eq!(session.add(&original).file, "c.script-2");
    assert_eq!(
        session.add(&kept).file,
        "c.script",
        "a file that lies there already is not copied"
    );
    let names: Vec<_> = std::fs::read_dir(session.raw()).unwrap().collect();
    assert_eq!(names.len(), 2);
    assert_eq!(layer_list(&session.db).unwrap().layers.len(), 3);
}

#[test]
fn links_below_the_session_are_not_followed() {
    let session = Session::new();
    let elsewhere = tempfile::tempdir().unwrap();
    symlink(elsewhere.path(), session.raw().parent().unwrap()).unwrap();
    let message = session.refuse(&data("folded/busy.folded"));
    assert!(message.contains("link"), "{message}");
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    assert_eq!(session.count("layers"), 0);
}

#[test]
fn a_name_that_is_no_good_is_replaced() {
    let session = Session::new();
    let file = session.file(".hidden", b"main 1\n");
    assert_eq!(session.add(&file).file, "profile");
}

#[test]
fn a_layer_can_be_indexed_again() {
    let session = Session::new();
    session.add(&data("perf/cpp.script"));
    session.add(&data("callgrind/cpp.out"));
    let tables = [
        "layers",
        "samples",
        "symbols",
        "frames",
        "stacks",
        "counters",
        "layer_functions",
        "layer_calls",
    ];
    let before = tables.map(|table| session.count(table));
    let hot = session.hotspots();
    for layer in [1, 2] {
        let report = reindex(&session.db, LayerId(layer), &Options::default()).unwrap();
        assert_eq!(report.layers[0].id, LayerId(layer));
    }
    assert_eq!(
        tables.map(|table| session.count(table)),
        before,
        "nothing twice, nothing lost"
    );
    assert_eq!(session.hotspots(), hot);

    std::fs::write(session.raw().join("cpp.out"), "").unwrap();
    assert!(reindex(&session.db, LayerId(2), &Options::default()).is_err());
    assert_eq!(session.hotspots(), hot, "a failure changes nothing");
    std::fs::remove_file(session.raw().join("cpp.out")).unwrap();
    let message = reindex(&session.db, LayerId(2), &Options::default())
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("is gone; add the profile again"),
        "{message}"
    );
    assert!(
        reindex(&session.db, LayerId(7), &Options::default())
            .unwrap_err()
            .to_string()
            .contains("no layer 7")
    );
}

#[test]
fn stacks_are_shared_between_layers() {
    let session = Session::new();
    session.add(&data("perf/cpp.script"));
    let once = session.count("stacks");
    session.add(&data("perf/cpp.script"));
    assert_eq!(session.count("stacks"), once);
}

#[test]
fn the_file_stays_sound_for_other_readers() {
    let session = Session::new();
    for file in [
        "perf/inline.script",
        "callgrind/cache.out",
        "folded/busy.folded",
    ] {
        session.add(&data(file));
    }
    assert_eq!(session.count("pragma_foreign_key_check"), 0);
    assert_eq!(
        session.count("samples WHERE stack_json IS NULL OR symbol_id IS NULL"),
        0
    );
    assert_eq!(
        session.count("samples WHERE json_extract(stack_json, '$.frame_symbol') IS NULL"),
        0
    );
    assert!(session.db.has_captured_data().unwrap());
}
