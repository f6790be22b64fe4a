//! The rules behind Schema: Completeness, Consistency and Policy, each in the contract's order.

use std::collections::{BTreeMap, BTreeSet};

use super::request::{Artifact, Request, Worker};
use super::{Reason, ssn, text};

/// So many characters an e-mail's subject has at most.
const MAX_SUBJECT: usize = 120;

/// How long a text message may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SmsLimit {
    /// 160 characters, as the contract has it (rule `sms-too-long`).
    #[default]
    Characters160,
    /// One more: a planted bug.
    Characters161,
    /// 160 bytes of UTF-8: a planted bug.
    Bytes160,
}

impl SmsLimit {
    fn is_exceeded_by(self, body: &str) -> bool {
        match self {
            Self::Characters160 => text::length(body) > 160,
            Self::Characters161 => text::length(body) > 161,
            Self::Bytes160 => body.len() > 160,
        }
    }
}

/// Departures from the rules, all of them planted bugs. The default departs from nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// How long a text message may be.
    pub sms_limit: SmsLimit,
    /// Look at `excluded-worker` before `role-mismatch`, for each worker, instead of behind Consistency.
    pub exclude_early: bool,
    /// Compare cities without folding letters.
    pub match_city_case: bool,
    /// Take a phone number for a social security number as well.
    pub phone_is_ssn: bool,
}

fn refuse_if(is_broken: bool, reason: Reason) -> Result<(), Reason> {
    if is_broken { Err(reason) } else { Ok(()) }
}

/// Rules `empty-roster` to `order-not-mentioned`.
///
/// # Errors
///
/// The first rule that `request` breaks.
pub fn completeness(request: &Request) -> Result<(), Reason> {
    refuse_if(request.roster.is_empty(), Reason::EmptyRoster)?;
    match &request.artifact {
        Artifact::Fill { worker_ids } => refuse_if(worker_ids.len() < request.order.headcount, Reason::TooFewFills),
        Artifact::Email { to, subject, body, .. } => {
            refuse_if(text::is_blank(to), Reason::MissingRecipient)?;
            refuse_if(text::is_blank(subject), Reason::EmptySubject)?;
            refuse_if(text::is_blank(body), Reason::EmptyBody)?;
            refuse_if(!body.contains(request.order.id), Reason::OrderNotMentioned)
        }
        Artifact::Sms { to, body, .. } => {
            refuse_if(text::is_blank(to), Reason::MissingRecipient)?;
            refuse_if(text::is_blank(body), Reason::EmptyBody)
        }
    }
}

/// Rules `duplicate-roster-id` to `recipient-mismatch`.
///
/// # Errors
///
/// The first rule that `request` breaks.
pub fn consistency(request: &Request, options: Options) -> Result<(), Reason> {
    let Request { order, artifact, .. } = request;
    let roster = by_id(&request.roster)?;
    let is_fill = matches!(artifact, Artifact::Fill { .. });
    refuse_if(is_fill && artifact.worker_ids().len() > order.headcount, Reason::TooManyFills)?;

    let mut named = BTreeSet::new();
    for id in artifact.worker_ids() {
        let worker = roster.get(id).ok_or(Reason::UnknownWorker)?;
        refuse_if(!named.insert(id), Reason::DuplicateWorker)?;
        refuse_if(options.exclude_early && order.excluded_ids.contains(id), Reason::ExcludedWorker)?;
        refuse_if(!text::is_same_name(worker.role, order.role), Reason::RoleMismatch)?;
        refuse_if(!is_same_city(worker.city, order.city, options), Reason::CityMismatch)?;
        refuse_if(worker.state != order.state, Reason::StateMismatch)?;
        refuse_if(is_misdirected(artifact, worker), Reason::RecipientMismatch)?;
    }
    Ok(())
}

/// Rules `excluded-worker` to `social-security-number`.
///
/// # Errors
///
/// The first rule that `request` breaks.
pub fn policy(request: &Request, options: Options) -> Result<(), Reason> {
    let Request { order, artifact, .. } = request;
    let excluded: BTreeSet<_> = order.excluded_ids.iter().collect();
    refuse_if(artifact.worker_ids().iter().any(|id| excluded.contains(id)), Reason::ExcludedWorker)?;

    match artifact {
        Artifact::Fill { .. } => {}
        Artifact::Email { subject, .. } => {
            refuse_if(text::length(subject) > MAX_SUBJECT, Reason::SubjectTooLong)?;
        }
        Artifact::Sms { body, .. } => refuse_if(options.sms_limit.is_exceeded_by(body), Reason::SmsTooLong)?,
    }
    refuse_if(artifact.texts().any(|text| text.contains("{{")), Reason::PlaceholderLeft)?;
    if let Artifact::Sms { body, .. } = artifact {
        let is_linked = ["http://", "https://"].into_iter().any(|scheme| text::holds_folded(body, scheme));
        refuse_if(is_linked, Reason::LinkInSms)?;
    }
    let is_secret = |text| ssn::holds_number(text) || options.phone_is_ssn && ssn::holds_phone(text);
    refuse_if(artifact.texts().any(is_secret), Reason::SocialSecurityNumber)
}

/// The roster by its ids, which may each stand there once.
fn by_id<'r, 'a>(roster: &'r [Worker<'a>]) -> Result<BTreeMap<&'a str, &'r Worker<'a>>, Reason> {
    let mut by_id = BTreeMap::new();
    for worker in roster {
        refuse_if(by_id.insert(worker.id, worker).is_some(), Reason::DuplicateRosterId)?;
    }
    Ok(by_id)
}

fn is_same_city(a: &str, b: &str, options: Options) -> bool {
    if options.match_city_case { text::trimmed(a) == text::trimmed(b) } else { text::is_same_name(a, b) }
}

/// Whether a message goes elsewhere than to `worker`, where the roster tells the way.
fn is_misdirected(artifact: &Artifact, worker: &Worker) -> bool {
    match *artifact {
        Artifact::Fill { .. } => false,
        Artifact::Email { to, .. } => worker.email.is_some_and(|email| email != to),
        Artifact::Sms { to, .. } => worker.phone.is_some_and(|phone| phone != to),
    }
}
