//! Starting `matrixd` on a folder of its own, and what is asked of it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, process};

use crate::common::{Answer, Service, request};

/// A folder for a test, gone with it.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("lakehouse-matrixd-{}-{number}", process::id()));
        fs::create_dir(&folder).expect("nobody else uses this name");
        Self(folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The folder that the service is given, as text.
    pub fn data(&self) -> String {
        self.path("data").display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

pub fn command(arguments: &[&str], plant: Option<&str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_matrixd"));
    command.args(arguments).env_remove("LAKEHOUSE_PLANT").stdin(Stdio::null()).stderr(Stdio::piped());
    if let Some(plant) = plant {
        command.env("LAKEHOUSE_PLANT", plant);
    }
    command
}

/// The service on `folder`, with further options.
pub fn start(folder: &Folder, more: &[&str], plant: Option<&str>) -> Service {
    let data = folder.data();
    Service::start(|port| {
        let port = port.to_string();
        command(&[&["--port", &port, "--data", &data], more].concat(), plant)
    })
}

/// The answer to a call, such as `POST /v1/matrix/search {...}`, of the tenant `t`.
pub fn call(service: &Service, line: &str) -> Answer {
    let (method, rest) = line.split_once(' ').expect("a call has a path");
    let (path, body) = rest.split_once(' ').unwrap_or((rest, ""));
    let headers = "content-type: application/json\r\nx-lakehouse-tenant: t\r\n";
    service.ask(request(&format!("{method} {path}"), headers, body))
}

/// Ends the service with `signal`: its exit code, and what it said.
pub fn end(mut service: Service, signal: &str) -> (Option<i32>, String) {
    let killed = Command::new("kill").args([signal, &service.child.id().to_string()]).status();
    assert!(killed.expect("kill is there").success());
    let status = service.child.wait().expect("it is a child of this process");
    let mut log = String::new();
    let mut stderr = service.child.stderr.take().expect("it is a pipe");
    std::io::Read::read_to_string(&mut stderr, &mut log).expect("the log is text");
    (status.code(), log)
}

pub const ADD: &str =
    r#"POST /vectors/index/a/add {"items":[{"id":"x","vector":[1,0],"metadata":{"n":1.0}},{"id":"y","vector":[0,1]}]}"#;
pub const SEARCH: &str = r#"POST /vectors/index/a/search {"vector":[3,4],"k":5}"#;
pub const FOUND: &str = r#"{"hits":[{"distance":0.2,"id":"y","metadata":{},"rank":1},{"distance":0.4,"id":"x","metadata":{"n":1},"rank":2}],"size":2}"#;
