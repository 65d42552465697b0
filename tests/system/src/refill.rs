//! How well slots are used, as the network saw it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use carillon_domain::base::time::Timestamp;
use carillon_local::provider_simulator::audit::CallRecord;

/// How long a call holds its slot: until the provider tells, or could have told.
fn hold_ms(call: &CallRecord) -> i64 {
    free_at(call).since_ms(call.placed_at)
}

fn free_at(call: &CallRecord) -> Timestamp {
    call.known_at.unwrap_or(call.ended_at)
}

/// The share of slot time that is used while there is somebody left to call.
pub fn busy_share(calls: &[CallRecord], slots: u32) -> f64 {
    let (Some(first), Some(last)) =
        (calls.iter().map(|call| call.placed_at).min(), calls.iter().map(|call| call.placed_at).max())
    else {
        return 0.0;
    };
    let used: i64 = calls.iter().map(|call| hold_ms(call).min(last.since_ms(call.placed_at))).sum();
    used as f64 / (last.since_ms(first) * i64::from(slots)) as f64
}

/// The same for an ideal refill: each of the calls placed the moment a slot is known to be free.
pub fn ideal_share(calls: &[CallRecord], slots: u32) -> f64 {
    let mut free_at: BinaryHeap<Reverse<i64>> = (0..slots).map(|_| Reverse(0)).collect();
    let mut placed = Vec::with_capacity(calls.len());
    for call in calls {
        let Some(Reverse(at)) = free_at.pop() else { return 0.0 };
        placed.push((at, hold_ms(call)));
        free_at.push(Reverse(at + hold_ms(call)));
    }
    let last = placed.iter().map(|(at, _)| *at).max().unwrap_or_default();
    let used: i64 = placed.iter().map(|(at, hold)| hold.min(&(last - at)).to_owned()).sum();
    used as f64 / (last * i64::from(slots)) as f64
}

/// How long each slot that came free waited for its next call, in milliseconds, the shortest first. Slots have no
/// names: the first that comes free counts as the first that is filled.
pub fn waits_ms(calls: &[CallRecord], slots: u32) -> Vec<i64> {
    let mut placed: Vec<Timestamp> = calls.iter().map(|call| call.placed_at).collect();
    let mut freed: Vec<Timestamp> = calls.iter().map(free_at).collect();
    placed.sort_unstable();
    freed.sort_unstable();
    let refills = placed.iter().skip(slots as usize);
    let mut waits: Vec<i64> = refills.zip(&freed).map(|(placed, freed)| placed.since_ms(*freed)).collect();
    waits.sort_unstable();
    waits
}

/// The value below which `share` of the values lie; the values in order.
pub fn quantile(sorted: &[i64], share: f64) -> i64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use carillon_domain::base::call::{Line, VoiceProvider};
    use carillon_local::provider_simulator::call::CallResult;

    use super::*;

    fn call(placed_ms: i64, free_ms: i64) -> CallRecord {
        CallRecord {
            call: format!("conv_{placed_ms}"),
            attempt: None,
            agent_id: "agent_1".to_owned(),
            to: "+493023100000".to_owned(),
            is_incoming: false,
            provider: VoiceProvider::ElevenLabs,
            phone_number_id: "phnum_1".to_owned(),
            line: Line::Twilio,
            placed_at: Timestamp::from_millis(placed_ms),
            answered_at: None,
            ended_at: Timestamp::from_millis(free_ms),
            result: CallResult::Talked,
            left_message: None,
            casting: None,
            known_at: None,
        }
    }

    #[test]
    fn a_slot_waits_from_the_end_of_its_call_to_the_next() {
        let calls = [call(0, 40), call(0, 100), call(50, 90), call(120, 200), call(130, 140)];
        assert_eq!(waits_ms(&calls, 2), [10, 30, 30], "90 to 120, 40 to 50, 100 to 130");
        assert_eq!(quantile(&[10, 30, 31], 0.5), 30);
        assert_eq!(quantile(&[], 0.99), 0);
    }

    #[test]
    fn an_ideal_refill_is_busy_all_the_time() {
        let ideal = [call(0, 100), call(0, 50), call(50, 150), call(100, 200)];
        assert_eq!(ideal_share(&ideal, 2), 1.0);
        assert_eq!(busy_share(&ideal, 2), 1.0);
        let idle = [call(0, 100), call(100, 150), call(200, 300)];
        assert_eq!(busy_share(&idle, 1), 0.75);
    }
}
