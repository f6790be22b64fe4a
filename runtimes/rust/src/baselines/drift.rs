//! The drift table: how each metric went from the first entry to the last. Rules `drift-above-20` to `drift-order`.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::jcs;

use super::entry::Entry;

/// Departures from the contract, both of them planted bugs. The default departs from nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Warn of a change of exactly 20 %.
    pub warn_at_20: bool,
    /// Warn where zero stays zero.
    pub warn_of_zeros: bool,
}

/// A metric in the first entry and the last.
type Sides = (Option<i64>, Option<i64>);

/// The canonical form of the table from `first` to `last`.
#[must_use]
pub fn table(first: &Entry, last: &Entry, options: Options) -> String {
    let mut metrics: BTreeMap<&str, Sides> = BTreeMap::new();
    for (name, number) in first.metrics() {
        metrics.entry(name).or_default().0 = Some(number);
    }
    for (name, number) in last.metrics() {
        metrics.entry(name).or_default().1 = Some(number);
    }
    let mut metrics: Vec<_> = metrics.into_iter().collect();
    metrics.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    let rows: Vec<_> = metrics.into_iter().map(|(name, sides)| row(name, sides, options)).collect();
    format!("[{}]", rows.join(","))
}

fn row(name: &str, (first, last): Sides, options: Options) -> String {
    let number = |side: Option<i64>| side.map_or("null".to_owned(), |number| number.to_string());
    let sides = first.zip(last);
    let change = sides.and_then(|(first, last)| percentage(first, last));
    let change = change.map_or("null".to_owned(), |change| format!("\"{change:+} %\""));
    let is_warn = sides.is_none_or(|(first, last)| is_warn(first, last, options));
    let mut out = format!("{{\"change\":{change},\"first\":{},\"last\":{},\"metric\":", number(first), number(last));
    jcs::write_string(name, &mut out);
    out + &format!(",\"verdict\":\"{}\"}}", if is_warn { "warn" } else { "ok" })
}

fn is_warn(first: i64, last: i64, options: Options) -> bool {
    // Numbers are at most 2^53 in magnitude, so nothing here overflows.
    match (5 * (last - first).abs()).cmp(&first.abs()) {
        Ordering::Greater => true,
        Ordering::Equal if first == 0 => options.warn_of_zeros,
        Ordering::Equal => options.warn_at_20,
        Ordering::Less => false,
    }
}

/// By how many percent `last` differs from `first`, halves rounded away from zero; none from zero to another number.
fn percentage(first: i64, last: i64) -> Option<i64> {
    if first == 0 {
        return (last == 0).then_some(0);
    }
    // The first of these is below 2^61.
    let (hundredfold, of) = (100 * (last - first), first.abs());
    let (whole, rest) = (hundredfold / of, hundredfold % of);
    let is_half = 2 * rest.abs() >= of;
    Some(if is_half { whole + hundredfold.signum() } else { whole })
}

#[cfg(test)]
mod tests;
