//! Webhooks that are still to be sent, and when: held back, sent, tried again, given up.

use std::collections::{BTreeSet, HashMap};

use carillon_domain::base::time::{SECOND_MS, Timestamp};

use super::webhook_schedule::{Post, WebhookId, WebhookKind};
use crate::draw::Draw;

/// When the tries of one webhook are made, in seconds after the first (the provider's schedule).
const TRIES_AT_SECS: [i64; 5] = [0, 30, 120, 480, 1_800];
/// By how much a later try may be late, in thousandths of its delay.
const JITTER_MAX_PERMILLE: i64 = 100;
/// Webhooks that may wait for another try; more are given up.
const MAX_PENDING_RETRIES: usize = 100;
/// The longest that a webhook waits to be overtaken, in milliseconds.
const HELD_MAX_MS: i64 = 30 * SECOND_MS;

/// A webhook that is not done with.
struct Waiting {
    disordered: bool,
    /// When it is to be sent; nothing while somebody is sending it.
    due_at: Option<Timestamp>,
    first_sent_at: Option<Timestamp>,
    tries: usize,
}

/// The webhooks that are not done with.
pub(super) struct Outbox {
    seed: u64,
    retry_enabled: bool,
    waiting: HashMap<WebhookId, Waiting>,
    due: BTreeSet<(Timestamp, WebhookId)>,
    /// Those that wait to be overtaken.
    held: Vec<WebhookId>,
}

impl Outbox {
    pub(super) fn new(seed: u64, retry_enabled: bool) -> Self {
        Self { seed, retry_enabled, waiting: HashMap::new(), due: BTreeSet::new(), held: Vec::new() }
    }

    /// Takes over the webhooks of a call.
    pub(super) fn add(&mut self, posts: &[Post]) {
        for post in posts {
            let waiting =
                Waiting { disordered: post.disordered, due_at: None, first_sent_at: None, tries: 0 };
            self.waiting.insert(post.id.clone(), waiting);
            self.schedule(&post.id, post.at);
        }
    }

    /// When the next webhook is to be sent.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    /// The webhooks that are to be sent by now, in the order of sending, each with its moment.
    /// They are not handed out again until [`Self::tried`] says that they were not taken.
    pub(super) fn take(&mut self, now: Timestamp) -> Vec<(Timestamp, WebhookId)> {
        let mut taken = Vec::new();
        while let Some((at, id)) = self.due.first().filter(|(at, _)| *at <= now).cloned() {
            self.unschedule(&id);
            if self.hold(&id, at) {
                continue;
            }
            self.held.retain(|held| *held != id);
            taken.push((at, id));
            for overtaken in std::mem::take(&mut self.held) {
                self.unschedule(&overtaken);
                taken.push((at, overtaken));
            }
        }
        taken
    }

    /// Holds a webhook back if it is to be overtaken and has not been held yet.
    fn hold(&mut self, id: &WebhookId, at: Timestamp) -> bool {
        let Some(waiting) = self.waiting.get_mut(id).filter(|waiting| waiting.disordered) else {
            return false;
        };
        waiting.disordered = false;
        self.held.push(id.clone());
        self.schedule(id, at.plus_ms(HELD_MAX_MS));
        true
    }

    /// Notes what came of sending a webhook at that moment; no status if nobody answered.
    pub(super) fn tried(&mut self, id: &WebhookId, at: Timestamp, status: Option<u16>) {
        self.unschedule(id);
        let Some(waiting) = self.waiting.get_mut(id) else { return };
        waiting.disordered = false;
        waiting.tries += 1;
        let tries = waiting.tries;
        let first_sent_at = *waiting.first_sent_at.get_or_insert(at);
        let retried = self.retry_enabled
            && id.kind == WebhookKind::PostCallTranscription
            && is_worth_another_try(status)
            && self.waiting.values().filter(|waiting| waiting.tries > 0).count() <= MAX_PENDING_RETRIES;
        match TRIES_AT_SECS.get(tries).filter(|_| retried) {
            Some(delay_secs) => {
                let mut draw = Draw::keyed(self.seed, &["retry", &id.conversation_id, &tries.to_string()]);
                let jitter_permille = draw.between(0..=JITTER_MAX_PERMILLE);
                self.schedule(id, first_sent_at.plus_ms(delay_secs * (SECOND_MS + jitter_permille)));
            }
            None => {
                self.waiting.remove(id);
            }
        }
    }

