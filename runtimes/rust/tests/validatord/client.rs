//! Starting `validatord`, and what is asked of it.

use std::process::{Command, Stdio};

pub use crate::common::{Answer, Service, free_port, request};

/// A request that is accepted, and its answer.
pub const GOOD: &str = concat!(
    r#"{"kind":"fill","order":{"id":"7","role":"Cook","city":"Aurora","state":"IL","headcount":1},"#,
    r#""roster":[{"id":"w-1","role":"Cook","city":"Aurora","state":"IL"}],"artifact":{"worker_ids":["w-1"]}}"#,
);
pub const ACCEPTED: &str = r#"{"accepted":true,"kind":"fill","request_id":null}"#;

pub fn command(arguments: &[&str], plant: Option<&str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_validatord"));
    command.args(arguments).env_remove("LAKEHOUSE_PLANT").stdin(Stdio::null()).stderr(Stdio::piped());
    if let Some(plant) = plant {
        command.env("LAKEHOUSE_PLANT", plant);
    }
    command
}

pub fn start(plant: Option<&str>) -> Service {
    Service::start(|port| command(&["--port", &port.to_string()], plant))
}

/// The bytes of a request to validate `body`.
pub fn validate(body: impl AsRef<[u8]>) -> Vec<u8> {
    request("POST /v1/validate", "content-type: application/json\r\n", body)
}
