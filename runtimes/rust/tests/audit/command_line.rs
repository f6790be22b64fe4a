//! Arguments, the current directory, two outputs and an exit code.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::scratch::{KEY, Scratch};

pub const LOG: &str = "subjects/W-1.audit.jsonl";
pub const APPEND: [&str; 5] = ["append", "--subject", "W-1", "--event", "event.json"];

/// The program, to be started in the directory of `scratch`.
pub fn audit(scratch: &Scratch) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_audit"));
    command.current_dir(scratch.directory()).env_remove("LAKEHOUSE_PLANT").stdin(Stdio::null());
    command
}

pub fn run(scratch: &Scratch, arguments: &[&str]) -> Output {
    audit(scratch).args(arguments).output().expect("it was built beside this test")
}

/// Checks that `output` is an answer with `exit`, and that there is a sentence just where it is not 0.
#[track_caller]
pub fn check(output: &Output, answer: &str, exit: i32) {
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*String::from_utf8_lossy(&output.stdout)), (Some(exit), answer), "{log}");
    assert_eq!(log.lines().count(), usize::from(exit != 0), "{log}");
    assert!(!log.contains(str::from_utf8(KEY).expect("it is ASCII")), "the key itself appears nowhere");
}

#[test]
fn the_example_of_the_contract() {
    let scratch = Scratch::new();
    let tip = "858b411b81ce526a078ab1c77b6a889e393dc804a9af423747fe756ca02dd7cd";
    let append = ["append", "--subject", "WORKER-1", "--event", "event.json"];
    check(&run(&scratch, &append), &format!("{{\"count\":1,\"error\":null,\"tip\":\"{tip}\"}}\n"), 0);
    let verified = format!("{{\"count\":1,\"error\":null,\"tip\":\"{tip}\",\"verified\":true}}\n");
    let anchor = format!("1:{tip}");
    check(&run(&scratch, &["verify", "--anchor", &anchor, "--subject", "WORKER-1"]), &verified, 0);
    let log = scratch.path("subjects/WORKER-1.audit.jsonl");
    fs::write(&log, fs::read(&log).expect("it is there").trim_ascii_end()).expect("it can be written");
    check(&run(&scratch, &["recover", "--subject", "WORKER-1"]), "{\"error\":null,\"kept\":363}\n", 0);
    check(
        &run(&scratch, &["baselines", "append", "b", "--entry", "event.json"]),
        concat!(
            r#"{"count":null,"error":{"file":"event.json","kind":"refused","line":null,"reason":"entry-shape"}}"#,
            "\n"
        ),
        6,
    );
}

#[test]
fn a_command_line_that_is_not_understood_prints_nothing() {
    let scratch = Scratch::new();
    for arguments in [
        &[][..],
        &["help"],
        &["serve", "now"],
        &["append", "--subject", "W-1"],
        &["verify", "--subject", "W-1", "--subject", "W-1"],
        &["baselines", "load"],
    ] {
        let output = run(&scratch, arguments);
        check(&output, "", 2);
        assert!(String::from_utf8_lossy(&output.stderr).starts_with("the command line is not understood: "));
    }
    let not_utf8 = OsStr::from_bytes(b"W\xff");
    for arguments in [["baselines", "load"], ["recover", "--subject"]] {
        check(&audit(&scratch).args(arguments).arg(not_utf8).output().expect("it was built"), "", 2);
    }
    assert!(!scratch.path("subjects").exists());
}

#[test]
fn only_serve_is_planted() {
    let scratch = Scratch::new();
    for plant in ["torn-mode", "rose"] {
        let output = audit(&scratch).args(APPEND).env("LAKEHOUSE_PLANT", plant).output().expect("it was built");
        assert_eq!(output.status.code(), Some(0));
    }
    let log = scratch.listing().into_iter().find(|(name, ..)| name == LOG).expect("it was made");
    assert_eq!(log.1, 0o600);
}

