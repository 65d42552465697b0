//! Random bits for ids.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use carillon_domain::base::ids::Entropy;

/// Where random bits come from.
#[derive(Debug, Clone)]
pub enum Random {
    System,
    /// A seed: the same bits in every run of a test.
    Seeded(Arc<AtomicU64>),
}

impl Random {
    /// Bits that a seed gives.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(AtomicU64::new(seed)))
    }

    pub fn draw(&self) -> Entropy {
        let mut bits = Entropy::default();
        match self {
            // Without random bits ids would collide: nothing sensible can be done without them.
            Self::System => {
                if getrandom::fill(&mut bits).is_err() {
                    tracing::error!("the machine gives no random bits");
                    std::process::abort();
                }
            }
            Self::Seeded(state) => {
                let words = [split_mix(state), split_mix(state)];
                for (byte, from) in bits.iter_mut().zip(words.into_iter().flat_map(u64::to_le_bytes)) {
                    *byte = from;
                }
            }
        }
        bits
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
fn split_mix(state: &AtomicU64) -> u64 {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut z = state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
