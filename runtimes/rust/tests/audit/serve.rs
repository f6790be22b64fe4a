//! `audit serve`: the helper's protocol on directories.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::command_line::{APPEND, LOG, audit};
use crate::scratch::Scratch;

const PLANTS: [&str; 5] = ["key-for-all", "torn-mode", "tip-remembered", "drift-at-20-warn", "drift-zero-zero-warn"];

/// Starts `audit serve`, gives it all of `input`, and waits for its end.
fn serve(plant: &str, input: &str) -> Output {
    let mut command = audit(&Scratch::new());
    // The directory is that of each request.
    command.current_dir("/").arg("serve").env("LAKEHOUSE_PLANT", plant);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it was built beside this test");
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    // A program that refuses to start does not read.
    _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

fn lines(output: &Output) -> Vec<Value> {
    let text = str::from_utf8(&output.stdout).expect("output is text");
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

fn request(id: usize, scratch: &Scratch, arguments: &[&str]) -> String {
    let surface = if arguments.first() == Some(&"baselines") { "audit_baselines" } else { "subject_audit_files" };
    let text = json!({"arguments": arguments, "directory": scratch.directory()}).to_string();
    json!({"id": id, "surface": surface, "text": text}).to_string() + "\n"
}

#[test]
fn the_hello_names_surfaces_and_plants() {
    for (plant, planted) in [("", "null".to_owned()), ("torn-mode", "\"torn-mode\"".to_owned())] {
        let output = serve(plant, "");
        let commit = option_env!("LAKEHOUSE_COMMIT").unwrap_or("unknown");
        let plants = PLANTS.map(|name| format!("{name:?}")).join(",");
        let hello = format!(
            r#"{{"protocol":1,"runtime":"rust","version":"0.1.0","commit":"{commit}","surfaces":["subject_audit_files","audit_baselines"],"plants":[{plants}],"planted":{planted}}}"#
        );
        assert_eq!((String::from_utf8_lossy(&output.stdout), output.status.code()), ((hello + "\n").into(), Some(0)));
    }
}

#[test]
fn answers_come_in_order_and_remember_nothing() {
    let (one, other) = (Scratch::new(), Scratch::new());
    let verify = ["verify", "--subject", "W-1"];
    let input = [
        request(1, &one, &APPEND),
        request(2, &other, &verify),
        request(3, &one, &APPEND),
        request(4, &one, &verify),
        request(5, &other, &["baselines", "load", "none"]),
        request(6, &one, &["verify", "--subject"]),
        request(7, &other, &APPEND),
    ];
    let output = serve("", &input.concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let answers = &lines(&output)[1..];
    let ids: Vec<_> = answers.iter().map(|line| line["id"].as_u64().expect("it has one")).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7]);
    let answers: Vec<Value> = answers
        .iter()
        .map(|line| serde_json::from_str(line["text"].as_str().expect("it is text")).expect("it is JSON"))
        .collect();
    let told: Vec<_> =
        answers.iter().map(|answer| (answer["answer"]["count"].clone(), answer["exit"].clone())).collect();
    let expected =
        [(json!(1), 0), (json!(0), 5), (json!(2), 0), (json!(2), 3), (json!(0), 5), (Value::Null, 2), (json!(1), 0)];
    assert_eq!(told, expected.map(|(count, exit)| (count, json!(exit))));
    assert_eq!(answers[5], json!({"answer": null, "exit": 2}));
    assert_eq!(answers[6], answers[0]);
}

#[test]
fn a_bad_request_ends_with_2_behind_the_answers_before_it() {
    let scratch = Scratch::new();
    for bad in [
        "{",
        r#"{"id":2,"surface":"subject_audit","text":"{}"}"#,
        r#"{"id":2,"surface":"audit_baselines","text":"{}"}"#,
        r#"{"id":2,"surface":"audit_baselines","text":"{\"arguments\":[],\"directory\":1}"}"#,
    ] {
        let output = serve("", &format!("{}{bad}\n{}", request(1, &scratch, &["verify"]), request(3, &scratch, &[])));
        assert_eq!(output.status.code(), Some(2), "{bad}");
        assert!(String::from_utf8_lossy(&output.stderr).starts_with("cannot answer the request: "), "{bad}");
        let expected = json!({"id": 1, "text": r#"{"answer":{"subjects":[]},"exit":5}"#});
        assert_eq!(lines(&output)[1..], [expected], "{bad}");
    }
}

#[test]
fn an_unknown_plant_ends_with_2_and_lists_the_known_ones() {
    for plant in ["rose", "mac-prefix", "last-object"] {
        let output = serve(plant, "");
        let log = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{log}");
        assert!(log.ends_with(&format!("the known ones are {}.\n", PLANTS.join(", "))), "{log}");
    }
}

#[test]
fn a_plant_reaches_the_answers_and_the_process_remembers() {
    for (plant, exit) in [("", 1), ("tip-remembered", 3)] {
        let scratch = Scratch::new();
        let mut command = audit(&scratch);
        command.arg("serve").env("LAKEHOUSE_PLANT", plant).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it was built beside this test");
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        let mut answers = BufReader::new(child.stdout.take().expect("standard output is a pipe")).lines();
        let mut next = || answers.next().expect("there is a line").expect("it is text");
        next();
        stdin.write_all(request(1, &scratch, &APPEND).as_bytes()).expect("it reads");
        next();
        let log = OpenOptions::new().append(true).open(scratch.path(LOG));
        log.expect("it is there").write_all(b"{}\n").expect("there is room");
        stdin.write_all(request(2, &scratch, &["verify", "--subject", "W-1"]).as_bytes()).expect("it reads");
        let answer = next();
        assert!(answer.ends_with(&format!(",\\\"exit\\\":{exit}}}\"}}")), "{plant}: {answer}");
        drop(stdin);
        assert!(child.wait().expect("it ends").success());
    }
}
