//! Several that append at once leave one chain.

use std::process::Stdio;
use std::thread;

use crate::command_line::{APPEND, LOG, audit, run};
use crate::scratch::Scratch;

const ROWS: usize = 20;

/// Checks that W-1 has `rows` rows, all sound.
#[track_caller]
fn check_chain(scratch: &Scratch, rows: usize) {
    let output = run(scratch, &["verify", "--subject", "W-1"]);
    let answer = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{answer}");
    assert!(
        answer.starts_with(&format!(r#"{{"count":{rows},"error":{{"file":"{LOG}","kind":"unanchored""#)),
        "{answer}"
    );
    assert_eq!(scratch.listing().len(), 5, "key, event, folder, manifest and log are all that there is");
}

#[test]
fn processes() {
    let scratch = Scratch::new();
    // All of them begin before there is a chain.
    let children: Vec<_> = (0..ROWS)
        .map(|_| audit(&scratch).args(APPEND).stdout(Stdio::null()).spawn().expect("it was built beside this test"))
        .collect();
    for mut child in children {
        assert!(child.wait().expect("it ends").success());
    }
    check_chain(&scratch, ROWS);
}

#[test]
fn threads_of_one_process() {
    let scratch = Scratch::new();
    let arguments = APPEND.map(ToOwned::to_owned);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..ROWS {
                    let outcome = lakehouse::audit::Audit::default().run(&arguments, scratch.directory());
                    assert_eq!(outcome.exit, 0, "{:?}", outcome.sentence);
                }
            });
        }
    });
    check_chain(&scratch, 4 * ROWS);
}

#[test]
fn entries_of_the_baselines() {
    let scratch = Scratch::new();
    scratch.write("entry.json", r#"{"at":"2026-05-03T10:11:12Z","commit":"unknown","metrics":{"m":1}}"#);
    let arguments = ["baselines", "append", "b.jsonl", "--entry", "entry.json"];
    let children: Vec<_> = (0..ROWS)
        .map(|_| audit(&scratch).args(arguments).stdout(Stdio::null()).spawn().expect("it was built beside this test"))
        .collect();
    for mut child in children {
        assert!(child.wait().expect("it ends").success());
    }
    let output = run(&scratch, &["baselines", "load", "b.jsonl"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{{\"count\":{ROWS},\"error\":null}}\n"));
}
