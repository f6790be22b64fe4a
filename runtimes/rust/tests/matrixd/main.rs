//! The service as the harness sees it: a process with a port, a folder, an environment and an exit code.

#[path = "../common/client.rs"]
mod common;
mod lasting;
mod peers;
mod process;
mod refusals;
mod running;
