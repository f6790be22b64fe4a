use super::{MILLION, Unit, rounded};

fn unit(components: &[f64]) -> Unit {
    Unit::new(components).expect("it has a direction")
}

/// A vector that looks like any other, the same every time.
pub fn scattered(seed: u64, dimension: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut component = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        f64::from(u32::try_from(state >> 40).expect("24 bits are left")) / f64::from(1 << 23) - 1.0
    };
    (0..dimension).map(|_| component()).collect()
}

/// A vector of one of so many clusters, as far around its centre as `noise` says.
pub fn clustered(number: u64, clusters: u64, dimension: usize, noise: f64) -> Unit {
    let (centre, around) = (scattered(number % clusters, dimension), scattered(1000 + number, dimension));
    let components: Vec<_> = centre.iter().zip(&around).map(|(centre, around)| centre + noise * around).collect();
    unit(&components)
}

#[test]
fn a_vector_without_a_direction_is_none() {
    assert_eq!(Unit::new(&[0.0, -0.0]), None);
    assert_eq!(Unit::new(&[9.9e-7]), None);
    assert!(Unit::new(&[1e-6]).is_some());
    assert_eq!(Unit::new(&[f64::NAN]), None);
}

#[test]
fn its_components_are_rounded_to_binary32() {
    assert_eq!(unit(&[3.0, 4.0]).components(), [0.6, 0.8]);
    assert_eq!(unit(&[1e6, 0.0]), unit(&[1e-6, 0.0]));
}

#[test]
fn distances_are_in_millionths() {
    let east = unit(&[1.0, 0.0]);
    for (other, millionths) in [
        ([2.0, 0.0], 0),
        ([0.0, 7.0], MILLION),
        ([-1.0, 0.0], 2 * MILLION),
        ([1.0, 1.0], 292_893),
        ([3.0, 4.0], 400_000),
    ] {
        assert_eq!(east.millionths_to(&unit(&other)), millionths, "{other:?}");
    }
}

#[test]
fn halves_are_rounded_up_and_the_ends_are_kept() {
    for (distance, whole) in [(0.5, 1), (0.49, 0), (-0.6, 0), (222_449.5, 222_450), (2_000_000.7, 2 * MILLION)] {
        assert_eq!(rounded(distance), whole, "{distance}");
    }
}

#[test]
fn a_rough_product_is_as_near_as_it_says() {
    for dimension in [1, 2, 15, 16, 17, 768, 4096] {
        for seed in 0..20 {
            let (one, other) = (unit(&scattered(seed, dimension)), unit(&scattered(seed + 100, dimension)));
            let exact = 1.0 - f64::from(one.millionths_to(&other)) / f64::from(MILLION);
            let off = (f64::from(one.product_about(&other)) - exact).abs();
            assert!(off <= f64::from(one.error()) + 0.5e-6, "{off} of {dimension} components");
        }
    }
}
