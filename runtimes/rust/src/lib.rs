//! The Rust runtime's side of the parity contract.
//!
//! Two faces speak with the harness: [`protocol`] in JSON Lines, for the programs `helper` and `audit`, and
//! [`service`] in HTTP, for [`validatord`] and [`matrixd`]. Behind them are the surfaces. Most are pure functions from bytes to bytes:
//! [`extract`], [`validate`], [`validation_error`], [`subject_audit`] and [`embedding`], of which [`helper`] lists its
//! own. Two others are commands on a directory, which [`audit`] does, and two keep what they are told: [`search`]. All of these stand on [`ijson`], which reads strictly
//! (numbers through [`double`]), and [`jcs`], which writes canonically;
//! the requests of services are read through [`members`].
//!
//! What is audited has its own rooms: [`chain`] checks and makes rows, [`baselines`] compares metrics, both on whatever
//! can be read; [`mac`], [`lines`], [`forms`] and [`fault`] are their words, and [`files`] is what touches the disk.
//!
//! [`surface`] names the surfaces, [`identity`] says who answers, and [`plant`] names the planted bugs: it is the only
//! place that turns a name into options; everything else sees options whose `Default` keeps to the contract.

#![forbid(unsafe_code)]

pub mod audit;
pub mod baselines;
pub mod chain;
pub mod crc32;
pub mod double;
pub mod embedding;
pub mod extract;
pub mod fault;
pub mod files;
pub mod forms;
pub mod helper;
pub mod identity;
pub mod ijson;
pub mod jcs;
pub mod lines;
pub mod mac;
pub mod matrixd;
pub mod members;
pub mod plant;
pub mod protocol;
#[cfg(test)]
mod scratch;
pub mod search;
pub mod service;
pub mod subject_audit;
pub mod surface;
pub mod validate;
pub mod validation_error;
pub mod validatord;
