//! Files that may not be opened. Root may open all of them, and then the program runs as nobody.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};

use crate::command_line::{APPEND, LOG, check};
use crate::scratch::Scratch;

/// A user whom nothing else belongs to.
const NOBODY: u32 = 65534;

/// Runs the program in the directory of `scratch` as its owner, who is not root.
fn run(scratch: &Scratch, arguments: &[&str]) -> Output {
    let mut command = Command::new("./audit");
    if fs::metadata(scratch.directory()).expect("it is there").uid() == NOBODY {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.args(arguments).current_dir(scratch.directory()).stdin(Stdio::null()).output().expect("it can be started")
}

/// A directory with the program in it, and with a chain of one row, that does not belong to root.
fn scratch() -> Scratch {
    let scratch = Scratch::new();
    let program = env!("CARGO_BIN_EXE_audit");
    let copied = Command::new("cp").args([program, "audit"]).current_dir(scratch.directory()).status();
    assert!(copied.expect("coreutils have it").success());
    if fs::metadata(scratch.directory()).expect("it is there").uid() == 0 {
        for path in [scratch.directory().to_owned(), scratch.path("audit.key"), scratch.path("event.json")] {
            chown(path, Some(NOBODY), Some(NOBODY)).expect("root may do that");
        }
    }
    assert_eq!(run(&scratch, &APPEND).status.code(), Some(0));
    scratch
}

fn error(file: &str, kind: &str, reason: &str) -> String {
    format!(r#"{{"file":"{file}","kind":"{kind}","line":null,"reason":"{reason}"}}"#)
}

#[test]
fn what_may_not_be_opened() {
    let scratch = scratch();
    let appended = |error: String| format!("{{\"count\":null,\"error\":{error},\"tip\":null}}\n");
    for name in ["audit.key", "event.json", LOG, "subjects/W-1.manifest.json"] {
        scratch.set_mode(name, 0);
        check(&run(&scratch, &APPEND), &appended(error(name, "unreadable", "no-permission")), 5);
        scratch.set_mode(name, 0o600);
    }
    scratch.set_mode(LOG, 0o400);
    check(&run(&scratch, &APPEND), &appended(error(LOG, "unreadable", "no-permission")), 5);
    // Verifying only reads.
    assert_eq!(run(&scratch, &["verify"]).status.code(), Some(3));

    scratch.set_mode("subjects", 0o500);
    let new = ["append", "--subject", "W-2", "--event", "event.json"];
    check(&run(&scratch, &new), &appended(error("subjects/W-2.audit.jsonl", "unwritten", "write-failed")), 7);
    scratch.set_mode("subjects", 0);
    check(&run(&scratch, &APPEND), &appended(error(LOG, "unreadable", "no-permission")), 5);
    let folder = format!("{{\"error\":{},\"subjects\":[]}}\n", error("subjects", "unreadable", "no-permission"));
    check(&run(&scratch, &["verify"]), &folder, 5);
    scratch.set_mode("subjects", 0o700);

    let entry = r#"{"at":"2026-05-03T10:11:12Z","commit":"unknown","metrics":{}}"#;
    scratch.write("b.jsonl", entry.to_owned() + "\n");
    scratch.set_mode("b.jsonl", 0o644);
    scratch.set_mode(".", 0o500);
    let copied = format!("{{\"count\":null,\"error\":{}}}\n", error("to.jsonl", "unwritten", "write-failed"));
    check(&run(&scratch, &["baselines", "copy", "b.jsonl", "to.jsonl"]), &copied, 7);
    scratch.set_mode(".", 0o700);
}
