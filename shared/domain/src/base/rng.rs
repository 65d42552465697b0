//! Chance as a value.

/// The generator SplitMix64: the same seed gives the same numbers.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitMix64(u64);

impl SplitMix64 {
    /// The generator that begins at a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub const fn next_bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// The next number from 0 up to, but not including, 1.
    pub fn next_part(&mut self) -> f64 {
        const ONE: f64 = 9_007_199_254_740_992.0;
        let bits = self.next_bits() >> 11;
        bits as f64 / ONE
    }

    /// The next number above 0 that is exponentially spread about this mean.
    pub fn next_length(&mut self, mean: f64) -> f64 {
        -(1.0 - self.next_part()).ln() * mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gives_the_numbers_of_the_reference() {
        // The reference implementation (prng.di.unimi.it/splitmix64.c) seeded with 1234567.
        let mut random = SplitMix64::new(1_234_567);
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(expected, [random.next_bits(), random.next_bits(), random.next_bits()]);
    }

    #[test]
    fn lengths_have_their_mean() {
        let mut random = SplitMix64::new(5);
        let sum: f64 = (0..100_000).map(|_| random.next_length(90.0)).sum();
        assert!((sum / 100_000.0 - 90.0).abs() < 1.0, "{sum}");
    }
}
