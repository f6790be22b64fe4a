//! The Rust runtime's side of the parity contract.
//!
//! From the outside in: [`protocol`] speaks JSON Lines with the harness, [`extract`] is the one surface,
//! [`ijson`] reads strictly (numbers through [`double`]) and [`jcs`] writes canonically. [`plant`] names the
//! planted bugs and is the only place that turns a name into options; everything else sees options whose
//! `Default` keeps to the contract.

#![forbid(unsafe_code)]

pub mod double;
pub mod extract;
pub mod ijson;
pub mod jcs;
pub mod plant;
pub mod protocol;
