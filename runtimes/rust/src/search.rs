//! The surfaces `vectors` and `matrix`: named indexes of vectors, and search that learns from recordings (`search.md`).
//!
//! From the outside in: [`request`] reads a body, [`embedder`] makes vectors of its texts, [`store`] keeps what each
//! tenant was told, and [`answer`] writes what comes of it; [`matrix`] is a search on top of searches, be they of the
//! own store or, through [`remote`], of another service. What refuses a request is a [`refusal`].
//!
//! An [`index`] holds the truth, unit vectors ([`mod@unit`]) by id, and writes it to a [`journal`] before it answers.
//! [`nearest`] finds exactly; a [`graph`], which is a [`small_world`], only proposes whom to look at.
//! [`crate::matrixd`] carries it all over HTTP.

pub mod answer;
pub mod embedder;
pub mod folder;
pub mod graph;
pub mod index;
pub mod journal;
pub mod matrix;
pub mod nearest;
pub mod record;
pub mod refusal;
pub mod remote;
pub mod request;
pub mod small_world;
pub mod store;
pub mod unit;

use sha2::{Digest, Sha256};

use crate::ijson::{self, Numbers};

/// How to read what was written in canonical form: 1e20 becomes an integer of 21 digits there.
const CANONICAL: ijson::Options = ijson::Options {
    numbers: Numbers::IntegersRounded,
    keep_last_duplicate: false,
    replace_lone_surrogates: false,
    ignore_rest: false,
};

/// Departures of the store and its indexes, all of them planted bugs. The default departs from nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// How to order hits of one distance.
    pub ties: nearest::Ties,
    /// Let the search right behind a delete find the deleted id, where fewer than k are left.
    pub return_deleted: bool,
    /// Let an index that was saved once keep its vectors when it is dropped and made anew.
    pub keep_dropped: bool,
    /// Write what is acknowledged only when the next write comes, or at an orderly end.
    pub write_late: bool,
    /// Whom a search through a graph looks at.
    pub sight: index::Sight,
}

/// The first 16 hex digits of a hash.
fn digits_of(hash: Sha256) -> String {
    let digest = hash.finalize();
    let first = digest.first_chunk().expect("it has 32 bytes");
    format!("{:016x}", u64::from_be_bytes(*first))
}