#[test]
fn modes_do_not_depend_on_the_umask() {
    let scratch = Scratch::new();
    let program = env!("CARGO_BIN_EXE_audit");
    let script = format!("umask 277; exec {program} {}", APPEND.join(" "));
    let output = Command::new("sh").args(["-c", &script]).current_dir(scratch.directory()).output();
    assert_eq!(output.expect("there is a shell").status.code(), Some(0));
    let modes: Vec<_> = scratch.listing().into_iter().filter(|(name, ..)| name.starts_with("subjects")).collect();
    let modes: Vec<_> = modes.iter().map(|(name, mode, _)| (name.as_str(), *mode)).collect();
    assert_eq!(modes, [("subjects", 0o700), (LOG, 0o600), ("subjects/W-1.manifest.json", 0o600)]);
}

/// Makes a pipe that nobody is at the other end of.
fn make_pipe(scratch: &Scratch, name: &str) {
    _ = fs::remove_file(scratch.path(name));
    let made = Command::new("mkfifo").arg(scratch.path(name)).status().expect("coreutils have it");
    assert!(made.success());
}

/// The same, but a program that waits is ended, and fails the test.
fn run_or_wait(scratch: &Scratch, arguments: &[&str]) -> Output {
    let mut child =
        audit(scratch).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it was built");
    let late = Instant::now() + Duration::from_secs(20);
    while child.try_wait().expect("it is our child").is_none() {
        if Instant::now() > late {
            child.kill().expect("it runs");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    child.wait_with_output().expect("it has ended")
}

#[test]
fn no_command_waits_for_a_pipe() {
    let scratch = Scratch::new();
    let error = |file: &str| format!(r#"{{"file":"{file}","kind":"unreadable","line":null,"reason":"not-a-file"}}"#);
    let appended = |file| format!("{{\"count\":null,\"error\":{},\"tip\":null}}\n", error(file));
    assert_eq!(run(&scratch, &APPEND).status.code(), Some(0));

    make_pipe(&scratch, "pipe");
    let with_key = [&APPEND[..], &["--key", "pipe"]].concat();
    check(&run_or_wait(&scratch, &with_key), &appended("pipe"), 5);
    check(&run_or_wait(&scratch, &["append", "--subject", "W-1", "--event", "pipe"]), &appended("pipe"), 5);
    let anchors = format!("{{\"error\":{},\"subjects\":[]}}\n", error("pipe"));
    check(&run_or_wait(&scratch, &["verify", "--anchors", "pipe"]), &anchors, 5);
    let loaded = format!("{{\"count\":0,\"error\":{}}}\n", error("pipe"));
    check(&run_or_wait(&scratch, &["baselines", "load", "pipe"]), &loaded, 5);

    make_pipe(&scratch, LOG);
    check(&run_or_wait(&scratch, &APPEND), &appended(LOG), 5);
    let kept = format!("{{\"error\":{},\"kept\":null}}\n", error(LOG));
    check(&run_or_wait(&scratch, &["recover", "--subject", "W-1"]), &kept, 5);
    assert_eq!(run_or_wait(&scratch, &["verify", "--subject", "W-1"]).status.code(), Some(5));
}

#[test]
fn memory_does_not_grow_with_the_log_nor_with_a_line() {
    let scratch = Scratch::new();
    assert_eq!(run(&scratch, &APPEND).status.code(), Some(0));
    let log = fs::OpenOptions::new().append(true).open(scratch.path(LOG)).expect("it is there");
    // 256 MiB of zeros behind the first row, which takes no room on disk.
    log.set_len(256 << 20).expect("files may have holes");
    for (arguments, line) in
        [(&["verify", "--subject", "W-1"][..], 2), (&APPEND, 2), (&["recover", "--subject", "W-1"], 2)]
    {
        let limited = ["--as=134217728", env!("CARGO_BIN_EXE_audit")];
        let output = Command::new("prlimit").args(limited).args(arguments).current_dir(scratch.directory()).output();
        let output = output.expect("util-linux has it");
        assert_eq!(output.status.code(), Some(5), "{}", String::from_utf8_lossy(&output.stderr));
        let answer = String::from_utf8_lossy(&output.stdout);
        let error = format!(r#"{{"file":"{LOG}","kind":"unreadable","line":{line},"reason":"line-too-long"}}"#);
        assert!(answer.contains(&error), "{answer}");
    }
}
