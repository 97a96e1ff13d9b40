//! Saving a session against copying its file: `cargo bench --no-default-features --bench save`.
//!
//! In turns, medians; the copy is synced as a save is, and also given as it is.

#[path = "../bench/sessions/new.rs"]
mod new;

use std::fs::{self, File};
use std::time::Instant;

use new::new_session;

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn timed(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64() * 1000.0
}

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("session.db");
    let session = new_session(&path);
    session
        .conn()
        .execute_batch(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
             INSERT INTO breakpoint_hits (session_id, location_key, hit_seq, ts, locals_json)
             SELECT id, 't.c:1', i, started_at, json_object('n', json_object('type', 'int', 'value', i || printf('%.300c', 'x')))
             FROM n, sessions",
        )
        .expect("hits");
    // In the file, not in the log, so that `cp` has all of it to copy.
    session
        .conn()
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .expect("a checkpoint");
    let size = fs::metadata(&path).expect("the file").len() as f64 / 1e6;
    let (saved, copied) = (
        folder.path().join("saved.db"),
        folder.path().join("copied.db"),
    );
    let (mut save, mut copy, mut synced) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..11 {
        save.push(timed(|| session.save_to(&saved).expect("saved")));
        copy.push(timed(|| {
            fs::copy(&path, &copied).expect("copied");
        }));
        fs::remove_file(&copied).expect("removed");
        synced.push(timed(|| {
            fs::copy(&path, &copied).expect("copied");
            File::open(&copied)
                .and_then(|f| f.sync_all())
                .expect("synced");
        }));
        fs::remove_file(&copied).expect("removed");
        fs::remove_file(&saved).expect("removed");
    }
    let (save, copy, synced) = (median(save), median(copy), median(synced));
    println!("{size:.1} MB: save {save:.1} ms, cp {copy:.1} ms, cp and sync {synced:.1} ms");
    println!(
        "speed of save: {:.2} of cp, {:.2} of cp and sync",
        copy / save,
        synced / save
    );
}
