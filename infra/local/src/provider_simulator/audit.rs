//! What the network saw, and checks on it. The checks know nothing of how calls are planned.

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::base::call::{Line, VoiceProvider};
use carillon_domain::base::time::Timestamp;

use super::call::{Call, CallResult};
use super::person::Wish;
use super::scripts::truth::Truth;
use super::scripts::{Casting, Script};
use super::speech;

/// A call that was made. Of a call in progress, the moments that are still to come are known too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// Whose contract it was ordered in.
    pub provider: VoiceProvider,
    /// The provider's id of it.
    pub call: String,
    /// The caller's id of the attempt.
    pub attempt: Option<String>,
    /// The provider's id of the agent that spoke.
    pub agent_id: String,
    /// The number that was dialled; that of the person, if they called.
    pub to: String,
    pub is_incoming: bool,
    /// The provider's id of the caller number.
    pub phone_number_id: String,
    /// How the caller number reaches the network.
    pub line: Line,
    pub placed_at: Timestamp,
    /// When somebody, or a machine, answered.
    pub answered_at: Option<Timestamp>,
    /// When the line was free again.
    pub ended_at: Timestamp,
    pub result: CallResult,
    /// What was said to a machine before it was hung up on.
    pub left_message: Option<String>,
    /// Which conversation it has, if the agent got to speak.
    pub casting: Option<Casting>,
    /// When the webhook that tells it was first sent.
    pub known_at: Option<Timestamp>,
}

impl CallRecord {
    pub(super) fn of(call: &Call) -> Self {
        Self {
            provider: call.order.provider,
            call: call.id.clone(),
            attempt: call.order.attempt.clone(),
            agent_id: call.order.agent_id.clone(),
            to: call.order.to_number.clone(),
            is_incoming: call.is_incoming,
            phone_number_id: call.order.phone_number_id.clone(),
            line: call.order.line,
            placed_at: call.placed_at,
            answered_at: call.answered_at,
            ended_at: call.ended_at,
            result: call.result(),
            left_message: call.left_message.clone(),
            casting: call.agent.speaks().then(|| speech::casting(call)).flatten(),
            known_at: None,
        }
    }

    /// What is to be found in its conversation, if it had one.
    pub fn truth(&self) -> Option<Truth> {
        Some(Script::of(self.casting?, &self.call, self.placed_at).truth())
    }

    /// The attempt, or the call itself where the caller gave none.
    fn name(&self) -> String {
        self.attempt.clone().unwrap_or_else(|| self.call.clone())
    }
}

/// Attempts for which more than one call was made.
pub fn placed_twice(calls: &[CallRecord]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let repeated =
        calls.iter().filter_map(|call| call.attempt.as_ref()).filter(|attempt| !seen.insert(*attempt));
    repeated.cloned().collect::<BTreeSet<String>>().into_iter().collect()
}

/// Attempts to a number whose person had already talked to us in an earlier call, or asked for no more.
pub fn dialled_again_after_answer(calls: &[CallRecord]) -> Vec<String> {
    let mut reached = BTreeSet::new();
    let mut again = Vec::new();
    for call in in_order(calls) {
        if reached.contains(&call.to) {
            again.push(call.name());
        }
        if matches!(call.result, CallResult::Talked | CallResult::Asked(Wish::NeverToBeCalled)) {
            reached.insert(&call.to);
        }
    }
    again
}

/// Attempts to a number while another call to it was still up.
pub fn dialled_while_up(calls: &[CallRecord]) -> Vec<String> {
    let mut up_until: BTreeMap<&str, Timestamp> = BTreeMap::new();
    let mut overlapping = Vec::new();
    for call in in_order(calls) {
        let until = up_until.entry(&call.to).or_insert(call.placed_at);
        if call.placed_at < *until {
            overlapping.push(call.name());
        }
        *until = call.ended_at.max(*until);
    }
    overlapping
}

/// The most calls that were up at once; one that ends as another begins makes room for it.
pub fn max_concurrent(calls: &[CallRecord]) -> usize {
    let mut ends: BTreeSet<(Timestamp, &str)> = BTreeSet::new();
    let mut most = 0;
    for call in in_order(calls) {
        ends.retain(|(ended_at, _)| *ended_at > call.placed_at);
        ends.insert((call.ended_at, &call.call));
        most = most.max(ends.len());
    }
    most
}

