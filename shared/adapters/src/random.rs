//! Random bits for ids.

use std::sync::{Arc, Mutex, PoisonError};

use carillon_domain::base::ids::Entropy;
use carillon_domain::base::rng::SplitMix64;

/// Where random bits come from.
#[derive(Debug, Clone)]
pub enum Random {
    System,
    /// A seed: the same bits in every run of a test.
    Seeded(Arc<Mutex<SplitMix64>>),
}

impl Random {
    /// Bits that a seed gives.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new(SplitMix64::new(seed))))
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
                let mut random = state.lock().unwrap_or_else(PoisonError::into_inner);
                let words = [random.next_bits(), random.next_bits()];
                for (byte, from) in bits.iter_mut().zip(words.into_iter().flat_map(u64::to_le_bytes)) {
                    *byte = from;
                }
            }
        }
        bits
    }
}
