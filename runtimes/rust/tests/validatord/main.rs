//! The service as the harness sees it: a process with a port, an environment and an exit code.

mod client;
#[path = "../common/client.rs"]
mod common;
mod connections;
mod plants;
mod process;
mod refusals;
