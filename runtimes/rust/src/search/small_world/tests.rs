use std::cmp::Reverse;

use super::{MOST_LINKS, SmallWorld};
use crate::search::unit::Unit;
use crate::search::unit::tests;

const DIMENSION: usize = 32;

/// Ten clusters, each of more points than a search keeps: who comes to the wrong one stays there.
const POINTS: u64 = 2500;

fn clustered(number: u64) -> Unit {
    tests::clustered(number, 10, DIMENSION, 0.1)
}

fn world(points: u64) -> SmallWorld {
    let mut world = SmallWorld::default();
    for number in 0..points {
        let vector = clustered(number);
        let place = world.place(&vector);
        // Keys are the index's own.
        world.add(usize::try_from(number).expect("it is small") + 7, vector, place);
    }
    world
}

#[test]
fn no_search_stays_in_the_wrong_cluster() {
    let world = world(POINTS);
    let mut found = 0;
    for number in 0..100 {
        let query = clustered(10_000 + number);
        let mut all: Vec<_> =
            world.points.iter().map(|point| (Reverse(query.millionths_to(&point.vector)), point.keys[0])).collect();
        all.sort_unstable_by_key(|(distance, _)| Reverse(*distance));
        let hits = world.nearest(&query, 60);
        assert_eq!(hits.len(), 60);
        found += all[..10].iter().filter(|(_, key)| hits.contains(key)).count();
    }
    assert!(found >= 990, "{found} of 1000");
}

#[test]
fn every_point_is_found_by_itself_and_once() {
    let world = world(500);
    for point in &world.points {
        let mut found = world.nearest(&point.vector, 100);
        assert_eq!(found[0], point.keys[0]);
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), 100);
        assert!(point.links.len() <= MOST_LINKS);
    }
}

#[test]
fn a_world_of_nobody_and_one_of_equals() {
    assert!(SmallWorld::default().nearest(&clustered(0), 5).is_empty());
    let mut world = SmallWorld::default();
    for key in 0..300 {
        let vector = clustered(if key == 100 { 2 } else { 1 });
        let place = world.place(&vector);
        world.add(key, vector, place);
    }
    assert_eq!(world.points.len(), 2);
    let nearest = world.nearest(&clustered(1), 50);
    assert_eq!((nearest.len(), nearest[299]), (300, 100));
}
