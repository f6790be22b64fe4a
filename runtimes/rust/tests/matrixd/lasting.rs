//! What was acknowledged is there again, behind whatever end.

use crate::common::Service;
use crate::running::{ADD, FOUND, Folder, SEARCH, call, end, start};

#[test]
fn what_was_acknowledged_is_there_again() {
    let folder = Folder::new();
    let mut service = start(&folder, &[], None);
    call(&service, ADD).check(200, r#"{"added":2,"size":2,"updated":0}"#);
    call(&service, &ADD.replace("[0,1]", "[1]")).check(409, r#"{"State":{"reason":"wrong-dimension"}}"#);
    for signal in ["-KILL", "-TERM", "-KILL"] {
        end(service, signal);
        service = start(&folder, &[], None);
        call(&service, SEARCH).check(200, FOUND);
    }
    let saved = call(&service, "POST /vectors/index/a/save {}");
    let snapshot = saved.body.split('"').nth(5).expect("it has a name").to_owned();
    saved.check(200, &format!(r#"{{"size":2,"snapshot":"{snapshot}"}}"#));
    call(&service, "DELETE /vectors/index/a").check(200, r#"{"dropped":true}"#);
    end(service, "-KILL");
    service = start(&folder, &[], None);
    call(&service, SEARCH).check(404, r#"{"State":{"reason":"unknown-index"}}"#);
    let reload = format!("POST /vectors/index/a/reload {{\"snapshot\":\"{snapshot}\"}}");
    call(&service, &reload).check(200, r#"{"dimension":2,"size":2}"#);
    end(service, "-KILL");
    service = start(&folder, &[], None);
    call(&service, SEARCH).check(200, FOUND);
    call(&service, "DELETE /v1/tenant").check(200, r#"{"dropped":1}"#);
    assert!(!folder.path("data/t").exists());
}

#[test]
fn requests_at_once_are_as_if_one_came_behind_the_other() {
    let folder = Folder::new();
    let service = start(&folder, &[], None);
    let add = |service: &Service, number: usize| {
        let line = format!(r#"POST /vectors/index/a/add {{"items":[{{"id":"{number}","vector":[1,{number}]}}]}}"#);
        call(service, &line).body
    };
    let mut answers: Vec<_> = std::thread::scope(|scope| {
        let adding: Vec<_> = (0..4)
            .map(|thread| {
                let service = &service;
                scope.spawn(move || (0..25).map(|number| add(service, thread * 25 + number)).collect::<Vec<_>>())
            })
            .collect();
        adding.into_iter().flat_map(|adding| adding.join().expect("it ends")).collect()
    });
    let mut expected: Vec<_> = (1..=100).map(|size| format!(r#"{{"added":1,"size":{size},"updated":0}}"#)).collect();
    answers.sort();
    expected.sort();
    assert_eq!(answers, expected);
    end(service, "-KILL");
    let service = start(&folder, &[], None);
    call(&service, "GET /vectors/index/a").check(200, r#"{"dimension":2,"size":100}"#);
}

#[test]
fn a_planted_bug_forgets_the_last_write_in_a_crash_alone() {
    for (signal, size) in [("-KILL", 2), ("-TERM", 3)] {
        let folder = Folder::new();
        let service = start(&folder, &[], Some("crash-forgets"));
        call(&service, ADD);
        call(&service, r#"POST /vectors/index/a/add {"items":[{"id":"z","vector":[1,1]}]}"#);
        end(service, signal);
        let service = start(&folder, &[], Some("crash-forgets"));
        call(&service, "GET /vectors/index/a").check(200, &format!(r#"{{"dimension":2,"size":{size}}}"#));
    }
}