/// The most calls that one caller number placed within any `window_ms`: two calls that lie exactly
/// that far apart do not share a window.
pub fn max_in_any_window(calls: &[CallRecord], window_ms: i64) -> usize {
    let mut by_number: BTreeMap<&str, Vec<Timestamp>> = BTreeMap::new();
    for call in in_order(calls) {
        by_number.entry(&call.phone_number_id).or_default().push(call.placed_at);
    }
    by_number.values().map(|placed| most_within(placed, window_ms)).max().unwrap_or_default()
}

/// The most of these moments, in order, that lie within `window_ms`.
fn most_within(moments: &[Timestamp], window_ms: i64) -> usize {
    let mut most = 0;
    let mut first = 0;
    for (index, moment) in moments.iter().enumerate() {
        while moment.since_ms(moments[first]) >= window_ms && first < index {
            first += 1;
        }
        most = most.max(index - first + 1);
    }
    most
}

fn in_order(calls: &[CallRecord]) -> Vec<&CallRecord> {
    let mut calls: Vec<&CallRecord> = calls.iter().collect();
    calls.sort_by_key(|call| call.placed_at);
    calls
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_millis(secs * 1_000)
    }

    fn call(attempt: &str, to: &str, placed_secs: i64, ended_secs: i64, result: CallResult) -> CallRecord {
        CallRecord {
            provider: VoiceProvider::ElevenLabs,
            call: format!("conv_{attempt}_{placed_secs}"),
            agent_id: "agent_1".to_owned(),
            attempt: Some(attempt.to_owned()),
            to: to.to_owned(),
            is_incoming: false,
            phone_number_id: "phnum_1".to_owned(),
            line: Line::Twilio,
            placed_at: at(placed_secs),
            answered_at: None,
            ended_at: at(ended_secs),
            result,
            left_message: None,
            casting: None,
            known_at: None,
        }
    }

    #[test]
    fn an_attempt_that_was_placed_twice_is_named_once() {
        let calls = [("a", 0), ("b", 1), ("a", 2), ("a", 3)]
            .map(|(attempt, secs)| call(attempt, "+1", secs, secs + 1, CallResult::HungUp));
        assert_eq!(placed_twice(&calls), ["a"]);
    }

    #[test]
    fn whoever_has_talked_is_left_alone() {
        let calls = [
            call("c", "+1", 30, 40, CallResult::Talked),
            call("a", "+1", 0, 5, CallResult::Voicemail),
            call("b", "+1", 10, 20, CallResult::Talked),
            call("d", "+2", 30, 40, CallResult::Talked),
        ];
        assert_eq!(dialled_again_after_answer(&calls), ["c"]);
    }

    #[test]
    fn calls_to_one_number_do_not_overlap() {
        let calls = [
            call("a", "+1", 0, 50, CallResult::Talked),
            call("b", "+1", 10, 20, CallResult::Talked),
            call("c", "+1", 30, 40, CallResult::Talked),
            call("d", "+1", 50, 60, CallResult::Talked),
            call("e", "+2", 10, 20, CallResult::Talked),
        ];
        assert_eq!(dialled_while_up(&calls), ["b", "c"]);
    }

    #[test]
    fn concurrency_counts_what_is_up_at_once() {
        let calls = [
            call("a", "+1", 0, 10, CallResult::Talked),
            call("b", "+2", 5, 15, CallResult::Talked),
            call("c", "+3", 10, 20, CallResult::Talked),
        ];
        assert_eq!(max_concurrent(&calls), 2);
        assert_eq!(max_concurrent(&[]), 0);
    }

    #[test]
    fn windows_are_counted_for_each_caller_number() {
        let mut calls: Vec<CallRecord> = [0, 6, 12, 60, 61]
            .map(|secs| call(&secs.to_string(), "+1", secs, secs + 1, CallResult::Talked))
            .into();
        assert_eq!(max_in_any_window(&calls, 60_000), 4, "6 to 61 without 0 to 60");
        calls[3].phone_number_id = "phnum_2".to_owned();
        assert_eq!(max_in_any_window(&calls, 60_000), 3);
        assert_eq!(max_in_any_window(&[], 60_000), 0);
    }
}
