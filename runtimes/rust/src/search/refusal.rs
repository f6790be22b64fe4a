//! Why a request is refused, and how that is answered.

use crate::jcs;
use crate::members::{Fault, Flaw};
use crate::validate;

/// What can be wrong with a request alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// What `validate` refuses too: the HTTP, the JSON, and members of the wrong shape.
    Common(validate::Reason),
    /// The name of a tenant or an index is none.
    BadName,
    /// A role is empty, or nothing but white space.
    Blank,
    /// Two items of one request have the same id.
    DuplicateId,
    /// Both or neither of `vector` and `text` are there.
    VectorOrText,
    /// A vector has no direction, or a text no token.
    ZeroVector,
}

impl Reason {
    /// More characters or names than there may be.
    pub const TOO_LONG: Self = Self::Common(validate::Reason::TooLong);
    /// An id without a character.
    pub const EMPTY_ID: Self = Self::Common(validate::Reason::EmptyId);
    /// Too small or too large, too few or too many.
    pub const OUT_OF_RANGE: Self = Self::Common(validate::Reason::OutOfRange);
    /// Not of its type.
    pub const WRONG_TYPE: Self = Self::Common(validate::Reason::WrongType);

    /// Its name in the contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Common(reason) => reason.name(),
            Self::BadName => "bad-name",
            Self::Blank => "blank",
            Self::DuplicateId => "duplicate-id",
            Self::VectorOrText => "vector-or-text",
            Self::ZeroVector => "zero-vector",
        }
    }

    fn status(self) -> u16 {
        match self {
            Self::Common(reason) => reason.status(),
            _ => 422,
        }
    }
}

impl From<Flaw> for Reason {
    fn from(flaw: Flaw) -> Self {
        Self::Common(flaw.into())
    }
}

impl From<validate::Reason> for Reason {
    fn from(reason: validate::Reason) -> Self {
        Self::Common(reason)
    }
}

/// What does not fit what is stored, or cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// There is no such index.
    UnknownIndex,
    /// There is no such id in the index.
    UnknownId,
    /// The index has no such snapshot.
    UnknownSnapshot,
    /// The index has another number of components.
    WrongDimension,
    /// The snapshot is not what was written.
    DamagedSnapshot,
    /// The embedder gives no answer, or one that is none.
    EmbedderUnreachable,
    /// The service that keeps the indexes gives no answer, or one that is none.
    VectordUnreachable,
}

impl State {
    /// Its name in the contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownIndex => "unknown-index",
            Self::UnknownId => "unknown-id",
            Self::UnknownSnapshot => "unknown-snapshot",
            Self::WrongDimension => "wrong-dimension",
            Self::DamagedSnapshot => "damaged-snapshot",
            Self::EmbedderUnreachable => "embedder-unreachable",
            Self::VectordUnreachable => "vectord-unreachable",
        }
    }

    fn status(self) -> u16 {
        match self {
            Self::UnknownIndex | Self::UnknownId | Self::UnknownSnapshot => 404,
            Self::WrongDimension | Self::DamagedSnapshot => 409,
            Self::EmbedderUnreachable | Self::VectordUnreachable => 502,
        }
    }
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// By what stands in the request.
    Schema(Fault<Reason>),
    /// By what is stored, or not to be reached.
    State(State),
    /// By the service that keeps the indexes, word for word.
    Relayed(Reply),
}

impl Refusal {
    /// Whether it says that there is no such index, or none of that dimension, here or there.
    #[must_use]
    pub fn is_of_index(&self) -> bool {
        match self {
            Self::State(state) => matches!(state, State::UnknownIndex | State::WrongDimension),
            Self::Relayed(reply) => matches!(reply.status, 404 | 409),
            Self::Schema(_) => false,
        }
    }
}

impl From<Fault<Reason>> for Refusal {
    fn from(fault: Fault<Reason>) -> Self {
        Self::Schema(fault)
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self::Schema(reason.into())
    }
}

impl From<State> for Refusal {
    fn from(state: State) -> Self {
        Self::State(state)
    }
}

/// What a request is answered with, as `application/json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body, with nothing behind it.
    pub body: String,
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Schema(Fault { field, reason }) => {
                let mut body = String::from("{\"Schema\":{\"field\":");
                jcs::write_string(&field, &mut body);
                Self { status: reason.status(), body: body + &format!(",\"reason\":\"{}\"}}}}", reason.name()) }
            }
            Refusal::State(state) => {
                Self { status: state.status(), body: format!("{{\"State\":{{\"reason\":\"{}\"}}}}", state.name()) }
            }
            Refusal::Relayed(reply) => reply,
        }
    }
}