    fn schedule(&mut self, id: &WebhookId, at: Timestamp) {
        if let Some(waiting) = self.waiting.get_mut(id) {
            waiting.due_at = Some(at);
            self.due.insert((at, id.clone()));
        }
    }

    fn unschedule(&mut self, id: &WebhookId) {
        if let Some(at) = self.waiting.get_mut(id).and_then(|waiting| waiting.due_at.take()) {
            self.due.remove(&(at, id.clone()));
        }
    }
}

/// The provider tries again on these; any other refusal is final.
const fn is_worth_another_try(status: Option<u16>) -> bool {
    matches!(status, None | Some(408 | 429 | 500..=599))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(name: &str, kind: WebhookKind, at_secs: i64, disordered: bool) -> Post {
        let id = WebhookId { conversation_id: name.to_owned(), kind, copy: 0 };
        Post { id, at: Timestamp::from_millis(at_secs * SECOND_MS), disordered }
    }

    fn transcription(name: &str, at_secs: i64) -> Post {
        post(name, WebhookKind::PostCallTranscription, at_secs, false)
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_millis(secs * SECOND_MS)
    }

    fn names(taken: &[(Timestamp, WebhookId)]) -> Vec<&str> {
        taken.iter().map(|(_, id)| id.conversation_id.as_str()).collect()
    }

    /// Sends whatever falls due, to a receiver that always says the same; the seconds of the tries.
    fn tries(outbox: &mut Outbox, status: Option<u16>) -> Vec<i64> {
        let mut seconds = Vec::new();
        while let Some(next_at) = outbox.next_at() {
            for (at, id) in outbox.take(next_at) {
                seconds.push(at.as_secs());
                outbox.tried(&id, at, status);
            }
        }
        seconds
    }

    #[test]
    fn a_transcription_is_tried_five_times_over_half_an_hour() {
        for status in [None, Some(503), Some(429), Some(408)] {
            let mut outbox = Outbox::new(1, true);
            outbox.add(&[transcription("a", 0)]);
            let seconds = tries(&mut outbox, status);
            assert_eq!(seconds.len(), 5);
            for (actual, least) in seconds.iter().zip(TRIES_AT_SECS) {
                assert!((least..=least + least / 10).contains(actual), "{seconds:?}");
            }
        }
    }

    #[test]
    fn nothing_else_is_tried_twice() {
        for (kind, status, retry_enabled) in [
            (WebhookKind::PostCallTranscription, Some(200), true),
            (WebhookKind::PostCallTranscription, Some(404), true),
            (WebhookKind::PostCallTranscription, Some(302), true),
            (WebhookKind::PostCallTranscription, Some(503), false),
            (WebhookKind::CallInitiationFailure, Some(503), true),
            (WebhookKind::CallInitiationFailure, None, true),
            (WebhookKind::AnsweringMachineDetection, Some(503), true),
        ] {
            let mut outbox = Outbox::new(1, retry_enabled);
            outbox.add(&[post("a", kind, 0, false)]);
            assert_eq!(tries(&mut outbox, status), [0], "{kind:?} {status:?}");
        }
    }

    #[test]
    fn what_is_beyond_a_hundred_waiting_retries_is_given_up() {
        let mut outbox = Outbox::new(1, true);
        let all: Vec<Post> = (0..150).map(|n| transcription(&n.to_string(), 0)).collect();
        outbox.add(&all);
        for (at, id) in outbox.take(at(0)) {
            outbox.tried(&id, at, Some(500));
        }
        assert_eq!(outbox.take(at(60)).len(), MAX_PENDING_RETRIES);
    }

    #[test]
    fn a_disordered_webhook_follows_the_next_one_or_waits_half_a_minute() {
        let mut outbox = Outbox::new(1, true);
        outbox.add(&[
            post("late", WebhookKind::CallInitiationFailure, 1, true),
            transcription("next", 5),
            post("lonely", WebhookKind::CallInitiationFailure, 100, true),
        ]);
        assert!(outbox.take(at(4)).is_empty());
        assert_eq!(names(&outbox.take(at(5))), ["next", "late"]);
        assert!(outbox.take(at(129)).is_empty());
        assert_eq!(names(&outbox.take(at(130))), ["lonely"]);
        assert_eq!(outbox.next_at(), None);
    }
}
