//! The surface `embedding`: hash-768, the default way from a text to a vector (`search.md`).
//!
//! It knows no list of words: tokens, their trigrams and their pairs are hashed into components, with a sign each.
//! Everything is whole numbers, so every runtime comes to the same.

use std::fmt::Write;

use crate::crc32;

/// So many components a vector has.
pub const DIMENSION: usize = 768;

/// Knuth's multiplier, which spreads a hash over all of its bits.
const SPREAD: u32 = 2_654_435_761;

const TOKEN_WEIGHT: i64 = 4;
const TRIGRAM_WEIGHT: i64 = 1;
const PAIR_WEIGHT: i64 = 2;

/// Departures in embedding, all of them planted bugs. The default departs from nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Fold capital letters beyond ASCII as well.
    pub fold_all_letters: bool,
}

/// A text as a vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedding {
    /// The sum of its features, not yet of length 1: [`DIMENSION`] components.
    pub components: Vec<i64>,
    /// How many tokens it has.
    pub tokens: usize,
}

/// The answer for `input`: `{"components":[[3,-4],[17,8]],"tokens":2}`, or an error where it is not UTF-8.
#[must_use]
pub fn answer(input: &[u8], options: Options) -> String {
    let Ok(text) = std::str::from_utf8(input) else {
        return r#"{"error":"invalid-utf8"}"#.to_owned();
    };
    let embedding = embed(text, options);
    let mut out = String::from("{\"components\":[");
    let others = embedding.components.iter().enumerate().filter(|(_, value)| **value != 0);
    for (number, (at, value)) in others.enumerate() {
        let comma = if number > 0 { "," } else { "" };
        write!(out, "{comma}[{at},{value}]").expect("a string takes everything");
    }
    out + &format!("],\"tokens\":{}}}", embedding.tokens)
}

/// The vector of `text`.
#[must_use]
pub fn embed(text: &str, options: Options) -> Embedding {
    let folded = fold(text, options);
    let tokens: Vec<&str> = folded.split(|char| !is_of_token(char)).filter(|token| !token.is_empty()).collect();
    let mut components = vec![0; DIMENSION];
    let mut add = |weight: i64, feature: &[&str]| {
        let (component, is_negative) = place(feature);
        components[component] += if is_negative { -weight } else { weight };
    };
    for token in &tokens {
        add(TOKEN_WEIGHT, &["w:", token]);
        let framed = format!("^{token}$");
        // Where each of its code points begins, and its end.
        let starts: Vec<usize> = framed.char_indices().map(|(at, _)| at).chain([framed.len()]).collect();
        for ends in starts.windows(4) {
            add(TRIGRAM_WEIGHT, &["g:", &framed[ends[0]..ends[3]]]);
        }
    }
    for pair in tokens.windows(2) {
        add(PAIR_WEIGHT, &["p:", pair[0], " ", pair[1]]);
    }
    Embedding { components, tokens: tokens.len() }
}

fn fold(text: &str, options: Options) -> String {
    if options.fold_all_letters { text.to_lowercase() } else { text.to_ascii_lowercase() }
}

/// Whether a token holds `char`, which is folded.
fn is_of_token(char: char) -> bool {
    matches!(char, 'a'..='z' | '0'..='9' | '\u{80}'..)
}

/// The component of a feature, which comes in pieces, and whether its sign is minus.
fn place(feature: &[&str]) -> (usize, bool) {
    let hash = crc32::of(feature.iter().map(|piece| piece.as_bytes()));
    let spread = hash.wrapping_mul(SPREAD);
    let magnitude = usize::try_from(spread & 0x7fff_ffff).expect("31 bits fit");
    (magnitude % DIMENSION, spread >> 31 == 1)
}

#[cfg(test)]
mod tests;
