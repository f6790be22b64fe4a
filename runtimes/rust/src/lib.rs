//! The Rust runtime's side of the parity contract.
//!
//! Two faces speak with the harness: [`protocol`] in JSON Lines, for the helper, and [`service`] in HTTP, for
//! `validatord`. Behind them are the surfaces, pure functions from bytes to bytes: [`extract`], [`validate`] and
//! [`validation_error`]. All of these stand on [`ijson`], which reads strictly (numbers through [`double`]), and
//! [`jcs`], which writes canonically.
//!
//! [`surface`] names the surfaces, [`identity`] says who answers, and [`plant`] names the planted bugs: it is the only
//! place that turns a name into options; everything else sees options whose `Default` keeps to the contract.

#![forbid(unsafe_code)]

pub mod double;
pub mod extract;
pub mod identity;
pub mod ijson;
pub mod jcs;
pub mod plant;
pub mod protocol;
pub mod service;
pub mod surface;
pub mod validate;
pub mod validation_error;
