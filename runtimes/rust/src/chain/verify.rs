//! Verifying a log: its rows in their order, then its end.

use std::io::Read;

use crate::fault::{Fault, Kind, Reason};
use crate::jcs;
use crate::lines::{Line, Lines};
use crate::mac::Mac;

use super::anchor::Anchor;
use super::{Chain, line};

/// What is known of a chain: the answer to `verify`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// So many rows from the first on are sound.
    pub count: u64,
    /// The first thing wrong.
    pub error: Option<Fault>,
    /// The MAC of the last sound row, or the manifest's.
    pub tip: Option<Mac>,
}

impl Verification {
    /// One that ends with `error` before any row.
    #[must_use]
    pub fn failed(error: Fault, tip: Option<Mac>) -> Self {
        Self { count: 0, error: Some(error), tip }
    }

    /// Its canonical form, with the subject where an answer tells it.
    #[must_use]
    pub fn json(&self, subject: Option<&str>) -> String {
        let mut out = format!("{{\"count\":{},\"error\":{}", self.count, Fault::json(self.error.as_ref()));
        if let Some(subject) = subject {
            out.push_str(",\"subject\":");
            jcs::write_string(subject, &mut out);
        }
        let tip = self.tip.map_or("null".to_owned(), |tip| format!("\"{}\"", tip.as_str()));
        out + &format!(",\"tip\":{tip},\"verified\":{}}}", self.error.is_none())
    }
}

/// How the complete lines of a log ended.
enum End {
    /// Nothing is behind them.
    Whole,
    /// A line that no LF ends is.
    Torn,
    /// Something is wrong.
    Fault(Fault),
}

impl Chain<'_> {
    /// Verifies the rows of `log` behind a sound manifest, in memory that does not grow with it.
    #[must_use]
    pub fn verify(&self, genesis: Mac, log: &mut Lines<impl Read>, anchor: Option<&Anchor>) -> Verification {
        let mut sound = Verification { count: 0, error: None, tip: Some(genesis) };
        if anchor.is_some_and(|anchor| anchor.count == 0 && anchor.tip != genesis) {
            sound.error = Some(Fault::of_chain(&self.log, 0, Reason::Anchor));
            return sound;
        }
        let end = self.rows(genesis, log, anchor, &mut sound);
        sound.error = match end {
            End::Fault(fault) => Some(fault),
            End::Whole | End::Torn if anchor.is_some_and(|anchor| sound.count < anchor.count) => {
                Some(Fault::of_chain(&self.log, sound.count + 1, Reason::Truncated))
            }
            End::Torn if self.options.torn_is_tampered => {
                Some(Fault::of_chain(&self.log, sound.count + 1, Reason::NotJson))
            }
            End::Torn => Some(Fault::of_chain(&self.log, sound.count + 1, Reason::Unfinished)),
            End::Whole if anchor.is_none() => Some(Fault::of_file(&self.log, Kind::Unanchored, Reason::NoAnchor)),
            End::Whole => None,
        };
        sound
    }

    /// Counts the sound rows into `sound`.
    fn rows(&self, genesis: Mac, log: &mut Lines<impl Read>, anchor: Option<&Anchor>, sound: &mut Verification) -> End {
        let mut tip = genesis;
        loop {
            let number = sound.count + 1;
            let fault = |reason| End::Fault(Fault::of_chain(&self.log, number, reason));
            let row = match log.read() {
                Err(_) => return End::Fault(Fault::unreadable(&self.log, Reason::Io)),
                Ok(None) => return End::Whole,
                Ok(Some(line)) if line.is_too_long() => return fault(Reason::LineTooLong),
                Ok(Some(Line { ended: false, .. })) => return End::Torn,
                Ok(Some(line)) => self.row(line.bytes, number, &tip).map_err(|reason| (reason, line)),
            };
            let mut end = None;
            tip = match row {
                Ok(mac) => mac,
                Err((reason, line)) => {
                    let unchecked = if self.options.trust_last_row { line::mac_of(line.bytes) } else { None };
                    let Some((mac, behind)) = unchecked.and_then(|mac| Some((mac, end_behind(log)?))) else {
                        return fault(reason);
                    };
                    end = Some(behind);
                    mac
                }
            };
            if anchor.is_some_and(|anchor| anchor.count == number && anchor.tip != tip) {
                return fault(Reason::Anchor);
            }
            sound.count = number;
            sound.tip = Some(tip);
            if let Some(end) = end {
                return end;
            }
        }
    }
}

/// How `log` ends, if no complete line is left in it.
fn end_behind(log: &mut Lines<impl Read>) -> Option<End> {
    match log.read() {
        Ok(None) => Some(End::Whole),
        Ok(Some(Line { ended: false, .. })) => Some(End::Torn),
        _ => None,
    }
}
