//! The command line.

use std::collections::BTreeMap;

use crate::chain::anchor::Anchor;
use crate::forms;

/// The command lines, for a person.
pub const USAGE: &str = "append --subject S --event FILE [--key FILE] | \
    verify [--subject S [--anchor COUNT:TIP] | --anchors FILE] [--key FILE] | recover --subject S | \
    baselines load FILE | baselines last FILE | baselines append FILE --entry FILE | baselines copy FILE TO | \
    baselines drift FILE | serve";

/// The key's file, unless one is named.
const KEY: &str = "audit.key";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command<'a> {
    Append { subject: &'a str, event: &'a str, key: &'a str },
    Verify { of: Of<'a>, key: &'a str },
    Recover { subject: &'a str },
    Baselines(Baselines<'a>),
}

/// What to verify.
#[derive(Debug, PartialEq, Eq)]
pub enum Of<'a> {
    Subject { subject: &'a str, anchor: Option<Anchor> },
    All { anchors: Option<&'a str> },
}

/// What to do with the file of baselines `file`.
#[derive(Debug, PartialEq, Eq)]
pub enum Baselines<'a> {
    Load { file: &'a str },
    Last { file: &'a str },
    Append { file: &'a str, entry: &'a str },
    Copy { file: &'a str, to: &'a str },
    Drift { file: &'a str },
}

impl<'a> Command<'a> {
    /// The command that `arguments` are.
    ///
    /// # Errors
    ///
    /// Why they are none.
    pub fn parse(arguments: &'a [String]) -> Result<Self, String> {
        let (name, rest) = arguments.split_first().ok_or("there is no command")?;
        match name.as_str() {
            "append" => {
                let (options, []) = words(rest, &["--subject", "--event", "--key"])?;
                Ok(Self::Append {
                    subject: options.subject()?,
                    event: options.required("--event")?,
                    key: options.key()?,
                })
            }
            "verify" => {
                let (options, []) = words(rest, &["--subject", "--anchor", "--anchors", "--key"])?;
                Ok(Self::Verify { of: options.of()?, key: options.key()? })
            }
            "recover" => {
                let (options, []) = words(rest, &["--subject"])?;
                Ok(Self::Recover { subject: options.subject()? })
            }
            "baselines" => Baselines::parse(rest).map(Self::Baselines),
            other => Err(format!("{other:?} is no command")),
        }
    }
}

impl<'a> Baselines<'a> {
    fn parse(arguments: &'a [String]) -> Result<Self, String> {
        let (name, rest) = arguments.split_first().ok_or("baselines has no command")?;
        match name.as_str() {
            "load" => words(rest, &[]).map(|(_, [file])| Self::Load { file }),
            "last" => words(rest, &[]).map(|(_, [file])| Self::Last { file }),
            "append" => {
                let (options, [file]) = words(rest, &["--entry"])?;
                Ok(Self::Append { file, entry: options.required("--entry")? })
            }
            "copy" => words(rest, &[]).map(|(_, [file, to])| Self::Copy { file, to }),
            "drift" => words(rest, &[]).map(|(_, [file])| Self::Drift { file }),
            other => Err(format!("baselines has no command {other:?}")),
        }
    }
}

/// The options that stand in a command line, each behind its name.
struct Options<'a>(BTreeMap<&'a str, &'a str>);

/// The options of `arguments`, of those that are `known`, and the `N` files among them.
fn words<'a, const N: usize>(arguments: &'a [String], known: &[&str]) -> Result<(Options<'a>, [&'a str; N]), String> {
    let mut options = BTreeMap::new();
    let mut files = Vec::new();
    let mut rest = arguments.iter().map(String::as_str);
    while let Some(word) = rest.next() {
        if !word.starts_with("--") {
            files.push(file(word)?);
        } else if !known.contains(&word) {
            return Err(format!("{word:?} is no option here"));
        } else if options.insert(word, rest.next().ok_or_else(|| format!("{word} has no value"))?).is_some() {
            return Err(format!("{word} stands there twice"));
        }
    }
    let count = files.len();
    let files = files.try_into().map_err(|_| format!("there are {count} files instead of {N}"))?;
    Ok((Options(options), files))
}

/// A file's name, which cannot be empty.
fn file(name: &str) -> Result<&str, String> {
    if name.is_empty() { Err("a file has no name".to_owned()) } else { Ok(name) }
}

impl<'a> Options<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).copied()
    }

    fn required(&self, name: &str) -> Result<&'a str, String> {
        file(self.get(name).ok_or_else(|| format!("{name} is missing"))?)
    }

    fn key(&self) -> Result<&'a str, String> {
        file(self.get("--key").unwrap_or(KEY))
    }

    fn subject(&self) -> Result<&'a str, String> {
        let subject = self.required("--subject")?;
        if forms::is_subject(subject) { Ok(subject) } else { Err(format!("{subject:?} is no subject")) }
    }

    fn of(&self) -> Result<Of<'a>, String> {
        match (self.get("--subject"), self.get("--anchor"), self.get("--anchors")) {
            (Some(_), anchor, None) => {
                let parse = |text| Anchor::parse(text).ok_or_else(|| format!("{text:?} is no anchor"));
                Ok(Of::Subject { subject: self.subject()?, anchor: anchor.map(parse).transpose()? })
            }
            (None, None, anchors) => Ok(Of::All { anchors: anchors.map(file).transpose()? }),
            (None, Some(_), _) => Err("--anchor needs a subject".to_owned()),
            (Some(_), _, Some(_)) => Err("--anchors is for all subjects".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
