//! Protocol 1 between the harness and a program that answers it: JSON Lines, described in `helper.md`.
//!
//! It knows nothing of the surfaces: whoever serves says which, and how one is answered.
//!
//! Decisions where the contract leaves room:
//! - A line beyond 16 MiB is a fault of the caller; so a line that never ends cannot fill the memory.
//! - A last line without its line feed is a request like any other. An empty line is none.
//! - Requests that were read before a faulty one are answered before the fault is reported.
//! - An `id` is at most 2^64 - 1, though the schema knows no upper bound.
//! - `refused`, `rules` and `base64` are never answered: no surface here declines a case, naming rules is
//!   optional, and canonical JSON is always text.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::process::ExitCode;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Deserializer, Serialize};

use crate::identity::{COMMIT, RUNTIME, VERSION};
use crate::plant::{Options, Plant};
use crate::surface::Surface;

/// The longest request in bytes, its line feed not counted.
pub const MAX_LINE: usize = 16 << 20;

/// Output is flushed when so much of it waits; input is read in pieces of the same size.
const BUFFER: usize = 64 << 10;

/// The caller is at fault: an unknown plant, or a request that nobody could answer.
const CALLER_AT_FAULT: u8 = 2;

/// Why serving stopped before the end of its input.
#[derive(Debug)]
pub enum Stop {
    /// The caller's fault: a request that nobody could answer, and why.
    Request(String),
    /// Input or output failed.
    Io(io::Error),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(why) => write!(f, "cannot answer the request: {why}"),
            Self::Io(error) => write!(f, "input or output failed: {error}"),
        }
    }
}

impl std::error::Error for Stop {}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

#[derive(Serialize)]
struct Hello {
    protocol: u8,
    runtime: &'static str,
    version: &'static str,
    commit: &'static str,
    surfaces: Vec<&'static str>,
    plants: Vec<&'static str>,
    planted: Option<&'static str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request<'a> {
    id: u64,
    #[serde(borrow)]
    surface: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "present")]
    text: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "present")]
    base64: Option<Cow<'a, str>>,
}

/// A request for one of the surfaces that are served.
#[derive(Debug)]
struct Case<'a> {
    id: u64,
    surface: Surface,
    input: Cow<'a, [u8]>,
}

#[derive(Serialize)]
struct Answer<'a> {
    id: u64,
    text: &'a str,
}

/// Serde alone would take `null` for an absent member, and would not borrow inside of an `Option`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Cow<'de, str>>, D::Error> {
    #[derive(Deserialize)]
    struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);

    Borrowed::deserialize(deserializer).map(|borrowed| Some(borrowed.0))
}

/// Serves `surfaces` on standard input and output, with the plant that the environment names, and returns how to end.
///
/// `answerer` makes of the options what answers: a surface's input to its output, or why that is no request.
pub fn run<A: FnMut(Surface, &[u8]) -> Result<String, String>>(
    surfaces: &'static [Surface],
    answerer: impl FnOnce(Options) -> A,
) -> ExitCode {
    let plant = match Plant::of_environment(surfaces) {
        Ok(plant) => plant,
        Err(unknown) => {
            eprintln!("{unknown}");
            return ExitCode::from(CALLER_AT_FAULT);
        }
    };
    let answer = answerer(plant.map(Plant::options).unwrap_or_default());
    match serve(io::stdin().lock(), io::stdout().lock(), surfaces, plant, answer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            eprintln!("{stop}");
            match stop {
                Stop::Io(_) => ExitCode::FAILURE,
                Stop::Request(_) => ExitCode::from(CALLER_AT_FAULT),
            }
        }
    }
}

/// Says hello on `output`, then answers the requests of `input` until it ends.
///
/// # Errors
///
/// [`Stop::Request`] if the caller is at fault, [`Stop::Io`] if reading or writing fails.
pub fn serve(
    input: impl Read,
    output: impl Write,
    surfaces: &'static [Surface],
    plant: Option<&'static Plant>,
    answer: impl FnMut(Surface, &[u8]) -> Result<String, String>,
) -> Result<(), Stop> {
    let mut input = BufReader::with_capacity(BUFFER, input);
    let mut output = BufWriter::with_capacity(BUFFER, output);
    say_hello(&mut output, surfaces, plant)?;
    let served = answer_all(&mut input, &mut output, surfaces, answer);
    output.flush()?;
    served
}

fn say_hello(mut output: impl Write, surfaces: &'static [Surface], plant: Option<&'static Plant>) -> io::Result<()> {
    let hello = Hello {
        protocol: 1,
        runtime: RUNTIME,
        version: VERSION,
        commit: COMMIT,
        surfaces: surfaces.iter().map(|surface| surface.name()).collect(),
        plants: Plant::all_of(surfaces).map(|plant| plant.name).collect(),
        planted: plant.map(|plant| plant.name),
    };
    write_line(&mut output, &hello)?;
    output.flush()
}

fn answer_all(
    input: &mut BufReader<impl Read>,
    output: &mut impl Write,
    surfaces: &[Surface],
    mut answer: impl FnMut(Surface, &[u8]) -> Result<String, String>,
) -> Result<(), Stop> {
    let mut line = Vec::new();
    loop {
        if !input.buffer().contains(&b'\n') {
            output.flush()?;
        }
        line.clear();
        let most = MAX_LINE as u64 + 1;
        input.by_ref().take(most).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(());
        }
        if line.len() > MAX_LINE && !line.ends_with(b"\n") {
            return Err(Stop::Request(format!("its line is longer than {MAX_LINE} bytes")));
        }
        let case = parse(&line, surfaces)?;
        let text = answer(case.surface, &case.input).map_err(Stop::Request)?;
        write_line(output, &Answer { id: case.id, text: &text })?;
    }
}

fn parse<'a>(line: &'a [u8], surfaces: &[Surface]) -> Result<Case<'a>, Stop> {
    // Serde would fill the request from an array as well, member by member.
    if !line.trim_ascii_start().starts_with(b"{") {
        return Err(Stop::Request("it is not a JSON object".to_owned()));
    }
    let request: Request = serde_json::from_slice(line).map_err(|error| Stop::Request(error.to_string()))?;
    let Some(surface) = surfaces.iter().copied().find(|surface| surface.name() == request.surface) else {
        let served: Vec<_> = surfaces.iter().map(|surface| surface.name()).collect();
        let served = served.join(" and ");
        let why = format!("it is for the surface {:?}, but only {served} are served", request.surface);
        return Err(Stop::Request(why));
    };
    let input = match (request.text, request.base64) {
        (Some(Cow::Borrowed(text)), None) => Cow::Borrowed(text.as_bytes()),
        (Some(Cow::Owned(text)), None) => Cow::Owned(text.into_bytes()),
        (None, Some(base64)) => Cow::Owned(
            BASE64.decode(base64.as_bytes()).map_err(|error| Stop::Request(format!("its base64 is bad: {error}")))?,
        ),
        _ => return Err(Stop::Request("it must hold either text or base64".to_owned())),
    };
    Ok(Case { id: request.id, surface, input })
}

fn write_line(output: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *output, line)?;
    output.write_all(b"\n")
}

#[cfg(test)]
mod tests;
