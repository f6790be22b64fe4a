//! `audit baselines`.

use std::io::{self, ErrorKind, Read, Seek};

use crate::baselines::drift::{self, table};
use crate::baselines::entry::Entry;
use crate::baselines::{Summary, check};
use crate::fault::{Fault, Kind, Reason};
use crate::files;
use crate::lines::Lines;

use super::Outcome;
use super::command::Baselines;
use super::place::Place;

/// `null`, where there is no number or no value.
const NULL: &str = "null";

pub fn run(place: &Place<'_>, command: &Baselines<'_>, options: drift::Options) -> Outcome {
    match *command {
        Baselines::Load { file } => counted(&load(place, file)),
        Baselines::Append { file, entry } => counted(&append(place, file, entry).map_err(|fault| (None, fault))),
        Baselines::Copy { file, to } => counted(&copy(place, file, to).map_err(|fault| (None, fault))),
        Baselines::Last { file } => {
            let summary = summary(place, file);
            let last = summary.as_ref().ok().and_then(Summary::ends).map(|(_, last)| last.canonical());
            let error = Fault::json(summary.as_ref().err());
            let answer = format!("{{\"error\":{error},\"last\":{}}}", last.as_deref().unwrap_or(NULL));
            Outcome::of(answer, summary.as_ref().err())
        }
        Baselines::Drift { file } => {
            let summary = summary(place, file);
            let table =
                |summary: &Summary| summary.ends().map_or("[]".to_owned(), |(first, last)| table(first, last, options));
            let drift = summary.as_ref().map_or(NULL.to_owned(), table);
            let answer = format!("{{\"drift\":{drift},\"error\":{}}}", Fault::json(summary.as_ref().err()));
            Outcome::of(answer, summary.as_ref().err())
        }
    }
}

/// A count, or a fault and perhaps how many entries are sound before it.
type Counted = Result<u64, (Option<u64>, Fault)>;

fn counted(counted: &Counted) -> Outcome {
    let (count, fault) = match counted {
        Ok(count) => (Some(*count), None),
        Err((count, fault)) => (*count, Some(fault)),
    };
    let count = count.map_or(NULL.to_owned(), |count| count.to_string());
    Outcome::of(format!("{{\"count\":{count},\"error\":{}}}", Fault::json(fault)), fault)
}

fn load(place: &Place<'_>, name: &str) -> Counted {
    let file = place.open(name).map_err(|fault| (Some(0), fault))?;
    let checked = check(name, &mut Lines::new(file));
    checked.map(|summary| summary.count).map_err(|(count, fault)| (Some(count), fault))
}

fn summary(place: &Place<'_>, name: &str) -> Result<Summary, Fault> {
    check(name, &mut Lines::new(place.open(name)?)).map_err(|(_, fault)| fault)
}

fn append(place: &Place<'_>, name: &str, entry: &str) -> Result<u64, Fault> {
    let refused = |reason| Fault::of_file(entry, Kind::Refused, reason);
    let text = place.text(entry)?.ok_or_else(|| refused(Reason::LineTooLong))?;
    let line = Entry::read(&text).and_then(|entry| entry.line()).map_err(refused)?;
    let file = place.lock_or_make(name, files::FILE_MODE)?;
    let summary = check(name, &mut Lines::new(&file)).map_err(|(_, fault)| fault)?;
    files::append(&file, line.as_bytes()).map_err(|_| Fault::unwritten(name))?;
    Ok(summary.count + 1)
}

fn copy(place: &Place<'_>, name: &str, to: &str) -> Result<u64, Fault> {
    let mut file = place.open(name)?;
    let summary = check(name, &mut Lines::new(&file)).map_err(|(_, fault)| fault)?;
    let copied = files::replace(&place.path(to), |mut beside| {
        // What was appended behind the check is not copied.
        file.rewind()?;
        let copied = io::copy(&mut (&file).take(summary.length), &mut beside)?;
        if copied == summary.length { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
    });
    copied.map_err(|_| Fault::unwritten(to))?;
    Ok(summary.count)
}
