//! Unit vectors, and how far two of them are apart.

use std::sync::Arc;

/// The sum of squares from which on a vector has a direction.
const SMALLEST: f64 = 1e-12;

/// A distance is told in so many parts, so this is 1.
pub const MILLION: u32 = 1_000_000;

/// A vector of length 1, its components rounded to binary32. Copies share them.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit(Arc<[f32]>);

impl Unit {
    /// The unit vector in the direction of `components`; none where it has no direction.
    ///
    /// The order of the operations is the contract's, so that every runtime comes to the same bits.
    #[must_use]
    pub fn new(components: &[f64]) -> Option<Self> {
        let squares: f64 = components.iter().fold(0.0, |sum, component| sum + component * component);
        if squares.is_nan() || squares < SMALLEST {
            return None;
        }
        let length = squares.sqrt();
        #[expect(clippy::cast_possible_truncation, reason = "rounding to binary32 is what is meant")]
        let components = components.iter().map(|component| (component / length) as f32).collect();
        Some(Self(components))
    }

    /// A vector of components that were a unit vector's.
    #[must_use]
    pub fn of_components(components: Arc<[f32]>) -> Self {
        Self(components)
    }

    /// Its components.
    #[must_use]
    pub fn components(&self) -> &[f32] {
        &self.0
    }

    /// The number of its components.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.0.len()
    }

    /// The distance to a vector of the same dimension, in millionths.
    #[must_use]
    pub fn millionths_to(&self, other: &Self) -> u32 {
        let pairs = self.0.iter().zip(&*other.0);
        let product = pairs.fold(0.0, |sum, (a, b)| sum + f64::from(*a) * f64::from(*b));
        rounded((1.0 - product) * f64::from(MILLION))
    }

    /// About the sum of the products of components: several at a time, in binary32. See [`Self::error`].
    #[must_use]
    pub fn product_about(&self, other: &Self) -> f32 {
        let (mine, my_rest) = self.0.as_chunks::<LANES>();
        let (others, others_rest) = other.0.as_chunks::<LANES>();
        let mut lanes = [0.0; LANES];
        for (a, b) in mine.iter().zip(others) {
            for lane in 0..LANES {
                lanes[lane] += a[lane] * b[lane];
            }
        }
        let rest: f32 = my_rest.iter().zip(others_rest).map(|(a, b)| a * b).sum();
        lanes.iter().sum::<f32>() + rest
    }

    /// So far off may [`Self::product_about`] be: each of its additions rounds by half a unit in the last place, and
    /// those of one lane lie behind one another; the products of unit vectors add up to 1 at most, by Cauchy-Schwarz.
    #[must_use]
    pub fn error(&self) -> f32 {
        let additions = u16::try_from(self.0.len() / LANES + 2 * LANES + 4).unwrap_or(u16::MAX);
        f32::from(additions) * f32::EPSILON
    }
}

/// Summed up side by side, which compiles to vector instructions.
const LANES: usize = 16;

/// `millionths`, rounded as the contract has it, within 0 and 2.
#[must_use]
pub fn rounded(millionths: f64) -> u32 {
    let rounded = (millionths + 0.5).floor().clamp(0.0, f64::from(2 * MILLION));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole, and within a u32")]
    let rounded = rounded as u32;
    rounded
}

#[cfg(test)]
pub(super) mod tests;
