//! Sharing leads out.

/// Shares leads out by weight, so that the sums keep to the weights as nearly as whole leads can.
#[derive(Debug)]
pub(super) struct Shares {
    weights: Vec<i128>,
    sum: i128,
    /// What each is behind its share, in leads times `sum`.
    behind: Vec<i128>,
}

impl Shares {
    pub(super) fn new(weights: Vec<u64>) -> Self {
        let weights: Vec<i128> = weights.into_iter().map(i128::from).collect();
        Self { sum: weights.iter().sum::<i128>().max(1), behind: vec![0; weights.len()], weights }
    }

    pub(super) fn next(&mut self, leads: u64) -> Vec<u64> {
        let mut left = i128::from(leads);
        let mut parts = vec![0; self.weights.len()];
        for (behind, weight) in self.behind.iter_mut().zip(&self.weights) {
            *behind += weight * i128::from(leads);
        }
        for (behind, part) in self.behind.iter_mut().zip(&mut parts) {
            let whole = (*behind / self.sum).clamp(0, left);
            (*behind, left, *part) = (*behind - whole * self.sum, left - whole, whole);
        }
        while left > 0
            && let Some((place, _)) = self.behind.iter().enumerate().max_by_key(|(_, behind)| **behind)
        {
            parts[place] += 1;
            self.behind[place] -= self.sum;
            left -= 1;
        }
        parts.into_iter().map(|part| u64::try_from(part).unwrap_or_default()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_keep_to_their_weights() {
        let mut shares = Shares::new(vec![1, 500, 1_499]);
        let mut sums = [0; 3];
        for leads in [1, 1, 7, 0, 400, 3, 1_588, 2_000] {
            let parts = shares.next(leads);
            assert_eq!(parts.iter().sum::<u64>(), leads);
            for (sum, part) in sums.iter_mut().zip(parts) {
                *sum += part;
            }
        }
        assert_eq!(sums, [2, 1_000, 2_998]);
    }
}
