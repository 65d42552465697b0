//! Chance by seed: the same key draws the same values on every machine and after every restart.

use std::ops::RangeInclusive;

use carillon_domain::base::rng::SplitMix64;

/// Offset basis of 64-bit FNV-1a.
const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
/// Prime of 64-bit FNV-1a.
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;
/// Stands between the parts of a key, so that `ab`,`c` and `a`,`bc` differ; no UTF-8 text holds it.
const SEPARATOR: u8 = 0xff;

/// A stream of pseudo-random numbers.
#[derive(Debug, Clone)]
pub(crate) struct Draw(SplitMix64);

impl Draw {
    /// The stream that belongs to this key under this seed.
    pub(crate) fn keyed(seed: u64, key: &[&str]) -> Self {
        let bytes = key.iter().flat_map(|part| part.bytes().chain([SEPARATOR]));
        let hash = bytes.fold(FNV_BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME));
        Self(SplitMix64::new(hash ^ SplitMix64::new(seed).next_bits()))
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0.next_bits()
    }

    /// A number under `bound`; zero if the bound is zero.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.next()) * u128::from(bound);
        u64::try_from(product >> 64).unwrap_or_default()
    }

    /// A number of the range; its start if the range is empty.
    pub(crate) fn between(&mut self, range: RangeInclusive<i64>) -> i64 {
        let width = range.end().saturating_sub(*range.start()).saturating_add(1);
        let offset = self.below(u64::try_from(width).unwrap_or_default());
        range.start().saturating_add(i64::try_from(offset).unwrap_or_default())
    }

    /// Whether something happens that happens so many times in a thousand.
    pub(crate) fn happens(&mut self, permille: u16) -> bool {
        self.below(1_000) < u64::from(permille)
    }

    pub(crate) fn pick<T: Copy, const N: usize>(&mut self, from: [T; N]) -> Option<T> {
        let index = usize::try_from(self.below(N as u64)).unwrap_or_default();
        from.get(index).copied()
    }

    /// A text of `length` characters out of an ASCII alphabet.
    pub(crate) fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        let letter = |draw: &mut Self| {
            let index = usize::try_from(draw.below(alphabet.len() as u64)).unwrap_or_default();
            alphabet.get(index).copied().map(char::from)
        };
        (0..length).filter_map(|_| letter(self)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_its_parts_and_not_their_sum() {
        let of = |seed, key: &[&str]| Draw::keyed(seed, key).next();
        assert_eq!(of(1, &["ab", "c"]), of(1, &["ab", "c"]));
        assert_ne!(of(1, &["ab", "c"]), of(1, &["a", "bc"]));
        assert_ne!(of(1, &["ab", "c"]), of(2, &["ab", "c"]));
    }

    #[test]
    fn draws_stay_in_their_range_and_reach_its_ends() {
        let mut draw = Draw::keyed(7, &["range"]);
        let drawn: Vec<i64> = (0..1_000).map(|_| draw.between(3..=5)).collect();
        assert!(drawn.iter().all(|value| (3..=5).contains(value)));
        assert!([3, 4, 5].iter().all(|value| drawn.contains(value)));
        let hits = (0..10_000).filter(|_| draw.happens(250)).count();
        assert!((2_300..2_700).contains(&hits), "{hits} of 10000 at 250 in a thousand");
        assert!(!draw.happens(0));
        assert!(draw.happens(1_000));
    }
}
