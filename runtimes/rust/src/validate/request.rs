//! A request whose Schema is in order. It borrows every text from what was read.

/// What is to go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Workers for an order.
    Fill,
    /// An e-mail to a worker.
    Email,
    /// A text message to a worker.
    Sms,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Fill, Self::Email, Self::Sms];

    /// Its name in requests and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fill => "fill",
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }
}

/// The whole request.
#[derive(Debug)]
pub struct Request<'a> {
    /// What is to go out.
    pub kind: Kind,
    /// The caller's name for this request, if it gave one.
    pub request_id: Option<&'a str>,
    /// What was ordered.
    pub order: Order<'a>,
    /// The workers that there are.
    pub roster: Vec<Worker<'a>>,
    /// The fill or the message itself.
    pub artifact: Artifact<'a>,
}

/// What was ordered, where, and how much of it.
#[derive(Debug)]
pub struct Order<'a> {
    /// Never empty.
    pub id: &'a str,
    /// What the workers have to be.
    pub role: &'a str,
    /// Where.
    pub city: &'a str,
    /// Where, as two letters.
    pub state: &'a str,
    /// How many workers, from 1 to 500.
    pub headcount: usize,
    /// The ids of workers that must not come.
    pub excluded_ids: Vec<&'a str>,
}

/// A worker of the roster.
#[derive(Debug)]
pub struct Worker<'a> {
    /// Never empty, but not yet known to be unique.
    pub id: &'a str,
    /// What the worker is.
    pub role: &'a str,
    /// Where.
    pub city: &'a str,
    /// Where, as two letters.
    pub state: &'a str,
    /// Where e-mails go, if that is known.
    pub email: Option<&'a str>,
    /// Where text messages go, if that is known.
    pub phone: Option<&'a str>,
}

/// The fill or the message itself.
#[derive(Debug)]
pub enum Artifact<'a> {
    /// Of [`Kind::Fill`].
    Fill {
        /// Who is to come.
        worker_ids: Vec<&'a str>,
    },
    /// Of [`Kind::Email`].
    Email {
        /// Whom it is about.
        worker_id: &'a str,
        /// The address.
        to: &'a str,
        /// The subject.
        subject: &'a str,
        /// The text.
        body: &'a str,
    },
    /// Of [`Kind::Sms`].
    Sms {
        /// Whom it is about.
        worker_id: &'a str,
        /// The phone number.
        to: &'a str,
        /// The text.
        body: &'a str,
    },
}

impl<'a> Artifact<'a> {
    /// The workers that it names, in its order.
    #[must_use]
    pub fn worker_ids(&self) -> &[&'a str] {
        match self {
            Self::Fill { worker_ids } => worker_ids,
            Self::Email { worker_id, .. } | Self::Sms { worker_id, .. } => std::slice::from_ref(worker_id),
        }
    }

    /// What somebody is to read: the subject and the body of an e-mail, the body of a text message.
    pub fn texts(&self) -> impl Iterator<Item = &'a str> {
        let (subject, body) = match *self {
            Self::Fill { .. } => (None, None),
            Self::Email { subject, body, .. } => (Some(subject), Some(body)),
            Self::Sms { body, .. } => (None, Some(body)),
        };
        subject.into_iter().chain(body)
    }
}
