//! A navigable small world: points with links to near ones, along which a search goes from point to point.
//!
//! It is the lowest layer of an HNSW graph; in place of the layers above it stand *doors*, every 32nd point, all of
//! which are looked at. Greedy layers lose their way among clusters, each of which fills a search's whole width with
//! its own: with 200 clusters of 500 points, `hnsw_rs` came to the wrong one for 2 % of the queries, and found nothing
//! of the right one. A cluster without a door is as good as impossible, and the doors cost less than the rest.
//!
//! Links are chosen as HNSW does it: the nearest first, but none that is nearer to a chosen one than to the point.
//! Equal vectors, such as those of equal texts, are one point: linked to one another they would know nobody else.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::unit::Unit;

/// One of so many points is a door.
const POINTS_A_DOOR: usize = 32;

/// A search begins at so many doors.
const DOORS: usize = 16;

/// So many links a point gets.
const LINKS: usize = 32;

/// So many links a point may come to have by others before it chooses anew.
const MOST_LINKS: usize = 2 * LINKS;

/// So many candidates are kept while a point's links are looked for.
const WIDTH: usize = 100;

/// The points, by their numbers.
#[derive(Default)]
pub struct SmallWorld {
    points: Vec<Point>,
    /// The points by the hashes of their vectors.
    hashes: HashMap<u64, u32>,
}

struct Point {
    /// What the index calls it, and all others that are equal.
    keys: Vec<usize>,
    vector: Unit,
    links: Vec<u32>,
}

/// Where a vector goes.
pub enum Place {
    /// To the point that is equal.
    Among(u32),
    /// To a point of its own, with these links.
    Anew(Vec<u32>),
}

/// A point, and how near it is: more is nearer.
#[derive(Debug, Clone, Copy)]
struct Near {
    product: f32,
    point: u32,
}

impl Ord for Near {
    fn cmp(&self, other: &Self) -> Ordering {
        self.product.total_cmp(&other.product).then(other.point.cmp(&self.point))
    }
}

impl PartialOrd for Near {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Near {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Near {}

impl SmallWorld {
    /// The keys of about the nearest `width` points, nearest first.
    #[must_use]
    pub fn nearest(&self, query: &Unit, width: usize) -> Vec<usize> {
        self.search(query, width).into_iter().flat_map(|near| &self.point(near.point).keys).copied().collect()
    }

    /// Where a vector would go. To find out takes most of the time of adding it, and changes nothing.
    #[must_use]
    pub fn place(&self, vector: &Unit) -> Place {
        match self.hashes.get(&hash(vector)) {
            Some(equal) if self.point(*equal).vector == *vector => Place::Among(*equal),
            _ => Place::Anew(self.chosen(self.search(vector, WIDTH))),
        }
    }

    /// Adds a vector at its place; links are made in both directions.
    ///
    /// # Panics
    ///
    /// If there are 2^32 points.
    pub fn add(&mut self, key: usize, vector: Unit, place: Place) {
        let links = match place {
            Place::Among(equal) => return self.points[equal as usize].keys.push(key),
            Place::Anew(links) => links,
        };
        let number = u32::try_from(self.points.len()).expect("so many points fit into no memory");
        for link in &links {
            let others = &mut self.points[*link as usize].links;
            others.push(number);
        }
        self.hashes.insert(hash(&vector), number);
        self.points.push(Point { keys: vec![key], vector, links: links.clone() });
        for link in links {
            if self.point(link).links.len() > MOST_LINKS {
                let point = self.point(link);
                let mut candidates: Vec<_> = point.links.iter().map(|other| self.near(&point.vector, *other)).collect();
                candidates.sort_unstable_by_key(|near| Reverse(*near));
                self.points[link as usize].links = self.chosen(candidates);
            }
        }
    }

    fn point(&self, number: u32) -> &Point {
        &self.points[number as usize]
    }

    fn near(&self, query: &Unit, point: u32) -> Near {
        Near { product: query.product_about(&self.point(point).vector), point }
    }

    /// About the nearest `width` points, nearest first.
    fn search(&self, query: &Unit, width: usize) -> Vec<Near> {
        let mut seen = Seen::among(self.points.len());
        // Whom to go on from, the nearest on top; and the nearest so far, the farthest of them on top.
        let (mut open, mut found) = (BinaryHeap::new(), BinaryHeap::new());
        for door in self.doors(query) {
            seen.is_new(door.point);
            open.push(door);
            found.push(Reverse(door));
        }
        let is_among = |near: Near, found: &BinaryHeap<Reverse<Near>>| {
            found.len() < width || found.peek().is_none_or(|Reverse(farthest)| near > *farthest)
        };
        while let Some(near) = open.pop() {
            if found.len() >= width && found.peek().is_some_and(|Reverse(farthest)| near < *farthest) {
                break;
            }
            for link in &self.point(near.point).links {
                if !seen.is_new(*link) {
                    continue;
                }
                let next = self.near(query, *link);
                if is_among(next, &found) {
                    open.push(next);
                    found.push(Reverse(next));
                    if found.len() > width {
                        found.pop();
                    }
                }
            }
        }
        found.into_sorted_vec().into_iter().map(|Reverse(near)| near).collect()
    }

    /// The nearest doors.
    fn doors(&self, query: &Unit) -> Vec<Near> {
        let numbers = (0_u32..).zip(&self.points).step_by(POINTS_A_DOOR);
        let mut doors: Vec<_> =
            numbers.map(|(point, door)| Near { product: query.product_about(&door.vector), point }).collect();
        if doors.len() > DOORS {
            doors.select_nth_unstable_by_key(DOORS, |near| Reverse(*near));
            doors.truncate(DOORS);
        }
        doors
    }

    /// Whom of `candidates`, nearest first, a point is linked to: those who lie in different directions, then others.
    fn chosen(&self, candidates: Vec<Near>) -> Vec<u32> {
        let (mut chosen, mut others) = (Vec::with_capacity(LINKS), Vec::new());
        for candidate in candidates {
            if chosen.len() == LINKS {
                break;
            }
            let vector = &self.point(candidate.point).vector;
            let is_behind = chosen.iter().any(|link| self.near(vector, *link).product > candidate.product);
            if is_behind { others.push(candidate.point) } else { chosen.push(candidate.point) }
        }
        let free = LINKS - chosen.len();
        chosen.extend(others.into_iter().take(free));
        chosen
    }
}

fn hash(vector: &Unit) -> u64 {
    let mut hasher = DefaultHasher::new();
    for component in vector.components() {
        component.to_bits().hash(&mut hasher);
    }
    hasher.finish()
}

/// Which points were seen.
struct Seen(Vec<u64>);

impl Seen {
    fn among(points: usize) -> Self {
        Self(vec![0; points.div_ceil(64)])
    }

    /// Whether a point is seen for the first time.
    fn is_new(&mut self, point: u32) -> bool {
        let (word, bit) = (&mut self.0[point as usize / 64], 1 << (point % 64));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}

#[cfg(test)]
mod tests;
