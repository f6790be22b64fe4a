//! `audit verify`: rules `verify-subject`, `verify-all` and `anchors-file`. It reads, and never writes nor locks.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;

use crate::chain::anchor::Anchor;
use crate::chain::verify::Verification;
use crate::chain::{self, Chain};
use crate::fault::{Fault, Kind, Reason};
use crate::files;
use crate::forms;
use crate::ijson::{self, Value};
use crate::lines::Lines;
use crate::mac::Key;

use super::command::Of;
use super::place::{self, LOG, MANIFEST, Place, SUBJECTS};
use super::{Audit, Outcome};

/// What to say where there is nothing to verify.
const NO_SUBJECT: &str = "subjects: there is no subject that could be verified";

/// The exit codes of verifications, the worst first.
const WORST_FIRST: [u8; 5] = [1, 5, 4, 3, 0];

/// Subjects, in the order of their bytes, each with its anchor if it has one.
type Anchored = BTreeMap<String, Option<Anchor>>;

impl Audit {
    pub(super) fn verify(&self, place: &Place<'_>, of: &Of<'_>, key: &str) -> Outcome {
        let key = place.key(key, self.key_guard());
        match of {
            Of::Subject { subject, anchor } => {
                let verification = match key {
                    Ok(key) => self.verification(place, subject, &key, anchor.as_ref()),
                    Err(fault) => Verification::failed(fault, None),
                };
                Outcome::of(verification.json(None), verification.error.as_ref())
            }
            Of::All { anchors } => {
                let subjects = key.and_then(|key| Ok((subjects(place, *anchors)?, key)));
                match subjects {
                    Ok((subjects, key)) => self.verify_all(place, &subjects, &key),
                    Err(fault) => {
                        let answer = format!("{{\"error\":{},\"subjects\":[]}}", Fault::json(Some(&fault)));
                        Outcome::of(answer, Some(&fault))
                    }
                }
            }
        }
    }

    fn verify_all(&self, place: &Place<'_>, subjects: &Anchored, key: &Key) -> Outcome {
        let mut answers = Vec::new();
        let mut faults = Vec::new();
        for (subject, anchor) in subjects {
            let verification = self.verification(place, subject, key, anchor.as_ref());
            answers.push(verification.json(Some(subject)));
            faults.extend(verification.error);
        }
        let answer = format!("{{\"subjects\":[{}]}}", answers.join(","));
        if subjects.is_empty() {
            let exit = Kind::Unreadable.exit_code();
            return Outcome { answer: Some(answer), exit, sentence: Some(NO_SUBJECT.to_owned()) };
        }
        let rank = |fault: &&Fault| WORST_FIRST.iter().position(|code| *code == fault.kind.exit_code());
        let outcome = Outcome::of(answer, faults.iter().min_by_key(rank));
        let (count, all) = (faults.len(), subjects.len());
        let sentence = outcome.sentence.map(|worst| format!("{count} of {all} subjects are not verified; {worst}"));
        Outcome { sentence, ..outcome }
    }

    fn verification(&self, place: &Place<'_>, subject: &str, key: &Key, anchor: Option<&Anchor>) -> Verification {
        let options = chain::Options::default();
        let (manifest, log) = (place::manifest(subject).into(), place::log(subject).into());
        let chain = Chain { subject, key, manifest, log, options };
        let manifest = place.open(&chain.manifest);
        let genesis = match manifest.and_then(|manifest| chain.genesis(&mut Lines::new(manifest))) {
            Ok(genesis) => genesis,
            Err(fault) => return Verification::failed(fault, None),
        };
        match place.open(&chain.log) {
            Ok(log) => chain.verify(genesis, &mut Lines::new(self.seen(log)), anchor),
            Err(fault) => Verification::failed(fault, Some(genesis)),
        }
    }

    /// As much of `log` as is looked at: all of it, unless a planted bug remembers a length.
    fn seen(&self, log: File) -> io::Take<File> {
        let file = log.metadata().ok().filter(|_| self.options.remember_tips);
        let remembered = file.and_then(|file| self.appended.get(&(file.dev(), file.ino())).copied());
        log.take(remembered.unwrap_or(u64::MAX))
    }
}

/// The subjects to verify: those that have a manifest or a log, and those in the file `anchors`.
fn subjects(place: &Place<'_>, anchors: Option<&str>) -> Result<Anchored, Fault> {
    let mut subjects = anchors.map_or(Ok(Anchored::new()), |name| read_anchors(place, name))?;
    let unreadable = |error: io::Error| Fault::unreadable(SUBJECTS, files::reason(&error));
    let folder = match fs::read_dir(place.path(SUBJECTS)).map_err(unreadable) {
        Ok(folder) => folder,
        Err(Fault { reason: Reason::Missing, .. }) => return Ok(subjects),
        Err(fault) => return Err(fault),
    };
    for entry in folder {
        let name = entry.map_err(unreadable)?.file_name();
        let subject = name.to_str().and_then(|name| name.strip_suffix(MANIFEST).or_else(|| name.strip_suffix(LOG)));
        if let Some(subject) = subject.filter(|subject| forms::is_subject(subject)) {
            subjects.entry(subject.to_owned()).or_default();
        }
    }
    Ok(subjects)
}

fn read_anchors(place: &Place<'_>, name: &str) -> Result<Anchored, Fault> {
    let fault = |reason| Fault::unreadable(name, reason);
    let text = place.text(name)?.ok_or_else(|| fault(Reason::AnchorsShape))?;
    let value = ijson::read(&text, ijson::Options::default()).map_err(|_| fault(Reason::NotJson))?;
    let Value::Object(members) = value else {
        return Err(fault(Reason::AnchorsShape));
    };
    let anchored = members.into_iter().map(|(subject, anchor)| match anchor {
        Value::String(anchor) if forms::is_subject(&subject) => Some((subject, Some(Anchor::parse(&anchor)?))),
        _ => None,
    });
    anchored.collect::<Option<_>>().ok_or_else(|| fault(Reason::AnchorsShape))
}
