//! The program `audit` as a person, a script or the harness sees it.

mod at_once;
mod command_line;
mod full_disk;
mod permissions;
#[path = "../../src/scratch.rs"]
mod scratch;
mod serve;
