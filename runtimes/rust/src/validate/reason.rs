//! The closed list of reasons.

use crate::members::Flaw;
use crate::validation_error::{Category, ValidationError};

/// Why a request is refused: the contract's rule that it breaks.
///
/// They stand in the order of `validate.rules.toml`, and compare so: of two violations the lesser one is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The path is none of the service's.
    UnknownPath,
    /// The path does not take the method.
    MethodNotAllowed,
    /// The body is not said to be JSON.
    UnsupportedMediaType,
    /// The body is said to be encoded.
    UnsupportedContentEncoding,
    /// The body is longer than the service reads.
    BodyTooLarge,
    /// The body is not UTF-8.
    InvalidUtf8,
    /// The body is not one JSON text, or nested too deeply.
    MalformedJson,
    /// The body escapes half of a surrogate pair.
    LoneSurrogate,
    /// The body holds a number that is too large.
    NumberOutOfRange,
    /// The body holds an object with two members of one name.
    DuplicateMember,

    /// The root is not an object.
    NotAnObject,
    /// A required member is not there.
    MissingField,
    /// A member or an item is not of its type.
    WrongType,
    /// `kind` is none of the three.
    UnknownKind,
    /// `request_id` is too long.
    TooLong,
    /// The id of the order or of a worker is empty.
    EmptyId,
    /// A state is not two upper-case letters.
    BadState,
    /// `headcount` is not whole.
    NotWhole,
    /// `headcount` is too small or too large.
    OutOfRange,

    /// The roster holds no worker.
    EmptyRoster,
    /// A fill names too few workers.
    TooFewFills,
    /// A message is to nobody.
    MissingRecipient,
    /// An e-mail has no subject.
    EmptySubject,
    /// A message has no body.
    EmptyBody,
    /// An e-mail's body does not hold the order's id.
    OrderNotMentioned,

    /// Two workers of the roster have one id.
    DuplicateRosterId,
    /// A fill names too many workers.
    TooManyFills,
    /// A worker is not in the roster.
    UnknownWorker,
    /// A fill names a worker twice.
    DuplicateWorker,
    /// A worker's role is not the order's.
    RoleMismatch,
    /// A worker's city is not the order's.
    CityMismatch,
    /// A worker's state is not the order's.
    StateMismatch,
    /// A message is to somebody else than its worker.
    RecipientMismatch,

    /// A worker is among those that the order excludes.
    ExcludedWorker,
    /// A text message is too long.
    SmsTooLong,
    /// An e-mail's subject is too long.
    SubjectTooLong,
    /// A message holds a placeholder of its template.
    PlaceholderLeft,
    /// A text message holds a link.
    LinkInSms,
    /// A message holds a social security number.
    SocialSecurityNumber,
}

impl Reason {
    /// Its name in the contract and in an answer.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownPath => "unknown-path",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::UnsupportedContentEncoding => "unsupported-content-encoding",
            Self::BodyTooLarge => "body-too-large",
            Self::InvalidUtf8 => "invalid-utf8",
            Self::MalformedJson => "malformed-json",
            Self::LoneSurrogate => "lone-surrogate",
            Self::NumberOutOfRange => "number-out-of-range",
            Self::DuplicateMember => "duplicate-member",
            Self::NotAnObject => "not-an-object",
            Self::MissingField => "missing-field",
            Self::WrongType => "wrong-type",
            Self::UnknownKind => "unknown-kind",
            Self::TooLong => "too-long",
            Self::EmptyId => "empty-id",
            Self::BadState => "bad-state",
            Self::NotWhole => "not-whole",
            Self::OutOfRange => "out-of-range",
            Self::EmptyRoster => "empty-roster",
            Self::TooFewFills => "too-few-fills",
            Self::MissingRecipient => "missing-recipient",
            Self::EmptySubject => "empty-subject",
            Self::EmptyBody => "empty-body",
            Self::OrderNotMentioned => "order-not-mentioned",
            Self::DuplicateRosterId => "duplicate-roster-id",
            Self::TooManyFills => "too-many-fills",
            Self::UnknownWorker => "unknown-worker",
            Self::DuplicateWorker => "duplicate-worker",
            Self::RoleMismatch => "role-mismatch",
            Self::CityMismatch => "city-mismatch",
            Self::StateMismatch => "state-mismatch",
            Self::RecipientMismatch => "recipient-mismatch",
            Self::ExcludedWorker => "excluded-worker",
            Self::SmsTooLong => "sms-too-long",
            Self::SubjectTooLong => "subject-too-long",
            Self::PlaceholderLeft => "placeholder-left",
            Self::LinkInSms => "link-in-sms",
            Self::SocialSecurityNumber => "social-security-number",
        }
    }

    /// Which kind of error it is a reason of; the kinds follow each other in the list.
    #[must_use]
    pub fn category(self) -> Category {
        match self {
            _ if self <= Self::OutOfRange => Category::Schema,
            _ if self <= Self::OrderNotMentioned => Category::Completeness,
            _ if self <= Self::RecipientMismatch => Category::Consistency,
            _ => Category::Policy,
        }
    }

    /// The HTTP status that it is answered with.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::UnknownPath => 404,
            Self::MethodNotAllowed => 405,
            Self::UnsupportedMediaType | Self::UnsupportedContentEncoding => 415,
            Self::BodyTooLarge => 413,
            Self::InvalidUtf8
            | Self::MalformedJson
            | Self::LoneSurrogate
            | Self::NumberOutOfRange
            | Self::DuplicateMember => 400,
            _ => 422,
        }
    }
}

impl From<Flaw> for Reason {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::MissingField => Self::MissingField,
            Flaw::WrongType => Self::WrongType,
            Flaw::NotWhole => Self::NotWhole,
            Flaw::OutOfRange => Self::OutOfRange,
        }
    }
}

impl AsRef<str> for Reason {
    fn as_ref(&self) -> &str {
        self.name()
    }
}

/// The error of a reason that no single member is to blame for: the field of a `Schema` is empty.
impl From<Reason> for ValidationError<Reason> {
    fn from(reason: Reason) -> Self {
        Self::new(reason.category(), String::new(), reason)
    }
}
