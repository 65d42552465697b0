//! Random numbers by seed.

use std::cell::RefCell;

use carillon_domain::base::ids::Entropy;
use carillon_domain::base::rng::SplitMix64;

/// A stream of random numbers that its seed decides.
#[derive(Debug)]
pub(crate) struct Rng(RefCell<SplitMix64>);

/// Keeps the stream of a run apart from that of its ids, which begins at the seed itself.
const APART: u64 = 0xD1B5_4A32_D192_ED03;

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        let rng = Self(RefCell::new(SplitMix64::new(seed ^ APART)));
        rng.next();
        rng
    }

    fn next(&self) -> u64 {
        self.0.borrow_mut().next_bits()
    }

    /// A number below `limit`, which is not 0.
    pub(crate) fn below(&self, limit: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(limit);
        u64::try_from(wide >> 64).unwrap_or_default()
    }

    /// A number from `first` to `last`, both included.
    pub(crate) fn between(&self, first: i64, last: i64) -> i64 {
        let span = u64::try_from(last - first + 1).unwrap_or(1);
        first + i64::try_from(self.below(span)).unwrap_or_default()
    }

    /// Whether something happens that happens so often in a million.
    pub(crate) fn happens(&self, per_million: u32) -> bool {
        per_million > 0 && self.below(1_000_000) < u64::from(per_million)
    }

    pub(crate) fn pick<'a, T>(&self, among: &'a [T]) -> &'a T {
        &among[self.place(among.len())]
    }

    /// A place among `count` things.
    pub(crate) fn place(&self, count: usize) -> usize {
        usize::try_from(self.below(u64::try_from(count).unwrap_or(1))).unwrap_or_default()
    }

    /// Random bits for an id.
    pub(crate) fn entropy(&self) -> Entropy {
        let mut bits = Entropy::default();
        bits[..8].copy_from_slice(&self.next().to_le_bytes());
        bits[8..].copy_from_slice(&self.next().to_le_bytes()[..2]);
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_even_and_inside_their_bounds() {
        let rng = Rng::new(7);
        let mut counts = [0_u32; 10];
        for _ in 0..100_000 {
            let number = rng.between(-5, 4);
            counts[usize::try_from(number + 5).expect("inside")] += 1;
        }
        assert!(counts.iter().all(|count| (9_500..10_500).contains(count)), "{counts:?}");
        let hits = (0..100_000).filter(|_| rng.happens(20_000)).count();
        assert!((1_800..2_200).contains(&hits), "{hits}");
    }
}
