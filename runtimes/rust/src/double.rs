//! A decimal literal's nearest double (rule `number-range`: "every other rounds to the nearest double").
//!
//! The standard library rounds correctly at any length, with one gap: it stops reading an exponent after six
//! digits or so, and takes `0.000…01e1000001` for zero though a million zeros make it 1. Such a literal fits
//! into a request, so an exponent that long is first folded into the position of the point.

use std::str::FromStr;

/// So many exponent digits the standard library reads exactly.
const EXACT_EXPONENT_DIGITS: usize = 5;

/// Beyond this power of ten a number `0.d…` with `d` not zero is infinite or zero, whatever its digits.
const DECISIVE_EXPONENT: i64 = 400;

/// The double nearest to `literal`, ties to even; infinite where it is too large.
///
/// `literal` is a number of the RFC 8259 grammar.
///
/// # Panics
///
/// If `literal` is not a number.
#[must_use]
pub fn nearest(literal: &str) -> f64 {
    match literal.split_once(['e', 'E']) {
        Some((mantissa, exponent)) if exponent.len() > EXACT_EXPONENT_DIGITS => with_long_exponent(mantissa, exponent),
        _ => parse(literal),
    }
}

fn with_long_exponent(mantissa: &str, exponent: &str) -> f64 {
    let (sign, unsigned) = match mantissa.strip_prefix('-') {
        Some(rest) => (-1.0_f64, rest),
        None => (1.0, mantissa),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = [whole, fraction].concat();
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return 0.0_f64.copysign(sign);
    }
    // The value is 0.significant times ten to this power.
    let power = saturating_integer(exponent)
        .saturating_add(length(whole))
        .saturating_sub(length(&digits) - length(significant));
    let magnitude = if power > DECISIVE_EXPONENT {
        f64::INFINITY
    } else if power < -DECISIVE_EXPONENT {
        0.0
    } else {
        parse(&format!("0.{significant}e{power}"))
    };
    magnitude.copysign(sign)
}

fn saturating_integer(digits: &str) -> i64 {
    // Digits that parse but do not fit are the only error left: the grammar has been checked.
    i64::from_str(digits).unwrap_or(if digits.starts_with('-') { i64::MIN } else { i64::MAX })
}

fn length(digits: &str) -> i64 {
    i64::try_from(digits.len()).expect("a slice is never longer than i64::MAX")
}

fn parse(literal: &str) -> f64 {
    literal.parse().expect("a JSON number is a number to Rust")
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[track_caller]
    fn check(literal: &str, expected: f64) {
        assert_eq!(nearest(literal).to_bits(), expected.to_bits(), "{literal:.40}");
    }

    #[test]
    fn a_short_exponent_is_left_to_the_standard_library() {
        check("1e308", 1e308);
        check("1e309", f64::INFINITY);
        check("-1e309", f64::NEG_INFINITY);
        check("5e-324", f64::from_bits(1));
        check("1e-400", 0.0);
        check("-1e-400", -0.0);
        check("9007199254740993", 9_007_199_254_740_992.0);
    }

    #[test]
    fn leading_zeros_of_an_exponent_say_nothing() {
        check("1e0000002", 100.0);
        check("-1.5E+0000002", -150.0);
        check("15e-0000001", 1.5);
        check("0.0015e0000003", 1.5);
    }

    #[test]
    fn an_exponent_beyond_any_integer_is_infinite_or_zero() {
        check("1e99999999999999999999", f64::INFINITY);
        check("-1E+99999999999999999999", f64::NEG_INFINITY);
        check("1e-99999999999999999999", 0.0);
        check("-1e-99999999999999999999", -0.0);
        check("0e99999999999999999999", 0.0);
        check("-0.00e99999999999999999999", -0.0);
    }

    #[test]
    fn a_long_exponent_is_made_up_for_by_zeros() {
        let zeros = "0".repeat(1_000_000);
        check(&format!("0.{zeros}1e1000001"), 1.0);
        check(&format!("-0.{zeros}25e+1000001"), -2.5);
        check(&format!("1{zeros}e-1000000"), 1.0);
        check(&format!("1{zeros}.5e-1000309"), 1e-309);
    }
}
