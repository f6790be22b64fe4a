use axum::http::Method;

use super::{Call, Found, find};

#[test]
fn calls_are_found() {
    let name = "a".repeat(64);
    for (method, path, call) in [
        (Method::POST, "/vectors/index/a_-0/add", Call::Add("a_-0".to_owned())),
        (Method::POST, "/vectors/index/add/search", Call::Search("add".to_owned())),
        (Method::POST, "/vectors/index/a/delete", Call::Delete("a".to_owned())),
        (Method::POST, "/vectors/index/a/save", Call::Save("a".to_owned())),
        (Method::POST, "/vectors/index/a/reload", Call::Reload("a".to_owned())),
        (Method::GET, &format!("/vectors/index/{name}"), Call::Describe(name.clone())),
        (Method::DELETE, "/vectors/index/a", Call::Drop("a".to_owned())),
        (Method::POST, "/vectors/hybrid", Call::Hybrid),
        (Method::POST, "/v1/matrix/search", Call::Learned),
        (Method::POST, "/v1/matrix/playbooks/record", Call::Record),
        (Method::DELETE, "/v1/tenant", Call::Forget),
    ] {
        assert_eq!(call.has_body(), method == Method::POST, "{path}");
        assert_eq!(find(path, &method, true), Found::Call(call.clone()), "{path}");
        for other in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS, Method::HEAD] {
            let is_this = other == method;
            match find(path, &other, true) {
                Found::Call(found) => assert_eq!(found == call, is_this, "{other} {path}"),
                Found::OtherMethods(methods) => assert!(!is_this && methods.contains(method.as_str()), "{path}"),
                found => panic!("{other} {path}: {found:?}"),
            }
        }
        let there = find(path, &method, false);
        let is_of_indexes = path.starts_with("/vectors/index/");
        assert_eq!(there, if is_of_indexes { Found::Nothing } else { Found::Call(call) }, "{path}");
    }
    assert_eq!(find("/health", &Method::GET, false), Found::Health);
}

#[test]
fn any_other_path_is_unknown() {
    let long = format!("/vectors/index/{}", "a".repeat(65));
    for path in [
        "/",
        "/vectors/index",
        "/vectors/index/",
        "/vectors/index//add",
        "/vectors/index/A/add",
        "/vectors/index/a.b",
        "/vectors/index/%61",
        "/vectors/index/a/",
        "/vectors/index/a/add/",
        "/vectors/index/a/Add",
        "/vectors/index/a/b/add",
        "/vectors/hybrid/",
        "/v1/matrix/retrieve",
        "/v1/matrix",
        "/health/",
        &long,
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            assert_eq!(find(path, &method, true), Found::Nothing, "{path}");
        }
    }
}
