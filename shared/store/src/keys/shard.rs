//! Into how many partitions things are spread, and which is whose.

/// Partitions of a campaign's leads: none holds more than a hundredth of its writes.
pub const LEAD_SHARDS: u32 = 128;
/// Partitions of a campaign's counters.
pub const COUNTER_SHARDS: u32 = 16;
/// Partitions of a campaign's ended interactions.
pub const ENDED_SHARDS: u32 = 8;
/// Partitions of what a workspace has spent.
pub const CREDIT_SHARDS: u32 = 4;
/// Partitions of a do-not-call list.
pub const LIST_SHARDS: u32 = 16;
/// Partitions of a campaign's refusals.
pub const REFUSAL_SHARDS: u32 = 16;
/// Partitions of the address book, and of each list and tag in it.
pub const CONTACT_SHARDS: u32 = 16;
/// Partitions of how many contacts are on a list.
pub(crate) const MEMBER_COUNT_SHARDS: u32 = 4;
/// Partitions of the deliveries to one endpoint: an import tells of thousands of leads a second.
pub const ENDPOINT_SHARDS: u32 = 8;
/// Partitions of the deliveries that are to be sent.
pub const DELIVERY_SHARDS: u32 = 4;
/// Partitions of the wake index.
pub const WAKE_SHARDS: u32 = 4;

/// A stable shard for a text.
pub(super) fn shard(text: &str, shards: u32) -> u32 {
    // FNV-1a, 32 bits: even over short ids, and the same on every machine.
    let hash =
        text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash % shards
}

#[cfg(test)]
mod tests {
    use carillon_domain::base::ids::{CampaignId, LeadId};
    use carillon_domain::base::time::Timestamp;

    use super::*;

    #[test]
    fn shards_are_even() {
        let mut counts = [0_u32; 128];
        for n in 0_u128..12_800 {
            let number = format!("+4915112{n:06}").parse().expect("a number");
            let campaign = CampaignId::new(Timestamp::from_millis(1), [3; 10]);
            let id = LeadId::derive(&campaign, &number);
            let shard = usize::try_from(shard(id.number_hash(), LEAD_SHARDS)).expect("small");
            counts[shard] += 1;
        }
        // A hundred each on average; far outliers would mean a poor hash.
        assert!(counts.iter().all(|count| (50..170).contains(count)), "{counts:?}");
    }
}
